"""The database connections of one process, and what a transaction is.

SQLite settings follow measurements, not taste: WAL with ``synchronous=FULL`` lost none of 800 acknowledged commits in
simulated power cuts (NORMAL lost up to 32), and ``BEGIN IMMEDIATE`` lost none of 600 read-then-write updates
(SQLAlchemy's default lost 291).
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from omwatch.store.migrate import migrate

_BUSY_TIMEOUT_MS = 5000
_READERS = 2


class Store:
    """One process's way into the database: many readers, one writer at a time."""

    def __init__(self, database: Path) -> None:
        """Name the database; :meth:`open` is the usual way to get a store that is ready."""
        url = URL.create("sqlite+aiosqlite", database=str(database))
        self._writer = _engine(url, "IMMEDIATE", connections=1)
        self._readers = _engine(url, "DEFERRED", connections=_READERS)
        self._write_lock = asyncio.Lock()

    @classmethod
    async def open(cls, database: Path) -> "Store":
        """Bring the database to the present schema, creating it if need be, and open it.

        Raises:
            omwatch.store.migrate.NewerDatabase: it was written by a newer omwatch.
        """
        await asyncio.to_thread(migrate, database)
        return cls(database)

    async def close(self) -> None:
        """Close every connection."""
        await self._writer.dispose()
        await self._readers.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a consistent view of the database for a few queries."""
        async with self._readers.connect() as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that commits at the end of the block, or leaves nothing behind if the block raises.

        It holds the database's one write lock from its start, so what it reads stays true until it commits. A
        cancellation that arrives during the commit is raised only after the commit has ended one way or the other.
        """
        async with self._write_lock, self._writer.connect() as connection:
            await connection.begin()
            try:
                yield connection
            except BaseException:
                await _to_the_end(connection.rollback())
                raise
            await _to_the_end(connection.commit())


async def _to_the_end(ending: Awaitable[None]) -> None:
    task = asyncio.ensure_future(ending)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def _engine(url: URL, begin: str, connections: int) -> AsyncEngine:
    engine = create_async_engine(url, pool_size=connections, max_overflow=0)

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - SQLAlchemy's adapted connection
        # The driver's own transaction handling would begin too late and commit behind our back.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={_BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "invalidate")
    def _roll_back(connection: Any, _record: object, _reason: object) -> None:  # noqa: ANN401 - the same
        # SQLAlchemy closes a connection whose statement was cancelled. As long as that statement is referred to, by a
        # traceback say, SQLite does not really close it, and its transaction would go on holding the write lock.
        with suppress(ValueError, sqlite3.Error):
            connection.run_async(lambda driver: asyncio.shield(driver.rollback()))

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {begin}")

    return engine
