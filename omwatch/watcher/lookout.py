"""The lookout: between attempts that end and the bench that counts them, it asks whether it is us."""

import structlog

from omwatch.clock import Clock
from omwatch.domain.attempt import Attempt
from omwatch.domain.site import Site
from omwatch.watcher.controls import Controls

BEAT_SECONDS = 0.25
"""How quickly an attempt without an answer leads to a look at the controls."""
_log = structlog.get_logger()


class Lookout:
    """Passes attempts on, and holds those that got no answer back until the controls have been tried."""

    def __init__(self, site: Site, controls: Controls, clock: Clock) -> None:
        """Watch over one site; without controls every attempt passes at once."""
        self.site = site
        self._controls = controls
        self._clock = clock
        self._ready: list[Attempt] = []

    def take(self, attempt: Attempt) -> None:
        """Take an attempt that has just ended."""
        judged = self.site.take(attempt, self._clock.now()) if self._controls else attempt
        if judged is not None:
            self._ready.append(judged)

    def ready(self) -> list[Attempt]:
        """Return the attempts that count as they are, each once."""
        ready, self._ready = self._ready, []
        return ready

    async def run(self) -> None:
        """Try the controls whenever the site wants to know, for ever; without controls there is nothing to do."""
        if not self._controls:
            return
        if not await self._controls.answer():
            _log.warning("no control answers; if attempts pass all the same, [controls] names the wrong addresses")
        while True:
            await self._clock.sleep(BEAT_SECONDS)
            if self.site.wants_look(self._clock.now()):
                began = self._clock.now()
                reached = await self._controls.answer()
                self._ready += self.site.learn(began, self._clock.now(), reached=reached)
