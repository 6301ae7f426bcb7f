"""The outbox keeps an event's updates in order for each subscriber, folds what waits together, and loses nothing."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from omwatch.domain.delivery import DeliveryState
from omwatch.domain.subscriber import Audience, Topic
from omwatch.store import Store, deliveries, events, outbox, subscribers
from omwatch.store.outbox import Claimed, Settled
from tests.domain.builders import after, an_incident

LEASE = timedelta(minutes=3)


class Ledger:
    """An incident, some subscribers, and updates that are queued for them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.event = 0

    async def begin(self, *addresses: str) -> None:
        async with self.store.writing() as connection:
            for address in addresses:
                await subscribers.add(connection, address, "ada", after(0))
            self.event = await events.add(connection, an_incident()[0], "ada")

    async def say(self, seconds: float, *, leaves: float | None = None) -> int:
        """Queue one more update for everybody, at some second, held until another."""
        async with self.store.writing() as connection:
            update = await events.add_update(connection, self.event, an_incident()[1])
            audience = Audience(self.event, Topic.INCIDENT)
            leaves_at = after(seconds if leaves is None else leaves)
            await deliveries.queue(connection, update, audience, "example.com", after(seconds), leaves_at)
        return update

    async def claim(self, seconds: float, holder: str = "one", limit: int = 100) -> list[Claimed]:
        async with self.store.writing() as connection:
            return await outbox.claim(connection, holder, limit, after(seconds), after(seconds) + LEASE)

    async def settle(
        self, claimed: Sequence[Claimed], state: DeliveryState, seconds: float, *, again: float = 0, holder: str = "one"
    ) -> None:
        results = [Settled(item, state, "why", after(again) if again else None) for item in claimed]
        async with self.store.writing() as connection:
            await outbox.settle(connection, holder, results, after(seconds))

    async def states(self) -> list[DeliveryState]:
        async with self.store.reading() as connection:
            return [item.state for item in reversed(await deliveries.latest(connection, 100))]


@pytest.fixture
async def ledger(store: Store) -> Ledger:
    found = Ledger(store)
    await found.begin("ada@example.com")
    return found


async def test_a_later_update_waits_while_an_earlier_one_is_on_its_way(ledger: Ledger) -> None:
    first = await ledger.say(1)
    (claimed,) = await ledger.claim(1)
    second = await ledger.say(2)
    assert await ledger.claim(2) == []
    await ledger.settle([claimed], DeliveryState.SENT, 3)
    (then,) = await ledger.claim(3)
    assert (claimed.update_ids, then.update_ids) == ((first,), (second,))


async def test_updates_that_wait_together_are_one_message(ledger: Ledger) -> None:
    told = [await ledger.say(second) for second in (1, 2, 3)]
    (claimed,) = await ledger.claim(4)
    assert claimed.update_ids == tuple(told)
    assert claimed.message_id == f"<update-{told[-1]}-subscriber-1@example.com>"
    await ledger.settle([claimed], DeliveryState.SENT, 5)
    assert await ledger.states() == [DeliveryState.SENT] * 3
    assert await ledger.claim(6) == []


async def test_an_update_that_failed_leaves_with_the_next_one_and_never_after_it(ledger: Ledger) -> None:
    first = await ledger.say(1)
    await ledger.settle(await ledger.claim(1), DeliveryState.FAILED, 2, again=600)
    assert await ledger.claim(3) == [], "its next try is far off"
    second = await ledger.say(4)
    (both,) = await ledger.claim(4)
    assert both.update_ids == (first, second)


async def test_what_is_held_for_an_undo_is_not_folded_in(ledger: Ledger) -> None:
    first = await ledger.say(1)
    await ledger.say(2, leaves=30)
    (claimed,) = await ledger.claim(3)
    assert claimed.update_ids == (first,)


async def test_what_a_dead_courier_held_is_taken_over_whole(ledger: Ledger) -> None:
    told = [await ledger.say(second) for second in (1, 2)]
    await ledger.claim(3, "dead")
    assert await ledger.claim(4) == []
    (claimed,) = await ledger.claim(3 + 181)
    assert claimed.update_ids == tuple(told)
    await ledger.settle([claimed], DeliveryState.SENT, 185, holder="dead")
    assert await ledger.states() == [DeliveryState.SENDING] * 2, "a late word of the dead one counts no more"
    await ledger.settle([claimed], DeliveryState.SENT, 186)
    assert await ledger.states() == [DeliveryState.SENT] * 2


async def test_a_renewed_lease_is_not_taken_over(ledger: Ledger) -> None:
    await ledger.say(1)
    await ledger.claim(1)
    async with ledger.store.writing() as connection:
        await outbox.renew(connection, "one", after(500))
    assert await ledger.claim(200, "two") == []


async def test_a_group_that_fails_together_is_tried_together(ledger: Ledger) -> None:
    told = [await ledger.say(second) for second in (1, 2)]
    await ledger.settle(await ledger.claim(3), DeliveryState.FAILED, 4, again=10)
    assert await ledger.states() == [DeliveryState.FAILED] * 2
    (again,) = await ledger.claim(10)
    assert (again.update_ids, again.tries) == (tuple(told), 1)


async def test_what_is_postponed_was_no_try(ledger: Ledger) -> None:
    told = [await ledger.say(second) for second in (1, 2)]
    claimed = await ledger.claim(3)
    async with ledger.store.writing() as connection:
        await outbox.postpone(connection, "one", claimed, after(60))
    assert await ledger.claim(59) == []
    (again,) = await ledger.claim(60)
    assert (again.update_ids, again.tries) == (tuple(told), 0)


async def test_one_subscribers_trouble_holds_no_other_up(store: Store) -> None:
    ledger = Ledger(store)
    await ledger.begin("ada@example.com", "grace@example.com")
    await ledger.say(1)
    ada, grace = await ledger.claim(1)
    await ledger.settle([ada], DeliveryState.SENT, 2)
    await ledger.settle([grace], DeliveryState.FAILED, 2, again=600)
    await ledger.say(3)
    assert [item.address for item in await ledger.claim(3)] == ["ada@example.com", "grace@example.com"]


async def test_several_events_of_one_subscriber_do_not_wait_for_each_other(ledger: Ledger) -> None:
    await ledger.say(1)
    other = Ledger(ledger.store)
    await other.begin()
    await other.say(1)
    assert len(await ledger.claim(1)) == 2
