"""Tickets: each action, the clock it touches, and what it leaves in the audit log."""

import pytest

from omwatch.desk import clients, incidents, linking, publishing, tickets
from omwatch.desk.session import NotAllowed, NotPossible, Session
from omwatch.desk.tickets import Report
from omwatch.domain.client import Support
from omwatch.domain.deadline import DeadlineState
from omwatch.domain.event import EventStatus
from omwatch.domain.notice import Draft
from omwatch.domain.role import Role
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.ticket import Ticket, TicketNature, TicketStatus
from omwatch.store import Store, audit, events
from omwatch.store import clients as client_rows
from omwatch.store.audit import Entry
from tests.domain.builders import after
from tests.sitting import sit

OUTAGE, IMPAIRMENT, MINOR, NONE = Severity
MINUTE = 60


@pytest.fixture
async def session(store: Store) -> Session:
    """A desk with two clients."""
    session = sit(store, after(0))
    await clients.add(session, "Acme", Support.PREMIUM)
    await clients.add(session, "Globex")
    return session


def later(session: Session, minutes: float) -> Session:
    return sit(session.store, after(minutes * MINUTE))


async def reported(session: Session, grade: Severity | None = IMPAIRMENT, **said: object) -> Ticket:
    return await tickets.report(session, Report(**{"client": "acme", "title": "Chats wait", "grade": grade, **said}))  # type: ignore[arg-type]


async def last_entry(session: Session) -> Entry:
    async with session.store.reading() as connection:
        (entry,) = await audit.latest(connection, 1)
    return entry


async def an_incident(session: Session) -> int:
    components = {"Chat routing": ComponentStatus.MAJOR_OUTAGE}
    draft = Draft("Chats wait", "We know.", OUTAGE, EventStatus.IDENTIFIED, components, after(0))
    done = await incidents.open_(session, draft)
    assert isinstance(done, publishing.Published)
    return done.event


async def affected(session: Session, incident: int) -> list[str]:
    async with session.store.reading() as connection:
        return [item.name for item in await client_rows.affected_by(connection, incident)]


# --- reporting ---------------------------------------------------------------------------------------------------


async def test_a_report_waits_for_a_response_that_is_owed_from_when_it_was_reported(session: Session) -> None:
    ticket = await reported(
        later(session, 20), component=" Chat\trouting ", text="All of them.\n\nSince nine.", reported_at=after(0)
    )
    assert (ticket.id, ticket.client, ticket.support) == (1, "Acme", Support.PREMIUM)
    assert (ticket.component, ticket.text) == ("Chat routing", "All of them.\n\nSince nine.")
    assert (ticket.status, ticket.reported_at) == (TicketStatus.WAITING, after(0))
    assert ticket.response is not None
    assert (ticket.response.since, ticket.response.due_at) == (after(0), after(120 * MINUTE))
    entry = await last_entry(session)
    assert (entry.action, entry.noun, entry.noun_id, entry.before) == ("report", "ticket", 1, None)
    assert entry.after is not None
    assert (entry.after["title"], entry.after["grade"], entry.after["response"]["state"]) == (
        "Chats wait",
        2,
        "running",
    )


@pytest.mark.parametrize(("grade", "minutes"), [(OUTAGE, 30), (IMPAIRMENT, 120), (MINOR, 360), (NONE, 1440)])
async def test_every_grade_has_the_response_time_of_its_severity(
    session: Session, grade: Severity, minutes: int
) -> None:
    ticket = await reported(session, grade)
    assert ticket.response is not None
    assert ticket.response.due_at == after(minutes * MINUTE)


@pytest.mark.parametrize("nature", [TicketNature.ENHANCEMENT, TicketNature.QUESTION])
async def test_what_is_no_fault_is_severity_4_and_cannot_be_another(session: Session, nature: TicketNature) -> None:
    ticket = await reported(session, None, nature=nature)
    assert ticket.grade is NONE
    with pytest.raises(NotPossible, match=f"{nature} is always severity 4, no loss of service"):
        await reported(session, MINOR, nature=nature)
    with pytest.raises(NotPossible, match=f"{nature} is always severity 4, no loss of service"):
        await tickets.regrade(session, ticket.id, OUTAGE, "they shout")


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"grade": None}, "a fault needs a grade, from 1 for a system outage to 4"),
        ({"client": "Initech"}, "there is no client 'Initech'; 'omwatch client list' shows them"),
        ({"title": " "}, "the title is empty; nothing was changed"),
        ({"reported_at": after(1)}, "nothing can be reported in the future, at 2026-01-05T15:00:01Z"),
    ],
)
async def test_a_report_that_makes_no_sense_is_refused(session: Session, said: dict[str, object], refusal: str) -> None:
    with pytest.raises(NotPossible, match=refusal):
        await reported(session, **{"grade": MINOR, **said})  # type: ignore[arg-type]
    assert (await last_entry(session)).noun == "client"


