"""The store of a home, opened for the time of one command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from omwatch.cli.common import Refused, load_home

if TYPE_CHECKING:
    from omwatch.config.settings import Config
    from omwatch.store import Store


@asynccontextmanager
async def opened(home_dir: Path) -> "AsyncIterator[tuple[Config, Store]]":
    """Open a home's store; a decision that does not fit, or a store out of reach, is a refusal.

    Raises:
        Refused: with the reason.
        SystemExit: with status 3, when the home's configuration is wrong.
    """
    home, config, _ = load_home(home_dir)
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - only once the configuration is known to be right

    from omwatch.desk import NotPossible  # noqa: PLC0415
    from omwatch.store import Store  # noqa: PLC0415
    from omwatch.store.migrate import NewerDatabase  # noqa: PLC0415

    home.make_data()
    try:
        store = await Store.open(home.database)
        try:
            yield config, store
        finally:
            await store.close()
    except (NotPossible, NewerDatabase) as reason:
        raise Refused(str(reason)) from None
    except DBAPIError as error:
        raise Refused(f"the store {home.database} cannot be used: {error.orig}; nothing was changed") from None
