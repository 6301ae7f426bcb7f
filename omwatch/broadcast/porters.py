"""Porters: threads that carry what blocks, and that never keep the process alive.

Apprise's sends cannot be cancelled. A porter whose load hangs is left behind, and another takes its place, so nobody
else waits for it; the process ends without it.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
_Work = Callable[[], None]


class Porters:
    """Threads made when needed, and used again when idle."""

    def __init__(self, name: str) -> None:
        """Name the threads; none is made yet."""
        self._name = name
        self._idle: list[queue.SimpleQueue[_Work | None]] = []
        self._lock = threading.Lock()

    def run(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        """Start work in a thread of its own; the future has its result, or what it raised."""
        loop = asyncio.get_running_loop()
        awaited: asyncio.Future[T] = loop.create_future()

        def carry() -> None:
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - a plugin may raise even SystemExit; whoever waits must hear
                _tell(loop, awaited, lambda found=error: awaited.set_exception(_plain(found)))  # type: ignore[misc] # bound now
            else:
                _tell(loop, awaited, lambda: awaited.set_result(result))

        self._hand_over(carry)
        return awaited

    def dismiss(self) -> None:
        """Let idle threads end."""
        with self._lock:
            idle, self._idle = self._idle, []
        for door in idle:
            door.put(None)

    def _hand_over(self, work: _Work) -> None:
        with self._lock:
            door = self._idle.pop() if self._idle else None
        if door is None:
            door = queue.SimpleQueue()
            threading.Thread(target=self._live, args=(door,), name=self._name, daemon=True).start()
        door.put(work)

    def _live(self, door: "queue.SimpleQueue[_Work | None]") -> None:
        while (work := door.get()) is not None:
            work()
            with self._lock:
                self._idle.append(door)


def _tell(loop: asyncio.AbstractEventLoop, awaited: "asyncio.Future[T]", say: Callable[[], None]) -> None:
    def unless_gone() -> None:
        if not awaited.done():
            say()

    with suppress(RuntimeError):  # the loop has been closed: nobody waits for it any more
        loop.call_soon_threadsafe(unless_gone)


def _plain(error: BaseException) -> Exception:
    """Return what may be raised in a task; an exit asked for by a plugin is none of ours."""
    return error if isinstance(error, Exception) else RuntimeError(type(error).__name__)
