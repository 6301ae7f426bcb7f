"""Incidents by hand: opened, updated, regraded, resolved, re-opened, explained afterwards, and told of long after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.desk.approvals import Matter, Waiting, second_person
from omwatch.desk.components import alike, spelled
from omwatch.desk.drafting import worded
from omwatch.desk.publishing import Published, add, begin
from omwatch.desk.reported import review
from omwatch.desk.session import NotPossible, Session, line, words
from omwatch.domain import plain
from omwatch.domain.client import Client
from omwatch.domain.event import Event, EventKind, EventStatus, Update, present, refusal
from omwatch.domain.notice import Draft, resolved_text
from omwatch.domain.role import Role
from omwatch.domain.safetext import clean
from omwatch.domain.severity import ComponentStatus
from omwatch.domain.wording import Wording
from omwatch.store import clients, events


@dataclass(frozen=True, slots=True)
class Statement:
    """What an operator says of an incident that goes on."""

    text: str
    status: EventStatus | None = None
    """None: it stays."""
    components: Mapping[str, ComponentStatus] | None = None
    """The components whose status changes; None where none does."""


def of_draft(draft: Draft, now: datetime) -> Event:
    """Return the incident that a draft would open."""
    return Event(
        id=0,
        kind=EventKind.INCIDENT,
        title=draft.title,
        severity=draft.severity,
        status=draft.status,
        components=dict(draft.components),
        started_at=min(draft.started_at, now),
        created_at=now,
    )


async def open_(
    session: Session, draft: Draft, approval: int | None = None, names: Sequence[str] = ()
) -> Published | Waiting:
    """Open an incident by hand, backdated to when it began, and tell everybody.

    Args:
        session: who decides, and when.
        draft: the incident.
        approval: the approval that the second person gives.
        names: the clients that it affects.

    Raises:
        NotPossible: the draft says nothing, or of nothing, or begins in the future, or there is no such client.
    """
    wanted = _checked(session, draft)
    async with session.deciding() as connection:
        wanted = await _spelled(connection, wanted)
        hit = [await client_of(connection, name) for name in names]
        matter = Matter(wanted, clients=tuple(client.name for client in hit), approval=approval)
        asked = await second_person(connection, session, matter)
        if asked is not None:
            return asked
        done = await begin(connection, session, of_draft(wanted, session.now), wanted.text)
        for client in hit:
            await events.add_client(connection, done.event, client.id)
        await note(connection, session, "open", None, done.event)
    return done


async def update(session: Session, number: int, said: Statement) -> Published:
    """Say something about an incident, and move it on where the statement says so.

    Where it ends or begins again with that, its components follow, unless the statement says otherwise.

    Raises:
        NotPossible: there is no such incident, or it cannot become that.
    """
    text = words(said.text, "the text")
    async with session.deciding() as connection:
        event = await incident(connection, number)
        status = said.status or event.status
        changes = {alike(name, event.components): item for name, item in (said.components or {}).items()}
        _refuse_strangers(event, changes)
        spoken = statement(session, status, text, {**_following(event, status), **changes})
        done = await add(connection, session, event, spoken)
        await note(connection, session, "update", event, number)
    return done


async def resolve(session: Session, number: int, text: str = "") -> Published:
    """Say that an incident is over; its components work again.

    Raises:
        NotPossible: there is no such incident, or it is over already.
    """
    async with session.deciding() as connection:
        event = await incident(connection, number)
        refuse_ended(event)
        done = await add(connection, session, event, _resolution(session, event, text))
        await note(connection, session, "resolve", event, number)
    return done


async def reopen(session: Session, number: int, text: str) -> Published:
    """Say that an incident is not over after all; its components fail as its severity says.

    Raises:
        NotPossible: there is no such incident, or it goes on anyway.
    """
    spoken = words(text, "the text")
    async with session.deciding() as connection:
        event = await incident(connection, number)
        if event.status.open:
            raise NotPossible(f"incident {number} goes on, it is {event.status.label}; update it instead")
        status = EventStatus.INVESTIGATING
        done = await add(connection, session, event, statement(session, status, spoken, _following(event, status)))
        await note(connection, session, "reopen", event, number)
    return done


async def postmortem(session: Session, number: int, text: str) -> Published:
    """Publish what was learnt from an incident that is over.

    Raises:
        NotPossible: there is no such incident, or it still goes on.
    """
    spoken = words(text, "the text")
    async with session.deciding() as connection:
        event = await incident(connection, number)
        done = await add(connection, session, event, statement(session, EventStatus.POSTMORTEM, spoken))
        await note(connection, session, "postmortem", event, number)
    return done


async def edit(session: Session, update: int, text: str) -> Event:
    """Correct the text of an update, of whatever event; nobody is notified again. Return the event as it is now.

    Raises:
        NotPossible: there is no such update, or nothing is left of the text.
    """
    corrected = words(text, "the text")
    async with session.deciding() as connection:
        found = await events.of_update(connection, update)
        if found is None:
            raise NotPossible(f"there is no update {update}; nothing was changed")
        event, before = found
        await events.edit(connection, update, corrected, session.now)
        await session.note(connection, "edit", "update", update, {"text": before.text}, {"text": corrected})
        after = await events.get(connection, event.id)
    return after or event


async def backfill(session: Session, draft: Draft, ended_at: datetime, resolution: str) -> int:
    """Write down an incident of the past, with its beginning and its end, and notify nobody; return its number.

    Raises:
        NotPossible: it does not lie in the past, or says nothing, or of nothing.
    """
    wanted = _checked(session, draft)
    if not wanted.started_at < ended_at <= session.now:
        raise NotPossible("a past incident ends after it began, and before now; nothing was changed")
    async with session.deciding(Role.ADMIN) as connection:
        wanted = await _spelled(connection, wanted)
        event = replace(of_draft(wanted, session.now), created_at=wanted.started_at)
        first = Update(
            0, wanted.status, wanted.text, session.operator.name, wanted.started_at, wanted.severity, wanted.components
        )
        last = replace(_resolution(session, event, resolution), at=ended_at)
        number = await events.add(connection, event, session.operator.name)
        for statement in (first, last):
            await events.add_update(connection, number, statement)
        await events.keep(connection, number, present([first, last]))
        await note(connection, session, "backfill", None, number)
    return number


async def affects(session: Session, number: int, names: Sequence[str]) -> None:
    """Note which clients an incident affects.

    Raises:
        NotPossible: there is no such incident, or no such client, or none was named.
    """
    if not names:
        raise NotPossible("name the clients that it affects; nothing was changed")
    async with session.deciding() as connection:
        event = await incident(connection, number)
        before = await affected(connection, event.id)
        for name in names:
            client = await client_of(connection, name)
            await events.add_client(connection, event.id, client.id)
        after = await affected(connection, event.id)
        await session.note(connection, "affects", "incident", number, {"clients": before}, {"clients": after})
        await review(connection, session)


async def affected(connection: AsyncConnection, number: int) -> list[str]:
    """Return the names of the clients that an incident affects."""
    return [client.name for client in await clients.affected_by(connection, number)]


async def incident(connection: AsyncConnection, number: int) -> Event:
    """Return an incident.

    Raises:
        NotPossible: there is none of that number.
    """
    found = await events.get(connection, number)
    if found is None or found.kind is not EventKind.INCIDENT:
        what = f"{number} is a {found.kind}" if found else f"there is no incident {number}"
        raise NotPossible(f"{what}; 'omwatch incident list' shows the incidents")
    return found


def _resolution(session: Session, event: Event, text: str) -> Update:
    spoken = words(text or worded(session, Wording.INCIDENT_RESOLVED, resolved_text(event), event), "the text")
    return statement(session, EventStatus.RESOLVED, spoken, _following(event, EventStatus.RESOLVED))


def _following(event: Event, status: EventStatus) -> dict[str, ComponentStatus]:
    """Return what an incident's components become when it ends, or goes on again; nothing where it does neither."""
    if event.status.open == status.open:
        return {}
    follows = event.severity.component_status if status.open else ComponentStatus.OPERATIONAL
    return dict.fromkeys(event.components, follows)


