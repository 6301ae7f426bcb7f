"""What the clock does about a maintenance: remind, start, complete, and tell on-call what waits for a hand."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from omwatch.domain.alarm import Alarm
from omwatch.domain.deadline import on_both_clocks
from omwatch.domain.event import ByClock, Event, EventStatus, Maintenance, MaintenanceKind, Window


class Due(StrEnum):
    """What is to be done about a maintenance now."""

    REMIND = "remind"
    START = "start"
    COMPLETE = "complete"
    WAITS = "waits"
    """Its window has begun, and starting it is left to a hand."""
    MISSED = "missed"
    """Its window is over, and nobody and nothing has started it."""
    OVERRUN = "overrun"
    """Its window is over, and completing it is left to a hand."""

    @property
    def is_alarm(self) -> bool:
        """Tell whether on-call is told, and nothing is done."""
        return self in {Due.WAITS, Due.MISSED, Due.OVERRUN}


@dataclass(frozen=True, slots=True)
class Series:
    """A maintenance that recurs; each of its dates is an event of its own."""

    id: int
    title: str
    text: str
    """What is said of each date; empty for a draft."""
    components: tuple[str, ...]
    kind: MaintenanceKind
    by_clock: ByClock
    remind_before: tuple[timedelta, ...]
    rule: str
    """RFC 5545, without its "RRULE:"."""
    zone: str
    """On whose clock it recurs."""
    starts_at: datetime
    """When its first window was planned to start."""
    duration: timedelta
    created_at: datetime
    ended_at: datetime | None = None
    """When it was ended, or had no more dates."""

    @property
    def maintenance(self) -> Maintenance:
        """What each of its dates has beyond other events."""
        return Maintenance(self.kind, self.by_clock, self.remind_before, series=self.id)


def due(planned: Event, now: datetime) -> Due | None:
    """Return what is to be done about a maintenance now; None when nothing is.

    A window that was missed as a whole is not made up for: nobody expects it any more.
    """
    window, maintenance = planned.window, planned.maintenance
    if window is None or maintenance is None:
        return None
    if planned.status is EventStatus.SCHEDULED:
        if now >= window.ends_at:
            return Due.MISSED
        if now >= window.starts_at:
            return Due.START if maintenance.by_clock.starts else Due.WAITS
        return Due.REMIND if _reminder_due(planned, window, maintenance, now) else None
    if planned.status.open and now >= window.ends_at:
        return Due.COMPLETE if maintenance.by_clock.completes else Due.OVERRUN
    return None


def alarm(planned: Event, what: Due, now: datetime, every: timedelta, zone: str) -> Alarm:
    """Return what on-call is told of a maintenance.

    Args:
        planned: the maintenance; it has a window.
        what: which alarm.
        now: aware UTC.
        every: how often on-call is told again. A missed window is told once.
        zone: on whose clock operators plan.

    Raises:
        ValueError: it has no window, or this is no alarm.
    """
    if planned.window is None or what not in _TOLD:
        raise ValueError(f"there is no alarm {what!r} of {planned.kind} {planned.id}")
    says, to_do = _TOLD[what]
    since = planned.window.starts_at if what is Due.WAITS else planned.window.ends_at
    times = (now - since) // every if what is not Due.MISSED and every else 0
    starts_at, ends_at = (on_both_clocks(at, zone) for at in (planned.window.starts_at, planned.window.ends_at))
    text = [
        f"Maintenance {planned.id}, {planned.title}, of {', '.join(planned.components)}.",
        f"Window: from {starts_at} until {ends_at}.",
        f"Do: {to_do.format(planned.id)}.",
    ]
    key = f"maintenance:{planned.id}:{what}:{since.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}:{times}"
    return Alarm(key, f"Maintenance {planned.id} {says}: {planned.title}", "\n".join(text), now)


_TOLD = {
    Due.WAITS: (
        "waits to be started by hand",
        "'omwatch maintenance start {0}', or 'omwatch maintenance reschedule {0}', or 'omwatch maintenance cancel {0}'",
    ),
    Due.MISSED: (
        "was not started in its window, which is over",
        "'omwatch maintenance reschedule {0} --start … --end …', or 'omwatch maintenance cancel {0} --why …'",
    ),
    Due.OVERRUN: (
        "has overrun its window and waits to be completed by hand",
        "'omwatch maintenance complete {0}', or 'omwatch maintenance reschedule {0} --end …'",
    ),
}


def _reminder_due(planned: Event, window: Window, maintenance: Maintenance, now: datetime) -> bool:
    """Tell whether a reminder's instant has come since subscribers were told last; several that have are one."""
    told = [update.at for update in planned.updates if update.status is EventStatus.SCHEDULED]
    instants = [window.starts_at - before for before in maintenance.remind_before]
    return any(instant <= now and all(at < instant for at in told) for instant in instants)
