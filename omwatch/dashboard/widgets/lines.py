"""The base of every live widget: lines of values, painted again only where they differ.

Over a bad line bytes are what an operator waits for, so a clock that moves on by a second sends that second and
nothing else.
"""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from omwatch.dashboard.paint import BLANK, Colour, Ink, Line, Palette, Piece

_MARGIN = 1


class Lines(ScrollView, can_focus=False):
    """Lines that a subclass draws from its value."""

    DEFAULT_CSS: ClassVar[str] = "Lines { scrollbar-size: 0 0; height: auto; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        """Show nothing yet."""
        super().__init__(id=id)
        self._strips: list[Strip] = []
        self._palette: Palette | None = None

    def draw(self, width: int) -> Sequence[Line]:  # noqa: ARG002 - for subclasses
        """Return the lines to show in so many cells."""
        return ()

    def ground(self, line: int) -> Colour:  # noqa: ARG002 - for subclasses
        """Return what a line stands on."""
        return Ink.BACKGROUND

    def margin_mark(self, line: int) -> Line:  # noqa: ARG002 - for subclasses
        """Return what stands in the margin left of a line."""
        return BLANK

    def compose(self) -> ComposeResult:
        """Return no children: everything is painted here."""
        return iter(())

    def on_mount(self) -> None:
        """Follow the theme."""
        self.app.theme_changed_signal.subscribe(self, self._on_theme)

    def _on_theme(self, _theme: object) -> None:
        self._palette = None
        self.redraw()

    def on_resize(self, _event: events.Resize) -> None:
        """Draw for the new width."""
        self.redraw()

    def redraw(self) -> None:
        """Draw anew, and repaint what has become different."""
        width = self.size.width
        if not width or not self.is_attached:
            return
        before, self._strips = self._strips, self._rendered(width)
        if len(before) != len(self._strips) or self.virtual_size.width != width:
            self.virtual_size = Size(width, len(self._strips))
            self.refresh(layout=True)
            return
        regions = [
            Region(start, line - self.hidden_above(line), end - start, 1)
            for line, (old, new) in enumerate(zip(before, self._strips, strict=True))
            for start, end in [changed(old, new)]
            if end > start
        ]
        if regions:
            self.refresh(*regions)

    def hidden_above(self, line: int) -> int:  # noqa: ARG002 - for subclasses
        """Return how many lines are scrolled away above a line."""
        return self.scroll_offset.y

    def render_line(self, y: int) -> Strip:
        """Return one line of what can be seen."""
        line = y + self.hidden_above(y)
        width = self.size.width
        if line < len(self._strips):
            return self._strips[line].adjust_cell_length(width)
        return self.palette.strip(BLANK, width, self.ground(-1))

    @property
    def palette(self) -> Palette:
        """The colours of the theme in use."""
        if self._palette is None:
            self._palette = Palette(self.app.theme_variables)
        return self._palette

    def _rendered(self, width: int) -> list[Strip]:
        drawn = self.draw(width - 2 * _MARGIN)
        return [self._strip(number, line, width) for number, line in enumerate(drawn)]

    def _strip(self, number: int, line: Line, width: int) -> Strip:
        margin = self.margin_mark(number) or (Piece(" " * _MARGIN),)
        return self.palette.strip((*margin, *line), width, self.ground(number))


def changed(old: Strip, new: Strip) -> tuple[int, int]:
    """Return from which cell to which (exclusive) two strips differ; (0, 0) when they do not."""
    if old == new:
        return 0, 0
    before, after = list(_cells(old)), list(_cells(new))
    if len(before) != len(after):
        return 0, max(len(before), len(after))
    start = sum(1 for _ in takewhile(_same, zip(before, after, strict=True)))
    end = sum(1 for _ in takewhile(_same, zip(reversed(before), reversed(after), strict=True)))
    return (start, len(after) - end) if start < len(after) else (0, 0)


def _same(pair: tuple[object, object]) -> bool:
    return pair[0] == pair[1]


def _cells(strip: Strip) -> Iterator[tuple[str, Style | None]]:
    for segment in strip:
        for character in segment.text:
            yield character, segment.style
            for _ in range(cell_len(character) - 1):
                yield "", segment.style
