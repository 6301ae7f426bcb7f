"""Lanes: attempts in a thread of their own, and what becomes of a thread that is held."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from omwatch.clock import SystemClock
from omwatch.domain.attempt import Attempt, Outcome
from omwatch.watcher import lane as lanes
from omwatch.watcher.lane import Lane

_AT = datetime(2026, 1, 5, 15, tzinfo=UTC)
_PASSED = Attempt("check", "agent-01", _AT, 12.0, Outcome.PASSED)
_DEADLINE = 0.05


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "GRACE_SECONDS", 0.05)
    monkeypatch.setattr(lanes, "PULSE_SECONDS", 0.05)


@pytest.fixture
def lane() -> Iterator[Lane]:
    lane = Lane("check", _DEADLINE, SystemClock())
    yield lane
    lane.end()
    lane.join(5)
    assert not lane._thread.is_alive()


@pytest.fixture
def hold() -> Iterator[threading.Event]:
    """Holds every lane that waits for it, for as long as the test likes."""
    event = threading.Event()
    yield event
    event.set()


async def _pass() -> Attempt:
    return _PASSED


async def _block(until: threading.Event) -> Attempt:
    until.wait(30)
    return _PASSED


async def _until_it_passes(lane: Lane) -> None:
    async with asyncio.timeout(5):
        while (await lane.attempt("agent-01", _pass())).outcome is Outcome.BROKEN:
            await SystemClock().sleep(0)


async def test_an_attempt_runs_in_the_lanes_own_thread(lane: Lane) -> None:
    ran_in: list[str] = []

    async def work() -> Attempt:
        ran_in.append(threading.current_thread().name)
        return _PASSED

    assert await lane.attempt("agent-01", work()) is _PASSED
    assert ran_in == ["lane-check"]


async def test_attempts_of_one_lane_run_at_the_same_time(lane: Lane) -> None:
    everybody = asyncio.Barrier(20)

    async def work() -> Attempt:
        await everybody.wait()
        return _PASSED

    attempts = await asyncio.gather(*(lane.attempt(f"agent-{number}", work()) for number in range(20)))
    assert attempts == [_PASSED] * 20


async def test_what_the_work_raises_comes_out(lane: Lane) -> None:
    async def work() -> Attempt:
        raise KeyError("state")

    with pytest.raises(KeyError):
        await lane.attempt("agent-01", work())
    assert await lane.attempt("agent-01", _pass()) is _PASSED


async def test_a_held_lane_makes_its_attempt_broken_from_outside(lane: Lane, hold: threading.Event) -> None:
    attempt = await lane.attempt("agent-07", _block(hold))
    assert (attempt.check, attempt.subject, attempt.outcome) == ("check", "agent-07", Outcome.BROKEN)
    assert attempt.error.startswith("the probe blocked its event loop for 0.1 s; await what takes time")
    assert attempt.duration_ms == pytest.approx(100)


async def test_a_held_lane_holds_up_neither_the_caller_nor_other_lanes(lane: Lane, hold: threading.Event) -> None:
    other = Lane("other", _DEADLINE, SystemClock())
    held = asyncio.create_task(lane.attempt("agent-01", _block(hold)))
    for _ in range(100):
        assert await other.attempt("chat-01", _pass()) is _PASSED
    assert not held.done()
    assert (await held).outcome is Outcome.BROKEN
    other.end()
    other.join(5)


async def test_a_lane_known_to_be_held_refuses_at_once_and_starts_nothing(lane: Lane, hold: threading.Event) -> None:
    await lane.attempt("agent-01", _block(hold))
    started: list[str] = []

    async def work() -> Attempt:
        started.append("here")
        return _PASSED

    attempt = await lane.attempt("agent-02", work())
    assert (attempt.outcome, attempt.duration_ms) == (Outcome.BROKEN, 0)
    hold.set()
    await _until_it_passes(lane)
    assert started == []


async def test_a_lane_recovers_once_it_moves_even_when_all_its_attempts_were_given_up(
    lane: Lane, hold: threading.Event
) -> None:
    several = [lane.attempt(f"agent-{number}", _block(hold)) for number in range(5)]
    assert {attempt.outcome for attempt in await asyncio.gather(*several)} == {Outcome.BROKEN}
    assert (await lane.attempt("agent-01", _pass())).outcome is Outcome.BROKEN
    hold.set()
    await _until_it_passes(lane)


async def test_a_lane_that_moves_just_before_it_is_given_up_is_not_marked(lane: Lane) -> None:
    hold = threading.Event()
    lane._loop.call_soon_threadsafe(hold.wait, _DEADLINE + 0.07)
    assert (await lane.attempt("agent-01", _pass())).outcome is Outcome.BROKEN
    await _until_it_passes(lane)


async def test_an_attempt_that_goes_on_after_its_end_is_broken_and_its_lane_is_free(lane: Lane) -> None:
    over = asyncio.Event()

    async def stubborn() -> Attempt:
        while not over.is_set():
            try:
                await over.wait()
            except asyncio.CancelledError:
                continue
        return _PASSED

    attempt = await lane.attempt("agent-01", stubborn())
    assert attempt.outcome is Outcome.BROKEN
    assert "must let asyncio.CancelledError pass" in attempt.error
    assert await lane.attempt("agent-02", _pass()) is _PASSED
    lane._loop.call_soon_threadsafe(over.set)


async def test_cancelling_the_attempt_cancels_the_work(lane: Lane) -> None:
    loop, under_way, cancelled = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    async def work() -> Attempt:
        loop.call_soon_threadsafe(under_way.set)
        try:
            await asyncio.Event().wait()
        finally:
            loop.call_soon_threadsafe(cancelled.set)
        return _PASSED

    task = asyncio.create_task(lane.attempt("agent-01", work()))
    async with asyncio.timeout(5):
        await under_way.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await cancelled.wait()


@pytest.mark.parametrize("trouble", [SystemExit(3), KeyboardInterrupt()], ids=["SystemExit", "KeyboardInterrupt"])
async def test_a_task_of_the_probe_that_exits_does_not_end_the_lane(lane: Lane, trouble: BaseException) -> None:
    async def leave() -> None:
        raise trouble

    async def work() -> Attempt:
        task = asyncio.create_task(leave())
        await asyncio.wait({task})
        assert task.exception() is trouble
        return _PASSED

    assert await lane.attempt("agent-01", work()) is _PASSED
    assert await lane.attempt("agent-02", _pass()) is _PASSED


async def test_a_probe_that_stops_the_loop_does_not_end_the_lane(lane: Lane) -> None:
    async def work() -> Attempt:
        asyncio.get_running_loop().stop()
        return _PASSED

    assert await lane.attempt("agent-01", work()) is _PASSED
    assert await lane.attempt("agent-02", _pass()) is _PASSED


async def test_ending_a_lane_cancels_what_runs_in_it() -> None:
    lane = Lane("check", 30, SystemClock())
    loop, under_way, cancelled = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    async def work() -> Attempt:
        loop.call_soon_threadsafe(under_way.set)
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return _PASSED

    task = asyncio.create_task(lane.attempt("agent-01", work()))
    await under_way.wait()
    lane.end()
    lane.join(5)
    assert cancelled.is_set()
    assert not lane._thread.is_alive()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_ending_an_idle_lane_ends_its_thread() -> None:
    lane = Lane("check", 30, SystemClock())
    lane.end()
    lane.join(5)
    assert not lane._thread.is_alive()
    assert lane._loop.is_closed()


async def test_a_held_lane_is_left_behind_in_time(hold: threading.Event) -> None:
    lane = Lane("check", _DEADLINE, SystemClock())
    await lane.attempt("agent-01", _block(hold))
    before = SystemClock().monotonic()
    lane.end()
    lane.join(0.1)
    assert SystemClock().monotonic() - before < 1
    assert lane._thread.is_alive()
    assert lane._thread.daemon, "so that it dies with the process"
    hold.set()
    lane.join(5)
    assert not lane._thread.is_alive()
