"""Maintenance: scheduled, moved, started, verified, completed or cancelled, by a hand or by the clock."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.desk import occurrences
from omwatch.desk.drafting import worded
from omwatch.desk.planning import Move, Plan, checked, moved, refuse_ended
from omwatch.desk.publishing import Published, add, begin
from omwatch.desk.session import NotPossible, Session, line, words
from omwatch.domain import announcement, plain
from omwatch.domain.event import ByClock, Event, EventKind, EventStatus, Update
from omwatch.domain.severity import ComponentStatus
from omwatch.domain.wording import Wording
from omwatch.store import events

_STARTABLE = frozenset({EventStatus.SCHEDULED, EventStatus.VERIFYING})


async def schedule(session: Session, plan: Plan) -> Published:
    """Put a maintenance on the page, once or with the first date of a series, and tell everybody.

    Raises:
        NotPossible: the plan makes no sense; the message says what to change.
    """
    async with session.deciding() as connection:
        planned = await checked(connection, session, plan)
        if plan.repeat:
            planned = await occurrences.begin_series(connection, session, plan, planned)
        default = announcement.scheduled_text(planned, session.policy.zone)
        spoken = plan.text or worded(session, Wording.MAINTENANCE_SCHEDULED, default, planned)
        done = await begin(connection, session, planned, words(spoken, "the text"))
        await _note(connection, session, "schedule", None, done.event)
    return done


async def start(session: Session, number: int, text: str = "") -> Published:
    """Say that a maintenance has begun, or goes on after all; its components are under maintenance.

    Raises:
        NotPossible: there is no such maintenance, it goes on already, is over, or its window is.
    """
    async with session.deciding() as connection:
        planned = await maintenance(connection, number)
        if planned.status is EventStatus.IN_PROGRESS:
            raise NotPossible(f"maintenance {number} is in progress already; nothing was changed")
        if planned.status in _STARTABLE and planned.window and planned.window.ends_at <= session.now:
            raise NotPossible(
                f"the window of maintenance {number} is over; first give it another end, with 'omwatch maintenance "
                f"reschedule {number}'; nothing was changed"
            )
        default = announcement.begun_text(planned, session.policy.zone)
        spoken = text or worded(session, Wording.MAINTENANCE_IN_PROGRESS, default, planned)
        return await begin_work(connection, session, planned, spoken)


async def begin_work(connection: AsyncConnection, session: Session, planned: Event, text: str) -> Published:
    """Let a maintenance begin, and schedule the next date of its series. One that begins early ends when it was to.

    Raises:
        NotPossible: it cannot begin as it stands.
    """
    spoken = _update(session, EventStatus.IN_PROGRESS, text, _all(planned, ComponentStatus.UNDER_MAINTENANCE))
    if planned.window and session.now < planned.window.starts_at:
        spoken = replace(spoken, window=replace(planned.window, starts_at=session.now))
    done = await add(connection, session, planned, spoken)
    await _note(connection, session, "start", planned, planned.id)
    if planned.status is EventStatus.SCHEDULED:
        await occurrences.go_on(connection, session, planned)
    return done


async def verify(session: Session, number: int, text: str = "") -> Published:
    """Say that the work is done, and is being verified.

    Raises:
        NotPossible: there is no such maintenance, or it is not in progress.
    """
    async with session.deciding() as connection:
        planned = await maintenance(connection, number)
        if planned.status is EventStatus.VERIFYING:
            raise NotPossible(f"maintenance {number} is verifying already; nothing was changed")
        default = worded(session, Wording.MAINTENANCE_VERIFYING, announcement.verifying_text(planned), planned)
        done = await add(connection, session, planned, _update(session, EventStatus.VERIFYING, text or default))
        await _note(connection, session, "verify", planned, number)
    return done


async def complete(session: Session, number: int, text: str = "") -> Published:
    """Say that a maintenance is over; its components work again.

    Raises:
        NotPossible: there is no such maintenance, or it does not go on.
    """
    async with session.deciding() as connection:
        planned = await maintenance(connection, number)
        default = announcement.completed_text(planned)
        spoken = text or worded(session, Wording.MAINTENANCE_COMPLETED, default, planned)
        return await end_work(connection, session, planned, spoken)


async def end_work(connection: AsyncConnection, session: Session, planned: Event, text: str) -> Published:
    """Let a maintenance be over.

    Raises:
        NotPossible: it does not go on.
    """
    spoken = _update(session, EventStatus.COMPLETED, text, _all(planned, ComponentStatus.OPERATIONAL))
    done = await add(connection, session, planned, spoken)
    await _note(connection, session, "complete", planned, planned.id)
    return done


async def remind(connection: AsyncConnection, session: Session, planned: Event, text: str) -> Published:
    """Tell everybody again that a maintenance is about to begin."""
    done = await add(connection, session, planned, _update(session, EventStatus.SCHEDULED, text))
    await _note(connection, session, "remind", planned, planned.id)
    return done


async def say(session: Session, number: int, text: str) -> Published:
    """Say something about a maintenance that lies ahead or goes on, and leave it as it stands.

    Raises:
        NotPossible: there is no such maintenance, it is over, or nothing was said.
    """
    async with session.deciding() as connection:
        planned = await maintenance(connection, number)
        done = await add(connection, session, planned, _update(session, planned.status, text))
        await _note(connection, session, "update", planned, number)
    return done


async def cancel(session: Session, number: int, why: str, text: str = "") -> Published:
    """Say that a maintenance will not take place, for a reason that operators read; its series goes on.

    Raises:
        NotPossible: there is no such maintenance, it has begun already, or no reason was given.
    """
    async with session.deciding() as connection:
        planned = await maintenance(connection, number)
        done = await _cancel(connection, session, planned, why, text)
        await occurrences.go_on(connection, session, planned)
    return done


async def cancel_series(session: Session, number: int, why: str, text: str = "") -> tuple[Published, ...]:
    """End the series that a maintenance belongs to, and cancel each of its dates that has not begun.

    Raises:
        NotPossible: there is no such maintenance, it does not recur, its series has ended, or no reason was given.
    """
    because = line(why, "the reason")
    async with session.deciding() as connection:
        planned = await maintenance(connection, number)
        series = planned.maintenance.series if planned.maintenance else None
        if series is None:
            raise NotPossible(f"maintenance {number} does not recur; leave --series out; nothing was changed")
        ahead = [item for item in await events.of_series(connection, series) if item.status is EventStatus.SCHEDULED]
        if not await occurrences.end(connection, session, series) and not ahead:
            raise NotPossible(f"the series of maintenance {number} has ended already; nothing was changed")
        return tuple([await _cancel(connection, session, item, because, text) for item in reversed(ahead)])


async def reschedule(session: Session, number: int, move: Move, text: str = "") -> Published:
    """Give a maintenance another window, or another end while it goes on.

    Raises:
        NotPossible: there is no such maintenance, it is over, or the window makes no sense or lies in the past.
    """
    async with session.deciding() as connection:
        planned = await maintenance(connection, number)
        window = moved(session, planned, move)
        default = announcement.rescheduled_text(planned, window, session.policy.zone)
        spoken = text or worded(
            session,
            Wording.MAINTENANCE_RESCHEDULED,
            default,
            replace(planned, window=window, started_at=window.starts_at),
        )
        update = replace(_update(session, planned.status, spoken), window=window)
        done = await add(connection, session, planned, update)
        await _note(connection, session, "reschedule", planned, number)
    return done


async def automate(session: Session, number: int, by_clock: ByClock) -> Event:
    """Choose what the clock does of a maintenance, and what waits for a hand; nobody is notified. Return it as it is.

    Raises:
        NotPossible: there is no such maintenance, or it is over.
    """
    async with session.deciding() as connection:
        planned = await maintenance(connection, number)
        refuse_ended(planned)
        if planned.maintenance is None:
            raise NotPossible(f"maintenance {number} has no window that the clock could keep")
        held = replace(planned.maintenance, by_clock=by_clock)
        await events.keep_maintenance(connection, number, held)
        await _note(connection, session, "automate", planned, number)
    return replace(planned, maintenance=held)


async def maintenance(connection: AsyncConnection, number: int) -> Event:
    """Return a maintenance.

    Raises:
        NotPossible: there is none of that number.
    """
    found = await events.get(connection, number)
    if found is None or found.kind is not EventKind.MAINTENANCE:
        what = f"{number} is of kind {found.kind}" if found else f"there is no maintenance {number}"
        raise NotPossible(f"{what}; 'omwatch maintenance list' shows them")
    return found


async def _cancel(connection: AsyncConnection, session: Session, planned: Event, why: str, text: str) -> Published:
    default = announcement.cancelled_text(planned, session.policy.zone)
    spoken = text or worded(session, Wording.MAINTENANCE_CANCELLED, default, planned)
    update = replace(_update(session, EventStatus.CANCELLED, spoken), reason=line(why, "the reason"))
    done = await add(connection, session, planned, update)
    await _note(connection, session, "cancel", planned, planned.id)
    return done


def _all(planned: Event, status: ComponentStatus) -> dict[str, ComponentStatus]:
    return dict.fromkeys(planned.components, status)


def _update(
    session: Session, status: EventStatus, text: str, components: Mapping[str, ComponentStatus] | None = None
) -> Update:
    spoken = words(text, "the text")
    return Update(0, status, spoken, session.operator.name, session.now, components=components or {})


async def _note(connection: AsyncConnection, session: Session, action: str, before: Event | None, number: int) -> None:
    after = await events.get(connection, number)
    earlier, later = (plain.event(item) if item else None for item in (before, after))
    await session.note(connection, action, "maintenance", number, earlier, later)
