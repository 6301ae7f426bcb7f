"""What is owed by when: over daylight-saving changes, midnight and regrades, to the microsecond."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.domain.deadline import (
    About,
    Deadline,
    DeadlineState,
    Duty,
    next_update,
    on_both_clocks,
    regraded,
    response,
    work_in_words,
)
from omwatch.domain.severity import Severity
from omwatch.domain.sla import BRIEF, ResponseTime, ServiceLevels, WorkHours

IN_WORK_HOURS = replace(BRIEF, response_time=ResponseTime.WORK_HOURS)
IN_EST = replace(IN_WORK_HOURS, hours=WorkHours(zone="EST"))
MICROSECOND, MINUTE, HOUR = timedelta(microseconds=1), timedelta(minutes=1), timedelta(hours=1)
T0 = datetime(2026, 1, 14, 15, tzinfo=UTC)


def at(text: str) -> datetime:
    """An instant of UTC: "2026-03-08 06:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_response(severity: Severity = Severity.OUTAGE, since: datetime = T0, levels: ServiceLevels = BRIEF) -> Deadline:
    return response(About.SUGGESTION, 3, severity, since, levels)


@pytest.mark.parametrize(
    ("severity", "span"),
    [
        (Severity.OUTAGE, 30 * MINUTE),
        (Severity.IMPAIRMENT, 2 * HOUR),
        (Severity.MINOR, 6 * HOUR),
        (Severity.NONE, 24 * HOUR),
    ],
)
@pytest.mark.parametrize(
    "since",
    [
        "2026-03-08 06:45",  # a quarter of an hour before New York's clocks go forward
        "2026-11-01 05:45",  # before they go back; 01:45 comes once more an hour later
        "2026-01-15 04:59:59",  # just before New York's midnight
        "2026-12-31 23:59:59",  # just before UTC's, and the year's
    ],
)
def test_a_response_is_due_so_long_after_whatever_the_clocks_on_the_wall_do(
    severity: Severity, span: timedelta, since: str
) -> None:
    assert a_response(severity, at(since)).due_at - at(since) == span


@pytest.mark.parametrize(
    ("since", "due"),
    [
        ("2026-03-07 20:30", "2026-03-08 11:30"),  # 15:30 EST on Saturday; 90 min are left when Sunday opens in EDT
        ("2026-10-31 19:30", "2026-11-01 12:30"),  # 15:30 EDT on Saturday; Sunday opens in EST
        ("2026-01-15 04:59", "2026-01-15 13:00"),  # 23:59: the next day's hours count
        ("2026-07-15 10:00", "2026-07-15 12:00"),  # exactly as they open, in summer
        ("2026-01-15 19:00", "2026-01-15 21:00"),  # exactly until they close
    ],
)
def test_a_response_in_work_hours_follows_the_zones_clock(since: str, due: str) -> None:
    assert a_response(Severity.IMPAIRMENT, at(since), IN_WORK_HOURS).due_at == at(due)


@pytest.mark.parametrize(
    ("since", "due"),
    [
        ("2026-03-07 20:30", "2026-03-08 12:30"),
        ("2026-10-31 20:30", "2026-11-01 12:30"),
        ("2026-07-15 11:00", "2026-07-15 13:00"),
    ],
)
def test_est_knows_no_daylight_saving_time(since: str, due: str) -> None:
    assert a_response(Severity.IMPAIRMENT, at(since), IN_EST).due_at == at(due)


@pytest.mark.parametrize("levels", [BRIEF, IN_WORK_HOURS, IN_EST])
@pytest.mark.parametrize("last", ["2026-03-08 06:30", "2026-11-01 05:30", "2026-11-01 06:30", "2026-01-15 04:30"])
def test_the_next_update_of_an_outage_is_due_an_hour_after_the_last(last: str, levels: ServiceLevels) -> None:
    found = next_update(7, Severity.OUTAGE, at(last), levels)
    assert found == Deadline(0, Duty.UPDATE, About.INCIDENT, 7, Severity.OUTAGE, at(last), at(last) + HOUR)


