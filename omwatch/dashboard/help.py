"""What the keys do and what the glyphs mean."""

from omwatch.dashboard import standing
from omwatch.dashboard.paint import BLANK, Ink, Line, Piece
from omwatch.domain.severity import Severity

_KEYS = (
    ("c", "confirm the suggestion; the notice is shown first"),
    ("d", "dismiss the suggestion, with a reason"),
    ("u", "undo the last notice, while it is held"),
    ("Tab  ← →", "the next or the previous list"),
    ("↑ ↓  PgUp PgDn", "choose a row"),
    ("Enter", "read the chosen row in full"),
    ("t", "the next theme"),
    ("?", "this help"),
    ("q", "quit, and end the watcher if this dashboard started it"),
)


def help_lines() -> list[Line]:
    """Return the help."""
    keys = [(Piece(f"{key:<16}", Ink.ACCENT, bold=True), Piece(text)) for key, text in _KEYS]
    faces = [standing.of_severity(severity) for severity in Severity] + [standing.GATHERING]
    states: list[Line] = [(face.mark(), Piece(f" {face.word}")) for face in faces]
    broken: Line = (standing.BROKEN.mark(), Piece(" Broken: our own probe is at fault; such attempts never count"))
    bar: Line = (Piece("The bar's │ is the outage line. Faint shading shows the 95 % interval."),)
    held: Line = (standing.MAINTENANCE.mark(), Piece(" Under maintenance: what fails there now is not suggested"))
    return [*keys, BLANK, *states, held, broken, BLANK, bar]
