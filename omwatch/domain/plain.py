"""Domain values as plain dictionaries, for ``--json`` output: one shape everywhere, instants in RFC 3339."""

from datetime import datetime
from typing import Any

from omwatch.domain.assessment import CheckState
from omwatch.domain.event import Incident
from omwatch.domain.fingerprint import summary
from omwatch.domain.judge import Count, Interval
from omwatch.domain.suggestion import Evidence, Suggestion


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


def incident(item: Incident) -> dict[str, Any]:
    """Return an incident with its timeline, oldest update first."""
    return {
        "id": item.id,
        "title": item.title,
        "severity": item.severity,
        "impact": item.severity.impact,
        "status": item.status,
        "components": dict(item.components),
        "started_at": instant(item.started_at),
        "created_at": instant(item.created_at),
        "updates": [
            {"id": part.id, "status": part.status, "text": part.text, "author": part.author, "at": instant(part.at)}
            for part in item.updates
        ],
    }


def _evidence(part: Evidence) -> dict[str, Any]:
    return {
        "component": part.component,
        "severity": part.severity,
        **figures(part.count, part.interval),
        "first_failed_at": instant(part.first_failed_at),
        "reason": part.reason,
        "errors": summary(part.errors),
    }
