"""How bad it is, once it is bad: the properties that hold whatever the counts are."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from omwatch.domain.assessment import Judged
from omwatch.domain.attempt import Attempt, Outcome, Unit
from omwatch.domain.judge import Count, Rules, Verdict, Window
from omwatch.domain.recent import Span
from omwatch.domain.severity import Severity
from omwatch.domain.weigh import Signs, weigh
from omwatch.watcher.bench import Bench, Seat
from tests.domain.builders import after, an_attempt

AGENTS = Rules(Unit.SUBJECT, noun="agent", noise_per_mille=10)
POPS = Rules(Unit.INTERACTION, noun="pop", noise_per_mille=10)
_NAMES = tuple(f"agent-{number:03}" for number in range(12))


def windows(*counts: tuple[int, int]) -> list[Window]:
    return [Window(f"window {number}", Count(*count)) for number, count in enumerate(counts)]


def troubled(*counts: tuple[int, int], rules: Rules = POPS, complete: bool = True, proven: int = 0) -> Severity | None:
    """The severity of trouble that is established, from the counts since it began."""
    looked = windows(*counts)
    return weigh(looked, Signs(established=True, proven=proven, complete=complete, since=looked), rules).severity


def test_without_a_sign_of_trouble_failures_are_noise() -> None:
    assert weigh(windows((3, 50)), Signs(), AGENTS).severity is Severity.NONE


def test_too_few_attempts_say_nothing() -> None:
    found = weigh(windows((9, 9)), Signs(established=True, complete=True, since=windows((9, 9))), POPS)
    assert found.severity is None
    assert found.reason.startswith("gathering")


@pytest.mark.parametrize(
    ("count", "severity"),
    [
        ((15, 50), Severity.OUTAGE),
        ((14, 50), Severity.IMPAIRMENT),
        ((3, 10), Severity.OUTAGE),
        ((2, 10), Severity.IMPAIRMENT),
    ],
)
def test_near_the_line_the_count_decides_literally(count: tuple[int, int], severity: Severity) -> None:
    assert troubled(count) is severity


def test_exactly_ten_failures_of_ten_are_an_outage_before_the_round_is_over() -> None:
    assert troubled((10, 10), complete=False) is Severity.OUTAGE
    assert troubled((8, 10), complete=False) is Severity.OUTAGE
    assert troubled((7, 10), complete=False) is None, "three standard deviations above the line, or wait"


def test_a_short_window_far_from_the_line_decides_over_a_long_one() -> None:
    assert troubled((40, 60), (50, 1000)) is Severity.OUTAGE
    assert troubled((2, 60), (400, 1000)) is Severity.IMPAIRMENT
    assert troubled((22, 60), (250, 1000)) is Severity.IMPAIRMENT


def test_one_failing_agent_is_minor_and_two_are_not() -> None:
    seen = windows((1, 50))
    assert weigh(seen, Signs(proven=1, complete=True, since=seen), AGENTS).severity is Severity.MINOR
    seen = windows((2, 50))
    assert weigh(seen, Signs(proven=2, complete=True, since=seen), AGENTS).severity is Severity.IMPAIRMENT


def test_one_agent_is_not_called_alone_while_another_is_looked_at() -> None:
    seen = windows((2, 50))
    found = weigh(seen, Signs(proven=1, unsure=True, complete=True, since=seen), AGENTS)
    assert found.severity is None
    assert found.reason == "looking closer: 2 of 50 agents failed window 0"


def test_a_supporting_component_is_never_worse_than_minor() -> None:
    assert troubled((50, 50), rules=Rules(Unit.SUBJECT, core=False)) is Severity.MINOR


def test_judging_without_a_window_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one window"):
        weigh([], Signs(), AGENTS)


counts = st.integers(0, 400).flatmap(lambda tried: st.tuples(st.integers(0, tried), st.just(tried)))


signs = st.builds(Signs, established=st.booleans(), proven=st.integers(0, 3), complete=st.booleans())


@given(st.lists(counts, min_size=1, max_size=3), signs, st.sampled_from([AGENTS, POPS]), st.data())
def test_more_failures_in_the_same_windows_never_lower_the_severity(
    looked: list[tuple[int, int]], known: Signs, rules: Rules, data: st.DataObject
) -> None:
    worse = [(data.draw(st.integers(failing, tried)), tried) for failing, tried in looked]
    for them in (looked, worse):  # a longer window has at least the failures of a shorter one
        assume(them == sorted(them, key=lambda count: count[0]))
    severities = [
        weigh(windows(*them), replace(known, since=windows(*them)), rules).severity for them in (looked, worse)
    ]
    assert severities[1] == severities[0] or _worse(severities[1], severities[0])


@given(st.integers(0, 10**6), st.integers(10, 10**6), st.integers(1, 10**9))
def test_scaling_both_numbers_does_not_change_the_literal_verdict(failing: int, tried: int, scale: int) -> None:
    failing = min(failing, tried)
    once, scaled = troubled((failing, tried)), troubled((failing * scale, tried * scale))
    assert (once is Severity.OUTAGE) is (scaled is Severity.OUTAGE)
    assert (once is Severity.OUTAGE) is (failing * 100 >= tried * 30)


@given(st.integers(1, 120), st.integers(-1, 1))
def test_no_float_touches_the_line(magnitude: int, beside: int) -> None:
    tried = 10 ** (magnitude + 1)
    expected = Severity.IMPAIRMENT if beside < 0 else Severity.OUTAGE
    assert troubled((3 * 10**magnitude + beside, tried)) is expected


# From here on, whole histories through the seat that the watcher judges by.


def a_seat(unit: Unit) -> Seat:
    bench = Bench()
    rules = AGENTS if unit is Unit.SUBJECT else POPS
    spans = [Span("in the last round", timedelta(seconds=70)), Span("in the last 5 minutes", timedelta(minutes=5))]
    bench.seat(Judged("check", "Check", rules, timedelta(seconds=60), timedelta(seconds=60)), spans, _NAMES)
    return bench._seats["check"]


def seated(attempts: list[Attempt], unit: Unit) -> Seat:
    seat = a_seat(unit)
    for attempt in attempts:
        seat.add_all([attempt])
    return seat


def judged(seat: Seat, seconds: float) -> Verdict:
    now = after(seconds)
    return weigh(seat.recent.windows(now), seat._signs(now), seat.judged.rules)


@st.composite
def histories(draw: st.DrawFn) -> list[Attempt]:
    """Stretches of better and worse times, each a subject at a time."""
    attempts: list[Attempt] = []
    seconds = 0.0
    for share, length in draw(st.lists(st.tuples(st.sampled_from([0, 1, 3, 6, 10]), st.integers(1, 30)), max_size=5)):
        for _ in range(length):
            seconds += draw(st.sampled_from([0.3, 1.0, 4.0]))
            outcome = Outcome.FAILED if draw(st.integers(1, 10)) <= share else Outcome.PASSED
            attempts.append(an_attempt(_NAMES[len(attempts) % len(_NAMES)], seconds, outcome))
    return attempts


def _worsened(attempts: list[Attempt], seat: Seat, data: st.DataObject) -> list[Attempt]:
    """Turn some passed attempts since the trouble began into failed ones."""
    since = seat.suspicion.since
    assume(since is not None)
    later = [
        n for n, one in enumerate(attempts) if one.outcome is Outcome.PASSED and since is not None and one.at >= since
    ]
    assume(later)
    turned = set(data.draw(st.lists(st.sampled_from(later), min_size=1, max_size=5)))
    return [
        an_attempt(one.subject, (one.at - after(0)).total_seconds(), Outcome.FAILED) if n in turned else one
        for n, one in enumerate(attempts)
    ]


@given(histories(), st.data())
def test_more_failures_since_the_trouble_began_never_lower_the_severity(
    attempts: list[Attempt], data: st.DataObject
) -> None:
    # Failures *before* the trouble may: they can move its beginning back, and good times into its counts.
    seat = seated(attempts, Unit.INTERACTION)
    worse = seated(_worsened(attempts, seat, data), Unit.INTERACTION)
    seconds = (attempts[-1].at - after(0)).total_seconds() + data.draw(st.sampled_from([0.0, 5.0, 100.0]))
    before, then = judged(seat, seconds).severity, judged(worse, seconds).severity
    assert worse.suspicion.since == seat.suspicion.since
    assert then == before or _worse(then, before)


def _worse(one: Severity | None, other: Severity | None) -> bool:
    """Tell whether ``one`` is graver, or "looking closer", which keeps what was named before, in place of nothing."""
    if one is None or other is None:
        return other in {None, Severity.NONE}
    return one < other


@given(histories(), st.sampled_from(Unit), st.integers(1, 8), st.data())
def test_the_order_of_simultaneous_attempts_does_not_matter(
    attempts: list[Attempt], unit: Unit, at_once: int, data: st.DataObject
) -> None:
    bunched = [an_attempt(one.subject, float(number // at_once), one.outcome) for number, one in enumerate(attempts)]
    assume(bunched)
    seats = a_seat(unit), a_seat(unit)
    for start in range(0, len(bunched), at_once):
        crowd = bunched[start : start + at_once]
        seats[0].add_all(crowd)
        seats[1].add_all(data.draw(st.permutations(crowd)))
    seconds = len(bunched) / at_once
    assert judged(seats[0], seconds) == judged(seats[1], seconds)
    assert seats[0].wish(after(seconds)) == seats[1].wish(after(seconds))


def test_early_failures_are_said_to_be_looked_into_before_anything_is_proven() -> None:
    looked = (Window("in the last round", Count(19, 19)), Window("in the last 5 minutes", Count(19, 260)))
    found = weigh(looked, Signs(), AGENTS)
    assert found.severity is Severity.NONE
    assert found.reason == "looking closer: 19 of 19 agents failed in the last round"


def test_a_lone_failure_is_no_reason_to_look_closer() -> None:
    looked = (Window("in the last round", Count(1, 50)), Window("in the last 5 minutes", Count(1, 50)))
    found = weigh(looked, Signs(), AGENTS)
    assert found.reason.startswith("1 of 50 agents failed in the last 5 minutes")
