"""A lane: one thread with an event loop of its own, in which one check's probes run.

A probe that blocks (``time.sleep``, an endless loop) stops its own lane and nothing else: the watcher notices from
outside, calls its attempts broken, and goes on judging the other checks.
"""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from omwatch.clock import Clock
from omwatch.domain.attempt import Attempt
from omwatch.watcher.runner import blocked_message, broken_attempt

GRACE_SECONDS = 2.0
"""How long after its deadline an attempt may take to wind up before somebody looks whether its lane still moves."""
PULSE_SECONDS = 0.25
"""How quickly a lane answers that moves."""
_STUBBORN = "the probe went on after its deadline had cut it off; it must let asyncio.CancelledError pass"


class Lane:
    """The thread of one check."""

    def __init__(self, check: str, deadline_seconds: float, clock: Clock) -> None:
        """Start the thread; it never keeps the process alive."""
        self._check = check
        self._overrun_seconds = deadline_seconds + GRACE_SECONDS
        self._clock = clock
        self._loop = asyncio.new_event_loop()
        self._blocked = False
        self._ended = False
        self._thread = threading.Thread(target=self._run, name=f"lane-{check}", daemon=True)
        self._thread.start()

    async def attempt(self, subject: str, work: Coroutine[Any, Any, Attempt]) -> Attempt:
        """Run one attempt in the lane and return it; a lane that does not move makes it broken."""
        at = self._clock.now()
        if self._blocked:
            work.close()
            return broken_attempt(self._check, subject, at, blocked_message(self._overrun_seconds))
        waiting = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))
        try:
            async with asyncio.timeout(self._overrun_seconds) as overrun:
                return await waiting
        except TimeoutError:
            if not overrun.expired():
                raise
        return broken_attempt(self._check, subject, at, await self._why_late(), self._overrun_seconds * 1000)

    def end(self) -> None:
        """Ask the thread to cancel what it does and to end; :meth:`join` waits for that."""
        self._loop.call_soon_threadsafe(self._wind_up)

    def join(self, within_seconds: float) -> None:
        """Wait for the thread's end; a blocked one is left behind and dies with the process."""
        self._thread.join(max(0.0, within_seconds))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        while not self._ended:
            # A task that a probe started may raise SystemExit, which ends the loop and must not end the lane.
            with suppress(BaseException):
                self._loop.run_forever()
        self._loop.close()

    def _wind_up(self) -> None:
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        gathered = asyncio.gather(*tasks, return_exceptions=True)
        gathered.add_done_callback(self._stop)

    def _stop(self, _gathered: object) -> None:
        self._ended = True
        self._loop.stop()

    async def _why_late(self) -> str:
        pulse = asyncio.run_coroutine_threadsafe(_beat(), self._loop)
        moves, _ = await asyncio.wait({asyncio.wrap_future(pulse)}, timeout=PULSE_SECONDS)
        if moves:
            return _STUBBORN
        self._blocked = True
        pulse.add_done_callback(self._moves_again)
        return blocked_message(self._overrun_seconds)

    def _moves_again(self, _pulse: "Future[None]") -> None:
        self._blocked = False


async def _beat() -> None:
    """Do nothing, which a blocked lane cannot."""
