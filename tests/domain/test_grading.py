"""DESIGN §6, line by line, and the arithmetic under it."""

from decimal import Decimal, localcontext
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omwatch.domain.attempt import Unit
from omwatch.domain.judge import Count, Interval, Rules, Verdict, Window, interval_in_words, judge, wilson
from omwatch.domain.severity import Severity

SUBJECT, INTERACTION = Unit.SUBJECT, Unit.INTERACTION
BIG = 10**18


def graded(failing: int, tried: int, rules: Rules | None = None) -> Verdict:
    return judge([Window("", Count(failing, tried))], rules or Rules(INTERACTION))


@st.composite
def counts(draw: st.DrawFn, least: int = 0, most: int = 10**9) -> Count:
    tried = draw(st.integers(least, most))
    return Count(draw(st.integers(0, tried)), tried)


@pytest.mark.parametrize(
    ("failing", "tried", "unit", "severity"),
    [
        (0, 0, INTERACTION, None),
        (3, 5, INTERACTION, None),
        (9, 9, SUBJECT, None),
        (0, 10, INTERACTION, Severity.NONE),
        (3, 10, INTERACTION, Severity.OUTAGE),
        (2, 10, INTERACTION, Severity.IMPAIRMENT),
        (30, 100, INTERACTION, Severity.OUTAGE),
        (29, 100, INTERACTION, Severity.IMPAIRMENT),
        (15, 50, SUBJECT, Severity.OUTAGE),
        (14, 50, SUBJECT, Severity.IMPAIRMENT),
        (12, 45, SUBJECT, Severity.IMPAIRMENT),
        (2, 50, SUBJECT, Severity.IMPAIRMENT),
        (1, 50, SUBJECT, Severity.MINOR),
        (1, 50, INTERACTION, Severity.IMPAIRMENT),
        (0, 50, SUBJECT, Severity.NONE),
        (50, 50, SUBJECT, Severity.OUTAGE),
    ],
)
def test_a_core_component_is_graded_by_the_table(
    failing: int, tried: int, unit: Unit, severity: Severity | None
) -> None:
    assert graded(failing, tried, Rules(unit)).severity is severity


@pytest.mark.parametrize(
    ("failing", "tried", "unit", "severity"),
    [
        (15, 50, SUBJECT, Severity.MINOR),
        (50, 50, INTERACTION, Severity.MINOR),
        (2, 50, INTERACTION, Severity.MINOR),
        (1, 50, SUBJECT, Severity.MINOR),
        (0, 50, INTERACTION, Severity.NONE),
        (5, 9, INTERACTION, None),
    ],
)
def test_a_supporting_component_is_minor_at_worst(
    failing: int, tried: int, unit: Unit, severity: Severity | None
) -> None:
    assert graded(failing, tried, Rules(unit, core=False)).severity is severity


def test_one_failing_subject_is_an_outage_when_it_is_30_percent_of_all() -> None:
    assert graded(1, 3, Rules(SUBJECT, minimum=1)).severity is Severity.OUTAGE
    assert graded(1, 4, Rules(SUBJECT, minimum=1)).severity is Severity.MINOR


@pytest.mark.parametrize(
    ("failing", "tried", "severity"),
    [
        (10, 1000, Severity.NONE),
        (15, 1000, Severity.NONE),  # Wilson's lower bound is 0.91 %
        (17, 1000, Severity.IMPAIRMENT),  # 1.06 %
        (2, 50, Severity.IMPAIRMENT),
        (1, 50, Severity.NONE),
    ],
)
def test_interactions_that_fail_on_any_ordinary_day_are_no_impairment(
    failing: int, tried: int, severity: Severity
) -> None:
    assert graded(failing, tried, Rules(INTERACTION, noise_per_mille=10)).severity is severity


def test_noise_never_hides_an_outage() -> None:
    assert graded(30, 100, Rules(INTERACTION, noise_per_mille=500)).severity is Severity.OUTAGE


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_failing_subject_is_never_put_down_to_noise(failing: int) -> None:
    severity = graded(failing, 1000, Rules(SUBJECT, noise_per_mille=10)).severity
    assert severity is Severity.MINOR


