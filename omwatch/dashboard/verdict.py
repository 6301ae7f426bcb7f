"""The verdict: the one thing an operator must know now, in two lines that never move."""

from collections.abc import Sequence
from dataclasses import dataclass

from omwatch.dashboard import standing
from omwatch.dashboard.header import watcher_troubled
from omwatch.dashboard.paint import Ink, Line, Piece, Tint, fitting, spread, width_of
from omwatch.dashboard.standing import Standing
from omwatch.dashboard.view import View
from omwatch.dashboard.wording import Wall, ranked, several
from omwatch.domain.assessment import CheckState
from omwatch.domain.fingerprint import summary
from omwatch.domain.judge import interval_in_words, share_in_words
from omwatch.domain.safetext import clean
from omwatch.domain.severity import Severity
from omwatch.domain.suggestion import Evidence, Suggestion, SuggestionKind

LINES = 2
_KEYS: Line = (
    Piece("[c]", Ink.ACCENT, bold=True),
    Piece(" confirm  "),
    Piece("[d]", Ink.ACCENT, bold=True),
    Piece(" dismiss"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to say, in the colour to say it in."""

    ink: Ink
    heads: tuple[Line, ...]
    """The first line, longest wording first."""
    details: tuple[Line, ...]
    """The second line, longest wording first."""
    keys: Line = ()

    @property
    def ground(self) -> Tint:
        """What it stands on: a breath of its own colour, more of it when an operator is needed."""
        return Tint(self.ink, 0.2 if self.keys else 0.08)

    def lines(self, width: int) -> list[Line]:
        """Return its two lines."""
        indent = Piece("  ")
        detail = fitting([(indent, *candidate) for candidate in self.details], width)
        head = fitting(self.heads, width - width_of(self.keys) - 2 if self.keys else width)
        return [spread(head, self.keys, width), detail]


def verdict(view: View) -> Verdict:
    """Return what matters most: a lost store, a suggestion, a missing watcher, or how the components are."""
    look = view.overview
    if view.reading.lost:
        return _lost(view)
    if look is None:
        return _said(standing.UNKNOWN, "Opening the store", "components appear as soon as it answers")
    if look.suggestions:
        return _suggested(ranked(look.suggestions), view.wall, _KEYS if view.may_decide else ())
    if not look.checks:
        return _said(standing.UNKNOWN, "Nothing is watched yet", _no_checks(view))
    if watcher_troubled(view):
        face, head = (standing.UNKNOWN, "Watcher starting") if view.starting else (standing.ALARM, "Nobody is watching")
        judged = look.watcher.renewed_at if look.watcher else None
        when = f"the figures below are of {view.wall.at(judged)}" if judged else "start one with 'omwatch watch'"
        return _said(face, head, when)
    held = [state for state in look.checks if state.assessment.component in look.under_maintenance]
    rest = [state for state in look.checks if state not in held]
    return (
        _components(view, rest) if rest else _said(standing.MAINTENANCE, "Everything is under maintenance", _calm(view))
    )


def _lost(view: View) -> Verdict:
    since = f" since {view.wall.at(view.reading.lost_since)}" if view.reading.lost_since else ""
    figures = " · the figures below are from before" if view.reading.overview else ""
    return _said(standing.ALARM, f"Store lost{since}{figures}", clean(view.reading.lost))


def _no_checks(view: View) -> str:
    if view.starting:
        return "the watcher is starting; components appear with its first attempts"
    if watcher_troubled(view):
        return "no watcher has run here; 'omwatch watch' starts one"
    return "config.toml enables no check, or the watcher has only just started"


def _suggested(waiting: Sequence[Suggestion], wall: Wall, keys: Line) -> Verdict:
    first, face = waiting[0], standing.of_severity(waiting[0].severity)
    more = f" · {len(waiting) - 1} more" if len(waiting) > 1 else ""
    glyph = Piece(f"{face.glyph} ", face.ink, bold=True)
    short: Line = (
        Piece(_proposed(first, face), face.ink, bold=True),
        Piece(f" · since {wall.at(first.first_failed_at)}{more}"),
    )
    heads: tuple[Line, ...] = ((glyph, Piece("Suggested: "), *short), (glyph, *short))
    told = [*_with_errors(first), *_evidence(first.evidence)] if first.kind.judged else [clean(first.reason)]
    details = tuple((Piece(text),) for text in told)
    return Verdict(face.ink, heads, details, keys)


def _with_errors(first: Suggestion) -> list[str]:
    """Return the figures and what they fail with, where that is one thing: a shared cause, or one component's."""
    figures = _evidence(first.evidence)[0]
    why = first.cause or (summary(first.evidence[0].errors) if len(first.evidence) == 1 else "")
    return [f"{figures} · {clean(why)}"] if why else []


def _proposed(first: Suggestion, face: Standing) -> str:
    if first.kind is SuggestionKind.RESOLVE:
        return f"incident {first.incident} looks recovered"
    word = face.word.upper()
    return word if first.incident is None else f"regrade incident {first.incident} to {word}"


def _evidence(evidence: Sequence[Evidence]) -> list[str]:
    """Return the figures behind a suggestion in words, longest first."""
    full = [
        f"{clean(item.component)}: {share_in_words(item.count, clean(item.noun))}"
        f" · 95 % interval {interval_in_words(item.interval)}"
        for item in evidence
    ]
    short = [f"{clean(item.component)} {item.count.failing}/{item.count.tried}" for item in evidence]
    fewer = [f"{', '.join(short[:kept])} and {len(short) - kept} more" for kept in range(len(short) - 1, 0, -1)]
    return ["; ".join(full), ", ".join(short), *fewer]


def _components(view: View, checks: Sequence[CheckState]) -> Verdict:
    faces = [standing.of_check(state) for state in checks]
    total = several(len(checks), "component")
    failing, broken = [state for state in checks if state.assessment.unhealthy], faces.count(standing.BROKEN)
    if failing:
        worst = standing.of_severity(min(state.assessment.severity or Severity.NONE for state in failing))
        names = ", ".join(clean(state.assessment.component) for state in failing)
        blind = f" · {broken} cannot be judged" if broken else ""
        return _said(worst, f"{len(failing)} of {total} failing", f"{names}{blind} · nothing waits for a decision")
    if broken:
        detail = "our own probes are at fault, not the service; see the reasons below"
        return _said(standing.BROKEN, f"{broken} of {total} cannot be judged", detail)
    gathering = faces.count(standing.GATHERING)
    if gathering:
        return _said(standing.GATHERING, f"Gathering: {gathering} of {total} not judged yet", _calm(view))
    everything = f"All {total}" if len(checks) > 1 else clean(checks[0].assessment.component)
    return _said(standing.OPERATIONAL, f"{everything} operational", _calm(view))


def _calm(view: View) -> str:
    look = view.overview
    number = look.subscriber_count if look else 0
    people = f"a notice would reach {several(number, 'subscriber')}" if number else "no subscribers yet"
    return f"nothing waits for a decision · {people}"


def _said(face: Standing, head: str, detail: str) -> Verdict:
    glyph = Piece(f"{face.glyph} ", face.ink, bold=True)
    return Verdict(face.ink, ((glyph, Piece(head, face.ink, bold=True)),), ((Piece(detail, Ink.MUTED),),))
