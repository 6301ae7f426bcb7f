"""What every test may ask for: a clock that stands still, and a store of its own."""

import importlib
import shutil
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from omwatch.clock import FakeClock
from omwatch.store import Store
from omwatch.store.migrate import migrate

# Apprise's PGP helper imports a module that Python 3.13 leaves out; once imported, it warns no more.
with warnings.catch_warnings(), suppress(ImportError):
    warnings.simplefilter("ignore", DeprecationWarning)
    importlib.import_module("imghdr")

settings.register_profile(
    "omwatch", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("omwatch")

OpenStore = Callable[[], Store]


@pytest.fixture
def clock() -> FakeClock:
    """A clock that only a test moves."""
    return FakeClock()


@pytest.fixture(scope="session")
def _migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One database at the present schema; copying it is a hundred times quicker than migrating another."""
    path = tmp_path_factory.mktemp("migrated") / "omwatch.db"
    migrate(path)
    return path


@pytest.fixture
def database(_migrated: Path, tmp_path: Path) -> Path:
    """The file of an empty database at the present schema."""
    return Path(shutil.copy(_migrated, tmp_path / "omwatch.db"))


@pytest.fixture
async def open_store(database: Path) -> AsyncIterator[OpenStore]:
    """Open one more way into the test's database, as another process would. This decides the engine of the suite."""
    opened: list[Store] = []

    def open_one() -> Store:
        opened.append(Store(database))
        return opened[-1]

    yield open_one
    for store in opened:
        await store.close()


@pytest.fixture
async def store(open_store: OpenStore) -> Store:
    """An empty store."""
    return open_store()