async def test_what_a_client_says_can_be_read_and_never_acts(session: Session) -> None:
    ticket = await reported(session, title="a\x1b[2Jb", component="c\x1b]0;d", text="e\x9bf\n\x1bg")
    assert (ticket.title, ticket.component, ticket.text) == ("a␛[2Jb", "c␛]0;d", "e\ufffdf\n␛g")


# --- answering ---------------------------------------------------------------------------------------------------


async def test_the_first_answer_meets_the_deadline_and_later_ones_do_not_move_it(session: Session) -> None:
    await reported(session)
    answered = await tickets.respond(later(session, 30), 1, "We look\ninto it.")
    assert answered.status is TicketStatus.RESPONDED
    entry = await last_entry(session)
    assert entry.after is not None
    assert (entry.action, entry.after["said"], entry.after["status"]) == ("respond", "We look\ninto it.", "responded")
    again = await tickets.respond(later(session, 300), 1, "Still looking.")
    assert again.response is not None
    assert again.response.met_at == after(30 * MINUTE)
    assert again.response.state(after(999_999)) is DeadlineState.MET


async def test_an_answer_that_comes_late_is_a_breach_and_one_at_the_very_end_is_not(session: Session) -> None:
    for minutes, expected in ((30, DeadlineState.MET), (30.001, DeadlineState.BREACHED)):
        ticket = await reported(session, OUTAGE)
        done = await tickets.respond(later(session, minutes), ticket.id, "We know.")
        assert done.response is not None
        assert done.response.state(after(999_999)) is expected


async def test_assigning_touches_no_clock(session: Session) -> None:
    ticket = await reported(session)
    assigned = await tickets.assign(later(session, 5), 1, "  grace ")
    assert (assigned.assignee, assigned.status, assigned.response) == ("grace", TicketStatus.WAITING, ticket.response)
    with pytest.raises(NotPossible, match="the name is empty"):
        await tickets.assign(session, 1, " ")


# --- grading anew ------------------------------------------------------------------------------------------------


async def test_a_graver_grade_gives_its_own_response_time_from_now_and_never_more_than_was_left(
    session: Session,
) -> None:
    await reported(session, NONE)
    graver = await tickets.regrade(later(session, 60), 1, OUTAGE, "all of them wait")
    assert graver.response is not None
    assert (graver.grade, graver.response.due_at) == (OUTAGE, after(90 * MINUTE))
    entry = await last_entry(session)
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["grade"], entry.after["grade"], entry.after["why"]) == (4, 1, "all of them wait")


async def test_a_milder_grade_gives_its_response_time_from_the_beginning(session: Session) -> None:
    await reported(session, OUTAGE)
    milder = await tickets.regrade(later(session, 20), 1, MINOR, "one agent only")
    assert milder.response is not None
    assert milder.response.due_at == after(360 * MINUTE)


async def test_a_response_that_was_given_stays_as_it_was(session: Session) -> None:
    await reported(session)
    answered = await tickets.respond(later(session, 30), 1, "We know.")
    regraded = await tickets.regrade(later(session, 60), 1, OUTAGE, "it spreads")
    assert regraded.response == answered.response


async def test_regrading_needs_another_grade_and_a_reason(session: Session) -> None:
    await reported(session)
    with pytest.raises(NotPossible, match="ticket 1 has severity 2 already; nothing was changed"):
        await tickets.regrade(session, 1, IMPAIRMENT, "why not")
    with pytest.raises(NotPossible, match="the reason is empty"):
        await tickets.regrade(session, 1, OUTAGE, "")


# --- incidents ---------------------------------------------------------------------------------------------------


async def test_a_linked_tickets_client_counts_as_affected(session: Session) -> None:
    incident = await an_incident(session)
    await reported(session)
    linked = await linking.link(session, 1, incident)
    assert linked.incident == incident
    assert await affected(session, incident) == ["Acme"]
    entry = await last_entry(session)
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.action, entry.before["incident"], entry.after["incident"]) == ("link", None, incident)
    with pytest.raises(
        NotPossible, match=rf"ticket 1 is part of incident {incident} already; 'omwatch ticket unlink 1'"
    ):
        await linking.link(session, 1, incident)


