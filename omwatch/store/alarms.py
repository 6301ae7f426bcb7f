"""Alarms: what on-call is to be told, one row for each place to tell.

A claim is a conditional update under a lease, as for deliveries.
"""

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.alarm import Alarm
from omwatch.domain.delivery import DeliveryState
from omwatch.store.tables import alarms

_columns = alarms.c
_UNSENT = (DeliveryState.FAILED, DeliveryState.DEAD)


@dataclass(frozen=True, slots=True)
class Claimed:
    """An alarm that this process, and no other, may send to its place until its lease ends."""

    id: int
    place: str
    subject: str
    text: str
    tries: int
    """How many tries came before this one."""


@dataclass(frozen=True, slots=True)
class Sounded:
    """What operators see of one alarm on its way to one place."""

    id: int
    key: str
    place: str
    subject: str
    text: str
    raised_at: datetime
    state: DeliveryState
    tries: int
    error: str
    changed_at: datetime


async def sound(connection: AsyncConnection, alarm: Alarm, places: Sequence[str]) -> None:
    """Queue an alarm for every place of on-call; one of the same key is never queued twice."""
    rows = [
        {
            "key": alarm.key,
            "place": place,
            "subject": alarm.subject,
            "text": alarm.text,
            "raised_at": alarm.raised_at,
            "state": DeliveryState.QUEUED,
            "tries": 0,
            "next_try_at": alarm.raised_at,
            "error": "",
            "changed_at": alarm.raised_at,
        }
        for place in places
    ]
    if rows:
        await connection.execute(upsert(alarms).on_conflict_do_nothing(), rows)


async def sounded(connection: AsyncConnection, keys: Sequence[str]) -> frozenset[tuple[str, str]]:
    """Return which of these keys have been queued for which places."""
    statement = select(_columns.key, _columns.place).where(_columns.key.in_(keys))
    return frozenset((row.key, row.place) for row in await connection.execute(statement))


async def waiting(connection: AsyncConnection, now: datetime) -> frozenset[str]:
    """Return the places for which an alarm is due, or was left behind by a holder whose lease has run out."""
    return frozenset((await connection.execute(select(_columns.place).where(_due(now)).distinct())).scalars())


async def claim(
    connection: AsyncConnection, holder: str, places: Collection[str], now: datetime, lease_until: datetime
) -> list[Claimed]:
    """Take, for each of these places, the oldest alarm that is due."""
    wanted = select(func.min(_columns.id)).where(_due(now), _columns.place.in_(places)).group_by(_columns.place)
    taken = (
        update(alarms)
        .where(_columns.id.in_(wanted))
        .values(state=DeliveryState.SENDING, lease_holder=holder, lease_until=lease_until, changed_at=now)
        .returning(_columns.id, _columns.place, _columns.subject, _columns.text, _columns.tries)
    )
    rows = await connection.execute(taken)
    return [Claimed(row.id, row.place, row.subject, row.text, row.tries) for row in rows]


async def settle(
    connection: AsyncConnection,
    claimed: Claimed,
    holder: str,
    state: DeliveryState,
    now: datetime,
    error: str = "",
    next_try_at: datetime | None = None,
) -> bool:
    """Write what came of a claimed alarm; return False when the lease had passed to another holder."""
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
    return (await connection.execute(update(alarms).where(mine).values(values))).rowcount == 1


async def bury(connection: AsyncConnection, places: AbstractSet[str], error: str, now: datetime) -> int:
    """Give up what waits for these places, for this reason; return how many alarms that was."""
    waits = and_(_columns.place.in_(sorted(places)), _due(now))
    values: dict[str, Any] = {"state": DeliveryState.DEAD, "error": error, "changed_at": now}
    return (await connection.execute(update(alarms).where(waits).values(values))).rowcount


async def latest(connection: AsyncConnection, limit: int) -> list[Sounded]:
    """Return the newest alarms, newest first."""
    rows = await connection.execute(select(alarms).order_by(_columns.id.desc()).limit(limit))
    return [
        Sounded(
            row.id,
            row.key,
            row.place,
            row.subject,
            row.text,
            row.raised_at,
            row.state,
            row.tries,
            row.error,
            row.changed_at,
        )
        for row in rows
    ]


async def failed_counts(connection: AsyncConnection, since: datetime | None = None) -> dict[DeliveryState, int]:
    """Return how many alarms have not reached their place, failed (will be tried again) and dead (given up).

    Args:
        connection: a view of the store.
        since: count those alone that were raised then or later.
    """
    statement = select(_columns.state, func.count().label("number")).where(_columns.state.in_(_UNSENT))
    if since is not None:
        statement = statement.where(_columns.raised_at >= since)
    rows = await connection.execute(statement.group_by(_columns.state))
    return {row.state: row.number for row in rows}


def _due(now: datetime) -> Any:  # noqa: ANN401 - an SQL expression
    due = and_(_columns.state.in_([DeliveryState.QUEUED, DeliveryState.FAILED]), _columns.next_try_at <= now)
    return or_(due, and_(_columns.state == DeliveryState.SENDING, _columns.lease_until < now))
