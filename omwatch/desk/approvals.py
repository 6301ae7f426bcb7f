"""The second person: what must be agreed to by another operator waits here until it is."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.desk.session import NotPossible, Session, line
from omwatch.domain import plain
from omwatch.domain.approval import Approval, ApprovalState
from omwatch.domain.event import Event
from omwatch.domain.notice import Draft
from omwatch.store import approvals

_VERBS = {ApprovalState.GIVEN: "give", ApprovalState.REFUSED: "refuse", ApprovalState.VOID: "void"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A decision that waits for a second person."""

    approval: int
    draft: Draft


@dataclass(frozen=True, slots=True)
class Matter:
    """What an approval is about."""

    draft: Draft
    suggestion: int | None = None
    incident: Event | None = None
    """The incident that would be regraded."""
    reason: str = ""
    clients: tuple[str, ...] = ()
    """The names of the clients that an incident affects which would be opened."""
    approval: int | None = None
    """The approval that the second person gives; found by suggestion or incident unless told."""


async def second_person(connection: AsyncConnection, session: Session, matter: Matter) -> Waiting | None:
    """Return what the decision now waits for; None when it may go ahead, be it by this second person.

    Raises:
        NotPossible: this operator has asked already, and somebody else must agree; or what waits is about another
            severity.
    """
    asked = await _asked(connection, matter)
    if matter.approval is None and not _needed(session, matter):
        if asked is not None:
            await _close(connection, session, asked, ApprovalState.VOID)
        return None
    if asked is None:
        return None if session.rehearsing else await _ask(connection, session, matter)
    if asked.asked_by == session.operator.name:
        raise NotPossible(
            f"approval {asked.id} is yours; another operator must agree with 'omwatch approval give {asked.id}', "
            f"or you take it back with 'omwatch approval refuse {asked.id}'"
        )
    if asked.draft.severity is not matter.draft.severity:
        raise NotPossible(
            f"approval {asked.id} waits about this for severity {asked.draft.severity:d}, not "
            f"{matter.draft.severity:d}; give or refuse it first; nothing was changed"
        )
    await _close(connection, session, asked, ApprovalState.GIVEN)
    return None


async def refuse(session: Session, number: int, why: str) -> None:
    """Refuse what waits for a second person, or take back what oneself has asked.

    Raises:
        NotPossible: nothing of that number waits, or no reason was given.
    """
    reason = line(why, "the reason")
    async with session.deciding() as connection:
        asked = await waiting(connection, number)
        await _close(connection, session, asked, ApprovalState.REFUSED, reason)


async def waiting(connection: AsyncConnection, number: int) -> Approval:
    """Return what waits under a number.

    Raises:
        NotPossible: nothing does.
    """
    found = await approvals.get(connection, number)
    if found is None:
        raise NotPossible(f"there is no approval {number}; 'omwatch approval list' shows those that wait")
    if found.state is not ApprovalState.WAITING:
        raise NotPossible(f"approval {number} is {found.state} already; nothing was changed")
    return found


async def drop(connection: AsyncConnection, session: Session, suggestion: int) -> None:
    """Let what waits for a suggestion go, which is about to go itself; once it has, nothing waits for it any more."""
    found = await approvals.waiting_for(connection, suggestion=suggestion)
    if found:
        await _close(connection, session, found, ApprovalState.VOID)


async def let_go(connection: AsyncConnection, session: Session, incident: int) -> None:
    """Let what waits about an incident go, for it has another severity now, is over, or was taken back."""
    for found in await approvals.open_ones(connection):
        if found.event == incident:
            await _close(connection, session, found, ApprovalState.VOID)


def _needed(session: Session, matter: Matter) -> bool:
    same = matter.incident is not None and matter.incident.severity is matter.draft.severity
    return not same and matter.draft.severity in session.policy.two_person


async def _asked(connection: AsyncConnection, matter: Matter) -> Approval | None:
    if matter.approval is not None:
        return await waiting(connection, matter.approval)
    found = None
    if matter.suggestion is not None:
        found = await approvals.waiting_for(connection, suggestion=matter.suggestion)
    if found is None and matter.incident is not None:
        # Somebody may have asked for the same by hand.
        found = await approvals.waiting_for(connection, event=matter.incident.id)
    return found


async def _ask(connection: AsyncConnection, session: Session, matter: Matter) -> Waiting:
    approval = Approval(
        id=0,
        state=ApprovalState.WAITING,
        draft=matter.draft,
        asked_by=session.operator.name,
        asked_at=session.now,
        suggestion=matter.suggestion,
        event=matter.incident.id if matter.incident else None,
        reason=matter.reason,
        clients=matter.clients,
    )
    number = await approvals.add(connection, approval)
    await session.note(connection, "ask", "approval", number, None, plain.draft(matter.draft))
    return Waiting(number, matter.draft)


async def _close(
    connection: AsyncConnection, session: Session, approval: Approval, state: ApprovalState, why: str = ""
) -> None:
    await approvals.decide(connection, approval.id, state, session.operator.name, session.now)
    before = {"state": approval.state, "asked_by": approval.asked_by, **plain.draft(approval.draft)}
    after = {**before, "state": state, **({"why": why} if why else {})}
    await session.note(connection, _VERBS[state], "approval", approval.id, before, after)
