"""Something to read in full, over the board; any of the usual keys closes it."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen

from omwatch.dashboard.paint import Ink, Line, Piece
from omwatch.dashboard.widgets.prose import Prose


class ReadingScreen(ModalScreen[None]):
    """A title, and lines that wrap and scroll."""

    CSS_PATH = "reading.tcss"
    AUTO_FOCUS = "#lines"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q,question_mark", "leave", "Close")]

    def __init__(self, title: str, lines: Sequence[Line]) -> None:
        """Show these lines."""
        super().__init__()
        self._head = title
        self._lines = tuple(lines)

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical(id="sheet"):
            yield Prose([(Piece(self._head, Ink.ACCENT, bold=True),)], id="head")
            with VerticalScroll(id="lines"):
                yield Prose(self._lines)
            yield Prose([(Piece("Esc", Ink.ACCENT, bold=True), Piece(" closes", Ink.MUTED))], id="foot")

    def action_leave(self) -> None:
        """Go back to the board."""
        self.dismiss()
