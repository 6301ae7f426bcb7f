"""Uptime: majors count, partials count for 30 %, maintenance takes its time out, and nothing is rounded up."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.domain.event import Event, EventKind, EventStatus, Update
from omwatch.domain.month import Day, Month, Span, days_between
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.uptime import Uptime, days, history, uptime
from tests.domain.builders import T0, after

HOUR = timedelta(hours=1)
SPAN = Span(T0, T0 + 100 * HOUR)
NAME = "Agent login"
MAJOR, PARTIAL, DEGRADED = (
    ComponentStatus.MAJOR_OUTAGE,
    ComponentStatus.PARTIAL_OUTAGE,
    ComponentStatus.DEGRADED_PERFORMANCE,
)
WELL, WINDOW = ComponentStatus.OPERATIONAL, ComponentStatus.UNDER_MAINTENANCE
Changes = Mapping[str, ComponentStatus]


def hour(number: float) -> datetime:
    return T0 + number * HOUR


def an_event(
    *timeline: tuple[float, EventStatus, Changes],
    kind: EventKind = EventKind.INCIDENT,
    started: float | None = None,
) -> Event:
    updates = tuple(
        Update(place, status, "text", "ada", hour(at), components=changes)
        for place, (at, status, changes) in enumerate(timeline)
    )
    touched = {name: status for update in updates for name, status in update.components.items()}
    begins = hour(timeline[0][0] if started is None else started)
    return Event(1, kind, "title", Severity.OUTAGE, updates[-1].status, touched, begins, hour(timeline[0][0]), updates)


def an_outage(since: float, until: float, status: ComponentStatus = MAJOR, name: str = NAME) -> Event:
    return an_event((since, EventStatus.IDENTIFIED, {name: status}), (until, EventStatus.RESOLVED, {name: WELL}))


def a_maintenance(since: float, until: float, name: str = NAME) -> Event:
    return an_event(
        (-50, EventStatus.SCHEDULED, {name: WELL}),
        (since, EventStatus.IN_PROGRESS, {name: WINDOW}),
        (until, EventStatus.COMPLETED, {name: WELL}),
        kind=EventKind.MAINTENANCE,
        started=since,
    )


def measured(*events: Event, span: Span = SPAN, name: str = NAME) -> Uptime:
    return uptime(history(events, span).get(name, ()), span)


def test_where_nothing_happened_it_is_100_percent() -> None:
    assert measured() == Uptime(100 * HOUR)
    assert measured().in_words == "100.000 %"


def test_a_major_outage_is_downtime() -> None:
    found = measured(an_outage(10, 11))
    assert (found.major, found.percent) == (HOUR, 99.0)


def test_a_partial_outage_weighs_30_percent_and_degraded_performance_nothing() -> None:
    assert measured(an_outage(10, 20, PARTIAL)).percent == 97.0
    found = measured(an_outage(10, 20, DEGRADED))
    assert (found.degraded, found.percent) == (10 * HOUR, 100.0)


def test_an_incident_counts_from_its_first_failed_attempt_not_from_the_first_notice() -> None:
    outage = an_event((12, EventStatus.IDENTIFIED, {NAME: MAJOR}), (13, EventStatus.RESOLVED, {NAME: WELL}), started=10)
    assert measured(outage).major == 3 * HOUR


def test_what_changes_later_counts_from_its_update() -> None:
    incident = an_event(
        (10, EventStatus.IDENTIFIED, {NAME: MAJOR}),
        (12, EventStatus.IDENTIFIED, {NAME: PARTIAL, "Chat": DEGRADED}),
        (15, EventStatus.RESOLVED, {NAME: WELL, "Chat": WELL}),
        started=9,
    )
    found = measured(incident)
    assert (found.major, found.partial) == (3 * HOUR, 3 * HOUR)
    assert measured(incident, name="Chat").degraded == 3 * HOUR


def test_a_first_update_that_names_no_component_backdates_none_of_a_later_one() -> None:
    incident = an_event((10, EventStatus.INVESTIGATING, {}), (12, EventStatus.IDENTIFIED, {NAME: MAJOR}), started=0)
    assert history([incident], Span(T0, hour(13)))[NAME][0].span == Span(hour(12), hour(13))


def test_what_goes_on_lasts_until_the_end_of_the_span() -> None:
    assert measured(an_event((90, EventStatus.IDENTIFIED, {NAME: MAJOR}))).major == 10 * HOUR


def test_an_end_ends_it_even_where_nobody_set_the_component_right() -> None:
    incident = an_event((10, EventStatus.IDENTIFIED, {NAME: MAJOR}), (11, EventStatus.RESOLVED, {}))
    assert measured(incident).major == HOUR


def test_a_reopened_incident_was_up_in_between() -> None:
    incident = an_event(
        (10, EventStatus.IDENTIFIED, {NAME: MAJOR}),
        (11, EventStatus.RESOLVED, {NAME: WELL}),
        (20, EventStatus.INVESTIGATING, {NAME: MAJOR}),
        (22, EventStatus.RESOLVED, {NAME: WELL}),
        (30, EventStatus.POSTMORTEM, {}),
    )
    assert measured(incident).major == 3 * HOUR


def test_the_worst_status_holds_where_incidents_overlap_and_time_counts_once() -> None:
    found = measured(an_outage(10, 20, PARTIAL), an_outage(12, 14), an_outage(13, 15))
    assert (found.major, found.partial) == (3 * HOUR, 7 * HOUR)


def test_maintenance_counts_neither_as_up_nor_as_down() -> None:
    found = measured(a_maintenance(0, 50), an_outage(50, 51))
    assert (found.maintenance, found.percent) == (50 * HOUR, 98.0)


def test_an_outage_inside_a_window_does_not_count_and_outside_of_its_components_does() -> None:
    window = a_maintenance(10, 20)
    assert measured(window, an_outage(12, 14)).major == timedelta(0)
    assert measured(window, an_outage(18, 22)).major == 2 * HOUR
    assert measured(window, an_outage(12, 14, name="Chat"), name="Chat").major == 2 * HOUR


def test_a_window_that_is_only_scheduled_or_was_cancelled_counts_nothing() -> None:
    scheduled = an_event((10, EventStatus.SCHEDULED, {NAME: WINDOW}), kind=EventKind.MAINTENANCE, started=20)
    assert measured(scheduled).maintenance == timedelta(0)
    cancelled = replace(scheduled, updates=(*scheduled.updates, replace(scheduled.updates[0], at=hour(12))))
    assert measured(cancelled).maintenance == timedelta(0)


def test_a_span_of_nothing_but_maintenance_has_no_uptime() -> None:
    found = measured(a_maintenance(-10, 200))
    assert (found.thousandths, found.percent, found.in_words) == (None, None, "–")


def test_a_hotfix_has_no_downtime() -> None:
    hotfix = an_event((10, EventStatus.POSTMORTEM, {NAME: DEGRADED}), kind=EventKind.HOTFIX)
    assert history([hotfix], SPAN) == {NAME: ()}


def test_one_microsecond_of_downtime_in_a_month_never_reads_as_100_percent() -> None:
    span = Month(2026, 11).span("America/New_York")
    found = Uptime(span.duration, major=timedelta(microseconds=1))
    assert found.in_words == "99.999 %"
    assert Uptime(span.duration, partial=timedelta(microseconds=1)).in_words == "99.999 %"


def test_what_lies_outside_of_the_span_is_cut_off() -> None:
    found = measured(an_outage(-5, 5), an_outage(99, 120), an_outage(300, 400))
    assert found.major == 6 * HOUR


def test_each_day_shows_its_worst_status() -> None:
    found = days_between(date(2026, 1, 5), date(2026, 1, 10), "UTC")  # hour 0 is 15:00 on 5 January
    events = [an_outage(1, 2, PARTIAL), an_outage(8, 10), a_maintenance(34, 36), an_outage(57.5, 58, DEGRADED)]
    span = Span(found[0].span.since, hour(60))
    assert days(history(events, span)[NAME], found, now=hour(60)) == (MAJOR, MAJOR, WINDOW, DEGRADED, None, None)


def test_an_outage_shows_over_the_window_of_the_same_day() -> None:
    (day,) = days_between(date(2026, 1, 5), date(2026, 1, 5), "UTC")
    assert days(history([a_maintenance(1, 2), an_outage(3, 4, DEGRADED)], SPAN)[NAME], [day], hour(60)) == (DEGRADED,)


def test_an_outage_that_ends_at_midnight_leaves_the_next_day_clean() -> None:
    found = days_between(date(2026, 1, 5), date(2026, 1, 6), "UTC")
    assert days(history([an_outage(8, 9)], SPAN)[NAME], found, hour(60)) == (MAJOR, WELL)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 11, 2), 24)])
def test_a_day_of_a_daylight_saving_change_is_measured_as_long_as_it_is(day: date, hours: int) -> None:
    (found,) = days_between(day, day, "America/New_York")
    assert uptime((), found.span).span == hours * HOUR
    begins = (found.span.since - T0) / HOUR
    assert measured(an_outage(begins, begins + hours), span=found.span).percent == 0.0


# Whole minutes, so that the properties are about the counting and not about the fractions of a float.
INSTANTS = st.integers(-600, 6600).map(lambda minute: minute / 60)
SPANS = st.tuples(INSTANTS, INSTANTS).filter(lambda pair: pair[0] < pair[1])
OUTAGES = st.builds(
    lambda pair, status: an_outage(pair[0], pair[1], status), SPANS, st.sampled_from([MAJOR, PARTIAL, DEGRADED])
)
EVENTS = st.lists(OUTAGES | st.builds(lambda pair: a_maintenance(pair[0], pair[1]), SPANS), max_size=8)


@given(EVENTS)
def test_uptime_lies_between_0_and_100_and_all_time_is_accounted_for(events: list[Event]) -> None:
    found = measured(*events)
    assert found.thousandths is None or 0 <= found.thousandths <= 100_000
    assert found.major + found.partial + found.degraded + found.maintenance <= found.span


@given(EVENTS, OUTAGES)
def test_more_downtime_never_raises_it(events: list[Event], another: Event) -> None:
    before, since_then = measured(*events).thousandths, measured(*events, another).thousandths
    assert (before is None) == (since_then is None)
    assert before is None or since_then is None or since_then <= before


@given(EVENTS, SPANS)
def test_maintenance_over_an_outage_removes_it(events: list[Event], over: tuple[float, float]) -> None:
    outages = [event for event in events if event.kind is EventKind.INCIDENT]
    cover = a_maintenance(-700, 6700 / 60 + 1)
    assert measured(*outages, cover).thousandths is None
    window = Span(hour(over[0]), hour(over[1]))
    holding = history([*outages, a_maintenance(*over)], SPAN).get(NAME, ())
    assert all(piece.status is WINDOW for piece in holding if piece.span.within(window))


@given(EVENTS.flatmap(lambda events: st.tuples(st.just(events), st.permutations(events))))
def test_the_order_of_events_does_not_matter(both: tuple[list[Event], list[Event]]) -> None:
    told, shuffled = both
    assert measured(*shuffled) == measured(*told)


@given(EVENTS)
def test_the_history_is_in_order_and_without_overlaps(events: list[Event]) -> None:
    found = history(events, SPAN).get(NAME, ())
    for earlier, later in pairwise(found):
        assert earlier.span.until <= later.span.since
    assert all(piece.span.duration for piece in found)


@given(EVENTS)
def test_the_days_together_are_the_whole(events: list[Event]) -> None:
    each = days_between(date(2026, 1, 5), date(2026, 1, 9), "America/New_York")
    whole = Span(each[0].span.since, each[-1].span.until)
    holding = history(events, whole).get(NAME, ())
    parts = [uptime(holding, day.span) for day in each]
    found = uptime(holding, whole)
    assert sum((part.span for part in parts), timedelta(0)) == found.span
    assert sum((part.major for part in parts), timedelta(0)) == found.major
    statuses = days(holding, each, now=after(10**9))
    assert [status is MAJOR for status in statuses] == [bool(part.major) for part in parts]


def test_a_month_ends_where_its_zones_next_one_begins() -> None:
    november, december = Month(2026, 11), Month(2026, 12)
    for zone in ("America/New_York", "UTC", "Asia/Kolkata", "EST"):
        assert november.span(zone).until == december.span(zone).since
        assert december.span(zone).until == Month(2027, 1).span(zone).since
        cut: tuple[Day, ...] = november.days(zone)
        assert (len(cut), cut[0].span.since, cut[-1].span.until) == (
            30,
            november.span(zone).since,
            november.span(zone).until,
        )
    outage = an_outage(0, 200)
    october_ends = november.span("America/New_York").since
    shifted = replace(
        outage,
        started_at=october_ends - HOUR,
        updates=(
            replace(outage.updates[0], at=october_ends - HOUR),
            replace(outage.updates[1], at=october_ends + 2 * HOUR),
        ),
    )
    assert measured(shifted, span=november.span("America/New_York")).major == 2 * HOUR
    assert measured(shifted, span=Month(2026, 10).span("America/New_York")).major == HOUR
