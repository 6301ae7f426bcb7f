"""Assessments, suggestions, events, subscribers and the audit log come back as they went in."""

from dataclasses import replace

import pytest
from sqlalchemy import update as update_row

from omwatch.domain.assessment import CheckState, Trouble
from omwatch.domain.event import EventKind, EventStatus, Present
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.suggestion import Suggestion, SuggestionState
from omwatch.store import Store, assessments, audit, events, subscribers, suggestions
from omwatch.store.audit import Entry
from omwatch.store.tables import events as event_rows
from tests.domain.builders import a_suggestion, after, an_assessment, an_evidence, an_incident


async def kept(store: Store, *states: CheckState) -> list[CheckState]:
    async with store.writing() as connection:
        await assessments.keep(connection, states, after(0))
    async with store.reading() as connection:
        return await assessments.every(connection)


@pytest.mark.parametrize("severity", [None, *Severity])
async def test_a_check_state_comes_back_as_it_was(store: Store, severity: Severity | None) -> None:
    state = CheckState(replace(an_assessment(severity=severity), clear_since=after(7)), Trouble("KeyError", after(3)))
    assert await kept(store, state) == [state]


async def test_check_states_keep_their_order_and_are_overwritten_in_place(store: Store) -> None:
    pop, login = CheckState(an_assessment("Screen pop")), CheckState(an_assessment("Agent login"))
    assert await kept(store, pop, login) == [pop, login]
    worse = CheckState(an_assessment("Screen pop", failing=30))
    assert await kept(store, login, worse) == [login, worse]


async def test_a_check_that_is_there_no_more_is_forgotten(store: Store) -> None:
    pop, login = CheckState(an_assessment("Screen pop")), CheckState(an_assessment("Agent login"))
    await kept(store, pop, login)
    assert await kept(store, login) == [login]
    assert await kept(store) == []


async def added(store: Store, suggestion: Suggestion) -> Suggestion:
    async with store.writing() as connection:
        return replace(suggestion, id=await suggestions.add(connection, suggestion))


async def decided(store: Store, number: int, state: SuggestionState) -> bool:
    async with store.writing() as connection:
        return await suggestions.decide(connection, number, state, "ada", "because", after(60))


async def test_a_suggestion_comes_back_exactly_as_it_was(store: Store) -> None:
    """Exactly, down to the floats: the judge compares it with a fresh one to see whether anything changed."""
    evidence = an_evidence(failing=17, first_failed=0.000001), an_evidence("Chat", Severity.MINOR, 1)
    suggestion = await added(store, a_suggestion(*evidence))
    async with store.reading() as connection:
        assert await suggestions.get(connection, suggestion.id) == suggestion
        assert await suggestions.pending(connection) == [suggestion]
        assert await suggestions.open_ones(connection) == [suggestion]
        assert await suggestions.get(connection, suggestion.id + 1) is None


async def test_only_an_open_suggestion_can_be_decided(store: Store) -> None:
    suggestion = await added(store, a_suggestion())
    assert await decided(store, suggestion.id, SuggestionState.CONFIRMED)
    assert not await decided(store, suggestion.id, SuggestionState.DISMISSED)
    async with store.reading() as connection:
        found = await suggestions.get(connection, suggestion.id)
        assert found is not None
        assert found.state is SuggestionState.CONFIRMED
        assert await suggestions.open_ones(connection) == []
        assert await suggestions.pending(connection) == []


async def test_the_judge_cannot_overwrite_a_decision(store: Store) -> None:
    suggestion = await added(store, a_suggestion())
    await decided(store, suggestion.id, SuggestionState.DISMISSED)
    async with store.writing() as connection:
        assert not await suggestions.change(connection, replace(suggestion, severity=Severity.MINOR))
    async with store.reading() as connection:
        found = await suggestions.get(connection, suggestion.id)
    assert found == replace(suggestion, state=SuggestionState.DISMISSED)


