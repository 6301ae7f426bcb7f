"""The judge's moves: what the present assessments make of the list of suggestions.

One suggestion to open lists every component that fails and that no open incident covers. For an open incident there is
at most one suggestion: another severity, or that it looks recovered. A dismissed one stays quiet until its evidence is
worse (a graver severity, a component more) or something else is to be said. What clients report and have agreed is
suggested beside that, by the rules of :mod:`omwatch.domain.reported`.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from omwatch.domain.assessment import Assessment
from omwatch.domain.event import Event
from omwatch.domain.fingerprint import Errors
from omwatch.domain.severity import Severity
from omwatch.domain.suggestion import Evidence, Suggestion, SuggestionKind, SuggestionState

_NO_ERRORS: Mapping[str, Errors] = MappingProxyType({})


class Move(StrEnum):
    """What the judge does to the list of suggestions."""

    OPEN = "open"
    EXTEND = "extend"
    """A component more."""
    REGRADE = "regrade"
    """Another severity."""
    REFRESH = "refresh"
    """The same proposal with newer figures."""
    RESOLVE = "resolve"
    """An open incident looks recovered."""
    WITHDRAW = "withdraw"
    SETTLE = "settle"
    """A dismissed suggestion's trouble is over; the next trouble may be suggested afresh."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One move, with the suggestion as it shall be stored; its id is 0 when it is new."""

    move: Move
    suggestion: Suggestion


def propose(
    assessments: Sequence[Assessment],
    suggestions: Sequence[Suggestion],
    incidents: Sequence[Event],
    now: datetime,
    excused: AbstractSet[str] = frozenset(),
    errors: Mapping[str, Errors] = _NO_ERRORS,
) -> list[Proposal]:
    """Return the moves that follow from the present assessments.

    Args:
        assessments: the state of every check.
        errors: check → what its attempts fail with.
        suggestions: the open ones, and the dismissed ones that are not settled.
        incidents: those that go on.
        now: aware UTC.
        excused: components inside a maintenance window of their own; what fails there is recorded, not suggested.
    """
    told = {item.component: item for old in suggestions if old.state is SuggestionState.OPEN for item in old.evidence}
    known = _worst_by_component(assessments, told, errors)
    failing = {name: item for name, item in known.items() if item.severity < Severity.NONE and name not in excused}
    covered = {name for incident in incidents for name in incident.components}
    uncovered = {name: item for name, item in failing.items() if name not in covered}
    moves = _about_new(uncovered, failing, [old for old in suggestions if old.kind is SuggestionKind.OPEN], now)
    for incident in incidents:
        its = [old for old in suggestions if old.incident == incident.id]
        moves += _about_incident(incident, known, its, excused, now)
    gone = {incident.id for incident in incidents}
    orphans = (old for old in suggestions if old.incident is not None and old.incident not in gone)
    return moves + [put_away(old) for old in orphans]


def _about_new(
    uncovered: Mapping[str, Evidence], failing: Mapping[str, Evidence], olds: Sequence[Suggestion], now: datetime
) -> list[Proposal]:
    standing = next((old for old in olds if old.state is SuggestionState.OPEN), None)
    quiet = [old for old in olds if old.state is SuggestionState.DISMISSED]
    settled = [put_away(old) for old in quiet if not set(old.components) & set(failing)]
    if standing is None:
        if not uncovered or any(not _worse(uncovered, old) for old in quiet):
            return settled
        fresh = _suggestion(uncovered, now)
        return [*settled, Proposal(Move.OPEN, fresh)]
    if not uncovered:
        return [*settled, put_away(standing)]
    fresh = replace(
        _suggestion(uncovered, standing.opened_at),
        id=standing.id,
        first_failed_at=min(standing.first_failed_at, _first_failed(uncovered)),
    )
    return [*settled, *changed(standing, fresh)]


