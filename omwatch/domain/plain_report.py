"""The report of a month as a plain dictionary, for ``--json`` output: instants in RFC 3339, spans in seconds."""

from datetime import timedelta
from typing import Any

from omwatch.domain.kept import Breach, Kept
from omwatch.domain.plain import instant
from omwatch.domain.report import (
    ComponentMonth,
    HotfixLine,
    IncidentLine,
    MaintenanceLine,
    Report,
    SubprocessorLine,
    TicketCount,
)


def report(item: Report) -> dict[str, Any]:
    """Return a report."""
    return {
        "month": str(item.month),
        "zone": item.zone,
        "since": instant(item.span.since),
        "until": instant(item.span.until),
        "complete": item.complete,
        "generated_at": instant(item.generated_at),
        "organisation": item.organisation,
        "components": [_component(part) for part in item.components],
        "incidents": [_incident(part) for part in item.incidents],
        "maintenances": [_maintenance(part) for part in item.maintenances],
        "hotfixes": [_hotfix(part) for part in item.hotfixes],
        "subprocessors": [_subprocessor(part) for part in item.subprocessors],
        "service_levels": [_kept(part) for part in item.service_levels],
        "breaches": [_breach(part) for part in item.breaches],
        "tickets": [_tickets(part) for part in item.tickets],
    }


def _component(part: ComponentMonth) -> dict[str, Any]:
    lasted = part.uptime
    return {
        "name": part.name,
        "percent": lasted.percent,
        "seconds": _seconds(lasted.span),
        "major_outage_seconds": _seconds(lasted.major),
        "partial_outage_seconds": _seconds(lasted.partial),
        "degraded_performance_seconds": _seconds(lasted.degraded),
        "under_maintenance_seconds": _seconds(lasted.maintenance),
        "days": [{"date": day.isoformat(), "status": status} for day, status in part.days],
    }


def _incident(part: IncidentLine) -> dict[str, Any]:
    return {
        "id": part.number,
        "title": part.title,
        "severity": part.worst,
        "impact": part.worst.impact,
        "status": part.status,
        "components": list(part.components),
        "started_at": instant(part.started_at),
        "ended_at": instant(part.ended_at),
        "seconds": _seconds(part.duration),
        "first_notice_after_seconds": _seconds(part.first_notice),
        "regrades": [
            {"at": instant(change.at), "before": change.before, "after": change.after, "reason": change.reason}
            for change in part.regrades
        ],
    }


def _maintenance(part: MaintenanceLine) -> dict[str, Any]:
    return {
        "id": part.number,
        "title": part.title,
        "kind": part.kind,
        "status": part.status,
        "components": list(part.components),
        "planned_from": instant(part.planned.starts_at if part.planned else None),
        "planned_until": instant(part.planned.ends_at if part.planned else None),
        "planned_seconds": _seconds(part.planned_duration),
        "began_at": instant(part.began_at),
        "ended_at": instant(part.ended_at),
        "seconds": _seconds(part.duration),
        "overrun_seconds": _seconds(part.overrun),
        "corrects": part.corrects,
    }


def _hotfix(part: HotfixLine) -> dict[str, Any]:
    return {"id": part.number, "title": part.title, "at": instant(part.at), "components": list(part.components)}


def _subprocessor(part: SubprocessorLine) -> dict[str, Any]:
    return {
        "id": part.number,
        "title": part.title,
        "at": instant(part.at),
        "name": part.name,
        "purpose": part.purpose,
        "effective_on": part.effective_on.isoformat() if part.effective_on else None,
        "replaces": part.replaces,
    }


def _kept(part: Kept) -> dict[str, Any]:
    return {
        "severity": part.severity,
        "duty": part.duty,
        "met": part.met,
        "breached": part.breached,
        "percent": part.percent,
    }


def _breach(part: Breach) -> dict[str, Any]:
    return {
        "duty": part.duty,
        "severity": part.severity,
        "about": part.about,
        "number": part.number,
        "subject": part.subject,
        "due_at": instant(part.due_at),
        "met_at": instant(part.met_at),
        "late_seconds": _seconds(part.late),
    }


def _tickets(part: TicketCount) -> dict[str, Any]:
    return {"grade": part.grade, "reported": part.reported, "waiting": part.waiting, "closed": part.closed}


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
