"""Every operator decision, one function each, used by the dashboard and the command line alike.

A decision is one transaction: the event, its update, the audit entry and one delivery per subscriber are all written,
or nothing is. Nothing is sent here; the courier sends what it finds queued.
"""

import getpass
from dataclasses import asdict, dataclass
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
        return Preview(found, draft(found, BRIEF, WorkHours()), await subscribers.count(connection))


async def confirm(
    store: Store, suggestion: int, wanted: Draft, operator: str, mail_domain: str, now: datetime
) -> Confirmed:
    """Make an open suggestion an incident and queue its first notice for every subscriber.

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
        await suggestions.decide(connection, suggestion, SuggestionState.CONFIRMED, operator, "", now)
        number = await events.add_incident(connection, incident, operator, suggestion)
        update_number = await events.add_update(connection, number, update)
        recipients = await deliveries.queue_for_everyone(connection, update_number, mail_domain, now)
        after = {**plain.incident(incident), "id": number, "recipients": recipients}
        entry = audit.Entry(now, operator, "confirm", "suggestion", suggestion, plain.suggestion(before), after)
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


async def _open_suggestion(connection: AsyncConnection, number: int) -> Suggestion:
    found = await suggestions.get(connection, number)
    if found is None:
        raise NotPossible(f"there is no suggestion {number}; 'omwatch suggestion list' shows the open ones")
    if found.state is not SuggestionState.OPEN:
        raise NotPossible(f"suggestion {number} is {found.state} already; nothing was changed")
    return found
