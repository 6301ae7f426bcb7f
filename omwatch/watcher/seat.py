"""A seat on the bench: all that is known of one check, and what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from omwatch.domain.assessment import Assessment, CheckState, Judged, Trouble, assess
from omwatch.domain.attempt import Attempt, Outcome, Unit
from omwatch.domain.fingerprint import Errors
from omwatch.domain.hurry import Wish
from omwatch.domain.recent import Recent
from omwatch.domain.severity import Severity
from omwatch.domain.site import not_judged
from omwatch.domain.suspicion import PERSIST_SECONDS, Suspicion
from omwatch.domain.tally import Tally
from omwatch.domain.weigh import Signs, weigh

SECOND_LOOK = timedelta(seconds=PERSIST_SECONDS / 3)
"""How long after its failed attempt a subject is tried again."""
ENOUGH_PASSES = 10
"""So many passes in a row make a failure look like a lone one; the rest of the round need not be hurried."""


@dataclass(slots=True)
class Seat:
    """All that is known of one check."""

    judged: Judged
    recent: Recent
    suspicion: Suspicion
    tally: Tally
    subjects: tuple[str, ...]
    lasting: Trouble | None
    """What keeps the check from being tried at all, such as a probe file that does not import."""
    assessment: Assessment | None = None
    broken: dict[str, Attempt] = field(default_factory=dict)
    """By subject, the latest attempts that were broken; the newest last."""
    broken_since: datetime | None = None
    troubled: bool = False
    """Whether there was trouble when the check was last judged."""
    asked: dict[str, datetime] = field(default_factory=dict)
    """By subject, when a hurried attempt was asked for that has not come back."""

    def add_all(self, attempts: Sequence[Attempt]) -> None:
        """Take finished attempts into account."""
        self.suspicion.add_all(attempts)
        for attempt in attempts:
            self.recent.add(attempt)
            self.tally.add(attempt)
            self._note_broken(attempt)
            if self.asked and self.asked.get(attempt.subject, attempt.at) <= attempt.at:
                self.asked.pop(attempt.subject, None)

    @property
    def calm(self) -> bool:
        """Whether neither time nor passed attempts could change the check's severity and trouble: all is well.

        Without evidence against it a check is healthy or gathering, and both leave "no loss of service" as it is.
        """
        known = self.assessment
        if known is None or known.severity is not Severity.NONE or known.clear_since is not None:
            return False
        if self.broken_since is not None or self.troubled:
            return False
        return not self.suspicion.established and self.suspicion.proven_since is None

    def trouble(self, now: datetime) -> Trouble | None:
        """Return why the check's attempts are broken, if any are."""
        # A subject that the configuration no longer names is never tried again, so its trouble has to lapse.
        oldest = now - self.recent.longest_span
        self.broken = {subject: attempt for subject, attempt in self.broken.items() if attempt.at >= oldest}
        if not self.broken:
            self.broken_since = None
        if self.broken_since is None:
            return self.lasting
        newest = next(reversed(self.broken.values()))
        return Trouble(newest.error, self.broken_since)

    def judge(self, now: datetime, blind_since: datetime | None = None) -> CheckState:
        """Return the state of the check now; a blind site goes on with what it knew."""
        windows = self.recent.windows(now)
        if blind_since is None:
            verdict = weigh(windows, self._signs(now), self.judged.rules)
        else:
            verdict = not_judged(windows[-1], blind_since)
        since = self.suspicion.since or self.recent.first_failed_at(now)
        self.assessment = assess(self.judged, self.assessment, verdict, since, now)
        trouble = self.trouble(now)
        self.troubled = trouble is not None
        return CheckState(self.assessment, trouble, self._errors(now))

    def wish(self, now: datetime) -> Wish | None:
        """Return what a hurried attempt should try, or None when hurrying would tell nothing new.

        A failing subject is tried again before anything is believed of it; the rest of the round is brought forward
        while the failures go on. A platform that is down is left in peace.
        """
        if self.assessment is not None and self.assessment.severity is Severity.OUTAGE:
            return None
        unsure = () if self.suspicion.established else self.suspicion.unsure()
        rest = self._rest_of_round()
        asked = {name for name, at in self.asked.items() if now - at < self.judged.round_length / 2}
        # One failing subject is asked again first; where several fail, the others tell more.
        if len(unsure) == 1 or not rest:
            for name, tried_at in unsure:
                if now - tried_at >= SECOND_LOOK and name not in asked:
                    return Wish(name)
        if rest:
            return Wish(self.recent.newest_tried(rest - asked))
        return Wish(None) if unsure else None

    def ask(self, now: datetime) -> Wish | None:
        """Return the same as :meth:`wish`, and remember it, so that a slow attempt is not asked for twice."""
        wish = self.wish(now)
        if wish is not None and wish.subject is not None:
            self.asked[wish.subject] = now
        return wish

    def _rest_of_round(self) -> frozenset[str]:
        since, passes = self.suspicion.since, self.suspicion.passes_since
        if since is None or (passes >= ENOUGH_PASSES and not self.suspicion.established):
            return frozenset()
        return frozenset(self.subjects) - self.recent.tried_since(since)

    def _signs(self, now: datetime) -> Signs:
        since, began = self.suspicion.since, self._began()
        if began is None:
            return Signs()
        return Signs(
            established=self.suspicion.established,
            proven=len(self.suspicion.proven),
            unsure=bool(self.suspicion.unsure()),
            complete=self._complete(began, now),
            since=self.recent.windows_since(since or began, self.suspicion.count, now),
        )

    def _began(self) -> datetime | None:
        known = (self.suspicion.since, self.suspicion.proven_since)
        return min((since for since in known if since is not None), default=None)

    def _errors(self, now: datetime) -> Errors:
        if self.judged.rules.unit is Unit.SUBJECT:
            return self.tally.since(now - self.recent.longest_span)
        began = self._began()
        return () if began is None else self.tally.since(began)

    def _complete(self, since: datetime, now: datetime) -> bool:
        # A subject whose attempt hangs or is broken must not hold the verdict back for ever.
        if now - since >= 2 * self.judged.round_length:
            return True
        return set(self.subjects) <= self.recent.tried_since(since)

    def _note_broken(self, attempt: Attempt) -> None:
        self.broken.pop(attempt.subject, None)
        if attempt.outcome is Outcome.BROKEN:
            self.broken[attempt.subject] = attempt
        if not self.broken:
            self.broken_since = None
        elif self.broken_since is None:
            self.broken_since = attempt.at
