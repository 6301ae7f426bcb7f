"""The list of components: what fails, how sure we are of it, since when, and how it came about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from omwatch.dashboard import standing, wording
from omwatch.dashboard.bar import bar
from omwatch.dashboard.paint import Ink, Line, Piece, fitting, left, right, width_of
from omwatch.dashboard.trend import MINUTES, sparkline
from omwatch.dashboard.view import ComponentValue, View, component_values
from omwatch.dashboard.widgets.rows import Rows
from omwatch.dashboard.wording import Wall
from omwatch.domain.assessment import Assessment, CheckState
from omwatch.domain.judge import interval_in_words
from omwatch.domain.safetext import clean

_GAP: Line = (Piece("  "),)
_GLYPH = 2
_PERCENT = 8
_WIDE, _VAST = 100, 150
_SHORTEST_NAME = 12
_AIRY = 24
"""Lines that everything but the components wants."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """How many cells each column has."""

    name: int
    standing: int
    share: int
    bar: int
    trend: int


class Components(Rows[ComponentValue]):
    """One row per check."""

    def __init__(self, view: View) -> None:
        """Show this view until the next."""
        super().__init__(id="components")
        self._view = view
        self.values = component_values(view)

    def update(self, view: View) -> None:
        """Show another view."""
        self._view = view
        self.show(component_values(view))

    def key(self, value: ComponentValue) -> str:
        """Return the check's name."""
        return value.state.assessment.check

    def heading(self, width: int) -> tuple[Line, Line]:
        """Return the names of the columns."""
        if not self.values:
            return (Piece("Components", Ink.MUTED, bold=True),), ()
        columns = _columns(self.values, width)
        line = f"{self._view.outage_percent} %"
        before = max(0, round((columns.bar - 1) * self._view.outage_percent / 100) - len(line) // 2)
        scale = f"{'':<{before}}{line}".ljust(columns.bar)
        captions = (
            *right((Piece("failing/tried", Ink.MUTED),), columns.share + _PERCENT),
            *_GAP,
            Piece(scale, Ink.MUTED),
            *_GAP,
            *right((Piece("last 30 min" if columns.trend >= 11 else "30 min", Ink.MUTED),), columns.trend),  # noqa: PLR2004
        )
        return (Piece("Components", Ink.MUTED, bold=True),), captions

    def spacing(self) -> int:
        """Return a line of air between rows, where there is plenty of it."""
        return int(self.app.size.height >= _AIRY + 3 * len(self.values))

    def row(self, value: ComponentValue, width: int) -> Sequence[Line]:
        """Return the figures in one line and the words in another."""
        columns = _columns(self.values, width)
        return [self._figures(value, columns), self._words(value, columns, width)]

    def nothing(self, width: int) -> Sequence[Line]:  # noqa: ARG002 - short enough
        """Say why there is nothing."""
        opening = self._view.overview is None
        return [(Piece("  waiting for the store" if opening else "  no check has been judged yet", Ink.MUTED),)]

    def _figures(self, value: ComponentValue, columns: _Columns) -> Line:
        item, face = value.state.assessment, _face(value)
        bad = item.unhealthy
        name = (face.mark(), Piece(" "), Piece(clean(item.component), bold=bad))
        said = left((face.said(bold=bad),), columns.standing) if columns.standing else ()
        percent = Piece(wording.percent(item.count), face.ink if bad else Ink.FOREGROUND, bold=bad)
        return (
            *left(name, columns.name),
            *said,
            *right((Piece(wording.share(item.count), bold=bad),), columns.share),
            *right((percent,), _PERCENT),
            *_GAP,
            *bar(item.count, item.interval, self._view.outage_percent, face.ink, columns.bar),
            *_GAP,
            *sparkline(value.trend, self._view.outage_percent, columns.trend),
        )

    def _words(self, value: ComponentValue, columns: _Columns, width: int) -> Line:
        state, wall, face = value.state, self._view.wall, _face(value)
        start: Line = (Piece("  "), face.said(bold=state.assessment.unhealthy))
        if columns.standing:
            start = (Piece("  "),)
        gap = " " if width_of(start) > _GLYPH else ""
        tails = _held(value.maintenance_until, wall) if value.maintenance_until else _tails(state, wall)
        return fitting([(*start, Piece(gap, Ink.MUTED), *tail) for tail in tails], width)


def _face(value: ComponentValue) -> standing.Standing:
    """Return how a component stands; what fails inside its own maintenance window is expected to."""
    return standing.MAINTENANCE if value.maintenance_until else standing.of_check(value.state)


def _held(until: datetime, wall: Wall) -> list[Line]:
    """Return what to say of a component that a maintenance window holds."""
    over = wall.now > until
    when = f"was to end at {wall.at(until)}" if over else f"until {wall.at(until)}"
    return [(Piece(when, Ink.IMPAIRMENT if over else Ink.MUTED),)]


def _tails(state: CheckState, wall: Wall) -> list[Line]:
    """Return what to say of a check behind its standing, longest first."""
    item, trouble = state.assessment, state.trouble
    since, age = f"since {wall.at(item.since)}", f" · {wall.age(item.since)}"
    if trouble and standing.of_check(state) is standing.BROKEN:
        since, age = f"since {wall.at(trouble.since)}", f" · {wall.age(trouble.since)}"
        error = Piece(clean(trouble.error), standing.BROKEN.ink)
        return [(Piece(f"{since}{age} · ", Ink.MUTED), error), (Piece(f"{since} · ", Ink.MUTED), error)]
    if trouble:
        error = Piece(f"some attempts broken: {clean(trouble.error)}", standing.BROKEN.ink)
        return [(Piece(f"{since}{age} · ", Ink.MUTED), error), (Piece(f"{since} · ", Ink.MUTED), error)]
    if item.severity is None:
        reason = clean(item.reason).removeprefix("gathering: ")
        return [(Piece(f"{since}{age} · {reason}", Ink.MUTED),), (Piece(f"· {reason}", Ink.MUTED),)]
    return [(Piece(since + age + rest, Ink.MUTED),) for rest in _reasons(item, wall)]


def _reasons(item: Assessment, wall: Wall) -> list[str]:
    interval = f" · 95 % interval {interval_in_words(item.interval)}"
    if item.clear_since is None:
        return [f" · {clean(item.reason)}", interval]
    better = f" · better since {wall.at(item.clear_since)}"
    return [f" · {clean(item.reason)}", better + interval, better]


def _columns(values: Sequence[ComponentValue], width: int) -> _Columns:
    longest = max((len(wording.share(value.state.assessment.count)) for value in values), default=0)
    share = max(7, longest)
    said = 23 if width >= _VAST else 0
    trend = MINUTES * 2 if width >= _VAST else MINUTES if width >= _WIDE else MINUTES // 2
    gaps = 2 * len(_GAP[0].text)
    names = max((width_of((Piece(clean(v.state.assessment.component)),)) for v in values), default=0) + _GLYPH + 2
    rest = width - said - share - _PERCENT - gaps - trend
    name = max(_SHORTEST_NAME, min(names, rest - 21), 24 if width >= _WIDE else 0)
    return _Columns(name, said, share, max(3, rest - name), trend)
