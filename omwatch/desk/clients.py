"""Clients: who uses the platform, what was agreed with them, and who hears of it there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.desk.reported import review
from omwatch.desk.session import NotPossible, Session, line
from omwatch.domain import plain
from omwatch.domain.client import Client, Support
from omwatch.domain.event import Event
from omwatch.domain.role import Role
from omwatch.domain.safetext import clean
from omwatch.domain.subscriber import email_address
from omwatch.domain.ticket import Ticket, queue
from omwatch.store import clients, events, subscribers, tickets

_LONGEST_NAME = 100
_INCIDENTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes different about a client; None where it stays."""

    name: str | None = None
    support: Support | None = None
    continuity_plan: bool | None = None
    contacts: Sequence[str] = ()
    """The addresses that become its contacts."""
    without: Sequence[str] = ()
    """The addresses that are its contacts no more; they stay subscribers."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A client, with what concerns it."""

    client: Client
    tickets: tuple[Ticket, ...]
    """Those that are open, in the order of work."""
    incidents: tuple[Event, ...]
    """The newest that affect it, or did, newest first."""


async def add(
    session: Session,
    name: str,
    support: Support = Support.STANDARD,
    contacts: Sequence[str] = (),
    *,
    continuity_plan: bool = False,
) -> Client:
    """Add a client; addresses that nobody knew become subscribers with the usual topics.

    Raises:
        NotPossible: there is a client of that name, or an address is none, or is another client's contact.
    """
    wanted = Client(0, _name(name), support, continuity_plan, session.now)
    mailboxes = [_mailbox(address) for address in contacts]
    async with session.deciding(Role.ADMIN) as connection:
        await _refuse_taken(connection, wanted.name)
        number = await clients.add(connection, wanted, session.operator.name)
        added = replace(wanted, id=number)
        for mailbox in mailboxes:
            await _add_contact(connection, session, added, mailbox)
        after = await known(connection, added.name)
        await session.note(connection, "add", "client", number, None, plain.client(after))
    return after


async def change(session: Session, name: str, changes: Changes) -> Client:
    """Change what is known of a client; return it as it is now.

    Raises:
        NotPossible: there is no such client, nothing would change, its new name is another's, or an address is none,
            another client's contact, or not its contact.
    """
    come, go = ([_mailbox(address) for address in each] for each in (changes.contacts, changes.without))
    async with session.deciding(Role.ADMIN) as connection:
        before = await known(connection, name)
        wanted = replace(
            before,
            name=before.name if changes.name is None else _name(changes.name),
            support=changes.support or before.support,
            continuity_plan=before.continuity_plan if changes.continuity_plan is None else changes.continuity_plan,
        )
        if wanted.name.casefold() != before.name.casefold():
            await _refuse_taken(connection, wanted.name)
        await clients.change(connection, wanted)
        for mailbox in come:
            await _add_contact(connection, session, wanted, mailbox)
        for mailbox in go:
            await _remove_contact(connection, wanted, mailbox)
        after = await known(connection, wanted.name)
        if after == before:
            raise NotPossible(f"{before.name} is so already; nothing was changed")
        await session.note(connection, "change", "client", before.id, plain.client(before), plain.client(after))
        await review(connection, session)
    return after


async def show(session: Session, name: str) -> Shown:
    """Return a client with its open tickets and the incidents that affect it.

    Raises:
        NotPossible: there is no such client.
    """
    async with session.store.reading() as connection:
        client = await known(connection, name)
        open_ones = await tickets.open_of_client(connection, client.id)
        incidents = await events.affecting(connection, client.id, _INCIDENTS_SHOWN)
    return Shown(client, tuple(queue(open_ones)), tuple(incidents))


async def known(connection: AsyncConnection, name: str) -> Client:
    """Return the client of that name, whichever case it is written in.

    Raises:
        NotPossible: there is none.
    """
    found = await clients.by_name(connection, _name(name))
    if found is None:
        raise NotPossible(f"there is no client {clean(name)!r}; 'omwatch client list' shows them")
    return found


async def _refuse_taken(connection: AsyncConnection, name: str) -> None:
    taken = await clients.by_name(connection, name)
    if taken is not None:
        raise NotPossible(f"there is a client {taken.name!r} already; nothing was changed")


async def _add_contact(connection: AsyncConnection, session: Session, client: Client, mailbox: str) -> None:
    owner = await clients.of_contact(connection, mailbox)
    if owner is not None and owner.id != client.id:
        raise NotPossible(
            f"{mailbox} is a contact of {owner.name}; take it from there first, "
            f"with 'omwatch client edit \"{owner.name}\" --remove-contact {mailbox}'"
        )
    subscriber = await subscribers.by_address(connection, mailbox)
    if subscriber is None:
        number = await subscribers.add(connection, mailbox, session.operator.name, session.now)
        await session.note(connection, "add", "subscriber", number, None, {"address": mailbox, "client": client.name})
    else:
        number = subscriber.id
    await subscribers.set_client(connection, number, client.id)


async def _remove_contact(connection: AsyncConnection, client: Client, mailbox: str) -> None:
    subscriber = await subscribers.by_address(connection, mailbox)
    if subscriber is None or mailbox not in client.contacts:
        raise NotPossible(f"{mailbox} is no contact of {client.name}; nothing was changed")
    await subscribers.set_client(connection, subscriber.id, None)


def _name(text: str) -> str:
    return " ".join(line(text, "the name of the client", _LONGEST_NAME).split())


def _mailbox(address: str) -> str:
    try:
        return email_address(address)
    except ValueError as error:
        raise NotPossible(f"{clean(address)!r}: {error}; nothing was changed") from None
