"""The bench: windows, and what is worth a line."""

from datetime import UTC, datetime, timedelta

import pytest

from omwatch.config.settings import Check
from omwatch.domain.assessment import Assessment, CheckState, Judged, Trouble
from omwatch.domain.attempt import Attempt, Outcome, Unit
from omwatch.domain.judge import Count, Interval, Rules
from omwatch.domain.recent import Span
from omwatch.domain.severity import Severity
from omwatch.watcher.bench import Bench, changes, spans

_NOW = datetime(2026, 1, 5, 15, tzinfo=UTC)
_MINUTES = (Span("in the last minute", timedelta(minutes=1)),)


def _check(every: float, deadline: float) -> Check:
    return Check("one", "one", "One", every, deadline, 10, False, 10, 10, 1024, True, None)  # noqa: FBT003 - supporting, enabled


@pytest.mark.parametrize(
    ("every", "deadline", "look_back", "lengths", "last"),
    [
        (10, 8, 300, [18, 60, 300], "in the last 5 minutes"),
        (60, 10, 300, [70, 300], "in the last 5 minutes"),
        (10, 8, 60, [18, 60], "in the last minute"),
        (3600, 10, 300, [300, 3610], "in the last round"),
        (5, 5, 90, [10, 60, 90], "in the last 1.5 minutes"),
    ],
)
def test_windows_come_shortest_first_and_the_last_round_is_whole(
    every: float, deadline: float, look_back: float, lengths: list[int], last: str
) -> None:
    found = spans(_check(every, deadline), look_back)
    assert [span.length.total_seconds() for span in found] == lengths
    assert found[-1].name == last


def _bench(*checks: str, trouble: Trouble | None = None) -> Bench:
    bench = Bench()
    for name in checks:
        judged = Judged(name, name.capitalize(), Rules(Unit.SUBJECT), timedelta(minutes=1), timedelta(minutes=1))
        bench.seat(judged, _MINUTES, ["a", "b"], trouble)
    return bench


def _attempt(check: str, outcome: Outcome = Outcome.PASSED, subject: str = "a", at: datetime = _NOW) -> Attempt:
    return Attempt(check, subject, at, 1.0, outcome, "" if outcome is Outcome.PASSED else f"{subject}: {outcome}")


def test_states_come_in_the_order_of_their_seats() -> None:
    assert [state.assessment.check for state in _bench("zebra", "apple").judge(_NOW)] == ["zebra", "apple"]


def test_an_empty_bench_judges_nothing_and_looks_back_nowhere() -> None:
    assert Bench().judge(_NOW) == []
    assert Bench().longest_span == timedelta()


def test_attempts_and_states_of_checks_that_are_gone_are_left_alone() -> None:
    bench = _bench("one")
    gone = Assessment("gone", "Gone", Severity.OUTAGE, Count(5, 10), Interval(0, 1), _NOW, _NOW, "", "agent")
    bench.remember([CheckState(gone)], [_attempt("gone"), _attempt("one")])
    (state,) = bench.judge(_NOW)
    assert (state.assessment.check, state.assessment.count) == ("one", Count(0, 1))


def test_a_check_that_now_stands_for_another_component_starts_afresh() -> None:
    bench = _bench("one")
    other = Assessment("one", "Another", Severity.OUTAGE, Count(5, 10), Interval(0, 1), _NOW, _NOW, "", "agent")
    bench.remember([CheckState(other)], [])
    assert bench.judge(_NOW)[0].assessment.severity is None


def test_trouble_is_the_newest_error_since_the_oldest_that_is_not_mended() -> None:
    bench = _bench("one")
    later = _NOW + timedelta(seconds=5)
    bench.add_all([_attempt("one", Outcome.BROKEN, "a")])
    bench.add_all([_attempt("one", Outcome.BROKEN, "b", later)])
    assert bench.judge(later)[0].trouble == Trouble("b: broken", _NOW)
    bench.add_all([_attempt("one", Outcome.PASSED, "b", later)])
    assert bench.judge(later)[0].trouble == Trouble("a: broken", _NOW)
    bench.add_all([_attempt("one", Outcome.FAILED, "a", later)])
    assert bench.judge(later)[0].trouble is None


def test_trouble_begins_anew_after_it_was_mended() -> None:
    bench = _bench("one")
    bench.add_all([_attempt("one", Outcome.BROKEN)])
    bench.add_all([_attempt("one")])
    later = _NOW + timedelta(seconds=30)
    bench.add_all([_attempt("one", Outcome.BROKEN, at=later)])
    assert bench.judge(later)[0].trouble == Trouble("a: broken", later)


def test_trouble_that_lapsed_does_not_lend_its_beginning_to_the_next() -> None:
    bench = _bench("one")
    bench.add_all([_attempt("one", Outcome.BROKEN, "gone")])
    much_later = _NOW + timedelta(minutes=10)
    assert bench.judge(much_later)[0].trouble is None
    bench.add_all([_attempt("one", Outcome.BROKEN, "a", much_later)])
    assert bench.judge(much_later)[0].trouble == Trouble("a: broken", much_later)


def test_trouble_that_lasts_shows_whenever_no_newer_one_does() -> None:
    lasting = Trouble("probes/one.py:3: SyntaxError", _NOW)
    assert _bench("one", trouble=lasting).judge(_NOW)[0].trouble == lasting


def _state(severity: Severity | None, trouble: Trouble | None = None, failing: int = 0) -> CheckState:
    item = Assessment("one", "One", severity, Count(failing, 50), Interval(0, 1), _NOW, None, "", "agent")
    return CheckState(item, trouble)


_TROUBLE = Trouble("blocked for 1.2 s", _NOW)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, _state(None), True),
        (_state(None), _state(Severity.NONE), True),
        (_state(Severity.NONE), _state(Severity.NONE, failing=3), False),
        (_state(Severity.NONE), _state(Severity.OUTAGE), True),
        (_state(Severity.NONE), _state(Severity.NONE, _TROUBLE), True),
        (_state(Severity.NONE, _TROUBLE), _state(Severity.NONE, Trouble("blocked for 1.3 s", _NOW)), False),
        (_state(Severity.NONE, _TROUBLE), _state(Severity.NONE), True),
    ],
)
def test_a_change_of_severity_and_the_bounds_of_trouble_are_told(
    before: CheckState | None, after: CheckState, *, told: bool
) -> None:
    assert changes({"one": before} if before else {}, [after]) == ([after] if told else [])
