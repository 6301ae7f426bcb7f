"""Clients and tickets come back as they went in, and what is asked of them is answered by the rows."""

from dataclasses import replace

import pytest

from omwatch.domain.client import Client, Support
from omwatch.domain.deadline import About, response
from omwatch.domain.severity import Severity
from omwatch.domain.sla import BRIEF
from omwatch.domain.suggestion import SuggestionKind, SuggestionState
from omwatch.domain.ticket import Ticket, TicketNature, TicketStatus
from omwatch.store import Store, clients, deadlines, events, subscribers, suggestions, tickets
from tests.domain.builders import a_client, a_suggestion, a_ticket, after, an_evidence, an_incident


async def add_client(store: Store, client: Client, *addresses: str) -> Client:
    async with store.writing() as connection:
        number = await clients.add(connection, client, "ada")
        for address in addresses:
            await subscribers.set_client(
                connection, await subscribers.add(connection, address, "ada", after(0)), number
            )
    return replace(client, id=number, contacts=addresses)


async def add_ticket(store: Store, ticket: Ticket, client: int = 1) -> Ticket:
    async with store.writing() as connection:
        return replace(ticket, id=await tickets.add(connection, ticket, client, "ada"))


async def add_incident(store: Store) -> int:
    async with store.writing() as connection:
        return await events.add(connection, an_incident()[0], "ada")


async def test_a_client_comes_back_with_its_contacts_oldest_first(store: Store) -> None:
    first = await add_client(store, a_client("Acme"), "zoe@example.com", "ada@example.com")
    second = await add_client(store, replace(a_client("Globex", continuity_plan=False), support=Support.PREMIUM))
    async with store.reading() as connection:
        assert await clients.every(connection) == [first, second]
        assert await clients.by_name(connection, "acme ") == first
        assert await clients.affected(connection, {second.id}) == [second]
        assert await clients.affected(connection, set()) == []
        assert await clients.of_contact(connection, "ada@example.com") == first
        assert await clients.of_contact(connection, "nobody@example.com") is None


@pytest.mark.parametrize("written", ["École Générale", "ÉCOLE GÉNÉRALE", "école générale"])
async def test_a_client_is_found_by_its_name_in_whichever_case_and_alphabet(store: Store, written: str) -> None:
    client = await add_client(store, a_client("École Générale"))
    await add_client(store, a_client("Ecole Generale"))
    async with store.reading() as connection:
        assert await clients.by_name(connection, written) == client
        assert await clients.by_name(connection, "École") is None


async def test_a_client_is_overwritten_in_place(store: Store) -> None:
    client = await add_client(store, a_client("Acme"), "ada@example.com")
    changed = replace(client, name="Acme Corp", support=Support.PREMIUM, continuity_plan=False)
    async with store.writing() as connection:
        await clients.change(connection, changed)
    async with store.reading() as connection:
        assert await clients.every(connection) == [changed]


async def test_an_incident_affects_a_client_until_it_is_taken_off(store: Store) -> None:
    acme, globex = await add_client(store, a_client("Acme")), await add_client(store, a_client("Globex"))
    first, second = await add_incident(store), await add_incident(store)
    async with store.writing() as connection:
        for number in (first, first, second):
            await events.add_client(connection, number, acme.id)
        await events.add_client(connection, first, globex.id)
        assert await clients.affected_by(connection, first) == [acme, globex]
        assert [item.id for item in await events.affecting(connection, acme.id, 10)] == [second, first]
        assert [item.id for item in await events.affecting(connection, acme.id, 1)] == [second]
        await events.remove_client(connection, first, acme.id)
        assert await clients.affected_by(connection, first) == [globex]
        await events.withdraw(connection, second, after(9))
        assert await events.affecting(connection, acme.id, 10) == []


