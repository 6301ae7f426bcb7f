"""An instant that an operator writes is understood in one way, or refused with the ways it could be meant."""

from datetime import UTC, datetime, timedelta

import pytest

from omwatch.cli.common import Misused
from omwatch.cli.times import instant, shown, shown_window, span

ZONE = "America/New_York"
NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24 22:00", datetime(2026, 11, 25, 3, tzinfo=UTC)),
        ("2026-07-24 22:00", datetime(2026, 7, 25, 2, tzinfo=UTC)),
        ("2026-11-24T22:00:30", datetime(2026, 11, 25, 3, 0, 30, tzinfo=UTC)),
        ("2026-11-24T22:00Z", datetime(2026, 11, 24, 22, tzinfo=UTC)),
        ("2026-11-24 22:00+01:00", datetime(2026, 11, 24, 21, tzinfo=UTC)),
        (" NOW ", NOW),
        ("+2h", NOW + timedelta(hours=2)),
        ("+1.5h", NOW + timedelta(minutes=90)),
        ("-20m", NOW - timedelta(minutes=20)),
    ],
)
def test_an_instant_is_local_unless_it_says_its_offset(text: str, expected: datetime) -> None:
    assert instant(text, ZONE, NOW) == expected
    assert instant(text, ZONE, NOW).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        *("", "tomorrow", "2026-11-24", "20261124", "22:00", "2026-W47-2", "2026-W47-2T10:00", "24/11/2026 22:00"),
        *("2026-11-24 22:00 EST", "2026-13-01 10:00", "0001-01-01T00:00+14:00", "9999-12-31 23:59"),
        *("-5", "+", "-400d", "--5m", "-5x", "0206-11-24 22:00", "1969-12-31 23:59"),
    ],
)
def test_what_is_no_instant_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(Misused, match=r'write "2026-11-24 22:00" in the local time of America/New_York'):
        instant(text, ZONE, NOW)


def test_a_local_time_that_a_change_skips_is_refused_with_both_readings() -> None:
    expected = (
        "2026-03-08 02:30 is skipped by a daylight-saving change in America/New_York; "
        "write 2026-03-08T01:30-05:00 or 2026-03-08T03:30-04:00"
    )
    with pytest.raises(Misused) as caught:
        instant("2026-03-08 02:30", ZONE, NOW)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("text", "zone", "readings"),
    [
        ("2026-11-01 01:30", ZONE, "2026-11-01T01:30-04:00 or 2026-11-01T01:30-05:00"),
        ("2026-10-25 02:30", "Europe/Berlin", "2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00"),
    ],
)
def test_a_local_time_that_comes_twice_is_refused_with_both_readings_in_order(
    text: str, zone: str, readings: str
) -> None:
    with pytest.raises(Misused) as caught:
        instant(text, zone, NOW)
    assert str(caught.value).endswith(f"comes twice, at a daylight-saving change in {zone}; write {readings}")


def test_both_readings_of_a_change_can_be_written() -> None:
    first, second = (instant(f"2026-11-01T01:30{offset}", ZONE, NOW) for offset in ("-04:00", "-05:00"))
    assert second - first == timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "expected"), [("90m", timedelta(minutes=90)), ("2h", timedelta(hours=2)), ("1d", timedelta(days=1))]
)
def test_a_span_has_a_number_and_a_unit(text: str, expected: timedelta) -> None:
    assert span(text) == expected


@pytest.mark.parametrize("text", ["", "2", "two hours", "2 years", "-1h", "400d"])
def test_what_is_no_span_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(Misused) as caught:
        span(text)
    assert str(caught.value).startswith(f"{text!r} ")
    assert str(caught.value).endswith('; write "90m", "2h" or "1d"')


def test_what_is_refused_is_repeated_without_its_escapes() -> None:
    for read in (lambda text: instant(text, ZONE, NOW), span):
        with pytest.raises(Misused) as caught:
            read("\x1b]0;x\x07")
        assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (ZONE, "2026-11-25 03:00 UTC (22:00 EST on 24 Nov)"),
        ("Europe/Berlin", "2026-11-25 03:00 UTC (04:00 CET)"),
        ("UTC", "2026-11-25 03:00 UTC"),
    ],
)
def test_lists_show_an_instant_in_utc_and_in_the_zone(zone: str, expected: str) -> None:
    assert shown(datetime(2026, 11, 25, 3, tzinfo=UTC), zone) == expected


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026-11-24T15:00Z", "2026-11-24T16:30Z", "2026-11-24 15:00–16:30 UTC (10:00–11:30 EST)"),
        ("2026-11-25T03:00Z", "2026-11-25T04:30Z", "2026-11-25 03:00–04:30 UTC (22:00–23:30 EST on 24 Nov)"),
        (
            "2026-11-25T04:00Z",
            "2026-11-25T06:00Z",
            "2026-11-25 04:00 UTC (23:00 EST on 24 Nov) – 2026-11-25 06:00 UTC (01:00 EST)",
        ),
        (
            "2026-11-01T05:30Z",
            "2026-11-01T06:30Z",
            "2026-11-01 05:30 UTC (01:30 EDT) – 2026-11-01 06:30 UTC (01:30 EST)",
        ),
    ],
)
def test_a_window_names_each_day_and_zone_once_unless_they_change(since: str, until: str, expected: str) -> None:
    assert shown_window(datetime.fromisoformat(since), datetime.fromisoformat(until), ZONE) == expected


def test_a_window_in_utc_is_told_once() -> None:
    assert shown_window(NOW, NOW + timedelta(hours=1), "UTC") == "2026-11-23 15:30–16:30 UTC"
