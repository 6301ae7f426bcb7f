"""The brief's "Our SLAs", word for word."""

from datetime import timedelta

import pytest

from omwatch.domain.severity import Severity
from omwatch.domain.sla import BRIEF, Remediation, WorkHours, in_words


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
    assert set(BRIEF) == set(Severity)


def test_promises_are_said_in_words() -> None:
    outage, impairment = BRIEF[Severity.OUTAGE], BRIEF[Severity.IMPAIRMENT]
    assert outage.remediation_in_words(WorkHours()) == "24/7 until resolved"
    assert impairment.remediation_in_words(WorkHours()) == "06:00–16:00 America/New_York"
    assert outage.update_every_in_words == "60 min"
    assert impairment.update_every_in_words == "when material updates or progress is made"


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
