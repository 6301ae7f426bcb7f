"""The outbox seen from the courier: claim what is due, under a lease, and settle what came of it.

A claim is a conditional update, so two couriers never hold the same row, and a dead one's rows are taken over when its
lease has run out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, literal, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.delivery import DeliveryState
from omwatch.domain.subscriber import Channel
from omwatch.store.tables import deliveries, subscribers

_columns = deliveries.c


@dataclass(frozen=True, slots=True)
class Claimed:
    """What this courier, and no other, may send to one subscriber until its lease ends."""

    id: int
    """The delivery that carries it."""
    update_ids: tuple[int, ...]
    """The updates of one event that it tells, oldest first; several are folded into one message."""
    subscriber: int
    address: str
    channel: Channel
    message_id: str
    tries: int
    """How many tries came before this one."""

    @property
    def update_id(self) -> int:
        """The newest update that it tells."""
        return self.update_ids[-1]


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of one claimed delivery."""

    claimed: Claimed
    state: DeliveryState
    error: str = ""
    next_try_at: datetime | None = None


async def anything_due(connection: AsyncConnection, now: datetime) -> bool:
    """Tell whether there may be something to claim, without taking the write lock for it."""
    due = and_(_columns.state.in_([DeliveryState.QUEUED, DeliveryState.FAILED]), _columns.next_try_at <= now)
    abandoned = and_(_columns.state == DeliveryState.SENDING, _columns.lease_until < now)
    for condition in (due, abandoned):
        if (await connection.execute(select(_columns.id).where(condition).limit(1))).first() is not None:
            return True
    return False


async def claim(
    connection: AsyncConnection, holder: str, limit: int, now: datetime, lease_until: datetime
) -> list[Claimed]:
    """Take up to ``limit`` deliveries that are due, or whose holder's lease has run out.

    One event's updates for one subscriber keep their order: while one is on its way none of the others is taken, and
    those that wait together are taken together, to be one message.
    """
    waiting = _columns.state.in_([DeliveryState.QUEUED, DeliveryState.FAILED])
    due = and_(waiting, _columns.next_try_at <= now)
    abandoned = and_(_columns.state == DeliveryState.SENDING, _columns.lease_until < now)
    other = deliveries.alias("other")
    on_its_way = select(literal(1)).where(
        other.c.subscriber_id == _columns.subscriber_id,
        other.c.event_id == _columns.event_id,
        other.c.state == DeliveryState.SENDING,
        other.c.lease_until >= now,
    )
    first = select(_columns.id, _columns.subscriber_id, _columns.event_id).where(
        or_(due, abandoned), not_(on_its_way.exists())
    )
    rows = (await connection.execute(first.order_by(_columns.id).limit(limit))).all()
    taken = await _with_companions(connection, rows, now)
    if taken:
        values = [{"b_id": number, "b_carrier": carrier} for number, carrier in taken.items()]
        lease = {"state": DeliveryState.SENDING, "lease_holder": holder, "lease_until": lease_until, "changed_at": now}
        statement = update(deliveries).where(_columns.id == bindparam("b_id"))
        await connection.execute(statement.values(carrier_id=bindparam("b_carrier"), **lease), values)
    return await _claimed(connection, sorted(taken))


async def _with_companions(connection: AsyncConnection, rows: Sequence[Any], now: datetime) -> dict[int, int | None]:
    """Return each delivery to take with the one that carries it (None: itself)."""
    pairs = {(row.subscriber_id, row.event_id) for row in rows}
    found: dict[tuple[int, int], list[int]] = {}
    for row in rows:
        found.setdefault((row.subscriber_id, row.event_id), []).append(row.id)
    # An update that failed and waits for its next try leaves with the next one at the latest, never after it.
    kept = or_(
        _columns.state == DeliveryState.FAILED,
        and_(_columns.state == DeliveryState.QUEUED, _columns.next_try_at <= now),
    )
    its = and_(_columns.subscriber_id.in_({subscriber for subscriber, _ in pairs}), kept)
    for row in await connection.execute(select(_columns.id, _columns.subscriber_id, _columns.event_id).where(its)):
        group = found.get((row.subscriber_id, row.event_id))
        if group is not None and row.id not in group:
            group.append(row.id)
    return {number: None if number == max(group) else max(group) for group in found.values() for number in group}


