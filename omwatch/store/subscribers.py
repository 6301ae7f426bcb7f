"""Subscribers: addresses that get notices, and what they wish to hear of."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.severity import Severity
from omwatch.domain.subscriber import (
    QUARANTINE_AFTER,
    USUAL_TOPICS,
    Channel,
    Subscriber,
    SubscriberState,
    Topic,
    Wishes,
)
from omwatch.store.tables import clients, subscriber_components, subscribers, subscriptions

_columns = subscribers.c


@dataclass(frozen=True, slots=True)
class Sealed:
    """A destination's URL, sealed, and the fingerprint by which it is known."""

    url: str
    fingerprint: str


async def add(
    connection: AsyncConnection,
    address: str,
    operator: str,
    now: datetime,
    topics: AbstractSet[Topic] = USUAL_TOPICS,
) -> int:
    """Write a new e-mail subscriber of these topics and return its number; the address must be new."""
    return await enrol(connection, Subscriber(0, address, now, Wishes(frozenset(topics))), operator)


async def enrol(
    connection: AsyncConnection, subscriber: Subscriber, operator: str, sealed: Sealed | None = None
) -> int:
    """Write a new subscriber of any kind, with its wishes, and return its number; the address must be new."""
    row = {
        "address": subscriber.address,
        "created_at": subscriber.created_at,
        "created_by": operator,
        "channel": subscriber.channel,
        "sealed": sealed.url if sealed else None,
        "fingerprint": sealed.fingerprint if sealed else None,
        "name": subscriber.name or None,
        "least_severity": subscriber.wishes.least_severity,
        "state": subscriber.state,
        "refusals": 0,
        "changed_at": subscriber.created_at,
    }
    statement = insert(subscribers).values(row).returning(_columns.id)
    number = int((await connection.execute(statement)).scalar_one())
    await _keep_wishes(connection, number, subscriber.wishes)
    return number


async def change(connection: AsyncConnection, subscriber: Subscriber, now: datetime) -> None:
    """Overwrite a subscriber's name, state and wishes; one that is active again starts without refusals."""
    values: dict[str, object] = {
        "name": subscriber.name or None,
        "least_severity": subscriber.wishes.least_severity,
        "state": subscriber.state,
        "changed_at": now,
    }
    if subscriber.state is SubscriberState.ACTIVE:
        values["refusals"] = 0
    await connection.execute(update(subscribers).where(_columns.id == subscriber.id).values(values))
    await _keep_wishes(connection, subscriber.id, subscriber.wishes)


async def by_address(connection: AsyncConnection, address: str) -> Subscriber | None:
    """Return the subscriber with this address, or None."""
    found = await _select(connection, _columns.address == address)
    return found[0] if found else None


async def by_fingerprint(connection: AsyncConnection, fingerprint: str) -> Subscriber | None:
    """Return the subscriber whose sealed URL has this fingerprint, or None."""
    found = await _select(connection, _columns.fingerprint == fingerprint)
    return found[0] if found else None


async def get(connection: AsyncConnection, number: int) -> Subscriber | None:
    """Return one subscriber, or None."""
    found = await _select(connection, _columns.id == number)
    return found[0] if found else None


async def every(connection: AsyncConnection) -> list[Subscriber]:
    """Return every subscriber, oldest first."""
    return await _select(connection)


async def page(
    connection: AsyncConnection, after: int, limit: int, state: SubscriberState | None = None
) -> list[Subscriber]:
    """Return up to ``limit`` subscribers with a number above ``after``, oldest first; those in one state, if told."""
    stands = [] if state is None else [func.coalesce(_columns.state, SubscriberState.ACTIVE) == state]
    return await _select(connection, _columns.id > after, *stands, limit=limit)


async def of_numbers(connection: AsyncConnection, numbers: Sequence[int]) -> list[Subscriber]:
    """Return those of these subscribers that there are, oldest first."""
    return await _select(connection, _columns.id.in_(numbers))


async def by_addresses(connection: AsyncConnection, addresses: Sequence[str]) -> dict[str, Subscriber]:
    """Return those of these addresses that are subscribers."""
    return {item.address: item for item in await _select(connection, _columns.address.in_(addresses))}


async def of_client(connection: AsyncConnection, client: int) -> list[Subscriber]:
    """Return the contacts of a client, oldest first."""
    return await _select(connection, _columns.client_id == client)


