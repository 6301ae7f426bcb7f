"""Putting events and updates on the page and into the outbox, and taking one back while it is held."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.desk.approvals import let_go
from omwatch.desk.rehearsing import Rehearsal, Rehearsed
from omwatch.desk.session import NotPossible, Session
from omwatch.domain import plain
from omwatch.domain.deadline import About, next_update, response
from omwatch.domain.event import Event, EventKind, EventStatus, Update, present, refusal
from omwatch.domain.severity import Severity
from omwatch.domain.subscriber import Topic
from omwatch.store import deadlines, deliveries, events, suggestions


@dataclass(frozen=True, slots=True)
class Published:
    """What a decision has set going."""

    event: int
    update: int
    recipients: int
    leaves_at: datetime
    """When the notices leave; later than now while they are held for an undo."""


async def begin(
    connection: AsyncConnection, session: Session, event: Event, text: str, suggestion: int | None = None
) -> Published:
    """Put a new event on the page, with its first update, and queue a notice of it.

    Raises:
        NotPossible: an event of its kind does not begin with that status.
    """
    _refuse(event.kind, None, event.status, f"{event.kind}")
    number = await events.add(connection, event, session.operator.name, suggestion)
    first = Update(
        id=0,
        status=event.status,
        text=text,
        author=session.operator.name,
        at=session.now,
        severity=event.severity,
        components=event.components,
        window=event.window,
    )
    return await _publish(connection, session, replace(event, id=number, updates=()), first)


async def add(connection: AsyncConnection, session: Session, event: Event, update: Update) -> Published:
    """Add an update to an event, bring the event there, and queue a notice of it.

    Raises:
        NotPossible: the event cannot become that.
    """
    _refuse(event.kind, event.status, update.status, f"{event.kind} {event.id}")
    return await _publish(connection, session, event, update)


async def undo(session: Session, update: int) -> Event:
    """Take back an update whose notices are still held, with all that it did.

    Return its event as it is now, or as it was where it began with that update and so has gone.

    Raises:
        NotPossible: it has left already, or is not the last of its event.
    """
    async with session.deciding() as connection:
        found = await events.of_update(connection, update)
        if found is None:
            raise NotPossible(f"there is no update {update}; nothing was changed")
        event, held = found
        if (held.publish_at or held.at) <= session.now:
            raise NotPossible(f"update {update} has left already; correct it with another update")
        if event.updates[-1].id != update:
            raise NotPossible(f"update {update} is not the last of {event.kind} {event.id}; undo the later ones first")
        await deliveries.cancel(connection, update)
        await deadlines.undo(connection, update)
        await events.withdraw_update(connection, update, session.now)
        rest = event.updates[:-1]
        if rest:
            await events.keep(connection, event.id, present(rest))
        else:
            await _take_back_beginning(connection, session, event)
        left = await events.get(connection, event.id)
        after = plain.event(left) if left else None
        await session.note(connection, "undo", event.kind, event.id, plain.event(event), after)
    return left or event


async def _take_back_beginning(connection: AsyncConnection, session: Session, event: Event) -> None:
    suggestion = await events.suggestion_of(connection, event.id)
    await events.withdraw(connection, event.id, session.now)
    await let_go(connection, session, event.id)
    if suggestion is not None:
        await suggestions.reopen(connection, suggestion)


async def _publish(connection: AsyncConnection, session: Session, event: Event, update: Update) -> Published:
    leaves_at = session.leaves_at
    number = await events.add_update(connection, event.id, replace(update, publish_at=leaves_at))
    now = present([*event.updates, update])
    await events.keep(connection, event.id, now)
    recipients = await deliveries.queue(
        connection, number, Topic(event.kind), session.policy.mail_domain, session.now, leaves_at
    )
    if event.kind is EventKind.INCIDENT:
        await _keep_deadlines(connection, session, event, number, now.severity)
        await _owe_next_update(connection, session, event.id, number, update.status, now.severity)
        if now.severity is not event.severity or not now.status.open:
            await let_go(connection, session, event.id)
    if session.rehearsing:
        raise Rehearsed(await _reached(connection, event.id, number, recipients))
    return Published(event.id, number, recipients, leaves_at)


async def _reached(connection: AsyncConnection, event: int, update: int, recipients: int) -> Rehearsal:
    found = await events.of_update(connection, update)
    if found is None:
        raise RuntimeError(f"update {update} of event {event} was just written, and is not there")
    return Rehearsal(*found, recipients)


async def _keep_deadlines(
    connection: AsyncConnection, session: Session, event: Event, update: int, severity: Severity
) -> None:
    """Meet what was owed: the response, by the first update; the next update, by each later one."""
    if not event.updates:
        suggestion = await events.suggestion_of(connection, event.id)
        about, number = (About.INCIDENT, event.id) if suggestion is None else (About.SUGGESTION, suggestion)
        if not await deadlines.of(connection, about, number):
            since = await _known_since(connection, session, suggestion)
            owed = response(about, number, severity, since, session.policy.levels)
            # After an undo, the suggestion waits for its response again; an incident opened by hand never was.
            await deadlines.add(connection, owed, begun_by=update if suggestion is None else None)
        for deadline in await deadlines.of(connection, about, number):
            await deadlines.meet(connection, deadline.id, session.leaves_at, update)
    for deadline in await deadlines.of(connection, About.INCIDENT, event.id):
        if deadline.open:
            await deadlines.meet(connection, deadline.id, session.leaves_at, update)


async def _known_since(connection: AsyncConnection, session: Session, suggestion: int | None) -> datetime:
    found = None if suggestion is None else await suggestions.get(connection, suggestion)
    return found.opened_at if found else session.now


async def _owe_next_update(
    connection: AsyncConnection, session: Session, event: int, update: int, status: EventStatus, severity: Severity
) -> None:
    owed = next_update(event, severity, session.leaves_at, session.policy.levels) if status.open else None
    if owed:
        await deadlines.add(connection, owed, begun_by=update)


def _refuse(kind: EventKind, before: EventStatus | None, wanted: EventStatus, what: str) -> None:
    why_not = refusal(kind, before, wanted)
    if why_not:
        raise NotPossible(f"{what}: {why_not}; nothing was changed")
