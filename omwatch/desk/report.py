"""The report of a month, read from the store; it decides nothing, so everybody may read it."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.desk.session import NotPossible, Session
from omwatch.domain.deadline import About
from omwatch.domain.event import Event, EventKind
from omwatch.domain.kept import Breach, breaches
from omwatch.domain.month import Month
from omwatch.domain.report import Report
from omwatch.domain.reporting import Material, report
from omwatch.store import deadlines, events, suggestions, tickets


async def monthly(session: Session, month: Month, organisation: str, components: Sequence[str] = ()) -> Report:
    """Return the report of a month, or of what of it has gone, cut in the desk's time zone.

    Args:
        session: who asks, and when.
        month: which one.
        organisation: whose services it speaks of.
        components: those that are shown even where nothing happened to them, in this order.

    Raises:
        NotPossible: the month has not begun.
    """
    zone, now = session.policy.zone, session.now
    whole = month.span(zone)
    if now < whole.since:
        raise NotPossible(f"{month.label} has not begun in {zone}; name this month or an earlier one")
    async with session.store.reading() as connection:
        # A maintenance that was begun by hand may stand with a window of the next month, and did its work in this one.
        found = {event.id: event for event in await events.between(connection, whole.since, max(whole.until, now))}
        found |= {event.id: event for event in await events.maintenances(connection)}
        owed = await deadlines.due_between(connection, whole.since, whole.until)
        subjects = await _subjects(connection, breaches(owed, {}, now), found)
        reported = await tickets.reported_between(connection, whole.since, whole.until)
    material = Material(organisation, components, tuple(found.values()), owed, subjects, reported)
    return report(month, zone, material, now)


async def _subjects(
    connection: AsyncConnection, missed: Sequence[Breach], known: dict[int, Event]
) -> dict[tuple[About, int], str]:
    """Return what the breaches are about; a suggestion that became an incident goes by the incident's title."""
    became = await _incidents_of_suggestions(connection, missed, known)
    subjects: dict[tuple[About, int], str] = {}
    for about, number in {(breach.about, breach.number) for breach in missed}:
        subject = None
        if about is About.INCIDENT:
            event = known.get(number) or await events.get(connection, number)
            subject = event.title if event else None
        elif about is About.SUGGESTION:
            subject = became.get(number) or await _suggestion(connection, number)
        else:
            ticket = await tickets.get(connection, number)
            subject = f"{ticket.client}: {ticket.title}" if ticket else None
        if subject:
            subjects[about, number] = subject
    return subjects


async def _incidents_of_suggestions(
    connection: AsyncConnection, missed: Sequence[Breach], known: dict[int, Event]
) -> dict[int, str]:
    if not any(breach.about is About.SUGGESTION for breach in missed):
        return {}
    incidents = [event for event in known.values() if event.kind is EventKind.INCIDENT]
    found = {await events.suggestion_of(connection, event.id): event.title for event in incidents}
    return {number: title for number, title in found.items() if number is not None}


async def _suggestion(connection: AsyncConnection, number: int) -> str | None:
    found = await suggestions.get(connection, number)
    return f"{', '.join(found.components)}: {found.severity.label.lower()}" if found else None
