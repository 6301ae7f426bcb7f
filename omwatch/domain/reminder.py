"""Reminders: when on-call is told of a deadline, and in which words. Subscribers never are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from omwatch.domain.alarm import Alarm
from omwatch.domain.deadline import About, Deadline, on_both_clocks
from omwatch.domain.safetext import clean
from omwatch.domain.sla import ServiceLevels

_TO_DO = {
    About.SUGGESTION: "'omwatch suggestion show {0}', and then 'omwatch suggestion confirm {0}' or 'dismiss {0}'",
    About.INCIDENT: "'omwatch incident update {0}', to say where it stands",
    About.TICKET: "'omwatch ticket show {0}', and then 'omwatch ticket respond {0}'",
}


@dataclass(frozen=True, slots=True)
class Reminder:
    """One instant at which on-call is told of one deadline."""

    key: str
    """The same for the same instant of the same deadline; another one once its end has moved."""
    at: datetime


def latest(deadline: Deadline, now: datetime, before: Sequence[timedelta], repeat: timedelta) -> Reminder | None:
    """Return the reminder of an open deadline that is the latest one by now; None before the first one.

    Those before it are out of date, and whoever starts late does not make up for them. A snooze swallows what falls
    into it, but not that something is overdue: that is said once it has ended.

    Args:
        deadline: what is owed.
        now: aware UTC.
        before: how long before its end on-call is told; what is not shorter than all of its time is left out.
        repeat: how often on-call is told again after its end.
    """
    snoozed_until = deadline.snoozed_until
    if snoozed_until and now < snoozed_until:
        return None
    if now >= deadline.due_at:
        times = (now - deadline.due_at) // repeat
        return _reminder(deadline, f"late:{times}" if times else "due", deadline.due_at + times * repeat)
    span = deadline.due_at - deadline.since
    come = [lead for lead in before if lead < span and deadline.due_at - lead <= now]
    if not come:
        return None
    found = _reminder(deadline, f"{min(come).total_seconds():g}", deadline.due_at - min(come))
    return None if snoozed_until and found.at < snoozed_until else found


def alarm(reminder: Reminder, deadline: Deadline, title: str, now: datetime, levels: ServiceLevels) -> Alarm:
    """Return what on-call is told.

    Args:
        reminder: which one it is.
        deadline: what is owed.
        title: what it is owed for, by name.
        now: aware UTC.
        levels: whose zone says the local time.
    """
    standing, named = deadline.standing(now), clean(title)
    zone = levels.hours.zone
    severity = f"severity {deadline.severity:d}, {deadline.severity.label.lower()}"
    text = [
        f"Owed: the {deadline.duty} for {deadline.about} {deadline.about_id}, {named} ({severity}).",
        f"By: {on_both_clocks(deadline.due_at, zone)}; {standing}, as of {on_both_clocks(now, zone)}.",
        f"Do: {_TO_DO[deadline.about].format(deadline.about_id)}.",
        f"To be left alone for a while: 'omwatch deadline snooze {deadline.id} --for 30m'.",
    ]
    subject = f"{standing}: {deadline.duty} for {deadline.about} {deadline.about_id}: {named}"
    return Alarm(reminder.key, clean(subject[0].upper() + subject[1:]), "\n".join(text), now)


def _reminder(deadline: Deadline, which: str, at: datetime) -> Reminder:
    return Reminder(f"deadline:{deadline.id}:{deadline.due_at:%Y%m%dT%H%M%S.%fZ}:{which}", at)
