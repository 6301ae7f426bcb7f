"""Domain values as plain dictionaries that json takes as they are."""

import json
from datetime import UTC, datetime

import pytest

from omwatch.domain import plain
from omwatch.domain.assessment import CheckState, Trouble
from omwatch.domain.event import EventStatus
from omwatch.domain.judge import Count, Interval
from omwatch.domain.severity import Severity
from tests.domain.builders import a_suggestion, after, an_assessment, an_evidence, an_incident


def test_an_instant_is_rfc_3339() -> None:
    assert plain.instant(datetime(2026, 11, 23, 14, 2, 11, 250_000, tzinfo=UTC)) == "2026-11-23T14:02:11.250000Z"
    assert plain.instant(datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)) == "2026-11-23T14:02:11Z"
    assert plain.instant(None) is None


def test_figures_hold_the_whole_numbers_and_the_percentages() -> None:
    assert plain.figures(Count(17, 50), Interval(22.396, 47.852)) == {
        "failing": 17,
        "tried": 50,
        "percent": 34.0,
        "low": 22.4,
        "high": 47.9,
    }


@pytest.mark.parametrize("severity", [None, *Severity])
def test_a_check_state_goes_through_json_unchanged(severity: Severity | None) -> None:
    state = CheckState(an_assessment(severity=severity), Trouble("probe: KeyError: 'state'", after(9)))
    there = plain.check_state(state)
    assert json.loads(json.dumps(there)) == there
    assert there["severity"] == (severity and int(severity))
    assert there["name"] == (severity.label if severity else "Gathering")
    assert (there["trouble"], there["trouble_since"]) == ("probe: KeyError: 'state'", "2026-01-05T15:00:09Z")


def test_a_check_without_trouble_says_so() -> None:
    there = plain.check_state(CheckState(an_assessment()))
    assert (there["trouble"], there["trouble_since"]) == (None, None)
    assert (there["failing"], there["tried"], there["percent"]) == (20, 50, 40.0)


def test_a_suggestion_goes_through_json_unchanged() -> None:
    there = plain.suggestion(a_suggestion(an_evidence(), an_evidence("Chat", Severity.MINOR, 1)))
    back = json.loads(json.dumps(there))
    assert back == there
    assert (back["severity"], back["state"], back["components"]) == (1, "open", ["Agent login", "Chat"])
    assert [part["severity"] for part in back["evidence"]] == [1, 3]


@pytest.mark.parametrize("status", list(EventStatus))
def test_an_incident_goes_through_json_unchanged(status: EventStatus) -> None:
    incident, _ = an_incident(status=status)
    back = json.loads(json.dumps(plain.event(incident)))
    assert back == plain.event(incident)
    assert (back["status"], back["impact"]) == (status.value, "critical")
    assert back["components"] == {"Agent login": "major_outage", "Screen pop": "partial_outage"}
    assert back["updates"][0]["text"] == "We have identified a system outage."
