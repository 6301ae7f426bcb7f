"""The machine's proposal to an operator: open an incident, of this severity, for these components.

First cut: one suggestion lists every component that fails and that no open incident covers. A dismissed one stays
quiet until its evidence is worse: a graver severity, or a component more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from omwatch.domain.assessment import Assessment
from omwatch.domain.judge import Count, Interval, share_in_words
from omwatch.domain.severity import Severity


class SuggestionState(StrEnum):
    """What became of a suggestion."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    """The evidence went away before anybody decided."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The figures one component puts behind a suggestion."""

    component: str
    severity: Severity
    count: Count
    interval: Interval
    noun: str
    reason: str
    first_failed_at: datetime


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One proposal and what became of it."""

    id: int
    state: SuggestionState
    severity: Severity
    evidence: tuple[Evidence, ...]
    """Worst component first."""
    opened_at: datetime
    first_failed_at: datetime
    """When the first failed attempt behind it started: the incident's start."""
    settled: bool = False
    """True once a dismissed suggestion's components have all been healthy again."""

    @property
    def components(self) -> tuple[str, ...]:
        """The names of its components, worst first."""
        return tuple(item.component for item in self.evidence)

    @property
    def reason(self) -> str:
        """Its evidence in one line of words."""
        return "; ".join(f"{item.component}: {item.reason}" for item in self.evidence)

    @property
    def summary(self) -> str:
        """Its counts in one short line."""
        return "; ".join(f"{item.component}: {share_in_words(item.count, item.noun)}" for item in self.evidence)


class Move(StrEnum):
    """What the judge does to the list of suggestions."""

    OPEN = "open"
    EXTEND = "extend"
    """A component more."""
    REGRADE = "regrade"
    """Another severity."""
    REFRESH = "refresh"
    """The same proposal with newer figures."""
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
    covered: Mapping[str, Severity],
    now: datetime,
) -> list[Proposal]:
    """Return the moves that follow from the present assessments.

    Args:
        assessments: the state of every check.
        suggestions: the open ones, and the dismissed ones that are not settled.
        covered: component → severity of the open incident that lists it.
        now: aware UTC.
    """
    failing = _worst_by_component(assessments)
    moves = [
        Proposal(Move.SETTLE, replace(old, settled=True))
        for old in suggestions
        if old.state is SuggestionState.DISMISSED and not any(name in failing for name in old.components)
    ]
    quiet = [old for old in suggestions if old.state is SuggestionState.DISMISSED]
    uncovered = {name: item for name, item in failing.items() if name not in covered}
    standing = next((old for old in suggestions if old.state is SuggestionState.OPEN), None)
    return moves + _about_open(standing, uncovered, quiet, now)


def _about_open(
    standing: Suggestion | None, uncovered: Mapping[str, Evidence], quiet: Sequence[Suggestion], now: datetime
) -> list[Proposal]:
    if standing is None:
        if not uncovered or any(not _worse(uncovered, old) for old in quiet):
            return []
        return [Proposal(Move.OPEN, _suggestion(0, uncovered, now, now))]
    if not uncovered:
        return [Proposal(Move.WITHDRAW, replace(standing, state=SuggestionState.WITHDRAWN))]
    fresh = _suggestion(standing.id, uncovered, standing.opened_at, standing.first_failed_at)
    if fresh == standing:
        return []
    if set(fresh.components) - set(standing.components):
        return [Proposal(Move.EXTEND, fresh)]
    return [Proposal(Move.REFRESH if fresh.severity is standing.severity else Move.REGRADE, fresh)]


def _worse(uncovered: Mapping[str, Evidence], dismissed: Suggestion) -> bool:
    graver = min(item.severity for item in uncovered.values()) < dismissed.severity
    return graver or bool(set(uncovered) - set(dismissed.components))


def _suggestion(number: int, uncovered: Mapping[str, Evidence], opened_at: datetime, latest: datetime) -> Suggestion:
    evidence = tuple(sorted(uncovered.values(), key=lambda item: (item.severity, item.component)))
    return Suggestion(
        id=number,
        state=SuggestionState.OPEN,
        severity=evidence[0].severity,
        evidence=evidence,
        opened_at=opened_at,
        first_failed_at=min(latest, *(item.first_failed_at for item in evidence)),
    )


def _worst_by_component(assessments: Sequence[Assessment]) -> dict[str, Evidence]:
    worst: dict[str, Evidence] = {}
    for assessment in assessments:
        if not assessment.unhealthy:
            continue
        item = _evidence(assessment)
        known = worst.get(item.component)
        if known is None or item.severity < known.severity:
            worst[item.component] = item
    return worst


def _evidence(assessment: Assessment) -> Evidence:
    assert assessment.severity is not None  # noqa: S101 - the caller asked for unhealthy ones
    return Evidence(
        component=assessment.component,
        severity=assessment.severity,
        count=assessment.count,
        interval=assessment.interval,
        noun=assessment.unit_noun,
        reason=assessment.reason,
        first_failed_at=assessment.first_failed_at or assessment.since,
    )
