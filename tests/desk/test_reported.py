"""Suggestions from clients: written and withdrawn with what they rest on, confirmed, undone, left by the judge."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from omwatch.desk import clients, incidents, linking, publishing, reported, suggestions, tickets
from omwatch.desk.approvals import Waiting
from omwatch.desk.publishing import Published
from omwatch.desk.session import NotPossible, Session
from omwatch.domain.assessment import CheckState
from omwatch.domain.client import Support
from omwatch.domain.deadline import About, Deadline, Duty
from omwatch.domain.event import Event, EventKind, EventStatus
from omwatch.domain.notice import Draft
from omwatch.domain.proposing import Move, propose
from omwatch.domain.role import MACHINE
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.suggestion import Suggestion, SuggestionKind, SuggestionState
from omwatch.domain.ticket import TicketNature
from omwatch.store import Store, approvals, assessments, audit, deadlines, events, subscribers
from omwatch.store import suggestions as rows
from omwatch.store import tickets as ticket_rows
from omwatch.store.audit import Wanted
from omwatch.store.tables import suggestions as suggestion_table
from tests.domain.builders import a_suggestion, after, an_assessment, an_evidence
from tests.sitting import sit

OUTAGE, IMPAIRMENT, MINOR, NONE = Severity
FIVE = ("Acme", "Globex", "Initech", "Umbrella", "Hooli")


@pytest.fixture
async def session(store: Store) -> Session:
    """A desk with five clients, two of which have no continuity plan, and two subscribers."""
    session = sit(store, after(0))
    for name in FIVE:
        await clients.add(session, name, Support.STANDARD, continuity_plan=name not in FIVE[3:])
    async with store.writing() as connection:
        for name in ("ada", "grace"):
            await subscribers.add(connection, f"{name}@example.com", "ada", after(0))
    return session


def at(session: Session, seconds: float) -> Session:
    return replace(session, now=after(seconds))


async def report(
    session: Session, client: str, seconds: float = 0, grade: Severity = IMPAIRMENT, component: str = "Chat routing"
) -> int:
    said = tickets.Report(client, "Chats wait", grade, component=component)
    return (await tickets.report(at(session, seconds), said)).id


async def three_report(session: Session, grade: Severity = IMPAIRMENT) -> Suggestion:
    for number, client in enumerate(FIVE[:3]):
        await report(session, client, 60 * number, grade)
    (found,) = await waiting(session)
    return found


async def waiting(session: Session) -> list[Suggestion]:
    async with session.store.reading() as connection:
        return await rows.open_ones(connection)


async def get(session: Session, number: int) -> Suggestion:
    async with session.store.reading() as connection:
        found = await rows.get(connection, number)
    assert found is not None
    return found


async def linked(session: Session) -> dict[int, int | None]:
    async with session.store.reading() as connection:
        return {item.id: item.incident for item in await ticket_rows.every(connection)}


async def affected(session: Session, event: int) -> set[str]:
    return {name for name in FIVE if event in [item.id for item in (await clients.show(session, name)).incidents]}


async def confirm(session: Session, number: int) -> Published:
    drafted = (await suggestions.preview(session, number)).draft
    done = await suggestions.confirm(session, number, drafted)
    assert isinstance(done, Published)
    return done


async def event(session: Session, number: int) -> Event:
    async with session.store.reading() as connection:
        found = await events.get(connection, number)
    assert found is not None
    return found


async def an_outage(session: Session, *names: str, component: str = "Agent login") -> int:
    draft = Draft(
        "It fails", "We know.", OUTAGE, EventStatus.IDENTIFIED, {component: ComponentStatus.MAJOR_OUTAGE}, after(0)
    )
    done = await incidents.open_(session, draft)
    assert isinstance(done, Published)
    if names:
        await incidents.affects(session, done.event, names)
    return done.event


def machine(session: Session, seconds: float) -> Session:
    return replace(session, operator=MACHINE, now=after(seconds))


# --- reports -----------------------------------------------------------------------------------------------------


async def test_the_third_client_makes_a_suggestion_in_the_transaction_of_its_report(session: Session) -> None:
    await report(session, "Acme")
    await report(session, "Globex", 60)
    await report(session, "globex", 90)
    assert await waiting(session) == []
    await report(session, "Initech", 120, MINOR)
    (found,) = await waiting(session)
    assert (found.kind, found.severity) == (SuggestionKind.REPORTED, IMPAIRMENT)
    assert (found.opened_at, found.first_failed_at) == (after(120), after(0))
    assert found.reason == "3 clients report Chat routing (tickets 1, 2, 3, 4)"


async def test_it_follows_its_tickets(session: Session) -> None:
    number = (await three_report(session)).id
    await report(session, "Hooli", 200)
    assert (await get(session, number)).reason == "4 clients report Chat routing (tickets 1, 2, 3, 4)"
    await tickets.regrade(at(session, 210), 4, OUTAGE, "all of them wait")
    assert (await get(session, number)).severity is OUTAGE
    await tickets.close(at(session, 220), 1, "Their own fault.")
    await tickets.close(at(session, 230), 2, "Their own fault.")
    assert (await get(session, number)).state is SuggestionState.WITHDRAWN
    await tickets.reopen(at(session, 240), 2)
    (anew,) = await waiting(session)
    assert anew.id != number
    assert anew.behind == {2, 3, 4}


async def test_linking_its_tickets_elsewhere_withdraws_it_and_unlinking_brings_it_back(session: Session) -> None:
    number = (await three_report(session)).id
    incident = await an_outage(session)
    await linking.link(at(session, 200), 2, incident)
    assert (await get(session, number)).state is SuggestionState.WITHDRAWN
    await linking.unlink(at(session, 210), 2, unaffected=True)
    (anew,) = await waiting(session)
    assert anew.behind == {1, 2, 3}


async def test_it_is_spelled_as_the_page_does_it(session: Session) -> None:
    state = CheckState(an_assessment("Chat routing", NONE))
    async with session.store.writing() as connection:
        await assessments.keep(connection, [state], after(0))
    for client in FIVE[:3]:
        await report(session, client, component="CHAT  routing")
    assert [item.components for item in await waiting(session)] == [("Chat routing",)]


async def test_questions_and_another_policy_suggest_nothing(session: Session) -> None:
    for client in FIVE:
        said = tickets.Report(client, "How?", nature=TicketNature.QUESTION, component="Chat routing")
        await tickets.report(session, said)
    stricter = replace(session, policy=replace(session.policy, reports_needed=4))
    for client in FIVE[:3]:
        await report(stricter, client)
    assert await waiting(session) == []


async def test_a_withdrawn_one_takes_its_approval_and_its_deadline_with_it(session: Session) -> None:
    careful = replace(session, policy=replace(session.policy, two_person=frozenset({OUTAGE})))
    found = await three_report(careful, OUTAGE)
    async with session.store.writing() as connection:
        owed = Deadline(0, Duty.RESPONSE, About.SUGGESTION, found.id, OUTAGE, after(120), after(1920))
        await deadlines.add(connection, owed)
    drafted = (await suggestions.preview(careful, found.id)).draft
    assert isinstance(await suggestions.confirm(careful, found.id, drafted), Waiting)
    await tickets.close(careful, 1, "Their own fault.")
    async with session.store.reading() as connection:
        assert await approvals.waiting_for(connection, suggestion=found.id) is None
        assert [entry.action for entry in await audit.latest(connection, 9, Wanted(noun="approval"))] == ["void", "ask"]
        assert [item.void_at for item in await deadlines.of(connection, About.SUGGESTION, found.id)] == [after(0)]


# --- confirming reports ------------------------------------------------------------------------------------------


async def test_the_draft_investigates_and_says_neither_who_nor_how_many_nor_synthetic(session: Session) -> None:
    found = await three_report(session, OUTAGE)
    shown = await suggestions.preview(session, found.id)
    assert shown.recipients == 2
    assert shown.draft == Draft(
        title="Chat routing: problems reported",
        text=(
            "We are investigating reports that Chat routing does not work for some clients. "
            "The first came in at 15:00 UTC on 5 January 2026.\n\n"
            "Our team is working on it (24/7 until resolved). We will update you again within 60 min."
        ),
        severity=OUTAGE,
        status=EventStatus.INVESTIGATING,
        components={"Chat routing": ComponentStatus.MAJOR_OUTAGE},
        started_at=after(0),
    )


async def test_confirming_opens_an_incident_with_every_ticket_behind_it(session: Session) -> None:
    found = await three_report(session)
    await report(session, "Hooli", 130, component="Agent login")
    done = await confirm(at(session, 300), found.id)
    incident = await event(session, done.event)
    assert (incident.status, incident.severity, incident.started_at) == (
        EventStatus.INVESTIGATING,
        IMPAIRMENT,
        after(0),
    )
    assert await linked(session) == {1: done.event, 2: done.event, 3: done.event, 4: None}
    assert await affected(session, done.event) == set(FIVE[:3])
    assert await waiting(session) == []
    async with session.store.reading() as connection:
        noted = [(entry.action, entry.noun, entry.noun_id) for entry in await audit.latest(connection, 4)]
    assert noted == [("confirm", "suggestion", found.id), *(("link", "ticket", number) for number in (3, 2, 1))]


async def test_more_reports_of_what_an_incident_covers_suggest_nothing(session: Session) -> None:
    await confirm(session, (await three_report(session)).id)
    for client in FIVE:
        await report(session, client, 300)
    assert await waiting(session) == []


async def test_an_undone_confirmation_leaves_the_suggestion_open_and_the_tickets_free(session: Session) -> None:
    held = replace(session, policy=replace(session.policy, hold=timedelta(seconds=60)))
    found = await three_report(held)
    done = await confirm(held, found.id)
    await publishing.undo(held, done.update)
    assert set((await linked(session)).values()) == {None}
    assert await reported.by_clock(machine(session, 10)) == []
    assert [item.id for item in await waiting(session)] == [found.id]
    again = await confirm(at(held, 100), found.id)
    assert set((await linked(session)).values()) == {again.event}


async def test_a_dismissed_one_stays_quiet_until_a_client_more_reports(session: Session) -> None:
    found = await three_report(session)
    await suggestions.dismiss(session, found.id, "their own provider")
    await report(session, "Acme", 300)
    assert await waiting(session) == []
    await report(session, "Hooli", 310)
    (anew,) = await waiting(session)
    assert anew.reason == "4 clients report Chat routing (tickets 1, 2, 3, 4, 5)"


# --- beside the judge --------------------------------------------------------------------------------------------


async def judge(session: Session, seconds: float, *components: str) -> list[Move]:
    """Let the judge see these components fail, as the watcher does."""
    async with session.store.writing() as connection:
        pending = await rows.pending(connection)
        incidents_ = await events.open_incidents(connection)
        found = propose([an_assessment(name) for name in components], pending, incidents_, after(seconds))
        for move in found:
            if move.suggestion.id:
                await rows.change(connection, move.suggestion)
            else:
                await rows.add(connection, move.suggestion)
    return [move.move for move in found]


async def test_the_judge_neither_sees_nor_withdraws_what_clients_report(session: Session) -> None:
    found = await three_report(session)
    assert await judge(session, 200) == []
    assert await judge(session, 210, "Agent login") == [Move.OPEN]
    assert await get(session, found.id) == found


async def test_it_gives_way_when_the_judge_suggests_its_component_itself(session: Session) -> None:
    found = await three_report(session)
    assert await judge(session, 200, "Agent login", "Chat routing") == [Move.OPEN]
    (withdrawn,) = await reported.by_clock(machine(session, 201))
    assert (withdrawn.move, withdrawn.suggestion.id) == (Move.WITHDRAW, found.id)
    assert [item.kind for item in await waiting(session)] == [SuggestionKind.OPEN]


async def test_it_gives_way_when_an_incident_covers_its_component(session: Session) -> None:
    found = await three_report(session)
    await an_outage(session, component="chat routing")
    await reported.by_clock(machine(session, 201))
    assert (await get(session, found.id)).state is SuggestionState.WITHDRAWN


async def test_what_a_maintenance_window_holds_is_not_suggested(session: Session) -> None:
    window = Event(
        0,
        EventKind.MAINTENANCE,
        "Routing moves",
        NONE,
        EventStatus.IN_PROGRESS,
        {"Chat routing": ComponentStatus.UNDER_MAINTENANCE},
        after(0),
        after(0),
    )
    async with session.store.writing() as connection:
        await events.add(connection, window, "ada")
    for client in FIVE:
        await report(session, client)
    assert await waiting(session) == []


async def test_the_clock_writes_only_when_something_changes(session: Session) -> None:
    found = await three_report(session)
    await an_outage(session, "Acme")
    assert await reported.by_clock(machine(session, 200)) == []
    before = await rows_written(session)
    for seconds in (201, 202, 90_000):
        assert await reported.by_clock(machine(session, seconds)) == []
    assert await rows_written(session) == before
    await suggestions.dismiss(session, found.id, "their own provider")
    (settled,) = await reported.by_clock(machine(session, 90_001))
    assert settled.move is Move.SETTLE
    assert await reported.by_clock(machine(session, 90_002)) == []


async def rows_written(session: Session) -> int:
    async with session.store.reading() as connection:
        return int((await connection.execute(select(func.count()).select_from(suggestion_table))).scalar_one())


# --- continuity plans --------------------------------------------------------------------------------------------


async def test_an_outage_is_suggested_to_be_milder_once_all_its_clients_have_a_plan(session: Session) -> None:
    incident = await an_outage(session)
    assert await waiting(session) == []
    await incidents.affects(session, incident, ["Acme", "Umbrella"])
    assert await waiting(session) == []
    await clients.change(session, "Umbrella", clients.Changes(continuity_plan=True))
    (found,) = await waiting(session)
    assert (found.kind, found.incident, found.severity) == (SuggestionKind.CONTINUITY, incident, IMPAIRMENT)
    assert found.reason == "all 2 affected clients have a business continuity plan: Acme, Umbrella"
    await clients.change(session, "Acme", clients.Changes(continuity_plan=False))
    assert (await get(session, found.id)).state is SuggestionState.WITHDRAWN


async def test_confirming_it_regrades_under_the_plan_of_exactly_those_clients(session: Session) -> None:
    incident = await an_outage(session, "Acme", "Globex")
    (found,) = await waiting(session)
    shown = await suggestions.preview(session, found.id)
    assert (shown.draft.severity, shown.draft.status) == (IMPAIRMENT, EventStatus.IDENTIFIED)
    assert shown.draft.components == {"Agent login": ComponentStatus.PARTIAL_OUTAGE}
    assert "Affected clients work under their business continuity plans." in shown.draft.text
    assert not any(name in shown.draft.text for name in FIVE)
    done = await confirm(at(session, 300), found.id)
    now = await event(session, incident)
    assert (done.event, now.severity) == (incident, IMPAIRMENT)
    assert now.components == {"Agent login": ComponentStatus.PARTIAL_OUTAGE}
    assert now.updates[-1].reason == "business continuity plan of Acme, Globex"
    assert now.updates[-1].text == shown.draft.text
    assert await reported.by_clock(machine(session, 301)) == []
    assert await waiting(session) == []


async def test_it_is_not_confirmed_for_clients_that_it_does_not_name(session: Session) -> None:
    incident = await an_outage(session, "Acme")
    (found,) = await waiting(session)
    drafted = (await suggestions.preview(session, found.id)).draft
    async with session.store.writing() as connection:
        await events.add_client(connection, incident, 2)
    with pytest.raises(NotPossible, match=f"other clients are affected by incident {incident} since"):
        await suggestions.confirm(session, found.id, drafted)
    await reported.by_clock(machine(session, 10))
    await confirm(at(session, 20), found.id)
    assert (await event(session, incident)).updates[-1].reason == "business continuity plan of Acme, Globex"


async def test_the_judge_leaves_it_alone(session: Session) -> None:
    await an_outage(session, "Acme")
    (found,) = await waiting(session)
    await judge(session, 200, "Agent login")
    assert await get(session, found.id) == found


async def test_a_dismissed_one_stays_quiet_until_another_client_is_affected(session: Session) -> None:
    incident = await an_outage(session, "Acme")
    (found,) = await waiting(session)
    await suggestions.dismiss(session, found.id, "the plan covers no log-ins")
    await reported.by_clock(machine(session, 100))
    assert await waiting(session) == []
    await incidents.affects(session, incident, ["Globex"])
    (anew,) = await waiting(session)
    assert anew.behind == {1, 2}


async def test_it_ends_with_its_outage(session: Session) -> None:
    incident = await an_outage(session, "Acme")
    (found,) = await waiting(session)
    await incidents.resolve(at(session, 100), incident)
    (withdrawn,) = await reported.by_clock(machine(session, 101))
    assert (withdrawn.move, withdrawn.suggestion.id) == (Move.WITHDRAW, found.id)


async def test_an_undone_regrade_is_suggested_again(session: Session) -> None:
    held = replace(session, policy=replace(session.policy, hold=timedelta(seconds=60)))
    await an_outage(session, "Acme")
    (found,) = await waiting(session)
    done = await confirm(held, found.id)
    await publishing.undo(held, done.update)
    (anew,) = await reported.by_clock(machine(session, 10))
    assert (anew.move, anew.suggestion.kind) == (Move.OPEN, SuggestionKind.CONTINUITY)


async def test_a_confirmed_report_of_an_outage_may_be_milder_under_the_plans_of_those_who_reported_it(
    session: Session,
) -> None:
    await confirm(session, (await three_report(session, OUTAGE)).id)
    (found,) = await waiting(session)
    assert found.kind is SuggestionKind.CONTINUITY
    assert found.behind == {1, 2, 3}


async def test_what_attempts_say_is_stored_as_before(session: Session) -> None:
    async with session.store.writing() as connection:
        number = await rows.add(connection, a_suggestion(an_evidence()))
    found = await get(session, number)
    assert found.behind == frozenset()
    assert found.reason == "Agent login: 20 of 50 agents failed"
    assert found.summary == "Agent login: 20 of 50 agents failed"
