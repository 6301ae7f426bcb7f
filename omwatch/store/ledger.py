"""The ledger as operators read it: what waits, what was given up and why, and what each subscriber got."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, literal, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.delivery import Delivery, DeliveryState
from omwatch.domain.event import EventKind, EventStatus
from omwatch.domain.subscriber import SubscriberState
from omwatch.store import deliveries as written
from omwatch.store.tables import deliveries, events, subscribers, updates

REMOVED = "the subscriber was removed before it was sent"
"""Why a delivery is dead that nobody tried to send in vain."""

_columns = deliveries.c
_AT_ONCE = 500
_UNDER_WAY = (DeliveryState.QUEUED, DeliveryState.SENDING)
_WAITING = (*_UNDER_WAY, DeliveryState.FAILED)
_LOST = (DeliveryState.FAILED, DeliveryState.DEAD)
_OVER = (DeliveryState.SENT, DeliveryState.DEAD)


@dataclass(frozen=True, slots=True)
class Entry:
    """One delivery, with what it tells."""

    delivery: Delivery
    event: int
    kind: EventKind
    title: str
    status: EventStatus


@dataclass(frozen=True, slots=True)
class Losses:
    """How many of an update's notices have not arrived."""

    lost: int
    """Failed, and to be tried again, or dead."""
    tried: int


async def counts(connection: AsyncConnection, since: datetime) -> dict[DeliveryState, int]:
    """Return how many deliveries wait, by state, and how many came to their end at an instant or later."""
    # What is over has its last try as the instant of the next, which the index knows.
    wanted = or_(_columns.state.in_(_WAITING), and_(_columns.state.in_(_OVER), _columns.next_try_at >= since))
    rows = await connection.execute(_number_by(_columns.state).where(wanted).group_by(_columns.state))
    return {row.state: row.number for row in rows}


async def errors(connection: AsyncConnection, since: datetime) -> list[tuple[str, int]]:
    """Return why deliveries failed and wait, or were given up at an instant or later, and how many for each reason."""
    dead = and_(_columns.state == DeliveryState.DEAD, _columns.next_try_at >= since)
    wanted = and_(or_(_columns.state == DeliveryState.FAILED, dead), _columns.error != REMOVED)
    rows = await connection.execute(_number_by(_columns.error).where(wanted).group_by(_columns.error))
    return sorted(((row.error, row.number) for row in rows), key=lambda found: (-found[1], found[0]))


async def oldest_waiting(connection: AsyncConnection) -> datetime | None:
    """Return when the oldest notice was to leave that has not reached everybody; None when nothing waits."""
    waiting = select(_columns.update_id).where(_columns.state.in_(_WAITING))
    left = func.min(func.coalesce(updates.c.publish_at, updates.c.at), type_=updates.c.at.type)
    found: datetime | None = (await connection.execute(select(left).where(updates.c.id.in_(waiting)))).scalar_one()
    return found


async def page(
    connection: AsyncConnection,
    limit: int,
    update_id: int | None = None,
    state: DeliveryState | None = None,
) -> list[Entry]:
    """Return the newest deliveries, newest first; those of one update or in one state alone, where that is said."""
    asked = {_columns.update_id: update_id, _columns.state: state}
    return await _entries(connection, limit, *(column == value for column, value in asked.items() if value is not None))


async def history(connection: AsyncConnection, subscriber: int, limit: int) -> list[Entry]:
    """Return the newest deliveries of a subscriber, newest first."""
    return await _entries(connection, limit, _columns.subscriber_id == subscriber)


async def failing(connection: AsyncConnection, since: datetime) -> dict[int, int]:
    """Return the updates of which a notice has failed at an instant or later, each with its event."""
    recent = and_(_columns.state.in_(_LOST), _columns.next_try_at >= since, _columns.changed_at >= since)
    statement = select(_columns.update_id, func.max(_columns.event_id).label("event"))
    rows = await connection.execute(statement.where(recent, _columns.error != REMOVED).group_by(_columns.update_id))
    return {row.update_id: row.event or 0 for row in rows}


