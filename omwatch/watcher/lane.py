"""A lane: one thread with an event loop of its own, in which one check's probes run.

A probe that blocks (``time.sleep``, an endless loop) stops its own lane and nothing else: the watcher notices from
outside, calls its attempts broken, and goes on judging the other checks.
"""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any

from omwatch.clock import Clock
from omwatch.domain.attempt import Attempt
from omwatch.watcher.runner import blocked_message, broken_attempt

GRACE_SECONDS = 2.0
"""How long after its deadline an attempt may take to wind up before its lane counts as blocked."""
_STOP_WITHIN_SECONDS = 1.0


class Lane:
    """The thread of one check."""

    def __init__(self, check: str, deadline_seconds: float, clock: Clock) -> None:
        """Start the thread; it never keeps the process alive."""
        self._check = check
        self._overrun_seconds = deadline_seconds + GRACE_SECONDS
        self._clock = clock
        self._loop = asyncio.new_event_loop()
        self._blocked_since: float | None = None
        self._thread = threading.Thread(target=self._run, name=f"lane-{check}", daemon=True)
        self._thread.start()

    async def attempt(self, subject: str, work: Coroutine[Any, Any, Attempt]) -> Attempt:
        """Run one attempt in the lane and return it; a lane that does not move makes it broken."""
        if self._blocked_since is not None:
            work.close()
            return self._broken(subject, 0.0)
        started = self._clock.monotonic()
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        future.add_done_callback(self._moved)
        waiting = asyncio.wrap_future(future)
        try:
            async with asyncio.timeout(self._overrun_seconds) as overrun:
                return await waiting
        except TimeoutError:
            if not overrun.expired():
                raise
            self._blocked_since = started
            return self._broken(subject, self._overrun_seconds)

    def stop(self) -> None:
        """End the thread if it still listens; a blocked one is left behind and dies with the process."""
        self._loop.call_soon_threadsafe(self._wind_up)
        self._thread.join(_STOP_WITHIN_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _wind_up(self) -> None:
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        gathered = asyncio.gather(*tasks, return_exceptions=True)
        gathered.add_done_callback(lambda _: self._loop.stop())

    def _moved(self, future: "Future[Attempt]") -> None:
        # A future that was only given up from outside says nothing about whether the thread moves again.
        if not future.cancelled():
            self._blocked_since = None

    def _broken(self, subject: str, waited_seconds: float) -> Attempt:
        held = self._clock.monotonic() - (self._blocked_since or self._clock.monotonic())
        return broken_attempt(
            self._check, subject, self._clock.now(), blocked_message(held), duration_ms=waited_seconds * 1000
        )
