"""Makes attempts: the check's settings with their addresses looked up, in the check's own lane."""

from collections.abc import Iterable
from dataclasses import dataclass

from omwatch.clock import Clock
from omwatch.config.addresses import SandboxNotRunning
from omwatch.config.home import Home
from omwatch.config.resolving import resolved
from omwatch.config.settings import Check
from omwatch.domain.attempt import Attempt
from omwatch.probe import Probe, Settings
from omwatch.watcher.lane import Lane
from omwatch.watcher.runner import Guards, broken_attempt, run_attempt


@dataclass(frozen=True, slots=True)
class Walk:
    """A check with the probe that it runs and the settings it runs it with."""

    check: Check
    probe: Probe
    settings: Settings


class Attempter:
    """Every check's lane."""

    def __init__(self, home: Home, walks: Iterable[Walk], clock: Clock) -> None:
        """Start one lane per check."""
        self._home = home
        self._clock = clock
        self._walks = {walk.check.name: walk for walk in walks}
        self._lanes = {name: Lane(name, walk.check.deadline_seconds, clock) for name, walk in self._walks.items()}

    async def attempt(self, check: str, subject: str) -> Attempt:
        """Make one attempt; whatever goes wrong is in it."""
        walk = self._walks[check]
        try:
            settings = resolved(walk.settings, self._home)
        except SandboxNotRunning as trouble:
            return broken_attempt(check, subject, self._clock.now(), str(trouble))
        guards = Guards(walk.check.deadline_seconds, walk.check.max_body_bytes)
        work = run_attempt(check, subject, walk.probe, settings, guards, self._clock)
        return await self._lanes[check].attempt(subject, work)

    def stop(self) -> None:
        """End every lane."""
        for lane in self._lanes.values():
            lane.stop()
