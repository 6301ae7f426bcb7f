"""The fake clock tells the timeline a real one would; the real one is aware and never runs backwards."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.clock import Clock, FakeClock, SystemClock, new_token

START = datetime(2026, 1, 5, 15, tzinfo=UTC)


async def sleeper(clock: Clock, seconds: float, woken: list[tuple[float, datetime]]) -> None:
    await clock.sleep(seconds)
    woken.append((seconds, clock.now()))


@given(sleeps=st.lists(st.integers(1, 100), max_size=20), steps=st.lists(st.integers(0, 60), max_size=6))
async def test_sleepers_wake_in_order_each_at_its_own_instant(sleeps: list[int], steps: list[int]) -> None:
    clock, woken = FakeClock(), list[tuple[float, datetime]]()
    tasks = [asyncio.create_task(sleeper(clock, seconds, woken)) for seconds in sleeps]
    for step in steps:
        await clock.advance(step)
    passed = sum(steps)
    assert [seconds for seconds, _ in woken] == sorted(seconds for seconds in sleeps if seconds <= passed)
    assert all(at == START + timedelta(seconds=seconds) for seconds, at in woken)
    assert clock.now() == START + timedelta(seconds=passed)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_those_due_at_one_instant_wake_in_the_order_they_lay_down() -> None:
    clock, woken = FakeClock(), list[str]()

    async def named(name: str) -> None:
        await clock.sleep(5)
        woken.append(name)

    async with asyncio.TaskGroup() as group:
        for name in ("first", "second", "third"):
            group.create_task(named(name))
        await clock.advance(5)
    assert woken == ["first", "second", "third"]


async def test_one_who_sleeps_again_wakes_again_within_the_same_advance() -> None:
    clock, woken = FakeClock(), list[float]()

    async def ticking() -> None:
        while True:
            await clock.sleep(10)
            woken.append(clock.monotonic())

    task = asyncio.create_task(ticking())
    await clock.advance(35)
    assert woken == [10, 20, 30]
    await clock.advance(5)
    assert woken == [10, 20, 30, 40]
    task.cancel()


async def test_nobody_wakes_early() -> None:
    clock, woken = FakeClock(), list[tuple[float, datetime]]()
    task = asyncio.create_task(sleeper(clock, 10, woken))
    await clock.advance(9.999)
    assert woken == []
    await clock.advance(0.001)
    assert woken == [(10, START + timedelta(seconds=10))]
    await task


async def test_a_cancelled_sleeper_keeps_nobody_from_waking() -> None:
    clock, woken = FakeClock(), list[tuple[float, datetime]]()
    gone, stays = (asyncio.create_task(sleeper(clock, seconds, woken)) for seconds in (1, 2))
    await clock.advance(0)
    gone.cancel()
    await clock.advance(3)
    assert [seconds for seconds, _ in woken] == [2]
    await stays


@pytest.mark.parametrize("seconds", [0, -1])
async def test_sleeping_for_nothing_lets_others_run_and_returns(seconds: float) -> None:
    clock, ran = FakeClock(), asyncio.Event()
    asyncio.get_running_loop().call_soon(ran.set)
    await clock.sleep(seconds)
    assert ran.is_set()
    assert clock.now() == START


async def test_the_monotonic_counter_and_the_wall_clock_go_together() -> None:
    clock = FakeClock(datetime(2026, 11, 23, 14, tzinfo=UTC))
    await clock.advance(90.5)
    assert clock.monotonic() == 90.5
    assert clock.now() == datetime(2026, 11, 23, 14, 1, 30, 500_000, tzinfo=UTC)


def test_fake_chance_is_the_same_each_time_and_differs_by_seed() -> None:
    first, again, other = (
        [clock.random() for _ in range(5)] for clock in (FakeClock(), FakeClock(), FakeClock(seed=1))
    )
    assert first == again != other
    assert all(0 <= number < 1 for number in first)


def test_the_real_clock_is_aware_and_in_utc() -> None:
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert abs(now.timestamp() - datetime.fromisoformat(now.isoformat()).timestamp()) < 1e-6


async def test_the_real_clock_never_runs_backwards_and_sleeping_for_nothing_returns() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(-5)
    assert clock.monotonic() >= before
    assert 0 <= clock.random() < 1


def test_a_token_is_256_bits_that_fit_an_address() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) == 43 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)
