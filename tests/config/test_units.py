"""Durations, sizes, shares, times and zones as operators write them."""

import contextlib
import math
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.config.units import duration, per_mille, percent, size, switch, time_of_day, whole, zone

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("10s", 10.0),
        ("500ms", 0.5),
        ("2m", 120.0),
        ("1.5h", 5400.0),
        ("1d", 86_400.0),
        ("0s", 0.0),
        (" 10 s ", 10.0),
        (10, 10.0),
        (0.25, 0.25),
        ("7", 7.0),
    ],
)
def test_a_duration_is_read_in_seconds(written: object, seconds: float) -> None:
    assert duration(written) == seconds


@pytest.mark.parametrize(
    "written",
    [
        "",
        "s",
        "-1s",
        -1,
        "1 2s",
        "10 s s",
        "1e3s",
        "ten",
        "5 M",
        "1m30s",
        True,
        None,
        [],
        math.inf,
        math.nan,
        "٣s",
        "367d",
    ],
)
def test_what_is_no_duration_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        duration(written)


@given(number=st.integers(0, 10**6), unit=st.sampled_from(sorted(UNITS)))
def test_every_whole_number_of_a_unit_is_that_many_of_it(number: int, unit: str) -> None:
    seconds = number * UNITS[unit]
    if seconds > 366 * 86_400:
        with pytest.raises(ValueError, match="at most 366 days"):
            duration(f"{number}{unit}")
    else:
        assert duration(f"{number}{unit}") == pytest.approx(seconds)


@given(seconds=st.floats(0, 366 * 86_400))
def test_a_bare_number_of_seconds_is_itself(seconds: float) -> None:
    assert duration(seconds) == pytest.approx(seconds)


@given(text=st.text(max_size=12))
def test_any_text_is_a_duration_in_bounds_or_refused(text: str) -> None:
    seconds = 0.0
    with contextlib.suppress(ValueError):
        seconds = duration(text)
    assert 0 <= seconds <= 366 * 86_400


@pytest.mark.parametrize(
    ("written", "count"),
    [("1 MiB", 1_048_576), ("64KiB", 65_536), ("1.5 KiB", 1536), ("1 GiB", 2**30), ("10 B", 10), (4096, 4096)],
)
def test_a_size_is_read_in_bytes(written: object, count: int) -> None:
    assert size(written) == count


@pytest.mark.parametrize("written", ["1 MB", "1.1 KiB", "0.5", 0.5, "2 GiB", "MiB", True, -1])
def test_what_is_no_size_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        size(written)


@pytest.mark.parametrize(
    ("written", "share"), [(30, 30), ("30%", 30), ("30 %", 30), ("30", 30), (0, 0), ("100%", 100), (30.0, 30)]
)
def test_a_percentage_is_whole(written: object, share: int) -> None:
    assert percent(written) == share


@pytest.mark.parametrize("written", [101, -1, 0.5, "0.5%", "30 percent", True, "thirty"])
def test_what_is_no_whole_percentage_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        percent(written)


@pytest.mark.parametrize(
    ("written", "share"), [("1%", 10), ("0.5%", 5), (1, 10), (0.1, 1), ("0%", 0), ("100%", 1000), (0.3, 3)]
)
def test_noise_is_read_in_whole_per_mille(written: object, share: int) -> None:
    assert per_mille(written) == share


@pytest.mark.parametrize("written", ["0.15%", 0.01, 101, "1s", False])
def test_noise_finer_than_a_tenth_of_a_percent_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="must be a share"):
        per_mille(written)


@pytest.mark.parametrize(("written", "number"), [(5, 5), ("5", 5), ("-5", -5)])
def test_a_whole_number_may_come_as_text(written: object, number: int) -> None:
    assert whole(written) == number


@pytest.mark.parametrize("written", [True, 5.0, "5.0", "five", "", None])
def test_what_is_no_whole_number_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="must be a whole number"):
        whole(written)


@pytest.mark.parametrize(("written", "on"), [(True, True), (False, False), ("true", True), ("FALSE", False)])
def test_a_switch_may_come_as_text(written: object, on: bool) -> None:  # noqa: FBT001 - a parameter of a test
    assert switch(written) is on


@pytest.mark.parametrize("written", [1, 0, "yes", "1", "", None])
def test_what_is_neither_true_nor_false_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="must be true or false"):
        switch(written)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("06:00", time(6)),
        ("6:00", time(6)),
        (" 23:59 ", time(23, 59)),
        ("00:00", time(0)),
        (time(6, 30), time(6, 30)),
    ],
)
def test_a_time_of_day_is_hours_and_minutes(written: object, read: time) -> None:
    assert time_of_day(written) == read


@pytest.mark.parametrize(
    "written", ["24:00", "6", "6:0", "06:60", "6am", "06:00:00", "-6:00", "٣6:00", "", time(6, 0, 1), 6, True, None]
)
def test_what_is_no_time_of_day_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match='must be a time of day from "00:00" to "23:59"'):
        time_of_day(written)


@given(hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_every_minute_of_a_day_can_be_written(hour: int, minute: int) -> None:
    assert time_of_day(f"{hour:02}:{minute:02}") == time(hour, minute)


@pytest.mark.parametrize("written", ["America/New_York", "EST", "UTC", " Europe/Berlin "])
def test_a_zone_is_named_as_the_tz_database_does(written: str) -> None:
    assert zone(written) == written.strip()


@pytest.mark.parametrize(
    ("written", "near"),
    [("America/NewYork", "America/New_York"), ("new york", "America/New_York"), ("us/eastern", "US/Eastern")],
)
def test_a_zone_that_there_is_none_of_suggests_the_nearest(written: str, near: str) -> None:
    with pytest.raises(ValueError, match=f'must be the name of a time zone .did you mean "{near}"'):
        zone(written)


@pytest.mark.parametrize("written", ["", "Nowhere At All", "../../etc/passwd", "x" * 300, 5, None])
def test_a_zone_like_no_other_is_refused_without_one(written: object) -> None:
    with pytest.raises(ValueError, match=r"^must be the name of a time zone$"):
        zone(written)
