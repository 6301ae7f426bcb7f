"""The rules that a home sets for its operators' decisions."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from omwatch.domain.severity import Severity
from omwatch.domain.sla import BRIEF, ServiceLevels


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules that a home sets for its operators' decisions."""

    levels: ServiceLevels = BRIEF
    mail_domain: str = "localhost"
    """The domain of the Message-IDs."""
    hold: timedelta = timedelta()
    """How long a notice waits before it leaves, and can be undone."""
    two_person: frozenset[Severity] = frozenset()
    """The severities that a second person must agree to."""
    zone: str = "America/New_York"
    """In which operators write local times, and windows recur."""
    reports_needed: int = 3
    """So many clients reporting one component suggest an incident."""
    reports_within: timedelta = timedelta(hours=1)
    oncall: tuple[str, ...] = ()
    """The places of on-call, by their fingerprints."""
    remind_before: tuple[timedelta, ...] = (timedelta(minutes=10),)
    """How long before a deadline on-call is reminded."""
    repeat_alarms: timedelta = timedelta(hours=1)
    """How often on-call is told again of what is overdue."""
    alarm_percent: int = 20
    """On-call is told when a greater share of a notice's deliveries fails."""
    templates: Path | None = None
    """The folder with the home's own words for drafts."""
