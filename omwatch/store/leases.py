"""Leases: time-limited rights to act, each with holder, expiry and a fencing number that only grows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.store.tables import leases


@dataclass(frozen=True, slots=True)
class Lease:
    """Who may act under a name, and until when."""

    name: str
    holder: str
    process: int
    fence: int
    renewed_at: datetime
    expires_at: datetime
    notes: Mapping[str, Any]
    """What the holder tells of itself, such as missed ticks."""


async def get(connection: AsyncConnection, name: str) -> Lease | None:
    """Return the lease of that name, expired or not; None when nobody ever held it."""
    row = (await connection.execute(select(leases).where(leases.c.name == name))).one_or_none()
    if row is None:
        return None
    return Lease(row.name, row.holder, row.process, row.fence, row.renewed_at, row.expires_at, row.notes)


async def take(connection: AsyncConnection, lease: Lease) -> Lease:
    """Make a lease this holder's, whoever held it before, and return it with its new fencing number."""
    known = await get(connection, lease.name)
    taken = replace(lease, fence=(known.fence if known else 0) + 1)
    row = {**asdict(taken), "notes": dict(taken.notes)}
    await connection.execute(upsert(leases).values(row).on_conflict_do_update(index_elements=["name"], set_=row))
    return taken


async def renew(
    connection: AsyncConnection, lease: Lease, now: datetime, expires_at: datetime, notes: Mapping[str, Any]
) -> bool:
    """Prolong a lease; return False when another holder has taken it since."""
    still_mine = and_(leases.c.name == lease.name, leases.c.holder == lease.holder, leases.c.fence == lease.fence)
    values = {"renewed_at": now, "expires_at": expires_at, "notes": dict(notes)}
    result = await connection.execute(update(leases).where(still_mine).values(values))
    return result.rowcount == 1


async def release(connection: AsyncConnection, lease: Lease, now: datetime) -> None:
    """Let a lease end now, if it is still this holder's."""
    still_mine = and_(leases.c.name == lease.name, leases.c.fence == lease.fence)
    await connection.execute(update(leases).where(still_mine).values(renewed_at=now, expires_at=now))
