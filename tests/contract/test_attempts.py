"""Attempts come back as they went in, and their rollups are what a recount gives."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from omwatch.domain.attempt import Attempt, Outcome
from omwatch.store import Store, attempts
from omwatch.store.attempts import Minute
from omwatch.store.tables import attempt_minutes
from omwatch.store.tables import attempts as attempt_table
from tests.domain.builders import after, an_attempt

ATTEMPTS = st.builds(
    an_attempt,
    subject=st.sampled_from(["ada", "bob"]),
    seconds=st.floats(0, 400).map(lambda seconds: round(seconds, 6)),
    outcome=st.sampled_from(Outcome),
    check=st.sampled_from(["agent-login", "screen-pop"]),
    duration_ms=st.integers(0, 40_000).map(lambda quarter: quarter / 4),  # sums of quarters are exact
)


def recount(every: list[Attempt]) -> dict[tuple[str, datetime], Minute]:
    found: dict[tuple[str, datetime], Minute] = {}
    for check, minute in {(item.check, item.at.replace(second=0, microsecond=0)) for item in every}:
        here = [item for item in every if item.check == check and minute <= item.at < minute + timedelta(minutes=1)]
        counted = [item.duration_ms for item in here if item.outcome is not Outcome.BROKEN]
        found[check, minute] = Minute(
            check,
            minute,
            passed=sum(item.outcome is Outcome.PASSED for item in here),
            failed=sum(item.outcome is Outcome.FAILED for item in here),
            broken=sum(item.outcome is Outcome.BROKEN for item in here),
            total_ms=sum(counted),
            longest_ms=max(counted, default=0.0),
        )
    return found


@settings(max_examples=30)
@given(batches=st.lists(st.lists(ATTEMPTS, max_size=8), max_size=5))
async def test_attempts_written_in_batches_equal_a_recount(store: Store, batches: list[list[Attempt]]) -> None:
    async with store.writing() as connection:
        await connection.execute(delete(attempt_table))
        await connection.execute(delete(attempt_minutes))
    for batch in batches:
        async with store.writing() as connection:
            await attempts.record(connection, batch)
    every = [item for batch in batches for item in batch]
    async with store.reading() as connection:
        found = await attempts.since(connection, after(0))
        minutes = await attempts.minutes_since(connection, after(0))
    assert sorted(found, key=repr) == sorted(every, key=repr)
    assert [item.at for item in found] == sorted(item.at for item in every)
    assert {(minute.check, minute.minute): minute for minute in minutes} == recount(every)
    assert len(minutes) == len(recount(every))


async def test_only_what_began_since_then_is_returned(store: Store) -> None:
    async with store.writing() as connection:
        await attempts.record(connection, [an_attempt(seconds=second) for second in (59.999999, 60, 119, 120)])
    async with store.reading() as connection:
        found = await attempts.since(connection, after(60))
        minutes = await attempts.minutes_since(connection, after(100))
    assert [item.at for item in found] == [after(60), after(119), after(120)]
    assert [minute.minute for minute in minutes] == [after(60), after(120)]


async def test_nothing_is_written_for_no_attempts(store: Store) -> None:
    async with store.writing() as connection:
        await attempts.record(connection, [])
    async with store.reading() as connection:
        assert await attempts.since(connection, after(0)) == []


@settings(max_examples=20)
@given(every=st.lists(ATTEMPTS, max_size=25), size=st.integers(1, 7))
async def test_pages_hold_every_attempt_of_their_time_once_oldest_first(
    store: Store, every: list[Attempt], size: int
) -> None:
    async with store.writing() as connection:
        await connection.execute(delete(attempt_table))
        await attempts.record(connection, every)
    place, found, more = attempts.START, [], True
    while more:
        async with store.reading() as connection:
            page, place = await attempts.page(connection, after(100), after(300), place, size)
        assert len(page) <= size
        found += page
        more = len(page) == size
    wanted = [replace(item, steps=()) for item in every if after(100) <= item.at <= after(300)]
    assert sorted(found, key=repr) == sorted(wanted, key=repr)
    assert [item.at for item in found] == sorted(item.at for item in found)


async def test_a_page_costs_no_more_at_the_end_of_a_long_history(store: Store) -> None:
    query = (
        "EXPLAIN QUERY PLAN SELECT id FROM attempts WHERE at >= 5 AND at <= 9 AND (at > 5 OR id > 7) ORDER BY at, id"
    )
    async with store.reading() as connection:
        plan = [row[-1] for row in await connection.exec_driver_sql(query)]
    assert plan == ["SEARCH attempts USING COVERING INDEX ix_attempts_at (at>? AND at<?)"]
