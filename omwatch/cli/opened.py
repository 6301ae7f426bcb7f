"""The store of a home, opened for the time of one command, and the desk over it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from omwatch.cli.common import Misused, Refused, load_home

if TYPE_CHECKING:
    from omwatch.config.home import Home
    from omwatch.config.settings import Config
    from omwatch.desk.session import Session
    from omwatch.store import Store

_LOCKED = "database is locked"


@asynccontextmanager
async def opened(home_dir: Path) -> "AsyncIterator[tuple[Config, Store]]":
    """Open a home's store; a decision that does not fit, or a store out of reach, is a refusal.

    Raises:
        Refused: with the reason.
        SystemExit: with status 3, when the home's configuration is wrong.
    """
    home, config, _ = load_home(home_dir)
    import sqlite3  # noqa: PLC0415 - only once the configuration is known to be right

    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    from omwatch.desk.session import NotPossible  # noqa: PLC0415
    from omwatch.store import Store  # noqa: PLC0415
    from omwatch.store.migrate import NewerDatabase  # noqa: PLC0415

    try:
        home.make_data()
        store = await Store.open(home.database)
    except NewerDatabase as reason:
        raise Refused(str(reason)) from None
    except (DBAPIError, sqlite3.Error, OSError) as error:
        raise _out_of_reach(home, error) from None
    try:
        yield config, store
    except NotPossible as reason:
        raise Refused(str(reason)) from None
    except (DBAPIError, sqlite3.Error) as error:
        raise _out_of_reach(home, error) from None
    finally:
        await store.close()


@asynccontextmanager
async def at_desk(home_dir: Path, name: str | None = None) -> "AsyncIterator[Session]":
    """Open the desk of a home for one decision by this operating system's user, or by the one that ``--as`` names.

    Raises:
        Misused: nobody may act under that name here.
        Refused: as :func:`opened`.
        SystemExit: as :func:`opened`.
    """
    async with opened(home_dir) as (config, store):
        from omwatch.clock import SystemClock  # noqa: PLC0415 - only once the configuration is known to be right
        from omwatch.config.home import Home  # noqa: PLC0415
        from omwatch.config.policy import operator_of, policy_of  # noqa: PLC0415
        from omwatch.desk.session import Session  # noqa: PLC0415

        try:
            operator = operator_of(config, name)
        except ValueError as error:
            raise Misused(str(error)) from None
        yield Session(store, operator, SystemClock().now(), policy_of(config, Home(home_dir)))


def _out_of_reach(home: "Home", error: Exception) -> Refused:
    why = str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error)
    advice = "; somebody else is writing, try again in a moment" if why == _LOCKED else ""
    return Refused(f"the store {home.database} cannot be used: {why}; nothing was changed{advice}")
