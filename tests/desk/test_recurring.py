"""A recurring window comes at its local time, ends when its rule says so, and a rule that makes no sense is refused."""

import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.desk.recurring import checked, following
from omwatch.desk.session import NotPossible

ZONE = "America/New_York"
TWO_HOURS = timedelta(hours=2)


def local(text: str, zone: str = ZONE) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def first_dates(rule: str, starts_at: datetime, number: int, zone: str = ZONE) -> list[str]:
    """Return the first dates of a rule, in local time."""
    kept = checked(rule, starts_at, TWO_HOURS, zone)
    found, at = [], starts_at - timedelta(seconds=1)
    for _ in range(number):
        later = following(kept, zone, starts_at, at)
        if later is None:
            break
        found.append(later.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M"))
        at = later
    return found


def refused(rule: str, starts_at: datetime | None = None, duration: timedelta = TWO_HOURS) -> str:
    with pytest.raises(NotPossible) as caught:
        checked(rule, starts_at or local("2026-11-24 22:00"), duration, ZONE)
    assert str(caught.value).isprintable()
    return str(caught.value)


# --- dates -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written", ["FREQ=MONTHLY;BYDAY=2SU", "RRULE:freq=monthly;byday=2su;", " FREQ=MONTHLY;BYDAY=+2SU "]
)
def test_a_rule_is_read_however_it_is_written(written: str) -> None:
    expected = ["2026-12-13 02:00", "2027-01-10 02:00", "2027-02-14 02:00", "2027-03-14 03:00"]
    assert first_dates(written, local("2026-12-13 02:00"), 4) == expected


def test_two_in_the_morning_stays_so_over_both_changes() -> None:
    before_spring = local("2027-03-13 01:45")
    assert first_dates("FREQ=DAILY", before_spring, 3) == ["2027-03-13 01:45", "2027-03-14 01:45", "2027-03-15 01:45"]
    before_autumn = local("2027-11-06 02:00")
    assert first_dates("FREQ=DAILY", before_autumn, 3) == ["2027-11-06 02:00", "2027-11-07 02:00", "2027-11-08 02:00"]
    kept = checked("FREQ=DAILY", before_autumn, TWO_HOURS, ZONE)
    assert following(kept, ZONE, before_autumn, before_autumn) == before_autumn + timedelta(hours=25)


def test_a_time_that_a_change_skips_is_an_hour_later_on_that_day_alone() -> None:
    expected = ["2027-03-13 02:30", "2027-03-14 03:30", "2027-03-15 02:30"]
    assert first_dates("FREQ=DAILY", local("2027-03-13 02:30"), 3) == expected


def test_a_time_that_comes_twice_is_the_first_one() -> None:
    starts_at = local("2027-11-06 01:30")
    kept = checked("FREQ=DAILY", starts_at, TWO_HOURS, ZONE)
    assert following(kept, ZONE, starts_at, starts_at) == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)


def test_a_first_window_at_the_second_of_them_stays_there() -> None:
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert following(checked("FREQ=DAILY", second, TWO_HOURS, ZONE), ZONE, second, second) == local("2026-11-02 01:30")


def test_days_are_those_of_the_zone() -> None:
    sunday_evening = local("2026-11-29 22:00")  # Monday in UTC
    assert first_dates("FREQ=WEEKLY;BYDAY=SU", sunday_evening, 2) == ["2026-11-29 22:00", "2026-12-06 22:00"]


def test_the_last_day_of_each_month_is_its_last() -> None:
    expected = ["2027-01-31 02:00", "2027-02-28 02:00", "2027-03-31 02:00"]
    assert first_dates("FREQ=MONTHLY;BYMONTHDAY=-1", local("2027-01-31 02:00"), 3) == expected


def test_a_leap_day_comes_every_fourth_year() -> None:
    expected = ["2028-02-29 02:00", "2032-02-29 02:00"]
    assert first_dates("FREQ=YEARLY", local("2028-02-29 02:00"), 2) == expected


def test_what_has_begun_at_a_fraction_of_a_second_goes_on_at_the_whole_one() -> None:
    starts_at = local("2026-11-24 22:00") + timedelta(microseconds=123_456)
    assert first_dates("FREQ=DAILY", starts_at, 3)[1:] == ["2026-11-25 22:00", "2026-11-26 22:00"]


def test_a_count_ends_it() -> None:
    assert len(first_dates("FREQ=DAILY;COUNT=3", local("2026-11-24 22:00"), 5)) == 3


