"""Driving the dashboard in tests: an app over a painted store, what it shows, and waiting for it without sleeping."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from omwatch.clock import FakeClock
from omwatch.config.home import Home
from omwatch.config.themes import Theme, read_themes
from omwatch.dashboard.app import Dashboard
from omwatch.dashboard.setup import Setup
from omwatch.domain.policy import Policy
from omwatch.domain.role import Operator, Role
from omwatch.store import Store
from tests.dashboard.painted import NOW

CHECKOUT = Path(__file__).parents[2]
ADA = Operator("ada", Role.ADMIN)
Painter = Callable[[Store], Awaitable[object]]


@cache
def themes() -> dict[str, Theme]:
    """Return the themes that are shipped."""
    found, problems = read_themes(Home(CHECKOUT))
    assert not problems
    return found


def setup(database: Path, theme: str = "dark", operator: Operator = ADA) -> Setup:
    """Return what a dashboard needs, with times told in UTC."""
    return Setup(
        database=database,
        organisation="OpenMethods",
        page_url="https://status.openmethods.com",
        outage_percent=30,
        themes=themes(),
        theme=theme,
        zone=UTC,
        operator=operator,
        policy=Policy(mail_domain="openmethods.com"),
    )


def dashboard(database: Path, clock: FakeClock | None = None, theme: str = "dark") -> Dashboard:
    """Return a dashboard whose clock stands at the painter's instant."""
    return Dashboard(setup(database, theme), clock or FakeClock(NOW))


def shown(app: Dashboard) -> str:
    """Return the text on the screen, a line a row."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


async def until(pilot: Pilot[Any], condition: Callable[[], bool]) -> None:
    """Let the app work until a condition holds.

    Raises:
        AssertionError: it never does; with what the screen shows instead.
    """
    for _ in range(500):
        if condition():
            await pilot.pause()
            return
        await pilot.pause(0.01)
    raise AssertionError(shown(pilot.app))  # type: ignore[arg-type]


async def shows(pilot: Pilot[Any], text: str) -> None:
    """Wait until the screen shows a text."""
    await until(pilot, lambda: text in shown(pilot.app))  # type: ignore[arg-type]


async def ready(pilot: Pilot[Any]) -> None:
    """Wait until the dashboard has read the store once."""
    app = pilot.app
    assert isinstance(app, Dashboard)
    await until(pilot, lambda: app.view.overview is not None)


async def later(pilot: Pilot[Any], clock: FakeClock, seconds: float = 1.0) -> None:
    """Let time pass, and the dashboard notice."""
    app = pilot.app
    assert isinstance(app, Dashboard)
    await clock.advance(seconds)
    await pilot.pause()
    app._refresh()
    await pilot.pause()


def painted(database: Path, painter: Painter) -> Path:
    """Paint a store outside any loop, for tests that are not asynchronous themselves."""

    async def paint() -> None:
        store = Store(database)
        try:
            await painter(store)
        finally:
            await store.close()

    asyncio.run(paint())
    return database
