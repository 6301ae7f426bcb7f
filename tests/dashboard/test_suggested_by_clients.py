"""What clients report, and what their plans allow, reads on the board and is decided by the same keys."""

from pathlib import Path

import pytest

from omwatch.desk import clients, incidents, reported, tickets
from omwatch.domain.severity import Severity
from omwatch.store import Store, events
from tests.dashboard import scenes
from tests.dashboard.driving import dashboard, ready, shown, shows
from tests.dashboard.painted import NOW, incident
from tests.sitting import sit

NAMES = ("Acme", "Globex", "Initech")


async def reports(store: Store) -> None:
    """Three clients report a component that the judge finds well."""
    await scenes.healthy(store)
    for name in NAMES:
        await clients.add(sit(store, NOW), name)
        said = tickets.Report(name, "Chats wait", Severity.IMPAIRMENT, component="chat routing")
        await tickets.report(sit(store, NOW), said)


async def plans(store: Store) -> None:
    """An outage affects clients that all have a continuity plan."""
    await scenes.healthy(store)
    number = await incident(store, "Agent login: system outage")
    for name in NAMES:
        await clients.add(sit(store, NOW), name, continuity_plan=True)
    await incidents.affects(sit(store, NOW), number, NAMES)


@pytest.mark.parametrize("width", [80, 50])
async def test_reports_read_as_such_however_narrow_the_screen(database: Path, store: Store, width: int) -> None:
    await reports(store)
    app = dashboard(database)
    async with app.run_test(size=(width, 24)) as pilot:
        await ready(pilot)
        text = shown(app)
    assert "MAJOR IMPAIRMENT" in text
    (line,) = [line for line in text.splitlines() if "clients" in line]
    assert line.strip().startswith("3 clients report Chat routing (tickets 1, 2,")


async def test_reports_are_confirmed_with_the_same_keys(database: Path, store: Store) -> None:
    await reports(store)
    app = dashboard(database)
    async with app.run_test(notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("c")
        await shows(pilot, "We are investigating reports")
        await pilot.press("enter")
        await shows(pilot, "Incident 1 published; 3 notices queued")
    async with store.reading() as connection:
        assert len(await events.clients_of(connection, 1)) == 3


async def test_reports_are_dismissed_with_their_reason_in_sight(database: Path, store: Store) -> None:
    await reports(store)
    app = dashboard(database)
    async with app.run_test(notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("d")
        await shows(pilot, "3 clients report Chat routing (tickets 1, 2, 3)")
        await pilot.press(*"drill", "enter")
        await shows(pilot, "stays quiet until its evidence is worse")
    assert await reported.by_clock(sit(store, NOW)) == []


async def test_a_continuity_plan_reads_as_a_regrade_of_its_incident(database: Path, store: Store) -> None:
    await plans(store)
    app = dashboard(database)
    async with app.run_test(notifications=True) as pilot:
        await ready(pilot)
        text = shown(app)
        assert "regrade incident 1 to MAJOR IMPAIRMENT" in text
        assert "all 3 affected clients have a business continuity plan" in text
        await pilot.press("c")
        await shows(pilot, "work under their business continuity plans")
        await pilot.press("enter")
        await shows(pilot, "Incident 1 published; 3 notices queued")
    async with store.reading() as connection:
        found = await events.get(connection, 1)
    assert found is not None
    assert found.severity is Severity.IMPAIRMENT
