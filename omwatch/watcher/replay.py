"""Judges recorded attempts again, by the same bench as a live watcher, on a clock that runs as fast as it can.

A recorded attempt is known from the second in which it ended. Every second is judged, and only those are left out in
which nothing can change: between attempts once the longest window is empty, and for checks that are calm.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any

from omwatch.domain import plain
from omwatch.domain.assessment import CheckState
from omwatch.domain.attempt import Attempt
from omwatch.domain.docket import Docket
from omwatch.domain.proposing import Move, Proposal, propose
from omwatch.watcher.bench import Bench, changes

_SECOND = timedelta(seconds=1)
_TOLD = frozenset({Move.OPEN, Move.EXTEND, Move.REGRADE, Move.RESOLVE, Move.WITHDRAW})

Change = dict[str, Any]


class Replay:
    """One history, judged from its beginning to its end."""

    def __init__(self, bench: Bench, seat: Callable[[str], None], *, every_second: bool = False) -> None:
        """Prepare.

        Args:
            bench: the judge's memory, without seats.
            seat: gives a check its place on the bench; called once, when the check first occurs.
            every_second: leave no second and no check out; for tests, as it changes nothing.
        """
        self.docket = Docket()
        self.attempts = 0
        self._bench = bench
        self._seat = seat
        self._every_second = every_second
        self._seated: set[str] = set()
        self._ended: dict[datetime, list[Attempt]] = {}
        self._ticks: list[datetime] = []
        self._heard_at: datetime | None = None
        self._states: dict[str, CheckState] = {}

    def run(self, attempts: Iterable[Attempt]) -> Iterator[Change]:
        """Return what changes, as plain dictionaries, while the attempts (in the order of their starts) pass by."""
        for attempt in attempts:
            # Whatever comes later ends later, so the seconds before this attempt's start are complete.
            if self._ticks and self._ticks[0] < attempt.at:
                yield from self._until(attempt.at)
            self._add(attempt)
        while self._ticks:
            yield from self._tick()

    def _add(self, attempt: Attempt) -> None:
        if attempt.check not in self._seated:
            self._seated.add(attempt.check)
            self._seat(attempt.check)
        self.attempts += 1
        ended = attempt.at + timedelta(milliseconds=attempt.duration_ms)
        tick = ended.replace(microsecond=0)
        tick = tick if tick == ended else tick + _SECOND
        known = self._ended.get(tick)
        if known is None:
            self._ended[tick] = [attempt]
            heappush(self._ticks, tick)
        else:
            known.append(attempt)

    def _until(self, end: datetime) -> Iterator[Change]:
        while self._ticks and self._ticks[0] < end:
            yield from self._tick()

    def _tick(self) -> Iterator[Change]:
        tick = heappop(self._ticks)
        if self._heard_at is not None:
            yield from self._silence(self._heard_at + _SECOND, min(tick, self._heard_at + self._longest_silence))
        self._heard_at = tick
        self._bench.add_all(self._ended.pop(tick))
        yield from self._judge(tick)

    @property
    def _longest_silence(self) -> timedelta:
        # Once every window is empty there is nothing left that time could change.
        return self._bench.longest_span + 2 * _SECOND

    def _silence(self, now: datetime, end: datetime) -> Iterator[Change]:
        while now < end and (self._every_second or not self._bench.calm):
            yield from self._judge(now)
            now += _SECOND

    def _judge(self, now: datetime) -> Iterator[Change]:
        states = self._bench.judge(now) if self._every_second else self._bench.judge_restless(now)
        for state in changes(self._states, states):
            yield {"at": plain.instant(now), "type": "assessment", **plain.check_state(state)}
        self._states.update({state.assessment.check: state for state in states})
        if states:
            assessments = [state.assessment for state in self._states.values()]
            moves = self.docket.carry_out(propose(assessments, self.docket.pending, (), now))
            yield from (_told(move, now) for move in moves if move.move in _TOLD)


def _told(proposal: Proposal, now: datetime) -> Change:
    item = proposal.suggestion
    gravest = item.evidence[0].count
    return {
        "at": plain.instant(now),
        "type": proposal.move,
        "suggestion": item.id,
        "severity": item.severity,
        "components": list(item.components),
        "failing": gravest.failing,
        "tried": gravest.tried,
        "first_failed_at": plain.instant(item.first_failed_at),
        "reason": item.reason,
    }
