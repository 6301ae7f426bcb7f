"""What a store holds before most of these tests begin."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from omwatch.domain.delivery import DeliveryState
from omwatch.domain.subscriber import Audience, Topic
from omwatch.store import Store, deliveries, events, outbox, subscribers
from omwatch.store.outbox import Claimed, Settled
from tests.domain.builders import after, an_incident

Queue = Callable[[int], Awaitable[int]]
Claim = Callable[[Store, str, float], Awaitable[list[Claimed]]]


@pytest.fixture
def queue(store: Store) -> Queue:
    """Queue one incident's update for so many new subscribers and return the update's number."""

    async def queue_for(number: int) -> int:
        incident, update = an_incident()
        async with store.writing() as connection:
            known = await subscribers.count(connection)
            for index in range(known, known + number):
                await subscribers.add(connection, f"s{index}@example.com", "ada", after(0))
            event = await events.add(connection, incident, "ada")
            update_number = await events.add_update(connection, event, update)
            audience = Audience(event, Topic.INCIDENT)
            await deliveries.queue(connection, update_number, audience, "example.com", after(0), after(0))
        return update_number

    return queue_for


@pytest.fixture
def claim() -> Claim:
    """Claim all there is, as some holder at some second, for a lease of ten seconds."""

    async def claim_all(store: Store, holder: str, seconds: float) -> list[Claimed]:
        now = after(seconds)
        async with store.writing() as connection:
            return await outbox.claim(connection, holder, 100, now, now + timedelta(seconds=10))

    return claim_all


async def settle(
    store: Store,
    claimed: Claimed,
    holder: str,
    state: DeliveryState = DeliveryState.SENT,
    seconds: float = 1,
    next_try: float | None = None,
) -> None:
    again = None if next_try is None else after(next_try)
    async with store.writing() as connection:
        await outbox.settle(connection, holder, [Settled(claimed, state, "", again)], after(seconds))


async def states(store: Store) -> list[DeliveryState]:
    async with store.reading() as connection:
        return [item.state for item in await deliveries.latest(connection, 1000)]
