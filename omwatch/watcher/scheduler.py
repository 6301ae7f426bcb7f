"""Starts every attempt at its instant: evenly spread, never bunched, never more at once than allowed."""

import asyncio
import heapq
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from omwatch.clock import Clock
from omwatch.domain.hurry import Wish
from omwatch.domain.schedule import next_due, phase, ticks_between

HALVES_EVERY_SECONDS = 60.0
"""A hurry that goes on slows down: half the pace after each of these."""
GIVE_UP_SECONDS = 600.0
"""A hurry ends after this long, whatever is still unclear."""
_LATE_SECONDS = 1.0
"""A tick this late is missed rather than made up for: a made-up crowd would measure itself."""
_LONGEST_WAIT_SECONDS = 60.0
"""How long it takes at most to notice that the wall clock was set."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When a check's subjects are tried."""

    check: str
    subjects: tuple[str, ...]
    every_seconds: float


@dataclass(frozen=True, slots=True)
class Hurry:
    """How attempts are brought forward when something fails."""

    per_second: float
    """Extra attempts per second and check, at first; the pace halves every minute."""
    wish: Callable[[str], Wish | None]
    """Says what a check should try next, or None when it has seen enough."""


class Scheduler:
    """Runs attempts on the grid of every plan until it is cancelled."""

    def __init__(
        self,
        plans: Sequence[Plan],
        clock: Clock,
        concurrency: int,
        attempt: Callable[[str, str], Awaitable[None]],
        hurry: Hurry | None = None,
    ) -> None:
        """Prepare; ``attempt(check, subject)`` makes one attempt and hands on its result itself.

        Args:
            plans: one per check.
            clock: whose instants the grid lies on.
            concurrency: attempts at once, in all; one check alone gets at most half of them, so that a check whose
                every attempt hangs cannot starve the others.
            attempt: makes one attempt.
            hurry: how attempts are brought forward; None never brings any.
        """
        self.missed = 0
        """Ticks that passed without an attempt, since the start."""
        self.hurried = 0
        """Attempts that were brought forward, since the start."""
        self._clock = clock
        self._attempt = attempt
        self._concurrency = concurrency
        self._share = max(1, concurrency // 2) if len(plans) > 1 else concurrency
        self._plans = {plan.check: plan for plan in plans}
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._per_check: Counter[str] = Counter()
        self._due = self._grid_from(clock.now().timestamp())
        self._hurry = hurry
        self._hurrying: dict[str, asyncio.Task[None]] = {}

    @property
    def running(self) -> int:
        """How many attempts are under way."""
        return len(self._running)

    async def run(self) -> None:
        """Start attempts as they fall due, for ever; cancelling this cancels the attempts under way."""
        try:
            while True:
                await self._clock.sleep(self._wait_seconds())
                self._start_due()
        finally:
            for task in (*self._running.values(), *self._hurrying.values()):
                task.cancel()

    def hurry(self, check: str) -> None:
        """Bring attempts of a check forward for as long as they tell something new; a check that does so goes on."""
        if self._hurry is None or self._hurry.per_second <= 0 or check in self._hurrying:
            return
        task = asyncio.ensure_future(self._bring_forward(check, self._hurry))
        self._hurrying[check] = task
        task.add_done_callback(lambda _: self._hurrying.pop(check, None))

    async def _bring_forward(self, check: str, hurry: Hurry) -> None:
        started = self._clock.monotonic()
        while (wish := hurry.wish(check)) is not None:
            if wish.subject is not None and self._has_room(check, wish.subject):
                self.hurried += 1
                self._start(check, wish.subject)
            elapsed = self._clock.monotonic() - started
            if elapsed > GIVE_UP_SECONDS:
                return
            await self._clock.sleep(2 ** (elapsed / HALVES_EVERY_SECONDS) / hurry.per_second)

    def _grid_from(self, now: float) -> list[tuple[float, str, str]]:
        due = [
            (next_due(now, plan.every_seconds, phase(plan.check, subject)), plan.check, subject)
            for plan in self._plans.values()
            for subject in plan.subjects
        ]
        heapq.heapify(due)
        return due

    def _wait_seconds(self) -> float:
        now = self._clock.now().timestamp()
        if self._due and self._due[0][0] - now > self._plans[self._due[0][1]].every_seconds:
            # Nothing is due later than one cadence from now, unless somebody has set the wall clock back.
            self._due = self._grid_from(now)
        return min(_LONGEST_WAIT_SECONDS, self._due[0][0] - now) if self._due else _LONGEST_WAIT_SECONDS

    def _start_due(self) -> None:
        now = self._clock.now().timestamp()
        while self._due and self._due[0][0] <= now:
            due, check, subject = self._due[0]
            every = self._plans[check].every_seconds
            following = next_due(now, every, phase(check, subject))
            heapq.heapreplace(self._due, (following, check, subject))
            self.missed += max(0, ticks_between(due, following, every) - 1)
            if now - due <= _LATE_SECONDS and self._has_room(check, subject):
                self._start(check, subject)
            else:
                self.missed += 1

    def _has_room(self, check: str, subject: str) -> bool:
        free = len(self._running) < self._concurrency and self._per_check[check] < self._share
        return free and (check, subject) not in self._running

    def _start(self, check: str, subject: str) -> None:
        key = (check, subject)
        task = asyncio.ensure_future(self._attempt(check, subject))
        self._running[key] = task
        self._per_check[check] += 1
        task.add_done_callback(lambda _: self._finished(key))

    def _finished(self, key: tuple[str, str]) -> None:
        del self._running[key]
        self._per_check[key[0]] -= 1
