"""The rules that peers ship with, as their documents and sources say, fed with the same attempts.

Every rule sees an attempt when it ends and returns the instant of a notice, if one goes out. A subject is a peer's
endpoint, monitor or target. No rule gets more than it asks for: no jitter, no lost scrape, no queue.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from benchmarks.detection_loop import NAMES, check_names
from benchmarks.detection_services import SUBJECTS, Service
from omwatch.clock import FakeClock
from omwatch.domain.attempt import Outcome
from omwatch.domain.schedule import phase

_HOUR = 3600.0
_WARM_SECONDS = _HOUR + 100
"""Longer than the longest window of any rule."""
_AT_LEAST_SECONDS = 900.0
"""How long a rule has for its first notice, however short the service is watched."""


class Rule(Protocol):
    """One way to decide that an alarm is due."""

    def see(self, at: float, number: int, *, failed: bool) -> float | None:
        """Take the attempt of a subject that ended at ``at``; return the instant of the notice it led to, if any."""
        ...


class InARow:
    """So many failures of a subject in a row raise the alarm, so many passes in a row end it.

    Gatus: ``interval`` 60 s, ``failure-threshold`` 3, ``success-threshold`` 2, client timeout 10 s (README, "Endpoints"
    and "Alerting"; watchdog/alerting.go: handleAlertsToTrigger, handleAlertsToResolve).
    Uptime Kuma: interval 60 s, ``maxretries`` 0, ``retryInterval`` 60 s; up at the first pass (server/model/monitor.js:
    a failure is PENDING while retries are left, then DOWN).
    """

    def __init__(self, fails: int, passes: int) -> None:
        """Raise after ``fails``, end after ``passes``."""
        self._fails, self._passes = fails, passes
        self._failed, self._passed = [0] * (SUBJECTS + 1), [0] * (SUBJECTS + 1)
        self._alarmed = [False] * (SUBJECTS + 1)

    def see(self, at: float, number: int, *, failed: bool) -> float | None:
        """Take an attempt."""
        if failed:
            self._passed[number] = 0
            self._failed[number] += 1
            if self._failed[number] >= self._fails and not self._alarmed[number]:
                self._alarmed[number] = True
                return at
            return None
        self._failed[number] = 0
        if self._alarmed[number]:
            self._passed[number] += 1
            self._alarmed[number] = self._passed[number] < self._passes
        return None


class SomeOfTheLast:
    """At least N failures of a target's last M attempts.

    cloudprober: ``condition { failures total }``, by default 1 of 1; the documented example is 6 of 10
    (internal/alerting/proto/config.proto; internal/alerting/alerting.go: Record).
    """

    def __init__(self, failures: int, total: int) -> None:
        """Raise at ``failures`` of ``total``."""
        self._failures = failures
        self._last = [deque[bool](maxlen=total) for _ in range(SUBJECTS + 1)]
        self._alarmed = [False] * (SUBJECTS + 1)

    def see(self, at: float, number: int, *, failed: bool) -> float | None:
        """Take an attempt."""
        last = self._last[number]
        last.append(failed)
        reached = (failed or self._alarmed[number]) and sum(last) >= self._failures
        fresh = reached and not self._alarmed[number]
        self._alarmed[number] = reached
        return at if fresh else None


class _Sliding:
    """Failures and attempts of the last seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._entries: deque[tuple[float, bool]] = deque()
        self._failed = 0

    def add(self, at: float, *, failed: bool) -> None:
        self._entries.append((at, failed))
        self._failed += failed

    def ratio(self, at: float) -> float:
        while self._entries and self._entries[0][0] <= at - self._seconds:
            self._failed -= self._entries.popleft()[1]
        return self._failed / len(self._entries) if self._entries else 0.0


