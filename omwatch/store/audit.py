"""The audit log: who decided what and when, before and after. Rows are only ever added."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.store.tables import audit


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


async def note(connection: AsyncConnection, entry: Entry) -> None:
    """Add one entry, in the same transaction as the decision itself."""
    row = {
        "at": entry.at,
        "operator": entry.operator,
        "action": entry.action,
        "noun": entry.noun,
        "noun_id": entry.noun_id,
        "before": entry.before,
        "after": entry.after,
    }
    await connection.execute(insert(audit).values(row))


async def latest(connection: AsyncConnection, limit: int) -> list[Entry]:
    """Return the newest entries, newest first."""
    rows = await connection.execute(select(audit).order_by(audit.c.id.desc()).limit(limit))
    return [Entry(row.at, row.operator, row.action, row.noun, row.noun_id, row.before, row.after) for row in rows]
