"""The four severities of the brief, and what each is called inside and outside."""

from enum import IntEnum, StrEnum


class Severity(IntEnum):
    """How bad it is; 1 is worst. Brief: "four severity categories"."""

    OUTAGE = 1
    IMPAIRMENT = 2
    MINOR = 3
    NONE = 4

    @property
    def label(self) -> str:
        """The brief's name, as operators say it."""
        return _LABELS[self]

    @property
    def impact(self) -> "Impact":
        """The public face of this severity."""
        return _IMPACTS[self]

    @property
    def component_status(self) -> "ComponentStatus":
        """What the page says of a component that fails with this severity."""
        return _COMPONENT_STATUS[self]


class Impact(StrEnum):
    """Statuspage's word for how bad an event is, seen by the public."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    NONE = "none"


class ComponentStatus(StrEnum):
    """Statuspage's word for the state of a component, seen by the public."""

    OPERATIONAL = "operational"
    DEGRADED_PERFORMANCE = "degraded_performance"
    PARTIAL_OUTAGE = "partial_outage"
    MAJOR_OUTAGE = "major_outage"
    UNDER_MAINTENANCE = "under_maintenance"

    @property
    def label(self) -> str:
        """The words that people read."""
        return self.value.replace("_", " ")


_LABELS = {
    Severity.OUTAGE: "System outage",
    Severity.IMPAIRMENT: "Major impairment",
    Severity.MINOR: "Minor loss of service",
    Severity.NONE: "No loss of service",
}
_IMPACTS = {
    Severity.OUTAGE: Impact.CRITICAL,
    Severity.IMPAIRMENT: Impact.MAJOR,
    Severity.MINOR: Impact.MINOR,
    Severity.NONE: Impact.NONE,
}
_COMPONENT_STATUS = {
    Severity.OUTAGE: ComponentStatus.MAJOR_OUTAGE,
    Severity.IMPAIRMENT: ComponentStatus.PARTIAL_OUTAGE,
    Severity.MINOR: ComponentStatus.DEGRADED_PERFORMANCE,
    Severity.NONE: ComponentStatus.OPERATIONAL,
}
