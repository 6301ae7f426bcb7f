"""Is it us? What the site's controls say about attempts that got no answer.

A site whose own network is down sees what an outage of every service looks like. So an attempt that ended without an
answer is held back until the site's controls, addresses of others, have been tried. One of them reached, and it counts;
none of them reached, and the site is blind, and it is broken.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from omwatch.domain.attempt import Attempt, Outcome
from omwatch.domain.judge import Verdict, Window, wilson

GAP = timedelta(seconds=2)
"""Controls belong to others: they are tried no more often than this, however many attempts get no answer."""
LONGEST_GAP = timedelta(seconds=10)
"""While services stay away the gap doubles every minute, up to this."""
_DOUBLES_EVERY = timedelta(minutes=1)


class Site:
    """What is known of one vantage point, and the attempts that wait for more to be known."""

    def __init__(self, every: timedelta) -> None:
        """Begin as a site that sees.

        Args:
            every: how often a blind site tries its controls again.
        """
        self.blind_since: datetime | None = None
        """Since when no control has answered; None while the site sees."""
        self._every = every
        self._sees_again: datetime | None = None
        self._was_blind = ""
        self._held: list[tuple[Attempt, datetime]] = []
        self._looked_at: datetime | None = None
        self._answered = False
        self._first_miss: datetime | None = None
        self._last_miss: datetime | None = None

    def take(self, attempt: Attempt, now: datetime) -> Attempt | None:
        """Return an attempt that has just ended as it counts; None while that depends on the controls."""
        if not attempt.network:
            self._answered = True
            return attempt
        if self.blind_since is not None:
            return _broken(attempt, f"this site is blind since {self.blind_since:%H:%M:%S} UTC: no control answered")
        if self._sees_again is not None and attempt.at < self._sees_again:
            return _broken(attempt, self._was_blind)
        self._note_miss(now)
        self._held.append((attempt, now))
        return None

    def wants_look(self, now: datetime) -> bool:
        """Tell whether the controls should be tried now."""
        if not self._held and self.blind_since is None:
            return False
        if self._looked_at is None:
            return True
        # A blind site to which a service answers may see again; else it waits for its own cadence.
        soon = bool(self._held) or self._answered
        return now - self._looked_at >= (self._gap(now) if soon else self._every)

    def learn(self, began: datetime, now: datetime, *, reached: bool) -> list[Attempt]:
        """Return the attempts held back as they count, now that the controls have been tried.

        Args:
            began: when the first control was tried.
            now: when it was known what came of it.
            reached: whether any control answered.
        """
        held, self._held = self._held, []
        self._looked_at, self._answered = now, False
        if reached:
            self._see_again(began)
            return [attempt for attempt, _ in held]
        if self.blind_since is None:
            self.blind_since = min([began, *(ended for _, ended in held)])
        judged = (self.take(attempt, now) for attempt, _ in held)
        return [attempt for attempt in judged if attempt is not None]

    def _see_again(self, at: datetime) -> None:
        if self.blind_since is not None:
            self._sees_again = at
            self._was_blind = f"this site was blind from {self.blind_since:%H:%M:%S} to {at:%H:%M:%S} UTC"
            self.blind_since = None

    def _note_miss(self, now: datetime) -> None:
        if self._last_miss is None or now - self._last_miss > _DOUBLES_EVERY:
            self._first_miss = now
        self._last_miss = now

    def _gap(self, now: datetime) -> timedelta:
        if self._first_miss is None:
            return GAP
        minutes = min(10, (now - self._first_miss) // _DOUBLES_EVERY)
        return min(LONGEST_GAP, GAP * (1 << minutes))


def not_judged(window: Window, blind_since: datetime) -> Verdict:
    """Return the verdict of a blind site: there is none, and what was known before goes on."""
    reason = f"not judged: this site is blind since {blind_since:%H:%M:%S} UTC"
    return Verdict(None, window.count, wilson(window.count), reason)


def _broken(attempt: Attempt, why: str) -> Attempt:
    return replace(attempt, outcome=Outcome.BROKEN, error=why)