@pytest.mark.parametrize("severity", list(Severity)[1:])
def test_no_next_update_is_due_where_one_is_owed_on_progress(severity: Severity) -> None:
    assert next_update(7, severity, T0, BRIEF) is None


# --- how it stands -----------------------------------------------------------------------------------------------


def test_exactly_at_its_end_it_is_kept_and_a_microsecond_later_it_is_not() -> None:
    owed = a_response()
    for ended in (replace(owed, met_at=owed.due_at), replace(owed, met_at=owed.due_at + MICROSECOND)):
        late = ended.met_at != owed.due_at
        assert ended.state(T0) is (DeadlineState.BREACHED if late else DeadlineState.MET)
        assert ended.late(T0) == (MICROSECOND if late else timedelta(0))
    assert owed.state(owed.due_at) is DeadlineState.AT_RISK
    assert owed.state(owed.due_at + MICROSECOND) is DeadlineState.BREACHED


def test_it_is_at_risk_in_its_last_quarter() -> None:
    owed = a_response()
    quarter = T0 + timedelta(minutes=22, seconds=30)
    assert owed.state(T0) is DeadlineState.RUNNING
    assert owed.state(quarter - MICROSECOND) is DeadlineState.RUNNING
    assert owed.state(quarter) is DeadlineState.AT_RISK


def test_what_has_gone_before_its_end_is_void_and_after_it_was_not_kept() -> None:
    owed = a_response()
    assert replace(owed, void_at=owed.due_at).state(T0 + HOUR) is DeadlineState.VOID
    gone_too_late = replace(owed, void_at=owed.due_at + MINUTE)
    assert gone_too_late.state(T0 + 9 * HOUR) is DeadlineState.BREACHED
    assert gone_too_late.late(T0 + 9 * HOUR) == MINUTE


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1800, "30 min left"),
        (-599, "10 min left"),
        (-601, "10 min left"),
        (-89, "1 min left"),
        (-45, "45 s left"),
        (-4, "due now"),
        (1, "due now"),
        (5, "overdue by 5 s"),
        (61, "overdue by 1 min"),
        (3600, "overdue by 60 min"),
        (9000, "overdue by 2 h 30 min"),
    ],
)
def test_how_much_is_left_is_said_in_words(seconds: float, words: str) -> None:
    owed = a_response()
    assert owed.standing(owed.due_at + timedelta(seconds=seconds)) == words


# --- regrades ----------------------------------------------------------------------------------------------------


def test_upgraded_it_is_due_in_the_graver_response_time_from_now() -> None:
    after = regraded(a_response(Severity.MINOR), Severity.OUTAGE, T0 + HOUR, BRIEF)
    assert (after.severity, after.since, after.due_at) == (Severity.OUTAGE, T0, T0 + HOUR + 30 * MINUTE)


def test_upgraded_it_is_never_due_later_than_it_was() -> None:
    before = a_response(Severity.IMPAIRMENT)
    after = regraded(before, Severity.OUTAGE, T0 + 2 * HOUR - MINUTE, BRIEF)
    assert (after.severity, after.due_at) == (Severity.OUTAGE, before.due_at)


def test_downgraded_it_has_the_milder_response_time_from_the_beginning() -> None:
    after = regraded(a_response(), Severity.IMPAIRMENT, T0 + 20 * MINUTE, BRIEF)
    assert (after.severity, after.due_at) == (Severity.IMPAIRMENT, T0 + 2 * HOUR)


def test_upgraded_late_and_downgraded_again_it_keeps_the_time_that_was_left() -> None:
    upgraded = regraded(a_response(Severity.MINOR), Severity.OUTAGE, T0 + 5 * HOUR, BRIEF)
    after = regraded(upgraded, Severity.IMPAIRMENT, T0 + 5 * HOUR + MINUTE, BRIEF)
    assert after.due_at == upgraded.due_at == T0 + 5 * HOUR + 30 * MINUTE


