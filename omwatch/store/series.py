"""Recurring maintenance: what each of its dates is made of."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.event import EventStatus
from omwatch.domain.maintenance import Series
from omwatch.store.tables import events
from omwatch.store.tables import series as table

_columns = table.c


async def add(connection: AsyncConnection, series: Series, operator: str) -> int:
    """Write a new series and return its number; its dates are added on their own."""
    row = {
        "title": series.title,
        "text": series.text,
        "components": list(series.components),
        "kind": series.kind,
        "by_clock": series.by_clock,
        "remind_before": [int(before.total_seconds()) for before in series.remind_before],
        "rule": series.rule,
        "zone": series.zone,
        "starts_at": series.starts_at,
        "duration_seconds": int(series.duration.total_seconds()),
        "created_at": series.created_at,
        "created_by": operator,
    }
    return int((await connection.execute(insert(table).values(row).returning(_columns.id))).scalar_one())


async def get(connection: AsyncConnection, number: int) -> Series | None:
    """Return one series, or None."""
    row = (await connection.execute(select(table).where(_columns.id == number))).one_or_none()
    return None if row is None else _series(row)


async def rules(connection: AsyncConnection) -> dict[int, str]:
    """Return the rules of the series that have not ended, by their numbers."""
    statement = select(_columns.id, _columns.rule).where(_columns.ended_at.is_(None))
    return {row.id: row.rule for row in await connection.execute(statement)}


async def end(connection: AsyncConnection, number: int, now: datetime) -> None:
    """Note that a series has no more dates; one that has ended keeps its end."""
    mine = update(table).where(_columns.id == number, _columns.ended_at.is_(None))
    await connection.execute(mine.values(ended_at=now))


async def resume(connection: AsyncConnection, number: int) -> None:
    """Take the end of a series back; dates follow again."""
    await connection.execute(update(table).where(_columns.id == number).values(ended_at=None))


async def goes_on(connection: AsyncConnection, number: int, now: datetime) -> bool:
    """Tell whether a date of a series is scheduled whose window is not over."""
    statement = select(events.c.id).where(
        events.c.series_id == number,
        events.c.status == EventStatus.SCHEDULED,
        events.c.ends_at > now,
        events.c.withdrawn_at.is_(None),
    )
    return (await connection.execute(statement.limit(1))).first() is not None


def _series(row: Row[Any]) -> Series:
    return Series(
        id=row.id,
        title=row.title,
        text=row.text,
        components=tuple(row.components),
        kind=row.kind,
        by_clock=row.by_clock,
        remind_before=tuple(timedelta(seconds=seconds) for seconds in row.remind_before),
        rule=row.rule,
        zone=row.zone,
        starts_at=row.starts_at,
        duration=timedelta(seconds=row.duration_seconds),
        created_at=row.created_at,
        ended_at=row.ended_at,
    )
