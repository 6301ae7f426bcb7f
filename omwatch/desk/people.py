"""Subscribers: who gets notices, and of which topics."""

from collections.abc import Set as AbstractSet
from dataclasses import asdict, replace
from typing import Any

from omwatch.desk.session import NotPossible, Session
from omwatch.domain import plain
from omwatch.domain.role import Role
from omwatch.domain.safetext import clean
from omwatch.domain.subscriber import USUAL_TOPICS, Subscriber, Topic, email_address
from omwatch.store import subscribers


async def add(session: Session, address: str, topics: AbstractSet[Topic] = USUAL_TOPICS) -> tuple[Subscriber, bool]:
    """Add an e-mail subscriber; return it and whether it is new (an address that is known already stays as it is).

    Raises:
        NotPossible: it is not an e-mail address, or no topic is left.
    """
    mailbox = _mailbox(address)
    _refuse_nothing(topics)
    async with session.deciding(Role.ADMIN) as connection:
        known = await subscribers.by_address(connection, mailbox)
        if known is not None:
            return known, False
        number = await subscribers.add(connection, mailbox, session.operator.name, session.now, topics)
        added = Subscriber(number, mailbox, session.now, frozenset(topics))
        await session.note(connection, "add", "subscriber", number, None, _plain(added))
    return added, True


async def choose_topics(session: Session, address: str, topics: AbstractSet[Topic]) -> Subscriber:
    """Let a subscriber get these topics, and no others; return it as it is now.

    Raises:
        NotPossible: there is no such subscriber, or no topic is left.
    """
    mailbox = _mailbox(address)
    _refuse_nothing(topics)
    async with session.deciding(Role.ADMIN) as connection:
        known = await subscribers.by_address(connection, mailbox)
        if known is None:
            raise NotPossible(f"{mailbox} is no subscriber; add it with 'omwatch subscriber add {mailbox}'")
        await subscribers.set_topics(connection, known.id, topics)
        after = replace(known, topics=frozenset(topics))
        await session.note(connection, "choose topics", "subscriber", known.id, _plain(known), _plain(after))
    return after


def _mailbox(address: str) -> str:
    try:
        return email_address(address)
    except ValueError as error:
        raise NotPossible(f"{clean(address)!r}: {error}") from None


def _refuse_nothing(topics: AbstractSet[Topic]) -> None:
    if not topics:
        raise NotPossible(f"a subscriber needs at least one topic: {', '.join(Topic)}")


def _plain(subscriber: Subscriber) -> dict[str, Any]:
    return {
        **asdict(subscriber),
        "created_at": plain.instant(subscriber.created_at),
        "topics": sorted(subscriber.topics),
    }
