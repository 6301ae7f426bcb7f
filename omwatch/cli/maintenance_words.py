"""Maintenance as lists and pages of the command line print it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from omwatch.cli.listing import facts
from omwatch.cli.timeline import entry
from omwatch.cli.times import shown_window
from omwatch.domain import plain
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.event import ByClock, Event, MaintenanceKind
from omwatch.domain.sla import in_words

_BY_HAND = {
    ByClock.BOTH: "",
    ByClock.START: "completed by hand",
    ByClock.COMPLETION: "started by hand",
    ByClock.NONE: "by hand",
}


def as_json(planned: Event, repeat: str | None) -> dict[str, Any]:
    """Return a maintenance as JSON; ``repeat`` is the rule of its series."""
    return {**plain.event(planned), "repeat": repeat}


def line(planned: Event, repeat: str | None, zone: str) -> str:
    """Return a maintenance in one line."""
    held = planned.maintenance
    kind = held.kind if held and held.kind is not MaintenanceKind.PLANNED else ""
    about = ", ".join(part for part in (kind, _BY_HAND[held.by_clock] if held else "", repeat and "recurs") if part)
    names = ", ".join(planned.components)
    said = [f"{planned.id:>4}", f"{planned.status.label:<11}", window(planned, zone), names, planned.title]
    return "  ".join([*said, f"({about})"] if about else said)


def window(planned: Event, zone: str) -> str:
    """Return from when to when a maintenance is planned."""
    if planned.window is None:
        return "no window"
    return shown_window(planned.window.starts_at, planned.window.ends_at, zone)


def page(
    planned: Event,
    repeat: str | None,
    deliveries: Mapping[int, Mapping[DeliveryState, int]],
    now: datetime,
    zone: str,
) -> list[str]:
    """Return all that is known of a maintenance, its timeline last, oldest update first."""
    known: list[tuple[str, object]] = [
        ("status", planned.status.label),
        ("window", window(planned, zone)),
        *(("component", f"{name}: {status.label}") for name, status in planned.components.items()),
    ]
    held = planned.maintenance
    if held:
        reminders = ", ".join(map(in_words, held.remind_before))
        known += [
            ("kind", held.kind + (f", of incident {held.corrects}" if held.corrects else "")),
            ("by clock", held.by_clock),
            ("reminders", f"{reminders} before its start" if reminders else "none"),
        ]
    if repeat:
        known.append(("recurs", repeat))
    told = facts(f"maintenance {planned.id}: {planned.title}", known)
    for update in planned.updates:
        why = f"because {update.reason}" if update.reason else ""
        told += entry(update, deliveries.get(update.id, {}), now, zone, why)
    return told
