"""The failing share as a bar, with the outage line in a cell of its own so that no filling can hide it.

The line's cell divides the bar: below the line the left part is never quite full, and from the line on it always is,
decided in whole numbers. How sure we are shows as shading: strong up to the interval's low end, faint to its high end.
"""

from omwatch.dashboard.paint import Colour, Ink, Line, Piece, Tint, merged
from omwatch.domain.judge import Count, Interval

_EIGHTHS = "▏▎▍▌▋▊▉█"
_FULL = len(_EIGHTHS)
_TRACK = Tint(Ink.LINE, 0.8)
_SURE, _LIKELY, _POSSIBLE = 1.0, 0.72, 0.24
MARK = "│"


def bar(count: Count, interval: Interval, outage_percent: int, ink: Ink, width: int) -> Line:
    """Return a bar of exactly ``width`` cells.

    Args:
        count: the two whole numbers.
        interval: its 95 % interval, in percent.
        outage_percent: where the line is.
        ink: the colour of what is filled.
        width: cells, at least 3.
    """
    scale = _Scale(outage_percent, width)
    filled = scale.filled(count)
    pieces: list[Piece] = []
    for cell in range(width - 1):
        if cell == scale.below:
            pieces.append(_mark(scale, count, interval, ink))
        eighths = max(0, min(_FULL, filled - cell * _FULL))
        pieces.append(_cell(eighths, cell, scale, interval if count.tried else None, ink))
    return merged(tuple(pieces))


class _Scale:
    """From percent to cells: two straight pieces that meet at the line."""

    def __init__(self, outage_percent: int, width: int) -> None:
        self.line = outage_percent
        self.below = max(1, min(width - 2, round((width - 1) * outage_percent / 100)))
        self.above = width - 1 - self.below

    def place(self, percent: float) -> float:
        """Return how many cells from the left a percentage lies, the line's own cell not counted."""
        if percent <= self.line or self.line == 100:  # noqa: PLR2004 - nothing is above 100 %
            return percent / self.line * self.below
        return self.below + (percent - self.line) / (100 - self.line) * self.above

    def filled(self, count: Count) -> int:
        """Return how many eighths of a cell are filled."""
        if not count.failing:
            return 0
        eighths = int(self.place(count.percent) * _FULL)
        border = self.below * _FULL
        return max(border, eighths) if count.reaches(self.line) else max(1, min(border - 1, eighths))


def _cell(eighths: int, cell: int, scale: _Scale, interval: Interval | None, ink: Ink) -> Piece:
    middle = cell + 0.5
    possible = interval is not None and scale.place(interval.low) <= middle <= scale.place(interval.high)
    sure = interval is not None and middle < scale.place(interval.low)
    ground: Colour = Tint(ink, _POSSIBLE) if possible else _TRACK
    if not eighths:
        return Piece(" ", Ink.FOREGROUND, ground)
    strength = _SURE if sure else _LIKELY
    if eighths == _FULL:
        return Piece("█", Tint(ink, strength), Tint(ink, strength))
    return Piece(_EIGHTHS[eighths - 1], Tint(ink, strength), ground)


def _mark(scale: _Scale, count: Count, interval: Interval, ink: Ink) -> Piece:
    if count.failing and count.reaches(scale.line):
        strength = _SURE if interval.low > scale.line else _LIKELY
        return Piece(MARK, Ink.BACKGROUND, Tint(ink, strength), bold=True)
    possible = count.tried and interval.low <= scale.line <= interval.high
    return Piece(MARK, Ink.FOREGROUND, Tint(ink, _POSSIBLE) if possible else _TRACK)
