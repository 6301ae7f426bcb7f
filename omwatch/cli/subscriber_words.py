"""Subscribers and their deliveries as commands print them."""

from typing import TYPE_CHECKING, Any

from omwatch.cli.listing import facts
from omwatch.cli.times import shown
from omwatch.domain import plain
from omwatch.domain.severity import Severity
from omwatch.domain.subscriber import Subscriber, SubscriberState, Wishes

if TYPE_CHECKING:
    from omwatch.store.ledger import Entry


def line(item: Subscriber) -> str:
    """Return a subscriber as lists print it."""
    state = "" if item.state is SubscriberState.ACTIVE else item.state
    more = ", ".join(filter(None, (item.name, item.client)))
    return f"{item.id:>6}  {item.address:<40}  {state:<11}  {wishes(item.wishes)}" + (f" ({more})" if more else "")


def wishes(wanted: Wishes) -> str:
    """Return what a subscriber gets: "hotfix, incident; of Chat routing; severity 2 or graver"."""
    told = [", ".join(sorted(wanted.topics))]
    if wanted.components:
        told.append(f"of {', '.join(sorted(wanted.components))}")
    least = _least(wanted.least_severity)
    return "; ".join([*told, *([f"severity {least}"] if least else [])])


def _least(severity: Severity) -> str:
    if severity is Severity.NONE:
        return ""
    return f"{severity:d}" if severity is Severity.OUTAGE else f"{severity:d} or graver"


def lines(item: Subscriber, history: "list[Entry]", zone: str) -> list[str]:
    """Return all that is known of a subscriber, its times told in a zone, too."""
    known: list[tuple[str, object]] = [
        ("name", item.name or "none"),
        ("state", item.state),
        ("topics", ", ".join(sorted(item.wishes.topics))),
        ("components", ", ".join(sorted(item.wishes.components)) or "all"),
        ("severity", _least(item.wishes.least_severity) or "all"),
        ("client", item.client or "none"),
        ("added", shown(item.created_at, zone)),
    ]
    told = facts(f"subscriber {item.id}: {item.address}", known)
    return [*told, "", "notices, newest first:" if history else "no notices yet", *map(entry, history)]


def entry(item: "Entry", *, to: bool = False) -> str:
    """Return a delivery as lists print it, with its address where that is asked for."""
    done = item.delivery
    tries = f" after {done.tries} tries" if done.tries > 1 else ""
    what = f"update {done.update_id:>4}  {item.kind} {item.event} {item.status.label}"
    whom = f"  {done.address}" if to else ""
    why = f": {done.error}" if done.error else ""
    return f"{done.changed_at:%Y-%m-%d %H:%M:%S} UTC  {what}{whom}  {done.state}{tries}{why}"


def entry_as_dict(item: "Entry") -> dict[str, Any]:
    """Return a delivery for ``--json``."""
    done = item.delivery
    return {
        "id": done.id,
        "update": done.update_id,
        "event": item.event,
        "kind": item.kind,
        "status": item.status,
        "address": done.address,
        "state": done.state,
        "tries": done.tries,
        "error": done.error,
        "changed_at": plain.instant(done.changed_at),
    }
