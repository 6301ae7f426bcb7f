"""Lines of coloured text as plain values, so that what a screen says can be made and tested without a screen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip

ELLIPSIS = "…"


class Ink(StrEnum):
    """What a colour means; which colour that is, the theme says. Values are the names of the theme's keys."""

    BACKGROUND = "background"
    SURFACE = "surface"
    FOREGROUND = "foreground"
    MUTED = "muted"
    ACCENT = "accent"
    LINE = "line"
    OUTAGE = "outage"
    IMPAIRMENT = "impairment"
    MINOR = "minor"
    HEALTHY = "healthy"
    GATHERING = "gathering"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Tint:
    """An ink thinned with the background."""

    ink: Ink
    strength: float = 1.0
    """From 0, which is the background, to 1, the ink itself."""


Colour = Ink | Tint


def variable(ink: Ink) -> str:
    """Return the name under which style sheets know an ink."""
    return f"ink-{ink}"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text in one style."""

    text: str
    ink: Colour = Ink.FOREGROUND
    ground: Colour | None = None
    """None: whatever the widget stands on."""
    bold: bool = False


Line = tuple[Piece, ...]
BLANK: Line = ()


def width_of(line: Iterable[Piece]) -> int:
    """Return how many cells a line takes."""
    return sum(cell_len(piece.text) for piece in line)


def cut(line: Line, width: int) -> Line:
    """Return a line that takes at most ``width`` cells; an ellipsis says that something is missing."""
    if width_of(line) <= width:
        return line
    room, kept = max(0, width - 1), list[Piece]()
    for piece in line:
        size = cell_len(piece.text)
        if size <= room:
            kept.append(piece)
            room -= size
            continue
        kept.append(Piece(_cut_words(piece.text, room) + ELLIPSIS, piece.ink, piece.ground, piece.bold))
        break
    return tuple(kept) if width else BLANK


def _cut_words(text: str, room: int) -> str:
    """Return what fits, without half a word where there is a space to cut at."""
    fits = chop_cells(text, room)[0] if room else ""
    if text[len(fits) : len(fits) + 1].isspace():
        return fits.rstrip()
    whole, space, _ = fits.rpartition(" ")
    return (whole if space and whole.strip() else fits).rstrip()


def cut_text(text: str, width: int) -> str:
    """Return text of at most ``width`` cells."""
    return "".join(piece.text for piece in cut((Piece(text),), width))


def left(line: Line, width: int) -> Line:
    """Return the line in a column of ``width`` cells, at its left edge."""
    shown = cut(line, width)
    return (*shown, Piece(" " * (width - width_of(shown))))


def right(line: Line, width: int) -> Line:
    """Return the line in a column of ``width`` cells, at its right edge."""
    shown = cut(line, width)
    return (Piece(" " * (width - width_of(shown))), *shown)


def spread(start: Line, end: Line, width: int) -> Line:
    """Return one line with ``start`` at the left edge and ``end`` at the right; the start gives way."""
    shown = cut(end, width)
    room = width - width_of(shown)
    return (*left(cut(start, max(0, room - 2)), room), *shown)


def fitting(candidates: Sequence[Line], width: int) -> Line:
    """Return the first candidate that fits, or the last one cut short."""
    for candidate in candidates:
        if width_of(candidate) <= width:
            return candidate
    return cut(candidates[-1], width)


def flowing(parts: Sequence[Line], width: int, separator: str = " · ") -> list[Line]:
    """Return parts side by side, in as many lines as they need, none of them broken in two."""
    lines: list[Line] = []
    for part in parts:
        joined = (*lines[-1], Piece(separator, Ink.MUTED), *part) if lines else part
        if lines and width_of(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(cut(part, width))
    return lines


def wrapped(piece: Piece, width: int, most: int) -> list[Line]:
    """Return a piece in at most ``most`` lines, broken between words; what is left over is cut."""
    lines: list[str] = []
    for word in piece.text.split():
        if lines and cell_len(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        elif len(lines) < most:
            lines.append(word)
        else:
            lines[-1] += f" {word}"  # too long on purpose: the cut below says that something is missing
    return [cut((Piece(line, piece.ink, piece.ground, piece.bold),), width) for line in lines]


def merged(line: Line) -> Line:
    """Return the same in fewer pieces: every change of style costs some forty bytes on the way to the terminal.

    Spaces have no ink, so they join whatever stands before them on the same ground.
    """
    joined: list[Piece] = []
    for piece in line:
        last = joined[-1] if joined else None
        same = last and last.ground == piece.ground
        if last and same and (piece.text.isspace() or (last.ink, last.bold) == (piece.ink, piece.bold)):
            joined[-1] = replace(last, text=last.text + piece.text)
        elif last and same and last.text.isspace():
            joined[-1] = replace(piece, text=last.text + piece.text)
        elif piece.text:
            joined.append(piece)
    return tuple(joined)


class Palette:
    """The colours of one theme, as styles that a terminal gets."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        """Read the inks from the variables of a Textual theme."""
        self._colours = {ink: Color.parse(variables[variable(ink)]) for ink in Ink}
        self._style = lru_cache(512)(self._make)

    def strip(self, line: Line, width: int, ground: Colour) -> Strip:
        """Return a line as what Textual paints: exactly ``width`` cells on ``ground``."""
        pieces = merged(left(line, width))
        return Strip([Segment(piece.text, self._style(piece, ground)) for piece in pieces], width)

    def _make(self, piece: Piece, ground: Colour) -> Style:
        behind = self._colour(piece.ground or ground)
        return Style(color=self._colour(piece.ink).rich_color, bgcolor=behind.rich_color, bold=piece.bold or None)

    def _colour(self, colour: Colour) -> Color:
        if isinstance(colour, Ink):
            return self._colours[colour]
        return self._colours[Ink.BACKGROUND].blend(self._colours[colour.ink], colour.strength)
