"""The hand-over holds all that a new shift must know, and nothing that is over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from omwatch.cli.handover_text import text
from omwatch.desk import clients, deadlines, incidents, maintenance, suggestions, tickets
from omwatch.desk.handover import Handover, handover
from omwatch.desk.incidents import Statement
from omwatch.desk.planning import Plan
from omwatch.desk.session import Session
from omwatch.domain.alarm import Alarm
from omwatch.domain.client import Support
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.event import ByClock, EventStatus, Window
from omwatch.domain.notice import Draft
from omwatch.domain.role import MACHINE, Role
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.ticket import TicketNature
from omwatch.store import Store, alarms, leases, outbox, subscribers
from omwatch.store import suggestions as stored
from omwatch.store.leases import Lease
from omwatch.store.outbox import Settled
from omwatch.store.overview import WatcherState
from tests.domain.builders import a_suggestion, after, an_evidence
from tests.sitting import sit

HOUR = 3600
NOW = after(30 * HOUR)  # 16:00 in New York, on 6 January 2026
ZONE = "America/New_York"


def draft(title: str, severity: Severity, hours: float, component: str = "Chat routing") -> Draft:
    failing = {component: severity.component_status}
    return Draft(title, "We look into it.", severity, EventStatus.IDENTIFIED, failing, after(hours * HOUR))


@pytest.fixture
async def session(store: Store) -> Session:
    """The new shift's look at a desk where two subscribers are told."""
    async with store.writing() as connection:
        for name in ("grace", "linus"):
            await subscribers.add(connection, f"{name}@example.com", "ada", after(0))
    return sit(store, NOW, "bob", Role.VIEWER)


def at(session: Session, hours: float, name: str = "ada", two_person: Sequence[Severity] = ()) -> Session:
    """Return an admin's earlier moment at the same desk."""
    return sit(session.store, after(hours * HOUR), name, two_person=frozenset(two_person))


async def suggested(session: Session, component: str, severity: Severity, hours: float) -> int:
    found = replace(a_suggestion(an_evidence(component, severity)), opened_at=after(hours * HOUR))
    async with session.store.writing() as connection:
        return await stored.add(connection, found)


async def settle(session: Session, state: DeliveryState, error: str, hours: float) -> None:
    async with session.store.writing() as connection:
        moment = after(hours * HOUR)
        claimed = await outbox.claim(connection, "courier", 99, moment, moment + timedelta(minutes=1))
        await outbox.settle(connection, "courier", [Settled(item, state, error) for item in claimed], moment)


async def watched(session: Session, seconds_ago: float, **notes: str) -> None:
    renewed = NOW - timedelta(seconds=seconds_ago)
    async with session.store.writing() as connection:
        await leases.take(connection, Lease("watcher", "w", 1, 0, renewed, renewed + timedelta(seconds=5), notes))


def told(found: Handover) -> list[str]:
    lines = text(found, ZONE).splitlines()
    assert all(len(line) <= 80 for line in lines)
    return lines


async def test_nothing_takes_one_line_each(session: Session) -> None:
    await watched(session, 1)
    assert told(await handover(session)) == [
        "Hand-over, Tuesday 6 January 2026, 16:00 EST (21:00 UTC)",
        "",
        "The watcher lives.",
        "No incident is open.",
        "Nothing is owed.",
        "No suggestion waits.",
        "Nothing was dismissed within a day.",
        "Nothing waits for a second person.",
        "No maintenance runs, or begins within a day.",
        "No ticket is open.",
        "No notice was given up within a day.",
        "No alarm of a day has failed.",
    ]