def _about_incident(
    incident: Event,
    known: Mapping[str, Evidence],
    olds: Sequence[Suggestion],
    excused: AbstractSet[str],
    now: datetime,
) -> list[Proposal]:
    fresh = _for_incident(incident, known, excused, now)
    moves = [put_away(old) for old in olds if fresh is None or (old.kind, old.severity) != (fresh.kind, fresh.severity)]
    kept = [old for old in olds if fresh is not None and (old.kind, old.severity) == (fresh.kind, fresh.severity)]
    if fresh is None:
        return moves
    if not kept:
        move = Move.RESOLVE if fresh.kind is SuggestionKind.RESOLVE else Move.REGRADE
        return [*moves, Proposal(move, fresh)]
    standing = next((old for old in kept if old.state is SuggestionState.OPEN), None)
    if standing is None:
        return moves
    same = replace(fresh, id=standing.id, opened_at=standing.opened_at, first_failed_at=standing.first_failed_at)
    return moves + changed(standing, same)


def _for_incident(
    incident: Event, known: Mapping[str, Evidence], excused: AbstractSet[str], now: datetime
) -> Suggestion | None:
    its = {name: known[name] for name in incident.components if name in known and name not in excused}
    if len(its) < len(incident.components):
        return None  # a component that gathers, or is under maintenance, says nothing about the incident
    worst = min(item.severity for item in its.values())
    # Under a continuity plan an outage is treated as an impairment on purpose; only its end, or less, is news.
    agreed = incident.under_plan and worst is Severity.OUTAGE
    if worst is incident.severity or agreed:
        return None
    kind = SuggestionKind.RESOLVE if worst is Severity.NONE else SuggestionKind.REGRADE
    return replace(_suggestion(its, now), kind=kind, incident=incident.id, first_failed_at=incident.started_at)


def changed(standing: Suggestion, fresh: Suggestion) -> list[Proposal]:
    """Return the move that makes an open suggestion a fresh one; none when they say the same."""
    if fresh == standing:
        return []
    if set(fresh.components) - set(standing.components):
        return [Proposal(Move.EXTEND, fresh)]
    return [Proposal(Move.REFRESH if fresh.severity is standing.severity else Move.REGRADE, fresh)]


def put_away(old: Suggestion) -> Proposal:
    """Return the move that follows when what was suggested is out of the question."""
    if old.state is SuggestionState.DISMISSED:
        return Proposal(Move.SETTLE, replace(old, settled=True))
    return Proposal(Move.WITHDRAW, replace(old, state=SuggestionState.WITHDRAWN))


def _worse(uncovered: Mapping[str, Evidence], dismissed: Suggestion) -> bool:
    graver = min(item.severity for item in uncovered.values()) < dismissed.severity
    return graver or bool(set(uncovered) - set(dismissed.components))


def _suggestion(items: Mapping[str, Evidence], opened_at: datetime) -> Suggestion:
    evidence = tuple(sorted(items.values(), key=lambda item: (item.severity, item.component)))
    return Suggestion(
        id=0,
        state=SuggestionState.OPEN,
        severity=evidence[0].severity,
        evidence=evidence,
        opened_at=opened_at,
        first_failed_at=_first_failed(items),
    )


def _first_failed(items: Mapping[str, Evidence]) -> datetime:
    return min(item.first_failed_at for item in items.values())


def _worst_by_component(
    assessments: Sequence[Assessment], told: Mapping[str, Evidence], errors: Mapping[str, Errors]
) -> dict[str, Evidence]:
    """Return the worst state of every component; one that seems well while a check of it gathers is not in it.

    While a severity is only held, waiting for its trouble to stay away, the figures are those that were told last: a
    notice of an outage must not say that none of 50 fail.
    """
    worst: dict[str, Evidence] = {}
    for assessment in assessments:
        if assessment.severity is None:
            continue
        known = worst.get(assessment.component)
        if known is None or assessment.severity < known.severity:
            last = told.get(assessment.component)
            held = assessment.clear_since is not None and last is not None and last.severity is assessment.severity
            worst[assessment.component] = (
                last if held and last else _evidence(assessment, assessment.severity, errors.get(assessment.check, ()))
            )
    gathering = {assessment.component for assessment in assessments if assessment.severity is None}
    return {name: item for name, item in worst.items() if item.severity < Severity.NONE or name not in gathering}


def _evidence(assessment: Assessment, severity: Severity, errors: Errors) -> Evidence:
    return Evidence(
        component=assessment.component,
        severity=severity,
        count=assessment.count,
        interval=assessment.interval,
        noun=assessment.unit_noun,
        reason=assessment.reason,
        first_failed_at=assessment.first_failed_at or assessment.since,
        errors=errors,
    )
