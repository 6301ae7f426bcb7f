"""Public words: what a draft proposes, and what a notice about an update says.

First posts follow the trade's convention: symptom, who is affected, what comes next; never a cause.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from omwatch.domain.event import Incident, IncidentStatus, Update
from omwatch.domain.judge import plural
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.sla import ServiceLevel, WorkHours, in_words
from omwatch.domain.suggestion import Evidence, Suggestion, SuggestionKind


@dataclass(frozen=True, slots=True)
class Draft:
    """What an operator is about to publish, and may still change."""

    title: str
    text: str
    severity: Severity
    status: IncidentStatus
    components: dict[str, ComponentStatus]
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """What one subscriber gets to read, before it is formed into a mail or a message."""

    subject: str
    organisation: str
    heading: str
    """Such as "Incident – identified"."""
    title: str
    impact: str
    components: tuple[tuple[str, str], ...]
    """Component and its public status, in words."""
    since: str
    text: str
    posted: str
    page_url: str


def draft(
    suggestion: Suggestion,
    levels: Mapping[Severity, ServiceLevel],
    hours: WorkHours,
    incident: Incident | None = None,
) -> Draft:
    """Return the notice that a suggestion proposes.

    Args:
        suggestion: what the judge proposes.
        levels: what each severity promises.
        hours: the work hours that some promises name.
        incident: the open incident, where the suggestion is about one.
    """
    if incident is None:
        return _first_post(suggestion, levels[suggestion.severity], hours)
    if suggestion.kind is SuggestionKind.RESOLVE:
        return _resolution(suggestion, incident)
    return _regrade(suggestion, incident, levels[suggestion.severity], hours)


def _first_post(suggestion: Suggestion, level: ServiceLevel, hours: WorkHours) -> Draft:
    names = _listed(suggestion.components)
    since = at_in_words(suggestion.first_failed_at)
    lines = [
        f"We have identified {_a(suggestion.severity.label)} affecting {names}. It began at {since}.",
        "\n".join(_symptom(item) for item in suggestion.evidence),
        f"Our team is working on it ({level.remediation_in_words(hours)}). {_next_update(level)}",
    ]
    return Draft(
        title=f"{names}: {suggestion.severity.label.lower()}",
        text="\n\n".join(lines),
        severity=suggestion.severity,
        status=IncidentStatus.IDENTIFIED,
        components={item.component: item.severity.component_status for item in suggestion.evidence},
        started_at=suggestion.first_failed_at,
    )


def _regrade(suggestion: Suggestion, incident: Incident, level: ServiceLevel, hours: WorkHours) -> Draft:
    graver = suggestion.severity < incident.severity
    change = "more serious than we first said" if graver else "less serious than it was"
    lines = [
        f"This incident is {change}: it is now {_a(suggestion.severity.label)}.",
        "\n".join(_symptom(item) for item in suggestion.evidence),
        f"Our team is working on it ({level.remediation_in_words(hours)}). {_next_update(level)}",
    ]
    return Draft(
        title=incident.title,
        text="\n\n".join(lines),
        severity=suggestion.severity,
        status=incident.status,
        components={item.component: item.severity.component_status for item in suggestion.evidence},
        started_at=incident.started_at,
    )


def _resolution(suggestion: Suggestion, incident: Incident) -> Draft:
    names = _listed(tuple(incident.components))
    return Draft(
        title=incident.title,
        text=f"This incident is resolved. {names}: working normally again.\n\nThank you for your patience.",
        severity=incident.severity,
        status=IncidentStatus.RESOLVED,
        components={item.component: item.severity.component_status for item in suggestion.evidence},
        started_at=incident.started_at,
    )


def notice(incident: Incident, update: Update, organisation: str, page_url: str) -> Notice:
    """Return what subscribers read of one update."""
    names = _listed(tuple(incident.components))
    heading = f"Incident – {update.status}"
    return Notice(
        subject=f"[{organisation}] {heading}: {names}",
        organisation=organisation,
        heading=heading,
        title=incident.title,
        impact=incident.severity.label,
        components=tuple((name, status.label) for name, status in incident.components.items()),
        since=at_in_words(incident.started_at),
        text=update.text,
        posted=at_in_words(update.at),
        page_url=page_url,
    )


def at_in_words(instant: datetime) -> str:
    """Return an instant as a public text says it: "14:02 UTC on 23 November 2026"."""
    utc = instant.astimezone(UTC)
    return f"{utc:%H:%M} UTC on {utc.day} {utc:%B %Y}"


def _symptom(item: Evidence) -> str:
    count = item.count
    # Rounded down, so that a share below a line never reads as if it had reached it.
    tenths = 1000 * count.failing // max(1, count.tried)
    fail = "fails" if count.tried == 1 else "fail"
    who = f"{count.failing} of {count.tried} synthetic {plural(item.noun, count.tried)}"
    return f"{item.component}: {who} {fail} ({tenths / 10:g} %)."


def _next_update(level: ServiceLevel) -> str:
    if level.update_every is None:
        return "We will update you when there is material progress."
    return f"We will update you again within {in_words(level.update_every)}."


def _a(label: str) -> str:
    return f"a {label[0].lower()}{label[1:]}"


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:  # noqa: PLR2004 - one name needs no list
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
