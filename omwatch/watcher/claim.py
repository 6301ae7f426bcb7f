"""The watcher's lease: one monitoring process per home, and everybody can see whether it lives."""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.clock import Clock, new_token
from omwatch.config.home import Home
from omwatch.config.lockfile import LockFile
from omwatch.store import Store, leases
from omwatch.store.leases import Lease

NAME = "watcher"
LASTS = timedelta(seconds=10)
_log = structlog.get_logger()


class AlreadyWatched(Exception):
    """Another process watches this home."""


class LeaseLost(Exception):
    """Another watcher has taken the lease; this one must stop at once."""


class Claim:
    """The right to watch a home: a lock file that the kernel frees, and a lease row that everybody reads."""

    def __init__(self, home: Home, clock: Clock) -> None:
        """Prepare; nothing is held yet."""
        self._lock = LockFile(home.watcher_lock)
        self._clock = clock
        self._lease: Lease | None = None

    async def take(self, store: Store) -> None:
        """Become the home's watcher.

        Raises:
            AlreadyWatched: another process is.
        """
        if not self._lock.acquire():
            async with store.reading() as connection:
                holder = await leases.get(connection, NAME)
            process = f" (process {holder.process})" if holder else ""
            raise AlreadyWatched(f"another watcher{process} already watches this home; this one has nothing to do")
        now = self._clock.now()
        wanted = Lease(NAME, new_token(), os.getpid(), 0, now, now + LASTS, {})
        try:
            async with store.writing() as connection:
                self._lease = await leases.take(connection, wanted)
        except BaseException:
            self._lock.release()
            raise

    async def renew(self, connection: AsyncConnection, now: datetime, notes: Mapping[str, Any]) -> None:
        """Prolong the lease inside the caller's transaction, so that a lost lease undoes what it would have written.

        Raises:
            LeaseLost: another watcher has it now.
        """
        assert self._lease is not None  # noqa: S101 - taken before anything is written
        if not await leases.renew(connection, self._lease, now, now + LASTS, notes):
            raise LeaseLost("another watcher has taken over; this one stops")

    async def release(self, store: Store) -> None:
        """Stop being the home's watcher; where the store cannot be written, the lease runs out by itself."""
        try:
            if self._lease is not None:
                async with store.writing() as connection:
                    await leases.release(connection, self._lease, self._clock.now())
        except DBAPIError as error:
            _log.warning("the watcher's lease could not be given back", error=str(error.orig))
        finally:
            self._lock.release()
