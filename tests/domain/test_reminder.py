"""On-call is told before a deadline, at it and after it: once each, never late for nothing, and in plain words."""

from dataclasses import replace
from datetime import timedelta

import pytest

from omwatch.domain.deadline import About, Deadline, response
from omwatch.domain.reminder import Reminder, alarm, latest
from omwatch.domain.severity import Severity
from omwatch.domain.sla import BRIEF
from tests.domain.builders import T0

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BEFORE = (20 * MINUTE, 10 * MINUTE)
OWED = replace(response(About.SUGGESTION, 3, Severity.OUTAGE, T0, BRIEF), id=12)
"""Due 30 minutes after T0."""


def told(owed: Deadline, minutes: float, before: tuple[timedelta, ...] = BEFORE) -> str | None:
    """Return which reminder is the latest, so many minutes after T0."""
    found = latest(owed, T0 + minutes * MINUTE, before, HOUR)
    return found.key.rpartition("Z:")[2] if found else None


@pytest.mark.parametrize(
    ("minutes", "which"),
    [
        (9.99, None),
        (10, "1200"),
        (19.99, "1200"),
        (20, "600"),
        (29.99, "600"),
        (30, "due"),
        (89.99, "due"),
        (90, "late:1"),
        (149.99, "late:1"),
        (150, "late:2"),
        (30 + 72 * 60, "late:72"),
    ],
)
def test_the_latest_reminder_alone_counts(minutes: float, which: str | None) -> None:
    assert told(OWED, minutes) == which


def test_a_lead_that_is_not_shorter_than_all_of_the_time_is_left_out() -> None:
    for lead in (30 * MINUTE, HOUR):
        assert [told(OWED, minutes, (lead, 10 * MINUTE)) for minutes in (0, 10, 20)] == [None, None, "600"]


def test_without_leads_on_call_is_told_at_the_end() -> None:
    assert [told(OWED, minutes, ()) for minutes in (29.99, 30)] == [None, "due"]


def test_while_snoozed_nothing_is_said() -> None:
    snoozed = replace(OWED, snoozed_until=T0 + 200 * MINUTE)
    assert [told(snoozed, minutes) for minutes in (10, 20, 30, 90, 199.99)] == [None] * 5


def test_what_a_snooze_swallowed_before_the_end_is_not_made_up_for() -> None:
    snoozed = replace(OWED, snoozed_until=T0 + 15 * MINUTE)
    assert [told(snoozed, minutes) for minutes in (15, 19, 20, 30)] == [None, None, "600", "due"]


def test_that_it_is_overdue_is_said_once_the_snooze_has_ended() -> None:
    snoozed = replace(OWED, snoozed_until=T0 + 45 * MINUTE)
    assert [told(snoozed, minutes) for minutes in (44.99, 45, 90)] == [None, "due", "late:1"]


def test_a_lead_that_falls_on_the_end_of_a_snooze_is_said() -> None:
    assert told(replace(OWED, snoozed_until=T0 + 20 * MINUTE), 20) == "600"


def test_an_end_that_has_moved_is_another_thing_to_be_reminded_of() -> None:
    moved = replace(OWED, due_at=OWED.due_at + HOUR)
    first, second = (latest(one, one.due_at, BEFORE, HOUR) for one in (OWED, moved))
    assert first is not None
    assert second is not None
    assert first.key != second.key
    assert (first.at, second.at) == (OWED.due_at, moved.due_at)


def test_on_call_reads_what_is_owed_for_what_by_when_how_long_is_left_and_what_to_do() -> None:
    now = T0 + 20 * MINUTE + timedelta(seconds=0.7)
    found = alarm(Reminder("key", now), OWED, "Agent login, Chat", now, BRIEF)
    assert (found.key, found.raised_at) == ("key", now)
    assert found.subject == "10 min left: response for suggestion 3: Agent login, Chat"
    assert found.text.splitlines() == [
        "Owed: the response for suggestion 3, Agent login, Chat (severity 1, system outage).",
        ("By: 15:30 UTC on 5 January 2026 (10:30 EST); 10 min left, as of 15:20 UTC on 5 January 2026 (10:20 EST)."),
        "Do: 'omwatch suggestion show 3', and then 'omwatch suggestion confirm 3' or 'dismiss 3'.",
        "To be left alone for a while: 'omwatch deadline snooze 12 --for 30m'.",
    ]


@pytest.mark.parametrize(
    ("about", "command"),
    [(About.INCIDENT, "'omwatch incident update 3'"), (About.TICKET, "'omwatch ticket respond 3'")],
)
def test_what_to_do_follows_from_what_it_is_about(about: About, command: str) -> None:
    assert command in alarm(Reminder("key", T0), replace(OWED, about=about), "x", T0, BRIEF).text


def test_outside_text_in_an_alarm_cannot_act() -> None:
    found = alarm(Reminder("key", T0), OWED, "\x1b]0;x\x07 a\r\nBcc: eve\u202e", T0, BRIEF)
    for text in (found.subject, found.text):
        assert not {"\x1b", "\x07", "\r", "\u202e"} & set(text)
    assert "\n" not in found.subject
    assert len(found.text.splitlines()) == 4
