"""Hurry by the clock: attempts brought forward while they tell something, and never more than allowed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from itertools import pairwise

import pytest

from omwatch.clock import FakeClock
from omwatch.domain.assessment import Assessment, Judged
from omwatch.domain.attempt import Attempt, Outcome, Unit
from omwatch.domain.hurry import Wish
from omwatch.domain.judge import Rules
from omwatch.domain.recent import Span
from omwatch.domain.severity import Severity
from omwatch.watcher.bench import Bench
from omwatch.watcher.scheduler import Hurry, Plan, Scheduler

_AGENTS = tuple(f"agent-{number:02}" for number in range(1, 51))
_EVERY = 60.0
_STEADY_PER_SECOND = len(_AGENTS) / _EVERY
_CHECK = "agent-login"
_WARM = 130.0

Fails = Callable[[str], bool]


class Loop:
    """Scheduler, bench and hurry as the watcher joins them, over a service that fails as a test says."""

    def __init__(self, clock: FakeClock, budget: float, took: float) -> None:
        self.clock = clock
        self.took = took
        self.fails: Fails = lambda _: False
        self.started: list[tuple[float, str]] = []
        self.failed: list[float] = []
        self.at_once: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self._bench = Bench()
        rules = Rules(Unit.SUBJECT, noun="agent", noise_per_mille=10)
        spans = [
            Span("in the last round", timedelta(seconds=_EVERY + 10)),
            Span("in the last 5 minutes", timedelta(minutes=5)),
        ]
        judged = Judged(_CHECK, "Agent login", rules, timedelta(seconds=60), timedelta(seconds=_EVERY))
        self._bench.seat(judged, spans, _AGENTS)
        self._finished: list[Attempt] = []
        hurry = Hurry(budget, lambda check: self._bench.wish(check, clock.now()))
        self.scheduler = Scheduler([Plan(_CHECK, _AGENTS, _EVERY)], clock, 50, self._attempt, hurry)
        self.now: Assessment | None = None

    async def forward(self, seconds: float) -> None:
        for _ in range(round(seconds * 4)):
            await self.clock.advance(0.25)
            fresh, self._finished = self._finished, []
            self._bench.add_all(fresh)
            self.now = self._bench.judge(self.clock.now())[0].assessment
            for check in self._bench.hurried(self.clock.now()):
                self.scheduler.hurry(check)

    async def until(self, severity: Severity, within: float) -> None:
        for _ in range(round(within * 4)):
            await self.forward(0.25)
            if self.now is not None and self.now.severity is severity:
                return
        raise AssertionError(f"not {severity!r} within {within} s but {self.now}")

    async def _attempt(self, check: str, subject: str) -> None:
        at = self.clock.now()
        self.started.append((self.clock.monotonic(), subject))
        outcome = Outcome.FAILED if self.fails(subject) else Outcome.PASSED
        if outcome is Outcome.FAILED:
            self.failed.append(self.clock.monotonic())
        self.at_once[subject] += 1
        self.most[subject] = max(self.most[subject], self.at_once[subject])
        await self.clock.sleep(self.took)
        self.at_once[subject] -= 1
        self._finished.append(Attempt(check, subject, at, self.took * 1000, outcome))


@asynccontextmanager
async def looping(clock: FakeClock, budget: float = 1.0, took: float = 0.15) -> AsyncIterator[Loop]:
    """A loop that has seen two rounds without a failure."""
    loop = Loop(clock, budget, took)
    task = asyncio.create_task(loop.scheduler.run())
    await loop.forward(_WARM)
    yield loop
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await clock.advance(0)


def some(*numbers: int) -> Fails:
    return lambda subject: int(subject[-2:]) in numbers


def of_five(failing: int) -> Fails:
    return lambda subject: int(subject[-2:]) % 5 < failing


async def test_all_is_well_and_nothing_hurries(clock: FakeClock) -> None:
    async with looping(clock) as loop:
        await loop.forward(600)
        assert loop.scheduler.hurried == 0
        assert loop.now is not None
        assert loop.now.severity is Severity.NONE


@pytest.mark.parametrize("took", [0.15, 2.0])
@pytest.mark.parametrize("budget", [0.5, 1.0, 5.0])
async def test_a_failure_brings_the_rest_of_the_round_forward_within_the_budget(
    clock: FakeClock, budget: float, took: float
) -> None:
    async with looping(clock, budget, took) as loop:
        loop.fails = of_five(2)
        while not loop.failed:
            await loop.forward(0.25)
        begun = loop.failed[0]
        while len({subject for at, subject in loop.started if at >= begun}) < len(_AGENTS):
            await loop.forward(0.25)
        lasted = clock.monotonic() - begun
    at_best = len(_AGENTS) / (_STEADY_PER_SECOND + budget)
    assert at_best - 1 < lasted < 1.25 * at_best + 2 + took


@pytest.mark.parametrize("fails", [some(7), some(7, 9), of_five(1), of_five(2), of_five(5)])
@pytest.mark.parametrize("budget", [0.25, 1.0, 4.0])
async def test_the_extra_attempts_never_exceed_the_budget(clock: FakeClock, fails: Fails, budget: float) -> None:
    async with looping(clock, budget) as loop:
        loop.fails = fails
        for seconds in range(1, 300):
            await loop.forward(1)
            assert loop.scheduler.hurried <= budget * seconds + 1


async def test_without_a_budget_nothing_is_brought_forward(clock: FakeClock) -> None:
    async with looping(clock, budget=0.0) as loop:
        loop.fails = of_five(5)
        await loop.until(Severity.OUTAGE, within=20)
        assert loop.scheduler.hurried == 0


async def test_a_hurry_that_goes_on_slows_to_half_its_pace_every_minute(clock: FakeClock) -> None:
    started: list[str] = []

    async def attempt(_check: str, subject: str) -> None:
        started.append(subject)

    wishes = iter(range(10_000))
    hurry = Hurry(2.0, lambda _check: Wish(f"agent-{next(wishes)}"))
    scheduler = Scheduler([Plan(_CHECK, (), _EVERY)], clock, 50, attempt, hurry)
    scheduler.hurry(_CHECK)
    per_minute: list[int] = []
    for _ in range(5):
        before = len(started)
        await clock.advance(60)
        per_minute.append(len(started) - before)
    # 2/s that halve every 60 s: 2 × 60 / ln 2 × ½ in the first minute.
    assert per_minute == pytest.approx([86.6, 43.3, 21.6, 10.8, 5.4], abs=2)


async def test_a_hurry_ends_after_ten_minutes_whatever_it_wishes(clock: FakeClock) -> None:
    async def attempt(_check: str, _subject: str) -> None: ...

    scheduler = Scheduler([], clock, 50, attempt, Hurry(1.0, lambda _check: Wish("agent-01")))
    scheduler.hurry(_CHECK)
    await clock.advance(3600)
    made = scheduler.hurried
    await clock.advance(36_000)
    assert scheduler.hurried == made < 100


async def test_a_platform_that_is_down_is_left_in_peace(clock: FakeClock) -> None:
    async with looping(clock) as loop:
        loop.fails = of_five(5)
        await loop.until(Severity.OUTAGE, within=15)
        hurried, started = loop.scheduler.hurried, len(loop.started)
        await loop.forward(600)
        assert loop.scheduler.hurried == hurried
        assert len(loop.started) - started == pytest.approx(600 * _STEADY_PER_SECOND, abs=2)


async def test_a_lone_failure_costs_a_dozen_attempts_at_most(clock: FakeClock) -> None:
    async with looping(clock) as loop:
        failed: list[str] = []

        def once(subject: str) -> bool:
            failed.append(subject)
            return len(failed) == 1

        loop.fails = once
        await loop.forward(300)
        assert 1 <= loop.scheduler.hurried <= 12
        assert loop.now is not None
        assert loop.now.severity is Severity.NONE


async def test_a_failing_subject_is_asked_again_before_it_is_believed(clock: FakeClock) -> None:
    async with looping(clock) as loop:
        loop.fails = some(7)
        await loop.until(Severity.MINOR, within=125)
        looks = [at for at, subject in loop.started if subject == "agent-07" and at > _WARM]
        assert len(looks) >= 5
        gaps = [later - earlier for earlier, later in pairwise(looks[:5])]
        assert all(2 <= gap <= 5 for gap in gaps), "second looks come seconds apart, not a round apart"


@pytest.mark.parametrize("fails", [some(7), of_five(1), of_five(5)])
async def test_no_subject_is_ever_tried_twice_at_once(clock: FakeClock, fails: Fails) -> None:
    async with looping(clock, budget=4.0, took=9.0) as loop:
        loop.fails = fails
        await loop.forward(240)
        assert loop.scheduler.hurried > 0
        assert set(loop.most.values()) == {1}
