"""The sandbox as a process of its own: runs until a signal, or until its parent is gone."""

import asyncio
import resource
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from omwatch.clock import Clock
from omwatch.config.home import Home
from omwatch.lifeline import stdin_closed
from omwatch.sandbox.sandbox import Sandbox

Announce = Callable[[dict[str, str]], None]


async def serve(home: Home, clock: Clock, announce: Announce, *, until_stdin_closes: bool = False) -> None:
    """Run a sandbox until SIGINT or SIGTERM.

    Args:
        home: where it belongs and records its addresses.
        clock: its time and chance.
        announce: called once with every address when all are open.
        until_stdin_closes: end too when standard input reaches its end, which the death of a parent brings about.

    Raises:
        SandboxRunning: this home has a running sandbox.
    """
    _allow_many_connections()
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, ended.set)
    async with Sandbox(home, clock) as sandbox:
        announce(sandbox.addresses)
        ends: list[Coroutine[Any, Any, Any]] = [ended.wait()]
        if until_stdin_closes:
            ends.append(stdin_closed())
        await _first(ends)


async def _first(ends: list[Coroutine[Any, Any, Any]]) -> None:
    tasks = [asyncio.ensure_future(end) for end in ends]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def _allow_many_connections() -> None:
    """Raise the limit of open files to what the system lets us have: hung clients each hold one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    with suppress(OSError, ValueError):  # then the system's own limit it is
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
