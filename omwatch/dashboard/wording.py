"""Times, shares and sums as operators read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from omwatch.domain.delivery import DeliveryState
from omwatch.domain.judge import Count, plural
from omwatch.domain.sla import in_words
from omwatch.domain.suggestion import Suggestion

_EASTERN = ZoneInfo("America/New_York")
_LONG = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Wall:
    """The clock on the operator's wall: what time it is, and in which zone times are told."""

    now: datetime
    zone: tzinfo | None = None
    """None is the zone of this machine."""

    def both(self) -> str:
        """Return the time here and in the work hours' zone: "15:02:11 CET · 09:02 EST"."""
        here, there = self.now.astimezone(self.zone), self.now.astimezone(_EASTERN)
        return f"{here:%H:%M:%S %Z} · {there:%H:%M %Z}"

    def at(self, instant: datetime) -> str:
        """Return when something was: "14:02:11" today, "22 Nov 14:02" on another day."""
        here, then = self.now.astimezone(self.zone), instant.astimezone(self.zone)
        return f"{then:%H:%M:%S}" if here.date() == then.date() else f"{then.day} {then:%b %H:%M}"

    def age(self, instant: datetime) -> str:
        """Return how long ago something was: "31 s", "12 min", "3 h 5 min", "4 d 2 h"."""
        span = max(timedelta(), self.now - instant)
        return in_words(span) if span < _LONG else f"{span.days} d {span.seconds // 3600} h"


def percent(count: Count) -> str:
    """Return "40.0 %", cut and never rounded up, so that a share below a line never reads as if it had reached it."""
    if not count.tried:
        return "–"
    tenths = count.failing * 1000 // count.tried
    return f"{tenths // 10}.{tenths % 10} %"


def share(count: Count) -> str:
    """Return "20/50"."""
    return f"{count.failing}/{count.tried}"


def several(number: int, noun: str) -> str:
    """Return "1 subscriber" or "3 subscribers"."""
    return f"{number} {plural(noun, number)}"


def tries(number: int) -> str:
    """Return "1 try" or "3 tries"."""
    return f"{number} {'try' if number == 1 else 'tries'}"


def sums(counts: Mapping[DeliveryState, int]) -> str:
    """Return "3 sent, 1 failed"; "no notices" when there are none."""
    told = [f"{counts[state]} {state}" for state in DeliveryState if counts.get(state)]
    return ", ".join(told) or "no notices"


def ranked(suggestions: Sequence[Suggestion]) -> list[Suggestion]:
    """Return the suggestions that wait, worst first; of the same severity, the newest first."""
    return sorted(suggestions, key=lambda item: (item.severity, -item.opened_at.timestamp()))
