"""Subscribers: who gets notices, and of what."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.config.keyring import Keyring, NoKey
from omwatch.desk.clients import known as known_client
from omwatch.desk.components import spelled
from omwatch.desk.session import NotPossible, Session
from omwatch.domain import plain
from omwatch.domain.destination import destination, masked
from omwatch.domain.role import Role
from omwatch.domain.safetext import clean
from omwatch.domain.subscriber import Channel, Subscriber, SubscriberState, Topic, email_address
from omwatch.domain.subscriber_change import Changes
from omwatch.domain.subscriber_list import BETWEEN
from omwatch.store import ledger, subscribers
from omwatch.store.subscribers import Sealed

LONGEST_NAME = 100
GAP = "…"
"""What lists show of an Apprise URL holds it, and no URL does."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to somebody, as an operator has written it."""

    address: str
    """An e-mail address, or what may be shown of an Apprise URL."""
    url: str = ""
    """The Apprise URL, in its stored form; a secret."""
    fingerprint: str = ""

    @property
    def channel(self) -> Channel:
        """The channel that it is."""
        return Channel.APPRISE if self.url else Channel.EMAIL


async def add(
    session: Session, address: str, wanted: Changes | None = None, keyring: Keyring | None = None
) -> tuple[Subscriber, bool]:
    """Add a subscriber; return it and whether it is new (one that is known already stays as it is).

    Args:
        session: who adds it.
        address: an e-mail address, or an Apprise URL.
        wanted: what differs from what a subscriber gets unless told.
        keyring: the home's; needed to add an Apprise URL.

    Raises:
        NotPossible: it is neither, no topic is left, or there is no such client.
    """
    way = way_of(address, keyring)
    changes = wanted or Changes()
    refuse(changes)
    sealed = seal(way, keyring)
    async with session.deciding(Role.ADMIN) as connection:
        known = await _by_way(connection, way)
        if known is not None:
            return known, False
        before = Subscriber(0, way.address, session.now, channel=way.channel)
        after = await _changed(connection, before, changes)
        number = await subscribers.enrol(connection, after, session.operator.name, sealed)
        added = replace(after, id=number)
        await _keep_client(connection, before, added)
        await session.note(connection, "add", "subscriber", number, None, _plain(added))
    return added, True


async def edit(session: Session, address: str, changes: Changes, keyring: Keyring | None = None) -> Subscriber:
    """Change what a subscriber gets, what it is called, or whose contact it is; return it as it is now.

    Raises:
        NotPossible: there is no such subscriber, no topic is left, or there is no such client.
    """
    refuse(changes)
    async with session.deciding(Role.ADMIN) as connection:
        before = await known(connection, address, keyring)
        after = await _changed(connection, before, changes)
        if after != before:
            await subscribers.change(connection, after, session.now)
            await _keep_client(connection, before, after)
            await session.note(connection, "edit", "subscriber", after.id, _plain(before), _plain(after))
    return after


async def pause(session: Session, address: str, keyring: Keyring | None = None) -> Subscriber:
    """Let a subscriber get nothing until it is activated, but the end of what it has heard of; return it.

    Raises:
        NotPossible: there is no such subscriber, or nobody has confirmed its address yet.
    """
    return await _bring(session, address, SubscriberState.PAUSED, keyring)


async def activate(session: Session, address: str, keyring: Keyring | None = None) -> Subscriber:
    """Let a subscriber get notices again: one that was paused, in quarantine, or not confirmed; return it.

    Raises:
        NotPossible: there is no such subscriber.
    """
    return await _bring(session, address, SubscriberState.ACTIVE, keyring)


async def remove(session: Session, address: str, keyring: Keyring | None = None) -> Subscriber:
    """Forget a subscriber, with its address, and give up what waits for it; return it as it was.

    Raises:
        NotPossible: there is no such subscriber.
    """
    async with session.deciding(Role.ADMIN) as connection:
        before = await known(connection, address, keyring)
        await subscribers.remove(connection, before.id, session.now)
        await ledger.give_up(connection, before.id, session.now)
        # What is forgotten must not stand in the log of its being forgotten.
        was = {key: value for key, value in _plain(before).items() if key not in {"address", "name"}}
        after = {"state": SubscriberState.REMOVED}
        await session.note(connection, "remove", "subscriber", before.id, was, after)
    return before


async def trial(session: Session, address: str, keyring: Keyring | None = None) -> Subscriber:
    """Return a subscriber that is to get a test message, and write down that it gets one.

    Raises:
        NotPossible: there is no such subscriber, or the operator is a viewer.
    """
    async with session.deciding() as connection:
        found = await known(connection, address, keyring)
        await session.note(connection, "test", "subscriber", found.id, None, {"address": found.address})
    return found


