"""A watcher over a simulated service, by a clock that a test moves, with a real store."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from omwatch.clock import FakeClock
from omwatch.config.controls import Control
from omwatch.config.home import Home
from omwatch.config.models import Broadcast, Dashboard, Judge, Page, Sandbox
from omwatch.config.models import Site as SiteTable
from omwatch.config.models import Watcher as WatcherTable
from omwatch.config.settings import Check, Config
from omwatch.domain.assessment import CheckState, Trouble
from omwatch.domain.attempt import Attempt, Outcome, Unit
from omwatch.domain.site import Site
from omwatch.store import Store
from omwatch.store.overview import Overview, overview
from omwatch.watcher.bench import Bench, judged, spans
from omwatch.watcher.claim import Claim
from omwatch.watcher.controls import Controls
from omwatch.watcher.lookout import Lookout
from omwatch.watcher.population import subjects
from omwatch.watcher.scheduler import Plan
from omwatch.watcher.watcher import Pace, Watcher

STEP = 0.5
"""As long as the watcher's batches."""

CONFIG = Config(
    page=Page(),
    site=SiteTable(),
    sandbox=Sandbox(),
    watcher=WatcherTable(),
    judge=Judge(),
    broadcast=Broadcast(),
    dashboard=Dashboard(),
    checks={},
    warnings=(),
)


def check(name: str, population: int = 50, every: float = 10.0, *, supporting: bool = False) -> Check:
    """Return a check as config.toml would describe it."""
    return Check(
        name=name,
        probe=name.replace("-", "_"),
        component=name.replace("-", " ").capitalize(),
        every_seconds=every,
        deadline_seconds=8.0,
        population=population,
        supporting=supporting,
        minimum=10,
        noise_per_mille=10,
        max_body_bytes=1024,
        enabled=True,
        settings=None,
    )


LOGIN = check("agent-login")
CHAT = check("chat-routing", 10, 8.0)
_UNITS = {"agent-login": Unit.SUBJECT}
_NOUNS = {"agent-login": "agent"}


class Service:
    """The simulated contact centre: everything passes but what a test says."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.latency = 0.2
        self.failing: dict[str, set[str]] = {}
        """Check → its subjects that fail."""
        self.broken: dict[str, str] = {}
        """Check → why its attempts are broken."""
        self.error = "log in: POST /login answered 503, expected 200"
        """What failed attempts say."""
        self.network_down = False
        """True while nothing leaves this site: no service is reached, and no control."""
        self.controls: tuple[Control, ...] = ()
        self.unreachable: set[str] = set()
        """Addresses of controls that are down themselves."""
        self.looks: list[datetime] = []
        """When a control was tried."""
        self.made: list[Attempt] = []

    def fail(self, which: Check, number: int) -> None:
        """Let this many subjects of a check fail from now on."""
        self.failing[which.name] = set(names(which)[:number])

    def mend(self) -> None:
        self.failing, self.broken = {}, {}

    async def attempt(self, check: str, subject: str) -> Attempt:
        at = self._clock.now()
        outcome, error = Outcome.PASSED, ""
        if check in self.broken:
            outcome, error = Outcome.BROKEN, self.broken[check]
        elif subject in self.failing.get(check, ()):
            outcome, error = Outcome.FAILED, self.error
        if self.network_down:
            outcome, error = Outcome.FAILED, "log in: ConnectError: All connection attempts failed"
        await self._clock.sleep(self.latency)
        network = self.network_down or (outcome is Outcome.FAILED and error.endswith("refused"))
        self.made.append(Attempt(check, subject, at, self.latency * 1000, outcome, error, network=network))
        return self.made[-1]

    async def reach(self, control: Control) -> None:
        self.looks.append(self._clock.now())
        await self._clock.sleep(0.1)
        if self.network_down or control.address in self.unreachable:
            raise OSError("no route to host")

    def first_failed_at(self) -> datetime:
        return min(attempt.at for attempt in self.made if attempt.outcome is Outcome.FAILED)


def names(which: Check) -> tuple[str, ...]:
    """Return a check's subjects."""
    return subjects(which.population, _NOUNS.get(which.name, "chat"))


class Watch:
    """One watcher process, as far as a test needs it."""

    def __init__(
        self,
        store: Store,
        home: Home,
        clock: FakeClock,
        service: Service,
        checks: Sequence[Check] = (LOGIN,),
        lasting: Mapping[str, Trouble] | None = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.reports: list[Mapping[str, Any]] = []
        self.claim = Claim(home, clock)
        bench = Bench()
        for item in checks:
            unit, noun = _UNITS.get(item.name, Unit.INTERACTION), _NOUNS.get(item.name, "chat")
            look_back = spans(item, CONFIG.judge.look_back)
            bench.seat(judged(item, CONFIG, unit, noun), look_back, names(item), (lasting or {}).get(item.name))
        able = [item for item in checks if item.name not in (lasting or {})]
        self._plans = [Plan(item.name, names(item), item.every_seconds) for item in able]
        lookout = Lookout(Site(timedelta(seconds=30)), Controls(service.controls, 3.0, service.reach), clock)
        self._watcher = Watcher(store, self.claim, bench, clock, self.reports.append, Pace(STEP), lookout)
        self._service = service
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.claim.take(self.store)
        self.task = asyncio.create_task(self._watcher.run(self._plans, self._service.attempt))
        while self._watcher._scheduler is None and not self.task.done():  # it still reads the past
            async with self.store.reading():
                await self.clock.advance(0)

    async def stop(self) -> None:
        """End properly, as on SIGTERM."""
        await self.die()
        await self.claim.release(self.store)

    async def die(self) -> None:
        """End without a word, as on SIGKILL; the kernel frees the lock file."""
        assert self.task is not None
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task
        self.claim._lock.release()

    async def settle(self) -> None:
        """Let a batch that is being written come to its end, at this instant of the clock."""
        async with self.store._write_lock:  # a tick holds it until it has committed
            pass
        await self.clock.advance(0)

    async def forward(self, seconds: float) -> None:
        """Let time pass, with every batch written at its own instant."""
        for _ in range(round(seconds / STEP)):
            await self.clock.advance(STEP)
            await self.settle()
            if self.task is not None and self.task.done():
                return

    async def until(self, condition: Callable[[Overview], bool], within: float) -> Overview:
        """Let time pass until the store shows what is wanted."""
        for _ in range(round(within / STEP)):
            await self.forward(STEP)
            seen = await overview(self.store, self.clock.now())
            if condition(seen):
                return seen
        seen = await overview(self.store, self.clock.now())
        raise AssertionError(f"not within {within} s: {list(seen.checks)}, {seen.suggestions}")

    async def seen(self) -> Overview:
        return await overview(self.store, self.clock.now())


def state(seen: Overview, which: Check = LOGIN) -> CheckState:
    """Return the state of one check on the screen."""
    return next(item for item in seen.checks if item.assessment.check == which.name)


def severity(which: Check, wanted: int | None) -> Callable[[Overview], bool]:
    """Return the condition that a check has this severity."""
    return lambda seen: any(
        item.assessment.check == which.name and item.assessment.severity == wanted for item in seen.checks
    )


def seconds(length: timedelta) -> float:
    return length.total_seconds()
