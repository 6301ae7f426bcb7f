"""The last layer before the terminal: whatever a widget was given, no character that could act gets out."""

from functools import lru_cache

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from omwatch.domain.safetext import is_clean

_INSTEAD = "\ufffd"


class Inert(LineFilter):
    """Replaces control, format and other characters that terminals may obey; each by one that can be seen."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's signature
        """Return the segments with harmless text."""
        return [
            segment if segment.control or _harmless(segment.text) else Segment(_replaced(segment.text), segment.style)
            for segment in segments
        ]


def _harmless(text: str) -> bool:
    return (text.isascii() and text.isprintable()) or _replaced(text) == text


@lru_cache(4096)
def _replaced(text: str) -> str:
    return "".join(character if is_clean(character) else _INSTEAD for character in text)
