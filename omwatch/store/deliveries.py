"""Deliveries: the ledger that a decision fills, and that operators read; the courier empties it by the outbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, literal, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.delivery import Delivery, DeliveryState
from omwatch.domain.subscriber import Audience, SubscriberState, Topic
from omwatch.store.tables import deliveries, subscriber_components, subscribers, subscriptions

_columns = deliveries.c


async def queue(
    connection: AsyncConnection, update_id: int, audience: Audience, domain: str, now: datetime, leaves_at: datetime
) -> int:
    """Write one delivery of an update for each subscriber it is for and return how many.

    The Message-ID follows from update and subscriber alone, so that a mail sent twice around a crash is one mail to
    whoever folds by it. ``domain`` is its part behind the @. None is claimed before ``leaves_at``.
    """
    message_id = literal(f"<update-{update_id}-subscriber-").concat(subscribers.c.id).concat(f"@{domain}>")
    rows = select(
        literal(update_id),
        literal(audience.event),
        subscribers.c.id,
        literal(DeliveryState.QUEUED.value),
        literal(0),
        literal(leaves_at, _columns.next_try_at.type),
        message_id,
        literal(""),
        literal(now, _columns.changed_at.type),
    ).where(_wanted_by(audience))
    names = [
        *("update_id", "event_id", "subscriber_id", "state", "tries"),
        *("next_try_at", "message_id", "error", "changed_at"),
    ]
    result = await connection.execute(insert(deliveries).from_select(names, rows))
    return result.rowcount


async def audience_size(connection: AsyncConnection, audience: Audience) -> int:
    """Return how many subscribers a notice would reach now."""
    statement = select(func.count()).select_from(subscribers).where(_wanted_by(audience))
    return int((await connection.execute(statement)).scalar_one())


async def audience_of(connection: AsyncConnection, audience: Audience, after: int, limit: int) -> list[int]:
    """Return the numbers of up to ``limit`` subscribers that a notice would reach, those above ``after``."""
    theirs = and_(_wanted_by(audience), subscribers.c.id > after)
    statement = select(subscribers.c.id).where(theirs).order_by(subscribers.c.id).limit(limit)
    return list((await connection.execute(statement)).scalars())


def _wanted_by(audience: Audience) -> Any:  # noqa: ANN401 - an SQL expression
    """Return the condition that a subscriber gets a notice: it is active, and wishes for it or heard of it before."""
    its = subscriptions.c.subscriber_id == subscribers.c.id
    wants_topic = select(literal(1)).where(its, subscriptions.c.topic == audience.topic).exists()
    wishes: list[Any] = [wants_topic]
    if audience.topic is Topic.INCIDENT:
        least = subscribers.c.least_severity
        wishes.append(or_(least.is_(None), least >= audience.severity))
    if audience.components:
        chosen = subscriber_components.c.subscriber_id == subscribers.c.id
        any_chosen = select(literal(1)).where(chosen).exists()
        fits = select(literal(1)).where(chosen, subscriber_components.c.component.in_(sorted(audience.components)))
        wishes.append(or_(not_(any_chosen), fits.exists()))
    active = or_(subscribers.c.state.is_(None), subscribers.c.state == SubscriberState.ACTIVE)
    if not audience.ends:
        return and_(active, *wishes)
    told = and_(_columns.subscriber_id == subscribers.c.id, _columns.event_id == audience.event)
    heard = select(literal(1)).where(told, _columns.state != DeliveryState.DEAD).exists()
    still_there = and_(heard, subscribers.c.state.not_in([SubscriberState.REMOVED, SubscriberState.UNVERIFIED]))
    return or_(and_(active, *wishes), still_there)


async def cancel(connection: AsyncConnection, update_id: int) -> bool:
    """Take the deliveries of a held update back; return False, and leave them all, where one has been claimed."""
    its = _columns.update_id == update_id
    begun = or_(_columns.state.in_([DeliveryState.SENDING, DeliveryState.SENT]), _columns.tries > 0)
    claimed = select(_columns.id).where(its, begun).limit(1)
    if (await connection.execute(claimed)).first() is not None:
        return False
    await connection.execute(delete(deliveries).where(its))
    return True


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


async def revive(connection: AsyncConnection, now: datetime, *conditions: Any) -> int:  # noqa: ANN401 - SQL
    """Queue deliveries again that were given up; return how many."""
    values = {"state": DeliveryState.QUEUED, "tries": 0, "next_try_at": now, "carrier_id": None, "changed_at": now}
    dead = and_(_columns.state == DeliveryState.DEAD, *conditions)
    return int((await connection.execute(update(deliveries).where(dead).values(values))).rowcount)


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
