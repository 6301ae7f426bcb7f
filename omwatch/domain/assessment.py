"""The judged state of a component now: quick to get worse, slow to get better."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from omwatch.domain.fingerprint import Errors
from omwatch.domain.judge import Count, Interval, Rules, Verdict
from omwatch.domain.severity import Severity


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is wrong with a component, how bad, since when, how sure, and why."""

    check: str
    component: str
    severity: Severity | None
    """None while gathering."""
    count: Count
    interval: Interval
    since: datetime
    """When this severity began."""
    first_failed_at: datetime | None
    """When the first failed attempt behind a severity of 3 or worse started; None when healthy."""
    reason: str
    unit_noun: str
    clear_since: datetime | None = None
    """Since when the counts have been better than the held severity; None when they are not."""

    @property
    def unhealthy(self) -> bool:
        """Tell whether something is wrong enough for a severity of 3 or worse."""
        return self.severity is not None and self.severity < Severity.NONE


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a check's attempts are broken: our own fault, shown to operators, never counted."""

    error: str
    since: datetime


@dataclass(frozen=True, slots=True)
class CheckState:
    """All that is known of one check now."""

    assessment: Assessment
    trouble: Trouble | None = None
    errors: Errors = ()
    """Why attempts fail now, the commonest reason first."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is judged: a check, its component, and its rules."""

    check: str
    component: str
    rules: Rules
    clear_for: timedelta
    """How long the counts must have been better before a severity is left."""
    round_length: timedelta
    """How long it takes to try every subject once at the ordinary pace."""


def assess(
    judged: Judged, previous: Assessment | None, verdict: Verdict, first_failed_at: datetime | None, now: datetime
) -> Assessment:
    """Return the new state of a component from its last state and a fresh verdict.

    Worse holds at once. Better holds once the counts have been better for ``clear_for`` without a break; an outage
    counts as better only below ``clear_below_percent`` (DESIGN §6), or once its whole interval lies below the line. Too
    few attempts change nothing.
    """
    held = previous.severity if previous else None
    clear_since = _clear_since(judged.rules, previous, verdict, now)
    severity = _next_severity(held, verdict, clear_since, judged.clear_for, now)
    changed = previous is None or severity is not held
    waits = clear_since is not None and severity is held
    return Assessment(
        check=judged.check,
        component=judged.component,
        severity=severity,
        count=verdict.count,
        interval=verdict.interval,
        since=now if changed else previous.since if previous else now,
        first_failed_at=_first_failed(previous, severity, first_failed_at, now),
        reason=_reason(severity, verdict, clear_since if waits else None, judged.clear_for),
        unit_noun=judged.rules.noun,
        clear_since=clear_since if waits else None,
    )


def _clear_since(rules: Rules, previous: Assessment | None, verdict: Verdict, now: datetime) -> datetime | None:
    if previous is None or previous.severity is None or verdict.severity is None:
        return None
    if verdict.severity <= previous.severity:
        return None
    near_line = verdict.count.failing and verdict.count.reaches(rules.clear_below_percent)
    clear_of_line = verdict.interval.high < rules.outage_percent
    if previous.severity is Severity.OUTAGE and near_line and not clear_of_line:
        return None
    return previous.clear_since or now


def _next_severity(
    held: Severity | None, verdict: Verdict, clear_since: datetime | None, clear_for: timedelta, now: datetime
) -> Severity | None:
    if verdict.severity is None or held is None:
        return verdict.severity if held is None else held
    if verdict.severity <= held:
        return verdict.severity
    return verdict.severity if clear_since is not None and now - clear_since >= clear_for else held


def _first_failed(
    previous: Assessment | None, severity: Severity | None, first_failed_at: datetime | None, now: datetime
) -> datetime | None:
    if severity is None or severity is Severity.NONE:
        return None
    if previous is not None and previous.first_failed_at is not None:
        return previous.first_failed_at
    return first_failed_at or now


def _reason(severity: Severity | None, verdict: Verdict, clear_since: datetime | None, clear_for: timedelta) -> str:
    if clear_since is None or severity is None:
        return verdict.reason
    seconds = int(clear_for.total_seconds())
    return f"{verdict.reason}; better since {clear_since:%H:%M:%S} UTC, severity {severity} until {seconds} s of that"
