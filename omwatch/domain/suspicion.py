"""Is something wrong at all? The evidence against a check, told apart from its ordinary noise.

A percentage says how bad a fault is; it cannot say whether there is one. One failed attempt in a hundred is an ordinary
day, and a look at every window every second would find "more than usual" many times a month. So the question is put to
a cumulative sum test, the quickest there is for a given rate of false alarms:

- each failed attempt adds ``log(p1 / p0)`` to a score, each passed one takes ``-log((1 - p1) / (1 - p0))`` away, and
  the score never falls below zero (E. S. Page, "Continuous inspection schemes", Biometrika 41, 1954);
- ``p0`` is the check's ordinary noise and ``p1`` the smallest share worth waking somebody for;
- where the score last left zero is the best guess at when the trouble began (G. Lorden, Annals of Statistics 42, 1971).

Evidence from one moment counts only so much: in any :data:`BLIP` the score may grow by no more than
:data:`FROM_A_BLIP` of its threshold. So a blip of a few seconds is no outage, however many attempts it spoils, and
whatever ordinary noise came before it.

One failing subject hardly moves that score, and need not: the same subject failing again and again is proof of its own.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from omwatch.domain.attempt import Attempt, Outcome, Unit
from omwatch.domain.judge import Count

THRESHOLD = 16.0
"""At noise 1 % one false alarm in 280 million attempts (Markov chain of the score, docs/judging.md)."""
BLIP = timedelta(seconds=5)
"""Trouble no longer than this is nobody's business."""
FROM_A_BLIP = 0.6
"""So much of the threshold may come from one :data:`BLIP`; the rest is about three failures before or after it."""
PERSIST_SECONDS = 7.0
"""One subject's failures must go on for at least this long to prove anything."""
_WORTH_WAKING = 0.10
_TIMES_NOISE = 3.0
_LEAST_NOISE = 0.001
_CHANCE_OF_A_RUN = 1e-9
"""How unlikely a run of failures of one healthy subject must be before it counts as proof."""
_PER_MILLE = 1000


@dataclass(frozen=True, slots=True)
class Noise:
    """What an ordinary day looks like, and what follows from it."""

    share: float
    """The share of attempts that fails on an ordinary day, at least 0.1 %."""

    @classmethod
    def of(cls, per_mille: int) -> "Noise":
        """Return the noise that a check's configuration names."""
        return cls(max(_LEAST_NOISE, per_mille / _PER_MILLE))

    @property
    def failure_weight(self) -> float:
        """What one failed attempt adds to the score."""
        return math.log(self._trouble / self.share)

    @property
    def pass_weight(self) -> float:
        """What one passed attempt takes from the score."""
        return math.log((1 - self.share) / (1 - self._trouble))

    @property
    def run(self) -> int:
        """How many failures in a row of one subject prove that it really fails."""
        return max(2, math.ceil(math.log(_CHANCE_OF_A_RUN) / math.log(self.share)))

    @property
    def _trouble(self) -> float:
        return min(0.9, max(_WORTH_WAKING, _TIMES_NOISE * self.share))


@dataclass(slots=True)
class _Run:
    """Failures of one subject without a pass between them."""

    began: datetime
    latest: datetime
    length: int = 1

    def proves(self, needed: int) -> bool:
        lasted = (self.latest - self.began).total_seconds()
        return self.length >= needed and lasted >= PERSIST_SECONDS


@dataclass(slots=True)
class Suspicion:
    """The evidence against one check, attempt by attempt."""

    unit: Unit
    noise: Noise
    retry_within: timedelta
    """A failing subject tried again sooner than this is a second look at the same thing, not new evidence."""
    score: float = 0.0
    since: datetime | None = None
    """The start of the first attempt of the present run of evidence; None when there is none."""
    established: bool = False
    """True once the score has reached its threshold, until it is back at zero."""
    last_failed_at: datetime | None = None
    passes_since: int = 0
    """Passed attempts since the last failed one."""
    failing: int = 0
    tried: int = 0
    """Attempts since ``since``, whose two whole numbers are :attr:`count`."""
    _runs: dict[str, _Run] = field(default_factory=dict)
    _scores: deque[tuple[datetime, float]] = field(default_factory=deque)
    """The score after each attempt of the last :data:`BLIP`, and after one before it."""

    @property
    def count(self) -> Count:
        """Failed and all attempts since the trouble began."""
        return Count(self.failing, self.tried)

    def add_all(self, attempts: Iterable[Attempt]) -> None:
        """Weigh attempts that became known together; the order in which they are given does not matter."""
        counted = [attempt for attempt in attempts if attempt.outcome is not Outcome.BROKEN]
        for attempt in sorted(counted, key=lambda item: (item.at, item.outcome, item.subject)):
            self._add(attempt)

    @property
    def proven(self) -> tuple[str, ...]:
        """The subjects that fail again and again, in the order of their names."""
        return tuple(sorted(name for name, run in self._runs.items() if run.proves(self.noise.run)))

    @property
    def proven_since(self) -> datetime | None:
        """When the oldest proven run of failures began; None when nothing is proven of any subject."""
        return min((run.began for run in self._runs.values() if run.proves(self.noise.run)), default=None)

    def unsure(self) -> tuple[tuple[str, datetime], ...]:
        """Return failing subjects that nothing is proven of yet, with the start of their latest attempt."""
        unproven = ((name, run) for name, run in self._runs.items() if not run.proves(self.noise.run))
        return tuple(sorted(((name, run.latest) for name, run in unproven), key=lambda item: (item[1], item[0])))

    def _add(self, attempt: Attempt) -> None:
        failed = attempt.outcome is Outcome.FAILED
        again = self._again(attempt)
        if failed:
            self.last_failed_at = attempt.at
            self.passes_since = 0
        else:
            self.passes_since += 1
        if not again:
            self._weigh(attempt.at, failed=failed)
        self._note_run(attempt, failed=failed)

    def _again(self, attempt: Attempt) -> bool:
        run = self._runs.get(attempt.subject)
        return self.unit is Unit.SUBJECT and run is not None and attempt.at - run.latest < self.retry_within

    def _weigh(self, at: datetime, *, failed: bool) -> None:
        if not failed:
            self.score = max(0.0, self.score - self.noise.pass_weight)
            self.tried += 1
            if self.score:
                self._scores.append((at, self.score))
            else:
                self.since, self.established = None, False
                self._scores.clear()
            return
        if self.since is None:
            self.since, self.failing, self.tried = at, 0, 0
        self.failing += 1
        self.tried += 1
        more = self.score + self.noise.failure_weight
        most = min(self._score_at(at - BLIP) + FROM_A_BLIP * THRESHOLD, THRESHOLD + self.noise.failure_weight)
        self.score = max(self.score, min(more, most))
        self._scores.append((at, self.score))
        self.established = self.established or self.score >= THRESHOLD

    def _score_at(self, instant: datetime) -> float:
        while len(self._scores) > 1 and self._scores[1][0] <= instant:
            self._scores.popleft()
        return self._scores[0][1] if self._scores and self._scores[0][0] <= instant else 0.0

    def _note_run(self, attempt: Attempt, *, failed: bool) -> None:
        run = self._runs.get(attempt.subject)
        if not failed:
            self._runs.pop(attempt.subject, None)
        elif run is None:
            self._runs[attempt.subject] = _Run(attempt.at, attempt.at)
        else:
            run.latest = max(run.latest, attempt.at)
            run.length += 1
