"""The audit log: who decided what and when, before and after. Rows are only ever added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.store.tables import audit

_columns = audit.c


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision."""

    at: datetime
    operator: str
    action: str
    noun: str
    noun_id: int
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for; None asks for nothing in particular."""

    since: datetime | None = None
    operator: str | None = None
    noun: str | None = None
    """What was decided on, such as "incident"."""
    number: int | None = None


async def note(connection: AsyncConnection, entry: Entry) -> None:
    """Add one entry, in the same transaction as the decision itself."""
    await note_all(connection, [entry])


async def note_all(connection: AsyncConnection, entries: Sequence[Entry]) -> None:
    """Add entries, in the same transaction as the decisions themselves."""
    rows = [
        {
            "at": entry.at,
            "operator": entry.operator,
            "action": entry.action,
            "noun": entry.noun,
            "noun_id": entry.noun_id,
            "before": entry.before,
            "after": entry.after,
        }
        for entry in entries
    ]
    if rows:
        await connection.execute(insert(audit), rows)


async def newest(connection: AsyncConnection) -> int:
    """Return the number of the newest entry; as long as it stays the same, nobody has decided anything."""
    return int((await connection.execute(select(func.max(_columns.id)))).scalar_one() or 0)


async def latest(connection: AsyncConnection, limit: int, wanted: Wanted | None = None) -> list[Entry]:
    """Return the newest entries, newest first; those alone that are wanted, where that is said."""
    conditions = _conditions(wanted) if wanted else []
    rows = await connection.execute(select(audit).where(*conditions).order_by(_columns.id.desc()).limit(limit))
    return [Entry(row.at, row.operator, row.action, row.noun, row.noun_id, row.before, row.after) for row in rows]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    asked = {
        _columns.operator: wanted.operator,
        _columns.noun: wanted.noun,
        _columns.noun_id: wanted.number,
    }
    found = [column == value for column, value in asked.items() if value is not None]
    return found if wanted.since is None else [*found, _columns.at >= wanted.since]
