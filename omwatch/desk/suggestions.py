"""Deciding on suggestions: preview, confirm, dismiss."""

from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.desk.approvals import Matter, Waiting, drop, second_person
from omwatch.desk.drafting import worded
from omwatch.desk.incidents import of_draft
from omwatch.desk.linking import link_behind
from omwatch.desk.publishing import Published, add, audience_of, begin
from omwatch.desk.regrading import of_regrade, under_plan
from omwatch.desk.reported import review
from omwatch.desk.session import MAX_TITLE, NotPossible, Session, words
from omwatch.domain import plain
from omwatch.domain.approval import Approval
from omwatch.domain.deadline import About
from omwatch.domain.event import Event
from omwatch.domain.notice import Draft, draft
from omwatch.domain.safetext import clean, clean_block
from omwatch.domain.suggestion import Suggestion, SuggestionKind, SuggestionState
from omwatch.domain.wording import Wording
from omwatch.store import approvals, clients, deadlines, deliveries, events, suggestions

_WORDINGS = {
    SuggestionKind.OPEN: Wording.INCIDENT_OPENED,
    SuggestionKind.REPORTED: Wording.INCIDENT_REPORTED,
    SuggestionKind.REGRADE: Wording.INCIDENT_REGRADED,
    SuggestionKind.CONTINUITY: Wording.INCIDENT_CONTINUITY,
    SuggestionKind.RESOLVE: Wording.INCIDENT_RESOLVED,
}


@dataclass(frozen=True, slots=True)
class Preview:
    """A suggestion, the notice it proposes, and how many people would get it."""

    suggestion: Suggestion
    draft: Draft
    recipients: int
    waiting: Approval | None = None
    """Set when another operator has confirmed it, and a second person must agree."""


async def preview(session: Session, number: int) -> Preview:
    """Return what confirming an open suggestion would publish.

    Raises:
        NotPossible: there is no such suggestion, or it is not open any more.
    """
    async with session.store.reading() as connection:
        found = await _open_suggestion(connection, number)
        about = await _incident_of(connection, found)
        waiting = await approvals.waiting_for(connection, suggestion=number)
        drafted = waiting.draft if waiting else _drafted(session, found, about)
        return Preview(found, drafted, await deliveries.audience_size(connection, audience_of(drafted, about)), waiting)


async def confirm(session: Session, number: int, wanted: Draft, approval: int | None = None) -> Published | Waiting:
    """Do what an open suggestion proposes (open, regrade or resolve an incident) and queue a notice of it.

    Where the severity needs two persons, the first one's confirmation waits for the second one's.

    Args:
        session: who decides, and when.
        number: the suggestion.
        wanted: the draft as the operator left it.
        approval: the approval that the second person gives; found by the suggestion unless told.

    Raises:
        NotPossible: the suggestion is not open any more, or the draft says nothing, or of nothing.
    """
    if not clean(wanted.title) or not clean_block(wanted.text):
        raise NotPossible("a notice needs a title and a text")
    wanted = replace(wanted, title=clean(wanted.title, MAX_TITLE), text=words(wanted.text, "the text"))
    if not wanted.components:
        raise NotPossible("a notice needs at least one component")
    async with session.deciding() as connection:
        before = await _open_suggestion(connection, number)
        about = await _incident_of(connection, before)
        wanted = _up_to_date(wanted, before.kind, about)
        asked = await second_person(connection, session, Matter(wanted, number, about, approval=approval))
        if asked is not None:
            return asked
        state = SuggestionState.CONFIRMED
        await suggestions.decide(connection, number, state, session.operator.name, "", session.now)
        if about is not None and wanted.title != about.title:
            raise NotPossible(f"incident {about.id} keeps its title, {about.title!r}; nothing was changed")
        if about is None:
            event = of_draft(wanted, session.now)
            done = await begin(connection, session, event, wanted.text, number)
            await link_behind(connection, session, before, done.event)
        elif before.kind is SuggestionKind.CONTINUITY:
            done = await _under_plan(connection, session, before, about, wanted.text)
        else:
            done = await add(connection, session, about, of_regrade(session, wanted, before.reason))
        after = await events.get(connection, done.event)
        earlier = {**plain.suggestion(before), "event": plain.event(about) if about else None}
        later = {**(plain.event(after) if after else {}), "recipients": done.recipients}
        await session.note(connection, "confirm", "suggestion", number, earlier, later)
        await review(connection, session)
    return done


async def dismiss(session: Session, number: int, why: str) -> None:
    """Set an open suggestion aside; it stays quiet until its evidence is worse.

    Raises:
        NotPossible: the suggestion is not open any more, or no reason was given.
    """
    reason = clean(why)
    if not reason:
        raise NotPossible("dismissing needs a reason, for whoever has the next shift")
    async with session.deciding() as connection:
        before = await _open_suggestion(connection, number)
        state = SuggestionState.DISMISSED
        await drop(connection, session, number)
        await suggestions.decide(connection, number, state, session.operator.name, reason, session.now)
        for deadline in await deadlines.of(connection, About.SUGGESTION, number):
            await deadlines.void(connection, deadline.id, session.now)
        after = {"state": state, "why": reason}
        await session.note(connection, "dismiss", "suggestion", number, plain.suggestion(before), after)


def _drafted(session: Session, suggestion: Suggestion, about: Event | None) -> Draft:
    own = draft(suggestion, session.policy.levels, about)
    return replace(own, text=worded(session, _WORDINGS[suggestion.kind], own.text, own))


def _up_to_date(wanted: Draft, kind: SuggestionKind, about: Event | None) -> Draft:
    """Return a draft with what others may have changed about its incident since it was drafted.

    Raises:
        NotPossible: they have given it the same severity.
    """
    if about is None:
        return wanted
    if kind is SuggestionKind.RESOLVE:
        return replace(wanted, severity=about.severity, under_plan=about.under_plan)
    if wanted.severity is about.severity:
        raise NotPossible(f"incident {about.id} has severity {about.severity:d} already; nothing was changed")
    return replace(wanted, status=about.status)


async def _under_plan(
    connection: AsyncConnection, session: Session, suggestion: Suggestion, about: Event, text: str
) -> Published:
    """Regrade an outage under the plans of exactly the clients that the suggestion names."""
    theirs = await clients.affected_by(connection, about.id)
    if {client.id for client in theirs} != suggestion.behind:
        raise NotPossible(f"other clients are affected by incident {about.id} since; look at the suggestion again")
    return await under_plan(connection, session, about, [client.name for client in theirs], text)


async def _incident_of(connection: AsyncConnection, suggestion: Suggestion) -> Event | None:
    """Return the open incident that a suggestion is about; None when it proposes a new one."""
    if suggestion.incident is None:
        return None
    found = await events.get(connection, suggestion.incident)
    if found is None or not found.status.open:
        raise NotPossible(f"incident {suggestion.incident} does not go on any more; nothing was changed")
    return found


async def _open_suggestion(connection: AsyncConnection, number: int) -> Suggestion:
    found = await suggestions.get(connection, number)
    if found is None:
        raise NotPossible(f"there is no suggestion {number}; 'omwatch suggestion list' shows the open ones")
    if found.state is not SuggestionState.OPEN:
        raise NotPossible(f"suggestion {number} is {found.state} already; nothing was changed")
    return found
