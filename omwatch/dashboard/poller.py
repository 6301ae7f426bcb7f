"""The one way from the store to the screen: looks twice a second, reads only when something has changed."""

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from omwatch.clock import Clock
from omwatch.dashboard.view import Reading
from omwatch.domain.safetext import clean

if TYPE_CHECKING:
    from omwatch.store import Store

_LOOK_EVERY = 0.5
_TRY_AGAIN_AFTER = 1.0
_PATIENCE = 5.0
"""Seconds until a store that does not answer counts as lost."""


class StoreLost(Exception):
    """The store is out of reach; the message says why."""


class Poller:
    """Opens the store, follows it, and opens it again whenever it was lost."""

    def __init__(self, database: Path, clock: Clock, show: Callable[[Reading], None]) -> None:
        """Prepare; ``show`` gets a reading whenever there is something new."""
        self._database = database
        self._clock = clock
        self._show = show
        self._reading = Reading()
        self._store: Store | None = None
        self._open: list[Store] = []
        self._hurry = asyncio.Event()

    @property
    def store(self) -> "Store":
        """The open store.

        Raises:
            StoreLost: there is none now.
        """
        if self._store is None:
            raise StoreLost(self._reading.lost or "the store is not open yet")
        return self._store

    async def run(self) -> None:
        """Follow the store until cancelled."""
        # Imported in a thread, so that keys and clock go on meanwhile.
        await asyncio.to_thread(_import_store)
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

        from omwatch.store.migrate import NewerDatabase  # noqa: PLC0415

        while True:
            try:
                await self._follow()
            except DBAPIError as error:
                await self._lose(str(error.orig))
            except TimeoutError:
                await self._lose(f"no answer for {_PATIENCE:.0f} s")
            except (OSError, sqlite3.Error, NewerDatabase) as error:
                await self._lose(str(error))
            await self._clock.sleep(_TRY_AGAIN_AFTER)

    async def _follow(self) -> None:
        from omwatch.store import Store  # noqa: PLC0415 - see run
        from omwatch.store.changes import Changes, Gone  # noqa: PLC0415
        from omwatch.store.overview import overview  # noqa: PLC0415

        if self._reading.lost and not self._database.exists():
            # Opening would create an empty database in the place of the one that was lost.
            raise Gone(f"{self._database} is missing")
        store = await Store.open(self._database)
        self._open.append(store)
        with await asyncio.to_thread(Changes, self._database) as changes:
            while True:
                async with asyncio.timeout(_PATIENCE):
                    if await asyncio.to_thread(changes.any):
                        look = await overview(store, self._clock.now())
                        self._store = store
                        self._tell(Reading(look))
                await self._pause()

    def look_now(self) -> None:
        """Look without waiting for the next half second: something was decided here."""
        self._hurry.set()

    async def _pause(self) -> None:
        ends = {asyncio.ensure_future(self._clock.sleep(_LOOK_EVERY)), asyncio.ensure_future(self._hurry.wait())}
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
        self._hurry.clear()

    async def close(self) -> None:
        """Close what is open; call it when :meth:`run` has ended."""
        self._store = None
        while self._open:
            await self._open.pop().close()

    async def _lose(self, reason: str) -> None:
        await self.close()
        since: datetime = self._reading.lost_since or self._clock.now()
        # The folder is known, and the line is short.
        short = clean(reason.replace(str(self._database), self._database.name))
        self._tell(Reading(self._reading.overview, short, since))

    def _tell(self, reading: Reading) -> None:
        self._reading = reading
        self._show(reading)


def _import_store() -> None:
    import omwatch.store.overview  # noqa: F401, PLC0415 - see Poller.run
