"""Makes attempts: a check's probe with its settings, addresses looked up, in the check's own lane."""

from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from omwatch.clock import Clock
from omwatch.config.addresses import SandboxNotRunning
from omwatch.config.home import Home
from omwatch.config.resolving import resolved
from omwatch.config.settings import Check
from omwatch.domain.attempt import Attempt
from omwatch.probe import Probe, Settings
from omwatch.watcher.discovery import Discovery
from omwatch.watcher.lane import Lane
from omwatch.watcher.runner import Guards, broken_attempt, run_attempt

_STOP_WITHIN_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Walk:
    """A check with the probe that it runs and the settings it runs it with."""

    check: Check
    probe: Probe
    settings: Settings


def walk_of(check: Check, discovery: Discovery) -> Walk | None:
    """Return what a check runs; None when its probe's file is broken or gone."""
    probe = discovery.probes.get(check.probe)
    if probe is None or not isinstance(check.settings, Settings):
        return None
    return Walk(check, probe, check.settings)


async def attempt_once(walk: Walk, subject: str, home: Home, clock: Clock) -> Attempt:
    """Make one attempt in the present event loop; whatever goes wrong is in it."""
    try:
        work = _work(walk, subject, home, clock)
    except SandboxNotRunning as trouble:
        return broken_attempt(walk.check.name, subject, clock.now(), str(trouble))
    return await work


class Attempter:
    """Every check's lane."""

    def __init__(self, home: Home, walks: Iterable[Walk], clock: Clock) -> None:
        """Start one lane per check."""
        self._home = home
        self._clock = clock
        self._walks = {walk.check.name: walk for walk in walks}
        self._lanes = {name: Lane(name, walk.check.deadline_seconds, clock) for name, walk in self._walks.items()}

    async def attempt(self, check: str, subject: str) -> Attempt:
        """Make one attempt in its check's lane; whatever goes wrong is in it."""
        try:
            work = _work(self._walks[check], subject, self._home, self._clock)
        except SandboxNotRunning as trouble:
            return broken_attempt(check, subject, self._clock.now(), str(trouble))
        return await self._lanes[check].attempt(subject, work)

    def stop(self) -> None:
        """End every lane, all at once; those that are blocked are given up together."""
        given_up_at = self._clock.monotonic() + _STOP_WITHIN_SECONDS
        for lane in self._lanes.values():
            lane.end()
        for lane in self._lanes.values():
            lane.join(given_up_at - self._clock.monotonic())


def _work(walk: Walk, subject: str, home: Home, clock: Clock) -> Coroutine[Any, Any, Attempt]:
    check = walk.check
    guards = Guards(check.deadline_seconds, check.max_body_bytes)
    return run_attempt(check.name, subject, walk.probe, resolved(walk.settings, home), guards, clock)
