"""A store that cannot be written for a while, and leases that somebody else takes: nothing is lost, nobody doubles."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from omwatch.clock import FakeClock
from omwatch.config.home import Home
from omwatch.domain.attempt import Attempt
from omwatch.store import Store, attempts, engine, leases
from omwatch.store.leases import Lease
from omwatch.store.tables import attempt_minutes, suggestions
from omwatch.store.tables import attempts as attempt_table
from omwatch.watcher import watcher as watchers
from omwatch.watcher.claim import NAME, AlreadyWatched, Claim, LeaseLost
from tests.timeline.conftest import StartWatch
from tests.timeline.watching import LOGIN, Service, severity, state


@pytest.fixture
def database(database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database whose writers lose patience soon."""
    monkeypatch.setattr(engine, "_BUSY_TIMEOUT_MS", 10)
    return database


@contextmanager
def _locked(database: Path) -> Iterator[None]:
    """Hold the one write lock, as a backup tool or a stuck process would."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def _full(database: Path) -> Iterator[None]:
    """Let nothing be added in the middle of a transaction, as on a full disk."""
    with closing(sqlite3.connect(database, isolation_level=None, timeout=5)) as other:
        for name in ("attempt_minutes", "assessments"):
            other.execute(f"CREATE TRIGGER full_{name} BEFORE INSERT ON {name} BEGIN SELECT RAISE(ABORT, 'full'); END")
        yield
        for name in ("attempt_minutes", "assessments"):
            other.execute(f"DROP TRIGGER full_{name}")


async def _kept(store: Store, since: datetime) -> list[Attempt]:
    async with store.reading() as connection:
        return await attempts.since(connection, since)


def _instants(made: list[Attempt]) -> Counter[tuple[str, datetime]]:
    return Counter((attempt.subject, attempt.at) for attempt in made)


@pytest.mark.parametrize("unwritable", [_locked, _full])
async def test_a_store_that_cannot_be_written_for_a_while_loses_no_attempt_and_doubles_none(
    start: StartWatch, service: Service, database: Path, unwritable: object
) -> None:
    watch = await start(LOGIN)
    began = watch.clock.now()
    await watch.forward(5)
    before = len(await _kept(watch.store, began))
    with unwritable(database):  # type: ignore[operator] # parametrize tells no types
        await watch.forward(20)
        assert len(await _kept(watch.store, began)) == before
    await watch.forward(1)
    assert watch.task is not None
    assert not watch.task.done()
    await watch.forward(5)
    assert _instants(await _kept(watch.store, began)) == _instants(service.made)
    async with watch.store.reading() as connection:
        counted = (await connection.execute(select(func.sum(attempt_minutes.c.passed)))).scalar_one()
    assert counted == len(service.made)


async def test_an_outage_during_which_the_store_is_locked_is_suggested_as_soon_as_it_opens(
    start: StartWatch, service: Service, database: Path
) -> None:
    watch = await start(LOGIN)
    await watch.forward(15)
    with _locked(database):
        service.fail(LOGIN, 20)
        await watch.forward(20)
        assert (await watch.seen()).suggestions == ()
    seen = await watch.until(severity(LOGIN, 1), within=1)
    assert seen.suggestions[0].first_failed_at == service.first_failed_at()
    assert [report["type"] for report in watch.reports].count("suggestion") == 1


async def test_what_could_not_be_written_is_reported_only_once_it_was(
    start: StartWatch, service: Service, database: Path
) -> None:
    watch = await start(LOGIN)
    await watch.forward(15)
    told = len(watch.reports)
    service.fail(LOGIN, 20)
    with _full(database):
        await watch.forward(12)
        assert len(watch.reports) == told
    await watch.forward(1)
    assert watch.reports[told]["type"] == "assessment"


async def test_memory_is_bounded_while_the_store_is_out_of_reach_and_the_newest_attempts_are_kept(
    start: StartWatch, service: Service, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchers, "_UNSAVED_LIMIT", 30)
    watch = await start(LOGIN)
    with _locked(database):
        await watch.forward(10)
        assert len(service.made) > 40
    await watch.forward(0.5)
    kept = await _kept(watch.store, watch.clock.now() - timedelta(hours=1))
    assert len(kept) == 30
    assert {attempt.at for attempt in kept} <= {attempt.at for attempt in service.made[-35:]}


async def _take_over(store: Store, clock: FakeClock) -> None:
    now = clock.now()
    async with store.writing() as connection:
        await leases.take(connection, Lease(NAME, "somebody else", 4711, 0, now, now + timedelta(seconds=10), {}))


async def test_a_watcher_that_lost_its_lease_stops_at_once_and_writes_nothing(
    start: StartWatch, service: Service, clock: FakeClock
) -> None:
    watch = await start(LOGIN)
    await watch.forward(5)
    service.fail(LOGIN, 50)
    await _take_over(watch.store, clock)
    before = await watch.seen()
    written = len(await _kept(watch.store, clock.now() - timedelta(hours=1)))
    await watch.forward(10)
    assert watch.task is not None
    with pytest.raises(LeaseLost, match="another watcher has taken over"):
        await watch.task
    after = await watch.seen()
    assert (after.checks, after.suggestions) == (before.checks, ())
    assert len(await _kept(watch.store, clock.now() - timedelta(hours=1))) == written
    assert after.watcher is not None
    assert (after.watcher.holder, after.watcher.process) == ("somebody else", 4711)


async def test_giving_back_a_lost_lease_leaves_the_new_holder_alone(start: StartWatch, clock: FakeClock) -> None:
    watch = await start(LOGIN)
    await watch.forward(1)
    await _take_over(watch.store, clock)
    await watch.forward(1)
    await watch.claim.release(watch.store)
    lease = (await watch.seen()).watcher
    assert lease is not None
    assert lease.expires_at > clock.now()


async def test_a_second_watcher_is_refused_and_told_which_process_watches(
    start: StartWatch, tmp_path: Path, clock: FakeClock
) -> None:
    watch = await start(LOGIN)
    second = Claim(Home(tmp_path), clock)
    with pytest.raises(AlreadyWatched, match=r"another watcher \(process \d+\) already watches this home"):
        await second.take(watch.store)
    await watch.forward(12)
    assert state(await watch.seen()).assessment.severity == 4, "the first goes on undisturbed"


async def test_after_the_first_has_died_a_second_takes_over_at_once(start: StartWatch) -> None:
    first = await start(LOGIN)
    await first.forward(12)
    fence = (await first.seen()).watcher
    await first.die()
    second = await start(LOGIN)
    await second.forward(1)
    seen = await second.seen()
    assert seen.watcher is not None
    assert fence is not None
    assert seen.watcher.fence == fence.fence + 1
    assert state(seen).assessment.severity == 4


async def test_giving_up_frees_the_home_even_when_the_store_cannot_be_written(
    store: Store, database: Path, tmp_path: Path, clock: FakeClock
) -> None:
    first, second = Claim(Home(tmp_path), clock), Claim(Home(tmp_path), clock)
    await first.take(store)
    with _locked(database):
        await first.release(store)
    await second.take(store)
    await second.release(store)


async def test_a_home_that_could_not_be_claimed_for_want_of_its_store_is_free_again(
    store: Store, database: Path, tmp_path: Path, clock: FakeClock
) -> None:
    first, second = Claim(Home(tmp_path), clock), Claim(Home(tmp_path), clock)
    with _locked(database), pytest.raises(Exception, match="locked"):
        await first.take(store)
    await second.take(store)
    await second.release(store)


async def test_releasing_what_was_never_taken_does_nothing(store: Store, tmp_path: Path, clock: FakeClock) -> None:
    await Claim(Home(tmp_path), clock).release(store)
    async with store.reading() as connection:
        assert await leases.get(connection, NAME) is None


async def test_cancelling_the_watcher_while_it_writes_leaves_a_whole_batch_or_none(
    start: StartWatch, service: Service
) -> None:
    watch = await start(LOGIN)
    began = watch.clock.now()
    await watch.forward(5)
    service.fail(LOGIN, 50)
    await watch.clock.advance(0.5)
    await watch.die()
    async with watch.store.reading() as connection:
        rows = (await connection.execute(select(func.count()).select_from(attempt_table))).scalar_one()
        minutes = await attempts.minutes_since(connection, began)
        suggested = (await connection.execute(select(func.count()).select_from(suggestions))).scalar_one()
    assert sum(minute.passed + minute.failed for minute in minutes) == rows
    assert suggested in {0, 1}
    async with asyncio.timeout(5), watch.store.writing():
        pass
