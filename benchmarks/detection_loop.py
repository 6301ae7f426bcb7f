"""The closed loop: the real scheduler, judge and hurry on a clock that a simulation moves."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from benchmarks.detection_services import DEADLINE_SECONDS, SUBJECTS, Service
from omwatch.clock import FakeClock
from omwatch.config.models import Judge, Watcher
from omwatch.config.settings import Check
from omwatch.domain.assessment import CheckState, Judged
from omwatch.domain.attempt import Attempt, Unit
from omwatch.domain.judge import Rules
from omwatch.domain.proposing import Move, Proposal, propose
from omwatch.domain.severity import Severity
from omwatch.domain.suggestion import Suggestion, SuggestionState
from omwatch.watcher.bench import Bench, Seat, spans
from omwatch.watcher.population import subjects
from omwatch.watcher.scheduler import Hurry, Plan, Scheduler

EVERY_SECONDS = 60.0
WARM_SECONDS = 130.0
"""How long all is well before the trouble begins."""
HURRY_PER_SECOND = Watcher().hurry_budget
CONCURRENCY = Watcher().concurrency
TICK_SECONDS = 0.25
"""The watcher's batches; see :class:`omwatch.watcher.watcher.Pace`."""
JUDGE_EVERY = timedelta(seconds=1)
NAMES = subjects(SUBJECTS, "agent")
_JUDGE = Judge()


@dataclass(frozen=True, slots=True)
class Change:
    """A suggestion that came, changed or went."""

    seconds: float
    """Since the trouble began."""
    move: Move
    severity: Severity
    components: tuple[str, ...]


@dataclass(slots=True)
class Run:
    """What one simulated watcher said and did."""

    changes: list[Change] = field(default_factory=list)
    hurried: int = 0
    steady: int = 0

    @property
    def final(self) -> Severity | None:
        """What is suggested in the end."""
        last = self.changes[-1] if self.changes else None
        return None if last is None or last.move is Move.WITHDRAW else last.severity

    def named(self) -> list[tuple[float, Severity]]:
        """Return every severity that was suggested, with its instant."""
        return [(change.seconds, change.severity) for change in self.changes if change.move is not Move.WITHDRAW]


@dataclass(slots=True)
class Desk:
    """The suggestions of one run, in memory, that nobody answers."""

    open: list[Suggestion] = field(default_factory=list)

    def consider(self, states: Sequence[CheckState], now: datetime) -> list[Proposal]:
        """Carry out what follows from the states; return the moves that an operator would notice."""
        moves = propose([state.assessment for state in states], self.open, [], now)
        for number, proposal in enumerate(moves, 1):
            its = replace(proposal.suggestion, id=proposal.suggestion.id or number)
            others = [old for old in self.open if old.id != its.id]
            self.open = others + ([its] if its.state is SuggestionState.OPEN else [])
        return [proposal for proposal in moves if proposal.move is not Move.REFRESH]


def check_names(service: Service, seed: int) -> list[str]:
    """Return a run's checks; another seed means other names, and so other phases of every subject."""
    return [f"check-{seed}-{number}" for number in range(service.checks)]


def bench_for(names: Sequence[str], unit: Unit, noun: str = "agent") -> Bench:
    """Return a bench with a seat for each check, by the shipped configuration's rules at this cadence."""
    bench = Bench()
    for name in names:
        check = Check(
            name=name,
            probe="probe",
            component=name,
            every_seconds=EVERY_SECONDS,
            deadline_seconds=DEADLINE_SECONDS,
            population=SUBJECTS,
            supporting=False,
            minimum=_JUDGE.minimum,
            noise_per_mille=10,
            max_body_bytes=1024,
            enabled=True,
            settings=None,
        )
        rules = Rules(
            unit=unit,
            noun=noun,
            outage_percent=_JUDGE.outage_percent,
            clear_below_percent=_JUDGE.clear_below_percent,
            minimum=_JUDGE.minimum,
            noise_per_mille=10,
        )
        judged = Judged(name, name, rules, timedelta(seconds=_JUDGE.clear_for), timedelta(seconds=EVERY_SECONDS))
        bench.seat(judged, spans(check, _JUDGE.look_back), NAMES)
    return bench


def seat_for(name: str, unit: Unit) -> Seat:
    """Return one such seat."""
    return bench_for([name], unit)._seats[name]  # noqa: SLF001 - a simulation looks inside


def begins_at(dice: Callable[[], float]) -> float:
    """Return when the trouble begins, in seconds from the start of the clock: anywhere in a round."""
    return WARM_SECONDS + dice() * EVERY_SECONDS


class _Watch:
    """The watcher's loop, without a store."""

    def __init__(self, service: Service, seed: int) -> None:
        self.clock = FakeClock(seed=seed)
        self.run = Run()
        self.tried: list[Attempt] = []
        self.begins = begins_at(self.clock.random)
        self._service = service
        self._names = check_names(service, seed)
        self._bench = bench_for(self._names, service.unit)
        self._finished: list[Attempt] = []
        self._judged_at: datetime | None = None
        self._desk = Desk()
        hurry = Hurry(HURRY_PER_SECOND, lambda check: self._bench.wish(check, self.clock.now()))
        plans = [Plan(name, NAMES, EVERY_SECONDS) for name in self._names]
        self.scheduler = Scheduler(plans, self.clock, CONCURRENCY, self._attempt, hurry)

    async def until(self, seconds: float) -> None:
        tasks = [asyncio.ensure_future(self.scheduler.run()), asyncio.ensure_future(self._tick_for_ever())]
        await self.clock.advance(seconds)
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self.clock.advance(0)

    async def _attempt(self, check: str, subject: str) -> None:
        at = self.clock.now()
        outcome, took = self._service.attempt(self.clock.monotonic() - self.begins, subject, self.clock.random)
        self.run.steady += 1
        await self.clock.sleep(took)
        attempt = Attempt(check, subject, at, took * 1000, outcome)
        self.tried.append(attempt)
        self._finished.append(attempt)

    async def _tick_for_ever(self) -> None:
        while True:
            await self.clock.sleep(TICK_SECONDS)
            self._tick()

    def _tick(self) -> None:
        now = self.clock.now()
        fresh, self._finished = self._finished, []
        if not fresh and self._judged_at is not None and now - self._judged_at < JUDGE_EVERY:
            return
        self._bench.add_all(fresh)
        states = self._bench.judge(now)
        self._judged_at = now
        for check in self._bench.hurried(now):
            self.scheduler.hurry(check)
        seconds = self.clock.monotonic() - self.begins
        for proposal in self._desk.consider(states, now):
            its = proposal.suggestion
            self.run.changes.append(Change(round(seconds, 3), proposal.move, its.severity, its.components))


async def watch(service: Service, seed: int, tried: list[Attempt] | None = None) -> Run:
    """Run one watcher over a service from well before its trouble to the end; keep the attempts if asked."""
    loop = _Watch(service, seed)
    await loop.until(loop.begins + service.lasts)
    loop.run.hurried = loop.scheduler.hurried
    loop.run.steady -= loop.run.hurried
    if tried is not None:
        tried += loop.tried
    return loop.run
