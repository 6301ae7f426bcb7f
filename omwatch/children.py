"""Child processes: kept running while nobody else does their job, and never left behind.

A child's standard input is a pipe from us that it waits on (omwatch/lifeline.py), so the kernel tells it to end even
when we are killed. Everything here only adds politeness: ending in order, and starting again what died.
"""

import asyncio
import os
import signal
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from omwatch.clock import Clock
from omwatch.domain.safetext import clean

_LOG_LIMIT = 5 * 1024 * 1024
_TAIL = 4096
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0
_SETTLED = 10.0
"""Seconds after which a child counts as running well."""
_LOOK_EVERY = 2.0
_GRACE = 10.0
"""Seconds that somebody else's job stays vacant before we take it: time for a supervisor to start its own again."""
_READY_WITHIN, _READY_STEP = 10.0, 0.1
_POLITELY, _FIRMLY = 3.0, 2.0


def _at_once() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Job:
    """What a child does."""

    name: str
    command: Sequence[str]
    log: Path
    """Where its output goes: added at the end, begun anew when it has grown too long."""
    taken: Callable[[], bool]
    """Tells whether a process does the job already, a child of ours or not."""
    ready: Callable[[], bool] = _at_once
    """Tells whether what it needs is there; it is started without after a while."""


@dataclass(frozen=True, slots=True)
class _Failure:
    how: str
    last_line: str


class Child:
    """Keeps one job done."""

    def __init__(self, job: Job, clock: Clock) -> None:
        """Prepare; :meth:`keep` does it."""
        self._job = job
        self._clock = clock
        self._process: Process | None = None
        self._started = 0.0
        self._again_at = 0.0
        self._failure: _Failure | None = None

    @property
    def pid(self) -> int | None:
        """The number of the process while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def starting(self) -> bool:
        """Whether it has only just been started, and so may not be of use yet."""
        return self._failure is None and self.pid is not None and not self._settled()

    @property
    def trouble(self) -> str:
        """What is wrong, in words; empty when nothing is."""
        failure = self._failure
        if failure is None or (self.pid is not None and self._settled()):
            return ""
        left = max(0.0, self._again_at - self._clock.monotonic())
        when = "started again" if self.pid is not None else f"starts again in {left:.0f} s"
        why = f": {failure.last_line}" if failure.last_line else ""
        return f"{self._job.name} {failure.how}, {when}{why}"

    async def keep(self) -> None:
        """See that the job is done, until cancelled."""
        wait = _FIRST_WAIT
        while True:
            await self._until_vacant()
            status = await self._run()
            if self._job.taken():
                self._failure = None
                continue
            wait = _FIRST_WAIT if self._settled() else wait
            self._failure = _Failure(_how(status), self._last_line())
            self._again_at = self._clock.monotonic() + wait
            await self._clock.sleep(wait)
            wait = min(_LONGEST_WAIT, wait * 2)

    async def end(self) -> None:
        """End the process: let go of its lifeline, and help where that is not enough."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        assert process.stdin is not None  # noqa: S101 - we asked for a pipe
        process.stdin.close()
        for patience, insist in ((_POLITELY, process.terminate), (_FIRMLY, process.kill)):
            try:
                await asyncio.wait_for(process.wait(), patience)
            except TimeoutError:
                insist()
            else:
                return
        await process.wait()

    async def _until_vacant(self) -> None:
        """Return once nobody does the job: at once when it was vacant, after a grace when somebody did it till now."""
        while self._job.taken():
            while self._job.taken():
                await self._clock.sleep(_LOOK_EVERY)
            await self._clock.sleep(_GRACE)

    async def _run(self) -> int | None:
        """Run the process to its end and return its status; None when it could not be started."""
        await self._until_ready()
        self._started = self._clock.monotonic()
        try:
            with _opened(self._job.log) as log:
                self._process = await asyncio.create_subprocess_exec(
                    *self._job.command,
                    stdin=PIPE,
                    stdout=log,
                    stderr=STDOUT,
                    start_new_session=True,  # Ctrl+C in our terminal is not meant for it
                )
        except OSError:
            return None
        return await self._process.wait()

    async def _until_ready(self) -> None:
        deadline = self._clock.monotonic() + _READY_WITHIN
        while not self._job.ready() and self._clock.monotonic() < deadline:
            await self._clock.sleep(_READY_STEP)

    def _settled(self) -> bool:
        return self._clock.monotonic() - self._started >= _SETTLED

    def _last_line(self) -> str:
        try:
            with self._job.log.open("rb") as log:
                log.seek(max(0, os.fstat(log.fileno()).st_size - _TAIL))
                lines = log.read().decode(errors="replace").split("\n")
        except OSError:
            return ""
        return clean(next((line for line in reversed(lines) if line.strip()), ""))


class Crew:
    """All our children."""

    def __init__(self, jobs: Sequence[Job], clock: Clock) -> None:
        """Prepare one child per job."""
        self.children = tuple(Child(job, clock) for job in jobs)

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is wrong with any of them, in words."""
        return tuple(child.trouble for child in self.children if child.trouble)

    @property
    def starting(self) -> bool:
        """Whether any of them has only just been started."""
        return any(child.starting for child in self.children)

    async def keep(self) -> None:
        """See that every job is done, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for child in self.children:
                group.create_task(child.keep())

    async def end(self) -> None:
        """End them all, at the same time."""
        await asyncio.gather(*(child.end() for child in self.children))


def _how(status: int | None) -> str:
    if status is None:
        return "could not be started"
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Open a log to add to, readable by its owner alone."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(descriptor).st_size > _LOG_LIMIT:
            os.ftruncate(descriptor, 0)
        yield descriptor
    finally:
        os.close(descriptor)
