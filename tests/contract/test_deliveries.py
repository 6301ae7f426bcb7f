"""The outbox: claimed by one courier at a time, taken over from the dead, settled by whoever holds it."""

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError

from omwatch.domain.delivery import DeliveryState
from omwatch.domain.subscriber import Audience, Topic
from omwatch.store import Store, deliveries, outbox, subscribers
from tests.conftest import OpenStore
from tests.contract.conftest import Claim, Queue, settle, states
from tests.domain.builders import after


async def test_an_update_is_queued_once_for_every_subscriber(store: Store, queue: Queue) -> None:
    update = await queue(3)
    async with store.reading() as connection:
        found = await deliveries.latest(connection, 10)
        counts = await deliveries.counts_by_update(connection, [update])
    assert sorted(item.address for item in found) == ["s0@example.com", "s1@example.com", "s2@example.com"]
    assert {item.update_id for item in found} == {update}
    assert counts == {update: {DeliveryState.QUEUED: 3}}


async def test_queueing_for_nobody_queues_nothing(store: Store, queue: Queue) -> None:
    await queue(0)
    assert await states(store) == []


async def test_an_update_cannot_be_queued_twice_for_one_subscriber(store: Store, queue: Queue) -> None:
    update = await queue(2)
    with pytest.raises(IntegrityError):
        async with store.writing() as connection:
            await deliveries.queue(connection, update, Audience(1, Topic.INCIDENT), "example.org", after(1), after(1))
    assert len(await states(store)) == 2


async def test_a_subscriber_cannot_be_there_twice(store: Store, queue: Queue) -> None:
    await queue(1)
    with pytest.raises(IntegrityError):
        async with store.writing() as connection:
            await subscribers.add(connection, "s0@example.com", "ada", after(0))


async def test_each_message_id_follows_from_update_and_subscriber_alone(
    store: Store, queue: Queue, claim: Claim
) -> None:
    first, second = await queue(2), await queue(0)
    found = {item.message_id for item in await claim(store, "courier", 0)}
    assert found == {
        f"<update-{update}-subscriber-{subscriber}@example.com>" for update in (first, second) for subscriber in (1, 2)
    }


async def test_a_claim_takes_no_more_than_asked_oldest_first(store: Store, queue: Queue) -> None:
    await queue(5)
    async with store.writing() as connection:
        first = await outbox.claim(connection, "courier", 2, after(0), after(10))
    async with store.writing() as connection:
        rest = await outbox.claim(connection, "courier", 9, after(0), after(10))
    assert {item.address for item in first} == {"s0@example.com", "s1@example.com"}
    assert {item.address for item in rest} == {"s2@example.com", "s3@example.com", "s4@example.com"}


async def test_two_couriers_never_hold_the_same_delivery(store: Store, open_store: OpenStore, queue: Queue) -> None:
    await queue(40)

    async def claim_in_threes(courier: Store, holder: str) -> list[int]:
        mine: list[int] = []
        while True:
            async with courier.writing() as connection:
                found = await outbox.claim(connection, holder, 3, after(0), after(10))
            if not found:
                return mine
            mine += [item.id for item in found]

    couriers = [store, open_store(), open_store()]
    taken = await asyncio.gather(*(claim_in_threes(courier, f"{id(courier)}") for courier in couriers))
    assert sorted(number for numbers in taken for number in numbers) == list(range(1, 41))


async def test_what_is_claimed_is_not_free_until_its_lease_ends(store: Store, queue: Queue, claim: Claim) -> None:
    await queue(3)
    assert len(await claim(store, "first", 0)) == 3
    assert await claim(store, "second", 9.999999) == []
    assert await claim(store, "first", 10) == []


async def test_an_abandoned_lease_is_taken_over_with_the_same_message_id(
    store: Store, queue: Queue, claim: Claim
) -> None:
    await queue(3)
    held = await claim(store, "first", 0)
    taken = await claim(store, "second", 10.000001)
    assert {(item.id, item.message_id) for item in taken} == {(item.id, item.message_id) for item in held}


async def test_settling_by_a_lost_holder_changes_nothing(store: Store, queue: Queue, claim: Claim) -> None:
    await queue(1)
    (held,) = await claim(store, "first", 0)
    (taken,) = await claim(store, "second", 11)
    await settle(store, held, "first", DeliveryState.DEAD)
    assert await states(store) == [DeliveryState.SENDING]
    await settle(store, taken, "second")
    assert await states(store) == [DeliveryState.SENT]


async def test_settling_twice_changes_nothing(store: Store, queue: Queue, claim: Claim) -> None:
    await queue(1)
    (held,) = await claim(store, "first", 0)
    await settle(store, held, "first")
    await settle(store, held, "first", DeliveryState.FAILED)
    assert await states(store) == [DeliveryState.SENT]


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.DEAD])
async def test_what_is_over_is_never_claimed_again(
    store: Store, queue: Queue, claim: Claim, state: DeliveryState
) -> None:
    await queue(1)
    (held,) = await claim(store, "first", 0)
    await settle(store, held, "first", state)
    assert await claim(store, "first", 10_000) == []


async def test_a_failed_one_comes_back_at_its_instant_with_its_tries_counted(
    store: Store, queue: Queue, claim: Claim
) -> None:
    await queue(1)
    (held,) = await claim(store, "first", 0)
    assert held.tries == 0
    await settle(store, held, "first", DeliveryState.FAILED, next_try=60)
    assert await claim(store, "first", 59) == []
    (again,) = await claim(store, "second", 60)
    assert (again.id, again.tries, again.message_id) == (held.id, 1, held.message_id)


async def test_the_newest_deliveries_come_first(store: Store, queue: Queue) -> None:
    await queue(3)
    async with store.reading() as connection:
        found = await deliveries.latest(connection, 2)
    assert [item.address for item in found] == ["s2@example.com", "s1@example.com"]
