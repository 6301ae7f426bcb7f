"""Whether the database has changed: answered by SQLite without a query, so that screens can ask twice a second."""

import sqlite3
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self


class Gone(OSError):
    """The database file is missing, or another one has taken its place."""


class Changes:
    """Watches one database file over a connection of its own. Every method blocks; ask it in a thread."""

    def __init__(self, database: Path) -> None:
        """Begin to watch a database that exists.

        Raises:
            OSError: it does not.
            sqlite3.Error: it cannot be read.
        """
        self._database = database
        self._file = _identity(database)
        self._connection = sqlite3.connect(database, check_same_thread=False)
        self._version: int | None = None

    def __enter__(self) -> Self:
        """Watch."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the file."""
        self._connection.close()

    def any(self) -> bool:
        """Tell whether another connection has committed since the last call; the first call says yes.

        Raises:
            Gone: the file is not the one that was opened; SQLite itself would go on reading what was deleted.
            sqlite3.Error: it cannot be read.
        """
        if _identity(self._database) != self._file:
            raise Gone(f"{self._database} has been replaced")
        with closing(self._connection.execute("PRAGMA data_version")) as cursor:
            version = int(cursor.fetchone()[0])
        changed, self._version = version != self._version, version
        return changed


def _identity(database: Path) -> tuple[int, int]:
    try:
        found = database.stat()
    except FileNotFoundError:
        raise Gone(f"{database} is missing") from None
    return found.st_dev, found.st_ino