async def test_a_dismissed_suggestion_is_pending_until_it_settles(store: Store) -> None:
    suggestion = await added(store, a_suggestion())
    await decided(store, suggestion.id, SuggestionState.DISMISSED)
    async with store.reading() as connection:
        assert [item.id for item in await suggestions.pending(connection)] == [suggestion.id]
    async with store.writing() as connection:
        await suggestions.settle(connection, suggestion.id)
    async with store.reading() as connection:
        assert await suggestions.pending(connection) == []


async def test_an_incident_comes_back_with_its_timeline_oldest_first(store: Store) -> None:
    incident, update = an_incident()
    later = replace(update, status=EventStatus.MONITORING, text="A fix is in place.", at=after(90))
    async with store.writing() as connection:
        number = await events.add(connection, incident, "ada")
        first = await events.add_update(connection, number, update)
        second = await events.add_update(connection, number, later)
    async with store.reading() as connection:
        found = await events.get(connection, number)
        told = await events.of_update(connection, second)
        missing = await events.get(connection, number + 1)
    expected = replace(incident, id=number, updates=(replace(update, id=first), replace(later, id=second)))
    assert found == expected
    assert told == (expected, expected.updates[1])
    assert missing is None


async def test_open_incidents_are_those_that_go_on_newest_first(store: Store) -> None:
    outage, update = an_incident()
    milder = replace(outage, severity=Severity.MINOR, components={"Agent login": ComponentStatus.DEGRADED_PERFORMANCE})
    over = replace(outage, status=EventStatus.RESOLVED, components={"Chat": ComponentStatus.OPERATIONAL})
    async with store.writing() as connection:
        numbers = [await events.add(connection, item, "ada") for item in (outage, milder, over)]
        await events.add_update(connection, numbers[0], update)
    async with store.reading() as connection:
        assert [item.id for item in await events.open_incidents(connection)] == [numbers[1], numbers[0]]


async def test_an_incident_is_regraded_with_its_components_and_ends_by_its_status(store: Store) -> None:
    incident, _ = an_incident()
    milder = {"Agent login": ComponentStatus.DEGRADED_PERFORMANCE}
    async with store.writing() as connection:
        number = await events.add(connection, incident, "ada")
        await events.keep(connection, number, Present(EventStatus.MONITORING, Severity.MINOR, milder, None))
        found = await events.get(connection, number)
        assert found is not None
        assert (found.severity, found.components) == (Severity.MINOR, {**incident.components, **milder})
        await events.keep(connection, number, Present(EventStatus.RESOLVED, Severity.MINOR, milder, None))
        assert await events.open_incidents(connection) == []


async def test_a_component_is_under_maintenance_while_a_window_says_so_of_it(store: Store) -> None:
    incident, _ = an_incident()
    window = replace(incident, components={"Chat": ComponentStatus.UNDER_MAINTENANCE})
    async with store.writing() as connection:
        number = await events.add(connection, window, "ada")
        assert await events.under_maintenance(connection) == frozenset(), "an incident is no maintenance window"
        await connection.execute(update_row(event_rows).values(kind=EventKind.MAINTENANCE))
        assert await events.under_maintenance(connection) == {"Chat"}
        assert await events.open_incidents(connection) == []
        well = {"Chat": ComponentStatus.OPERATIONAL}
        await events.keep(connection, number, Present(EventStatus.COMPLETED, Severity.NONE, well, None))
        assert await events.under_maintenance(connection) == frozenset()


async def test_a_subscriber_is_found_by_its_address(store: Store) -> None:
    async with store.writing() as connection:
        number = await subscribers.add(connection, "ada@example.com", "ada", after(0.25))
        found = await subscribers.by_address(connection, "ada@example.com")
        assert found is not None
        assert (found.id, found.created_at) == (number, after(0.25))
        assert await subscribers.by_address(connection, "eve@example.com") is None
        assert await subscribers.count(connection) == 1


async def test_the_audit_log_gives_its_entries_back_newest_first(store: Store) -> None:
    entries = [Entry(after(second), "ada", "add", "subscriber", second, None, {"x": [1]}) for second in range(5)]
    for entry in entries:
        async with store.writing() as connection:
            await audit.note(connection, entry)
    async with store.reading() as connection:
        assert await audit.latest(connection, 3) == entries[:1:-1]
        assert await audit.latest(connection, 99) == entries[::-1]
