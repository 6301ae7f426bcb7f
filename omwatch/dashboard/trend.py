"""The last half hour of a check, one cell a minute: its failing share, so that a glance tells how it got here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from omwatch.dashboard.paint import Ink, Line, Piece, Tint
from omwatch.domain.judge import Count

MINUTES = 30
_LEVELS = "▂▃▄▅▆▇█"
_NOTHING_FAILED = Piece("▁", Tint(Ink.HEALTHY, 0.5))
_NOT_TRIED = Piece("·", Ink.LINE)


class Rollup(Protocol):
    """What one minute came to."""

    @property
    def minute(self) -> datetime:
        """When it began."""
        ...

    @property
    def passed(self) -> int:
        """How many passed."""
        ...

    @property
    def failed(self) -> int:
        """How many failed."""
        ...


@dataclass(frozen=True, slots=True)
class Trend:
    """The counts of the last thirty minutes, oldest first; None where nothing was tried."""

    minutes: tuple[Count | None, ...] = (None,) * MINUTES


def trend(rollups: Sequence[Rollup], now: datetime) -> Trend:
    """Return the trend up to ``now``."""
    known = {item.minute: Count(item.failed, item.passed + item.failed) for item in rollups}
    latest = now.replace(second=0, microsecond=0)
    minutes = (known.get(latest - timedelta(minutes=back)) for back in reversed(range(MINUTES)))
    return Trend(tuple(count if count and count.tried else None for count in minutes))


def sparkline(shown: Trend, outage_percent: int, width: int) -> Line:
    """Return the trend in ``width`` cells; where minutes share a cell, the worst of them counts."""
    step, cells = -(-MINUTES // width), max(1, width // MINUTES)
    groups = [shown.minutes[max(0, end - step) : end] for end in range(MINUTES, 0, -step)][::-1]
    points = [_point([count for count in group if count], outage_percent) for group in groups]
    drawn = tuple(Piece(point.text * cells, point.ink) for point in points)
    return (Piece(" " * (width - len(drawn) * cells)), *drawn)


def _point(counts: Sequence[Count], outage_percent: int) -> Piece:
    if not counts:
        return _NOT_TRIED
    worst = max(counts, key=lambda count: count.percent)
    if not worst.failing:
        return _NOTHING_FAILED
    level = min(len(_LEVELS) - 1, worst.failing * len(_LEVELS) // worst.tried)
    return Piece(_LEVELS[level], Ink.OUTAGE if worst.reaches(outage_percent) else Ink.IMPAIRMENT)
