"""Time and chance: the only module that reads a clock, sleeps, or rolls dice.

Everything that waits takes a :class:`Clock`; everything that computes takes ``now``. Tests drive a
:class:`FakeClock`, so an hour of watching runs in milliseconds and always the same way.
"""

import asyncio
import heapq
import itertools
import random
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the rest of omwatch may ask of time and chance."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never jump, for measuring durations only."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for a while; zero or less only yields to other tasks."""
        ...

    def random(self) -> float:
        """Return a number in [0, 1), for jitter and fault injection, never for secrets."""
        ...


class SystemClock:
    """The real clock of this machine."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the seconds of the system's monotonic counter."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait in real time."""
        await asyncio.sleep(max(0.0, seconds))

    def random(self) -> float:
        """Return a pseudo-random number in [0, 1)."""
        return random.random()  # noqa: S311 - jitter, not a secret


class FakeClock:
    """A clock that stands still until a test advances it.

    Sleepers wake in the order of their instants, each with the clock showing exactly that instant, so the
    timeline a test sees is the one a real clock would have produced on an infinitely fast machine.
    """

    def __init__(self, start: datetime | None = None, seed: int = 0) -> None:
        """Stand at ``start`` (aware; 2026-01-05 15:00 UTC, a Monday morning in New York, unless told)."""
        self._start = start or datetime(2026, 1, 5, 15, tzinfo=UTC)
        self._elapsed = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._dice = random.Random(seed)  # noqa: S311 - repeatable on purpose

    def now(self) -> datetime:
        """Return the instant the clock stands at."""
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        """Return the seconds advanced so far."""
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Wait until a test has advanced the clock far enough."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), future))
        await future

    def random(self) -> float:
        """Return the next number of a seeded sequence."""
        return self._dice.random()

    async def advance(self, seconds: float) -> None:
        """Move time forward, waking every sleeper on the way at its own instant."""
        target = self._elapsed + seconds
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            due, _, future = heapq.heappop(self._sleepers)
            if future.cancelled():
                continue
            self._elapsed = max(self._elapsed, due)
            future.set_result(None)
            await self._settle()
        self._elapsed = target
        await self._settle()

    async def _settle(self) -> None:
        # Woken tasks may wake others in turn; a few passes of the loop reach the next sleep in all our chains.
        for _ in range(8):
            await asyncio.sleep(0)


def new_token() -> str:
    """Return 256 unguessable random bits as URL-safe text, for identities and one-time tokens."""
    return secrets.token_urlsafe(32)
