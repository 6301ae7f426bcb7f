"""The machine's proposal to an operator: open an incident, regrade one, or resolve it; and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from omwatch.domain.fingerprint import Errors, shared_cause
from omwatch.domain.judge import Count, Interval, share_in_words
from omwatch.domain.severity import Severity


class SuggestionKind(StrEnum):
    """What is proposed."""

    OPEN = "open"
    """An incident for components that fail."""
    REGRADE = "regrade"
    """Another severity for an open incident."""
    RESOLVE = "resolve"
    """The end of an open incident: its components look recovered."""
    REPORTED = "reported"
    """An incident that clients report."""
    CONTINUITY = "continuity"
    """Severity 2 for a system outage whose affected clients all have a business continuity plan."""

    @property
    def judged(self) -> bool:
        """Tell whether it is the judge's, and so follows from attempts; the others follow from clients."""
        return self not in {SuggestionKind.REPORTED, SuggestionKind.CONTINUITY}


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
    errors: Errors = ()
    """What its attempts fail with, the most frequent first."""
    behind: tuple[int, ...] = ()
    """The tickets, or the clients, that it rests on; empty where it rests on attempts."""

    @property
    def said(self) -> str:
        """Its reason, with what it is about."""
        return self.reason if self.behind else f"{self.component}: {self.reason}"

    @property
    def figures(self) -> str:
        """Its counts in words; of what clients say there is no share."""
        return self.reason if self.behind else f"{self.component}: {share_in_words(self.count, self.noun)}"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One proposal and what became of it."""

    id: int
    state: SuggestionState
    severity: Severity
    evidence: tuple[Evidence, ...]
    """Worst component first; the last figures of the recovered ones when it proposes to resolve."""
    opened_at: datetime
    first_failed_at: datetime
    """When the first failed attempt behind it started: the incident's start."""
    settled: bool = False
    """True once what a dismissed suggestion proposed is out of the question, so that it may come up afresh."""
    kind: SuggestionKind = SuggestionKind.OPEN
    incident: int | None = None
    """The open incident that it is about; None when it proposes a new one."""

    @property
    def components(self) -> tuple[str, ...]:
        """The names of its components, worst first."""
        return tuple(item.component for item in self.evidence)

    @property
    def reason(self) -> str:
        """Its evidence in one line of words."""
        return "; ".join(dict.fromkeys(item.said for item in self.evidence))

    @property
    def cause(self) -> str:
        """What its components' errors have in common, in words; empty when they share nothing, or there is only one."""
        return shared_cause({item.component: item.errors for item in self.evidence})

    @property
    def summary(self) -> str:
        """Its counts in one short line."""
        return "; ".join(dict.fromkeys(item.figures for item in self.evidence))

    @property
    def behind(self) -> frozenset[int]:
        """The tickets, or the clients, that it rests on; empty when it rests on attempts."""
        return frozenset(number for item in self.evidence for number in item.behind)
