"""The widgets at the top: title, clock, lamps and verdict."""

from collections.abc import Sequence

from omwatch.dashboard.header import lamps, title, wall_clock
from omwatch.dashboard.paint import Colour, Ink, Line, cut, width_of
from omwatch.dashboard.verdict import LINES, Verdict, verdict
from omwatch.dashboard.view import View
from omwatch.dashboard.widgets.lines import Lines


class Title(Lines):
    """The product, and who it watches for."""

    def __init__(self, view: View) -> None:
        """Show this for good."""
        super().__init__(id="title")
        self._line = title(view)

    def draw(self, width: int) -> Sequence[Line]:
        """Return its line."""
        return [cut(self._line, width)]

    def ground(self, line: int) -> Colour:  # noqa: ARG002 - the same for all
        """Return the ground of panels."""
        return Ink.SURFACE


class WallClock(Lines):
    """The time. A widget of its own because Textual repaints a widget's line from its left edge, every second here."""

    def __init__(self, view: View) -> None:
        """Show this view's time until the next."""
        super().__init__(id="clock")
        self.show(view)

    def show(self, view: View) -> None:
        """Show another view's time."""
        self._line = wall_clock(view)
        self.styles.width = width_of(self._line) + 2
        self.redraw()

    def draw(self, width: int) -> Sequence[Line]:
        """Return its line."""
        return [cut(self._line, width)]

    def ground(self, line: int) -> Colour:  # noqa: ARG002 - the same for all
        """Return the ground of panels."""
        return Ink.SURFACE


class Lamps(Lines):
    """Whether we watch, whether the store answers, whether notices arrive, and what troubles us."""

    def __init__(self, view: View) -> None:
        """Show this view until the next."""
        super().__init__(id="lamps")
        self._view = view

    def show(self, view: View) -> None:
        """Show another view."""
        self._view = view
        self.redraw()

    def draw(self, width: int) -> Sequence[Line]:
        """Return its lines."""
        return lamps(self._view, width)

    def ground(self, line: int) -> Colour:  # noqa: ARG002 - the same for all
        """Return the ground of panels."""
        return Ink.SURFACE


class Banner(Lines):
    """The verdict: a suggestion with the keys that decide it, or how things are."""

    def __init__(self, view: View) -> None:
        """Show this view until the next."""
        super().__init__(id="banner")
        self._verdict: Verdict = verdict(view)

    def show(self, view: View) -> None:
        """Show another view."""
        self._verdict = verdict(view)
        self.redraw()

    def draw(self, width: int) -> Sequence[Line]:
        """Return its lines."""
        return self._verdict.lines(width)

    def ground(self, line: int) -> Colour:
        """Return the colour of the verdict, thinned."""
        return self._verdict.ground if line < LINES else Ink.BACKGROUND
