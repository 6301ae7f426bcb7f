"""One attempt from start to outcome: the deadline, the guards, and whose fault a trouble was."""

import asyncio
import errno
import functools
import json
import ssl
import threading
import traceback
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from omwatch.clock import Clock, new_token
from omwatch.describing import describe, family
from omwatch.domain.attempt import Attempt, OurFault, Outcome, TooLate, Unmet, Unresolved
from omwatch.domain.safetext import clean
from omwatch.journey import Journey, Settings
from omwatch.probe import Probe
from omwatch.resolver import NO_SUCH_NAME

BLOCK_LIMIT_SECONDS = 1.0
"""A probe that holds its event loop this long in one go is broken: it measured its own blocking, not the service."""
_CLOSE_WITHIN_SECONDS = 1.0
_MILLISECONDS = 1000.0
_MARKER_LENGTH = 20
_UNREACHABLE = frozenset(
    {
        errno.ECONNREFUSED,
        errno.ECONNRESET,
        errno.ECONNABORTED,
        errno.EPIPE,
        errno.ETIMEDOUT,
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
        errno.EHOSTDOWN,
        *NO_SUCH_NAME,
    }
)


_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EADDRNOTAVAIL})
"""What this machine has run out of says nothing about the service."""
_SERVICE_FAULTS = (
    Unmet,
    httpx.HTTPError,
    ConnectionError,
    TimeoutError,
    EOFError,  # asyncio's word for a peer that hung up in the middle
    ssl.SSLError,
    json.JSONDecodeError,
)
_UNREACHED = (httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError)  # the last: hung up too early
_WITHOUT_ANSWER = (TooLate, Unresolved, *_UNREACHED, ConnectionError, TimeoutError, EOFError)
"""What a blind site sees of any service."""


@dataclass(frozen=True, slots=True)
class Guards:
    """The bounds of every attempt of a check."""

    deadline_seconds: float = 10.0
    max_body_bytes: int = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _End:
    """How a walk ended; see the fields of :class:`Attempt`."""

    outcome: Outcome
    error: str = ""
    network: bool = False


async def run_attempt(
    check: str, subject: str, probe: Probe, settings: Settings, guards: Guards, clock: Clock
) -> Attempt:
    """Walk the probe's journey once and return what came of it; whatever the probe raises ends up in the attempt."""
    at, started = clock.now(), clock.monotonic()
    marker = f"omwatch-{new_token()[:_MARKER_LENGTH]}"
    journey = Journey(subject, marker, clock, settings, guards.max_body_bytes)
    end = await _walk(probe, journey, settings, guards.deadline_seconds, clock)
    return Attempt(
        check=check,
        subject=subject,
        at=at,
        duration_ms=(clock.monotonic() - started) * _MILLISECONDS,
        outcome=end.outcome,
        error=journey.told(end.error),
        steps=tuple(journey.steps),
        network=end.network,
    )


def broken_attempt(check: str, subject: str, at: datetime, error: str, duration_ms: float = 0.0) -> Attempt:
    """Return an attempt that our own side spoilt."""
    return Attempt(check, subject, at, duration_ms, Outcome.BROKEN, clean(error))


async def _walk(probe: Probe, journey: Journey, settings: Settings, deadline_seconds: float, clock: Clock) -> _End:
    turns = _Turns(probe.walk(journey, settings), clock)
    try:
        end = await _within(deadline_seconds, turns, probe, journey)
    finally:
        await _close(journey)
    if turns.longest_seconds > BLOCK_LIMIT_SECONDS:
        return _End(Outcome.BROKEN, blocked_message(turns.longest_seconds))
    if end.outcome is Outcome.FAILED and turns.held_up_seconds > BLOCK_LIMIT_SECONDS:
        return _End(Outcome.BROKEN, f"held up by another attempt: {blocked_message(turns.held_up_seconds)}")
    return end


async def _within(deadline_seconds: float, turns: "_Turns", probe: Probe, journey: Journey) -> _End:
    trouble: BaseException | None = None
    try:
        async with asyncio.timeout(deadline_seconds) as deadline:
            await turns
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except asyncio.CancelledError as cancelled:
        if _is_cancelled_from_outside():
            raise
        trouble = cancelled
    except BaseException as raised:  # noqa: BLE001 - SystemExit in a probe must not end the watcher
        trouble = raised
    if deadline.expired():
        # Whatever a probe made of being stopped, it is late.
        late = journey.too_late(f"not finished within its deadline of {deadline_seconds:g} s")
        late.__cause__ = trouble
        trouble = late
    return _End(Outcome.PASSED) if trouble is None else _blame(trouble, probe, journey)


