"""The recent past of one check, kept ready to be counted in several windows.

Attempts come in as they end and count by when they began, so the past is kept in heaps: adding and forgetting cost
next to nothing however long it is. Only broken attempts leave no trace at all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from omwatch.domain.attempt import Attempt, Outcome, Unit
from omwatch.domain.judge import Count, Window

_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """A named length of time to look back over."""

    name: str
    """Reads like "in the last minute"."""
    length: timedelta


class Recent:
    """The fresh attempts of one check, by the instants at which they started."""

    def __init__(self, unit: Unit, spans: Sequence[Span]) -> None:
        """Look back over ``spans``, shortest first."""
        self._unit = unit
        self._spans = tuple(spans)
        self._failed_at: list[datetime] = []
        self._latest: dict[str, tuple[datetime, bool]] = {}
        self._sliding = [_Sliding(span.length) for span in spans] if unit is Unit.INTERACTION else []

    @property
    def longest_span(self) -> timedelta:
        """How far back this looks."""
        return self._spans[-1].length

    def add(self, attempt: Attempt) -> None:
        """Count one attempt; a broken one counts for nothing."""
        if attempt.outcome is Outcome.BROKEN:
            return
        failed = attempt.outcome is Outcome.FAILED
        # Of two attempts at one instant the failed one counts, whichever came in first.
        known = self._latest.get(attempt.subject)
        if known is None or known < (attempt.at, failed):
            self._latest[attempt.subject] = (attempt.at, failed)
        for sliding in self._sliding:
            sliding.add(attempt.at, failed=failed)
        if failed:
            heappush(self._failed_at, attempt.at)

    def windows(self, now: datetime) -> tuple[Window, ...]:
        """Return the counts of every span, as they are now."""
        if self._unit is Unit.SUBJECT:
            return tuple(Window(span.name, self._subjects_since(now - span.length)) for span in self._spans)
        pairs = zip(self._spans, self._sliding, strict=True)
        return tuple(Window(span.name, sliding.count(now)) for span, sliding in pairs)

    def windows_since(self, since: datetime, counted: Count, now: datetime) -> tuple[Window, ...]:
        """Return the windows that lie wholly after an instant, and one that begins there, shortest first.

        Args:
            since: when the trouble began.
            counted: failing and tried since then, for a check whose unit is the interaction.
            now: aware UTC.
        """
        spans = zip(self._spans, self.windows(now), strict=True)
        within = [window for span, window in spans if now - span.length > since]
        whole = self._subjects_since(since) if self._unit is Unit.SUBJECT else counted
        return (*within, Window(f"since {since:%H:%M:%S} UTC", whole))

    def tried_since(self, since: datetime) -> frozenset[str]:
        """Return the subjects whose latest attempt that counts started at ``since`` or later."""
        return frozenset(name for name, (at, _) in self._latest.items() if at >= since)

    def newest_tried(self, names: Iterable[str]) -> str | None:
        """Return the subject among ``names`` that was tried last, and so will be due last; one never tried, last."""
        return max(names, key=lambda name: (self._latest.get(name, (_EVER, False))[0], name), default=None)

    def first_failed_at(self, now: datetime) -> datetime | None:
        """Return when the oldest failed attempt of the longest span started; None when nothing failed in it."""
        oldest = now - self.longest_span
        while self._failed_at and self._failed_at[0] < oldest:
            heappop(self._failed_at)
        return self._failed_at[0] if self._failed_at else None

    def forget(self, now: datetime) -> None:
        """Let go of what no window reaches any more; for a check that nobody judges for a while."""
        for sliding in self._sliding:
            sliding.count(now)
        self.first_failed_at(now)

    def failing_subjects(self, now: datetime) -> tuple[str, ...]:
        """Return the subjects whose latest fresh attempt failed, in the order of their names."""
        since = now - self.longest_span
        return tuple(sorted(name for name, (at, failed) in self._latest.items() if failed and at >= since))

    def _subjects_since(self, since: datetime) -> Count:
        fresh = [failed for at, failed in self._latest.values() if at >= since]
        return Count(sum(fresh), len(fresh))


class _Sliding:
    """Failing and tried over one span, kept up to date as attempts enter and leave it."""

    def __init__(self, length: timedelta) -> None:
        self._length = length
        self._entries: list[tuple[datetime, bool]] = []
        self._failing = 0

    def add(self, at: datetime, *, failed: bool) -> None:
        heappush(self._entries, (at, failed))
        self._failing += failed

    def count(self, now: datetime) -> Count:
        oldest = now - self._length
        while self._entries and self._entries[0][0] < oldest:
            self._failing -= heappop(self._entries)[1]
        return Count(self._failing, len(self._entries))
