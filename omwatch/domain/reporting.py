"""Making the report of a month out of events, deadlines and tickets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from omwatch.domain.deadline import About, Deadline
from omwatch.domain.event import Event, EventKind, EventStatus, MaintenanceKind, Window, regrades
from omwatch.domain.kept import breaches, kept
from omwatch.domain.month import Month, Span
from omwatch.domain.report import (
    ComponentMonth,
    HotfixLine,
    IncidentLine,
    MaintenanceLine,
    Regrade,
    Report,
    SubprocessorLine,
    TicketCount,
)
from omwatch.domain.safetext import clean
from omwatch.domain.severity import Severity
from omwatch.domain.ticket import Ticket, TicketStatus
from omwatch.domain.uptime import Stretch, days, history, uptime

_LONGEST = 200  # characters of a title
_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Material:
    """What a report is made of, in whatever order; what does not belong to the month is left out."""

    organisation: str
    components: Sequence[str] = ()
    """Those that are always shown, in this order; others follow where an event of the month names them."""
    events: Sequence[Event] = ()
    deadlines: Sequence[Deadline] = ()
    subjects: Mapping[tuple[About, int], str] = field(default_factory=dict)
    """What the suggestions, incidents and tickets with a breach are called."""
    tickets: Sequence[Ticket] = ()


def report(month: Month, zone: str, material: Material, now: datetime) -> Report:
    """Return the report of a month, or of what of it has gone.

    Raises:
        ValueError: the month has not begun, or there is no such time zone.
    """
    whole = month.span(zone)
    if now < whole.since:
        raise ValueError(f"{month} has not begun yet in {zone}")
    span = Span(whole.since, min(whole.until, now))
    events = sorted(_of_month(material.events, whole, now), key=lambda event: (event.started_at, event.id))
    due = [deadline for deadline in material.deadlines if whole.since <= deadline.due_at < whole.until]
    subjects = {about: clean(subject, _LONGEST) for about, subject in material.subjects.items()}
    return Report(
        month=month,
        zone=zone,
        span=span,
        complete=now >= whole.until,
        generated_at=now,
        organisation=clean(material.organisation, _LONGEST),
        components=tuple(_components(month, zone, material, events, span)),
        incidents=tuple(_incident(event, now) for event in events if event.kind is EventKind.INCIDENT),
        maintenances=tuple(_maintenance(event, now) for event in events if event.kind is EventKind.MAINTENANCE),
        hotfixes=tuple(_hotfix(event) for event in events if event.kind is EventKind.HOTFIX),
        subprocessors=tuple(_subprocessor(event) for event in events if event.kind is EventKind.SUBPROCESSOR),
        service_levels=kept(due, now),
        breaches=breaches(due, subjects, now),
        tickets=_tickets([item for item in material.tickets if whole.since <= item.reported_at < whole.until]),
    )


def _components(
    month: Month, zone: str, material: Material, events: Iterable[Event], span: Span
) -> Iterator[ComponentMonth]:
    histories = history(material.events, span)
    named = sorted({name for event in events for name in event.components} - set(material.components))
    calendar = month.days(zone)
    for name in [*dict.fromkeys(material.components), *named]:
        stretches: Sequence[Stretch] = histories.get(name, ())
        worst = days(stretches, calendar, span.until)
        each = tuple((day.date, status) for day, status in zip(calendar, worst, strict=True))
        yield ComponentMonth(clean(name, _LONGEST), uptime(stretches, span), each)


def _of_month(events: Iterable[Event], month: Span, now: datetime) -> Iterator[Event]:
    for event in events:
        since, until = _lasted(event, now)
        if since < month.until and (until > month.since or since >= month.since):
            yield event


def _lasted(event: Event, now: datetime) -> tuple[datetime, datetime]:
    """Return when an event really was; when it is planned, while it has not begun; what is only told of, at once."""
    if event.kind is EventKind.INCIDENT:
        return event.started_at, event.ended_at or now
    if event.kind is EventKind.MAINTENANCE:
        began = _began_at(event)
        if began:
            return began, event.ended_at or now
        if event.window:
            return event.window.starts_at, event.window.ends_at
    return event.created_at, event.created_at


def _began_at(event: Event) -> datetime | None:
    return next((update.at for update in event.updates if update.status is EventStatus.IN_PROGRESS), None)


def _planned(event: Event) -> Window | None:
    """Return the window as it stood when the work began: one that is extended under way has overrun all the same."""
    window = None
    for update in event.updates:
        window = update.window or window
        if update.status is EventStatus.IN_PROGRESS:
            return window or event.window
    return event.window


def _incident(event: Event, now: datetime) -> IncidentLine:
    severities = [update.severity for update in event.updates if update.severity is not None]
    return IncidentLine(
        number=event.id,
        title=clean(event.title, _LONGEST),
        worst=min([event.severity, *severities]),
        status=event.status,
        components=_names(event),
        started_at=event.started_at,
        ended_at=event.ended_at,
        duration=(event.ended_at or now) - event.started_at,
        first_notice=_first_notice(event),
        regrades=tuple(
            Regrade(update.at, before, after, clean(update.reason)) for update, before, after in regrades(event.updates)
        ),
    )


def _first_notice(event: Event) -> timedelta | None:
    for first in event.updates[:1]:
        if first.publish_at is None and first.at <= event.started_at:
            return None
        return max(_NONE, (first.publish_at or first.at) - event.started_at)
    return None


def _maintenance(event: Event, now: datetime) -> MaintenanceLine:
    began, window = _began_at(event), _planned(event)
    last = (event.ended_at or now) if began and window else None
    return MaintenanceLine(
        number=event.id,
        title=clean(event.title, _LONGEST),
        kind=event.maintenance.kind if event.maintenance else MaintenanceKind.PLANNED,
        status=event.status,
        components=_names(event),
        planned=window,
        began_at=began,
        ended_at=event.ended_at if began else None,
        overrun=max(_NONE, last - window.ends_at) if last and window else _NONE,
        corrects=event.maintenance.corrects if event.maintenance else None,
    )


def _hotfix(event: Event) -> HotfixLine:
    return HotfixLine(event.id, clean(event.title, _LONGEST), event.created_at, _names(event))


def _subprocessor(event: Event) -> SubprocessorLine:
    about = event.subprocessor
    return SubprocessorLine(
        number=event.id,
        title=clean(event.title, _LONGEST),
        at=event.created_at,
        name=clean(about.name) if about else "",
        purpose=clean(about.purpose) if about else "",
        effective_on=about.effective_on if about else None,
        replaces=clean(about.replaces) if about else "",
    )


def _tickets(tickets: Sequence[Ticket]) -> tuple[TicketCount, ...]:
    found = [(ticket.grade, ticket.status) for ticket in tickets]
    return tuple(
        TicketCount(
            grade,
            reported=sum(found.count((grade, status)) for status in TicketStatus),
            waiting=found.count((grade, TicketStatus.WAITING)),
            closed=found.count((grade, TicketStatus.CLOSED)),
        )
        for grade in Severity
    )


def _names(event: Event) -> tuple[str, ...]:
    return tuple(sorted(clean(name, _LONGEST) for name in event.components))
