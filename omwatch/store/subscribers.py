"""Subscribers: addresses that get notices, and the topics they want."""

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.subscriber import USUAL_TOPICS, Subscriber, Topic
from omwatch.store.tables import subscribers, subscriptions


async def add(
    connection: AsyncConnection,
    address: str,
    operator: str,
    now: datetime,
    topics: AbstractSet[Topic] = USUAL_TOPICS,
) -> int:
    """Write a new subscriber with its topics and return its number; the address must be new."""
    row = {"address": address, "created_at": now, "created_by": operator}
    statement = insert(subscribers).values(row).returning(subscribers.c.id)
    number = int((await connection.execute(statement)).scalar_one())
    await set_topics(connection, number, topics)
    return number


async def set_topics(connection: AsyncConnection, number: int, topics: AbstractSet[Topic]) -> None:
    """Let a subscriber get these topics, and no others."""
    await connection.execute(delete(subscriptions).where(subscriptions.c.subscriber_id == number))
    rows = [{"topic": topic, "subscriber_id": number} for topic in sorted(topics)]
    if rows:
        await connection.execute(insert(subscriptions), rows)


async def by_address(connection: AsyncConnection, address: str) -> Subscriber | None:
    """Return the subscriber with this address, or None."""
    found = await _select(connection, subscribers.c.address == address)
    return found[0] if found else None


async def every(connection: AsyncConnection) -> list[Subscriber]:
    """Return every subscriber, oldest first."""
    return await _select(connection)


async def of_client(connection: AsyncConnection, client: int) -> list[Subscriber]:
    """Return the contacts of a client, oldest first."""
    return await _select(connection, subscribers.c.client_id == client)


async def set_client(connection: AsyncConnection, number: int, client: int | None) -> None:
    """Make a subscriber the contact of a client, or of none."""
    await connection.execute(update(subscribers).where(subscribers.c.id == number).values(client_id=client))


async def count(connection: AsyncConnection) -> int:
    """Return how many subscribers there are."""
    return int((await connection.execute(select(func.count()).select_from(subscribers))).scalar_one())


async def _select(connection: AsyncConnection, *conditions: Any) -> list[Subscriber]:  # noqa: ANN401 - SQL expressions
    rows = (await connection.execute(select(subscribers).where(*conditions).order_by(subscribers.c.id))).all()
    numbers = select(subscribers.c.id).where(*conditions)
    topics: dict[int, set[Topic]] = {}
    wanted = select(subscriptions).where(subscriptions.c.subscriber_id.in_(numbers))
    for row in await connection.execute(wanted):
        topics.setdefault(row.subscriber_id, set()).add(row.topic)
    return [_subscriber(row, frozenset(topics.get(row.id, ()))) for row in rows]


def _subscriber(row: Row[Any], topics: frozenset[Topic]) -> Subscriber:
    return Subscriber(row.id, row.address, row.created_at, topics)
