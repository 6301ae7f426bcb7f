"""Incidents as commands print them."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from omwatch.cli.listing import facts
from omwatch.cli.timeline import components, entry
from omwatch.cli.times import shown
from omwatch.domain import plain
from omwatch.domain.deadline import DeadlineState
from omwatch.domain.event import Event, regrades
from omwatch.domain.severity import Severity
from omwatch.domain.sla import in_words

if TYPE_CHECKING:
    from omwatch.desk.dossier import Dossier


def line(item: Event, zone: str) -> str:
    """Return an incident as lists print it."""
    grade = f"severity {_grade(item.severity)}"
    return f"{item.id:>4}  {grade:<32}  {item.status.label:<13}  since {shown(item.started_at, zone)}  {item.title}"


def lines(found: "Dossier", now: datetime, zone: str) -> list[str]:
    """Return all that is known of an incident, its times told in a zone, too."""
    item = found.incident
    known: list[tuple[str, object]] = [
        ("stands", f"{item.status.label}, severity {_grade(item.severity)}"),
        ("since", _since(item, now, zone)),
        ("components", components(item.components)),
        ("clients", ", ".join(found.clients) or "none are noted"),
    ]
    known += [("ticket", f"{one.id} {one.client}: {one.title} ({one.status})") for one in found.tickets]
    known += [("owed", told) for told in _owed(found, now, zone)]
    known += [("corrected", f"by maintenance {one.id} ({one.status.label}): {one.title}") for one in found.maintenances]
    changes = {
        update.id: f"severity {_grade(old)} → {_grade(new)}: {update.reason}"
        for update, old, new in regrades(item.updates)
    }
    told = facts(f"incident {item.id}: {item.title}", known)
    for update in item.updates:
        told += entry(update, found.deliveries.get(update.id, {}), now, zone, changes.get(update.id, ""))
    return told


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


def _since(item: Event, now: datetime, zone: str) -> str:
    if item.ended_at is None:
        return f"{shown(item.started_at, zone)}, for {in_words(now - item.started_at)}"
    return f"{shown(item.started_at, zone)} until {shown(item.ended_at, zone)}"


def _owed(found: "Dossier", now: datetime, zone: str) -> Iterator[str]:
    """Yield what is owed, and what was not kept; of the updates that came in time, one is like the other."""
    for item in found.deadlines:
        state = item.state(now)
        if item.open:
            yield f"{item.duty} by {shown(item.due_at, zone)}, {item.standing(now)}"
        elif state is DeadlineState.BREACHED and item.met_at is not None:
            yield f"{item.duty} was due {shown(item.due_at, zone)}, and came {in_words(item.met_at - item.due_at)} late"


def _grade(severity: Severity) -> str:
    return f"{severity:d} {severity.label}"
