"""What the text and the picture of a report say in the same words."""

from datetime import datetime, timedelta

from rich.cells import cell_len, chop_cells

from omwatch.domain.event import EventStatus
from omwatch.domain.kept import Breach
from omwatch.domain.report import ComponentMonth, IncidentLine, MaintenanceLine, Report
from omwatch.domain.sla import in_words, time_zone

_WORTH_TELLING = timedelta(minutes=1)  # the clock completes a window a moment after its end
COUNTED = "Major outages count in full, partial outages 30 %, degraded performance not; maintenance is left out."


def cut(text: str, width: int) -> str:
    """Return text of at most ``width`` cells; an ellipsis says that something is missing."""
    return text if cell_len(text) <= width else f"{chop_cells(text, width - 1)[0].rstrip()}…"


def moment(at: datetime, zone: str) -> str:
    """Return an instant as the zone's clock shows it: "3 Nov 09:12 EST"."""
    local = at.astimezone(time_zone(zone))
    return f"{local.day} {local:%b %H:%M %Z}"


def period(since: datetime, until: datetime | None, zone: str) -> str:
    """Return "3 Nov 09:12–10:40 EST", with the second day only where it is another; "since …" while it goes on."""
    if until is None:
        return f"since {moment(since, zone)}"
    first, last = (instant.astimezone(time_zone(zone)) for instant in (since, until))
    if first.year != last.year:
        return f"{first.day} {first:%b %Y %H:%M %Z} – {last.day} {last:%b %Y %H:%M %Z}"
    if first.date() == last.date() and first.tzname() == last.tzname():
        return f"{first.day} {first:%b %H:%M}–{last:%H:%M %Z}"
    return f"{moment(since, zone)} – {moment(until, zone)}"


def headline(report: Report) -> str:
    """Return "November 2026", or "November 2026 so far"."""
    return report.month.label if report.complete else f"{report.month.label} so far"


def extent(report: Report) -> str:
    """Return from when until when it reaches, and in which zone."""
    return f"{period(report.span.since, report.span.until, report.zone)}; times in {report.zone}"


def lost(component: ComponentMonth) -> str:
    """Return how long a component was in which trouble; empty where it never was."""
    lasted = component.uptime
    parts = (
        ("major outage", lasted.major),
        ("partial outage", lasted.partial),
        ("degraded", lasted.degraded),
        ("maintenance", lasted.maintenance),
    )
    return ", ".join(f"{name} {in_words(span)}" for name, span in parts if span)


def incident_facts(item: IncidentLine, zone: str) -> str:
    """Return when an incident was, how long, and how soon people heard of it."""
    so_far = "" if item.ended_at else " so far"
    notice = "written down afterwards" if item.first_notice is None else _first_notice(in_words(item.first_notice))
    return f"{period(item.started_at, item.ended_at, zone)}, {in_words(item.duration)}{so_far}; {notice}"


def regrades(item: IncidentLine, zone: str) -> list[str]:
    """Return each change of severity, with its reason."""
    return [
        f"{moment(change.at, zone)}: severity {change.before:d} → {change.after:d}"
        f"{f', {change.reason}' if change.reason else ''}"
        for change in item.regrades
    ]


def maintenance_facts(item: MaintenanceLine, zone: str, now: datetime) -> str:
    """Return what was planned of a maintenance, and what became of it."""
    parts = []
    if item.planned and item.planned_duration is not None:
        when = period(item.planned.starts_at, item.planned.ends_at, zone)
        parts.append(f"planned {when}, {in_words(item.planned_duration)}")
    if item.duration is not None:
        parts.append(f"took {in_words(item.duration)}")
    elif item.began_at:
        parts.append(f"began {moment(item.began_at, zone)} and goes on")
    else:
        missed = item.status is EventStatus.SCHEDULED and item.planned is not None and item.planned.ends_at <= now
        parts.append("was never started" if missed else item.status.label)
    if item.overrun >= _WORTH_TELLING:
        parts.append(f"{in_words(item.overrun)} over")
    return "; ".join(parts)


def breach(item: Breach) -> str:
    """Return what was not kept, about what, and by how much."""
    subject = f" ({item.subject})" if item.subject else ""
    so_far = "" if item.met_at else ", and not met yet"
    return f"{item.about} {item.number}{subject}: {item.duty} {in_words(item.late)} late{so_far}"


def _first_notice(words: str) -> str:
    return "first notice at once" if words == "0 s" else f"first notice after {words}"