async def set_client(connection: AsyncConnection, number: int, client: int | None) -> None:
    """Make a subscriber the contact of a client, or of none."""
    await connection.execute(update(subscribers).where(_columns.id == number).values(client_id=client))


async def sealed_urls(connection: AsyncConnection, numbers: Sequence[int]) -> dict[int, str]:
    """Return the sealed URLs of those of these subscribers that have one."""
    theirs = and_(_columns.id.in_(numbers), _columns.sealed.is_not(None))
    rows = await connection.execute(select(_columns.id, _columns.sealed).where(theirs))
    return {row.id: row.sealed for row in rows}


async def accepted(connection: AsyncConnection, numbers: Sequence[int]) -> None:
    """Note that these subscribers took a notice; refusals before it count no more."""
    theirs = and_(_columns.id.in_(numbers), _columns.refusals > 0)
    await connection.execute(update(subscribers).where(theirs).values(refusals=0))


async def refused(connection: AsyncConnection, numbers: Sequence[int], now: datetime) -> None:
    """Note that these subscribers refused a notice for good; too many in a row put one into quarantine."""
    theirs = _columns.id.in_(numbers)
    await connection.execute(update(subscribers).where(theirs).values(refusals=_columns.refusals + 1))
    enough = and_(theirs, _columns.refusals >= QUARANTINE_AFTER, _columns.state == SubscriberState.ACTIVE)
    values = {"state": SubscriberState.QUARANTINED, "changed_at": now}
    await connection.execute(update(subscribers).where(enough).values(values))


async def count(connection: AsyncConnection) -> int:
    """Return how many subscribers there are."""
    return int((await connection.execute(select(func.count()).select_from(subscribers))).scalar_one())


async def remove(connection: AsyncConnection, number: int, now: datetime) -> None:
    """Make a subscriber unknown: its address and URL are gone for good, its deliveries stay as figures."""
    await _keep_wishes(connection, number, Wishes(topics=frozenset()))
    values = {
        "address": f"removed-{number}",
        "sealed": None,
        "fingerprint": None,
        "name": None,
        "client_id": None,
        "state": SubscriberState.REMOVED,
        "changed_at": now,
    }
    await connection.execute(update(subscribers).where(_columns.id == number).values(values))


async def _keep_wishes(connection: AsyncConnection, number: int, wishes: Wishes) -> None:
    await connection.execute(delete(subscriptions).where(subscriptions.c.subscriber_id == number))
    topics = [{"topic": topic, "subscriber_id": number} for topic in sorted(wishes.topics)]
    if topics:
        await connection.execute(insert(subscriptions), topics)
    await connection.execute(delete(subscriber_components).where(subscriber_components.c.subscriber_id == number))
    components = [{"component": component, "subscriber_id": number} for component in sorted(wishes.components)]
    if components:
        await connection.execute(insert(subscriber_components), components)


async def _select(connection: AsyncConnection, *conditions: Any, limit: int | None = None) -> list[Subscriber]:  # noqa: ANN401 - SQL expressions
    there = or_(_columns.state.is_(None), _columns.state != SubscriberState.REMOVED)
    wanted = select(_columns.id).where(there, *conditions).order_by(_columns.id).limit(limit)
    statement = select(subscribers, clients.c.name.label("client")).outerjoin(
        clients, clients.c.id == _columns.client_id
    )
    rows = (await connection.execute(statement.where(_columns.id.in_(wanted)).order_by(_columns.id))).all()
    topics: dict[int, set[Topic]] = {}
    for row in await connection.execute(select(subscriptions).where(subscriptions.c.subscriber_id.in_(wanted))):
        topics.setdefault(row.subscriber_id, set()).add(row.topic)
    components: dict[int, set[str]] = {}
    theirs = select(subscriber_components).where(subscriber_components.c.subscriber_id.in_(wanted))
    for row in await connection.execute(theirs):
        components.setdefault(row.subscriber_id, set()).add(row.component)
    return [_subscriber(row, frozenset(topics.get(row.id, ())), frozenset(components.get(row.id, ()))) for row in rows]


def _subscriber(row: Row[Any], topics: frozenset[Topic], components: frozenset[str]) -> Subscriber:
    return Subscriber(
        id=row.id,
        address=row.address,
        created_at=row.created_at,
        wishes=Wishes(topics, components, row.least_severity or Severity.NONE),
        channel=row.channel or Channel.EMAIL,
        state=row.state or SubscriberState.ACTIVE,
        name=row.name or "",
        client=row.client or "",
    )
