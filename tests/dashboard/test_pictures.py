"""Pictures of the main states, compared with those that a person has looked at."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from omwatch.clock import FakeClock
from tests.dashboard import scenes
from tests.dashboard.driving import Painter, dashboard, painted, ready, shows
from tests.dashboard.painted import NOW

Compare = Callable[..., bool]
SIZES = [(80, 24), (120, 40)]


def take_away(database: Path) -> None:
    database.rename(database.with_suffix(".aside"))


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the environment of whoever runs the tests out of the pictures."""
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(
    "scene", [scenes.healthy, scenes.outage, scenes.mixed, scenes.told, scenes.window], ids=lambda scene: scene.__name__
)
def test_the_board_looks_as_agreed(
    snap_compare: Compare, database: Path, scene: Painter, theme: str, size: tuple[int, int]
) -> None:
    app = dashboard(painted(database, scene), theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=ready)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
@pytest.mark.parametrize(
    ("keys", "text"),
    [(["c"], "Publish to 3"), (["d"], "Why is it no incident?"), (["enter"], "First failure")],
    ids=["confirm", "dismiss", "details"],
)
def test_what_stands_over_the_board_looks_as_agreed(
    snap_compare: Compare, database: Path, keys: list[str], text: str, size: tuple[int, int]
) -> None:
    async def open_it(pilot: Pilot[Any]) -> None:
        await ready(pilot)
        await pilot.press(*keys)
        await shows(pilot, text)

    app = dashboard(painted(database, scenes.outage))
    assert snap_compare(app, terminal_size=size, run_before=open_it)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
def test_a_lost_store_looks_as_agreed(snap_compare: Compare, database: Path, size: tuple[int, int]) -> None:
    clock = FakeClock(NOW)

    async def lose(pilot: Pilot[Any]) -> None:
        await ready(pilot)
        take_away(database)
        await clock.advance(0.5)
        await shows(pilot, "omwatch.db is missing")

    app: App[None] = dashboard(painted(database, scenes.outage), clock)
    assert snap_compare(app, terminal_size=size, run_before=lose)
