"""The bench: judges every check from its recent attempts, and proposes what operators should look at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from omwatch.config.settings import Check, Config
from omwatch.domain.assessment import Assessment, CheckState, Judged, Trouble, assess
from omwatch.domain.attempt import Attempt, Outcome, Unit
from omwatch.domain.judge import Rules, judge
from omwatch.domain.recent import Recent, Span

_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class _Seat:
    judged: Judged
    recent: Recent
    lasting: Trouble | None
    """What keeps the check from being tried at all, such as a probe file that does not import."""
    assessment: Assessment | None = None
    broken: dict[str, Attempt] = field(default_factory=dict)
    """By subject, the latest attempts that were broken; the newest last."""
    broken_since: datetime | None = None

    def add(self, attempt: Attempt) -> None:
        self.recent.add(attempt)
        self.broken.pop(attempt.subject, None)
        if attempt.outcome is Outcome.BROKEN:
            self.broken[attempt.subject] = attempt
        if not self.broken:
            self.broken_since = None
        elif self.broken_since is None:
            self.broken_since = attempt.at

    def trouble(self, now: datetime) -> Trouble | None:
        # A subject that the configuration no longer names is never tried again, so its trouble has to lapse.
        oldest = now - self.recent.longest_span
        self.broken = {subject: attempt for subject, attempt in self.broken.items() if attempt.at >= oldest}
        if not self.broken:
            self.broken_since = None
        if self.broken_since is None:
            return self.lasting
        newest = next(reversed(self.broken.values()))
        return Trouble(newest.error, self.broken_since)


@dataclass(slots=True)
class Bench:
    """The memory of the judge: one seat per check."""

    _seats: dict[str, _Seat] = field(default_factory=dict)

    def seat(self, judged: Judged, spans: Sequence[Span], trouble: Trouble | None = None) -> None:
        """Give a check its place, with the trouble that is known of it from the start."""
        self._seats[judged.check] = _Seat(judged, Recent(judged.rules.unit, spans), lasting=trouble)

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
        for attempt in past:
            if attempt.check in self._seats:
                self.add(attempt)

    def add(self, attempt: Attempt) -> None:
        """Take one finished attempt into account."""
        self._seats[attempt.check].add(attempt)

    def judge(self, now: datetime) -> list[CheckState]:
        """Return the state of every check now, in the order in which they were seated."""
        return [self._state(seat, now) for seat in self._seats.values()]

    def _state(self, seat: _Seat, now: datetime) -> CheckState:
        verdict = judge(seat.recent.windows(now), seat.judged.rules)
        seat.assessment = assess(seat.judged, seat.assessment, verdict, seat.recent.first_failed_at(now), now)
        return CheckState(seat.assessment, seat.trouble(now))


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
    return Judged(check.name, check.component, rules, timedelta(seconds=config.judge.clear_for))


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
