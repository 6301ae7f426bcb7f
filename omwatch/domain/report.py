"""The report of a month: uptime, what happened, and how the promises made to clients were kept."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from omwatch.domain.event import EventStatus, MaintenanceKind, Window
from omwatch.domain.kept import Breach, Kept
from omwatch.domain.month import Month, Span
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.uptime import Uptime


@dataclass(frozen=True, slots=True)
class ComponentMonth:
    """What one component did in the month."""

    name: str
    uptime: Uptime
    days: tuple[tuple[date, ComponentStatus | None], ...]
    """Each day with its worst status; None for a day that has not begun."""


@dataclass(frozen=True, slots=True)
class Regrade:
    """One change of an incident's severity."""

    at: datetime
    before: Severity
    after: Severity
    reason: str


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """One incident of the month, whole, even where it began before or ended after."""

    number: int
    title: str
    worst: Severity
    status: EventStatus
    components: tuple[str, ...]
    started_at: datetime
    ended_at: datetime | None
    """None while it goes on."""
    duration: timedelta
    """Until now while it goes on."""
    first_notice: timedelta | None
    """From its start until the first notice left; None where it was written down afterwards, without notices."""
    regrades: tuple[Regrade, ...]


@dataclass(frozen=True, slots=True)
class MaintenanceLine:
    """One maintenance of the month, whole."""

    number: int
    title: str
    kind: MaintenanceKind
    status: EventStatus
    components: tuple[str, ...]
    planned: Window | None
    """As it stood when the work began."""
    began_at: datetime | None
    """When it really began; None where it has not."""
    ended_at: datetime | None
    overrun: timedelta
    """How long it went on, or goes on, past its planned end."""
    corrects: int | None
    """The incident that it corrects."""

    @property
    def planned_duration(self) -> timedelta | None:
        """How long it was to take."""
        return self.planned.ends_at - self.planned.starts_at if self.planned else None

    @property
    def duration(self) -> timedelta | None:
        """How long it really took; None where it is not over, or never began."""
        return self.ended_at - self.began_at if self.ended_at and self.began_at else None


@dataclass(frozen=True, slots=True)
class HotfixLine:
    """One hotfix of the month."""

    number: int
    title: str
    at: datetime
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubprocessorLine:
    """One subprocessor notice of the month."""

    number: int
    title: str
    at: datetime
    name: str
    purpose: str
    effective_on: date | None
    replaces: str


@dataclass(frozen=True, slots=True)
class TicketCount:
    """How many tickets of one grade were reported in the month, and how they stand now."""

    grade: Severity
    reported: int = 0
    waiting: int = 0
    """Of these, for a first response."""
    closed: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """The report of a month."""

    month: Month
    zone: str
    """The time zone in which the month and its days are cut."""
    span: Span
    """The whole month, or what of it has gone."""
    complete: bool
    """False while the month goes on."""
    generated_at: datetime
    organisation: str
    components: tuple[ComponentMonth, ...]
    incidents: tuple[IncidentLine, ...]
    """The earliest first, as all that follows."""
    maintenances: tuple[MaintenanceLine, ...]
    hotfixes: tuple[HotfixLine, ...]
    subprocessors: tuple[SubprocessorLine, ...]
    service_levels: tuple[Kept, ...]
    """For each severity and duty, of the deadlines that ended in the month."""
    breaches: tuple[Breach, ...]
    tickets: tuple[TicketCount, ...]
    """For each grade."""

    @property
    def met(self) -> int:
        """How many deadlines were met."""
        return sum(item.met for item in self.service_levels)

    @property
    def breached(self) -> int:
        """How many deadlines were breached."""
        return sum(item.breached for item in self.service_levels)
