"""Tickets: reported, answered, assigned, graded anew, closed, re-opened.

What operators say in them is kept in the audit log; the conversation itself is a matter of the help desk's own tool.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.desk.reported import review
from omwatch.desk.session import NotPossible, Session, line, words
from omwatch.domain import plain
from omwatch.domain.deadline import About, regraded, response
from omwatch.domain.safetext import clean, clean_block
from omwatch.domain.severity import Severity
from omwatch.domain.ticket import Ticket, TicketNature, TicketStatus, grade_refusal
from omwatch.store import clients, deadlines, tickets

_LONGEST_NAME = 60
_LONGEST_COMPONENT = 100


@dataclass(frozen=True, slots=True)
class Report:
    """What a client says."""

    client: str
    title: str
    grade: Severity | None = None
    """None where the nature says it: what is no fault is always severity 4."""
    nature: TicketNature = TicketNature.FAULT
    component: str = ""
    """What it is about, as the page calls it; empty where that is unknown."""
    text: str = ""
    reported_at: datetime | None = None
    """None: now."""


async def report(session: Session, said: Report) -> Ticket:
    """Write down what a client reports; its response is owed from the instant at which it was reported.

    Raises:
        NotPossible: there is no such client, the grade does not fit the nature, or it lies in the future.
    """
    grade = _grade(said)
    title = line(said.title, "the title")
    reported_at = session.now if said.reported_at is None else said.reported_at
    if reported_at > session.now:
        raise NotPossible(
            f"nothing can be reported in the future, at {plain.instant(reported_at)}; nothing was changed"
        )
    async with session.deciding() as connection:
        client = await clients.by_name(connection, said.client)
        if client is None:
            raise NotPossible(f"there is no client {clean(said.client)!r}; 'omwatch client list' shows them")
        ticket = Ticket(
            id=0,
            client=client.name,
            support=client.support,
            nature=said.nature,
            component=" ".join(clean(said.component, _LONGEST_COMPONENT).split()),
            grade=grade,
            title=title,
            text=clean_block(said.text),
            status=TicketStatus.WAITING,
            reported_at=reported_at,
        )
        number = await tickets.add(connection, ticket, client.id, session.operator.name)
        owed = response(About.TICKET, number, grade, reported_at, session.policy.levels)
        await deadlines.add(connection, owed)
        after = await noted(connection, session, "report", None, number)
        await review(connection, session)
    return after


async def respond(session: Session, number: int, text: str) -> Ticket:
    """Note what the client was answered; the first answer meets the response deadline.

    Raises:
        NotPossible: there is no such ticket, it is closed, or the answer is empty.
    """
    said = words(text, "the answer")
    async with session.deciding() as connection:
        before = await still_open(connection, number)
        await _meet_response(connection, session, number)
        await tickets.change(connection, replace(before, status=TicketStatus.RESPONDED))
        return await noted(connection, session, "respond", before, number, said=said)


async def assign(session: Session, number: int, name: str) -> Ticket:
    """Give a ticket to an operator; no clock is touched.

    Raises:
        NotPossible: there is no such ticket, it is closed, or nobody was named.
    """
    assignee = line(name, "the name", _LONGEST_NAME)
    async with session.deciding() as connection:
        before = await still_open(connection, number)
        await tickets.change(connection, replace(before, assignee=assignee))
        return await noted(connection, session, "assign", before, number)


async def regrade(session: Session, number: int, grade: Severity, why: str) -> Ticket:
    """Give a ticket another severity, for a reason; a response that is still owed is owed as that severity says.

    Raises:
        NotPossible: there is no such ticket, it is closed or has that severity already, the severity does not fit its
            nature, or no reason was given.
    """
    because = line(why, "the reason")
    async with session.deciding() as connection:
        before = await still_open(connection, number)
        if before.grade is grade:
            raise NotPossible(f"ticket {number} has severity {grade:d} already; nothing was changed")
        _refuse_grade(before.nature, grade)
        for owed in await deadlines.of(connection, About.TICKET, number):
            if owed.open:
                await deadlines.regrade(connection, regraded(owed, grade, session.now, session.policy.levels))
        await tickets.change(connection, replace(before, grade=grade))
        after = await noted(connection, session, "regrade", before, number, why=because)
        await review(connection, session)
    return after


async def close(session: Session, number: int, text: str) -> Ticket:
    """Close a ticket, with what the client was told; one that had no answer yet counts as answered by that.

    Raises:
        NotPossible: there is no such ticket, it is closed already, or the text is empty.
    """
    said = words(text, "the text")
    async with session.deciding() as connection:
        before = await still_open(connection, number)
        await _meet_response(connection, session, number)
        await tickets.change(connection, replace(before, status=TicketStatus.CLOSED, closed_at=session.now))
        after = await noted(connection, session, "close", before, number, said=said)
        await review(connection, session)
    return after


async def reopen(session: Session, number: int) -> Ticket:
    """Work on a closed ticket again; it has had its first answer, and no other is owed by a clock.

    Raises:
        NotPossible: there is no such ticket, or it is open.
    """
    async with session.deciding() as connection:
        before = await known(connection, number)
        if before.status.open:
            raise NotPossible(f"ticket {number} is open, it is {before.status}; nothing was changed")
        await tickets.change(connection, replace(before, status=TicketStatus.RESPONDED, closed_at=None))
        after = await noted(connection, session, "reopen", before, number)
        await review(connection, session)
    return after


async def known(connection: AsyncConnection, number: int) -> Ticket:
    """Return a ticket.

    Raises:
        NotPossible: there is none of that number.
    """
    found = await tickets.get(connection, number)
    if found is None:
        raise NotPossible(f"there is no ticket {number}; 'omwatch ticket list --all' shows them")
    return found


async def still_open(connection: AsyncConnection, number: int) -> Ticket:
    """Return a ticket that is worked on.

    Raises:
        NotPossible: there is none of that number, or it is closed.
    """
    found = await known(connection, number)
    if not found.status.open:
        raise NotPossible(f"ticket {number} is closed; 'omwatch ticket reopen {number}' opens it again")
    return found


async def noted(
    connection: AsyncConnection, session: Session, action: str, before: Ticket | None, number: int, **said: str | bool
) -> Ticket:
    """Write a decision down, with what was said in it, and return the ticket as it is now."""
    after = await known(connection, number)
    was = plain.ticket(before, session.now) if before else None
    await session.note(connection, action, "ticket", number, was, {**plain.ticket(after, session.now), **said})
    return after


async def _meet_response(connection: AsyncConnection, session: Session, number: int) -> None:
    for owed in await deadlines.of(connection, About.TICKET, number):
        await deadlines.meet(connection, owed.id, session.now)


def _grade(said: Report) -> Severity:
    if said.grade is None:
        if said.nature.may_be_incident:
            raise NotPossible("a fault needs a grade, from 1 for a system outage to 4 for no loss of service")
        return Severity.NONE
    _refuse_grade(said.nature, said.grade)
    return said.grade


def _refuse_grade(nature: TicketNature, grade: Severity) -> None:
    refusal = grade_refusal(nature, grade)
    if refusal:
        raise NotPossible(f"{refusal}; nothing was changed")
