"""The dates of recurring maintenance: exactly one lies ahead, and the next follows when its time is over.

It is scheduled when the one before it is started, cancelled or missed, in the same transaction and with a notice of its
own. The rule counts them all: a cancelled one is not made up for.
"""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.desk import recurring
from omwatch.desk.planning import Plan, planned_event, worded_anyway
from omwatch.desk.publishing import Published, begin
from omwatch.desk.session import NotPossible, Session, words
from omwatch.domain import plain
from omwatch.domain.announcement import scheduled_text
from omwatch.domain.event import Event, Window
from omwatch.domain.maintenance import Series
from omwatch.domain.wording import Wording
from omwatch.store import events, series


async def begin_series(connection: AsyncConnection, session: Session, plan: Plan, first: Event) -> Event:
    """Write the series that a plan asks for, and return its first date as one of it.

    Raises:
        NotPossible: the rule makes no sense, or its windows would overlap.
    """
    if first.window is None or first.maintenance is None:
        raise NotPossible("only a maintenance with a window can recur")
    duration = first.window.ends_at - first.window.starts_at
    found = Series(
        id=0,
        title=first.title,
        text=words(plan.text, "the text") if plan.text else "",
        components=tuple(first.components),
        kind=first.maintenance.kind,
        by_clock=first.maintenance.by_clock,
        remind_before=first.maintenance.remind_before,
        rule=recurring.checked(plan.repeat, first.window.starts_at, duration, session.policy.zone),
        zone=session.policy.zone,
        starts_at=first.window.starts_at,
        duration=duration,
        created_at=session.now,
    )
    number = await series.add(connection, found, session.operator.name)
    await session.note(connection, "begin", "series", number, None, _plain(found))
    return replace(first, maintenance=replace(first.maintenance, series=number))


async def must_go_on(connection: AsyncConnection, session: Session, planned: Event) -> Series | None:
    """Return the series of a maintenance whose time is over, where its next date is still to be scheduled."""
    number = planned.maintenance.series if planned.maintenance else None
    if number is None or await series.goes_on(connection, number, session.now):
        return None
    found = await series.get(connection, number)
    return None if found is None or found.ended_at else found


async def go_on(connection: AsyncConnection, session: Session, planned: Event) -> Published | None:
    """Schedule the next date after a maintenance whose time is over; None where there is none, or it stands already."""
    found = await must_go_on(connection, session, planned)
    if found is None:
        return None
    first_planned = next((update.window for update in planned.updates if update.window), planned.window)
    after = max(session.now, first_planned.starts_at if first_planned else session.now)
    starts_at = recurring.following(found.rule, found.zone, found.starts_at, after)
    if starts_at is None:
        await end(connection, session, found.id)
        return None
    window = Window(starts_at, starts_at + found.duration)
    event = planned_event(session, found.title, found.components, window, found.maintenance)
    default = scheduled_text(event, session.policy.zone)
    spoken = found.text or worded_anyway(session, Wording.MAINTENANCE_SCHEDULED, default, event)
    done = await begin(connection, session, event, spoken)
    scheduled = await events.get(connection, done.event)
    written = plain.event(scheduled) if scheduled else None
    await session.note(connection, "schedule", "maintenance", done.event, None, written)
    return done


async def end(connection: AsyncConnection, session: Session, number: int) -> bool:
    """End a series: after the dates that there are, no other comes. Return False when it had ended already."""
    before = await series.get(connection, number)
    if before is None or before.ended_at:
        return False
    await series.end(connection, number, session.now)
    await session.note(connection, "end", "series", number, _plain(before), {"ended_at": plain.instant(session.now)})
    return True


def _plain(found: Series) -> dict[str, object]:
    return {
        "title": found.title,
        "rule": found.rule,
        "zone": found.zone,
        "starts_at": plain.instant(found.starts_at),
        "duration_seconds": int(found.duration.total_seconds()),
        "components": list(found.components),
    }
