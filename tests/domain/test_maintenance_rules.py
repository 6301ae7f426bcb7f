"""What is due about a maintenance follows from its timeline, its window and the present instant alone."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.domain import announcement
from omwatch.domain.event import (
    ByClock,
    Event,
    EventKind,
    EventStatus,
    Maintenance,
    MaintenanceKind,
    Subprocessor,
    Update,
    Window,
)
from omwatch.domain.maintenance import Due, alarm, due
from omwatch.domain.severity import ComponentStatus, Severity
from tests.domain.builders import T0, after

HOUR = timedelta(hours=1)
START, END = T0 + 4 * HOUR, T0 + 6 * HOUR
SECOND = timedelta(seconds=1)
ZONE = "America/New_York"


def a_maintenance(
    status: EventStatus = EventStatus.SCHEDULED,
    by_clock: ByClock = ByClock.BOTH,
    remind_before: tuple[timedelta, ...] = (HOUR,),
    told: tuple[datetime, ...] = (T0,),
    kind: MaintenanceKind = MaintenanceKind.PLANNED,
) -> Event:
    updates = tuple(Update(1 + place, EventStatus.SCHEDULED, "soon", "ada", at) for place, at in enumerate(told))
    return Event(
        id=7,
        kind=EventKind.MAINTENANCE,
        title="Upgrade",
        severity=Severity.NONE,
        status=status,
        components={"Agent login": ComponentStatus.OPERATIONAL, "Chat": ComponentStatus.OPERATIONAL},
        started_at=START,
        created_at=T0,
        updates=updates,
        window=Window(START, END),
        maintenance=Maintenance(kind, by_clock, remind_before),
    )


# --- reminders ---------------------------------------------------------------------------------------------------


def test_a_reminder_is_due_at_its_instant_and_not_before() -> None:
    assert due(a_maintenance(), START - HOUR - SECOND) is None
    assert due(a_maintenance(), START - HOUR) is Due.REMIND


def test_who_was_told_since_is_not_reminded() -> None:
    told_late = a_maintenance(told=(T0, START - HOUR))
    assert due(told_late, START - SECOND) is None


def test_each_of_several_reminders_is_due_once() -> None:
    both = a_maintenance(remind_before=(3 * HOUR, HOUR))
    assert due(both, START - 3 * HOUR) is Due.REMIND
    after_the_first = a_maintenance(remind_before=(3 * HOUR, HOUR), told=(T0, START - 3 * HOUR))
    assert due(after_the_first, START - 2 * HOUR) is None
    assert due(after_the_first, START - HOUR) is Due.REMIND


def test_reminders_that_were_slept_through_are_one() -> None:
    late = START - timedelta(minutes=5)
    assert due(a_maintenance(remind_before=(3 * HOUR, HOUR)), late) is Due.REMIND
    assert due(a_maintenance(remind_before=(3 * HOUR, HOUR), told=(T0, late)), late + SECOND) is None


def test_without_reminders_nobody_is_reminded() -> None:
    assert due(a_maintenance(remind_before=()), START - SECOND) is None


# --- the window --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "by_clock", "at_start", "at_end"),
    [
        (EventStatus.SCHEDULED, ByClock.BOTH, Due.START, Due.MISSED),
        (EventStatus.SCHEDULED, ByClock.START, Due.START, Due.MISSED),
        (EventStatus.SCHEDULED, ByClock.COMPLETION, Due.WAITS, Due.MISSED),
        (EventStatus.SCHEDULED, ByClock.NONE, Due.WAITS, Due.MISSED),
        (EventStatus.IN_PROGRESS, ByClock.BOTH, None, Due.COMPLETE),
        (EventStatus.VERIFYING, ByClock.BOTH, None, Due.COMPLETE),
        (EventStatus.IN_PROGRESS, ByClock.COMPLETION, None, Due.COMPLETE),
        (EventStatus.IN_PROGRESS, ByClock.START, None, Due.OVERRUN),
        (EventStatus.VERIFYING, ByClock.NONE, None, Due.OVERRUN),
        (EventStatus.COMPLETED, ByClock.BOTH, None, None),
        (EventStatus.CANCELLED, ByClock.BOTH, None, None),
    ],
)
def test_what_is_due_follows_from_status_window_and_clock(
    status: EventStatus, by_clock: ByClock, at_start: Due | None, at_end: Due | None
) -> None:
    planned = a_maintenance(status, by_clock, remind_before=())
    assert due(planned, START - SECOND) is None
    assert due(planned, START) is due(planned, END - SECOND) is at_start
    assert due(planned, END) is due(planned, END + 100 * HOUR) is at_end


def test_what_has_no_window_is_never_due() -> None:
    assert due(replace(a_maintenance(), window=None), END) is None


@given(
    status=st.sampled_from(
        [EventStatus.SCHEDULED, EventStatus.IN_PROGRESS, EventStatus.VERIFYING, EventStatus.COMPLETED]
    ),
    by_clock=st.sampled_from(list(ByClock)),
    minutes=st.integers(-600, 600),
)
def test_the_clock_acts_inside_the_window_or_at_its_end_and_only_where_it_may(
    status: EventStatus, by_clock: ByClock, minutes: int
) -> None:
    now = START + timedelta(minutes=minutes)
    found = due(a_maintenance(status, by_clock), now)
    if found is Due.START:
        assert by_clock.starts
        assert START <= now < END
    if found is Due.COMPLETE:
        assert by_clock.completes
        assert now >= END
    if found is Due.REMIND:
        assert now < START


# --- alarms ------------------------------------------------------------------------------------------------------


def test_an_alarm_has_one_key_until_it_is_to_be_repeated() -> None:
    held = a_maintenance(EventStatus.IN_PROGRESS, ByClock.START)
    keys = [alarm(held, Due.OVERRUN, END + minutes, HOUR, ZONE).key for minutes in (0 * HOUR, HOUR - SECOND, HOUR)]
    assert keys[0] == keys[1] != keys[2]


def test_a_missed_window_is_told_once() -> None:
    keys = {alarm(a_maintenance(), Due.MISSED, END + hours * HOUR, HOUR, ZONE).key for hours in range(3)}
    assert len(keys) == 1


def test_another_window_is_another_alarm() -> None:
    held = a_maintenance(EventStatus.IN_PROGRESS, ByClock.START)
    longer = replace(held, window=Window(START, END + HOUR))
    assert alarm(held, Due.OVERRUN, END, HOUR, ZONE).key != alarm(longer, Due.OVERRUN, END + HOUR, HOUR, ZONE).key


def test_an_alarm_says_what_it_is_about_and_what_to_do() -> None:
    told = alarm(a_maintenance(EventStatus.IN_PROGRESS), Due.OVERRUN, END, HOUR, ZONE)
    assert told.subject == "Maintenance 7 has overrun its window and waits to be completed by hand: Upgrade"
    assert told.text.splitlines() == [
        "Maintenance 7, Upgrade, of Agent login, Chat.",
        "Window: from 19:00 UTC on 5 January 2026 (14:00 EST) until 21:00 UTC on 5 January 2026 (16:00 EST).",
        "Do: 'omwatch maintenance complete 7', or 'omwatch maintenance reschedule 7 --end …'.",
    ]
    assert "reschedule 7 --start … --end …" in alarm(a_maintenance(), Due.MISSED, END, HOUR, ZONE).text
    assert "maintenance start 7" in alarm(a_maintenance(), Due.WAITS, START, HOUR, ZONE).text


@pytest.mark.parametrize("what", [Due.START, Due.COMPLETE, Due.REMIND])
def test_what_the_clock_does_is_no_alarm(what: Due) -> None:
    assert not what.is_alarm
    with pytest.raises(ValueError, match="no alarm"):
        alarm(a_maintenance(), what, START, HOUR, ZONE)


# --- words -------------------------------------------------------------------------------------------------------


def test_a_draft_says_the_window_on_both_clocks() -> None:
    assert announcement.scheduled_text(a_maintenance(), ZONE) == (
        "We have scheduled maintenance of Agent login and Chat. It begins at 19:00 UTC on 5 January 2026 (14:00 EST) "
        "and ends at 21:00 UTC on 5 January 2026 (16:00 EST).\n\n"
        "Agent login and Chat may not be available in that time."
    )


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (MaintenanceKind.PLANNED, "This is a reminder of maintenance of Agent login and Chat."),
        (
            MaintenanceKind.CORRECTIVE,
            "This is a reminder of maintenance of Agent login and Chat to correct an incident.",
        ),
        (MaintenanceKind.CODE_ELEVATION, "This is a reminder of a code elevation of Agent login and Chat."),
    ],
)
def test_a_draft_says_of_which_kind_it_is(kind: MaintenanceKind, says: str) -> None:
    assert announcement.reminder_text(a_maintenance(kind=kind), ZONE).startswith(says)


def test_a_draft_of_a_move_says_both_windows_and_one_of_an_extension_the_end() -> None:
    later = Window(START + HOUR, END + HOUR)
    assert announcement.rescheduled_text(a_maintenance(), later, "UTC") == (
        "The maintenance of Agent login and Chat is rescheduled. It begins at 20:00 UTC on 5 January 2026 and ends at "
        "22:00 UTC on 5 January 2026. It was to begin at 19:00 UTC on 5 January 2026 and to end at 21:00 UTC on "
        "5 January 2026."
    )
    going = a_maintenance(EventStatus.IN_PROGRESS)
    longer = announcement.rescheduled_text(going, Window(START, END + HOUR), "UTC")
    assert longer.endswith("takes longer than planned. We expect it to end at 22:00 UTC on 5 January 2026.")
    assert "less time than planned" in announcement.rescheduled_text(going, Window(START, END - HOUR), "UTC")


def test_the_other_drafts_say_where_it_stands() -> None:
    planned = a_maintenance()
    assert "has begun. We expect it to end at 21:00 UTC" in announcement.begun_text(planned, "UTC")
    assert "verifying Agent login and Chat" in announcement.verifying_text(planned)
    assert "is completed. Agent login and Chat: working normally" in announcement.completed_text(planned)
    assert "is cancelled. It was to begin at 19:00 UTC" in announcement.cancelled_text(planned, "UTC")


def test_a_draft_names_the_subprocessor_and_the_one_it_replaces() -> None:
    item = Subprocessor("Acme", "hosting", after(0).date(), "Ireland", "Old Inc")
    assert announcement.subprocessor_text(item) == (
        "From 5 January 2026 on, Acme will process personal data for us in Ireland. It replaces Old Inc.\n\n"
        "Purpose: hosting."
    )
