"""Every operator decision, one function each, used by the dashboard and the command line alike.

A decision is one transaction: the event, its update, the audit entry and one delivery per subscriber are all written,
or nothing is. Nothing is sent here; the courier sends what it finds queued.
"""

import getpass
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain import plain
from omwatch.domain.event import Incident, Update
from omwatch.domain.notice import Draft, draft
from omwatch.domain.safetext import clean, clean_block
from omwatch.domain.sla import BRIEF, WorkHours
from omwatch.domain.subscriber import Subscriber, email_address
from omwatch.domain.suggestion import Suggestion, SuggestionState
from omwatch.store import Store, audit, deliveries, events, subscribers, suggestions

MAX_TITLE = 200


class NotPossible(Exception):
    """The decision does not fit what is there now; the message says why, and nothing was changed."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What confirming a suggestion has set going."""

    incident: int
    update: int
    recipients: int


@dataclass(frozen=True, slots=True)
class Preview:
    """A suggestion, the notice it proposes, and how many people would get it."""

    suggestion: Suggestion
    draft: Draft
    recipients: int


def operator_name() -> str:
    """Return who acts: the name of the operating system's user."""
    return clean(getpass.getuser())


async def preview(store: Store, suggestion: int) -> Preview:
    """Return what confirming an open suggestion would publish.

    Raises:
        NotPossible: there is no such suggestion, or it is not open any more.
    """
    async with store.reading() as connection:
        found = await _open_suggestion(connection, suggestion)
        about = await _incident_of(connection, found)
        return Preview(found, draft(found, BRIEF, WorkHours(), about), await subscribers.count(connection))


async def confirm(
    store: Store, suggestion: int, wanted: Draft, operator: str, mail_domain: str, now: datetime
) -> Confirmed:
    """Do what an open suggestion proposes (open, regrade or resolve an incident) and queue a notice of it for everyone.

    Args:
        store: where it is written.
        suggestion: its number.
        wanted: the draft as the operator left it.
        operator: who decides.
        mail_domain: the domain of the Message-IDs.
        now: aware UTC.

    Raises:
        NotPossible: the suggestion is not open any more, or the draft says nothing, or of nothing.
    """
    title, text = clean(wanted.title, MAX_TITLE), clean_block(wanted.text)
    if not title or not text:
        raise NotPossible("a notice needs a title and a text")
    if not wanted.components:
        raise NotPossible("a notice needs at least one component")
    update = Update(0, wanted.status, text, operator, now)
    incident = Incident(
        0, title, wanted.severity, wanted.status, dict(wanted.components), wanted.started_at, now, (update,)
    )
    async with store.writing() as connection:
        before = await _open_suggestion(connection, suggestion)
        about = await _incident_of(connection, before)
        await suggestions.decide(connection, suggestion, SuggestionState.CONFIRMED, operator, "", now)
        if about is None:
            number = await events.add_incident(connection, incident, operator, suggestion)
        else:
            number = about.id
            await events.regrade(connection, number, wanted.severity, wanted.components)
            await events.set_status(connection, number, wanted.status)
        update_number = await events.add_update(connection, number, update)
        recipients = await deliveries.queue_for_everyone(connection, update_number, mail_domain, now)
        entry = _confirmation(before, about, replace(incident, id=number), recipients, operator, now)
        await audit.note(connection, entry)
    return Confirmed(number, update_number, recipients)


async def dismiss(store: Store, suggestion: int, why: str, operator: str, now: datetime) -> None:
    """Set an open suggestion aside; it stays quiet until its evidence is worse.

    Raises:
        NotPossible: the suggestion is not open any more, or no reason was given.
    """
    reason = clean(why)
    if not reason:
        raise NotPossible("dismissing needs a reason, for whoever has the next shift")
    async with store.writing() as connection:
        before = await _open_suggestion(connection, suggestion)
        await suggestions.decide(connection, suggestion, SuggestionState.DISMISSED, operator, reason, now)
        after = {"state": SuggestionState.DISMISSED, "why": reason}
        entry = audit.Entry(now, operator, "dismiss", "suggestion", suggestion, plain.suggestion(before), after)
        await audit.note(connection, entry)


async def add_subscriber(store: Store, address: str, operator: str, now: datetime) -> tuple[Subscriber, bool]:
    """Add an e-mail subscriber; return it and whether it is new (an address that is known already stays as it is).

    Raises:
        NotPossible: it is not an e-mail address.
    """
    try:
        mailbox = email_address(address)
    except ValueError as error:
        raise NotPossible(f"{clean(address)!r}: {error}") from None
    async with store.writing() as connection:
        known = await subscribers.by_address(connection, mailbox)
        if known is not None:
            return known, False
        number = await subscribers.add(connection, mailbox, operator, now)
        added = Subscriber(number, mailbox, now)
        after = {**asdict(added), "created_at": plain.instant(now)}
        await audit.note(connection, audit.Entry(now, operator, "add", "subscriber", number, None, after))
    return added, True


def _confirmation(
    before: Suggestion, about: Incident | None, after: Incident, recipients: int, operator: str, now: datetime
) -> audit.Entry:
    earlier = {**plain.suggestion(before), "incident": plain.incident(about) if about else None}
    later = {**plain.incident(after), "recipients": recipients}
    return audit.Entry(now, operator, "confirm", "suggestion", before.id, earlier, later)


async def _incident_of(connection: AsyncConnection, suggestion: Suggestion) -> Incident | None:
    """Return the open incident that a suggestion is about; None when it proposes a new one."""
    if suggestion.incident is None:
        return None
    found = await events.incident(connection, suggestion.incident)
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
