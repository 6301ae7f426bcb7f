"""Planning a maintenance: what an operator asks for, checked, and the event that it becomes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.desk.components import spelled
from omwatch.desk.drafting import worded
from omwatch.desk.incidents import incident
from omwatch.desk.session import NotPossible, Session, line
from omwatch.domain.event import (
    ByClock,
    Event,
    EventKind,
    EventStatus,
    Maintenance,
    MaintenanceKind,
    Window,
)
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.sla import in_words
from omwatch.domain.wording import Wording

AN_HOUR_BEFORE = (timedelta(hours=1),)
_PRESENT_MINUTE = timedelta(minutes=1)  # operators write minutes, and the present one is now


@dataclass(frozen=True, slots=True)
class Plan:
    """A maintenance as an operator asks for it."""

    title: str
    components: Sequence[str]
    window: Window
    kind: MaintenanceKind = MaintenanceKind.PLANNED
    by_clock: ByClock = ByClock.BOTH
    remind_before: Sequence[timedelta] = AN_HOUR_BEFORE
    corrects: int | None = None
    """The incident that it corrects; needed by a corrective one, and by no other."""
    text: str = ""
    """What subscribers read; empty for a draft. Of a recurring one, it is said of each date."""
    repeat: str = ""
    """An RRULE of RFC 5545; empty for once."""


@dataclass(frozen=True, slots=True)
class Move:
    """What an operator wants of a window; None where it stays."""

    starts_at: datetime | None = None
    """Given alone, the window keeps its length."""
    ends_at: datetime | None = None


async def checked(connection: AsyncConnection, session: Session, plan: Plan) -> Event:
    """Return the maintenance that a plan would make.

    Raises:
        NotPossible: it names no component, its window makes no sense or lies in the past, it corrects no incident, or a
            reminder would come after its start.
    """
    components = await _components(connection, plan.components)
    _check_start(session, plan.window.starts_at)
    _check_end(session, plan.window)
    await _check_incident(connection, plan)
    if any(before <= timedelta(0) for before in plan.remind_before):
        raise NotPossible("a reminder comes before the start: 60m, or 24h; nothing was changed")
    reminders = tuple(sorted(set(plan.remind_before), reverse=True))
    maintenance = Maintenance(plan.kind, plan.by_clock, reminders, corrects=plan.corrects)
    return planned_event(session, line(plan.title, "the title"), components, plan.window, maintenance)


def planned_event(
    session: Session, title: str, components: Sequence[str], window: Window, maintenance: Maintenance
) -> Event:
    """Return a maintenance that is about to be scheduled; its components work until it begins."""
    return Event(
        id=0,
        kind=EventKind.MAINTENANCE,
        title=title,
        severity=Severity.NONE,
        status=EventStatus.SCHEDULED,
        components=dict.fromkeys(components, ComponentStatus.OPERATIONAL),
        started_at=window.starts_at,
        created_at=session.now,
        window=window,
        maintenance=maintenance,
    )


def worded_anyway(session: Session, wording: Wording, default: str, planned: Event) -> str:
    """Return a draft that nobody reads before it leaves; where the home's own words are wrong, it is in ours."""
    try:
        return worded(session, wording, default, planned) or default
    except NotPossible:
        return default


def moved(session: Session, planned: Event, move: Move) -> Window:
    """Return the window that a maintenance gets by a move.

    Raises:
        NotPossible: it is over, has that window already, or the window makes no sense, or lies in the past.
    """
    refuse_ended(planned)
    if planned.window is None:
        raise NotPossible(f"maintenance {planned.id} has no window to move")
    starts_at, ends_at = move.starts_at or planned.window.starts_at, move.ends_at
    if move.starts_at and ends_at is None:
        ends_at = starts_at + (planned.window.ends_at - planned.window.starts_at)
    window = Window(starts_at, ends_at or planned.window.ends_at)
    if window == planned.window:
        raise NotPossible(f"maintenance {planned.id} has that window already; nothing was changed")
    if window.starts_at != planned.window.starts_at:
        if planned.status.open:
            raise NotPossible(f"maintenance {planned.id} has begun; only its end can be moved; nothing was changed")
        _check_start(session, window.starts_at)
    _check_end(session, window)
    return window


def refuse_ended(planned: Event) -> None:
    """Refuse what is to be done with a maintenance that is over.

    Raises:
        NotPossible: it is completed or cancelled.
    """
    if not planned.status.open and planned.status is not EventStatus.SCHEDULED:
        raise NotPossible(f"maintenance {planned.id} is {planned.status.label}; nothing was changed")


def _check_start(session: Session, starts_at: datetime) -> None:
    if starts_at < session.now - _PRESENT_MINUTE:
        raise NotPossible(f"the start lies in the past, by {in_words(session.now - starts_at)}; start now, or later")


def _check_end(session: Session, window: Window) -> None:
    if window.ends_at <= window.starts_at:
        raise NotPossible("a maintenance ends after it starts: choose a later end; nothing was changed")
    if window.ends_at <= session.now:
        raise NotPossible(f"the end lies in the past, by {in_words(session.now - window.ends_at)}; choose a later one")


async def _components(connection: AsyncConnection, names: Sequence[str]) -> list[str]:
    """Return the components, each once, written as the checks write them, so that what fails there is excused."""
    found = await spelled(connection, names)
    if not found:
        raise NotPossible("a maintenance needs at least one component; nothing was changed")
    return found


async def _check_incident(connection: AsyncConnection, plan: Plan) -> None:
    corrective = plan.kind is MaintenanceKind.CORRECTIVE
    if corrective and plan.corrects is None:
        raise NotPossible("a corrective maintenance needs the number of the incident that it corrects")
    if not corrective and plan.corrects is not None:
        raise NotPossible(f"a {plan.kind} maintenance corrects no incident; make it corrective, or leave it out")
    if corrective and plan.repeat:
        raise NotPossible("a corrective maintenance does not recur; make it planned, or leave the rule out")
    if plan.corrects is not None:
        await incident(connection, plan.corrects)