class Ratios:
    """A failure ratio over every one of some windows, evaluated by Prometheus and told by Alertmanager.

    Prometheus: ``evaluation_interval`` 1m by default (docs, "Configuration"). Alertmanager: ``group_wait`` 30s by
    default (docs, "Configuration"). blackbox exporter: ``probe_success`` of every target; here
    ``1 - avg(avg_over_time(probe_success[5m])) >= 0.3`` with ``for: 5m``. Burn rate: Google, "The Site Reliability
    Workbook", chapter 5, "Alerting on SLOs", table 5-8: 14.4 × (1 - SLO) over 1 h and 5 min, no ``for``.
    """

    _EVERY = 60.0
    _GROUP_WAIT = 30.0

    def __init__(self, windows: tuple[float, ...], reaches: float, lasts: float = 0.0) -> None:
        """Raise once the ratio has reached ``reaches`` in every window for ``lasts`` seconds."""
        self._windows = [_Sliding(seconds) for seconds in windows]
        self._reaches, self._lasts = reaches, lasts
        self._next = 0.0
        self._since: float | None = None
        self._alarmed = False

    def see(self, at: float, number: int, *, failed: bool) -> float | None:  # noqa: ARG002 - one alarm for all subjects
        """Take an attempt, after every evaluation that came before it."""
        notice = None
        while self._next <= at:
            notice = self._evaluate(self._next) or notice
            self._next += self._EVERY
        for window in self._windows:
            window.add(at, failed=failed)
        return notice

    def _evaluate(self, at: float) -> float | None:
        if not all(window.ratio(at) >= self._reaches for window in self._windows):
            self._since, self._alarmed = None, False
            return None
        self._since = at if self._since is None else self._since
        if self._alarmed or at - self._since < self._lasts:
            return None
        self._alarmed = True
        return at + self._GROUP_WAIT


RULES: dict[str, Callable[[], Rule]] = {
    "Gatus, 3 failures": lambda: InARow(3, 2),
    "Gatus, tuned to 4": lambda: InARow(4, 2),
    "Uptime Kuma, retries 0": lambda: InARow(1, 1),
    "Uptime Kuma, retries 1": lambda: InARow(2, 1),
    "cloudprober, 1 of 1": lambda: SomeOfTheLast(1, 1),
    "cloudprober, 6 of 10": lambda: SomeOfTheLast(6, 10),
    "blackbox + Alertmanager": lambda: Ratios((300.0,), 0.3, 300.0),
    "burn rate, SLO 99.9 %": lambda: Ratios((_HOUR, 300.0), 14.4 * 0.001),
    "burn rate, SLO 99 %": lambda: Ratios((_HOUR, 300.0), 14.4 * 0.01),
}


@dataclass(frozen=True, slots=True)
class Stream:
    """The attempts that every rule sees: one per subject and cadence, no hurry."""

    service: Service
    seed: int
    every_seconds: float
    """The cadence at which a peer makes as many attempts as omwatch does with its hurry."""

    def ended(self, warm: float, lasts: float) -> Iterator[tuple[float, int, bool]]:
        """Yield the end of every attempt in order, its subject's number and whether it failed; trouble begins at 0."""
        dice = FakeClock(seed=self.seed).random
        check = check_names(self.service, self.seed)[0]
        offsets = sorted((phase(check, name) * self.every_seconds, number) for number, name in enumerate(NAMES, 1))
        under_way: list[tuple[float, int, bool]] = []
        begin = -warm - dice() * self.every_seconds
        while begin < lasts:
            for offset, number in offsets:
                at = begin + offset
                while under_way and under_way[0][0] <= at:
                    yield heapq.heappop(under_way)
                outcome, took = self.service.attempt(at, NAMES[number - 1], dice)
                heapq.heappush(under_way, (at + took, number, outcome is not Outcome.PASSED))
            begin += self.every_seconds


def first_notice(rule: Rule, stream: Stream) -> float | None:
    """Return the first notice after the trouble began, in seconds; None when none went out."""
    # Evaluations lie on a grid of their own, so each run begins its trouble somewhere else in it.
    shift = _WARM_SECONDS + stream.every_seconds * 2 + 60 * FakeClock(seed=stream.seed + 1).random()
    for at, number, failed in stream.ended(_WARM_SECONDS, max(stream.service.lasts, _AT_LEAST_SECONDS)):
        notice = rule.see(at + shift, number, failed=failed)
        if notice is not None and notice - shift >= 0:
            return notice - shift
    return None


def notices(stream: Stream, days: float) -> dict[str, int]:
    """Return how many notices every rule sends in so many days."""
    rules = {name: make() for name, make in RULES.items()}
    sent = dict.fromkeys(rules, 0)
    for at, number, failed in stream.ended(0.0, days * 24 * _HOUR):
        for name, rule in rules.items():
            if rule.see(at, number, failed=failed) is not None:
                sent[name] += 1
    return sent
