"""The verdict of a watched check: is anything wrong at all, and if so, on which side of the outage line.

Two questions, two tools. *Whether* something is wrong is answered by :mod:`omwatch.domain.suspicion`, which tells
trouble from ordinary noise and says since when. *How bad* it is, is answered here, by the attempts since then, in
several windows (DESIGN §6): the shortest that lies far from the outage line decides, else the longest literally.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from omwatch.domain.attempt import Unit
from omwatch.domain.judge import Count, Rules, Verdict, Window, above_line, beyond_noise, gathering, said, verdict
from omwatch.domain.severity import Severity

_PERCENT = 100
_DEVIATIONS_SQUARED = 9
"""How far from the outage line a short window must be to decide alone: three standard deviations, squared.

One window looked at once could do with two. These are looked at every second, and at a true 25 % two would name an
outage every few minutes (docs/judging.md).
"""


@dataclass(frozen=True, slots=True)
class Signs:
    """What the evidence against a check amounts to now."""

    established: bool = False
    """More fails than the check's ordinary noise explains."""
    proven: int = 0
    """Subjects that fail again and again."""
    unsure: bool = False
    """Another subject failed just now, and will be tried again in a moment."""
    complete: bool = False
    """Every subject was tried since the trouble began, so that nothing is known better in a moment."""
    since: Sequence[Window] = ()
    """Counts of the time since the trouble began only, shortest first; empty while there is none."""


def weigh(windows: Sequence[Window], signs: Signs, rules: Rules) -> Verdict:
    """Grade a check from its windows (shortest first) and the signs of trouble.

    Raises:
        ValueError: no window was given.
    """
    if not windows:
        raise ValueError("judging needs at least one window")
    telling = [window for window in windows if window.count.tried >= rules.minimum]
    if not telling:
        return gathering(windows[-1], rules)
    if not signs.established and not signs.proven:
        return _nothing_yet(telling, rules)
    if not telling[0].count.failing:
        return verdict(Severity.NONE, telling[0], rules)
    return _troubled(telling, signs, rules)


def _nothing_yet(telling: Sequence[Window], rules: Rules) -> Verdict:
    well = verdict(Severity.NONE, telling[-1], rules)
    if not beyond_noise(telling[0].count, rules):
        return well
    # A few seconds prove nothing, but to say that nothing is lost while all of them fail would be a lie.
    return replace(well, reason=f"looking closer: {said(telling[0], rules)}")


def _troubled(telling: Sequence[Window], signs: Signs, rules: Rules) -> Verdict:
    recent = [window for window in signs.since if window.count.tried >= rules.minimum]
    if signs.established and recent:
        deciding = _decider(recent, rules)
        certain = signs.complete or _far_from_line(deciding.count, rules)
        if certain and above_line(deciding.count, rules):
            return verdict(Severity.OUTAGE if rules.core else Severity.MINOR, deciding, rules)
    maybe_two = not signs.established and signs.proven == 1 and signs.unsure
    if not signs.complete or not recent or maybe_two:
        return _looking_closer(signs.since or telling, rules)
    shown = _decider(recent, rules) if signs.established else telling[0]
    alone = rules.unit is Unit.SUBJECT and (shown.count.failing <= 1 if signs.established else signs.proven == 1)
    return verdict(Severity.MINOR if alone or not rules.core else Severity.IMPAIRMENT, shown, rules)


def _decider(windows: Sequence[Window], rules: Rules) -> Window:
    return next((window for window in windows if _far_from_line(window.count, rules)), windows[-1])


def _far_from_line(count: Count, rules: Rules) -> bool:
    line, whole = rules.outage_percent, _PERCENT
    distance = whole * count.failing - line * count.tried
    return distance * distance > _DEVIATIONS_SQUARED * count.tried * line * (whole - line)


def _looking_closer(windows: Sequence[Window], rules: Rules) -> Verdict:
    window = windows[-1]
    return Verdict(
        None, window.count, verdict(Severity.NONE, window, rules).interval, f"looking closer: {said(window, rules)}"
    )