async def losses(connection: AsyncConnection, update_id: int) -> Losses:
    """Return how many of an update's notices have not arrived, of those that were tried."""
    # Counted by state, as few are under way or lost at most times, while an update has as many rows as subscribers.
    its = _columns.update_id + 0 == update_id
    total = await _count(connection, _columns.update_id == update_id)
    under_way = await _count(connection, _columns.state.in_(_UNDER_WAY), its)
    lost = await _count(connection, _columns.state.in_(_LOST), its, _columns.error != REMOVED)
    return Losses(lost, total - under_way)


async def revive(
    connection: AsyncConnection, now: datetime, update_id: int | None = None, errors: Sequence[str] | None = None
) -> int:
    """Queue deliveries again that were given up, of one update or for some reasons alone where that is said.

    Left as they are: those of subscribers who get nothing now, and those that a later update of the same event has
    overtaken. Return how many were queued.
    """
    active = or_(subscribers.c.state.is_(None), subscribers.c.state == SubscriberState.ACTIVE)
    wanted = [_columns.subscriber_id.in_(select(subscribers.c.id).where(active)), not_(_overtaken())]
    if update_id is not None:
        wanted.append(_columns.update_id == update_id)
    if errors is None:
        return await written.revive(connection, now, *wanted)
    parts = [errors[first : first + _AT_ONCE] for first in range(0, len(errors), _AT_ONCE)]
    return sum([await written.revive(connection, now, *wanted, _columns.error.in_(part)) for part in parts])


async def give_up(connection: AsyncConnection, subscriber: int, now: datetime) -> None:
    """Let what waits for a subscriber be dead, as it is there no more."""
    waiting = and_(_columns.subscriber_id == subscriber, _columns.state.in_(_WAITING))
    values = {
        "state": DeliveryState.DEAD,
        "error": REMOVED,
        "next_try_at": now,
        "changed_at": now,
        "lease_holder": None,
        "lease_until": None,
    }
    await connection.execute(update(deliveries).where(waiting).values(values))


def _overtaken() -> Any:  # noqa: ANN401 - an SQL expression
    later = deliveries.alias("later")
    return (
        select(literal(1))
        .where(
            later.c.subscriber_id == _columns.subscriber_id,
            later.c.event_id == _columns.event_id,
            later.c.update_id > _columns.update_id,
            later.c.state == DeliveryState.SENT,
        )
        .correlate(deliveries)
        .exists()
    )


def _number_by(column: Any) -> Select[Any]:  # noqa: ANN401 - a column of whatever type
    return select(column, func.count().label("number"))


async def _count(connection: AsyncConnection, *conditions: Any) -> int:  # noqa: ANN401 - SQL expressions
    statement = select(func.count()).select_from(deliveries).where(*conditions)
    return int((await connection.execute(statement)).scalar_one())


async def _entries(connection: AsyncConnection, limit: int, *conditions: Any) -> list[Entry]:  # noqa: ANN401 - SQL
    told = [updates.c.status, events.c.id.label("event"), events.c.kind, events.c.title]
    statement = (
        select(deliveries, subscribers.c.address, *(column.label(f"told_{place}") for place, column in enumerate(told)))
        .join(subscribers, subscribers.c.id == _columns.subscriber_id)
        .join(updates, updates.c.id == _columns.update_id)
        .join(events, events.c.id == updates.c.event_id)
        .where(*conditions)
        .order_by(_columns.id.desc())
        .limit(limit)
    )
    return [
        Entry(
            Delivery(row.id, row.update_id, row.address, row.state, row.tries, row.error, row.changed_at),
            event=row.told_1,
            kind=row.told_2,
            title=row.told_3,
            status=row.told_0,
        )
        for row in await connection.execute(statement)
    ]
