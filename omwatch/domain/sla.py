"""Service levels: what each severity promises, and by when, after the brief's "Our SLAs"."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum, auto
from types import MappingProxyType
from zoneinfo import ZoneInfo

from omwatch.domain.severity import Severity

_MINUTE = 60
_DAY = timedelta(days=1)
_MIDNIGHT = time(0)
_EVERY_DAY = frozenset(range(7))
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SHORTEST_RUN = 3  # two days are named, and from three on they are a run: "Monday to Wednesday"


class Remediation(Enum):
    """When people work on it."""

    ROUND_THE_CLOCK = auto()
    WORK_HOURS = auto()


class ResponseTime(Enum):
    """When the clock of a response time runs; the brief doesn't say."""

    ALWAYS = auto()
    WORK_HOURS = auto()
    """In work hours alone, for the severities that are remediated in work hours."""


def time_zone(name: str) -> ZoneInfo:
    """Return the time zone of a name, such as "America/New_York" or "EST".

    Raises:
        ValueError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; no path, or no zone's file; a folder, or too long for a file
        raise ValueError(f"there is no time zone '{name}'") from None


@dataclass(frozen=True, slots=True)
class WorkHours:
    """The hours in which people work on what does not need them round the clock. Brief: 6am-4pm U.S. Eastern.

    The zone's clock decides: hours begin and end at the first instant at which it shows their time, or has gone past
    it. So a time that a daylight-saving change skips is the instant of the change, a time that comes twice counts when
    it comes first, and hours that lie wholly within what is skipped don't take place on that day.
    """

    opens: time = time(6)
    closes: time = time(16)
    """Where it is not after ``opens``, it is on the next day: 22:00–06:00 runs over midnight, and so does 06:00–00:00,
    which is written 06:00–24:00."""
    zone: str = "America/New_York"
    days: frozenset[int] = _EVERY_DAY
    """The days on which they begin; Monday is 0."""

    def __post_init__(self) -> None:
        """Refuse what are no hours.

        Raises:
            ValueError: they are empty, begin on no day, or there is no such zone.
        """
        if self.opens == self.closes != _MIDNIGHT:
            raise ValueError("work hours must not close at the time they open; a whole day is 00:00–24:00")
        if not self.days or not self.days <= _EVERY_DAY:
            raise ValueError("work hours need at least one day, from 0 for Monday to 6 for Sunday")
        time_zone(self.zone)

    def __str__(self) -> str:
        """Return "06:00–16:00 America/New_York", and the days where they are restricted."""
        closes = f"{self.closes:%H:%M}" if self.closes != _MIDNIGHT else "24:00"
        days = "" if self.days == _EVERY_DAY else f", {_days_in_words(self.days)}"
        return f"{self.opens:%H:%M}–{closes} {self.zone}{days}"

    def is_open(self, now: datetime) -> bool:
        """Tell whether people work; they do at the beginning of their hours, and no more at the end."""
        return self.closes_at(now) is not None

    def next_opening(self, now: datetime) -> datetime:
        """Return when people work next; ``now`` itself while they do."""
        begins, _ = next(self._openings(now))
        return begins

    def closes_at(self, now: datetime) -> datetime | None:
        """Return the end of the present hours; None outside of them."""
        begins, ends = next(self._openings(now))
        return ends if begins == now.astimezone(UTC) else None  # another zone's time that comes twice equals nothing

    def add(self, start: datetime, span: timedelta) -> datetime:
        """Return the first instant at which a span of work time has passed since a start.

        Raises:
            ValueError: the span is negative.
        """
        if span < timedelta(0):
            raise ValueError("work time cannot be taken back")
        if not span:
            return start
        openings = self._openings(start)
        begins, ends = next(openings)
        while ends - begins < span:
            span -= ends - begins
            begins, ends = next(openings)
        return begins + span

    def _openings(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield what is left of the present hours, if any, and then all hours to come, in order."""
        now = now.astimezone(UTC)  # arithmetic in a zone of its own would leave out its changes
        zone = time_zone(self.zone)
        day = now.astimezone(zone).date() - _DAY  # whose hours may run over midnight
        while True:
            if day.weekday() in self.days:
                begins = max(now, _when(zone, day, self.opens))
                ends = _when(zone, day if self.opens < self.closes else day + _DAY, self.closes)
                if begins < ends:
                    yield begins, ends
            day += _DAY


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """What we owe for one severity."""

    respond_within: timedelta
    remediation: Remediation
    update_every: timedelta | None
    """None: an update whenever there is material progress."""

    def remediation_in_words(self, hours: WorkHours) -> str:
        """Return when people work on it."""
        return "24/7 until resolved" if self.remediation is Remediation.ROUND_THE_CLOCK else str(hours)

    @property
    def update_every_in_words(self) -> str:
        """When the next update is owed, in words."""
        if self.update_every is None:
            return "when material updates or progress is made"
        return in_words(self.update_every)


