"""Many subscribers at once, in few statements, so that a long list does not hold the write lock for minutes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.subscriber import Subscriber, Wishes
from omwatch.store.subscribers import Sealed
from omwatch.store.tables import subscriber_components, subscribers, subscriptions

_columns = subscribers.c


async def enrol_all(
    connection: AsyncConnection,
    new: Sequence[tuple[Subscriber, Sealed | None]],
    operator: str,
    clients: Mapping[str, int],
) -> None:
    """Write new subscribers with their wishes; every address must be new.

    Args:
        connection: a transaction.
        new: the subscribers, and for those that are destinations their sealed URL.
        operator: who adds them.
        clients: the numbers of the clients whose contacts some of them are, by name.
    """
    if not new:
        return
    # Asked for afterwards: where each row gives its number back, SQLite takes them one by one.
    await connection.execute(insert(subscribers), [_row(item, sealed, operator, clients) for item, sealed in new])
    addresses = [subscriber.address for subscriber, _ in new]
    rows = await connection.execute(select(_columns.address, _columns.id).where(_columns.address.in_(addresses)))
    numbers = {row.address: row.id for row in rows}
    await _keep_wishes(connection, [(numbers[subscriber.address], subscriber.wishes) for subscriber, _ in new])


async def change_all(
    connection: AsyncConnection, changed: Sequence[Subscriber], clients: Mapping[str, int], now: datetime
) -> None:
    """Overwrite the names, the wishes and the clients of subscribers.

    Args:
        connection: a transaction.
        changed: the subscribers, as they are now.
        clients: the numbers of the clients whose contacts some of them are, by name.
        now: the instant of the change.
    """
    if not changed:
        return
    values = [
        {
            "b_id": item.id,
            "name": item.name or None,
            "least_severity": item.wishes.least_severity,
            "client_id": clients.get(item.client),
            "changed_at": now,
        }
        for item in changed
    ]
    names: dict[str, Any] = {name: bindparam(name) for name in ("name", "least_severity", "client_id", "changed_at")}
    await connection.execute(update(subscribers).where(_columns.id == bindparam("b_id")).values(names), values)
    numbers = [item.id for item in changed]
    for table in (subscriptions, subscriber_components):
        await connection.execute(delete(table).where(table.c.subscriber_id.in_(numbers)))
    await _keep_wishes(connection, [(item.id, item.wishes) for item in changed])


async def _keep_wishes(connection: AsyncConnection, numbered: Sequence[tuple[int, Wishes]]) -> None:
    topics = [{"topic": topic, "subscriber_id": number} for number, wishes in numbered for topic in wishes.topics]
    await connection.execute(insert(subscriptions), topics)
    components = [
        {"component": component, "subscriber_id": number}
        for number, wishes in numbered
        for component in wishes.components
    ]
    if components:
        await connection.execute(insert(subscriber_components), components)


def _row(subscriber: Subscriber, sealed: Sealed | None, operator: str, clients: Mapping[str, int]) -> dict[str, Any]:
    return {
        "address": subscriber.address,
        "created_at": subscriber.created_at,
        "created_by": operator,
        "client_id": clients.get(subscriber.client),
        "channel": subscriber.channel,
        "sealed": sealed.url if sealed else None,
        "fingerprint": sealed.fingerprint if sealed else None,
        "name": subscriber.name or None,
        "least_severity": subscriber.wishes.least_severity,
        "state": subscriber.state,
        "refusals": 0,
        "changed_at": subscriber.created_at,
    }
