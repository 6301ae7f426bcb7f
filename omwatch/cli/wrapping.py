"""Lines no wider than a page or a terminal, broken between words."""

import re
import shutil
import sys

from rich.cells import cell_len, chop_cells

_PARTS = re.compile(r"(\s*)(\S+(?:\s(?:s|min|h|%)(?![^\s;,.)]))*)")  # a number keeps its unit
_NARROWEST = 20  # cells; a terminal that says it has fewer is not believed


def wrapped(line: str, rest: str, width: int) -> list[str]:
    """Return a line of text in lines of at most ``width`` cells; a word that is longer than that is broken, too.

    Args:
        line: with its own indentation; what stands between its words stays.
        rest: the indentation of the further lines.
        width: in cells of a terminal.
    """
    lines = [""]
    for gap, word in _PARTS.findall(line):
        if lines[-1].strip() and cell_len(lines[-1] + gap + word) > width:
            lines.append(rest + word)
        else:
            lines[-1] += gap + word
        while cell_len(lines[-1]) > width:
            fits = chop_cells(lines[-1], width)[0]
            lines[-1:] = [fits, rest + lines[-1][len(fits) :]]
    return lines


def say(text: str, hang: int = 0) -> None:
    """Print text; on a terminal its lines are broken between words, while a pipe gets each of them whole.

    Args:
        text: one line or several.
        hang: how far the rest of a line is indented; as far as its beginning unless told.
    """
    if sys.stdout is None or not sys.stdout.isatty():
        print(text)
        return
    width = max(shutil.get_terminal_size().columns, _NARROWEST)
    for line in text.split("\n"):
        indent = " " * (hang or len(line) - len(line.lstrip()))
        print("\n".join(wrapped(line, indent, width)))