def _is_cancelled_from_outside() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _blame(trouble: BaseException, probe: Probe, journey: Journey) -> _End:
    step = journey.left_by(trouble)
    prefix = f"{step}: " if step else ""
    ours = next((leaf for leaf in _leaves(trouble) if not _is_the_services(leaf, probe)), None)
    if ours is None:
        return _End(Outcome.FAILED, f"{prefix}{describe(trouble)}", any(map(_is_without_answer, family(trouble))))
    place = "" if isinstance(ours, OurFault) else _where(ours)
    return _End(Outcome.BROKEN, f"{prefix}{place}{describe(ours)}", isinstance(ours, Unresolved))


def _leaves(trouble: BaseException) -> list[BaseException]:
    if not isinstance(trouble, BaseExceptionGroup):
        return [trouble]
    return [leaf for part in trouble.exceptions for leaf in _leaves(part)]


def _is_the_services(trouble: BaseException, probe: Probe) -> bool:
    if isinstance(trouble, OurFault | httpx.LocalProtocolError) or any(map(_is_exhaustion, family(trouble))):
        return False
    if isinstance(trouble, (*_SERVICE_FAULTS, *probe.failures)):
        return True
    return isinstance(trouble, OSError) and trouble.errno in _UNREACHABLE


def _is_without_answer(link: BaseException) -> bool:
    return isinstance(link, _WITHOUT_ANSWER) or (isinstance(link, OSError) and link.errno in _UNREACHABLE)


def _is_exhaustion(link: BaseException) -> bool:
    return isinstance(link, OSError) and link.errno in _EXHAUSTED


def _where(trouble: BaseException) -> str:
    frames = traceback.extract_tb(trouble.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).parent.name == "probes"]
    return f"probes/{Path(own[-1].filename).name}:{own[-1].lineno}: " if own else ""


async def _close(journey: Journey) -> None:
    try:
        async with asyncio.timeout(_CLOSE_WITHIN_SECONDS):
            await journey.aclose()
    except (httpx.HTTPError, OSError, TimeoutError, RuntimeError):
        # The attempt's outcome stands; a connection that will not close is dropped with its client.
        return


def blocked_message(held_seconds: float) -> str:
    """Return what operators read of a probe that held its event loop."""
    return (
        f"the probe blocked its event loop for {held_seconds:.1f} s; "
        "await what takes time (journey.sleep, not time.sleep)"
    )


class _Here(threading.local):
    """The attempts whose turns one thread takes."""

    def __init__(self) -> None:
        self.turns: set[_Turns] = set()


_here = _Here()


class _Turns:
    """Awaits a coroutine and measures the longest time that one of its turns held the event loop."""

    def __init__(self, coroutine: Awaitable[None], clock: Clock) -> None:
        self.longest_seconds = 0.0
        self.held_up_seconds = 0.0
        """The longest turn of another attempt in the meantime."""
        self._coroutine = coroutine
        self._clock = clock

    def __await__(self) -> Generator[Any, Any, None]:
        _here.turns.add(self)
        try:
            yield from self._take_turns()
        finally:
            _here.turns.discard(self)

    def _take_turns(self) -> Generator[Any, Any, None]:
        turns = self._coroutine.__await__()
        resume: Callable[[], Any] = functools.partial(next, turns)
        while True:
            started = self._clock.monotonic()
            try:
                waits_for = resume()
            except StopIteration:
                return
            finally:
                self._held(self._clock.monotonic() - started)
            try:
                value = yield waits_for
            except BaseException as thrown:  # noqa: BLE001 - cancellation and deadlines go into the probe
                resume = functools.partial(turns.throw, thrown)
            else:
                resume = functools.partial(turns.send, value)

    def _held(self, seconds: float) -> None:
        self.longest_seconds = max(self.longest_seconds, seconds)
        for other in _here.turns - {self} if seconds > BLOCK_LIMIT_SECONDS else ():
            other.held_up_seconds = max(other.held_up_seconds, seconds)
