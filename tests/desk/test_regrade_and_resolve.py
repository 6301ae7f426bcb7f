"""What confirming does to an incident that goes on: another severity, or its end; everybody hears of it."""

from dataclasses import replace

import pytest

from omwatch.desk import incidents, regrading
from omwatch.desk import suggestions as desk
from omwatch.desk.incidents import Statement
from omwatch.desk.publishing import Published
from omwatch.desk.session import NotPossible
from omwatch.domain.client import Client, Support
from omwatch.domain.event import Event, EventStatus, Present
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.suggestion import SuggestionKind
from omwatch.store import Store, audit, clients, events, subscribers, suggestions
from tests.domain.builders import a_suggestion, after, an_evidence
from tests.sitting import sit

NOW = after(600)


@pytest.fixture
async def incident(store: Store) -> int:
    """The number of an open system outage that one subscriber was told of."""
    async with store.writing() as connection:
        await subscribers.add(connection, "ada@example.com", "ada", after(0))
        number = await suggestions.add(connection, a_suggestion(an_evidence()))
    return (await confirm(store, number)).event


async def confirm(store: Store, suggestion: int) -> Published:
    shown = await desk.preview(sit(store, NOW), suggestion)
    done = await desk.confirm(sit(store, NOW), suggestion, shown.draft)
    assert isinstance(done, Published)
    return done


async def suggest(store: Store, incident: int, kind: SuggestionKind, severity: Severity, failing: int) -> int:
    evidence = replace(an_evidence(severity=severity), count=replace(an_evidence().count, failing=failing))
    wanted = replace(a_suggestion(evidence), kind=kind, incident=incident, severity=severity)
    async with store.writing() as connection:
        return await suggestions.add(connection, wanted)


async def read(store: Store, number: int) -> Event:
    async with store.reading() as connection:
        found = await events.get(connection, number)
    assert found is not None
    return found


async def test_a_regrade_changes_severity_and_components_and_tells_everybody(store: Store, incident: int) -> None:
    number = await suggest(store, incident, SuggestionKind.REGRADE, Severity.IMPAIRMENT, 4)
    done = await confirm(store, number)
    found = await read(store, incident)
    assert (done.event, done.recipients) == (incident, 1)
    assert (found.severity, found.status) == (Severity.IMPAIRMENT, EventStatus.IDENTIFIED)
    assert set(found.components.values()) == {ComponentStatus.PARTIAL_OUTAGE}
    assert "less serious than it was: it is now a major impairment" in found.updates[-1].text


async def test_a_regrade_upwards_says_so(store: Store, incident: int) -> None:
    async with store.writing() as connection:
        await events.keep(connection, incident, Present(EventStatus.IDENTIFIED, Severity.MINOR, {}, None))
    number = await suggest(store, incident, SuggestionKind.REGRADE, Severity.OUTAGE, 20)
    assert "more serious than we first said" in (await desk.preview(sit(store, NOW), number)).draft.text


async def test_resolving_ends_the_incident_and_whoever_got_its_start_gets_its_end(store: Store, incident: int) -> None:
    number = await suggest(store, incident, SuggestionKind.RESOLVE, Severity.NONE, 0)
    done = await confirm(store, number)
    found = await read(store, incident)
    assert found.status is EventStatus.RESOLVED
    assert found.severity is Severity.OUTAGE, "how bad it was stays in the record"
    assert set(found.components.values()) == {ComponentStatus.OPERATIONAL}
    assert done.recipients == 1
    async with store.reading() as connection:
        assert await events.open_incidents(connection) == []
        (entry, *_) = await audit.latest(connection, 1)
    assert entry.before is not None
    assert entry.after is not None
    assert entry.before["event"]["status"] == "identified"
    assert entry.after["status"] == "resolved"


async def test_what_was_resolved_meanwhile_is_not_resolved_again(store: Store, incident: int) -> None:
    first = await suggest(store, incident, SuggestionKind.RESOLVE, Severity.NONE, 0)
    second = await suggest(store, incident, SuggestionKind.REGRADE, Severity.MINOR, 1)
    await confirm(store, first)
    with pytest.raises(NotPossible, match=f"incident {incident} does not go on any more; nothing was changed"):
        await confirm(store, second)
    assert len((await read(store, incident)).updates) == 2


async def test_a_regrade_leaves_the_status_as_it_is_by_then(store: Store, incident: int) -> None:
    number = await suggest(store, incident, SuggestionKind.REGRADE, Severity.IMPAIRMENT, 4)
    shown = await desk.preview(sit(store, NOW), number)
    await incidents.update(sit(store, NOW), incident, Statement("A fix is in.", EventStatus.MONITORING))
    await desk.confirm(sit(store, NOW), number, shown.draft)
    found = await read(store, incident)
    assert (found.status, found.severity) == (EventStatus.MONITORING, Severity.IMPAIRMENT)


async def test_what_was_regraded_so_meanwhile_is_not_regraded_again(store: Store, incident: int) -> None:
    number = await suggest(store, incident, SuggestionKind.REGRADE, Severity.IMPAIRMENT, 4)
    shown = await desk.preview(sit(store, NOW), number)
    await regrading.regrade(sit(store, NOW, "bob"), incident, Severity.IMPAIRMENT, "fewer fail")
    with pytest.raises(NotPossible, match=f"incident {incident} has severity 2 already; nothing was changed"):
        await desk.confirm(sit(store, NOW), number, shown.draft)
    assert len((await read(store, incident)).updates) == 2


async def test_resolving_regrades_nothing_whatever_happened_meanwhile(store: Store, incident: int) -> None:
    async with store.writing() as connection:
        await clients.add(connection, Client(0, "Globex", Support.STANDARD, continuity_plan=True, created_at=NOW), "a")
    number = await suggest(store, incident, SuggestionKind.RESOLVE, Severity.NONE, 0)
    shown = await desk.preview(sit(store, NOW), number)
    await regrading.regrade_under_plan(sit(store, NOW, "bob"), incident, ["Globex"])
    await desk.confirm(sit(store, NOW), number, shown.draft)
    found = await read(store, incident)
    assert (found.status, found.severity) == (EventStatus.RESOLVED, Severity.IMPAIRMENT)
    assert found.under_plan, "it stays agreed, should the incident be re-opened"
