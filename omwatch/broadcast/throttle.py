"""A bound on how many messages leave in a second."""

import asyncio

from omwatch.clock import Clock


class Throttle:
    """Lets so many pass a second; those that come together pass together, and the next wait until that is made up."""

    def __init__(self, per_second: float, clock: Clock) -> None:
        """Let this many pass a second; 0 is no bound."""
        self._per_second = per_second
        self._clock = clock
        self._free_at = 0.0
        self._turn = asyncio.Lock()

    async def let_pass(self, number: int) -> None:
        """Wait until this many may pass."""
        if not self._per_second:
            return
        async with self._turn:
            wait = self._free_at - self._clock.monotonic()
            if wait > 0:
                await self._clock.sleep(wait)
            self._free_at = max(self._free_at, self._clock.monotonic()) + number / self._per_second