@dataclass(frozen=True, slots=True)
class ServiceLevels:
    """What we owe for every severity, and by when."""

    by_severity: Mapping[Severity, ServiceLevel]
    hours: WorkHours = field(default_factory=WorkHours)
    response_time: ResponseTime = ResponseTime.ALWAYS

    def __getitem__(self, severity: Severity) -> ServiceLevel:
        """Return what we owe for one severity."""
        return self.by_severity[severity]

    def response_due(self, severity: Severity, since: datetime) -> datetime:
        """Return by when the first response is owed for what was reported, or suggested, at an instant."""
        level = self[severity]
        if self.response_time is ResponseTime.WORK_HOURS and level.remediation is Remediation.WORK_HOURS:
            return self.hours.add(since, level.respond_within)
        return since + level.respond_within

    def update_due(self, severity: Severity, last: datetime) -> datetime | None:
        """Return by when the update after the last one is owed; None where one is owed on progress only."""
        every = self[severity].update_every
        return None if every is None else last + every

    def remediation_opens(self, severity: Severity, now: datetime) -> datetime:
        """Return when people work on it next; ``now`` itself while they do."""
        if self[severity].remediation is Remediation.ROUND_THE_CLOCK:
            return now
        return self.hours.next_opening(now)

    def remediation_in_words(self, severity: Severity) -> str:
        """Return when people work on it."""
        return self[severity].remediation_in_words(self.hours)


BRIEF = ServiceLevels(
    MappingProxyType(
        {
            Severity.OUTAGE: ServiceLevel(timedelta(minutes=30), Remediation.ROUND_THE_CLOCK, timedelta(minutes=60)),
            Severity.IMPAIRMENT: ServiceLevel(timedelta(hours=2), Remediation.WORK_HOURS, None),
            Severity.MINOR: ServiceLevel(timedelta(hours=6), Remediation.WORK_HOURS, None),
            Severity.NONE: ServiceLevel(timedelta(hours=24), Remediation.WORK_HOURS, None),
        }
    )
)
"""The brief's promises."""


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


def _when(zone: ZoneInfo, day: date, at: time) -> datetime:
    """Return the first instant at which a zone's clock shows a time of a day, or has gone past it."""
    shown = datetime.combine(day, at)
    # The two readings of PEP 495: the same instant, or the first and the second of a time that comes twice; only
    # around a time that is skipped is the second reading the earlier one.
    first, second = (shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first if first <= second else _change(zone, second, first, shown)


def _change(zone: ZoneInfo, before: datetime, after: datetime, skipped: datetime) -> datetime:
    """Return the instant at which a zone's clock goes past a time it skips, by halving the time around it."""
    while after - before > timedelta.resolution:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).replace(tzinfo=None) < skipped:
            before = middle
        else:
            after = middle
    return after


def _days_in_words(days: frozenset[int]) -> str:
    """Return "Monday to Friday", "Sunday to Thursday" or "Monday, Wednesday"."""
    begins = [day for day in days if (day - 1) % len(_DAY_NAMES) not in days]
    if len(begins) == 1 and len(days) >= _SHORTEST_RUN:
        ends = (begins[0] + len(days) - 1) % len(_DAY_NAMES)
        return f"{_DAY_NAMES[begins[0]]} to {_DAY_NAMES[ends]}"
    return ", ".join(_DAY_NAMES[day] for day in sorted(days))
