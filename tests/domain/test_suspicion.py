"""Trouble is told from ordinary noise, soon, and never by a blip."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.clock import FakeClock
from omwatch.domain.attempt import Attempt, Outcome, Unit
from omwatch.domain.judge import Count
from omwatch.domain.suspicion import BLIP, FROM_A_BLIP, THRESHOLD, Noise, Suspicion
from tests.domain.builders import after, an_attempt

_ROUND = timedelta(seconds=60)


def suspecting(unit: Unit = Unit.INTERACTION, per_mille: int = 10) -> Suspicion:
    return Suspicion(unit, Noise.of(per_mille), _ROUND / 2)


def tried(outcomes: str, begins: float = 0.0, apart: float = 1.0) -> list[Attempt]:
    """Attempts of one subject after another: "f" failed, "p" passed, "b" broken."""
    kinds = {"f": Outcome.FAILED, "p": Outcome.PASSED, "b": Outcome.BROKEN}
    return [
        an_attempt(f"agent-{number:03}", begins + number * apart, kinds[letter])
        for number, letter in enumerate(outcomes)
    ]


def after_all(attempts: Iterable[Attempt], unit: Unit = Unit.INTERACTION) -> Suspicion:
    suspicion = suspecting(unit)
    suspicion.add_all(attempts)
    return suspicion


def test_the_weights_are_the_logarithms_of_the_odds() -> None:
    noise = Noise.of(10)
    assert noise.failure_weight == pytest.approx(2.302585)  # log(0.10 / 0.01)
    assert noise.pass_weight == pytest.approx(0.0953102)  # log(0.99 / 0.90)


@pytest.mark.parametrize(("per_mille", "run"), [(0, 3), (10, 5), (50, 7), (200, 13)])
def test_the_noisier_a_check_the_longer_must_one_subject_fail(per_mille: int, run: int) -> None:
    assert Noise.of(per_mille).run == run


def test_nothing_is_suspected_of_attempts_that_pass() -> None:
    suspicion = after_all(tried("p" * 100))
    assert (suspicion.score, suspicion.since, suspicion.established) == (0.0, None, False)


def test_one_failure_among_many_passes_is_forgotten() -> None:
    suspicion = after_all(tried("pppf" + "p" * 24))
    assert suspicion.since == after(3)
    suspicion.add_all(tried("p", begins=60))
    assert suspicion.since is None


def test_seven_failures_in_a_row_are_trouble_since_the_first() -> None:
    assert not after_all(tried("pp" + "f" * 6, apart=2)).established
    suspicion = after_all(tried("pp" + "f" * 7, apart=2))
    assert suspicion.established
    assert suspicion.since == after(4)
    assert suspicion.count == Count(7, 7)


def test_a_tenth_that_fails_is_trouble_in_the_end() -> None:
    assert after_all(tried("fpppppppp" * 30)).established


def test_trouble_is_over_once_its_evidence_is_used_up() -> None:
    suspicion = after_all(tried("f" * 3000))
    passes = 0
    while suspicion.established:
        suspicion.add_all(tried("p", begins=4000 + passes))
        passes += 1
    assert suspicion.since is None
    assert passes == 193, "as many as after a short outage: the score has a ceiling"


def test_broken_attempts_say_nothing() -> None:
    assert after_all(tried("b" * 100)).score == 0.0


@given(
    st.lists(st.floats(0, 4.999), min_size=1, max_size=200),
    st.lists(st.floats(-29, -5.001), max_size=1),
    st.sampled_from(Unit),
)
def test_a_blip_is_no_trouble_however_many_attempts_it_spoils(
    spoilt: list[float], noise: list[float], unit: Unit
) -> None:
    instants = sorted([*noise, *spoilt])
    failed = [an_attempt(f"agent-{n:03}", at, Outcome.FAILED) for n, at in enumerate(instants)]
    suspicion = after_all(failed, unit)
    assert not suspicion.established
    assert suspicion.score <= FROM_A_BLIP * THRESHOLD + len(noise) * Noise.of(10).failure_weight


def test_an_outage_is_no_blip() -> None:
    lasts = BLIP.total_seconds() + 1.5
    assert after_all(tried("f" * 13, apart=lasts / 12)).established


def test_a_second_look_at_a_failing_subject_is_no_new_evidence() -> None:
    suspicion = suspecting(Unit.SUBJECT)
    for seconds in range(0, 100, 3):
        suspicion.add_all([an_attempt("agent-001", seconds, Outcome.FAILED)])
    assert not suspicion.established
    assert suspicion.proven == ("agent-001",)
    assert suspicion.proven_since == after(0)


def test_the_same_subject_a_round_later_is() -> None:
    failed = [an_attempt("agent-001", 60 * number, Outcome.FAILED) for number in range(7)]
    assert after_all(failed, Unit.SUBJECT).established


def test_a_run_must_last() -> None:
    looks = [an_attempt("agent-001", number * 0.5, Outcome.FAILED) for number in range(8)]
    short = after_all(looks, Unit.SUBJECT)
    assert (short.proven, short.unsure()) == ((), (("agent-001", after(3.5)),))
    longer = after_all([*looks, an_attempt("agent-001", 7, Outcome.FAILED)], Unit.SUBJECT)
    assert (longer.proven, longer.unsure()) == (("agent-001",), ())


def test_one_pass_ends_a_run() -> None:
    suspicion = suspecting(Unit.SUBJECT)
    outcomes = [Outcome.FAILED] * 6 + [Outcome.PASSED] + [Outcome.FAILED] * 2
    for number, outcome in enumerate(outcomes):
        suspicion.add_all([an_attempt("agent-001", number * 3.0, outcome)])
    assert suspicion.proven == ()


def test_a_day_of_ordinary_noise_is_no_trouble() -> None:
    dice = FakeClock(seed=8)
    suspicion = suspecting()
    for seconds in range(72_000):
        failed = dice.random() < 0.01
        suspicion.add_all(
            [an_attempt(f"agent-{seconds % 50:03}", seconds, Outcome.FAILED if failed else Outcome.PASSED)]
        )
        assert not suspicion.established


@st.composite
def crowds(draw: st.DrawFn) -> list[Attempt]:
    """Attempts of a few subjects, many at the same instants."""
    one = st.tuples(st.integers(0, 9), st.integers(0, 6), st.sampled_from(Outcome))
    return [
        an_attempt(f"agent-{number:03}", float(at), outcome) for at, number, outcome in draw(st.lists(one, max_size=60))
    ]


@given(crowds(), st.sampled_from(Unit), st.data())
def test_the_order_of_simultaneous_attempts_does_not_matter(
    attempts: list[Attempt], unit: Unit, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(attempts))
    assert after_all(attempts, unit) == after_all(shuffled, unit)


@given(st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=120), st.data())
def test_more_failures_never_make_it_less_suspicious(steps: list[tuple[float, bool]], data: st.DataObject) -> None:
    better, worse, seconds = suspecting(), suspecting(), 0.0
    for number, (pause, failed) in enumerate(steps):
        seconds += pause
        worsened = failed or data.draw(st.booleans())
        better.add_all([an_attempt(f"agent-{number:03}", seconds, Outcome.FAILED if failed else Outcome.PASSED)])
        worse.add_all([an_attempt(f"agent-{number:03}", seconds, Outcome.FAILED if worsened else Outcome.PASSED)])
        assert worse.score >= better.score - 1e-9
        assert worse.established >= better.established
