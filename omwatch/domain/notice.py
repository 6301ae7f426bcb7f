"""Public words: what a draft proposes, and what a notice about an update says.

First posts follow the trade's convention: symptom, who is affected, what comes next; never a cause.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from omwatch.domain.event import Event, EventKind, EventStatus, Update, Window, present
from omwatch.domain.judge import plural
from omwatch.domain.role import MACHINE
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.sla import ServiceLevels, in_words
from omwatch.domain.span import since_in_short, span_in_short
from omwatch.domain.suggestion import Evidence, Suggestion, SuggestionKind

_Fact = tuple[str, str]
_PLANNED = Severity.IMPAIRMENT  # what a system outage becomes under a business continuity plan


@dataclass(frozen=True, slots=True)
class Draft:
    """What an operator is about to publish, and may still change."""

    title: str
    text: str
    severity: Severity
    status: EventStatus
    components: Mapping[str, ComponentStatus]
    started_at: datetime
    under_plan: bool = False
    """Whether it regrades under clients' business continuity plans."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What one subscriber gets to read, before it is formed into a mail or a message."""

    subject: str
    organisation: str
    heading: str
    """Such as "Incident – identified"."""
    title: str
    facts: tuple[_Fact, ...]
    """What is to be known at a glance: its name and its value, such as "Severity" and "System outage"."""
    components: tuple[tuple[str, str], ...]
    """Component and its public status, in words."""
    text: str
    posted: str
    when: str
    """Since when it lasts, or from when to when, in short; empty where there is nothing to say."""
    page_url: str
    event_url: str
    """The event's own place on the page."""
    kind: EventKind
    status: EventStatus
    severity: Severity
    update_id: int
    """Which update it tells; a later one has a higher number."""


def draft(suggestion: Suggestion, levels: ServiceLevels, incident: Event | None = None) -> Draft:
    """Return the notice that a suggestion proposes.

    Args:
        suggestion: what the judge proposes.
        levels: what each severity promises.
        incident: the open incident, where the suggestion is about one.
    """
    if suggestion.kind is SuggestionKind.REPORTED:
        return _investigation(suggestion, levels)
    if incident is None:
        return _first_post(suggestion, levels)
    if suggestion.kind is SuggestionKind.RESOLVE:
        return _resolution(suggestion, incident)
    if suggestion.kind is SuggestionKind.CONTINUITY:
        return _under_plan(incident, levels)
    return _regrade(suggestion, incident, levels)


def _first_post(suggestion: Suggestion, levels: ServiceLevels) -> Draft:
    names = listed(suggestion.components)
    since = at_in_words(suggestion.first_failed_at)
    lines = [
        f"We have identified {_a(suggestion.severity.label)} affecting {names}. It began at {since}.",
        "\n".join(_symptom(item) for item in suggestion.evidence),
        _what_comes_next(suggestion.severity, levels),
    ]
    return Draft(
        title=f"{names}: {suggestion.severity.label.lower()}",
        text="\n\n".join(lines),
        severity=suggestion.severity,
        status=EventStatus.IDENTIFIED,
        components={item.component: item.severity.component_status for item in suggestion.evidence},
        started_at=suggestion.first_failed_at,
    )


def _investigation(suggestion: Suggestion, levels: ServiceLevels) -> Draft:
    """Return the first post on what clients report: how many they are, and who, is nobody else's business."""
    names, since = listed(suggestion.components), at_in_words(suggestion.first_failed_at)
    says = f"We are investigating reports that {names} does not work for some clients. The first came in at {since}."
    return Draft(
        title=f"{names}: problems reported",
        text=f"{says}\n\n{_what_comes_next(suggestion.severity, levels)}",
        severity=suggestion.severity,
        status=EventStatus.INVESTIGATING,
        components={item.component: item.severity.component_status for item in suggestion.evidence},
        started_at=suggestion.first_failed_at,
    )


def _under_plan(incident: Event, levels: ServiceLevels) -> Draft:
    works = ComponentStatus.OPERATIONAL
    return Draft(
        title=incident.title,
        text=continuity_text(incident, levels),
        severity=_PLANNED,
        status=incident.status,
        components={
            name: status if status is works else _PLANNED.component_status
            for name, status in incident.components.items()
        },
        started_at=incident.started_at,
    )


def _regrade(suggestion: Suggestion, incident: Event, levels: ServiceLevels) -> Draft:
    return Draft(
        title=incident.title,
        text=regraded_text(incident, suggestion.severity, levels, suggestion.evidence),
        severity=suggestion.severity,
        status=incident.status,
        components={item.component: item.severity.component_status for item in suggestion.evidence},
        started_at=incident.started_at,
    )


def _resolution(suggestion: Suggestion, incident: Event) -> Draft:
    return Draft(
        title=incident.title,
        text=resolved_text(incident),
        severity=incident.severity,
        status=EventStatus.RESOLVED,
        components={item.component: item.severity.component_status for item in suggestion.evidence},
        started_at=incident.started_at,
    )


