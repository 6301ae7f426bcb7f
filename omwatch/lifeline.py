"""The lifeline of a child process: its standard input, which the kernel closes when the parent dies."""

import asyncio
import os
import threading
from contextlib import suppress

_CHUNK = 4096


async def stdin_closed(descriptor: int = 0) -> None:
    """Wait until the parent closes its end of our standard input, which its death does too, however sudden.

    What arrives before is read and thrown away. Waiting never keeps the process from exiting.

    Args:
        descriptor: the file descriptor to read; 0 is standard input.
    """
    loop = asyncio.get_running_loop()
    closed = asyncio.Event()
    threading.Thread(target=_watch, args=(descriptor, loop, closed), name="lifeline", daemon=True).start()
    await closed.wait()


def _watch(descriptor: int, loop: asyncio.AbstractEventLoop, closed: asyncio.Event) -> None:
    # A thread, because pipes, terminals and files all can be read by one, and not all by the event loop.
    with suppress(OSError):  # not open at all: there is no parent to wait for
        while os.read(descriptor, _CHUNK):
            pass
    with suppress(RuntimeError):  # the loop may have ended before the parent did
        loop.call_soon_threadsafe(closed.set)
