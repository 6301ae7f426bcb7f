"""Instants are exact and aware, enumerations hold members only."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.exc import StatementError

from omwatch.domain.attempt import Outcome
from omwatch.domain.severity import Severity
from omwatch.store import Store, subscribers
from omwatch.store.columns import Choice, Instant
from omwatch.store.tables import attempts
from tests.domain.builders import T0, after

SQLITE = dialect()
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=ZONES)  # noqa: DTZ001 - bounds are naive


@given(instant=INSTANTS)
def test_an_instant_survives_to_the_microsecond(instant: datetime) -> None:
    column = Instant()
    back = column.process_result_value(column.process_bind_param(instant, SQLITE), SQLITE)
    assert back == instant
    assert back.tzinfo is UTC


@given(earlier=INSTANTS, later=INSTANTS)
def test_stored_instants_sort_like_instants(earlier: datetime, later: datetime) -> None:
    first, second = (Instant().process_bind_param(instant, SQLITE) for instant in (earlier, later))
    assert first is not None
    assert second is not None
    assert (first < second) == (earlier < later)


def test_no_instant_is_none() -> None:
    assert Instant().process_bind_param(None, SQLITE) is None
    assert Instant().process_result_value(None, SQLITE) is None


async def test_a_naive_datetime_is_refused_and_nothing_written(store: Store) -> None:
    with pytest.raises(StatementError, match="has no time zone"):
        async with store.writing() as connection:
            await subscribers.add(connection, "ada@example.com", "ada", T0.replace(tzinfo=None))
    async with store.reading() as connection:
        assert await subscribers.count(connection) == 0


async def test_a_naive_datetime_is_refused_in_questions_too(store: Store) -> None:
    with pytest.raises(StatementError, match="has no time zone"):
        async with store.reading() as connection:
            await connection.execute(select(attempts).where(attempts.c.at >= T0.replace(tzinfo=None)))


async def test_an_instant_is_stored_as_whole_microseconds(store: Store) -> None:
    async with store.writing() as connection:
        await subscribers.add(connection, "ada@example.com", "ada", after(0.000001))
        stored = (await connection.execute(text("SELECT created_at, typeof(created_at) FROM subscribers"))).one()
    assert tuple(stored) == (1_767_625_200_000_001, "integer")


@pytest.mark.parametrize("member", [*Outcome, *Severity])
def test_a_member_is_stored_as_its_value_and_comes_back_as_itself(member: Outcome | Severity) -> None:
    column = Choice(type(member))
    stored = column.process_bind_param(member, SQLITE)
    assert type(stored) in {str, int}
    assert stored == member.value
    assert column.process_result_value(stored, SQLITE) is member


async def test_a_value_that_is_no_member_is_refused(store: Store) -> None:
    row = {"check_name": "x", "subject": "x", "at": T0, "duration_ms": 1.0, "error": "", "steps": []}
    with pytest.raises(StatementError, match="'odd' is not a valid Outcome"):
        async with store.writing() as connection:
            await connection.execute(insert(attempts).values(**row, outcome="odd"))
