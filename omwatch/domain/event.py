"""Events on the page: what kinds there are, which statuses they pass through, and in which order."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from omwatch.domain.severity import ComponentStatus, Severity


class EventKind(StrEnum):
    """The brief's types of notification, and the subprocessor notice."""

    INCIDENT = "incident"
    MAINTENANCE = "maintenance"
    HOTFIX = "hotfix"
    SUBPROCESSOR = "subprocessor"


class IncidentStatus(StrEnum):
    """Where an incident stands, in Statuspage's words."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    POSTMORTEM = "postmortem"

    @property
    def open(self) -> bool:
        """Tell whether the incident goes on."""
        return self not in {IncidentStatus.RESOLVED, IncidentStatus.POSTMORTEM}


@dataclass(frozen=True, slots=True)
class Update:
    """One dated public statement on an event."""

    id: int
    status: IncidentStatus
    text: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """A service interruption that an operator confirmed."""

    id: int
    title: str
    severity: Severity
    status: IncidentStatus
    components: dict[str, ComponentStatus]
    started_at: datetime
    """When the first failed attempt started, not when somebody clicked."""
    created_at: datetime
    updates: tuple[Update, ...] = ()
    """Oldest first."""
