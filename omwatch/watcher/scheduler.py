"""Starts every attempt at its instant: evenly spread, never bunched, never more at once than allowed."""

import asyncio
import heapq
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from omwatch.clock import Clock
from omwatch.domain.schedule import next_due, phase, ticks_between

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


class Scheduler:
    """Runs attempts on the grid of every plan until it is cancelled."""

    def __init__(
        self,
        plans: Sequence[Plan],
        clock: Clock,
        concurrency: int,
        attempt: Callable[[str, str], Awaitable[None]],
    ) -> None:
        """Prepare; ``attempt(check, subject)`` makes one attempt and hands on its result itself.

        Args:
            plans: one per check.
            clock: whose instants the grid lies on.
            concurrency: attempts at once, in all; one check alone gets at most half of them, so that a check whose
                every attempt hangs cannot starve the others.
            attempt: makes one attempt.
        """
        self.missed = 0
        """Ticks that passed without an attempt, since the start."""
        self._clock = clock
        self._attempt = attempt
        self._concurrency = concurrency
        self._share = max(1, concurrency // 2) if len(plans) > 1 else concurrency
        self._plans = {plan.check: plan for plan in plans}
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._per_check: Counter[str] = Counter()
        self._due = self._grid_from(clock.now().timestamp())

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
            for task in self._running.values():
                task.cancel()

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
