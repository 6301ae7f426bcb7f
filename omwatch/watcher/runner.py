"""One attempt from start to outcome: the deadline, the guards, and whose fault a trouble was."""

import asyncio
import errno
import functools
import json
import traceback
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from omwatch.clock import Clock, new_token
from omwatch.domain.attempt import Attempt, OurFault, Outcome, Unmet
from omwatch.domain.safetext import clean
from omwatch.probe import Journey, Probe, Settings, describe

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
    }
)


@dataclass(frozen=True, slots=True)
class Guards:
    """The bounds of every attempt of a check."""

    deadline_seconds: float = 10.0
    max_body_bytes: int = 1024 * 1024


async def run_attempt(
    check: str, subject: str, probe: Probe, settings: Settings, guards: Guards, clock: Clock
) -> Attempt:
    """Walk the probe's journey once and return what came of it; whatever the probe raises ends up in the attempt."""
    at, started = clock.now(), clock.monotonic()
    marker = f"omwatch-{new_token()[:_MARKER_LENGTH]}"
    journey = Journey(subject, marker, clock, settings, guards.max_body_bytes)
    outcome, error = await _walk(probe, journey, settings, guards.deadline_seconds, clock)
    return Attempt(
        check=check,
        subject=subject,
        at=at,
        duration_ms=(clock.monotonic() - started) * _MILLISECONDS,
        outcome=outcome,
        error=_with_step(journey, error),
        steps=tuple(journey.steps),
    )


def broken_attempt(check: str, subject: str, at: datetime, error: str, duration_ms: float = 0.0) -> Attempt:
    """Return an attempt that our own side spoilt."""
    return Attempt(check, subject, at, duration_ms, Outcome.BROKEN, clean(error))


async def _walk(
    probe: Probe, journey: Journey, settings: Settings, deadline_seconds: float, clock: Clock
) -> tuple[Outcome, str]:
    turns = _Turns(probe.walk(journey, settings), clock)
    outcome, error = await _within(deadline_seconds, turns, probe)
    await _close(journey)
    if turns.longest_seconds > BLOCK_LIMIT_SECONDS:
        return Outcome.BROKEN, blocked_message(turns.longest_seconds)
    return outcome, error


async def _within(deadline_seconds: float, turns: "_Turns", probe: Probe) -> tuple[Outcome, str]:
    try:
        async with asyncio.timeout(deadline_seconds) as deadline:
            await turns
    except TimeoutError as late:
        return (
            Outcome.FAILED,
            f"not finished within its deadline of {deadline_seconds:g} s" if deadline.expired() else describe(late),
        )
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise
    except BaseException as trouble:  # noqa: BLE001 - SystemExit in a probe must not end the watcher
        return _blame(trouble, probe)
    return Outcome.PASSED, ""


def _blame(trouble: BaseException, probe: Probe) -> tuple[Outcome, str]:
    if _is_the_services(trouble, probe):
        return Outcome.FAILED, describe(trouble)
    if isinstance(trouble, OurFault):
        return Outcome.BROKEN, describe(trouble)
    return Outcome.BROKEN, f"{describe(trouble)}{_where(trouble)}"


def _is_the_services(trouble: BaseException, probe: Probe) -> bool:
    if isinstance(trouble, OurFault):
        return False
    if isinstance(trouble, (Unmet, httpx.HTTPError, TimeoutError, json.JSONDecodeError, *probe.failures)):
        return True
    return isinstance(trouble, OSError) and (isinstance(trouble, ConnectionError) or trouble.errno in _UNREACHABLE)


def _where(trouble: BaseException) -> str:
    frames = traceback.extract_tb(trouble.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).parent.name == "probes"]
    return f" (probes/{Path(own[-1].filename).name}:{own[-1].lineno})" if own else ""


def _with_step(journey: Journey, error: str) -> str:
    if not error:
        return ""
    last = journey.steps[-1] if journey.steps else None
    return clean(f"{last.name}: {error}") if last is not None and last.error else clean(error)


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


class _Turns:
    """Awaits a coroutine and measures the longest time that one of its turns held the event loop."""

    def __init__(self, coroutine: Awaitable[None], clock: Clock) -> None:
        self.longest_seconds = 0.0
        self._coroutine = coroutine
        self._clock = clock

    def __await__(self) -> Generator[Any, Any, None]:
        turns = self._coroutine.__await__()
        resume: Callable[[], Any] = functools.partial(next, turns)
        while True:
            started = self._clock.monotonic()
            try:
                waits_for = resume()
            except StopIteration:
                return
            finally:
                self.longest_seconds = max(self.longest_seconds, self._clock.monotonic() - started)
            try:
                value = yield waits_for
            except BaseException as thrown:  # noqa: BLE001 - cancellation and deadlines go into the probe
                resume = functools.partial(turns.throw, thrown)
            else:
                resume = functools.partial(turns.send, value)
