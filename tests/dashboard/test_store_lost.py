"""A store that goes and comes back: said at once, mended by itself, and nothing decided meanwhile."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from omwatch.clock import FakeClock
from omwatch.store import Store
from tests.dashboard import scenes
from tests.dashboard.driving import dashboard, later, ready, shown, shows
from tests.dashboard.painted import NOW


def aside(database: Path) -> Path:
    return database.with_suffix(".aside")


def move(source: Path, target: Path) -> bool:
    """Move a file to where there is none; return whether there was none."""
    free = not target.exists()
    source.rename(target)
    return free


def replace_by_a_copy_without_suggestions(database: Path) -> None:
    copy = database.with_suffix(".copy")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("DELETE FROM suggestions")
        connection.commit()
    for left_over in ("-wal", "-shm"):
        Path(f"{database}{left_over}").unlink(missing_ok=True)
    copy.replace(database)


async def test_a_store_that_is_not_there_yet_is_created_at_the_start(tmp_path: Path) -> None:
    app = dashboard(tmp_path / "omwatch.db")
    async with app.run_test() as pilot:
        await ready(pilot)
        assert "● store ok" in shown(app)
    assert (tmp_path / "omwatch.db").exists()


async def test_a_file_taken_away_is_said_at_once_and_found_again_when_it_is_back(database: Path, store: Store) -> None:
    await scenes.outage(store)
    clock = FakeClock(NOW)
    app = dashboard(database, clock)
    async with app.run_test() as pilot:
        await ready(pilot)
        move(database, aside(database))
        await clock.advance(0.5)
        await shows(pilot, "■ store lost")
        await shows(pilot, "Store lost since 14:14:31 · the figures below are from before")
        assert "omwatch.db is missing" in shown(app)
        assert "○ watcher unknown" in shown(app)
        assert "20/50" in shown(app)
        await pilot.press("c", "d")
        assert len(app.screen_stack) == 1
        await later(pilot, clock, 3)
        assert move(aside(database), database)
        await clock.advance(2)
        await shows(pilot, "● store ok")
        await shows(pilot, "Suggested: SYSTEM OUTAGE")


async def test_another_database_in_its_place_is_noticed(database: Path, store: Store) -> None:
    await scenes.outage(store)
    clock = FakeClock(NOW)
    app = dashboard(database, clock)
    async with app.run_test() as pilot:
        await ready(pilot)
        replace_by_a_copy_without_suggestions(database)
        await clock.advance(0.5)
        await shows(pilot, "has been replaced")
        await clock.advance(2)
        await shows(pilot, "2 of 4 components failing")


async def test_a_file_that_is_no_database_is_a_lost_store_and_no_crash(tmp_path: Path) -> None:
    file = tmp_path / "omwatch.db"
    file.write_text("this is a letter, not a database\n" * 100)
    app = dashboard(file)
    async with app.run_test() as pilot:
        await shows(pilot, "■ store lost")
        await shows(pilot, "file is not a database")


async def test_a_database_of_a_newer_omwatch_is_left_alone(database: Path, store: Store) -> None:
    await scenes.healthy(store)
    async with store.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999_from_the_future'"))
    clock = FakeClock(NOW)
    app = dashboard(database, clock)
    async with app.run_test() as pilot:
        await shows(pilot, "■ store lost")
        await later(pilot, clock, 5)
        assert "■ store lost" in shown(app)
        assert "9999_from_the_future" in shown(app)