async def test_only_faults_are_part_of_incidents_that_are_there(session: Session) -> None:
    incident = await an_incident(session)
    await reported(session, None, nature=TicketNature.QUESTION)
    await reported(session)
    with pytest.raises(NotPossible, match="ticket 1 is about a question, and only faults are part of incidents"):
        await linking.link(session, 1, incident)
    with pytest.raises(NotPossible, match="there is no incident 9"):
        await linking.link(session, 2, 9)
    with pytest.raises(NotPossible, match="ticket 2 is part of no incident"):
        await linking.unlink(session, 2)


async def test_unlinking_leaves_the_client_affected_unless_told(session: Session) -> None:
    incident = await an_incident(session)
    await reported(session)
    await linking.link(session, 1, incident)
    assert (await linking.unlink(session, 1)).incident is None
    assert await affected(session, incident) == ["Acme"]
    await linking.link(session, 1, incident)
    await linking.unlink(session, 1, unaffected=True)
    assert await affected(session, incident) == []


async def test_a_client_with_another_ticket_in_the_incident_is_affected_all_the_same(session: Session) -> None:
    incident = await an_incident(session)
    for client in ("acme", "acme", "globex"):
        ticket = await reported(session, client=client)
        await linking.link(session, ticket.id, incident)
    with pytest.raises(NotPossible, match=f"Acme has ticket 2 in incident {incident}, too; unlink it first"):
        await linking.unlink(session, 1, unaffected=True)
    async with session.store.reading() as connection:
        assert len(await events.clients_of(connection, incident)) == 2
    assert (await linking.unlink(session, 3, unaffected=True)).client == "Globex"
    assert await affected(session, incident) == ["Acme"]


# --- closing -----------------------------------------------------------------------------------------------------


async def test_closing_an_unanswered_ticket_counts_as_its_response(session: Session) -> None:
    await reported(session)
    closed = await tickets.close(later(session, 60), 1, "It was your own proxy.")
    assert (closed.status, closed.closed_at) == (TicketStatus.CLOSED, after(60 * MINUTE))
    assert closed.response is not None
    assert closed.response.met_at == after(60 * MINUTE)
    entry = await last_entry(session)
    assert entry.after is not None
    assert (entry.action, entry.after["said"]) == ("close", "It was your own proxy.")


async def test_a_closed_ticket_is_left_alone_until_it_is_reopened_and_then_owes_no_other_response(
    session: Session,
) -> None:
    await reported(session)
    await tickets.respond(later(session, 5), 1, "We know.")
    await tickets.close(later(session, 60), 1, "Done.")
    refused = (
        tickets.respond(session, 1, "?"),
        tickets.assign(session, 1, "grace"),
        tickets.regrade(session, 1, OUTAGE, "?"),
        linking.link(session, 1, 1),
        linking.unlink(session, 1),
        tickets.close(session, 1, "Done."),
    )
    for action in refused:
        with pytest.raises(NotPossible, match="ticket 1 is closed; 'omwatch ticket reopen 1' opens it again"):
            await action
    again = await tickets.reopen(later(session, 90), 1)
    assert (again.status, again.closed_at) == (TicketStatus.RESPONDED, None)
    assert again.response is not None
    assert again.response.met_at == after(5 * MINUTE)
    with pytest.raises(NotPossible, match="ticket 1 is open, it is responded; nothing was changed"):
        await tickets.reopen(session, 1)


async def test_a_ticket_that_is_not_there_is_refused(session: Session) -> None:
    for action in (tickets.reopen(session, 7), tickets.respond(session, 7, "?"), tickets.close(session, 7, "?")):
        with pytest.raises(NotPossible, match="there is no ticket 7; 'omwatch ticket list --all' shows them"):
            await action


async def test_a_viewer_can_do_nothing_with_tickets(session: Session) -> None:
    await reported(session)
    await tickets.close(session, 1, "Done.")
    before = await last_entry(session)
    viewer = sit(session.store, after(60), "eve", Role.VIEWER)
    actions = (
        reported(viewer),
        tickets.respond(viewer, 1, "?"),
        tickets.assign(viewer, 1, "eve"),
        tickets.regrade(viewer, 1, OUTAGE, "?"),
        linking.link(viewer, 1, 1),
        linking.unlink(viewer, 1),
        tickets.close(viewer, 1, "?"),
        tickets.reopen(viewer, 1),
    )
    for action in actions:
        with pytest.raises(NotAllowed, match="eve is a viewer here"):
            await action
    assert await last_entry(session) == before


async def test_an_operator_is_enough(session: Session) -> None:
    operator = sit(session.store, after(60), "bob", Role.OPERATOR)
    assert (await reported(operator)).id == 1
    assert (await last_entry(session)).operator == "bob"