@pytest.mark.parametrize("until", ["20261126", "20261126T220000", "20261127T030000Z"])
def test_a_last_date_ends_it_and_is_part_of_it(until: str) -> None:
    dates = first_dates(f"FREQ=DAILY;UNTIL={until}", local("2026-11-24 22:00"), 9)
    assert dates == ["2026-11-24 22:00", "2026-11-25 22:00", "2026-11-26 22:00"]


def test_a_last_date_in_a_far_century_ends_nothing() -> None:
    assert len(first_dates("FREQ=DAILY;UNTIL=99991231", local("2026-11-24 22:00"), 9)) == 9


@given(
    rule=st.sampled_from(
        ["FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU"]
    ),
    starts_at=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    zone=st.sampled_from([ZONE, "Europe/Berlin", "UTC", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_dates_follow_each_other_at_one_local_time(rule: str, starts_at: datetime, zone: str) -> None:
    kept = checked(rule, starts_at, TWO_HOURS, zone)
    dates = [starts_at.replace(microsecond=0)]
    for _ in range(20):
        later = following(kept, zone, starts_at, dates[-1])
        assert later is not None
        dates.append(later)
    assert all(earlier < later for earlier, later in pairwise(dates))
    shown = [at.astimezone(ZoneInfo(zone)) for at in dates]
    moved = {(at.hour * 60 + at.minute) - (shown[0].hour * 60 + shown[0].minute) for at in shown}
    assert len(moved) <= 2  # the local time, and where a change skips it, the one it moves to
    assert all(at == at.astimezone(UTC) for at in shown)


# --- refusals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("", "'' is no rule; write a rule of RFC 5545 such as"),
        ("every sunday", "'every sunday' is no rule"),
        ("BYDAY=SU", "does not say how often, with FREQ="),
        ("FREQ=SOMETIMES", "FREQ=SOMETIMES is none of DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("FREQ=HOURLY", "FREQ=HOURLY repeats more often than daily"),
        ("FREQ=DAILY;BYHOUR=2,3", "leave BYHOUR out: a window begins at the time of its start"),
        ("FREQ=DAILY;FREQ=WEEKLY", "FREQ is there twice"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0 is no number from 1 to 1000"),
        ("FREQ=DAILY;INTERVAL=1,2", "INTERVAL=1,2 is no number"),
        ("FREQ=DAILY;COUNT=-1", "COUNT=-1 is no number from 1 to 10000"),
        ("FREQ=DAILY;COUNT=\uff12", "COUNT=\uff12 is no number"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0 is no number from -31 to 31, zero left out"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY=32 is no number"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY=XX names no weekday such as SU"),
        ("FREQ=MONTHLY;BYDAY=54SU", "BYDAY=54SU names no weekday"),
        ("FREQ=WEEKLY;BYDAY=2SU", "BYDAY=2SU counts days within a month or a year, and FREQ=WEEKLY has none"),
        ("FREQ=DAILY;UNTIL=soon", "UNTIL=SOON is no date; write it like 20271231"),
        ("FREQ=DAILY;UNTIL=20261131", "UNTIL=20261131 is no date"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "COUNT and UNTIL both end the rule; write one of them"),
        ("FREQ=DAILY;UNTIL=20261101", "yields no date from the start on"),
        ("FREQ=DAILY;COLOUR=RED", "'COLOUR' is no part of a rule"),
        ("FREQ=DAILY;\x1b]0;x\x07=1", "is no"),
        ("FREQ=DAILY\nEXDATE:20261125", "is no"),
        ("FREQ=DAILY;BYEASTER=1", "'BYEASTER' is no part of a rule"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_its_mistake(rule: str, says: str) -> None:
    assert says in refused(rule)


def test_a_start_that_is_no_date_of_the_rule_is_refused_with_the_first_one() -> None:
    said = refused("FREQ=MONTHLY;BYDAY=2SU")
    assert said.startswith(
        "the start is no date of FREQ=MONTHLY;BYDAY=2SU; the first one is 2026-12-13 22:00 in America/New_York"
    )


@pytest.mark.parametrize(
    ("rule", "duration"),
    [
        ("FREQ=DAILY", timedelta(hours=25)),
        ("FREQ=DAILY", timedelta(hours=24)),
        ("FREQ=WEEKLY;BYDAY=TU,WE", timedelta(days=2)),
    ],
)
def test_windows_that_would_overlap_are_refused(rule: str, duration: timedelta) -> None:
    # Of days, the one of the change in spring has 23 hours.
    assert "would overlap" in refused(rule, duration=duration)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYSETPOS=5",
        "FREQ=WEEKLY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=6SU",
        "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
    ],
)
def test_a_rule_that_never_comes_true_is_refused_soon(rule: str) -> None:
    began = time.process_time()
    assert "yields no date from the start on" in refused(rule)
    assert time.process_time() - began < 2
