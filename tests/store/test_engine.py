"""The settings that keep acknowledged commits are really on, on every connection."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.store import Store, subscribers
from omwatch.store.migrate import current, head
from omwatch.store.tables import updates
from tests.domain.builders import T0

WAYS: list[Callable[[Store], AbstractAsyncContextManager[AsyncConnection]]] = [Store.reading, Store.writing]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 5000)]
)
async def test_a_setting_is_on(
    store: Store,
    way: Callable[[Store], AbstractAsyncContextManager[AsyncConnection]],
    pragma: str,
    value: object,
) -> None:
    async with way(store) as connection:
        assert (await connection.execute(text(f"PRAGMA {pragma}"))).scalar_one() == value


async def test_two_readers_at_once_have_them_too(store: Store) -> None:
    async with store.reading(), store.reading() as second:
        assert (await second.execute(text("PRAGMA synchronous"))).scalar_one() == 2


async def test_a_row_that_points_at_nothing_is_refused(store: Store) -> None:
    row = {"event_id": 99, "status": "identified", "text": "x", "at": T0, "author": "ada"}
    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        async with store.writing() as connection:
            await connection.execute(insert(updates).values(row))


async def test_writing_begins_with_the_lock_and_reading_without(store: Store, open_store: Callable[[], Store]) -> None:
    other = open_store()
    async with store.reading(), other.writing() as connection:
        await subscribers.add(connection, "ada@example.com", "ada", T0)


@pytest.mark.parametrize("name", ["plain", "with space", "50% off", "what?", "a#b", "a%20b", "ünïcode", "a;b&c=d"])
async def test_a_home_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    store = await Store.open(folder / "omwatch.db")
    try:
        async with store.writing() as connection:
            await subscribers.add(connection, "ada@example.com", "ada", T0)
    finally:
        await store.close()
    assert current(folder / "omwatch.db") == head()
    assert names(folder) == ["migrate.lock", "omwatch.db"]
    assert names(tmp_path) == [name]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