def statement(
    session: Session,
    status: EventStatus,
    text: str,
    components: Mapping[str, ComponentStatus] | None = None,
    reason: str = "",
) -> Update:
    """Return an update that this operator makes now."""
    return Update(0, status, text, session.operator.name, session.now, components=components or {}, reason=reason)


def _checked(session: Session, draft: Draft) -> Draft:
    wanted = replace(draft, title=line(draft.title, "the title"), text=words(draft.text, "the text"))
    why_not = refusal(EventKind.INCIDENT, None, wanted.status)
    if why_not:
        raise NotPossible(f"{why_not}; nothing was changed")
    if not wanted.components:
        raise NotPossible("an incident needs at least one component; nothing was changed")
    if wanted.started_at > session.now:
        raise NotPossible("an incident cannot begin in the future; nothing was changed")
    return wanted


async def _spelled(connection: AsyncConnection, draft: Draft) -> Draft:
    components = {(await spelled(connection, [name]))[0]: status for name, status in draft.components.items()}
    return replace(draft, components=components)


def refuse_ended(event: Event) -> None:
    """Refuse an incident that is over.

    Raises:
        NotPossible: it is.
    """
    if not event.status.open:
        raise NotPossible(f"incident {event.id} is {event.status.label} already; 'omwatch incident reopen' re-opens it")


def _refuse_strangers(event: Event, components: Mapping[str, ComponentStatus]) -> None:
    strangers = sorted(set(components) - set(event.components))
    if strangers:
        has = ", ".join(event.components)
        stranger = clean(strangers[0])
        raise NotPossible(f"incident {event.id} has no component {stranger!r}; it has {has}; nothing was changed")


async def client_of(connection: AsyncConnection, name: str) -> Client:
    """Return the client of a name.

    Raises:
        NotPossible: there is none.
    """
    found = await clients.by_name(connection, name)
    if found is None:
        raise NotPossible(f"there is no client {clean(name)!r}; 'omwatch client list' shows them; nothing was changed")
    return found


async def note(connection: AsyncConnection, session: Session, action: str, before: Event | None, number: int) -> None:
    """Write down what was done to an incident, with all of it before and after."""
    after = await events.get(connection, number)
    await session.note(
        connection,
        action,
        "incident",
        number,
        plain.event(before) if before else None,
        plain.event(after) if after else None,
    )
