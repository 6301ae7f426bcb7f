"""On-call's outbox: each alarm once for each place, one at a time for each, taken over from the dead."""

import asyncio
from datetime import timedelta

import pytest

from omwatch.domain.alarm import Alarm
from omwatch.domain.delivery import DeliveryState
from omwatch.store import Store, alarms
from omwatch.store.alarms import Claimed
from tests.conftest import OpenStore
from tests.domain.builders import after

EVERYWHERE = ("phone", "mail", "chat")


async def sound(store: Store, key: str, *places: str, seconds: float = 0) -> None:
    async with store.writing() as connection:
        await alarms.sound(connection, Alarm(key, f"{key}!", "Do it.", after(seconds)), places or EVERYWHERE)


async def claim(store: Store, holder: str, seconds: float, places: tuple[str, ...] = EVERYWHERE) -> list[Claimed]:
    now = after(seconds)
    async with store.writing() as connection:
        return await alarms.claim(connection, holder, places, now, now + timedelta(seconds=10))


async def settle(
    store: Store,
    claimed: Claimed,
    holder: str,
    state: DeliveryState = DeliveryState.SENT,
    next_try: float | None = None,
) -> bool:
    again = None if next_try is None else after(next_try)
    async with store.writing() as connection:
        return await alarms.settle(connection, claimed, holder, state, after(1), "", again)


async def waiting(store: Store, seconds: float) -> frozenset[str]:
    async with store.reading() as connection:
        return await alarms.waiting(connection, after(seconds))


async def states(store: Store) -> dict[tuple[str, str], DeliveryState]:
    async with store.reading() as connection:
        return {(item.key, item.place): item.state for item in await alarms.latest(connection, 100)}


async def test_an_alarm_is_queued_once_for_every_place(store: Store) -> None:
    await sound(store, "a")
    await sound(store, "a", seconds=60)
    assert await states(store) == {("a", place): DeliveryState.QUEUED for place in EVERYWHERE}
    async with store.reading() as connection:
        assert await alarms.sounded(connection, ["a", "b"]) == {("a", place) for place in EVERYWHERE}
        assert {item.raised_at for item in await alarms.latest(connection, 100)} == {after(0)}


async def test_sounding_for_nobody_queues_nothing(store: Store) -> None:
    async with store.writing() as connection:
        await alarms.sound(connection, Alarm("a", "a", "a", after(0)), ())
    assert await states(store) == {}


async def test_a_claim_takes_the_oldest_of_each_place_that_was_asked_for(store: Store) -> None:
    await sound(store, "a", "phone", "mail")
    await sound(store, "b")
    found = await claim(store, "one", 0, ("phone", "chat"))
    assert {(item.place, item.subject, item.text, item.tries) for item in found} == {
        ("phone", "a!", "Do it.", 0),
        ("chat", "b!", "Do it.", 0),
    }
    assert await waiting(store, 0) == {"phone", "mail"}


async def test_claiming_for_no_place_takes_nothing(store: Store) -> None:
    await sound(store, "a")
    assert await claim(store, "one", 0, ()) == []


async def test_two_holders_never_hold_the_same_alarm(store: Store, open_store: OpenStore) -> None:
    for number in range(10):
        await sound(store, f"{number}")

    async def claim_all(mine: Store, holder: str) -> list[int]:
        taken: list[int] = []
        while found := await claim(mine, holder, 0):
            taken += [item.id for item in found]
        return taken

    taken = await asyncio.gather(claim_all(store, "one"), claim_all(open_store(), "two"))
    assert sorted(number for numbers in taken for number in numbers) == list(range(1, 31))


async def test_what_is_claimed_is_free_again_when_its_lease_has_run_out(store: Store) -> None:
    await sound(store, "a", "phone")
    (held,) = await claim(store, "one", 0)
    assert await claim(store, "two", 10) == []
    assert await waiting(store, 10) == frozenset()
    assert await waiting(store, 10.000001) == {"phone"}
    (taken,) = await claim(store, "two", 10.000001)
    assert taken.id == held.id
    assert not await settle(store, held, "one", DeliveryState.DEAD)
    assert await settle(store, taken, "two")
    assert not await settle(store, taken, "two", DeliveryState.DEAD)
    assert await states(store) == {("a", "phone"): DeliveryState.SENT}


async def test_a_failed_one_comes_back_at_its_instant_with_its_tries_counted(store: Store) -> None:
    await sound(store, "a", "phone")
    (held,) = await claim(store, "one", 0)
    await settle(store, held, "one", DeliveryState.FAILED, next_try=60)
    assert await claim(store, "one", 59) == []
    (again,) = await claim(store, "one", 60)
    assert (again.id, again.tries) == (held.id, 1)


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.DEAD])
async def test_what_is_over_is_never_claimed_again(store: Store, state: DeliveryState) -> None:
    await sound(store, "a", "phone")
    (held,) = await claim(store, "one", 0)
    await settle(store, held, "one", state)
    assert await claim(store, "one", 10_000) == []


async def test_what_waits_for_a_place_that_is_no_more_is_given_up_with_the_reason(store: Store) -> None:
    await sound(store, "a")
    await sound(store, "b")
    (held,) = await claim(store, "one", 0, ("chat",))
    async with store.writing() as connection:
        assert await alarms.bury(connection, {"phone", "chat"}, "it is no more", after(5)) == 3
        assert await alarms.bury(connection, frozenset(), "it is no more", after(5)) == 0
    found = await states(store)
    assert [found[key, "phone"] for key in "ab"] == [DeliveryState.DEAD] * 2
    assert [found[key, "mail"] for key in "ab"] == [DeliveryState.QUEUED] * 2
    assert (found["a", "chat"], found["b", "chat"]) == (DeliveryState.SENDING, DeliveryState.DEAD)
    assert await settle(store, held, "one")
    async with store.reading() as connection:
        assert {item.error for item in await alarms.latest(connection, 9) if item.state is DeliveryState.DEAD} == {
            "it is no more"
        }


async def test_the_newest_alarms_come_first_and_the_failed_ones_are_counted(store: Store) -> None:
    await sound(store, "a")
    await sound(store, "b", "phone", seconds=60)
    held = await claim(store, "one", 0)
    outcomes = [DeliveryState.DEAD, DeliveryState.FAILED, DeliveryState.SENT]
    for item, state in zip(sorted(held, key=lambda item: item.id), outcomes, strict=True):
        await settle(store, item, "one", state)
    (last,) = await claim(store, "one", 60, ("phone",))
    await settle(store, last, "one", DeliveryState.DEAD)
    async with store.reading() as connection:
        assert [(item.key, item.place) for item in await alarms.latest(connection, 2)] == [
            ("b", "phone"),
            ("a", "chat"),
        ]
        assert await alarms.failed_counts(connection) == {DeliveryState.DEAD: 2, DeliveryState.FAILED: 1}
        assert await alarms.failed_counts(connection, after(1)) == {DeliveryState.DEAD: 1}
