"""The report of a month, read from a real store after a month's decisions."""

from datetime import UTC, date, datetime, timedelta

import pytest

from omwatch.desk import (
    clients,
    hotfixes,
    incidents,
    maintenance,
    publishing,
    regrading,
    subprocessors,
    suggestions,
    tickets,
)
from omwatch.desk.planning import Plan
from omwatch.desk.publishing import Published
from omwatch.desk.report import monthly
from omwatch.desk.session import NotPossible
from omwatch.domain.deadline import About, Duty, response
from omwatch.domain.event import EventStatus, Subprocessor, Window
from omwatch.domain.month import Month
from omwatch.domain.notice import Draft
from omwatch.domain.report import Report
from omwatch.domain.role import Role
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.sla import BRIEF
from omwatch.domain.suggestion import Evidence, Suggestion, SuggestionState
from omwatch.store import Store, deadlines
from omwatch.store import suggestions as stored
from tests.domain.builders import an_evidence
from tests.sitting import sit

NOVEMBER = Month(2025, 11)
LOGIN = "Agent login"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def at(day: int, hour: int = 12, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2025, month, day, hour, minute, tzinfo=UTC)


LATER = at(20, month=12)


async def read(store: Store, now: datetime = LATER, month: Month = NOVEMBER) -> Report:
    return await monthly(sit(store, now, role=Role.VIEWER), month, "OpenMethods", [LOGIN, "Chat routing"])


async def an_outage(store: Store, started: datetime, opened: datetime) -> int:
    changes = {LOGIN: ComponentStatus.MAJOR_OUTAGE}
    draft = Draft("Agents cannot log in", "We know.", Severity.OUTAGE, EventStatus.IDENTIFIED, changes, started)
    done = await incidents.open_(sit(store, opened), draft)
    assert isinstance(done, Published)
    return done.event


async def suggest(store: Store, opened: datetime, evidence: Evidence) -> int:
    wanted = Suggestion(0, SuggestionState.OPEN, evidence.severity, (evidence,), opened, opened)
    async with store.writing() as connection:
        number = await stored.add(connection, wanted)
        await deadlines.add(connection, response(About.SUGGESTION, number, evidence.severity, opened, BRIEF))
    return number


async def test_an_empty_store_has_a_report_of_nothing_but_uptime(store: Store) -> None:
    found = await read(store)
    assert [component.name for component in found.components] == [LOGIN, "Chat routing"]
    assert {component.uptime.percent for component in found.components} == {100.0}
    assert (found.incidents, found.breaches, found.met) == ((), (), 0)


async def test_a_month_that_has_not_begun_is_refused(store: Store) -> None:
    with pytest.raises(NotPossible, match="December 2025 has not begun in America/New_York; name this month or an"):
        await read(store, now=at(1, 4, month=12), month=Month(2025, 12))


async def test_an_outage_counts_from_its_start_and_its_promises_are_held_against_it(store: Store) -> None:
    number = await an_outage(store, at(3), at(3, 12, 4))
    await regrading.regrade(sit(store, at(3, 13, 34)), number, Severity.IMPAIRMENT, "a plan")
    await incidents.resolve(sit(store, at(3, 14)), number)
    found = await read(store)
    login = found.components[0]
    assert (login.uptime.major, login.uptime.partial) == (94 * MINUTE, 26 * MINUTE)
    assert login.days[2] == (date(2025, 11, 3), ComponentStatus.MAJOR_OUTAGE)
    (line,) = found.incidents
    assert (line.worst, line.first_notice, line.duration) == (Severity.OUTAGE, 4 * MINUTE, 2 * HOUR)
    assert [(change.before, change.after) for change in line.regrades] == [(Severity.OUTAGE, Severity.IMPAIRMENT)]
    (late,) = found.breaches
    assert (late.duty, late.late, late.subject) == (Duty.UPDATE, 30 * MINUTE, "Agents cannot log in")
    assert (found.met, found.breached) == (1, 1)


async def test_a_late_response_to_a_suggestion_goes_by_the_incident_that_it_became(store: Store) -> None:
    number = await suggest(store, at(5), an_evidence())
    confirming = sit(store, at(5, 12, 45))
    drafted = (await suggestions.preview(confirming, number)).draft
    done = await suggestions.confirm(confirming, number, drafted)
    assert isinstance(done, Published)
    await incidents.resolve(sit(store, at(5, 13)), done.event)
    (late,) = (await read(store)).breaches
    assert (late.about, late.number, late.late) == (About.SUGGESTION, number, 15 * MINUTE)
    assert late.subject == "Agent login: system outage"


