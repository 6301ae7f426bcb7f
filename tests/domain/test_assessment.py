"""Worse holds at once; better holds once it has lasted."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omwatch.domain.assessment import Assessment, Judged, assess
from omwatch.domain.attempt import Unit
from omwatch.domain.judge import Count, Rules, Verdict, Window, judge
from omwatch.domain.severity import Severity
from tests.domain.builders import after

JUDGED = Judged(
    "agent-login", "Agent login", Rules(Unit.SUBJECT, noun="agent"), timedelta(seconds=60), timedelta(seconds=10)
)


class Life:
    """One component's assessments, a look at a time."""

    def __init__(self, judged: Judged = JUDGED) -> None:
        self.judged = judged
        self.now: Assessment | None = None

    def look(self, seconds: float, failing: int, tried: int = 50, first_failed: datetime | None = None) -> Assessment:
        verdict: Verdict = judge([Window("", Count(failing, tried))], self.judged.rules)
        self.now = assess(self.judged, self.now, verdict, first_failed, after(seconds))
        return self.now

    def severity(self, seconds: float, failing: int, tried: int = 50) -> Severity | None:
        return self.look(seconds, failing, tried).severity


def test_a_component_begins_with_what_is_seen() -> None:
    assert Life().severity(0, 20) is Severity.OUTAGE
    assert Life().severity(0, 0) is Severity.NONE
    assert Life().severity(0, 3, tried=5) is None


@pytest.mark.parametrize("failing", [1, 5, 20])
def test_worse_holds_at_once(failing: int) -> None:
    life = Life()
    life.look(0, 0)
    assert life.severity(1, failing) is judge([Window("", Count(failing, 50))], JUDGED.rules).severity


def test_better_holds_only_after_it_has_lasted() -> None:
    life = Life()
    life.look(0, 20)
    assert life.severity(10, 0) is Severity.OUTAGE
    assert life.severity(69.999, 0) is Severity.OUTAGE
    assert life.severity(70, 0) is Severity.NONE


def test_a_relapse_starts_the_waiting_afresh() -> None:
    life = Life()
    life.look(0, 20)
    life.look(10, 0)
    life.look(40, 20)
    assert life.severity(71, 0) is Severity.OUTAGE
    assert life.severity(130, 0) is Severity.OUTAGE
    assert life.severity(131, 0) is Severity.NONE


def test_an_outage_is_not_better_between_the_lines() -> None:
    life = Life()
    life.look(0, 20)
    for second in range(1, 600, 10):
        assert life.severity(second, 13) is Severity.OUTAGE  # 26 %
    assert life.look(600, 12).clear_since == after(600)  # 24 %
    assert life.severity(660, 12) is Severity.IMPAIRMENT


def test_exactly_at_the_clearing_line_is_not_below_it() -> None:
    life = Life()
    life.look(0, 20, tried=40)
    assert life.look(10, 10, tried=40).clear_since is None
    assert life.look(20, 9, tried=40).clear_since == after(20)


def test_an_impairment_is_left_after_the_same_time_without_a_second_line() -> None:
    life = Life()
    life.look(0, 10)
    assert life.severity(1, 1) is Severity.IMPAIRMENT
    assert life.severity(61, 1) is Severity.MINOR


def test_without_a_waiting_time_better_holds_at_once() -> None:
    life = Life(Judged("agent-login", "Agent login", JUDGED.rules, timedelta(0), timedelta(seconds=10)))
    life.look(0, 20)
    assert life.severity(1, 0) is Severity.NONE


def test_a_step_down_waits_again_before_the_next_step() -> None:
    life = Life()
    life.look(0, 20)
    life.look(1, 5)
    assert life.severity(61, 5) is Severity.IMPAIRMENT
    assert life.severity(62, 0) is Severity.IMPAIRMENT
    assert life.severity(122, 0) is Severity.NONE


def test_gathering_changes_neither_severity_nor_its_beginning_nor_the_first_failure() -> None:
    life = Life()
    before = life.look(0, 20, first_failed=after(-3))
    then = life.look(500, 0, tried=5)
    assert (then.severity, then.since, then.first_failed_at) == (before.severity, before.since, before.first_failed_at)


def test_time_in_which_too_little_was_tried_is_not_time_in_which_it_was_better() -> None:
    life = Life()
    life.look(0, 20)
    life.look(10, 0)
    life.look(20, 0, tried=5)
    assert life.severity(100, 0) is Severity.OUTAGE
    assert life.severity(160, 0) is Severity.NONE


def test_since_is_when_the_severity_began_and_moves_only_with_it() -> None:
    life = Life()
    assert life.look(0, 0).since == after(0)
    assert life.look(5, 20).since == after(5)
    assert life.look(9, 25).since == after(5)
    assert life.look(10, 0).since == after(5)
    assert life.look(70, 0).since == after(70)


def test_the_first_failure_is_the_attempts_instant_and_lasts_through_regrading() -> None:
    life = Life()
    life.look(0, 0)
    assert life.look(10, 1, first_failed=after(7)).first_failed_at == after(7)
    assert life.look(20, 20, first_failed=after(7)).first_failed_at == after(7)
    assert life.look(400, 20, first_failed=after(120)).first_failed_at == after(7)


def test_trouble_over_and_back_has_a_first_failure_of_its_own() -> None:
    life = Life()
    life.look(0, 20, first_failed=after(0))
    life.look(10, 0)
    assert life.look(70, 0).first_failed_at is None
    assert life.look(90, 20, first_failed=after(88)).first_failed_at == after(88)


def test_the_reason_says_since_when_it_is_better_and_how_long_that_must_last() -> None:
    life = Life()
    life.look(0, 20)
    assert "better since" not in life.look(1, 20).reason
    reason = life.look(10, 0).reason
    assert reason.endswith("better since 15:00:10 UTC, severity 1 until 60 s of that")
    assert "better since" not in life.look(70, 0).reason


@pytest.mark.parametrize(
    ("severity", "unhealthy"),
    [
        (None, False),
        (Severity.NONE, False),
        (Severity.MINOR, True),
        (Severity.IMPAIRMENT, True),
        (Severity.OUTAGE, True),
    ],
)
def test_unhealthy_is_a_severity_of_3_or_worse(severity: Severity | None, *, unhealthy: bool) -> None:
    counts = {None: (0, 5), Severity.NONE: (0, 50), Severity.MINOR: (1, 50), Severity.IMPAIRMENT: (5, 50)}
    assert Life().look(0, *counts.get(severity, (20, 50))).unhealthy is unhealthy


@settings(max_examples=300)
@given(looks=st.lists(st.tuples(st.sampled_from([1, 10, 59, 60, 61]), st.integers(0, 50)), min_size=1, max_size=30))
def test_a_severity_is_left_only_after_everything_seen_for_the_whole_time_was_better(
    looks: list[tuple[int, int]],
) -> None:
    life, second, seen = Life(), 0.0, list[tuple[float, Severity]]()
    before: Severity | None = None
    for pause, failing in looks:
        second += pause
        verdict = judge([Window("", Count(failing, 50))], JUDGED.rules).severity
        assert verdict is not None
        seen.append((second, verdict))
        held = life.severity(second, failing)
        assert held is not None
        assert held <= verdict
        assert held >= min(severity for _, severity in seen)
        if before is not None and held > before:
            assert all(severity > before for at, severity in seen if at >= second - 60)
        before = held
