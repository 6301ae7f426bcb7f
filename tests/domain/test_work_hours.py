"""Work hours follow the clock of their zone, over both changes of it."""

from datetime import UTC, datetime, time, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from omwatch.domain.sla import WorkHours, time_zone

WEEKDAYS = frozenset(range(5))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def at(text: str) -> datetime:
    """An instant of UTC: "2026-03-08 06:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(text: str, zone: str = "America/New_York", days: frozenset[int] | None = None) -> WorkHours:
    """Hours as they are written: "22:00–06:00"."""
    opens, closes = (time.fromisoformat(part.replace("24:00", "00:00")) for part in text.split("–"))
    return WorkHours(opens, closes, zone) if days is None else WorkHours(opens, closes, zone, days)


def opening(found: WorkHours, now: datetime) -> tuple[datetime, datetime | None]:
    """When they open next, and when they close then."""
    begins = found.next_opening(now)
    return begins, found.closes_at(begins)


def worked(found: WorkHours, start: datetime, end: datetime) -> timedelta:
    """The work time between two instants, added up opening by opening."""
    total, now = timedelta(0), found.next_opening(start)
    while now < end:
        closes = found.closes_at(now)
        assert closes is not None
        total += min(closes, end) - now
        now = found.next_opening(closes)
    return total


def test_they_are_the_briefs_unless_told() -> None:
    assert WorkHours() == hours("06:00–16:00", days=frozenset(range(7)))


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2026-01-14 10:59:59.999999", False),
        ("2026-01-14 11:00", True),
        ("2026-01-14 20:59:59.999999", True),
        ("2026-01-14 21:00", False),
        ("2026-07-15 09:59", False),
        ("2026-07-15 10:00", True),
        ("2026-07-15 20:00", False),
    ],
)
def test_they_begin_at_their_first_instant_and_end_before_their_last(now: str, *, is_open: bool) -> None:
    found = WorkHours()
    assert found.is_open(at(now)) is is_open
    assert (found.closes_at(at(now)) is not None) is is_open
    assert (found.next_opening(at(now)) == at(now)) is is_open


def test_the_next_opening_is_in_utc_whatever_zone_asks() -> None:
    asked = at("2026-01-14 21:00").astimezone(timezone(5 * HOUR))
    assert WorkHours().next_opening(asked).tzinfo is UTC
    assert WorkHours().next_opening(asked) == at("2026-01-15 11:00")


def test_a_time_that_comes_twice_is_told_apart_whatever_zone_asks() -> None:
    twice = datetime(2026, 11, 1, 1, 45, tzinfo=ZoneInfo("America/New_York"))
    found = hours("01:30–02:00")  # closes when the clock shows 02:00, an hour and a half later
    assert found.closes_at(twice) == found.closes_at(twice.replace(fold=1)) == at("2026-11-01 07:00")


def test_days_restrict_them() -> None:
    found = hours("06:00–16:00", days=WEEKDAYS)
    friday = at("2026-01-16 20:59")
    assert found.closes_at(friday) == at("2026-01-16 21:00")
    assert opening(found, friday + MINUTE) == (at("2026-01-19 11:00"), at("2026-01-19 21:00"))


def test_hours_over_midnight_belong_to_the_day_they_begin_on() -> None:
    found = hours("22:00–06:00", days=frozenset({4}))
    assert opening(found, at("2026-01-14 00:00")) == (at("2026-01-17 03:00"), at("2026-01-17 11:00"))
    assert found.is_open(at("2026-01-17 10:59"))
    assert found.next_opening(at("2026-01-17 11:00")) == at("2026-01-24 03:00")


def test_hours_may_end_at_midnight() -> None:
    found = hours("18:00–24:00", zone="EST")
    assert opening(found, at("2026-01-14 00:00")) == (at("2026-01-14 00:00"), at("2026-01-14 05:00"))
    assert opening(found, at("2026-01-14 05:00")) == (at("2026-01-14 23:00"), at("2026-01-15 05:00"))


def test_whole_days_follow_each_other() -> None:
    found = hours("00:00–24:00")
    midnight = at("2026-01-14 05:00")
    assert found.is_open(midnight - MINUTE)
    assert found.closes_at(midnight - MINUTE) == midnight
    assert opening(found, midnight) == (midnight, midnight + DAY)
    assert found.add(midnight, 100 * HOUR) == midnight + 100 * HOUR


@pytest.mark.parametrize(
    ("written", "day", "begins", "ends"),
    [
        # 2026-03-08, 07:00 UTC: the clock goes from 02:00 to 03:00.
        ("06:00–16:00", "2026-03-08", "2026-03-08 10:00", "2026-03-08 20:00"),
        ("01:30–03:30", "2026-03-08", "2026-03-08 06:30", "2026-03-08 07:30"),
        ("02:00–16:00", "2026-03-08", "2026-03-08 07:00", "2026-03-08 20:00"),
        ("02:30–16:00", "2026-03-08", "2026-03-08 07:00", "2026-03-08 20:00"),
        ("03:00–16:00", "2026-03-08", "2026-03-08 07:00", "2026-03-08 20:00"),
        ("02:30–03:15", "2026-03-08", "2026-03-08 07:00", "2026-03-08 07:15"),
        ("01:00–02:30", "2026-03-08", "2026-03-08 06:00", "2026-03-08 07:00"),
        ("02:15–02:45", "2026-03-08", "2026-03-09 06:15", "2026-03-09 06:45"),
        ("02:00–03:00", "2026-03-08", "2026-03-09 06:00", "2026-03-09 07:00"),
        ("00:00–24:00", "2026-03-08", "2026-03-08 05:00", "2026-03-09 04:00"),
        # 2026-11-01, 06:00 UTC: the clock goes from 02:00 to 01:00.
        ("06:00–16:00", "2026-11-01", "2026-11-01 11:00", "2026-11-01 21:00"),
        ("01:30–03:30", "2026-11-01", "2026-11-01 05:30", "2026-11-01 08:30"),
        ("01:00–16:00", "2026-11-01", "2026-11-01 05:00", "2026-11-01 21:00"),
        ("02:00–16:00", "2026-11-01", "2026-11-01 07:00", "2026-11-01 21:00"),
        ("00:00–01:30", "2026-11-01", "2026-11-01 04:00", "2026-11-01 05:30"),
        ("01:15–01:45", "2026-11-01", "2026-11-01 05:15", "2026-11-01 05:45"),
        ("00:00–24:00", "2026-11-01", "2026-11-01 04:00", "2026-11-02 05:00"),
        # Without daylight saving, the day of a change is as any other.
        ("06:00–16:00", "2026-03-08 EST", "2026-03-08 11:00", "2026-03-08 21:00"),
        ("01:30–03:30", "2026-11-01 EST", "2026-11-01 06:30", "2026-11-01 08:30"),
    ],
)
def test_they_follow_the_clock_over_its_changes(written: str, day: str, begins: str, ends: str) -> None:
    date, _, zone = day.partition(" ")
    found = hours(written, zone or "America/New_York")
    midnight = datetime.fromisoformat(date).replace(tzinfo=time_zone(found.zone)).astimezone(UTC)
    assert opening(found, midnight) == (at(begins), at(ends))
    assert opening(found, at(begins)) == (at(begins), at(ends))
    assert not found.is_open(at(ends)) or written == "00:00–24:00"


@pytest.mark.parametrize(
    ("day", "begins", "ends"),
    [
        ("2026-03-07", "2026-03-08 03:00", "2026-03-08 10:00"),
        ("2026-10-31", "2026-11-01 02:00", "2026-11-01 11:00"),
    ],
)
def test_hours_over_midnight_are_shorter_or_longer_where_the_clock_changes(day: str, begins: str, ends: str) -> None:
    assert opening(hours("22:00–06:00"), at(f"{day} 16:00")) == (at(begins), at(ends))


def test_a_clock_may_go_back_over_midnight() -> None:
    # St John's, 2006-10-29: at 00:01 it became 23:01 of the day before, at 02:31 UTC.
    found = hours("00:00–08:00", zone="America/St_Johns")
    assert opening(found, at("2006-10-29 02:00")) == (at("2006-10-29 02:30"), at("2006-10-29 11:30"))
    assert found.is_open(at("2006-10-29 02:45"))


def test_a_clock_may_leave_out_a_day() -> None:
    # Apia, 2011: after Thursday, 29 December, came Saturday, at 10:00 UTC.
    found = hours("06:00–16:00", zone="Pacific/Apia")
    assert opening(found, at("2011-12-30 03:00")) == (at("2011-12-30 16:00"), at("2011-12-31 02:00"))
    assert hours("06:00–16:00", "Pacific/Apia", frozenset({4})).next_opening(at("2011-12-28 00:00")) == at(
        "2012-01-05 16:00"
    )


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-01-14 12:00", 0, "2026-01-14 12:00"),
        ("2026-01-14 22:00", 0, "2026-01-14 22:00"),
        ("2026-01-14 12:00", 120, "2026-01-14 14:00"),
        ("2026-01-14 20:00", 60, "2026-01-14 21:00"),
        ("2026-01-14 20:00", 61, "2026-01-15 11:01"),
        ("2026-01-14 21:00", 120, "2026-01-15 13:00"),
        ("2026-01-16 20:00", 120, "2026-01-19 12:00"),
        ("2026-01-17 12:00", 24 * 60, "2026-01-21 15:00"),
        ("2026-03-06 20:00", 120, "2026-03-09 11:00"),
        ("2026-10-30 19:00", 120, "2026-11-02 12:00"),
    ],
)
def test_work_time_passes_in_work_hours_alone(start: str, minutes: int, end: str) -> None:
    assert hours("06:00–16:00", days=WEEKDAYS).add(at(start), minutes * MINUTE) == at(end)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-03-08 05:00", 60, "2026-03-08 07:30"),
        ("2026-03-08 05:00", 61, "2026-03-09 05:31"),
        ("2026-11-01 05:00", 180, "2026-11-01 08:30"),
        ("2026-11-01 05:00", 181, "2026-11-02 06:31"),
    ],
)
def test_work_time_is_what_really_passes_where_the_clock_changes(start: str, minutes: int, end: str) -> None:
    assert hours("01:30–03:30").add(at(start), minutes * MINUTE) == at(end)


def test_work_time_is_not_taken_back() -> None:
    with pytest.raises(ValueError, match="work time cannot be taken back"):
        WorkHours().add(at("2026-01-14 12:00"), -MINUTE)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (WorkHours(), "06:00–16:00 America/New_York"),
        (hours("22:00–06:30", zone="EST"), "22:00–06:30 EST"),
        (hours("00:00–24:00", zone="UTC"), "00:00–24:00 UTC"),
        (hours("06:00–16:00", days=WEEKDAYS), "06:00–16:00 America/New_York, Monday to Friday"),
        (hours("06:00–16:00", days=frozenset({0, 2})), "06:00–16:00 America/New_York, Monday, Wednesday"),
        (hours("06:00–16:00", days=frozenset({6, 0, 1, 2, 3})), "06:00–16:00 America/New_York, Sunday to Thursday"),
        (hours("06:00–16:00", days=frozenset({5, 6})), "06:00–16:00 America/New_York, Saturday, Sunday"),
        (hours("06:00–16:00", days=frozenset({0, 1, 3, 4})), "06:00–16:00 America/New_York, Monday, Tuesday, Thursday"),
    ],
)
def test_they_are_said_in_words(found: WorkHours, words: str) -> None:
    assert str(found).startswith(words)


@pytest.mark.parametrize(
    ("written", "zone", "days", "message"),
    [
        ("08:00–08:00", "EST", WEEKDAYS, "must not close at the time they open; a whole day is 00:00–24:00"),
        ("08:00–16:00", "EST", frozenset(), "at least one day, from 0 for Monday to 6 for Sunday"),
        ("08:00–16:00", "EST", frozenset({0, 7}), "at least one day, from 0 for Monday to 6 for Sunday"),
        ("08:00–16:00", "America/NewYork", WEEKDAYS, "there is no time zone 'America/NewYork'"),
    ],
)
def test_what_are_no_hours_is_refused(written: str, zone: str, days: frozenset[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        hours(written, zone, days)


@pytest.mark.parametrize("name", ["", "America", "../UTC", "/etc/localtime", "x" * 300, "a\0b", "america/new_york"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="there is no time zone"):
        time_zone(name)


# Properties: any hours, in zones that change their clocks and zones that don't, around the changes of a year.
ZONES = ["America/New_York", "EST", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns"]
times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 59]))
some_days = st.frozensets(st.integers(0, 6), min_size=1)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as asked
near_changes = st.builds(
    lambda change, minutes: at(change) + minutes * MINUTE,
    st.sampled_from(["2026-03-08 07:00", "2026-11-01 06:00", "2026-03-29 01:00", "2026-10-03 15:30"]),
    st.integers(-36 * 60, 36 * 60),
)
moments = instants | near_changes
spans = st.timedeltas(timedelta(0), timedelta(hours=60))


@st.composite
def work_hours(draw: st.DrawFn) -> WorkHours:
    opens, closes = draw(times), draw(times)
    assume(opens != closes or opens == time(0))
    return WorkHours(opens, closes, draw(st.sampled_from(ZONES)), draw(some_days))


@given(work_hours(), moments)
def test_the_next_opening_is_open_and_not_before_now(found: WorkHours, now: datetime) -> None:
    begins = found.next_opening(now)
    assert begins >= now
    assert found.is_open(begins)
    assert found.is_open(now) == (begins == now)


@given(work_hours(), moments)
def test_nothing_is_open_before_the_next_opening(found: WorkHours, now: datetime) -> None:
    begins = found.next_opening(now)
    assert begins == now or not any(found.is_open(now + (begins - now) * part / 16) for part in range(16))


@given(work_hours(), moments)
def test_they_are_open_until_they_close(found: WorkHours, now: datetime) -> None:
    begins, ends = opening(found, now)
    assert ends is not None
    assert begins < ends
    assert found.is_open(ends - timedelta.resolution)


@given(work_hours(), moments)
def test_they_are_open_when_the_clock_says_so_on_days_without_a_change(found: WorkHours, now: datetime) -> None:
    zone = time_zone(found.zone)
    around = [(now + hours_ * HOUR).astimezone(zone).utcoffset() for hours_ in range(-50, 51)]
    assume(len(set(around)) == 1)
    local = now.astimezone(zone)
    shown, today, yesterday = local.time(), local.weekday(), (local.weekday() - 1) % 7
    if found.opens < found.closes:
        expected = today in found.days and found.opens <= shown < found.closes
    else:
        early = yesterday in found.days and shown < found.closes
        expected = early or (today in found.days and shown >= found.opens)
    assert found.is_open(now) is expected


@given(work_hours(), moments, spans)
def test_added_work_time_is_what_was_open_since(found: WorkHours, start: datetime, span: timedelta) -> None:
    assert worked(found, start, found.add(start, span)) == span


@given(work_hours(), moments, st.lists(spans, min_size=2, max_size=5))
def test_more_work_time_never_ends_earlier(found: WorkHours, start: datetime, some: list[timedelta]) -> None:
    ends = [found.add(start, span) for span in sorted(some)]
    assert all(one <= other for one, other in pairwise(ends))


@given(work_hours(), moments, moments, spans)
def test_a_later_start_never_ends_earlier(found: WorkHours, one: datetime, other: datetime, span: timedelta) -> None:
    earlier, later = sorted([one, other])
    assert found.add(earlier, span) <= found.add(later, span)


@given(work_hours(), moments, spans, spans)
def test_work_time_adds_up(found: WorkHours, start: datetime, one: timedelta, other: timedelta) -> None:
    assert found.add(found.add(start, one), other) == found.add(start, one + other)