def test_graded_as_it_was_it_is_due_when_it_was() -> None:
    upgraded = regraded(a_response(Severity.MINOR), Severity.OUTAGE, T0 + 5 * HOUR, BRIEF)
    assert regraded(upgraded, Severity.OUTAGE, T0 + 5 * HOUR + MINUTE, BRIEF) == upgraded


def test_downgraded_into_work_hours_the_clock_runs_in_these() -> None:
    evening = at("2026-03-07 22:00")
    after = regraded(a_response(since=evening), Severity.IMPAIRMENT, evening + MINUTE, IN_WORK_HOURS)
    assert after.due_at == at("2026-03-08 12:00")  # 06:00 EDT and two hours


def test_what_was_not_kept_stays_so_whatever_it_is_called_afterwards() -> None:
    before = a_response()
    after = regraded(before, Severity.NONE, before.due_at + MICROSECOND, BRIEF)
    assert (after.severity, after.due_at) == (Severity.NONE, before.due_at)
    assert after.state(before.due_at + MICROSECOND) is DeadlineState.BREACHED
    in_time = regraded(before, Severity.NONE, before.due_at, BRIEF)
    assert in_time.due_at == T0 + 24 * HOUR


@given(
    st.sampled_from(Severity),
    st.lists(st.tuples(st.sampled_from(Severity), st.integers(0, 300)), max_size=6),
    st.sampled_from([BRIEF, IN_WORK_HOURS, IN_EST]),
)
def test_whatever_the_regrades_none_takes_away_what_was_promised_or_mends_a_breach(
    first: Severity, steps: list[tuple[Severity, int]], levels: ServiceLevels
) -> None:
    owed, now = a_response(first, T0, levels), T0
    for severity, minutes in steps:
        now += minutes * MINUTE
        after = regraded(owed, severity, now, levels)
        assert after.severity is severity
        assert after.since == T0
        assert after.due_at <= max(owed.due_at, levels.response_due(severity, T0))
        assert (after.state(now) is DeadlineState.BREACHED) == (owed.state(now) is DeadlineState.BREACHED)
        assert after.due_at <= owed.due_at or severity > owed.severity
        assert after.due_at >= owed.due_at or severity < owed.severity
        owed = after


# --- local time --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instant", "zone", "words"),
    [
        ("2026-01-05 14:30", "America/New_York", "14:30 UTC on 5 January 2026 (09:30 EST)"),
        ("2026-07-05 14:30", "America/New_York", "14:30 UTC on 5 July 2026 (10:30 EDT)"),
        ("2026-07-05 14:30", "EST", "14:30 UTC on 5 July 2026 (09:30 EST)"),
        ("2026-01-06 03:00", "America/New_York", "03:00 UTC on 6 January 2026 (22:00 EST on 5 January)"),
        ("2026-01-05 14:30", "America/Sao_Paulo", "14:30 UTC on 5 January 2026 (11:30 America/Sao_Paulo)"),
        ("2026-01-05 14:30", "UTC", "14:30 UTC on 5 January 2026"),
        ("2026-01-05 14:30", "Europe/London", "14:30 UTC on 5 January 2026"),
    ],
)
def test_an_instant_is_said_in_utc_and_in_the_zone_of_the_work_hours(instant: str, zone: str, words: str) -> None:
    assert on_both_clocks(at(instant), zone) == words


@pytest.mark.parametrize(
    ("severity", "now", "words"),
    [
        (Severity.OUTAGE, "2026-01-05 03:00", "open now"),
        (Severity.IMPAIRMENT, "2026-01-05 15:00", "open now"),
        (Severity.IMPAIRMENT, "2026-01-05 21:00", "opens at 11:00 UTC on 6 January 2026 (06:00 EST)"),
        (Severity.MINOR, "2026-03-08 04:00", "opens at 10:00 UTC on 8 March 2026 (06:00 EDT)"),
        (Severity.NONE, "2026-11-01 04:00", "opens at 11:00 UTC on 1 November 2026 (06:00 EST)"),
    ],
)
def test_whether_people_work_on_it_is_said_in_words(severity: Severity, now: str, words: str) -> None:
    assert work_in_words(severity, at(now), BRIEF) == words
