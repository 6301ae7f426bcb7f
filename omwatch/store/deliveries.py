"""Deliveries: the outbox that a decision fills and the courier empties.

A claim is a conditional update under a lease, so two couriers never hold the same row and a dead one is taken over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.delivery import Delivery, DeliveryState
from omwatch.domain.subscriber import Topic
from omwatch.store.tables import deliveries, subscribers, subscriptions

_columns = deliveries.c


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this courier, and no other, may send until its lease ends."""

    id: int
    update_id: int
    address: str
    message_id: str
    tries: int
    """How many tries came before this one."""


async def queue(
    connection: AsyncConnection, update_id: int, topic: Topic, domain: str, now: datetime, leaves_at: datetime
) -> int:
    """Write one delivery per subscriber of a topic for an update and return how many.

    The Message-ID follows from update and subscriber alone, so that a mail sent twice around a crash is one mail to
    whoever folds by it. ``domain`` is its part behind the @. None is claimed before ``leaves_at``.
    """
    message_id = literal(f"<update-{update_id}-subscriber-").concat(subscriptions.c.subscriber_id).concat(f"@{domain}>")
    rows = select(
        literal(update_id),
        subscriptions.c.subscriber_id,
        literal(DeliveryState.QUEUED.value),
        literal(0),
        literal(leaves_at, _columns.next_try_at.type),
        message_id,
        literal(""),
        literal(now, _columns.changed_at.type),
    ).where(subscriptions.c.topic == topic)
    names = ["update_id", "subscriber_id", "state", "tries", "next_try_at", "message_id", "error", "changed_at"]
    result = await connection.execute(insert(deliveries).from_select(names, rows))
    return result.rowcount


async def audience(connection: AsyncConnection, topic: Topic) -> int:
    """Return how many subscribers a notice of this topic would reach now."""
    statement = select(func.count()).select_from(subscriptions).where(subscriptions.c.topic == topic)
    return int((await connection.execute(statement)).scalar_one())


async def cancel(connection: AsyncConnection, update_id: int) -> None:
    """Take the deliveries of a held update back; none of them has been claimed."""
    await connection.execute(delete(deliveries).where(_columns.update_id == update_id))


async def dead(connection: AsyncConnection, limit: int) -> list[Delivery]:
    """Return the newest deliveries that were given up, newest first."""
    return await _shown(connection, limit, _columns.state == DeliveryState.DEAD)


async def dead_by_error(connection: AsyncConnection, since: datetime) -> list[tuple[str, int]]:
    """Return why deliveries were given up at an instant or later, and how many for each reason, the most first."""
    number = func.count().label("number")
    given_up = and_(_columns.state == DeliveryState.DEAD, _columns.changed_at >= since)
    statement = select(_columns.error, number).where(given_up).group_by(_columns.error)
    rows = await connection.execute(statement.order_by(number.desc(), _columns.error))
    return [(row.error, row.number) for row in rows]


async def claim(
    connection: AsyncConnection, holder: str, limit: int, now: datetime, lease_until: datetime
) -> list[Claimed]:
    """Take up to ``limit`` deliveries that are due, or whose holder's lease has run out."""
    due = and_(_columns.state.in_([DeliveryState.QUEUED, DeliveryState.FAILED]), _columns.next_try_at <= now)
    abandoned = and_(_columns.state == DeliveryState.SENDING, _columns.lease_until < now)
    wanted = select(_columns.id).where(or_(due, abandoned)).order_by(_columns.id).limit(limit)
    taken = (
        update(deliveries)
        .where(_columns.id.in_(wanted))
        .values(state=DeliveryState.SENDING, lease_holder=holder, lease_until=lease_until, changed_at=now)
        .returning(_columns.id, _columns.update_id, _columns.subscriber_id, _columns.message_id, _columns.tries)
    )
    rows = (await connection.execute(taken)).all()
    addresses = await _addresses(connection, [row.subscriber_id for row in rows])
    return [Claimed(row.id, row.update_id, addresses[row.subscriber_id], row.message_id, row.tries) for row in rows]


async def settle(
    connection: AsyncConnection,
    claimed: Claimed,
    holder: str,
    state: DeliveryState,
    now: datetime,
    error: str = "",
    next_try_at: datetime | None = None,
) -> bool:
    """Write what came of a claimed delivery; return False when the lease had passed to another holder."""
    mine = and_(_columns.id == claimed.id, _columns.state == DeliveryState.SENDING, _columns.lease_holder == holder)
    values: dict[str, Any] = {
        "state": state,
        "tries": claimed.tries + 1,
        "error": error,
        "changed_at": now,
        "next_try_at": next_try_at or now,
        "lease_holder": None,
        "lease_until": None,
    }
    result = await connection.execute(update(deliveries).where(mine).values(values))
    return result.rowcount == 1


async def latest(connection: AsyncConnection, limit: int) -> list[Delivery]:
    """Return the newest deliveries, newest first."""
    return await _shown(connection, limit)


async def _shown(connection: AsyncConnection, limit: int, *conditions: Any) -> list[Delivery]:  # noqa: ANN401 - SQL
    statement = (
        select(deliveries, subscribers.c.address)
        .join(subscribers, subscribers.c.id == _columns.subscriber_id)
        .where(*conditions)
        .order_by(_columns.id.desc())
        .limit(limit)
    )
    return [
        Delivery(row.id, row.update_id, row.address, row.state, row.tries, row.error, row.changed_at)
        for row in await connection.execute(statement)
    ]


async def counts_by_update(
    connection: AsyncConnection, update_ids: Sequence[int]
) -> dict[int, dict[DeliveryState, int]]:
    """Return, for each of these updates that has deliveries, how many are in which state."""
    statement = (
        select(_columns.update_id, _columns.state, func.count().label("number"))
        .where(_columns.update_id.in_(update_ids))
        .group_by(_columns.update_id, _columns.state)
    )
    found: dict[int, dict[DeliveryState, int]] = {}
    for row in await connection.execute(statement):
        found.setdefault(row.update_id, {})[row.state] = row.number
    return found


async def _addresses(connection: AsyncConnection, numbers: Sequence[int]) -> dict[int, str]:
    rows = await connection.execute(
        select(subscribers.c.id, subscribers.c.address).where(subscribers.c.id.in_(numbers))
    )
    return {row.id: row.address for row in rows}
