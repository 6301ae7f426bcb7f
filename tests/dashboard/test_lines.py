"""Repainting: only what differs is sent to the terminal."""

from pathlib import Path
from unittest.mock import patch

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

from omwatch.clock import FakeClock
from omwatch.dashboard.widgets.components import Components
from omwatch.dashboard.widgets.lines import Lines, changed
from omwatch.store import Store
from tests.dashboard import scenes
from tests.dashboard.driving import dashboard, later, ready
from tests.dashboard.painted import NOW

RED, GREEN = Style(color="red"), Style(color="green")


def strip(*parts: tuple[str, Style]) -> Strip:
    return Strip([Segment(text, style) for text, style in parts])


def test_strips_differ_from_the_first_changed_cell_to_the_last() -> None:
    assert changed(strip(("14:02:11 UTC", RED)), strip(("14:02:21 UTC", RED))) == (6, 7)


def test_a_change_of_style_alone_is_a_change() -> None:
    assert changed(strip(("ab", RED), ("cd", RED)), strip(("ab", RED), ("cd", GREEN))) == (2, 4)


def test_the_same_text_in_other_segments_is_no_change() -> None:
    assert changed(strip(("abcd", RED)), strip(("ab", RED), ("cd", RED))) == (0, 0)


def test_wide_characters_count_as_two_cells() -> None:
    assert changed(strip(("日本a", RED)), strip(("日本b", RED))) == (4, 5)


def test_strips_of_other_lengths_differ_as_a_whole() -> None:
    assert changed(strip(("abc", RED)), strip(("abcd", RED))) == (0, 4)


async def test_a_second_that_passes_repaints_the_clock_and_nothing_else(database: Path, store: Store) -> None:
    await scenes.healthy(store)
    clock = FakeClock(NOW)
    app = dashboard(database, clock)
    refreshed: dict[str, list[Region]] = {}
    original = Lines.refresh

    def note(self: Lines, *regions: Region, **options: bool) -> Lines:
        refreshed.setdefault(str(self.id), []).extend(regions)
        return original(self, *regions, **options)

    async with app.run_test() as pilot:
        await ready(pilot)
        with patch.object(Lines, "refresh", note):
            await later(pilot, clock, 1)
    assert set(refreshed) == {"clock"}
    assert all(region.width <= 2 and region.height == 1 for region in refreshed["clock"])


async def test_drawing_the_same_again_repaints_nothing(database: Path, store: Store) -> None:
    await scenes.outage(store)
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        components = app.screen.query_one(Components)
        with patch.object(Components, "refresh") as refresh:
            components.redraw()
        refresh.assert_not_called()
        assert components.values
