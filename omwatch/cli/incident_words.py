"""Incidents as commands print them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from omwatch.cli.times import shown
from omwatch.domain import plain
from omwatch.domain.deadline import DeadlineState
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.event import Event, Update, regrades
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.sla import in_words

if TYPE_CHECKING:
    from omwatch.desk.dossier import Dossier


def line(item: Event, zone: str) -> str:
    """Return an incident as lists print it."""
    grade = f"severity {item.severity:d} {item.severity.label}"
    return f"{item.id:>4}  {grade:<32}  {item.status.label:<13}  since {shown(item.started_at, zone)}  {item.title}"


def lines(found: "Dossier", now: datetime, zone: str) -> list[str]:
    """Return all that is known of an incident, its times told in a zone, too."""
    item = found.incident
    facts: list[tuple[str, str]] = [
        ("stands", f"{item.status.label}, severity {item.severity:d} {item.severity.label}"),
        ("since", _since(item, now, zone)),
        ("components", _components(item.components)),
        ("clients", ", ".join(found.clients) or "none are noted"),
    ]
    facts += [("ticket", f"{one.id} {one.client}: {one.title} ({one.status})") for one in found.tickets]
    facts += [("owed", told) for told in _owed(found, now, zone)]
    facts += [("corrected", f"by maintenance {one.id} ({one.status.label}): {one.title}") for one in found.maintenances]
    told = [f"incident {item.id}: {item.title}", *(f"  {name:<12}{value}" for name, value in facts)]
    return told + [part for update in item.updates for part in _update(found, update, now, zone)]


def as_dict(found: "Dossier", now: datetime) -> dict[str, Any]:
    """Return all that is known of an incident, for ``--json``."""
    return {
        **plain.event(found.incident),
        "regrades": [
            {"update": update.id, "before": old, "after": new, "why": update.reason}
            for update, old, new in regrades(found.incident.updates)
        ],
        "clients": list(found.clients),
        "tickets": [plain.ticket(item, now) for item in found.tickets],
        "deadlines": [plain.deadline(item, now) for item in found.deadlines],
        "deliveries": {
            number: {state.value: count for state, count in counts.items()}
            for number, counts in found.deliveries.items()
        },
        "maintenances": [plain.event(item) for item in found.maintenances],
    }


def sums(counts: Mapping[DeliveryState, int]) -> str:
    """Return "3 sent, 1 failed"; "no notices" when there are none."""
    return ", ".join(f"{counts[state]:,} {state}" for state in DeliveryState if counts.get(state)) or "no notices"


def _since(item: Event, now: datetime, zone: str) -> str:
    if item.ended_at is None:
        return f"{shown(item.started_at, zone)}, for {in_words(now - item.started_at)}"
    return f"{shown(item.started_at, zone)} until {shown(item.ended_at, zone)}"


def _components(components: Mapping[str, ComponentStatus]) -> str:
    return "; ".join(f"{name}: {status.label}" for name, status in components.items())


def _owed(found: "Dossier", now: datetime, zone: str) -> Iterator[str]:
    """Yield what is owed, and what was not kept; of the updates that came in time, one is like the other."""
    for item in found.deadlines:
        state = item.state(now)
        if item.open:
            yield f"{item.duty} by {shown(item.due_at, zone)}, {item.standing(now)}"
        elif state is DeadlineState.BREACHED and item.met_at is not None:
            yield f"{item.duty} was due {shown(item.due_at, zone)}, and came {in_words(item.met_at - item.due_at)} late"


def _update(found: "Dossier", item: Update, now: datetime, zone: str) -> Iterator[str]:
    yield ""
    counts = found.deliveries.get(item.id, {})
    yield f"{shown(item.at, zone)}  {item.status.label}  by {item.author}  update {item.id}: {sums(counts)}"
    if item.publish_at and item.publish_at > now:
        yield f"  held until {shown(item.publish_at, zone)}; 'omwatch undo {item.id}' takes it back"
    if item.edited_at:
        yield f"  corrected {shown(item.edited_at, zone)}"
    for update, old, new in regrades(found.incident.updates):
        if update is item:
            yield f"  severity {_grade(old)} → {_grade(new)}: {item.reason}"
    if item.components:
        yield f"  {_components(item.components)}"
    yield from (f"  {part}".rstrip() for part in item.text.splitlines())


def _grade(severity: Severity) -> str:
    return f"{severity:d} {severity.label}"
