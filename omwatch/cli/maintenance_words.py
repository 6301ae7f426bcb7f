"""Maintenance as lists and pages of the command line print it."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from omwatch.cli.times import shown
from omwatch.domain import plain
from omwatch.domain.event import ByClock, Event, MaintenanceKind
from omwatch.domain.safetext import clean
from omwatch.domain.sla import in_words

if TYPE_CHECKING:
    from omwatch.desk.session import Session

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
    return f"{shown(planned.window.starts_at, zone)} – {shown(planned.window.ends_at, zone)}"


def page(planned: Event, repeat: str | None, zone: str) -> str:
    """Return all that is known of a maintenance, its timeline last, oldest update first."""
    held = planned.maintenance
    facts = [
        f"maintenance {planned.id}: {planned.title}",
        f"  status      {planned.status.label}",
        f"  window      {window(planned, zone)}",
        *(f"  component   {name}: {status.label}" for name, status in planned.components.items()),
    ]
    if held:
        reminders = ", ".join(map(in_words, held.remind_before))
        facts += [
            f"  kind        {held.kind}" + (f", of incident {held.corrects}" if held.corrects else ""),
            f"  by clock    {held.by_clock}",
            f"  reminders   {f'{reminders} before its start' if reminders else 'none'}",
        ]
    if repeat:
        facts.append(f"  recurs      {repeat}")
    timeline = (
        f"{shown(item.at, zone)}  {item.status.label}, by {item.author}"
        + (f" ({item.reason})" if item.reason else "")
        + f"\n{item.text}"
        for item in planned.updates
    )
    return "\n\n".join(["\n".join(facts), *timeline])


async def note_strangers(session: "Session", components: Sequence[str]) -> None:
    """Say on stderr which components no check watches; a slip of the pen there would excuse nothing."""
    from omwatch.store import assessments  # noqa: PLC0415 - `omwatch --help` must not wait for SQLAlchemy

    async with session.store.reading() as connection:
        watched = sorted({state.assessment.component for state in await assessments.every(connection)})
    known = {name.casefold() for name in watched}
    strangers = [clean(name) for name in components if clean(name).casefold() not in known]
    if watched and strangers:
        print(f"note: no check watches {', '.join(strangers)}; the checks watch {', '.join(watched)}", file=sys.stderr)
