"""The drafts that a home can word itself."""

from enum import StrEnum

FACTS = ("default", "title", "components", "severity", "since", "starts", "ends")
"""What such a draft may speak of, by name."""


class Wording(StrEnum):
    """The drafts that a home can word itself, by the names of their files."""

    INCIDENT_OPENED = "incident-opened"
    INCIDENT_REPORTED = "incident-reported"
    INCIDENT_REGRADED = "incident-regraded"
    INCIDENT_CONTINUITY = "incident-continuity"
    INCIDENT_RESOLVED = "incident-resolved"
    MAINTENANCE_SCHEDULED = "maintenance-scheduled"
    MAINTENANCE_RESCHEDULED = "maintenance-rescheduled"
    MAINTENANCE_REMINDER = "maintenance-reminder"
    MAINTENANCE_IN_PROGRESS = "maintenance-in-progress"
    MAINTENANCE_VERIFYING = "maintenance-verifying"
    MAINTENANCE_COMPLETED = "maintenance-completed"
    MAINTENANCE_CANCELLED = "maintenance-cancelled"
    SUBPROCESSOR_ANNOUNCED = "subprocessor-announced"
