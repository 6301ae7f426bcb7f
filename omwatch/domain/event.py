"""Events on the page: what kinds there are, which statuses they pass through, and in which order."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from omwatch.domain.severity import ComponentStatus, Severity


class EventKind(StrEnum):
    """The brief's types of notification, and the subprocessor notice."""

    INCIDENT = "incident"
    MAINTENANCE = "maintenance"
    HOTFIX = "hotfix"
    SUBPROCESSOR = "subprocessor"


class EventStatus(StrEnum):
    """Where an event stands, in Statuspage's words where it has one."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    POSTMORTEM = "postmortem"
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    VERIFYING = "verifying"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    ANNOUNCED = "announced"
    """A subprocessor notice stands from the start, and never changes its status."""

    @property
    def open(self) -> bool:
        """Tell whether the event goes on now; a maintenance that is only scheduled does not yet."""
        return self in _OPEN

    @property
    def label(self) -> str:
        """The words that people read."""
        return self.value.replace("_", " ")


_OPEN = frozenset(
    {
        EventStatus.INVESTIGATING,
        EventStatus.IDENTIFIED,
        EventStatus.MONITORING,
        EventStatus.IN_PROGRESS,
        EventStatus.VERIFYING,
    }
)
_WORKED_ON = frozenset({EventStatus.INVESTIGATING, EventStatus.IDENTIFIED, EventStatus.MONITORING})
_AFTER = _WORKED_ON | {EventStatus.POSTMORTEM}

TRANSITIONS: Mapping[EventKind, Mapping[EventStatus | None, AbstractSet[EventStatus]]] = MappingProxyType(
    {
        EventKind.INCIDENT: {
            None: _WORKED_ON,
            EventStatus.INVESTIGATING: _WORKED_ON | {EventStatus.RESOLVED},
            EventStatus.IDENTIFIED: _WORKED_ON | {EventStatus.RESOLVED},
            EventStatus.MONITORING: _WORKED_ON | {EventStatus.RESOLVED},
            EventStatus.RESOLVED: _AFTER,
            EventStatus.POSTMORTEM: _AFTER,
        },
        EventKind.MAINTENANCE: {
            None: {EventStatus.SCHEDULED},
            EventStatus.SCHEDULED: {EventStatus.SCHEDULED, EventStatus.IN_PROGRESS, EventStatus.CANCELLED},
            EventStatus.IN_PROGRESS: {EventStatus.IN_PROGRESS, EventStatus.VERIFYING, EventStatus.COMPLETED},
            EventStatus.VERIFYING: {EventStatus.IN_PROGRESS, EventStatus.VERIFYING, EventStatus.COMPLETED},
            EventStatus.COMPLETED: frozenset(),
            EventStatus.CANCELLED: frozenset(),
        },
        EventKind.HOTFIX: {
            None: {EventStatus.POSTMORTEM},
            EventStatus.POSTMORTEM: {EventStatus.POSTMORTEM},
        },
        EventKind.SUBPROCESSOR: {
            None: {EventStatus.ANNOUNCED},
            EventStatus.ANNOUNCED: {EventStatus.ANNOUNCED},
        },
    }
)
"""Every transition there is: kind → present status (None: not begun) → what an update may make of it.