@settings(max_examples=300)
@given(count=counts(least=10, most=100), noise=st.sampled_from([0, 5, 10, 50, 200]), unit=st.sampled_from(Unit))
def test_one_failure_more_never_looks_better(count: Count, noise: int, unit: Unit) -> None:
    rules = Rules(unit, noise_per_mille=noise)
    worse = Count(min(count.failing + 1, count.tried), count.tried)
    before, then = judge([Window("", count)], rules).severity, judge([Window("", worse)], rules).severity
    assert before is not None
    assert then is not None
    assert then <= before


@given(tried=st.integers(10, BIG), data=st.data())
def test_the_30_percent_line_is_drawn_in_whole_numbers(tried: int, data: st.DataObject) -> None:
    line = -(-30 * tried // 100)  # the smallest count that is 30 % or more
    failing = data.draw(st.sampled_from([line - 1, line, line + 1]))
    is_outage = graded(failing, tried).severity is Severity.OUTAGE
    assert is_outage == (failing >= line)


@given(count=counts(least=10, most=BIG))
def test_with_one_window_it_is_an_outage_exactly_from_the_line_on(count: Count) -> None:
    assert (graded(count.failing, count.tried).severity is Severity.OUTAGE) == (100 * count.failing >= 30 * count.tried)


@given(count=counts(), unit=st.sampled_from(Unit), noise=st.integers(0, 1000))
def test_supporting_is_never_graver_than_minor_and_core_never_milder_than_supporting(
    count: Count, unit: Unit, noise: int
) -> None:
    supporting = graded(count.failing, count.tried, Rules(unit, core=False, noise_per_mille=noise)).severity
    core = graded(count.failing, count.tried, Rules(unit, noise_per_mille=noise)).severity
    if supporting is None or core is None:
        assert supporting is core
        return
    assert supporting >= Severity.MINOR
    assert core <= supporting


def test_another_outage_line_is_obeyed() -> None:
    rules = Rules(INTERACTION, outage_percent=50)
    assert graded(49, 100, rules).severity is Severity.IMPAIRMENT
    assert graded(50, 100, rules).severity is Severity.OUTAGE


# --- several windows ---------------------------------------------------------------------------------------------


def windows(*pairs: tuple[int, int]) -> list[Window]:
    names = ("in the last round", "in the last minute", "in the last 5 minutes")
    return [Window(name, Count(*pair)) for name, pair in zip(names, pairs, strict=False)]


def test_the_shortest_window_clear_above_the_line_decides() -> None:
    verdict = judge(windows((40, 50), (45, 200), (45, 1000)), Rules(INTERACTION))
    assert verdict.severity is Severity.OUTAGE
    assert verdict.count == Count(40, 50)
    assert "in the last round" in verdict.reason


def test_the_shortest_window_clear_below_the_line_decides_though_a_longer_one_is_above() -> None:
    verdict = judge(windows((1, 50), (40, 100)), Rules(INTERACTION))
    assert verdict.severity is Severity.IMPAIRMENT


def test_a_window_that_is_not_clear_leaves_the_decision_to_the_next() -> None:
    assert judge(windows((4, 10), (12, 60), (200, 1000)), Rules(INTERACTION)).severity is Severity.IMPAIRMENT
    assert judge(windows((2, 10), (40, 60), (200, 1000)), Rules(INTERACTION)).severity is Severity.OUTAGE


@pytest.mark.parametrize(("longest", "severity"), [((30, 100), Severity.OUTAGE), ((29, 100), Severity.IMPAIRMENT)])
def test_when_no_window_is_clear_the_longest_decides_literally(longest: tuple[int, int], severity: Severity) -> None:
    assert judge(windows((4, 10), (5, 20), longest), Rules(INTERACTION)).severity is severity
    assert judge(windows((2, 10), (5, 20), longest), Rules(INTERACTION)).severity is severity


def test_a_window_with_too_few_tried_says_nothing() -> None:
    assert judge(windows((9, 9), (9, 200)), Rules(INTERACTION)).severity is Severity.IMPAIRMENT


def test_when_every_window_has_too_few_the_longest_is_gathering() -> None:
    verdict = judge(windows((1, 3), (2, 7)), Rules(INTERACTION, noun="chat"))
    assert verdict.severity is None
    assert verdict.count == Count(2, 7)
    assert verdict.reason == "gathering: 7 chats tried in the last minute, 10 needed"


def test_a_single_failing_subject_in_the_last_round_is_not_a_one_off_when_others_failed_before() -> None:
    assert judge(windows((1, 50), (1, 50)), Rules(SUBJECT)).severity is Severity.MINOR
    assert judge(windows((1, 50), (6, 50)), Rules(SUBJECT)).severity is Severity.IMPAIRMENT


def test_failures_below_the_line_count_once_any_window_is_beyond_the_noise() -> None:
    verdict = judge(windows((1, 60), (30, 600)), Rules(INTERACTION, noise_per_mille=10))
    assert verdict.severity is Severity.IMPAIRMENT
    assert verdict.count == Count(30, 600)


def test_judging_without_any_window_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one window"):
        judge([], Rules(INTERACTION))


# --- counts, intervals, words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("failing", "tried"), [(-1, 5), (6, 5), (1, 0), (0, -1)])
def test_an_impossible_count_is_refused(failing: int, tried: int) -> None:
    with pytest.raises(ValueError, match="failing must be between 0 and tried"):
        Count(failing, tried)


@given(count=counts(least=1, most=10**40), share=st.integers(0, 100))
def test_reaching_a_share_is_exact_however_large_the_numbers(count: Count, share: int) -> None:
    with localcontext() as exact:
        exact.prec = 200
        assert count.reaches(share) == (Decimal(count.failing) * 100 >= Decimal(share) * count.tried)


# R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3 (Wilson, no continuity correction).
@pytest.mark.parametrize(
    ("failing", "tried", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_values(failing: int, tried: int, low: float, high: float) -> None:
    interval = wilson(Count(failing, tried))
    assert interval.low / 100 == pytest.approx(low, abs=0.00005)
    assert interval.high / 100 == pytest.approx(high, abs=0.00005)


@given(count=counts(least=1, most=10**6))
def test_both_ends_of_wilson_solve_its_equation(count: Count) -> None:
    """The ends are the shares p with (p' - p)² = z² p (1 - p) / n: the score test turned round, in decimals."""
    z = Decimal(NormalDist().inv_cdf(0.975))
    interval = wilson(count)
    with localcontext() as exact:
        exact.prec = 60
        n, seen = Decimal(count.tried), Decimal(count.failing) / Decimal(count.tried)
        a, b, c = 1 + z * z / n, -(2 * seen + z * z / n), seen * seen
        root = (b * b - 4 * a * c).sqrt()
        low, high = (-b - root) / (2 * a), (-b + root) / (2 * a)
    assert interval.low == pytest.approx(float(low) * 100, abs=1e-9)
    assert interval.high == pytest.approx(float(high) * 100, abs=1e-9)


@given(count=counts(least=1, most=BIG))
def test_the_share_lies_in_its_interval_and_the_interval_between_0_and_100(count: Count) -> None:
    interval = wilson(count)
    assert 0 <= interval.low <= count.percent <= interval.high <= 100


@given(count=counts(least=1, most=10**6))
def test_one_failure_more_moves_the_interval_up(count: Count) -> None:
    if count.failing < count.tried:
        here, there = wilson(count), wilson(Count(count.failing + 1, count.tried))
        assert here.low < there.low
        assert here.high < there.high or here.high == there.high == 100


@given(failing=st.integers(0, 1000), rest=st.integers(0, 1000), times=st.integers(2, 50))
def test_more_attempts_of_the_same_share_narrow_the_interval(failing: int, rest: int, times: int) -> None:
    if failing + rest:
        few, many = wilson(Count(failing, failing + rest)), wilson(Count(failing * times, (failing + rest) * times))
        assert many.high - many.low < few.high - few.low


def test_nothing_tried_leaves_everything_possible() -> None:
    assert wilson(Count(0, 0)) == Interval(0.0, 100.0)
    assert Count(0, 0).percent == 0.0


def test_a_verdict_explains_itself() -> None:
    verdict = judge(windows((17, 50)), Rules(SUBJECT, noun="agent"))
    assert verdict.reason == "17 of 50 agents failed in the last round; 95 % interval 22–48 %"
    assert graded(1, 1, Rules(SUBJECT, noun="agent", minimum=1)).reason.startswith("1 of 1 agent failed;")


def test_an_interval_is_said_in_whole_percents() -> None:
    assert interval_in_words(Interval(21.6, 47.9)) == "22–48 %"
