"""Deadlines: what is owed by when, what was kept, and what was not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.deadline import About, Deadline
from omwatch.store.tables import clients, deadlines, events, suggestions, tickets

_columns = deadlines.c
_OPEN = and_(_columns.met_at.is_(None), _columns.void_at.is_(None))
_ENDED_LATE = or_(_columns.met_at > _columns.due_at, _columns.void_at > _columns.due_at)


async def add(connection: AsyncConnection, deadline: Deadline, begun_by: int | None = None) -> int:
    """Write a new deadline and return its number; ``begun_by`` is the update that it follows from."""
    row = {
        "duty": deadline.duty,
        "about": deadline.about,
        "about_id": deadline.about_id,
        "severity": deadline.severity,
        "since": deadline.since,
        "due_at": deadline.due_at,
        "met_at": deadline.met_at,
        "begun_by": begun_by,
    }
    return int((await connection.execute(insert(deadlines).values(row).returning(_columns.id))).scalar_one())


async def get(connection: AsyncConnection, number: int) -> Deadline | None:
    """Return one deadline, or None."""
    found = await _select(connection, _columns.id == number)
    return found[0] if found else None


async def open_ones(connection: AsyncConnection) -> list[Deadline]:
    """Return all that is owed now, the earliest first."""
    return await _select(connection, _OPEN)


async def of(connection: AsyncConnection, about: About, number: int) -> list[Deadline]:
    """Return every deadline of one suggestion, incident or ticket, the earliest first."""
    return await _select(connection, and_(_columns.about == about, _columns.about_id == number))


async def of_all(connection: AsyncConnection, about: About, numbers: Sequence[int]) -> list[Deadline]:
    """Return every deadline of several, the earliest first."""
    return await _select(connection, and_(_columns.about == about, _columns.about_id.in_(numbers)))


async def due_between(connection: AsyncConnection, since: datetime, until: datetime) -> list[Deadline]:
    """Return the deadlines whose end lies in a span of time, the earliest first; those void before it are left out."""
    within = and_(_columns.due_at >= since, _columns.due_at < until)
    return await _select(connection, and_(within, or_(_columns.void_at.is_(None), _ENDED_LATE)))


async def meet(connection: AsyncConnection, number: int, at: datetime, met_by: int | None = None) -> None:
    """Note that an open deadline was met, by that update if by one; whether in time follows from the instant."""
    mine = and_(_columns.id == number, _OPEN)
    await connection.execute(update(deadlines).where(mine).values(met_at=at, met_by=met_by))


async def void(connection: AsyncConnection, number: int, at: datetime) -> None:
    """Note that an open deadline is not owed any more."""
    await connection.execute(update(deadlines).where(_columns.id == number, _OPEN).values(void_at=at))


async def regrade(connection: AsyncConnection, deadline: Deadline) -> None:
    """Write the severity and the end that an open deadline has now."""
    values = {"severity": deadline.severity, "due_at": deadline.due_at}
    await connection.execute(update(deadlines).where(_columns.id == deadline.id, _OPEN).values(values))


async def snooze(connection: AsyncConnection, number: int, until: datetime) -> None:
    """Keep on-call from being reminded of a deadline for a while."""
    await connection.execute(update(deadlines).where(_columns.id == number, _OPEN).values(snoozed_until=until))


async def unrecorded_breaches(connection: AsyncConnection, now: datetime) -> list[Deadline]:
    """Return the deadlines that ended before now unkept, and whose breach is not written down yet.

    One that a held notice will meet too late is none of them before its end: the notice may still be taken back.
    """
    over = and_(_columns.due_at < now, _columns.breached_at.is_(None))
    # Each half has an index of its own, so that a look once a second does not read what was kept years ago.
    return [found for half in (_OPEN, _ENDED_LATE) for found in await _select(connection, and_(half, over))]


async def record_breach(connection: AsyncConnection, number: int, now: datetime) -> None:
    """Note that a breach has been written down."""
    await connection.execute(update(deadlines).where(_columns.id == number).values(breached_at=now))


async def undo(connection: AsyncConnection, update_id: int) -> None:
    """Take back what an update did: what it began is gone, what it met is owed again.

    A breach that is written down was one: it was recorded after its end, and nothing can keep it any more.
    """
    await connection.execute(delete(deadlines).where(_columns.begun_by == update_id))
    met = _columns.met_by == update_id
    await connection.execute(update(deadlines).where(met).values(met_at=None, met_by=None))


async def titles(connection: AsyncConnection, owed: Sequence[Deadline]) -> dict[tuple[About, int], str]:
    """Return what deadlines are owed for, by name: an incident's title, components, or a ticket's title and client."""
    wanted = {about: {item.about_id for item in owed if item.about is about} for about in About}
    statements = {
        About.INCIDENT: select(events.c.id, events.c.title),
        About.SUGGESTION: select(suggestions.c.id, suggestions.c.evidence),
        About.TICKET: select(tickets.c.id, tickets.c.title, clients.c.name).join(clients),
    }
    found: dict[tuple[About, int], str] = {}
    for about, statement in statements.items():
        if wanted[about]:
            number = statement.selected_columns.id
            for row in await connection.execute(statement.where(number.in_(wanted[about]))):
                found[about, row.id] = _title(about, row)
    return found


def _title(about: About, row: Row[Any]) -> str:
    if about is About.INCIDENT:
        return str(row.title)
    if about is About.SUGGESTION:
        return ", ".join(item["component"] for item in row.evidence)
    return f"{row.title} ({row.name})"


async def _select(connection: AsyncConnection, condition: Any) -> list[Deadline]:  # noqa: ANN401 - an SQL expression
    rows = await connection.execute(select(deadlines).where(condition).order_by(_columns.due_at, _columns.id))
    return [_deadline(row) for row in rows]


def _deadline(row: Row[Any]) -> Deadline:
    return Deadline(
        id=row.id,
        duty=row.duty,
        about=row.about,
        about_id=row.about_id,
        severity=row.severity,
        since=row.since,
        due_at=row.due_at,
        met_at=row.met_at,
        void_at=row.void_at,
        snoozed_until=row.snoozed_until,
    )
