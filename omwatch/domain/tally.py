"""Why a check's attempts fail now: its errors counted by fingerprint, in bounded memory."""

from collections import Counter
from datetime import datetime

from omwatch.domain.attempt import Attempt, Outcome, Unit
from omwatch.domain.fingerprint import Errors, fingerprint

MOST_KEPT = 1000
"""Failed interactions beyond this many are counted no more; the newest tell what is wrong now."""
_MOST_TOLD = 5


class Tally:
    """The failed attempts of one check that may still tell something: of each subject the latest, or one by one."""

    def __init__(self, unit: Unit) -> None:
        """Count in this unit."""
        self._by_subject = unit is Unit.SUBJECT
        self._failed: dict[str | int, tuple[datetime, str]] = {}
        self._next = 0

    def add(self, attempt: Attempt) -> None:
        """Take one finished attempt into account; a broken one says nothing."""
        if attempt.outcome is Outcome.FAILED:
            self._keep(attempt)
        elif self._failed and self._by_subject and attempt.outcome is Outcome.PASSED:
            known = self._failed.get(attempt.subject)
            if known is not None and known[0] < attempt.at:
                del self._failed[attempt.subject]

    def since(self, began: datetime) -> Errors:
        """Return the commonest errors of the attempts that started at ``began`` or later, at most five."""
        if not self._failed:
            return ()
        counts = Counter(words for at, words in self._failed.values() if at >= began)
        return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_MOST_TOLD])

    def _keep(self, attempt: Attempt) -> None:
        key: str | int = attempt.subject
        if not self._by_subject:
            key = self._next
            self._next += 1
            if len(self._failed) >= MOST_KEPT:
                del self._failed[next(iter(self._failed))]
        known = self._failed.get(key)
        if known is None or known[0] <= attempt.at:
            self._failed[key] = attempt.at, fingerprint(attempt.error, attempt.subject)