@pytest.mark.parametrize("nature", list(TicketNature))
@pytest.mark.parametrize("status", list(TicketStatus))
async def test_a_ticket_comes_back_as_it_was(store: Store, nature: TicketNature, status: TicketStatus) -> None:
    await add_client(store, replace(a_client("Acme"), support=Support.PREMIUM))
    closed_at = None if status.open else after(50)
    wanted = replace(
        a_ticket(grade=Severity.NONE),
        support=Support.PREMIUM,
        nature=nature,
        status=status,
        text="It began\n\nyesterday.",
        assignee="bob",
        closed_at=closed_at,
    )
    ticket = await add_ticket(store, wanted)
    async with store.reading() as connection:
        assert await tickets.get(connection, ticket.id) == ticket
        assert await tickets.get(connection, ticket.id + 1) is None
        assert await tickets.every(connection) == [ticket]
        assert await tickets.open_ones(connection) == ([ticket] if status.open else [])
        assert await tickets.open_of_client(connection, 1) == ([ticket] if status.open else [])


async def test_a_ticket_carries_the_deadline_of_its_response(store: Store) -> None:
    await add_client(store, a_client())
    ticket = await add_ticket(store, a_ticket())
    owed = response(About.TICKET, ticket.id, ticket.grade, after(0), BRIEF)
    async with store.writing() as connection:
        number = await deadlines.add(connection, owed)
    async with store.reading() as connection:
        found = await tickets.get(connection, ticket.id)
    assert found == replace(ticket, response=replace(owed, id=number))


async def test_the_deadlines_of_very_many_tickets_are_found(store: Store) -> None:
    await add_client(store, a_client())
    async with store.writing() as connection:
        for number in range(1, 1102):
            await tickets.add(connection, a_ticket(), 1, "ada")
            await deadlines.add(connection, response(About.TICKET, number, Severity.MINOR, after(0), BRIEF))
    async with store.reading() as connection:
        found = await tickets.every(connection)
    assert [item.response.about_id for item in found if item.response] == list(range(1, 1102))


async def test_a_ticket_is_free_again_when_its_incident_was_undone(store: Store) -> None:
    await add_client(store, a_client())
    incident = await add_incident(store)
    ticket = await add_ticket(store, replace(a_ticket(), incident=incident))
    async with store.writing() as connection:
        assert await tickets.of_incident(connection, incident) == [ticket]
        assert await tickets.reports(connection) == []
        await events.withdraw(connection, incident, after(60))
        free = replace(ticket, incident=None)
        assert await tickets.of_incident(connection, incident) == []
        assert await tickets.reports(connection) == [free] == await tickets.open_ones(connection)


async def test_reports_are_open_faults_of_a_component_in_no_incident_and_whatever_was_asked_for(store: Store) -> None:
    await add_client(store, a_client())
    incident = await add_incident(store)
    wanted = [
        a_ticket(),
        replace(a_ticket(), status=TicketStatus.RESPONDED),
        replace(a_ticket(), status=TicketStatus.CLOSED, closed_at=after(9)),
        replace(a_ticket(), nature=TicketNature.QUESTION),
        replace(a_ticket(), component=""),
        replace(a_ticket(), incident=incident),
    ]
    added = [await add_ticket(store, item) for item in wanted]
    async with store.reading() as connection:
        assert await tickets.reports(connection) == added[:2]
        assert await tickets.reports(connection, {added[2].id, added[0].id, 99}) == added[:3]


async def test_the_judge_sees_its_own_suggestions_only(store: Store) -> None:
    """And the desk the others; each may be open, or dismissed and not settled."""
    evidence = replace(an_evidence(), behind=(3, 4))
    async with store.writing() as connection:
        for kind in SuggestionKind:
            for state in SuggestionState:
                wanted = replace(a_suggestion(evidence, state=state), kind=kind)
                await suggestions.add(connection, wanted)
        await suggestions.add(connection, replace(a_suggestion(state=SuggestionState.DISMISSED), settled=True))
    async with store.reading() as connection:
        judged, others = await suggestions.pending(connection), await suggestions.from_clients(connection)
    pending = {SuggestionState.OPEN, SuggestionState.DISMISSED}
    assert {(item.kind, item.state) for item in judged} == {(k, s) for k in SuggestionKind if k.judged for s in pending}
    assert {(item.kind, item.state) for item in others} == {
        (k, s) for k in (SuggestionKind.REPORTED, SuggestionKind.CONTINUITY) for s in pending
    }
    assert len(judged) == 6
    assert len(others) == 4
    assert {item.behind for item in others} == {frozenset({3, 4})}
