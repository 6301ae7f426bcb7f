"""The scheduler by the clock: every subject at its own instants, whatever the machine goes through."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from omwatch.clock import FakeClock
from omwatch.watcher.scheduler import Plan, Scheduler

_AGENTS = tuple(f"agent-{number:02}" for number in range(1, 51))
_QUEUES = tuple(f"queue-{number:02}" for number in range(1, 11))
_LOGIN = Plan("agent-login", _AGENTS, 10.0)
_CHAT = Plan("chat-routing", _QUEUES, 8.0)

Attempt = Callable[[str, str], Awaitable[None]]


class JumpingClock(FakeClock):
    """A clock whose wall time somebody sets; sleeping and measuring go on undisturbed."""

    def __init__(self) -> None:
        super().__init__()
        self.set_by = timedelta()

    def now(self) -> datetime:
        return super().now() + self.set_by


class Diary:
    """An attempt function that takes its time and writes down when it was called."""

    def __init__(self, clock: FakeClock, takes: float = 0.0) -> None:
        self.clock = clock
        self.takes = takes
        self.started: list[tuple[float, str, str]] = []
        self.cancelled = 0
        self.at_once: Counter[str] = Counter()
        self.most: Counter[str] = Counter()

    async def attempt(self, check: str, subject: str) -> None:
        self.started.append((self.clock.monotonic(), check, subject))
        for key in (check, "all", f"{check}/{subject}"):
            self.at_once[key] += 1
            self.most[key] = max(self.most[key], self.at_once[key])
        try:
            await self.clock.sleep(self.takes)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            for key in (check, "all", f"{check}/{subject}"):
                self.at_once[key] -= 1

    def instants(self, check: str, subject: str) -> list[float]:
        return [at for at, *who in self.started if who == [check, subject]]


@asynccontextmanager
async def _running(
    plans: list[Plan], clock: FakeClock, attempt: Attempt, concurrency: int = 1000
) -> AsyncIterator[Scheduler]:
    scheduler = Scheduler(plans, clock, concurrency, attempt)
    task = asyncio.create_task(scheduler.run())
    yield scheduler
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await clock.advance(0)


async def test_in_an_hour_each_subject_is_tried_exactly_once_per_cadence(clock: FakeClock) -> None:
    diary = Diary(clock)
    async with _running([_LOGIN, _CHAT], clock, diary.attempt) as scheduler:
        await clock.advance(3600)
    counts = Counter((check, subject) for _, check, subject in diary.started)
    assert {counts["agent-login", subject] for subject in _AGENTS} == {360}
    assert {counts["chat-routing", subject] for subject in _QUEUES} == {450}
    assert scheduler.missed == 0


async def test_a_subjects_instants_lie_one_cadence_apart(clock: FakeClock) -> None:
    diary = Diary(clock)
    async with _running([_LOGIN], clock, diary.attempt):
        await clock.advance(600)
    for subject in _AGENTS:
        instants = diary.instants("agent-login", subject)
        gaps = [after - before for before, after in pairwise(instants)]
        assert gaps == pytest.approx([10.0] * len(gaps), abs=1e-4)


async def test_the_load_is_spread_evenly_over_the_cadence(clock: FakeClock) -> None:
    diary = Diary(clock)
    crowd = Plan("agent-login", tuple(f"agent-{number:04}" for number in range(1000)), 10.0)
    async with _running([crowd], clock, diary.attempt):
        await clock.advance(10)
    per_second = Counter(int(at) for at, _, _ in diary.started)
    assert sum(per_second.values()) == 1000
    assert max(per_second.values()) < 140
    assert min(per_second[second] for second in range(10)) > 60


async def test_nothing_is_tried_in_a_bunch_at_the_start(clock: FakeClock) -> None:
    diary = Diary(clock)
    async with _running([_LOGIN], clock, diary.attempt):
        await clock.advance(0.5)
    assert len(diary.started) < 10


async def test_after_a_restart_every_subject_keeps_its_instants(clock: FakeClock) -> None:
    before, after = Diary(clock), Diary(clock)
    async with _running([_LOGIN], clock, before.attempt):
        await clock.advance(20)
    await clock.advance(3.3)
    async with _running([_LOGIN], clock, after.attempt):
        await clock.advance(20)
    for subject in _AGENTS:
        (first, *_), (later, *_) = before.instants("agent-login", subject), after.instants("agent-login", subject)
        assert ((later - first) / 10) == pytest.approx(round((later - first) / 10), abs=1e-4)


async def test_another_check_tries_the_same_subject_at_other_instants(clock: FakeClock) -> None:
    diary = Diary(clock)
    async with _running([_LOGIN, Plan("agent-logout", _AGENTS, 10.0)], clock, diary.attempt):
        await clock.advance(10)
    together = [s for s in _AGENTS if diary.instants("agent-login", s) == diary.instants("agent-logout", s)]
    assert together == []


async def test_five_minutes_lost_are_counted_as_missed_and_never_made_up_for() -> None:
    clock = JumpingClock()
    diary = Diary(clock)
    async with _running([_LOGIN], clock, diary.attempt) as scheduler:
        await clock.advance(30)
        tried = len(diary.started)
        clock.set_by += timedelta(minutes=5)
        await clock.advance(0.2)
        assert len(diary.started) - tried <= 5, "no more than an ordinary second's worth"
        await clock.advance(29.8)
    expected = 50 * 6
    made = len(diary.started)
    assert made + scheduler.missed == pytest.approx(expected + 50 * 30, abs=5)
    assert scheduler.missed == pytest.approx(50 * 30, abs=5)
    assert diary.most["all"] <= 2


async def test_a_tick_that_comes_a_little_late_still_runs() -> None:
    clock = JumpingClock()
    diary = Diary(clock)
    async with _running([_LOGIN], clock, diary.attempt) as scheduler:
        for _ in range(10):
            clock.set_by += timedelta(seconds=0.8)
            await clock.advance(2.2)
    assert scheduler.missed == 0
    assert len(diary.started) == pytest.approx(150, abs=5)


@pytest.mark.parametrize("back", [timedelta(seconds=45), timedelta(hours=3)])
async def test_a_clock_that_is_set_back_does_not_stop_the_watching(back: timedelta) -> None:
    clock = JumpingClock()
    diary = Diary(clock)
    async with _running([_LOGIN], clock, diary.attempt):
        await clock.advance(30)
        tried = len(diary.started)
        clock.set_by -= back
        await clock.advance(60)
    assert len(diary.started) - tried == pytest.approx(300, abs=60)


async def test_no_more_attempts_than_allowed_run_at_once(clock: FakeClock) -> None:
    diary = Diary(clock, takes=7)
    async with _running([_LOGIN], clock, diary.attempt, concurrency=12) as scheduler:
        await clock.advance(60)
        assert scheduler.running == 12
    assert diary.most["all"] == 12
    assert scheduler.missed + len(diary.started) == 300


async def test_one_check_that_hangs_gets_half_of_the_room_and_the_other_none_of_its_misses(clock: FakeClock) -> None:
    diary = Diary(clock)

    async def hang_logins(check: str, subject: str) -> None:
        diary.takes = 1000.0 if check == "agent-login" else 0.5
        await diary.attempt(check, subject)

    async with _running([_LOGIN, _CHAT], clock, hang_logins, concurrency=20):
        await clock.advance(80)
    assert diary.most["agent-login"] == 10
    counts = Counter(subject for _, check, subject in diary.started if check == "chat-routing")
    assert counts == Counter(dict.fromkeys(_QUEUES, 10))


async def test_a_single_check_may_use_all_of_the_room(clock: FakeClock) -> None:
    diary = Diary(clock, takes=1000)
    async with _running([_LOGIN], clock, diary.attempt, concurrency=20):
        await clock.advance(10)
    assert diary.most["agent-login"] == 20


async def test_room_for_one_is_shared_by_many_checks(clock: FakeClock) -> None:
    diary = Diary(clock, takes=0.1)
    async with _running([_LOGIN, _CHAT], clock, diary.attempt, concurrency=1):
        await clock.advance(30)
    assert diary.most["all"] == 1
    assert {check for _, check, _ in diary.started} == {"agent-login", "chat-routing"}


async def test_a_subject_is_never_tried_twice_at_once_and_the_tick_is_missed(clock: FakeClock) -> None:
    diary = Diary(clock, takes=15)
    async with _running([_LOGIN], clock, diary.attempt) as scheduler:
        await clock.advance(100)
    assert {diary.most[f"agent-login/{subject}"] for subject in _AGENTS} == {1}
    assert {len(diary.instants("agent-login", subject)) for subject in _AGENTS} == {5}
    assert scheduler.missed == 250


async def test_an_attempt_that_raises_stops_nothing(clock: FakeClock) -> None:
    seen: list[str] = []

    async def raising(_check: str, subject: str) -> None:
        seen.append(subject)
        await asyncio.wait_for(asyncio.Event().wait(), 0)

    handler = asyncio.get_running_loop()
    handler.set_exception_handler(lambda _loop, _context: None)
    async with _running([_CHAT], clock, raising) as scheduler:
        await clock.advance(16)
        assert scheduler.running == 0
    assert Counter(seen) == Counter(dict.fromkeys(_QUEUES, 2))


async def test_cancelling_cancels_every_attempt_under_way(clock: FakeClock) -> None:
    diary = Diary(clock, takes=1000)
    async with _running([_CHAT], clock, diary.attempt) as scheduler:
        await clock.advance(8)
        assert scheduler.running == 10
    assert diary.cancelled == 10
    assert scheduler.running == 0


async def test_without_plans_it_waits_quietly(clock: FakeClock) -> None:
    sleeps: list[float] = []
    real = clock.sleep

    async def noting(seconds: float) -> None:
        sleeps.append(seconds)
        await real(seconds)

    clock.sleep = noting  # type: ignore[method-assign] # only to count
    async with _running([], clock, Diary(clock).attempt) as scheduler:
        await clock.advance(3600)
    assert len(sleeps) <= 3600 / 30
    assert min(sleeps) > 0
    assert scheduler.missed == 0


async def test_waiting_for_one_slow_cadence_costs_a_few_wake_ups_only(clock: FakeClock) -> None:
    sleeps: list[float] = []
    real = clock.sleep

    async def noting(seconds: float) -> None:
        sleeps.append(seconds)
        await real(seconds)

    clock.sleep = noting  # type: ignore[method-assign] # only to count
    diary = Diary(clock)
    async with _running([Plan("nightly", ("one",), 86_400.0)], clock, diary.attempt):
        await clock.advance(86_400)
    assert len(diary.instants("nightly", "one")) == 1
    assert len(sleeps) < 86_400 / 30