async def test_open_incidents_come_gravest_first_with_their_last_words_and_next_update(session: Session) -> None:
    await incidents.open_(at(session, 20), draft("Slow pops", Severity.MINOR, 19, "Screen pop"))
    await incidents.open_(at(session, 29), draft("Chats are lost", Severity.OUTAGE, 5))
    await incidents.update(at(session, 29.5), 2, Statement("A fix\nis in.", EventStatus.MONITORING))
    await incidents.open_(at(session, 29), draft("Over", Severity.OUTAGE, 28))
    await incidents.resolve(at(session, 29.5), 3)
    found = await handover(session)
    assert [item.id for item in found.incidents] == [2, 1]
    due = found.next_update(2)
    assert due is not None
    assert due.due_at == after(30.5 * HOUR)
    assert found.next_update(1) is None
    assert told(found)[4:15] == [
        "Open incidents",
        "  2 severity 1 System outage, monitoring: Chats are lost",
        "     since 5 Jan 15:00: Chat routing",
        "     last update 15:30 by ada: A fix is in.",
        "     next update due 16:30, 30 min left",
        "  1 severity 3 Minor loss of service, identified: Slow pops",
        "     since 05:00: Screen pop",
        "     last update 06:00 by ada: We look into it.",
        "     next update owed on material progress",
        "",
        "Owed, soonest first",
    ]


async def test_what_is_owed_comes_soonest_first(session: Session) -> None:
    await incidents.open_(at(session, 29.8), draft("Chats are lost", Severity.OUTAGE, 29))
    await suggested(session, "Agent login", Severity.OUTAGE, 29.4)
    await deadlines.by_clock(replace(session, operator=MACHINE))
    found = await handover(session)
    assert [(item.deadline.about, item.deadline.due_at) for item in found.owed] == [
        ("suggestion", after(29.9 * HOUR)),
        ("incident", after(30.8 * HOUR)),
    ]
    lines = told(found)
    assert "  15:54 overdue by 6 min" in lines
    assert "     response for suggestion 1, severity 1: Agent login" in lines
    assert "     next update for incident 1, severity 1: Chats are lost" in lines


async def test_suggestions_that_wait_and_those_set_aside_are_told_apart(session: Session) -> None:
    waits = await suggested(session, "Agent login", Severity.IMPAIRMENT, 29)
    today = await suggested(session, "Chat routing", Severity.OUTAGE, 20)
    old = await suggested(session, "Screen pop", Severity.MINOR, 1)
    over = await suggested(session, "E-mail routing", Severity.MINOR, 1)
    await suggestions.dismiss(at(session, 21), today, "a planned failover")
    for number in (old, over):
        await suggestions.dismiss(at(session, 2), number, "one odd agent")
    async with session.store.writing() as connection:
        await stored.settle(connection, over)
        await stored.settle(connection, today)
    found = await handover(session)
    assert [item.id for item in found.suggestions] == [waits]
    assert [(item.suggestion.id, item.by, item.why) for item in found.dismissals] == [
        (today, "ada", "a planned failover"),
        (old, "ada", "one odd agent"),
    ]
    lines = told(found)
    assert f"  {waits} open an incident, severity 2 Major impairment: Agent login" in lines
    assert "     dismissed 07:00 by ada: a planned failover" in lines
    assert "     dismissed 5 Jan 12:00 by ada; its trouble goes on: one odd agent" in lines


async def test_what_waits_for_a_second_person_is_named(session: Session) -> None:
    await incidents.open_(at(session, 29, "ada", [Severity.OUTAGE]), draft("Log-in fails", Severity.OUTAGE, 29))
    found = await handover(session)
    assert [item.asked_by for item in found.approvals] == ["ada"]
    assert "     asked by ada at 15:00; 'omwatch approval show 1'" in told(found)


async def test_maintenance_that_runs_or_begins_within_a_day_is_told(session: Session) -> None:
    for title, start, end in (("Runs", 25, 29), ("Soon", 53, 55), ("Later", 55, 56), ("Over", 25, 26)):
        window = Window(after(start * HOUR), after(end * HOUR))
        await maintenance.schedule(at(session, 24), Plan(title, ("Chat routing",), window, by_clock=ByClock.NONE))
    for number in (1, 4):
        await maintenance.start(at(session, 25), number)
    await maintenance.complete(at(session, 26), 4)
    found = await handover(session)
    assert [item.title for item in found.maintenances] == ["Runs", "Soon"]
    lines = told(found)
    assert "  1 in progress, 11:00 to 15:00, overrun: Runs" in lines
    assert "  2 scheduled, 7 Jan 15:00 to 7 Jan 17:00: Soon" in lines


