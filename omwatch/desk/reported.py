"""Suggestions that follow from clients: written, refreshed and withdrawn as tickets, plans and incidents change.

The judge writes its own; each leaves the other's alone.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.desk.approvals import drop
from omwatch.desk.session import Session
from omwatch.domain.deadline import About
from omwatch.domain.event import Event
from omwatch.domain.proposing import Move, Proposal
from omwatch.domain.reported import Affected, by_reports, under_plans
from omwatch.domain.severity import Severity
from omwatch.domain.suggestion import Suggestion, SuggestionKind
from omwatch.store import assessments, clients, deadlines, events, suggestions, tickets


async def by_clock(session: Session) -> list[Proposal]:
    """Bring the suggestions up to the present instant and return what has changed; writes only if something has."""
    async with session.store.reading() as connection:
        moves = await _moves(connection, session)
    if not moves:
        return []
    async with session.deciding() as connection:
        return await review(connection, session)


async def review(connection: AsyncConnection, session: Session) -> list[Proposal]:
    """Bring the suggestions up to what a decision has changed, in its transaction, and return what that changes."""
    return [await _carry_out(connection, session, move) for move in await _moves(connection, session)]


async def _moves(connection: AsyncConnection, session: Session) -> list[Proposal]:
    pending = await suggestions.from_clients(connection)
    incidents = await events.open_incidents(connection)
    reported = [old for old in pending if old.kind is SuggestionKind.REPORTED]
    planned = [old for old in pending if old.kind is SuggestionKind.CONTINUITY]
    return [
        *await _by_reports(connection, session, reported, incidents),
        *await _under_plans(connection, session, planned, incidents),
    ]


async def _by_reports(
    connection: AsyncConnection, session: Session, pending: Sequence[Suggestion], incidents: Sequence[Event]
) -> list[Proposal]:
    behind = frozenset(number for old in pending for number in old.behind)
    reports = await tickets.reports(connection, behind)
    if not reports and not pending:
        return []
    taken = {component for incident in incidents for component in incident.components}
    taken |= await events.under_maintenance(connection)
    for waiting in await suggestions.open_ones(connection):
        taken |= set(waiting.components) if waiting.kind.judged else set()
    names = [state.assessment.component for state in await assessments.every(connection)]
    return by_reports(reports, pending, taken, session.policy, session.now, names)


async def _under_plans(
    connection: AsyncConnection, session: Session, pending: Sequence[Suggestion], incidents: Sequence[Event]
) -> list[Proposal]:
    outages = [incident for incident in incidents if incident.severity is Severity.OUTAGE]
    affected = [Affected(outage, tuple(await clients.affected_by(connection, outage.id))) for outage in outages]
    return under_plans(affected, pending, session.now)


async def _carry_out(connection: AsyncConnection, session: Session, proposal: Proposal) -> Proposal:
    item = proposal.suggestion
    if not item.id:
        return replace(proposal, suggestion=replace(item, id=await suggestions.add(connection, item)))
    if proposal.move is Move.SETTLE:
        await suggestions.settle(connection, item.id)
        return proposal
    if proposal.move is Move.WITHDRAW:
        await drop(connection, session, item.id)
        for deadline in await deadlines.of(connection, About.SUGGESTION, item.id):
            await deadlines.void(connection, deadline.id, session.now)
    await suggestions.change(connection, item)
    return proposal
