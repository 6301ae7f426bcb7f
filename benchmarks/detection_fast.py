"""The same loop without asyncio, a hundred times as fast: for months of noise and thousands of runs.

It drives the same seat with the same attempts at the same instants (tests/timeline/test_detection.py holds it against
the closed loop). It saves its time where nothing can happen: the quiet stretches without a failure, whose attempts it
hands over in one go, and the verdict while the evidence allows only one.
"""

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta

from benchmarks.detection_loop import (
    EVERY_SECONDS,
    HURRY_PER_SECOND,
    JUDGE_EVERY,
    NAMES,
    TICK_SECONDS,
    Change,
    Desk,
    Run,
    begins_at,
    check_names,
    seat_for,
)
from benchmarks.detection_services import Service
from omwatch.clock import FakeClock
from omwatch.domain.attempt import Attempt, Outcome
from omwatch.domain.schedule import phase
from omwatch.domain.severity import Severity
from omwatch.watcher.scheduler import GIVE_UP_SECONDS, HALVES_EVERY_SECONDS

_NEVER = float("inf")


def rehearse(service: Service, seed: int, lasts: float | None = None, tried: list[Attempt] | None = None) -> Run:
    """Run one check over a service; keep the attempts if asked."""
    rehearsal = _Rehearsal(service, seed, tried)
    rehearsal.until(rehearsal.begins + (service.lasts if lasts is None else lasts))
    return rehearsal.run


class _Rehearsal:
    """One check, its seat, and four kinds of instants: a subject is due, hurry, an attempt ends, a tick."""

    def __init__(self, service: Service, seed: int, tried: list[Attempt] | None) -> None:
        clock = FakeClock(seed=seed)
        (self.check,) = check_names(service, seed)
        self.start: datetime = clock.now()
        self.dice = clock.random
        self.begins = begins_at(self.dice)
        self.service = service
        self.seat = seat_for(self.check, service.unit)
        self.run = Run()
        self.tried = tried
        self.desk = Desk()
        self.under_way: list[tuple[float, str, Attempt]] = []
        self.running: set[str] = set()
        self.fresh: list[Attempt] = []
        self.hurry_from = self.hurry_at = _NEVER
        self.judged_at: datetime | None = None
        self.quiet = False
        """True while nothing is suspected, so that only a failure can change anything."""

    def until(self, end: float) -> None:
        """Go through every instant up to the end."""
        due = self._grid()
        steady_at, subject = next(due)
        tick_at = TICK_SECONDS
        while True:
            ends_at = self.under_way[0][0] if self.under_way else _NEVER
            at = min(steady_at, self.hurry_at, ends_at, tick_at)
            if at > end:
                return
            if at == steady_at:
                self._start(at, subject)
                steady_at, subject = next(due)
                if self.quiet and not self.fresh:
                    tick_at = _NEVER
            elif at == self.hurry_at:
                self._hurry(at)
            elif at == ends_at:
                self._finish()
                if tick_at == _NEVER and self._matters():
                    tick_at = _next_tick(at)
            else:
                self._tick(at)
                tick_at = _NEVER if self.quiet else at + TICK_SECONDS

    def _grid(self) -> Iterator[tuple[float, str]]:
        offsets = sorted((phase(self.check, name) * EVERY_SECONDS, name) for name in NAMES)
        begin = 0.0
        while True:
            for offset, name in offsets:
                yield begin + offset, name
            begin += EVERY_SECONDS

    def _matters(self) -> bool:
        return not self.quiet or self.fresh[-1].outcome is not Outcome.PASSED

    def _start(self, at: float, subject: str) -> bool:
        if subject in self.running:
            return False
        outcome, took = self.service.attempt(at - self.begins, subject, self.dice)
        attempt = Attempt(self.check, subject, self.start + timedelta(seconds=at), took * 1000, outcome)
        self.running.add(subject)
        heapq.heappush(self.under_way, (at + took, subject, attempt))
        self.run.steady += 1
        return True

    def _finish(self) -> None:
        _, subject, attempt = heapq.heappop(self.under_way)
        self.running.discard(subject)
        self.fresh.append(attempt)
        if self.tried is not None:
            self.tried.append(attempt)

    def _hurry(self, at: float) -> None:
        wish = self.seat.ask(self.start + timedelta(seconds=at))
        elapsed = at - self.hurry_from
        if wish is not None and wish.subject is not None and self._start(at, wish.subject):
            self.run.hurried += 1
            self.run.steady -= 1
        if wish is None or elapsed > GIVE_UP_SECONDS:
            self.hurry_from = self.hurry_at = _NEVER
        else:
            self.hurry_at = at + 2 ** (elapsed / HALVES_EVERY_SECONDS) / HURRY_PER_SECOND

    def _tick(self, at: float) -> None:
        now = self.start + timedelta(seconds=at)
        if not self.fresh and self.judged_at is not None and now - self.judged_at < JUDGE_EVERY:
            return
        self.seat.add_all(self.fresh)
        self.fresh = []
        self.judged_at = now
        suspicion, before = self.seat.suspicion, self.seat.assessment
        healthy = before is not None and before.severity is Severity.NONE
        if not healthy or suspicion.established or suspicion.proven:
            self._judge(now, at)
        wishing = self.seat.wish(now) is not None
        if self.hurry_at == _NEVER and wishing:
            self.hurry_from = at
            self._hurry(at)
        suspects = wishing or suspicion.since is not None or bool(suspicion.proven)
        self.quiet = healthy and not suspects and self.hurry_at == _NEVER

    def _judge(self, now: datetime, at: float) -> None:
        state = self.seat.judge(now)
        for proposal in self.desk.consider([state], now):
            its = proposal.suggestion
            change = Change(round(at - self.begins, 3), proposal.move, its.severity, its.components)
            self.run.changes.append(change)


def _next_tick(at: float) -> float:
    return (at // TICK_SECONDS + 1) * TICK_SECONDS
