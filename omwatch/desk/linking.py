"""Tickets and incidents: which is part of which, and whom an incident affects by that."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.desk.incidents import incident
from omwatch.desk.reported import review
from omwatch.desk.session import NotPossible, Session
from omwatch.desk.tickets import noted, still_open
from omwatch.domain.reported import counts_as_report
from omwatch.domain.suggestion import Suggestion, SuggestionKind
from omwatch.domain.ticket import Ticket, TicketNature
from omwatch.store import events, tickets


async def link(session: Session, number: int, event: int) -> Ticket:
    """Make a ticket part of an incident; its client counts as affected from then on.

    Raises:
        NotPossible: there is no such ticket or incident, it is closed, no fault, or part of an incident already.
    """
    async with session.deciding() as connection:
        before = await still_open(connection, number)
        if not before.nature.may_be_incident:
            raise NotPossible(f"ticket {number} is about {_a(before.nature)}, and only faults are part of incidents")
        if before.incident is not None:
            raise NotPossible(
                f"ticket {number} is part of incident {before.incident} already; "
                f"'omwatch ticket unlink {number}' takes it out"
            )
        await incident(connection, event)
        after = await _linked(connection, session, before, event)
        await review(connection, session)
    return after


async def unlink(session: Session, number: int, *, unaffected: bool = False) -> Ticket:
    """Take a ticket out of its incident.

    Args:
        session: who decides, and when.
        number: the ticket.
        unaffected: note that the incident does not affect the client after all; else it goes on counting as affected,
            as operators may know of that from elsewhere.

    Raises:
        NotPossible: there is no such ticket, it is closed, part of no incident, or the client has others in it.
    """
    async with session.deciding() as connection:
        before = await still_open(connection, number)
        if before.incident is None:
            raise NotPossible(f"ticket {number} is part of no incident; nothing was changed")
        await tickets.change(connection, replace(before, incident=None))
        if unaffected:
            for other in await tickets.of_incident(connection, before.incident):
                if other.client == before.client:
                    there = f"{before.client} has ticket {other.id} in incident {before.incident}, too"
                    raise NotPossible(f"{there}; unlink it first")
            await events.remove_client(connection, before.incident, await tickets.client_of(connection, number))
        after = await noted(connection, session, "unlink", before, number, unaffected=unaffected)
        await review(connection, session)
    return after


async def link_behind(connection: AsyncConnection, session: Session, suggestion: Suggestion, event: int) -> None:
    """Make the tickets behind a suggestion part of the incident that it has become, as a part of that decision."""
    if suggestion.kind is not SuggestionKind.REPORTED:
        return
    for number in sorted(suggestion.behind):
        ticket = await tickets.get(connection, number)
        if ticket is not None and counts_as_report(ticket):
            await _linked(connection, session, ticket, event)


async def _linked(connection: AsyncConnection, session: Session, before: Ticket, event: int) -> Ticket:
    await tickets.change(connection, replace(before, incident=event))
    await events.add_client(connection, event, await tickets.client_of(connection, before.id))
    return await noted(connection, session, "link", before, before.id)


def _a(nature: TicketNature) -> str:
    return f"an {nature}" if nature is TicketNature.ENHANCEMENT else f"a {nature}"
