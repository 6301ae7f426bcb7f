"""The bench: judges every check from its recent attempts, and proposes what operators should look at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from omwatch.config.settings import Check, Config
from omwatch.domain.assessment import CheckState, Judged, Trouble
from omwatch.domain.attempt import Attempt, Unit
from omwatch.domain.hurry import Wish
from omwatch.domain.judge import Rules
from omwatch.domain.recent import Recent, Span
from omwatch.domain.suspicion import Noise, Suspicion
from omwatch.domain.tally import Tally
from omwatch.watcher.seat import Seat

__all__ = ["Bench", "Seat", "changes", "judged", "spans"]

_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Bench:
    """The memory of the judge: one seat per check."""

    _seats: dict[str, Seat] = field(default_factory=dict)

    def seat(
        self, judged: Judged, spans: Sequence[Span], subjects: Sequence[str], trouble: Trouble | None = None
    ) -> None:
        """Give a check its place, with the trouble that is known of it from the start."""
        rules = judged.rules
        suspicion = Suspicion(rules.unit, Noise.of(rules.noise_per_mille), judged.round_length / 2)
        recent, tally = Recent(rules.unit, spans), Tally(rules.unit)
        self._seats[judged.check] = Seat(judged, recent, suspicion, tally, tuple(subjects), trouble)

    @property
    def longest_span(self) -> timedelta:
        """How far back any check is looked at."""
        return max((seat.recent.longest_span for seat in self._seats.values()), default=timedelta())

    def remember(self, states: Iterable[CheckState], past: Iterable[Attempt]) -> None:
        """Take up where an earlier watcher left off, so that a restart forgets nothing and changes no "since"."""
        for state in states:
            seat = self._seats.get(state.assessment.check)
            if seat is not None and seat.judged.component == state.assessment.component:
                seat.assessment = state.assessment
        self.add_all([attempt for attempt in past if attempt.check in self._seats])

    def add_all(self, attempts: Iterable[Attempt]) -> None:
        """Take finished attempts into account; those that come together may come in any order."""
        by_check: dict[str, list[Attempt]] = {}
        for attempt in attempts:
            by_check.setdefault(attempt.check, []).append(attempt)
        for check, its in by_check.items():
            self._seats[check].add_all(its)

    def judge(self, now: datetime, blind_since: datetime | None = None) -> list[CheckState]:
        """Return the state of every check now, in the order in which they were seated.

        Args:
            now: aware UTC.
            blind_since: since when the site is blind; its checks keep the severities they had.
        """
        return [seat.judge(now, blind_since) for seat in self._seats.values()]

    def judge_restless(self, now: datetime) -> list[CheckState]:
        """Return the state of every check that may have changed since it was last judged."""
        states: list[CheckState] = []
        for seat in self._seats.values():
            if seat.calm:
                seat.recent.forget(now)
            else:
                states.append(seat.judge(now))
        return states

    @property
    def calm(self) -> bool:
        """Whether nothing will change until an attempt does not pass."""
        return all(seat.calm for seat in self._seats.values())

    def wish(self, check: str, now: datetime) -> Wish | None:
        """Return what a hurried attempt of a check should try; None when it should not hurry."""
        return self._seats[check].ask(now)

    def hurried(self, now: datetime) -> list[str]:
        """Return the checks that should hurry."""
        return [name for name, seat in self._seats.items() if seat.wish(now) is not None]


def judged(check: Check, config: Config, unit: Unit, noun: str) -> Judged:
    """Return what the configuration says about judging one check."""
    rules = Rules(
        unit=unit,
        noun=noun,
        core=not check.supporting,
        outage_percent=config.judge.outage_percent,
        clear_below_percent=config.judge.clear_below_percent,
        minimum=check.minimum,
        noise_per_mille=check.noise_per_mille,
    )
    return Judged(
        check=check.name,
        component=check.component,
        rules=rules,
        clear_for=timedelta(seconds=config.judge.clear_for),
        round_length=timedelta(seconds=check.every_seconds),
    )


def spans(check: Check, look_back_seconds: float) -> tuple[Span, ...]:
    """Return the windows a check is judged in, shortest first.

    The last round reaches back one cadence and one deadline, so that even a round of attempts that all end at their
    deadline is in it whole.
    """
    last_round = Span("in the last round", timedelta(seconds=check.every_seconds + check.deadline_seconds))
    longest = Span(f"in the last {_in_minutes(look_back_seconds)}", timedelta(seconds=look_back_seconds))
    between = Span("in the last minute", _MINUTE)
    ordered = [last_round, *([between] if last_round.length < _MINUTE < longest.length else []), longest]
    return tuple(sorted(ordered, key=lambda span: span.length))


def changes(before: Mapping[str, CheckState], after: Sequence[CheckState]) -> list[CheckState]:
    """Return the states whose severity differs from before, and those whose trouble begins or ends.

    A trouble whose words change is the same trouble: blocked for 1.2 s, then for 1.3 s.
    """
    return [state for state in after if _differs(before.get(state.assessment.check), state)]


def _differs(before: CheckState | None, after: CheckState) -> bool:
    if before is None:
        return True
    if before.assessment.severity is not after.assessment.severity:
        return True
    return (before.trouble is None) is not (after.trouble is None)


def _in_minutes(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds != _MINUTE.total_seconds() else "minute"
