"""A home and a simulated service for every timeline."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from omwatch.clock import FakeClock
from omwatch.config.home import Home
from omwatch.store import Store
from tests.timeline.watching import Service, Watch

StartWatch = Callable[..., Awaitable[Watch]]


@pytest.fixture
def service(clock: FakeClock) -> Service:
    return Service(clock)


@pytest.fixture
async def start(store: Store, tmp_path: Path, clock: FakeClock, service: Service) -> AsyncIterator[StartWatch]:
    """Start a watcher; its arguments are the checks, and more."""
    started: list[Watch] = []

    async def one(*checks: object, on: Store = store, **more: object) -> Watch:
        watch = Watch(on, Home(tmp_path), clock, service, **({"checks": checks} if checks else {}), **more)  # type: ignore[arg-type] # as given
        started.append(watch)
        await watch.start()
        return watch

    yield one
    for watch in started:
        if watch.task is not None and not watch.task.done():
            await watch.die()
