"""The header: who we watch for, whether we watch, whether the store answers, and what time it is."""

from omwatch.dashboard import standing
from omwatch.dashboard.paint import Ink, Line, Piece, cut, flowing
from omwatch.dashboard.standing import Standing
from omwatch.dashboard.view import View, failing_deliveries
from omwatch.dashboard.wording import several
from omwatch.domain.safetext import clean


def title(view: View) -> Line:
    """Return the product, and who it watches for."""
    return (Piece("omwatch", Ink.ACCENT, bold=True), Piece(f"  {clean(view.organisation)}", bold=True))


def wall_clock(view: View) -> Line:
    """Return the time here and in the work hours' zone."""
    return (Piece(view.wall.both(), Ink.MUTED),)


def lamps(view: View, width: int) -> list[Line]:
    """Return watcher, store and notices in a line, and one line more for every trouble of ours."""
    lines = flowing([_watcher(view), _store(view), _deliveries(view)], width, separator="   ")
    return lines + [_trouble(text, width) for text in view.troubles]


def watcher_troubled(view: View) -> bool:
    """Tell whether the figures on the screen are old because nobody watches."""
    look = view.overview
    # The state's own enumeration lives in the store, which must not be loaded before the first paint.
    return look is not None and look.watcher_state != "alive"


def _watcher(view: View) -> Line:
    look = view.overview
    if look is None or view.reading.lost:
        return _lamp(standing.UNKNOWN, "watcher unknown")
    if view.starting and watcher_troubled(view):
        return _lamp(standing.UNKNOWN, "watcher starting")
    if look.watcher is None or look.watcher_state == "absent":
        return _lamp(standing.ALARM, "no watcher")
    if look.watcher_state == "stale":
        return _lamp(standing.ALARM, f"watcher stale for {view.wall.age(look.watcher.expires_at)}")
    if look.blind_since:
        return _lamp(standing.ALARM, f"this site is blind since {view.wall.at(look.blind_since)}")
    running, missed = look.watcher.notes.get("running", 0), look.watcher.notes.get("missed", 0)
    late = Piece(f" · {missed} missed", Ink.IMPAIRMENT if missed else Ink.MUTED)
    return (*_lamp(standing.WELL, "watcher alive"), Piece(f" · {running} running", Ink.MUTED), late)


def _store(view: View) -> Line:
    if view.reading.lost:
        return _lamp(standing.ALARM, "store lost")
    return _lamp(standing.WELL, "store ok") if view.overview else _lamp(standing.UNKNOWN, "opening store")


def _deliveries(view: View) -> Line:
    look = view.overview
    if look is None or view.reading.lost:
        return _lamp(standing.UNKNOWN, "notices unknown")
    failing = failing_deliveries(look.delivery_counts)
    if failing:
        return _lamp(standing.WARNING, f"{several(failing, 'notice')} failing")
    return _lamp(standing.WELL, "no notices failing")


def _lamp(face: Standing, text: str) -> Line:
    calm = face in (standing.WELL, standing.UNKNOWN)
    return (face.mark(), Piece(f" {text}", Ink.FOREGROUND if calm else face.ink, bold=not calm))


def _trouble(text: str, width: int) -> Line:
    return cut((Piece("✗ ", Ink.MAINTENANCE), Piece(clean(text), Ink.MAINTENANCE)), width)
