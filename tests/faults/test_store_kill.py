"""SIGKILL in the middle of many small transactions: what was acknowledged is there, and nothing is there by half."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from omwatch.domain.attempt import Attempt, Outcome
from omwatch.store import Store, attempts

START = datetime(2026, 1, 5, 15, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
EACH = 3
"""Attempts a transaction; each shares its minutes with many others."""


async def write_for_ever(database: Path, first: int) -> None:
    """Write numbered transactions, and say each number once it is committed."""
    store = Store(database)
    number = first
    while True:
        at = START + timedelta(seconds=number)
        batch = [Attempt("check", f"{number}-{part}", at, 1.0, Outcome.FAILED) for part in range(EACH)]
        async with store.writing() as connection:
            await attempts.record(connection, batch)
        print(number, flush=True)  # noqa: T201 - the test reads it
        number += 1


def write_and_be_killed(database: Path, first: int, after: int) -> int:
    """Let a process write, kill it some time after so many acknowledgements, and return the last of them."""
    command = [sys.executable, "-m", "tests.faults.test_store_kill", str(database), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        said = [int(process.stdout.readline()) for _ in range(after)]
        process.kill()
        said += [int(line) for line in process.stdout if line.endswith("\n")]
    assert process.returncode == -9
    assert said == list(range(first, first + len(said)))
    return said[-1]


@pytest.mark.parametrize("writers", [1, 2])
async def test_every_acknowledged_transaction_is_there_whole(database: Path, writers: int) -> None:
    acknowledged: set[int] = set()
    for round_number, after in enumerate((1, 17, 60, 5) if writers == 1 else (25, 40)):
        starts = [(round_number * writers + writer) * 100_000 for writer in range(writers)]
        lasts = await asyncio.gather(
            *(asyncio.to_thread(write_and_be_killed, database, start, after) for start in starts)
        )
        for start, last in zip(starts, lasts, strict=True):
            acknowledged |= set(range(start, last + 1))
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        subjects = [subject for (subject,) in connection.execute("SELECT subject FROM attempts")]
        (rolled_up,) = connection.execute("SELECT sum(failed) FROM attempt_minutes").fetchone()
    written = {int(subject.split("-")[0]) for subject in subjects}
    assert acknowledged <= written
    assert len(written - acknowledged) <= 4  # committed, and killed before saying so
    assert len(subjects) == len(set(subjects)) == len(written) * EACH
    assert rolled_up == len(subjects)


if __name__ == "__main__":
    asyncio.run(write_for_ever(Path(sys.argv[1]), int(sys.argv[2])))
