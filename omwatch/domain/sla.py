"""Service levels: what each severity promises, after the brief's "Our SLAs"."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from types import MappingProxyType

from omwatch.domain.severity import Severity

_MINUTE = 60


class Remediation(Enum):
    """When people work on it."""

    ROUND_THE_CLOCK = auto()
    WORK_HOURS = auto()


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """What we owe for one severity."""

    respond_within: timedelta
    remediation: Remediation
    update_every: timedelta | None
    """None: an update whenever there is material progress."""

    def remediation_in_words(self, hours: "WorkHours") -> str:
        """Return when people work on it."""
        return "24/7 until resolved" if self.remediation is Remediation.ROUND_THE_CLOCK else str(hours)

    @property
    def update_every_in_words(self) -> str:
        """When the next update is owed, in words."""
        if self.update_every is None:
            return "when material updates or progress is made"
        return in_words(self.update_every)


@dataclass(frozen=True, slots=True)
class WorkHours:
    """The hours in which people work on what does not need them round the clock. Brief: 6am-4pm U.S. Eastern."""

    opens: str = "06:00"
    closes: str = "16:00"
    zone: str = "America/New_York"

    def __str__(self) -> str:
        """Return "06:00–16:00 America/New_York"."""
        return f"{self.opens}–{self.closes} {self.zone}"


BRIEF: Mapping[Severity, ServiceLevel] = MappingProxyType(
    {
        Severity.OUTAGE: ServiceLevel(timedelta(minutes=30), Remediation.ROUND_THE_CLOCK, timedelta(minutes=60)),
        Severity.IMPAIRMENT: ServiceLevel(timedelta(hours=2), Remediation.WORK_HOURS, None),
        Severity.MINOR: ServiceLevel(timedelta(hours=6), Remediation.WORK_HOURS, None),
        Severity.NONE: ServiceLevel(timedelta(hours=24), Remediation.WORK_HOURS, None),
    }
)
"""The brief's promises, by severity."""


def in_words(span: timedelta) -> str:
    """Return a span as operators say it: "45 s", "30 min", "60 min", "2 h", "2 h 5 min"."""
    seconds = int(span.total_seconds())
    if seconds < _MINUTE:
        return f"{seconds} s"
    minutes = seconds // _MINUTE
    if minutes < 2 * _MINUTE:
        return f"{minutes} min"
    hours, rest = divmod(minutes, _MINUTE)
    return f"{hours} h {rest} min" if rest else f"{hours} h"
