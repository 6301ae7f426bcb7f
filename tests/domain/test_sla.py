"""The brief's "Our SLAs", word for word, and when what they promise is due."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from omwatch.domain.severity import Severity
from omwatch.domain.sla import BRIEF, Remediation, ResponseTime, ServiceLevel, ServiceLevels, WorkHours, in_words


@pytest.mark.parametrize(
    ("severity", "respond", "remediation", "update_every"),
    [
        (Severity.OUTAGE, timedelta(minutes=30), Remediation.ROUND_THE_CLOCK, timedelta(minutes=60)),
        (Severity.IMPAIRMENT, timedelta(hours=2), Remediation.WORK_HOURS, None),
        (Severity.MINOR, timedelta(hours=6), Remediation.WORK_HOURS, None),
        (Severity.NONE, timedelta(hours=24), Remediation.WORK_HOURS, None),
    ],
)
def test_each_severity_promises_what_the_brief_promises(
    severity: Severity, respond: timedelta, remediation: Remediation, update_every: timedelta | None
) -> None:
    level = BRIEF[severity]
    assert (level.respond_within, level.remediation, level.update_every) == (respond, remediation, update_every)


def test_every_severity_has_a_service_level() -> None:
    assert set(BRIEF.by_severity) == set(Severity)


def test_promises_are_said_in_words() -> None:
    outage, impairment = BRIEF[Severity.OUTAGE], BRIEF[Severity.IMPAIRMENT]
    assert outage.remediation_in_words(WorkHours()) == "24/7 until resolved"
    assert impairment.remediation_in_words(WorkHours()) == "06:00–16:00 America/New_York"
    assert BRIEF.remediation_in_words(Severity.OUTAGE) == "24/7 until resolved"
    assert BRIEF.remediation_in_words(Severity.NONE) == "06:00–16:00 America/New_York"
    assert outage.update_every_in_words == "60 min"
    assert impairment.update_every_in_words == "when material updates or progress is made"


EVENING = datetime(2026, 1, 14, 23, 0, tzinfo=UTC)  # 18:00 in New York
IN_WORK_HOURS = replace(BRIEF, response_time=ResponseTime.WORK_HOURS)


@pytest.mark.parametrize("severity", Severity)
def test_the_response_clock_runs_round_the_clock_unless_told(severity: Severity) -> None:
    assert BRIEF.response_due(severity, EVENING) == EVENING + BRIEF[severity].respond_within


@pytest.mark.parametrize(
    ("severity", "due"),
    [
        (Severity.OUTAGE, datetime(2026, 1, 14, 23, 30, tzinfo=UTC)),
        (Severity.IMPAIRMENT, datetime(2026, 1, 15, 13, 0, tzinfo=UTC)),
        (Severity.MINOR, datetime(2026, 1, 15, 17, 0, tzinfo=UTC)),
        (Severity.NONE, datetime(2026, 1, 17, 15, 0, tzinfo=UTC)),
    ],
)
def test_it_may_run_in_work_hours_where_the_work_is_done_in_them(severity: Severity, due: datetime) -> None:
    assert IN_WORK_HOURS.response_due(severity, EVENING) == due


@pytest.mark.parametrize("levels", [BRIEF, IN_WORK_HOURS])
def test_an_outages_next_update_is_due_in_an_hour_and_others_on_progress(levels: ServiceLevels) -> None:
    assert levels.update_due(Severity.OUTAGE, EVENING) == EVENING + timedelta(minutes=60)
    assert [levels.update_due(severity, EVENING) for severity in list(Severity)[1:]] == [None, None, None]


def test_an_update_that_is_due_is_due_at_night_too() -> None:
    level = ServiceLevel(timedelta(hours=2), Remediation.WORK_HOURS, timedelta(minutes=30))
    levels = ServiceLevels({Severity.IMPAIRMENT: level}, response_time=ResponseTime.WORK_HOURS)
    assert levels.update_due(Severity.IMPAIRMENT, EVENING) == EVENING + timedelta(minutes=30)


def test_work_on_an_outage_begins_at_once_and_on_the_others_in_work_hours() -> None:
    morning = datetime(2026, 1, 15, 11, 0, tzinfo=UTC)
    assert BRIEF.remediation_opens(Severity.OUTAGE, EVENING) == EVENING
    assert [BRIEF.remediation_opens(severity, EVENING) for severity in list(Severity)[1:]] == [morning] * 3
    assert BRIEF.remediation_opens(Severity.MINOR, morning) == morning


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (1800, "30 min"),
        (3600, "60 min"),
        (7199, "119 min"),
        (7200, "2 h"),
        (7500, "2 h 5 min"),
        (86_400, "24 h"),
    ],
)
def test_a_span_is_said_as_operators_say_it(seconds: float, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words