async def _claimed(connection: AsyncConnection, numbers: Sequence[int]) -> list[Claimed]:
    chosen = [
        *(_columns.id, _columns.update_id, _columns.carrier_id, _columns.message_id, _columns.tries),
        *(subscribers.c.id.label("subscriber"), subscribers.c.address, subscribers.c.channel),
    ]
    statement = select(*chosen).join(subscribers, subscribers.c.id == _columns.subscriber_id)
    rows = (await connection.execute(statement.where(_columns.id.in_(numbers)).order_by(_columns.update_id))).all()
    told: dict[int, list[int]] = {}
    for row in rows:
        told.setdefault(row.carrier_id or row.id, []).append(row.update_id)
    return [
        Claimed(
            row.id,
            tuple(told[row.id]),
            row.subscriber,
            row.address,
            row.channel or Channel.EMAIL,
            row.message_id,
            row.tries,
        )
        for row in rows
        if row.carrier_id is None
    ]


async def renew(connection: AsyncConnection, holder: str, until: datetime) -> None:
    """Prolong the lease of all that a holder has on its way."""
    mine = and_(_columns.state == DeliveryState.SENDING, _columns.lease_holder == holder)
    await connection.execute(update(deliveries).where(mine).values(lease_until=until))


async def settle(connection: AsyncConnection, holder: str, results: Sequence[Settled], now: datetime) -> None:
    """Write what came of claimed deliveries, and of those folded into them.

    A delivery whose lease has passed to another holder stays as that one has it.
    """
    for column in (_columns.id, _columns.carrier_id):
        mine = and_(
            column == bindparam("b_id"),
            _columns.state == DeliveryState.SENDING,
            _columns.lease_holder == bindparam("b_holder"),
        )
        folded = column is _columns.carrier_id
        values = [_result_row(item, holder, now) for item in results if not folded or len(item.claimed.update_ids) > 1]
        if values:
            statement = update(deliveries).where(mine).values(_RESULT)
            await connection.execute(statement, values)


_RESULT: dict[str, Any] = {
    "state": bindparam("b_state", type_=_columns.state.type),
    "tries": _columns.tries + 1,
    "error": bindparam("b_error"),
    "changed_at": bindparam("b_now", type_=_columns.changed_at.type),
    "next_try_at": bindparam("b_next", type_=_columns.next_try_at.type),
    "lease_holder": None,
    "lease_until": None,
}


def _result_row(item: Settled, holder: str, now: datetime) -> dict[str, Any]:
    return {
        "b_id": item.claimed.id,
        "b_holder": holder,
        "b_state": item.state,
        "b_error": item.error,
        "b_now": now,
        "b_next": item.next_try_at or now,
    }


async def postpone(connection: AsyncConnection, holder: str, claimed: Sequence[Claimed], until: datetime) -> None:
    """Put claimed deliveries back unsent, to be looked at again at an instant; it counts as no try."""
    numbers = [item.id for item in claimed]
    its = or_(_columns.id.in_(numbers), _columns.carrier_id.in_(numbers))
    mine = and_(its, _columns.state == DeliveryState.SENDING, _columns.lease_holder == holder)
    values: dict[str, Any] = {
        "state": DeliveryState.QUEUED,
        "next_try_at": until,
        "lease_holder": None,
        "lease_until": None,
    }
    await connection.execute(update(deliveries).where(mine).values({**values, "carrier_id": None}))


async def sent_since(
    connection: AsyncConnection, numbers: Sequence[int], since: datetime
) -> dict[int, tuple[int, datetime]]:
    """Return, of these subscribers, how many messages each got since an instant, and when the first of them."""
    theirs = and_(
        _columns.subscriber_id.in_(numbers),
        _columns.state == DeliveryState.SENT,
        _columns.carrier_id.is_(None),
        _columns.changed_at > since,
    )
    statement = select(
        _columns.subscriber_id, func.count().label("number"), func.min(_columns.changed_at).label("first")
    )
    rows = await connection.execute(statement.where(theirs).group_by(_columns.subscriber_id))
    return {row.subscriber_id: (row.number, row.first) for row in rows}