async def test_a_suggestion_that_nobody_answered_is_a_breach_too(store: Store) -> None:
    await suggest(store, at(5), an_evidence("Chat routing", Severity.IMPAIRMENT))
    (late,) = (await read(store, now=at(5, 15))).breaches
    assert (late.subject, late.met_at, late.late) == ("Chat routing: major impairment", None, HOUR)


async def test_maintenance_is_left_out_of_the_uptime_and_says_what_it_took(store: Store) -> None:
    plan = Plan("Database upgrade", [LOGIN], Window(at(14, 3), at(14, 5)))
    number = (await maintenance.schedule(sit(store, at(10)), plan)).event
    await maintenance.start(sit(store, at(14, 3)), number)
    outage = await an_outage(store, at(14, 4), at(14, 4))
    await incidents.resolve(sit(store, at(14, 4, 30)), outage)
    await maintenance.complete(sit(store, at(14, 5, 40)), number)
    found = await read(store)
    login, chat = found.components
    assert (login.uptime.maintenance, login.uptime.major, login.uptime.percent) == (160 * MINUTE, timedelta(0), 100.0)
    assert login.days[12:14] == (
        (date(2025, 11, 13), ComponentStatus.UNDER_MAINTENANCE),
        (date(2025, 11, 14), ComponentStatus.UNDER_MAINTENANCE),
    )
    assert chat.uptime.maintenance == timedelta(0)
    (line,) = found.maintenances
    assert (line.planned_duration, line.duration, line.overrun) == (2 * HOUR, 160 * MINUTE, 40 * MINUTE)


async def test_a_maintenance_that_was_scheduled_in_another_month_and_lies_ahead_is_shown(store: Store) -> None:
    plan = Plan("Code elevation", [LOGIN], Window(at(28, 3), at(28, 5)))
    await maintenance.schedule(sit(store, at(10, month=10)), plan)
    assert [line.status for line in (await read(store, now=at(5))).maintenances] == [EventStatus.SCHEDULED]
    assert (await read(store, now=at(5), month=Month(2025, 10))).maintenances == ()


async def test_a_window_of_the_next_month_that_was_begun_in_this_one_counts_here(store: Store) -> None:
    plan = Plan("Early", [LOGIN], Window(at(1, 5, 30, month=12), at(1, 7, month=12)))
    number = (await maintenance.schedule(sit(store, at(20)), plan)).event
    await maintenance.start(sit(store, at(1, 4, 30, month=12)), number)
    await maintenance.complete(sit(store, at(1, 5, 30, month=12)), number)
    found = await read(store)
    assert found.components[0].uptime.maintenance == 30 * MINUTE
    assert [line.number for line in found.maintenances] == [number]


async def test_hotfixes_subprocessors_and_tickets_are_listed(store: Store) -> None:
    session = sit(store, at(12))
    await hotfixes.publish(session, "Tooltip", "It shows again.", ["Media bar"])
    await subprocessors.announce(session, Subprocessor("Example Cloud", "backups", date(2025, 12, 24)))
    await clients.add(session, "Acme")
    ticket = await tickets.report(session, tickets.Report("Acme", "Chats arrive twice", Severity.MINOR))
    await tickets.respond(sit(store, at(12, 19)), ticket.id, "We are on it.")
    found = await read(store)
    assert [line.title for line in found.hotfixes] == ["Tooltip"]
    assert [line.name for line in found.subprocessors] == ["Example Cloud"]
    assert [component.name for component in found.components] == [LOGIN, "Chat routing", "Media bar"]
    assert [count.reported for count in found.tickets] == [0, 0, 1, 0]
    (late,) = found.breaches
    assert (late.about, late.subject, late.late) == (About.TICKET, "Acme: Chats arrive twice", HOUR)


async def test_what_was_undone_counts_nothing(store: Store) -> None:
    session = sit(store, at(3), hold=5 * MINUTE)
    changes = {LOGIN: ComponentStatus.MAJOR_OUTAGE}
    draft = Draft("By mistake", "We know.", Severity.OUTAGE, EventStatus.IDENTIFIED, changes, at(3))
    done = await incidents.open_(session, draft)
    assert isinstance(done, Published)
    await publishing.undo(sit(store, at(3, 12, 1)), done.update)
    found = await read(store)
    assert (found.incidents, found.components[0].uptime.percent, found.met + found.breached) == ((), 100.0, 0)


async def test_an_incident_written_down_afterwards_counts_as_it_was(store: Store) -> None:
    changes = {LOGIN: ComponentStatus.MAJOR_OUTAGE}
    draft = Draft("In the past", "It was.", Severity.OUTAGE, EventStatus.IDENTIFIED, changes, at(3))
    await incidents.backfill(sit(store, at(25)), draft, at(3, 13), "It is over.")
    found = await read(store)
    assert found.components[0].uptime.major == HOUR
    assert found.incidents[0].first_notice is None
