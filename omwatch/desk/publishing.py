"""Putting events and updates on the page and into the outbox, and taking one back while it is held."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.desk.approvals import let_go
from omwatch.desk.rehearsing import Rehearsal, Rehearsed
from omwatch.desk.session import NotPossible, Session
from omwatch.domain import plain
from omwatch.domain.deadline import About, next_update, response
from omwatch.domain.event import Event, EventKind, EventStatus, Present, Update, present, refusal
from omwatch.domain.notice import Draft
from omwatch.domain.severity import Severity
from omwatch.domain.subscriber import Audience, Topic
from omwatch.store import deadlines, deliveries, events, series, suggestions

_ENDS = frozenset({EventStatus.RESOLVED, EventStatus.COMPLETED, EventStatus.CANCELLED})


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
        NotPossible: it has left already, is not the last of its event, or came with another one.
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
        for date in await _dates_with(connection, event):
            await _take_back(connection, session, date)
        left = await _take_back(connection, session, event)
    return left or event


async def _dates_with(connection: AsyncConnection, event: Event) -> list[Event]:
    """Return the dates of its series that were scheduled with the last update of an event.

    Raises:
        NotPossible: that update is itself a date that came with another one, or more was said of what came with it.
    """
    if event.maintenance is None or event.maintenance.series is None:
        return []
    last = event.updates[-1]
    others = [item for item in await events.of_series(connection, event.maintenance.series) if item.id != event.id]
    if len(event.updates) == 1:
        # One decision is one instant; without this date, nothing would bring the ones after it.
        brought_by = next((item.id for other in others for item in other.updates if item.at == last.at), None)
        if brought_by is not None:
            raise NotPossible(f"update {last.id} came with update {brought_by}, the date before it; undo that one")
        return []
    dates = [item for item in others if item.updates[0].at == last.at]
    for date in dates:
        if len(date.updates) > 1:
            later = f"maintenance {date.id} came with update {last.id}, and more was said of it since"
            raise NotPossible(f"{later}; undo update {date.updates[-1].id} first")
    return dates


async def _take_back(connection: AsyncConnection, session: Session, event: Event) -> Event | None:
    """Take back the last update of an event, and return what is left of it."""
    last, rest = event.updates[-1], event.updates[:-1]
    if not await deliveries.cancel(connection, last.id):
        # This decision has waited for the store, and a courier was quicker.
        raise NotPossible(f"update {last.id} has left already; correct it with another update")
    await deadlines.undo(connection, last.id)
    await events.withdraw_update(connection, last.id, session.now)
    if rest:
        await events.keep(connection, event.id, present(rest))
    else:
        await _take_back_beginning(connection, session, event)
    await _take_back_series(connection, session, event)
    left = await events.get(connection, event.id)
    after = plain.event(left) if left else None
    await session.note(connection, "undo", event.kind, event.id, plain.event(event), after)
    return left


async def _take_back_series(connection: AsyncConnection, session: Session, event: Event) -> None:
    """Let a series go on that was ended with the last update of an event, and end one that was begun with it."""
    number = event.maintenance.series if event.maintenance else None
    found = None if number is None else await series.get(connection, number)
    if found is None:
        return
    decided_at = event.updates[-1].at
    before = {"ended_at": plain.instant(found.ended_at)}
    if found.ended_at == decided_at:
        await series.resume(connection, found.id)
        await session.note(connection, "resume", "series", found.id, before, {"ended_at": None})
    elif len(event.updates) == 1 and found.created_at == decided_at:
        await series.end(connection, found.id, session.now)
        await session.note(connection, "end", "series", found.id, before, {"ended_at": plain.instant(session.now)})


async def _take_back_beginning(connection: AsyncConnection, session: Session, event: Event) -> None:
    suggestion = await events.suggestion_of(connection, event.id)
    await events.withdraw(connection, event.id, session.now)
    await let_go(connection, session, event.id)
    if suggestion is not None:
        await suggestions.reopen(connection, suggestion)


async def _publish(connection: AsyncConnection, session: Session, event: Event, update: Update) -> Published:
    # What the clock says is not held, and must not be read before what it follows from.
    leaves_at = max([session.leaves_at, *(item.publish_at for item in event.updates if item.publish_at)])
    number = await events.add_update(connection, event.id, replace(update, publish_at=leaves_at))
    now = present([*event.updates, update])
    await events.keep(connection, event.id, now)
    domain = session.policy.mail_domain
    recipients = await deliveries.queue(connection, number, audience(event, now), domain, session.now, leaves_at)
    if event.kind is EventKind.INCIDENT:
        await _keep_deadlines(connection, session, event, number, now.severity)
        await _owe_next_update(connection, session, event.id, number, update.status, now.severity)
        if now.severity is not event.severity or not now.status.open:
            await let_go(connection, session, event.id)
    if session.rehearsing:
        raise Rehearsed(await _reached(connection, event.id, number, recipients))
    return Published(event.id, number, recipients, leaves_at)


def audience(event: Event, now: Present) -> Audience:
    """Return whom a notice is for that brings an event there."""
    return Audience(event.id, Topic(event.kind), now.severity, frozenset(now.components), now.status in _ENDS)


def audience_of(draft: Draft, incident: Event | None) -> Audience:
    """Return whom a drafted notice is for."""
    number, components = (incident.id, set(incident.components)) if incident else (0, set())
    ends = draft.status is EventStatus.RESOLVED
    return Audience(number, Topic.INCIDENT, draft.severity, frozenset({*components, *draft.components}), ends)


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