An update that keeps the status says more about it. A resolved incident may be re-opened. Brief, "Types of
Notifications": a hotfix is "documented as a POSTMORTEM event", so it begins as one.
"""


def refusal(kind: EventKind, present: EventStatus | None, wanted: EventStatus) -> str:
    """Return why an event cannot become that, with what it can; empty when it can."""
    allowed = TRANSITIONS[kind].get(present, frozenset())
    if wanted in allowed:
        return ""
    begins = "must begin as" if present is None else f"that is {present.label} can become"
    choices = [status.label for status in EventStatus if status in allowed]
    if not choices:
        return f"a {kind} that is {present.label if present else 'new'} stays so; it cannot become {wanted.label}"
    listed = f"{', '.join(choices[:-1])} or {choices[-1]}" if len(choices) > 1 else choices[0]
    article = "an" if kind is EventKind.INCIDENT else "a"
    return f"{article} {kind} {begins} {listed}, not {wanted.label}"


class MaintenanceKind(StrEnum):
    """Why the platform is worked on. Brief, "Maintenance Updates": planned, to correct an incident, code elevation."""

    PLANNED = "planned"
    CORRECTIVE = "corrective"
    CODE_ELEVATION = "code elevation"


class ByClock(StrEnum):
    """What of a maintenance the clock does by itself; the rest waits for a hand."""

    BOTH = "both"
    START = "start"
    COMPLETION = "completion"
    NONE = "none"

    @property
    def starts(self) -> bool:
        """Tell whether the clock starts it."""
        return self in {ByClock.BOTH, ByClock.START}

    @property
    def completes(self) -> bool:
        """Tell whether the clock completes it."""
        return self in {ByClock.BOTH, ByClock.COMPLETION}


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when something is planned; aware UTC."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Maintenance:
    """What a maintenance has beyond other events."""

    kind: MaintenanceKind = MaintenanceKind.PLANNED
    by_clock: ByClock = ByClock.BOTH
    remind_before: tuple[timedelta, ...] = (timedelta(hours=1),)
    """How long before its start subscribers are reminded; several are allowed."""
    corrects: int | None = None
    """The incident that it corrects."""
    series: int | None = None
    """The recurring series that it belongs to."""


@dataclass(frozen=True, slots=True)
class Subprocessor:
    """A company that will process personal data for us. Brief, "Data Processing Agreement"."""

    name: str
    purpose: str
    effective_on: date
    location: str = ""
    replaces: str = ""
    """The subprocessor it takes the place of; empty for a new one."""


@dataclass(frozen=True, slots=True)
class Update:
    """One dated public statement on an event, with all that it changes."""

    id: int
    status: EventStatus
    text: str
    author: str
    at: datetime
    severity: Severity | None = None
    """The severity from here on; None where it stays."""
    components: Mapping[str, ComponentStatus] = field(default_factory=dict)
    """The components whose public status changes, and to what."""
    window: Window | None = None
    """The planned window from here on; None where it stays."""
    reason: str = ""
    """Why the severity changed, for operators."""
    under_plan: bool = False
    """Whether it changed under clients' business continuity plans, whatever the figures say."""
    publish_at: datetime | None = None
    """When it leaves; later than ``at`` while it is held for an undo."""
    edited_at: datetime | None = None
    """When its text was last corrected."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something on the page, with its timeline."""

    id: int
    kind: EventKind
    title: str
    severity: Severity
    """Severity 4, no loss of service, for what is no incident."""
    status: EventStatus
    components: Mapping[str, ComponentStatus]
    started_at: datetime
    """When the first failed attempt started, not when somebody clicked; the planned start of a maintenance."""
    created_at: datetime
    updates: tuple[Update, ...] = ()
    """Oldest first."""
    window: Window | None = None
    maintenance: Maintenance | None = None
    subprocessor: Subprocessor | None = None

    @property
    def under_plan(self) -> bool:
        """Whether its severity is what clients' business continuity plans made it."""
        graded = [update for update in self.updates if update.severity is not None]
        return bool(graded) and graded[-1].under_plan

    @property
    def ended_at(self) -> datetime | None:
        """When it ended, for the last time; None while it goes on or lies ahead."""
        if self.status.open or self.status is EventStatus.SCHEDULED:
            return None
        before: EventStatus | None = None
        ended = None
        for update in self.updates:
            if not update.status.open and (before is None or before.open or before is EventStatus.SCHEDULED):
                ended = update.at
            before = update.status
        return ended


@dataclass(frozen=True, slots=True)
class Present:
    """Where an event stands, as its timeline alone says."""

    status: EventStatus
    severity: Severity
    components: Mapping[str, ComponentStatus]
    window: Window | None


def present(updates: Sequence[Update]) -> Present:
    """Return the present state of an event, rebuilt from its timeline, oldest update first.

    Raises:
        ValueError: there is no update, or the first does not say the severity.
    """
    if not updates or updates[0].severity is None:
        raise ValueError("a timeline begins with an update that says the severity")
    severity, window = updates[0].severity, updates[0].window
    components: dict[str, ComponentStatus] = {}
    for update in updates:
        severity = update.severity or severity
        window = update.window or window
        components.update(update.components)
    return Present(updates[-1].status, severity, components, window)


def regrades(updates: Sequence[Update]) -> list[tuple[Update, Severity, Severity]]:
    """Return the updates that changed the severity, each with the old and the new one."""
    found = []
    held: Severity | None = None
    for update in updates:
        if update.severity is not None:
            if held is not None and update.severity is not held:
                found.append((update, held, update.severity))
            held = update.severity
    return found
