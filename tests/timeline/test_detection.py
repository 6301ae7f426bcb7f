"""The benchmark's short cuts say what its closed loop says, and both keep what docs/judging.md promises."""

import asyncio

import pytest

from benchmarks.detection_fast import rehearse
from benchmarks.detection_limits import attempts_between_false_alarms, fewest_failures, limit_seconds
from benchmarks.detection_loop import watch
from benchmarks.detection_peers import RULES, InARow, Ratios, Rule, SomeOfTheLast, Stream, first_notice, notices
from benchmarks.detection_services import NOISE, SERVICES, Service
from omwatch.domain.attempt import Attempt, Unit
from omwatch.domain.proposing import Move
from omwatch.domain.severity import Severity
from omwatch.domain.suspicion import Noise

_DAY = 86_400.0
_SHORT = [name for name, service in SERVICES.items() if service.checks == 1 and service.lasts < 3600]


def _same(attempts: list[Attempt], others: list[Attempt]) -> bool:
    told = [[(one.subject, one.outcome, one.at.timestamp()) for one in them] for them in (attempts, others)]
    return len(told[0]) == len(told[1]) and all(
        one[:2] == other[:2] and abs(one[2] - other[2]) < 1e-3 for one, other in zip(*told, strict=True)
    )


@pytest.mark.parametrize("name", _SHORT)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_short_cut_makes_the_attempts_and_suggestions_of_the_closed_loop(name: str, seed: int) -> None:
    closed: list[Attempt] = []
    short: list[Attempt] = []
    loop = asyncio.run(watch(SERVICES[name], seed, closed))
    run = rehearse(SERVICES[name], seed, tried=short)
    assert _same(closed, short)
    assert run.changes == loop.changes
    assert (run.steady, run.hurried) == (loop.steady, loop.hurried)


@pytest.mark.parametrize("unit", list(Unit))
def test_so_it_does_in_three_hours_of_noise(unit: Unit) -> None:
    service = Service("noise", NOISE[unit].fault, None, lasts=3 * 3600, unit=unit, noise=0.03)
    closed: list[Attempt] = []
    short: list[Attempt] = []
    loop = asyncio.run(watch(service, 5, closed))
    run = rehearse(service, 5, tried=short)
    assert _same(closed, short)
    assert run == loop
    assert run.hurried > 100


def test_the_fewest_failures_that_prove_an_outage() -> None:
    assert fewest_failures(Unit.SUBJECT) == fewest_failures(Unit.INTERACTION) == 10
    assert limit_seconds(Unit.SUBJECT) == pytest.approx(5.45, abs=0.01)


def test_false_alarms_of_the_score_are_rare_by_calculation() -> None:
    noise = Noise.of(10)
    month = 30 * 24 * 60 * 4 * 50
    assert attempts_between_false_alarms(0.01, noise) == pytest.approx(2.8e8, rel=0.02)
    assert month / attempts_between_false_alarms(0.01, noise) < 0.05
    assert attempts_between_false_alarms(0.05, noise) < 1000


@pytest.mark.parametrize("seed", range(5))
def test_a_hard_outage_is_named_within_seconds_and_at_once_rightly(seed: int) -> None:
    run = rehearse(SERVICES["all down"], seed)
    assert [change.severity for change in run.changes] == [Severity.OUTAGE]
    assert run.changes[0].seconds < 14


def test_two_components_make_one_suggestion() -> None:
    changes = asyncio.run(watch(SERVICES["two components"], 3)).changes
    assert [change.move for change in changes][:1] == [Move.OPEN]
    assert [change.move for change in changes[1:]] in ([], [Move.EXTEND])
    assert len(changes[-1].components) == 2


def _fed(rule: Rule, outcomes: str, every: float = 60.0) -> list[float]:
    """The notices of one subject's attempts: "f" failed, "p" passed."""
    seen = [rule.see(number * every, 1, failed=letter == "f") for number, letter in enumerate(outcomes)]
    return [at for at in seen if at is not None]


def test_gatus_wants_three_in_a_row_and_two_to_recover() -> None:
    assert _fed(InARow(3, 2), "ffpfff") == [300]
    assert _fed(InARow(3, 2), "fffpfffppfff") == [120, 660]


def test_uptime_kuma_is_up_again_at_once() -> None:
    assert _fed(InARow(1, 1), "pfpf") == [60, 180]
    assert _fed(InARow(2, 1), "fpffpff") == [180, 360]


def test_cloudprober_counts_within_its_last_attempts() -> None:
    assert _fed(SomeOfTheLast(2, 3), "fppfpfpppff") == [300, 600]


def test_prometheus_evaluates_every_minute_and_alertmanager_waits() -> None:
    assert _fed(Ratios((300.0,), 0.3, 300.0), "p" * 60 + "f" * 90, every=10) == [1020 + 30]


def test_every_peer_is_silent_while_nothing_fails_and_speaks_when_all_does() -> None:
    for name, make in RULES.items():
        at = first_notice(make(), Stream(SERVICES["all down"], 1, 60.0))
        assert at is not None, name
        assert at < 700, name
    assert sum(notices(Stream(Service("well", NOISE[Unit.SUBJECT].fault, None), 1, 60.0), 0.2).values()) == 0