async def test_tickets_come_in_the_order_of_work(session: Session) -> None:
    desk = at(session, 29)
    await clients.add(desk, "Globex")
    await clients.add(desk, "Initech", Support.PREMIUM)
    for name, grade in (("Globex", Severity.MINOR), ("Globex", Severity.IMPAIRMENT), ("Initech", Severity.IMPAIRMENT)):
        said = tickets.Report(name, f"{name} waits", grade, TicketNature.FAULT, "", "", desk.now)
        await tickets.report(desk, said)
    await tickets.assign(desk, 3, "grace")
    found = await handover(session)
    assert [item.id for item in found.tickets] == [3, 2, 1]
    lines = told(found)
    assert "  3 severity 2, due in 60 min, with grace" in lines
    assert "     Initech waits (Initech, premium)" in lines
    assert "  2 severity 2, due in 60 min, with nobody" in lines


async def test_notices_given_up_are_counted_by_reason_and_forgotten_after_a_day(session: Session) -> None:
    await incidents.open_(at(session, 1), draft("Old", Severity.MINOR, 0))
    await settle(session, DeliveryState.DEAD, "550 no such mailbox", 2)
    for hours, error in ((28, "550 no such mailbox"), (29, "connection refused")):
        await incidents.update(at(session, hours), 1, Statement("On."))
        await settle(session, DeliveryState.DEAD, error, hours)
    await incidents.update(at(session, 29.5), 1, Statement("On."))
    await settle(session, DeliveryState.SENT, "", 29.5)
    await incidents.update(at(session, 29.6), 1, Statement("On."))
    await settle(session, DeliveryState.DEAD, "connection refused", 29.6)
    found = await handover(session)
    assert found.dead == (("connection refused", 4), ("550 no such mailbox", 2))
    assert "  4 × connection refused" in told(found)


async def test_alarms_that_did_not_reach_on_call_are_counted(session: Session) -> None:
    async with session.store.writing() as connection:
        for hours, key in ((1, "old"), (29, "new")):
            await alarms.sound(connection, Alarm(key, "s", "t", after(hours * HOUR)), ["place"])
            for claimed in await alarms.claim(connection, "c", ["place"], after(hours * HOUR), after(hours * HOUR + 9)):
                await alarms.settle(connection, claimed, "c", DeliveryState.DEAD, after(hours * HOUR), "refused")
    found = await handover(session)
    assert found.alarms == {DeliveryState.DEAD: 1}
    assert "  1 dead" in told(found)


@pytest.mark.parametrize(
    ("seconds_ago", "state", "said"),
    [
        (1, WatcherState.ALIVE, "The watcher lives."),
        (3600, WatcherState.STALE, "Nobody watches! The last watcher was heard of at 15:00;"),
        (None, WatcherState.ABSENT, "Nobody watches! No watcher was ever here; 'omwatch watch' starts one."),
    ],
)
async def test_it_says_whether_anybody_watches(
    session: Session, seconds_ago: float | None, state: WatcherState, said: str
) -> None:
    if seconds_ago is not None:
        await watched(session, seconds_ago)
    found = await handover(session)
    assert found.watcher is state
    assert told(found)[2].startswith(said)


async def test_it_says_when_the_site_is_blind(session: Session) -> None:
    await watched(session, 1, blind_since=after(29 * HOUR).isoformat())
    found = await handover(session)
    assert found.blind_since == after(29 * HOUR)
    assert "this site is blind since 15:00" in " ".join(told(found))


async def test_long_words_from_outside_are_broken_within_the_width(session: Session) -> None:
    long = draft("x" * 190, Severity.MINOR, 29, "漢字" * 60)
    await incidents.open_(at(session, 29), replace(long, components={"漢字" * 60: ComponentStatus.MAJOR_OUTAGE}))
    lines = text(await handover(session), ZONE).splitlines()
    assert all(sum(2 if letter > "\u2e80" else 1 for letter in line) <= 80 for line in lines)
    assert sum(line.count("x") for line in lines) >= 190
