"""Months and days as a time zone's clock cuts them."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.domain.month import Month, Span, days_between

HOUR = timedelta(hours=1)
ZONES = ["UTC", "America/New_York", "Europe/Berlin", "Africa/Cairo", "America/Havana", "Asia/Kolkata", "Pacific/Apia"]


def test_a_month_is_written_and_said() -> None:
    month = Month.parse(" 2026-11 ")
    assert (str(month), month.label) == ("2026-11", "November 2026")


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "11-2026", "2026-1", "0000-01", "9999-12", "२०२६-११"]
)
def test_what_is_no_month_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="2026-11"):
        Month.parse(text)


def test_the_month_of_an_instant_is_the_one_its_zone_shows() -> None:
    instant = datetime(2026, 12, 1, 3, tzinfo=UTC)
    assert Month.of(instant, "America/New_York") == Month(2026, 11)
    assert Month.of(instant, "UTC") == Month(2026, 12)


def test_november_in_new_york_has_an_hour_more_and_march_an_hour_less() -> None:
    assert Month(2026, 11).span("America/New_York").duration == 30 * 24 * HOUR + HOUR
    assert Month(2026, 3).span("America/New_York").duration == 31 * 24 * HOUR - HOUR
    assert Month(2026, 3).span("EST").duration == 31 * 24 * HOUR


def test_a_day_whose_midnight_is_skipped_begins_at_the_change() -> None:
    (day,) = days_between(date(2026, 4, 24), date(2026, 4, 24), "Africa/Cairo")
    assert day.span == Span(datetime(2026, 4, 23, 22, tzinfo=UTC), datetime(2026, 4, 24, 21, tzinfo=UTC))


def test_a_day_whose_midnight_comes_twice_begins_at_the_first() -> None:
    (day,) = days_between(date(2026, 11, 1), date(2026, 11, 1), "America/Havana")
    assert day.span.duration == 25 * HOUR


def test_a_day_that_a_zone_left_out_is_no_day() -> None:
    dates = [day.date.day for day in Month(2011, 12).days("Pacific/Apia")]
    assert dates == [*range(1, 30), 31]


@given(st.dates(date(1971, 1, 1), date(2090, 1, 1)), st.sampled_from(ZONES))
def test_days_follow_one_another_without_a_gap(day: date, zone: str) -> None:
    month = Month(day.year, day.month)
    found = month.days(zone)
    assert (found[0].span.since, found[-1].span.until) == (month.span(zone).since, month.span(zone).until)
    assert all(earlier.span.until == later.span.since for earlier, later in pairwise(found))
    assert Month.of(found[0].span.since, zone) == month
    assert Month.of(found[-1].span.until, zone) > month


def test_what_two_spans_share() -> None:
    first, second = (Span(datetime(2026, 1, n, tzinfo=UTC), datetime(2026, 1, n + 2, tzinfo=UTC)) for n in (1, 2))
    assert first.within(second) == Span(second.since, first.until)
    assert first.within(Span(first.until, second.until)) is None
    assert Span(first.until, first.since).duration == timedelta(0)
