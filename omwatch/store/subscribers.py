"""Subscribers: addresses that get notices."""

from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.subscriber import Subscriber
from omwatch.store.tables import subscribers


async def add(connection: AsyncConnection, address: str, operator: str, now: datetime) -> int:
    """Write a new subscriber and return its number; the address must be new."""
    row = {"address": address, "created_at": now, "created_by": operator}
    return int((await connection.execute(insert(subscribers).values(row).returning(subscribers.c.id))).scalar_one())


async def by_address(connection: AsyncConnection, address: str) -> Subscriber | None:
    """Return the subscriber with this address, or None."""
    row = (await connection.execute(select(subscribers).where(subscribers.c.address == address))).one_or_none()
    return Subscriber(row.id, row.address, row.created_at) if row else None


async def every(connection: AsyncConnection) -> list[Subscriber]:
    """Return every subscriber, oldest first."""
    rows = await connection.execute(select(subscribers).order_by(subscribers.c.id))
    return [Subscriber(row.id, row.address, row.created_at) for row in rows]


async def count(connection: AsyncConnection) -> int:
    """Return how many subscribers a notice would reach now."""
    return int((await connection.execute(select(func.count()).select_from(subscribers))).scalar_one())
