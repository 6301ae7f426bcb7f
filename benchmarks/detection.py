"""How soon does omwatch name the right severity, how often the wrong one, and what do its peers do meanwhile?

Run from the checkout: ``python -m benchmarks.detection [--quick]``. It prints what it measured and whether that is
what we promise; it never fails. docs/judging.md holds the figures and says what they mean.
"""

import argparse
import asyncio
import statistics
import string
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat

from benchmarks.detection_fast import rehearse
from benchmarks.detection_limits import (
    ALLOWED_PER_SECOND,
    attempts_between_false_alarms,
    fewest_failures,
    limit_seconds,
)
from benchmarks.detection_loop import EVERY_SECONDS, Run, watch
from benchmarks.detection_peers import RULES, Stream, first_notice, notices
from benchmarks.detection_services import NOISE, SERVICES, SUBJECTS, Service
from omwatch.domain.attempt import Unit
from omwatch.domain.proposing import Move
from omwatch.domain.severity import Severity
from omwatch.domain.suspicion import Noise

MONTH_DAYS = 30.0
_DAY_SECONDS = 86_400.0
_NEVER = float("inf")
_CHECKS = 4
_LINE, _POINTS = 0.30, 0.05
_HARD = "all down"
_BLIPS = ("blip of 5 s, agents", "blip of 5 s, attempts")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is run."""

    runs: int
    finals: int
    days: float


@dataclass(frozen=True, slots=True)
class Score:
    """What a rule did with a service, over all runs."""

    median: float
    late: float
    """The 95th percentile."""
    wrong: float
    """The share of runs that ever named a wrong severity; for a peer: alarmed at nothing, or not at something."""
    final: float = 1.0
    """The share of runs in which the right severity stood in the end."""


@dataclass(frozen=True, slots=True)
class Calm:
    """What omwatch did through the noise."""

    suggested: float
    """Suggestions per 30 days and four checks."""
    attempts: int
    extra: float
    """Hurried attempts for each steady one."""


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="runs of the closed loop per service")
    parser.add_argument("--finals", type=int, default=100, help="runs without asyncio per service")
    parser.add_argument("--days", type=float, default=MONTH_DAYS, help="how long the noise goes on")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    asked = parser.parse_args()
    size = Size(3, 15, 1.0) if asked.quick else Size(asked.runs, asked.finals, asked.days)
    with ProcessPoolExecutor(asked.processes) as pool:
        _report(size, pool)


def _report(size: Size, pool: ProcessPoolExecutor) -> None:
    limit = limit_seconds(SERVICES[_HARD].unit)
    print(f"limit: {fewest_failures(SERVICES[_HARD].unit)} failures at {ALLOWED_PER_SECOND:.2f}/s = {limit:.1f} s")
    between = attempts_between_false_alarms(0.01, Noise.of(10))
    print(f"attempts between false alarms of the score at 1 % noise: {between:.2g} (Markov chain)")
    calm = _through_noise(size, pool)
    print(
        f"1 % noise, {size.days:g} days, {_CHECKS} × {SUBJECTS} subjects, {calm.attempts:,} attempts: "
        f"{calm.suggested:.2f} suggestions per 30 days, hurry adds {calm.extra:.1%}\n"
    )
    ours = {name: _closed(service, size, pool) for name, service in SERVICES.items()}
    _print_ours({name: (_score(SERVICES[name], runs), len(runs)) for name, runs in ours.items()}, "closed loop")
    single = [name for name, service in SERVICES.items() if service.checks == 1 and name[:4] != "flap"]
    many = {name: list(pool.map(_rehearsed, repeat(name), range(size.finals), chunksize=5)) for name in single}
    _print_ours({name: (_score(SERVICES[name], runs), len(runs)) for name, runs in many.items()}, "the same, many runs")
    every = EVERY_SECONDS / (1 + calm.extra)
    peers = {rule: _peer(rule, size, every, pool) for rule in RULES}
    false = _false_alarms(size, every, pool)
    _print_peers(peers, false, every)
    _print_shows(limit, calm, ours, many, peers, false)


def _through_noise(size: Size, pool: ProcessPoolExecutor) -> Calm:
    units = [unit for unit in (Unit.SUBJECT, Unit.INTERACTION) for _ in range(_CHECKS // 2)]
    runs = list(pool.map(_noisy, units, range(_CHECKS), repeat(size.days * _DAY_SECONDS)))
    opened = sum(change.move is Move.OPEN for run in runs for change in run.changes)
    steady, hurried = sum(run.steady for run in runs), sum(run.hurried for run in runs)
    return Calm(opened * MONTH_DAYS / size.days, steady + hurried, hurried / steady)


def _noisy(unit: Unit, seed: int, lasts: float) -> Run:
    return rehearse(NOISE[unit], seed, lasts)


def _closed(service: Service, size: Size, pool: ProcessPoolExecutor) -> list[Run]:
    return list(pool.map(_watched, repeat(service.name, size.runs), range(size.runs)))


def _watched(name: str, seed: int) -> Run:
    return asyncio.run(watch(SERVICES[name], seed))


def _rehearsed(name: str, seed: int) -> Run:
    return rehearse(SERVICES[name], seed)


def _score(service: Service, runs: Sequence[Run]) -> Score:
    delays = [_delay(service, run) for run in runs]
    wrong = [any(_is_wrong(service, at, severity) for at, severity in run.named()) for run in runs]
    final = [run.final is service.right for run in runs]
    return Score(statistics.median(delays), _percentile(delays), _share(wrong), _share(final))


def _delay(service: Service, run: Run) -> float:
    said = [at - service.right_from for at, severity in run.named() if severity is service.right]
    return next((at for at in said if at >= 0), 0.0 if said else _NEVER)


def _is_wrong(service: Service, at: float, severity: Severity) -> bool:
    if severity is service.right:
        return at < service.right_from
    return severity not in service.also


def _peer(rule: str, size: Size, every: float, pool: ProcessPoolExecutor) -> dict[str, Score]:
    return {name: _peer_score(rule, service, size, every, pool) for name, service in SERVICES.items()}


def _peer_score(rule: str, service: Service, size: Size, every: float, pool: ProcessPoolExecutor) -> Score:
    found = pool.map(_noticed, repeat(rule), repeat(service.name), range(size.runs), repeat(every), chunksize=5)
    first = [_NEVER if at is None else at for at in found]
    ought = service.right is not None
    wrong = [(at < _NEVER) is not ought for at in first]
    delays = [max(0.0, at - service.right_from) for at in first]
    return Score(statistics.median(delays), _percentile(delays), _share(wrong))


def _noticed(rule: str, name: str, seed: int, every: float) -> float | None:
    return first_notice(RULES[rule](), Stream(SERVICES[name], seed, every))


def _false_alarms(size: Size, every: float, pool: ProcessPoolExecutor) -> dict[str, float]:
    sent = list(pool.map(_sent, range(_CHECKS), repeat(every), repeat(size.days)))
    return {rule: sum(one[rule] for one in sent) * MONTH_DAYS / size.days for rule in RULES}


def _sent(seed: int, every: float, days: float) -> dict[str, int]:
    return notices(Stream(NOISE[Unit.INTERACTION], seed, every), days)


def _print_ours(scores: dict[str, tuple[Score, int]], title: str) -> None:
    print(f"{f'omwatch ({title})':<30}{'runs':>5}{'median':>9}{'95 %':>9}{'ever wrong':>12}{'right at the end':>18}")
    for name, (score, runs) in scores.items():
        print(
            f"{name:<30}{runs:>5}{_seconds(score.median):>9}{_seconds(score.late):>9}"
            f"{score.wrong:>12.0%}{score.final:>18.1%}"
        )
    print()


def _print_peers(peers: dict[str, dict[str, Score]], false: dict[str, float], every: float) -> None:
    print(f"peers, an attempt per subject every {every:.1f} s: median / 95th percentile to the first alarm; ! wrong")
    for letter, rule in zip(string.ascii_uppercase, peers, strict=False):
        print(f"  {letter}  {rule}: {false[rule]:,.1f} false alarms per 30 days")
    print(f"{'':<28}" + "".join(f"{letter:>15}" for letter in string.ascii_uppercase[: len(peers)]))
    for name in SERVICES:
        print(f"{name:<28}" + "".join(f"{_cell(scores[name]):>15}" for scores in peers.values()))
    print()


def _cell(score: Score) -> str:
    if score.median == _NEVER:
        return f"never !{score.wrong:.0%}" if score.wrong else "never"
    late = "never" if score.late == _NEVER else f"{score.late:.0f}"
    return f"{score.median:.0f}/{late}" + (f" !{score.wrong:.0%}" if score.wrong else "")


def _print_shows(
    limit: float,
    calm: Calm,
    ours: dict[str, list[Run]],
    many: dict[str, list[Run]],
    peers: dict[str, dict[str, Score]],
    false: dict[str, float],
) -> None:
    hard = _score(SERVICES[_HARD], [*ours[_HARD], *many[_HARD]]).median
    best = min((scores[_HARD].median, rule) for rule, scores in peers.items() if false[rule] <= 1)
    _show(
        hard <= best[0] / 5,
        f"hard outage: {hard:.1f} s, a fifth of the best quiet peer ({best[1]}) {best[0] / 5:.1f} s",
    )
    _show(hard <= 1.5 * limit, f"hard outage: {hard:.1f} s, 1.5 × limit {1.5 * limit:.1f} s")
    for name, runs in many.items():
        share = SERVICES[name].share
        if share is not None and abs(share - _LINE) >= _POINTS - 1e-9:
            final = _score(SERVICES[name], runs).final
            _show(final >= 0.99, f"{name}: right in the end in {final:.1%} of {len(runs)} runs, at least 99 %")  # noqa: PLR2004
    _show(calm.suggested <= 0.2, f"noise: {calm.suggested:.2f} suggestions per 30 days, at most 0.2")  # noqa: PLR2004
    for name in _BLIPS:
        grave = _count(
            [*ours[name], *many[name]], lambda run: any(severity < Severity.MINOR for _, severity in run.named())
        )
        _show(not grave, f"{name}: {grave} runs named a severity above 3, none")
    blind = _count([*ours["site blind"], *many["site blind"]], lambda run: bool(run.changes))
    _show(not blind, f"site blind: {blind} runs suggested anything, none")
    flapping = SERVICES["flapping, 30 s on, 30 s off"]
    most = max(len(run.changes) for run in ours[flapping.name]) * 3600 / flapping.lasts
    _show(most <= 3, f"flapping: at most {most:.1f} changes of the suggestion an hour, 3")  # noqa: PLR2004
    several = _count(ours["two components"], lambda run: sum(change.move is Move.OPEN for change in run.changes) != 1)
    _show(not several, f"two components: {several} runs made more or less than one suggestion, none")


def _show(good: bool, what: str) -> None:  # noqa: FBT001 - reads like a sentence
    print(f"{'pass' if good else 'MISS'}  {what}")


def _count(runs: Iterable[Run], which: Callable[[Run], bool]) -> int:
    return sum(map(which, runs))


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags)


def _percentile(values: Sequence[float], percent: int = 95) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def _seconds(value: float) -> str:
    return "never" if value == _NEVER else f"{value:.1f} s"


if __name__ == "__main__":
    main()