async def known(connection: AsyncConnection, address: str, keyring: Keyring | None = None) -> Subscriber:
    """Return a subscriber by its address, by its Apprise URL or what lists show of it, or by its number.

    Raises:
        NotPossible: there is none.
    """
    text = address.strip()
    found = await subscribers.by_address(connection, text)
    if found is None and text.isdecimal():
        found = await subscribers.get(connection, int(text[:9]))
    if found is None and not text.isdecimal() and GAP not in text:
        found = await _by_way(connection, way_of(text, keyring))
    if found is None:
        what = f"number {text[:9]}" if text.isdecimal() else _shown(text)
        raise NotPossible(f"{what} is no subscriber; 'omwatch subscriber list' shows them, and 'add' adds one")
    return found


def way_of(text: str, keyring: Keyring | None) -> Way:
    """Return the way that an e-mail address or an Apprise URL stands for.

    Raises:
        NotPossible: it is neither, or the home's key cannot be used.
    """
    if "://" not in text:
        try:
            return Way(email_address(text))
        except ValueError as error:
            raise NotPossible(f"{clean(text)!r}: {error}") from None
    if keyring is None:
        raise NotPossible("an Apprise URL cannot be used here, as the home's key is not at hand")
    try:
        url = destination(text)
        fingerprint = keyring.fingerprint(url)
    except (ValueError, NoKey) as error:
        raise NotPossible(f"{error}; nothing was changed") from None
    return Way(masked(url, fingerprint), url, fingerprint)


def seal(way: Way, keyring: Keyring | None) -> Sealed | None:
    """Return a destination's URL as the store keeps it; None for an e-mail address.

    Raises:
        NotPossible: the home's key cannot be used.
    """
    if not way.url or keyring is None:
        return None
    try:
        return Sealed(keyring.seal(way.url), way.fingerprint)
    except NoKey as error:
        raise NotPossible(f"{error}; nothing was changed") from None


def refuse(changes: Changes) -> None:
    """Refuse changes that make no sense.

    Raises:
        NotPossible: no topic is left, a component cannot be written in a list, or the name is too long.
    """
    if changes.topics is not None and not changes.topics:
        raise NotPossible(f"a subscriber needs at least one topic: {', '.join(Topic)}")
    if any(BETWEEN in component for component in changes.components or ()):
        raise NotPossible(f"a component's name holds no {BETWEEN!r}; name several components one by one")
    if len(changes.name or "") > LONGEST_NAME:
        raise NotPossible(f"a subscriber's name has at most {LONGEST_NAME} characters; nothing was changed")


async def _bring(session: Session, address: str, state: SubscriberState, keyring: Keyring | None) -> Subscriber:
    async with session.deciding(Role.ADMIN) as connection:
        before = await known(connection, address, keyring)
        if state is SubscriberState.PAUSED and before.state is SubscriberState.UNVERIFIED:
            raise NotPossible(f"{before.address} is not confirmed yet, and gets nothing; nothing was changed")
        after = replace(before, state=state)
        if after != before:
            await subscribers.change(connection, after, session.now)
            action = "pause" if state is SubscriberState.PAUSED else "activate"
            await session.note(connection, action, "subscriber", after.id, _plain(before), _plain(after))
    return after


async def _by_way(connection: AsyncConnection, way: Way) -> Subscriber | None:
    if way.fingerprint:
        return await subscribers.by_fingerprint(connection, way.fingerprint)
    return await subscribers.by_address(connection, way.address)


async def _changed(connection: AsyncConnection, before: Subscriber, changes: Changes) -> Subscriber:
    """Return what a subscriber becomes, its components and its client in the spelling in which they are known."""
    components = None if changes.components is None else await spelled(connection, sorted(changes.components))
    client = changes.client if not changes.client else (await known_client(connection, changes.client)).name
    name = None if changes.name is None else clean(changes.name, LONGEST_NAME)
    said = replace(changes, components=None if components is None else set(components), client=client, name=name)
    return said.of(before)


async def _keep_client(connection: AsyncConnection, before: Subscriber, after: Subscriber) -> None:
    if after.client != before.client:
        client = (await known_client(connection, after.client)).id if after.client else None
        await subscribers.set_client(connection, after.id, client)


def _shown(text: str) -> str:
    return "this URL" if "://" in text and GAP not in text else clean(text)


def _plain(subscriber: Subscriber) -> dict[str, Any]:
    return plain.subscriber(subscriber)