def regraded_text(incident: Event, severity: Severity, levels: ServiceLevels, evidence: Sequence[Evidence] = ()) -> str:
    """Return what is said when an incident gets another severity."""
    change = "more serious than we first said" if severity < incident.severity else "less serious than it was"
    symptoms = ["\n".join(_symptom(item) for item in evidence)] if evidence else []
    says = f"This incident is {change}: it is now {_a(severity.label)}."
    return "\n\n".join([says, *symptoms, _what_comes_next(severity, levels)])


def continuity_text(incident: Event, levels: ServiceLevels) -> str:
    """Return what is said when a system outage is regraded under business continuity plans."""
    says = f"Affected clients work under their business continuity plans. We treat this as {_a(_PLANNED.label)} now."
    return f"{says} {listed(tuple(incident.components))}: not restored yet.\n\n{_what_comes_next(_PLANNED, levels)}"


def resolved_text(incident: Event) -> str:
    """Return what is said when an incident is over."""
    names = listed(tuple(incident.components))
    return f"This incident is resolved. {names}: working normally again.\n\nThank you for your patience."


def notice(event: Event, update: Update, organisation: str, page_url: str) -> Notice:
    """Return what subscribers read of one update: the event as it stood then, whatever came after."""
    told = tuple(item for item in event.updates if item.id <= update.id)
    then = present(told)
    ended_at = replace(event, status=then.status, updates=told).ended_at
    heading = f"{event.kind.capitalize()} – {_said(event, update)}"
    return Notice(
        subject=f"[{organisation}] {heading}: {listed(tuple(then.components)) or event.title}",
        organisation=organisation,
        heading=heading,
        title=event.title,
        facts=tuple(_facts(event, then.severity, then.window, ended_at)),
        components=tuple((name, _standing(update, status)) for name, status in then.components.items()),
        text=update.text,
        posted=at_in_words(update.at),
        when=_when(event, then.window, ended_at),
        page_url=page_url,
        event_url=f"{page_url}/events/{event.id}",
        kind=event.kind,
        status=update.status,
        severity=then.severity,
        update_id=update.id,
    )


def _said(event: Event, update: Update) -> str:
    """Return an update's status, or what it says about a window that is scheduled already."""
    again = any(item.status is update.status for item in event.updates if item.id < update.id)
    if update.status is not EventStatus.SCHEDULED or not again:
        return update.status.label
    if update.window:
        return "rescheduled"
    return "reminder" if update.author == MACHINE.name else update.status.label


def _standing(update: Update, status: ComponentStatus) -> str:
    return "will be under maintenance" if update.status is EventStatus.SCHEDULED else status.label


def _facts(event: Event, severity: Severity, window: Window | None, ended_at: datetime | None) -> Iterator[_Fact]:
    if event.kind is EventKind.INCIDENT:
        yield "Severity", severity.label
        yield ("From" if ended_at else "Since"), at_in_words(event.started_at)
        if ended_at:
            yield "Until", at_in_words(ended_at)
    if window:
        yield "From", at_in_words(window.starts_at)
        yield "Until", at_in_words(window.ends_at)
    if event.subprocessor:
        yield "Subprocessor", event.subprocessor.name
        yield "For", event.subprocessor.purpose
        yield "Effective", day_in_words(event.subprocessor.effective_on)
        if event.subprocessor.location:
            yield "Location", event.subprocessor.location
        if event.subprocessor.replaces:
            yield "Replaces", event.subprocessor.replaces


def _when(event: Event, window: Window | None, ended_at: datetime | None) -> str:
    if event.kind is EventKind.INCIDENT:
        return span_in_short(event.started_at, ended_at) if ended_at else since_in_short(event.started_at)
    if window:
        return span_in_short(window.starts_at, window.ends_at)
    return f"from {day_in_words(event.subprocessor.effective_on)}" if event.subprocessor else ""


def at_in_words(instant: datetime) -> str:
    """Return an instant as a public text says it: "14:02 UTC on 23 November 2026"."""
    utc = instant.astimezone(UTC)
    return f"{utc:%H:%M} UTC on {utc.day} {utc:%B %Y}"


def day_in_words(day: date) -> str:
    """Return a date as a public text says it: "23 November 2026"."""
    return f"{day.day} {day:%B %Y}"


def _symptom(item: Evidence) -> str:
    count = item.count
    # Rounded down, so that a share below a line never reads as if it had reached it.
    tenths = 1000 * count.failing // max(1, count.tried)
    fail = "fails" if count.tried == 1 else "fail"
    who = f"{count.failing} of {count.tried} synthetic {plural(item.noun, count.tried)}"
    return f"{item.component}: {who} {fail} ({tenths / 10:g} %)."


def _what_comes_next(severity: Severity, levels: ServiceLevels) -> str:
    working = f"Our team is working on it ({levels.remediation_in_words(severity)})."
    every = levels[severity].update_every
    if every is None:
        return f"{working} We will update you when there is material progress."
    return f"{working} We will update you again within {in_words(every)}."


def _a(label: str) -> str:
    return f"a {label[0].lower()}{label[1:]}"


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence has them: "Agent login, Chat routing and Screen pops"."""
    if len(names) < 2:  # noqa: PLR2004 - one name needs no list
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
