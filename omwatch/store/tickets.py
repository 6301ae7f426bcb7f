"""Tickets: what clients report."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.deadline import About, Deadline
from omwatch.domain.ticket import Ticket, TicketNature, TicketStatus
from omwatch.store import deadlines
from omwatch.store.tables import clients, events, tickets

_columns = tickets.c
_OPEN = _columns.status.in_([status for status in TicketStatus if status.open])
_AT_ONCE = 500  # deadlines; a database takes only so many values in one statement


async def add(connection: AsyncConnection, ticket: Ticket, client: int, operator: str) -> int:
    """Write a new ticket of a client and return its number; its deadline is added on its own."""
    row = {
        "client_id": client,
        "nature": ticket.nature,
        "component": ticket.component,
        "title": ticket.title,
        "text": ticket.text,
        "reported_at": ticket.reported_at,
        "created_by": operator,
        **_what_changes(ticket),
    }
    return int((await connection.execute(insert(tickets).values(row).returning(_columns.id))).scalar_one())


async def change(connection: AsyncConnection, ticket: Ticket) -> None:
    """Write where a ticket stands: its grade, its status, who has it, and what it is part of."""
    await connection.execute(update(tickets).where(_columns.id == ticket.id).values(_what_changes(ticket)))


async def get(connection: AsyncConnection, number: int) -> Ticket | None:
    """Return one ticket, or None."""
    found = await _select(connection, _columns.id == number)
    return found[0] if found else None


async def client_of(connection: AsyncConnection, number: int) -> int:
    """Return the number of the client that a ticket is from; the ticket must be there."""
    return int((await connection.execute(select(_columns.client_id).where(_columns.id == number))).scalar_one())


async def open_ones(connection: AsyncConnection) -> list[Ticket]:
    """Return the tickets that are worked on, oldest first; :func:`omwatch.domain.ticket.queue` orders them."""
    return await _select(connection, _OPEN)


async def every(connection: AsyncConnection) -> list[Ticket]:
    """Return every ticket, oldest first."""
    return await _select(connection)


async def open_of_client(connection: AsyncConnection, client: int) -> list[Ticket]:
    """Return the open tickets of a client, oldest first."""
    return await _select(connection, and_(_OPEN, _columns.client_id == client))


async def of_incident(connection: AsyncConnection, event: int) -> list[Ticket]:
    """Return the tickets that are part of an incident, oldest first."""
    return await _select(connection, events.c.id == event)


async def reports(connection: AsyncConnection, numbers: Collection[int] = ()) -> list[Ticket]:
    """Return the open faults that name a component and are part of no incident, and those of these numbers.

    This is asked every second, so their deadlines are left out.
    """
    faults = and_(_OPEN, _columns.nature == TicketNature.FAULT, _columns.component != "", events.c.id.is_(None))
    rows = await _rows(connection, or_(faults, _columns.id.in_(sorted(numbers))))
    return [_ticket(row) for row in rows]


async def reported_between(connection: AsyncConnection, since: datetime, until: datetime) -> list[Ticket]:
    """Return the tickets that were reported in a span of time, oldest first; their deadlines are left out."""
    rows = await _rows(connection, _columns.reported_at >= since, _columns.reported_at < until)
    return [_ticket(row) for row in rows]


def _what_changes(ticket: Ticket) -> dict[str, object]:
    return {
        "grade": ticket.grade,
        "status": ticket.status,
        "assignee": ticket.assignee,
        "event_id": ticket.incident,
        "closed_at": ticket.closed_at,
    }


async def _select(connection: AsyncConnection, *conditions: Any) -> list[Ticket]:  # noqa: ANN401 - SQL expressions
    rows = await _rows(connection, *conditions)
    numbers = [row.id for row in rows]
    owed: dict[int, Deadline] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        for deadline in await deadlines.of_all(connection, About.TICKET, numbers[start : start + _AT_ONCE]):
            owed[deadline.about_id] = deadline
    return [_ticket(row, owed.get(row.id)) for row in rows]


async def _rows(connection: AsyncConnection, *conditions: Any) -> Sequence[Row[Any]]:  # noqa: ANN401 - SQL expressions
    # An incident that was undone is not there any more, and its tickets are free again.
    stands = and_(events.c.id == _columns.event_id, events.c.withdrawn_at.is_(None))
    source = tickets.join(clients, clients.c.id == _columns.client_id).outerjoin(events, stands)
    named = (clients.c.name.label("client"), clients.c.support, events.c.id.label("incident"))
    statement = select(tickets, *named).select_from(source).where(*conditions).order_by(_columns.id)
    return (await connection.execute(statement)).all()


def _ticket(row: Row[Any], response: Deadline | None = None) -> Ticket:
    return Ticket(
        id=row.id,
        client=row.client,
        support=row.support,
        nature=row.nature,
        component=row.component,
        grade=row.grade,
        title=row.title,
        text=row.text,
        status=row.status,
        reported_at=row.reported_at,
        assignee=row.assignee,
        incident=row.incident,
        response=response,
        closed_at=row.closed_at,
    )
