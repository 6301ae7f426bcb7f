"""Switches: what operators have turned on or off for everybody."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.store.tables import switches

PAUSED = "broadcast paused"
"""While it is on, no courier claims anything."""


@dataclass(frozen=True, slots=True)
class Switch:
    """How a switch stands, and since when."""

    on: bool
    changed_at: datetime
    changed_by: str
    why: str


async def get(connection: AsyncConnection, name: str) -> Switch | None:
    """Return how a switch stands; None where nobody ever touched it."""
    row = (await connection.execute(select(switches).where(switches.c.name == name))).one_or_none()
    return Switch(row.is_on, row.changed_at, row.changed_by, row.why) if row else None


async def is_on(connection: AsyncConnection, name: str) -> bool:
    """Tell whether a switch is on; one that nobody ever touched is off."""
    statement = select(switches.c.is_on).where(switches.c.name == name)
    return bool((await connection.execute(statement)).scalar_one_or_none())


async def turn(connection: AsyncConnection, name: str, *, on: bool, operator: str, why: str, now: datetime) -> None:
    """Turn a switch on or off."""
    row = {"name": name, "is_on": on, "changed_at": now, "changed_by": operator, "why": why}
    await connection.execute(upsert(switches).values(row).on_conflict_do_update(index_elements=["name"], set_=row))
