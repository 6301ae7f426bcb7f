"""Lines of values as Textual content, for what is read once and may wrap."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from omwatch.dashboard.paint import Ink, Line, Piece, Tint, variable


class Prose(Static):
    """Text that wraps; never markup."""

    def __init__(self, lines: Sequence[Line] = (), *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Show these lines."""
        super().__init__(content(lines), id=id, markup=False)

    def say(self, *lines: Line) -> None:
        """Show other lines."""
        self.update(content(lines))


def content(lines: Sequence[Line]) -> Content:
    """Return lines as Textual content."""
    return Content("\n").join([Content.assemble(*(_styled(piece) for piece in line)) for line in lines])


def _styled(piece: Piece) -> tuple[str, str]:
    ink = piece.ink.ink if isinstance(piece.ink, Tint) else piece.ink
    plain = "" if ink is Ink.FOREGROUND else f"${variable(ink)}"
    return piece.text, f"{'bold ' if piece.bold else ''}{plain}".strip()
