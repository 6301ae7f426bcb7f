"""Bringing a database to the present schema: under a lock, after a backup copy, by Alembic.

Alembic costs a third of a second to import, so a database that is up to date is recognised without it.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from omwatch.config.lockfile import LockFile

MIGRATIONS = Path(__file__).parent / "migrations"


class NewerDatabase(Exception):
    """The database was written by a newer omwatch than this one."""


def head() -> str:
    """Return the newest revision: the file names of the migrations are their revisions, in order."""
    return max(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def current(database: Path) -> str | None:
    """Return the revision a database is at; None when it is missing or empty."""
    if not database.exists():
        return None
    with closing(sqlite3.connect(database)) as connection:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    return row[0] if row else None


def migrate(database: Path) -> None:
    """Bring the database to :func:`head`; several processes may ask at once.

    Raises:
        NewerDatabase: it is at a revision that this omwatch does not know.
    """
    newest = head()
    if current(database) == newest:
        return
    lock = LockFile(database.with_name("migrate.lock"))
    lock.acquire(wait=True)
    try:
        found = current(database)
        if found == newest:
            return
        if found is not None:
            _refuse_newer(database, found)
            _back_up(database, found)
        _upgrade(database)
    finally:
        lock.release()


def _refuse_newer(database: Path, found: str) -> None:
    known = {path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}
    if found not in known:
        raise NewerDatabase(
            f"{database}: its schema is {found!r} and this omwatch knows up to {head()!r}; "
            "install the newer omwatch, or put back the copy in the backups folder beside it"
        )


def _back_up(database: Path, revision: str) -> None:
    folder = database.with_name("backups")
    folder.mkdir(mode=0o700, exist_ok=True)
    copy = folder / f"{database.stem}-before-{head()}-was-{revision}.db"
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def _upgrade(database: Path) -> None:
    # Alembic and what it imports are needed once per schema change, not at every start.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import URL  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["url"] = URL.create("sqlite", database=str(database))
    command.upgrade(config, "head")
