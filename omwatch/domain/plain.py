"""Domain values as plain dictionaries, for ``--json`` output: one shape everywhere, instants in RFC 3339."""

from datetime import datetime
from typing import Any

from omwatch.domain.approval import Approval
from omwatch.domain.assessment import CheckState
from omwatch.domain.client import Client
from omwatch.domain.deadline import Deadline
from omwatch.domain.event import Event, Maintenance, Subprocessor, Update
from omwatch.domain.fingerprint import summary
from omwatch.domain.judge import Count, Interval
from omwatch.domain.notice import Draft
from omwatch.domain.subscriber import Subscriber
from omwatch.domain.suggestion import Evidence, Suggestion
from omwatch.domain.ticket import Ticket


def instant(value: datetime | None) -> str | None:
    """Return an instant like "2026-11-23T14:02:11.250000Z"."""
    return value.isoformat().replace("+00:00", "Z") if value else None


def figures(count: Count, interval: Interval) -> dict[str, Any]:
    """Return the two whole numbers, their percentage and its 95 % interval, in percent."""
    return {
        "failing": count.failing,
        "tried": count.tried,
        "percent": round(count.percent, 1),
        "low": round(interval.low, 1),
        "high": round(interval.high, 1),
    }


def check_state(state: CheckState) -> dict[str, Any]:
    """Return the state of one check."""
    item = state.assessment
    return {
        "check": item.check,
        "component": item.component,
        "severity": item.severity,
        "name": item.severity.label if item.severity else "Gathering",
        **figures(item.count, item.interval),
        "since": instant(item.since),
        "first_failed_at": instant(item.first_failed_at),
        "reason": item.reason,
        "trouble": state.trouble.error if state.trouble else None,
        "trouble_since": instant(state.trouble.since) if state.trouble else None,
        "errors": [{"error": error, "count": count} for error, count in state.errors],
    }


def suggestion(item: Suggestion) -> dict[str, Any]:
    """Return a suggestion with its evidence."""
    return {
        "id": item.id,
        "kind": item.kind,
        "incident": item.incident,
        "state": item.state,
        "severity": item.severity,
        "name": item.severity.label,
        "components": list(item.components),
        "opened_at": instant(item.opened_at),
        "first_failed_at": instant(item.first_failed_at),
        "reason": item.reason,
        "cause": item.cause,
        "evidence": [_evidence(part) for part in item.evidence],
    }


def event(item: Event) -> dict[str, Any]:
    """Return an event with its timeline, oldest update first."""
    found: dict[str, Any] = {
        "id": item.id,
        "kind": item.kind,
        "title": item.title,
        "severity": item.severity,
        "impact": item.severity.impact,
        "status": item.status,
        "components": dict(item.components),
        "started_at": instant(item.started_at),
        "created_at": instant(item.created_at),
        "ended_at": instant(item.ended_at),
        "updates": [update(part) for part in item.updates],
    }
    if item.window:
        found |= {"starts_at": instant(item.window.starts_at), "ends_at": instant(item.window.ends_at)}
    if item.maintenance:
        found["maintenance"] = _maintenance(item.maintenance)
    if item.subprocessor:
        found["subprocessor"] = _subprocessor(item.subprocessor)
    return found


def update(item: Update) -> dict[str, Any]:
    """Return one update, with what it changed."""
    found: dict[str, Any] = {
        "id": item.id,
        "status": item.status,
        "text": item.text,
        "author": item.author,
        "at": instant(item.at),
        "severity": item.severity,
        "components": dict(item.components),
        "reason": item.reason,
        "under_plan": item.under_plan,
        "publish_at": instant(item.publish_at),
        "edited_at": instant(item.edited_at),
    }
    if item.window:
        found |= {"starts_at": instant(item.window.starts_at), "ends_at": instant(item.window.ends_at)}
    return found


def client(item: Client) -> dict[str, Any]:
    """Return a client with its contacts."""
    return {
        "id": item.id,
        "name": item.name,
        "support": item.support,
        "continuity_plan": item.continuity_plan,
        "contacts": list(item.contacts),
        "created_at": instant(item.created_at),
    }


def ticket(item: Ticket, now: datetime) -> dict[str, Any]:
    """Return a ticket, with how its response deadline stands now."""
    return {
        "id": item.id,
        "client": item.client,
        "support": item.support,
        "nature": item.nature,
        "component": item.component,
        "grade": item.grade,
        "name": item.grade.label,
        "title": item.title,
        "text": item.text,
        "status": item.status,
        "assignee": item.assignee,
        "incident": item.incident,
        "reported_at": instant(item.reported_at),
        "closed_at": instant(item.closed_at),
        "response": deadline(item.response, now) if item.response else None,
    }


def subscriber(item: Subscriber) -> dict[str, Any]:
    """Return a subscriber with its wishes; of an Apprise URL only what may be shown."""
    return {
        "id": item.id,
        "address": item.address,
        "channel": item.channel,
        "name": item.name,
        "state": item.state,
        "topics": sorted(item.wishes.topics),
        "components": sorted(item.wishes.components),
        "least_severity": item.wishes.least_severity,
        "client": item.client,
        "created_at": instant(item.created_at),
    }


def draft(item: Draft) -> dict[str, Any]:
    """Return a draft as it would be published."""
    return {
        "title": item.title,
        "text": item.text,
        "severity": item.severity,
        "status": item.status,
        "components": dict(item.components),
        "started_at": instant(item.started_at),
        "under_plan": item.under_plan,
    }


def approval(item: Approval) -> dict[str, Any]:
    """Return what waits, or waited, for a second person."""
    return {
        "id": item.id,
        "state": item.state,
        "suggestion": item.suggestion,
        "incident": item.event,
        "reason": item.reason,
        "clients": list(item.clients),
        "asked_by": item.asked_by,
        "asked_at": instant(item.asked_at),
        "draft": draft(item.draft),
    }


def deadline(item: Deadline, now: datetime) -> dict[str, Any]:
    """Return a deadline, with how it stands now."""
    return {
        "id": item.id,
        "duty": item.duty,
        "about": item.about,
        "number": item.about_id,
        "severity": item.severity,
        "since": instant(item.since),
        "due_at": instant(item.due_at),
        "met_at": instant(item.met_at),
        "state": item.state(now),
        "snoozed_until": instant(item.snoozed_until),
    }


def _maintenance(item: Maintenance) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "by_clock": item.by_clock,
        "remind_before_seconds": [int(before.total_seconds()) for before in item.remind_before],
        "corrects": item.corrects,
        "series": item.series,
    }


def _subprocessor(item: Subprocessor) -> dict[str, Any]:
    return {
        "name": item.name,
        "purpose": item.purpose,
        "effective_on": item.effective_on.isoformat(),
        "location": item.location,
        "replaces": item.replaces,
    }


def _evidence(part: Evidence) -> dict[str, Any]:
    return {
        "component": part.component,
        "severity": part.severity,
        **figures(part.count, part.interval),
        "first_failed_at": instant(part.first_failed_at),
        "reason": part.reason,
        "errors": summary(part.errors),
        "behind": list(part.behind),
    }
