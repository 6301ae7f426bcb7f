"""Tables as CSV: read row by row, so that what is wrong with one costs no other; written so that no cell can act.

Every line is a row of its own: a stray quotation mark spoils one row, and not the rest of the file. Cells that a
spreadsheet would take for a formula are written with an apostrophe before them, and read without it.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

_FORMULA = re.compile("'*\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20]")  # the last four are wide forms of the others
_DELIMITERS = ",;\t"
_LONGEST_LINE = 10_000
_NOT_OF_A_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Cells:
    """One row: its cells by the names of their columns."""

    line: int
    """Where it stands in the file, from 1."""
    cells: Mapping[str, str]

    def get(self, *columns: str) -> str | None:
        """Return the cell of the first of these columns that there is, without space around it; None for none."""
        return next((self.cells[name] for name in columns if name in self.cells), None)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One row that is not taken."""

    line: int
    why: str
    """In words that may be shown: what may hold a secret is no part of them."""


class Unreadable(ValueError):
    """The table as a whole makes no sense; the message says why."""


class Table:
    """Rows under a first line that names their columns."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Read the names of the columns.

        Args:
            lines: the file's lines, without a byte order mark.

        Raises:
            Unreadable: there is no line, or the first cannot be read.
        """
        self._lines = enumerate(lines, start=1)
        first = next(((place, line) for place, line in self._lines if line.strip()), None)
        if first is None:
            raise Unreadable("is empty; its first line must name the columns")
        place, line = first
        self._delimiter = max(_DELIMITERS, key=line.count)
        try:
            self.columns = [column_name(cell) for cell in self._split(line)]
        except ValueError as error:
            raise Unreadable(f"line {place}: {error}") from None

    def __iter__(self) -> Iterator[Cells | Mistake]:
        """Return the rows in their order, and those that cannot be read with the reason; empty ones are left out."""
        for place, line in self._lines:
            try:
                cells = self._split(line)
            except ValueError as error:
                yield Mistake(place, str(error))
                continue
            if len(cells) > len(self.columns) and any(cells[len(self.columns) :]):
                yield Mistake(place, f"has {len(cells)} cells, and the first line names {len(self.columns)} columns")
            elif any(cells):
                rest = [""] * (len(self.columns) - len(cells))
                yield Cells(place, dict(zip(self.columns, [*cells, *rest], strict=False)))

    def _split(self, line: str) -> list[str]:
        if len(line) > _LONGEST_LINE:
            raise ValueError(f"is longer than {_LONGEST_LINE:,} characters")
        try:
            found = next(csv.reader([line.rstrip("\r\n")], delimiter=self._delimiter, strict=True), [])
        except csv.Error:
            raise ValueError("has a quotation mark that does not end, or ends within a cell") from None
        return [_as_meant(cell.strip()) for cell in found]


def column_name(cell: str) -> str:
    """Return the name of a column as it is known here: "least_severity" for "Least severity"."""
    return _NOT_OF_A_NAME.sub("_", cell.lower()).strip("_")


def line_of(cells: Sequence[str]) -> str:
    """Return one line of a table, with its end."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow([_harmless(cell) for cell in cells])
    return written.getvalue()


def _harmless(cell: str) -> str:
    one_line = " ".join(re.split(r"[\t\r\n]", cell)).strip()
    return f"'{one_line}" if _FORMULA.match(one_line) else one_line


def _as_meant(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell
