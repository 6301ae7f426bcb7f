"""Clients: the organisations that use the platform."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.client import Client
from omwatch.store.tables import clients, event_clients, subscribers

_columns = clients.c


async def add(connection: AsyncConnection, client: Client, operator: str) -> int:
    """Write a new client and return its number; the name must be new."""
    row = {
        "name": client.name,
        "support": client.support,
        "continuity_plan": client.continuity_plan,
        "created_at": client.created_at,
        "created_by": operator,
    }
    return int((await connection.execute(insert(clients).values(row).returning(_columns.id))).scalar_one())


async def change(connection: AsyncConnection, client: Client) -> None:
    """Overwrite what is known of a client; its contacts are changed on their own."""
    values = {"name": client.name, "support": client.support, "continuity_plan": client.continuity_plan}
    await connection.execute(update(clients).where(_columns.id == client.id).values(values))


async def by_name(connection: AsyncConnection, name: str) -> Client | None:
    """Return the client of that name, whichever case it is written in; None when there is none."""
    # The database's own lower() knows the letters of English alone.
    wanted = name.strip().casefold()
    rows = (await connection.execute(select(_columns.id, _columns.name))).all()
    numbers = [row.id for row in rows if row.name.casefold() == wanted]
    found = await _select(connection, _columns.id.in_(numbers)) if numbers else []
    return found[0] if found else None


async def of_contact(connection: AsyncConnection, address: str) -> Client | None:
    """Return the client that a subscriber is a contact of; None when it is nobody's, or no subscriber."""
    theirs = select(subscribers.c.client_id).where(subscribers.c.address == address)
    found = await _select(connection, _columns.id.in_(theirs))
    return found[0] if found else None


async def every(connection: AsyncConnection) -> list[Client]:
    """Return every client, by name."""
    return await _select(connection)


async def affected(connection: AsyncConnection, numbers: Collection[int]) -> list[Client]:
    """Return these clients, by name."""
    return await _select(connection, _columns.id.in_(sorted(numbers)))


async def affected_by(connection: AsyncConnection, event: int) -> list[Client]:
    """Return the clients that an incident affects, by name."""
    return await _select(
        connection, _columns.id.in_(select(event_clients.c.client_id).where(event_clients.c.event_id == event))
    )


async def _select(connection: AsyncConnection, *conditions: Any) -> list[Client]:  # noqa: ANN401 - SQL expressions
    rows = (await connection.execute(select(clients).where(*conditions))).all()
    contacts: dict[int, list[str]] = {}
    theirs = subscribers.c.client_id.in_(select(_columns.id).where(*conditions))
    statement = select(subscribers.c.client_id, subscribers.c.address).where(theirs).order_by(subscribers.c.id)
    for row in await connection.execute(statement) if rows else ():
        contacts.setdefault(row.client_id, []).append(row.address)
    found = [_client(row, tuple(contacts.get(row.id, ()))) for row in rows]
    return sorted(found, key=lambda client: client.name.casefold())


def _client(row: Row[Any], contacts: tuple[str, ...]) -> Client:
    created: datetime = row.created_at
    return Client(row.id, row.name, row.support, row.continuity_plan, created, contacts)
