"""Deadlines: what we owe to whom by when, and whether it was kept.

Brief, "Our SLAs": a response time for each severity, and in an outage a status update every 60 minutes.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from omwatch.domain.notice import at_in_words
from omwatch.domain.severity import Severity
from omwatch.domain.sla import ServiceLevels, in_words, time_zone

_MINUTE = timedelta(minutes=1)
_AT_ITS_END = timedelta(seconds=5)


class Duty(StrEnum):
    """What is owed."""

    RESPONSE = "response"
    UPDATE = "next update"


class About(StrEnum):
    """What it is owed for."""

    SUGGESTION = "suggestion"
    INCIDENT = "incident"
    TICKET = "ticket"


class DeadlineState(StrEnum):
    """How a deadline stands."""

    RUNNING = "running"
    AT_RISK = "at risk"
    """A quarter of the time or less is left."""
    BREACHED = "breached"
    MET = "met"
    VOID = "void"
    """What it was owed for had gone before its end: a suggestion withdrawn, a ticket that is none."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """One promise with an end."""

    id: int
    duty: Duty
    about: About
    about_id: int
    severity: Severity
    since: datetime
    due_at: datetime
    met_at: datetime | None = None
    void_at: datetime | None = None
    snoozed_until: datetime | None = None
    """Until when on-call is not reminded of it."""

    @property
    def open(self) -> bool:
        """Tell whether it is still owed."""
        return self.met_at is None and self.void_at is None

    @property
    def at_risk_at(self) -> datetime:
        """When three quarters of the time have gone."""
        return self.due_at - (self.due_at - self.since) / 4

    def state(self, now: datetime) -> DeadlineState:
        """Tell how it stands; exactly at its end it is still kept."""
        if self.late(now):
            return DeadlineState.BREACHED
        if not self.open:
            return DeadlineState.VOID if self.met_at is None else DeadlineState.MET
        return DeadlineState.AT_RISK if now >= self.at_risk_at else DeadlineState.RUNNING

    def late(self, now: datetime) -> timedelta:
        """Return by how much its end was missed, or is by now; nothing where it was kept, or is."""
        return max(timedelta(0), (self.met_at or self.void_at or now) - self.due_at)

    def standing(self, now: datetime) -> str:
        """Return how much time is left, in words: "10 min left", "due now", "overdue by 5 min"."""
        left = self.due_at - now
        if abs(left) < _AT_ITS_END:
            return "due now"
        return f"{_rounded(left)} left" if left > timedelta(0) else f"overdue by {_rounded(-left)}"


def response(about: About, about_id: int, severity: Severity, since: datetime, levels: ServiceLevels) -> Deadline:
    """Return the deadline of a first response."""
    return Deadline(0, Duty.RESPONSE, about, about_id, severity, since, levels.response_due(severity, since))


def next_update(event: int, severity: Severity, last: datetime, levels: ServiceLevels) -> Deadline | None:
    """Return the deadline of an incident's next update; None where one is owed on progress only."""
    due = levels.update_due(severity, last)
    return None if due is None else Deadline(0, Duty.UPDATE, About.INCIDENT, event, severity, last, due)


def regraded(deadline: Deadline, severity: Severity, now: datetime, levels: ServiceLevels) -> Deadline:
    """Return an open response deadline under another severity.

    A graver one gives its whole response time from now at most, and never more than was left; a milder one gives its
    response time from the beginning, and never less than was left. What was not kept stays so, whatever it is called
    afterwards.
    """
    due_at = deadline.due_at
    if now <= due_at and severity < deadline.severity:
        due_at = min(due_at, levels.response_due(severity, now))
    elif now <= due_at and severity > deadline.severity:
        due_at = max(due_at, levels.response_due(severity, deadline.since))
    return replace(deadline, severity=severity, due_at=due_at)


def work_in_words(severity: Severity, now: datetime, levels: ServiceLevels) -> str:
    """Return whether people work on it now, or from when: "open now", "opens at 11:00 UTC on ... (06:00 EST)"."""
    opens = levels.remediation_opens(severity, now)
    return "open now" if opens == now else f"opens at {on_both_clocks(opens, levels.hours.zone)}"


def on_both_clocks(instant: datetime, zone: str) -> str:
    """Return an instant in UTC and in a zone: "14:30 UTC on 5 January 2026 (09:30 EST)"."""
    local = instant.astimezone(time_zone(zone))
    if not local.utcoffset():
        return at_in_words(instant)
    day = "" if local.date() == instant.astimezone(UTC).date() else f" on {local.day} {local:%B}"
    name = local.tzname() or ""
    return f"{at_in_words(instant)} ({local:%H:%M} {name if name.isalpha() else zone}{day})"


def _rounded(span: timedelta) -> str:
    """Return a span in words, to the nearest minute, so that a clock that is a second late still says "10 min"."""
    if span < _MINUTE:
        return in_words(span)
    return in_words((span + _MINUTE / 2) // _MINUTE * _MINUTE)
