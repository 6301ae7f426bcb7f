"""A viewer can do nothing that writes; a held notice can be taken back; a second person is asked."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from omwatch.clock import FakeClock
from omwatch.dashboard.app import Dashboard
from omwatch.domain.approval import ApprovalState
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.role import Operator, Role
from omwatch.domain.severity import Severity
from omwatch.domain.suggestion import SuggestionState
from omwatch.store import Store, approvals, deliveries, events, suggestions
from omwatch.store.tables import metadata
from tests.dashboard import scenes
from tests.dashboard.driving import ready, setup, shown, shows, until
from tests.dashboard.painted import NOW
from tests.dashboard.test_deciding import back_on_the_board

WALL = Operator("wall", Role.VIEWER)
GRACE = Operator("grace", Role.OPERATOR)


def app_of(database: Path, operator: Operator, clock: FakeClock | None = None, **policy: Any) -> Dashboard:  # noqa: ANN401 - any rule
    asked = setup(database, operator=operator)
    rules = replace(asked.policy, **policy)
    return Dashboard(replace(asked, policy=rules), clock or FakeClock(NOW))


async def everything(store: Store) -> dict[str, int]:
    async with store.reading() as connection:
        return {
            table.name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for table in metadata.tables.values()
        }


async def test_a_viewer_sees_the_suggestion_and_no_key_decides(database: Path, store: Store) -> None:
    await scenes.outage(store)
    before = await everything(store)
    app = app_of(database, WALL)
    async with app.run_test() as pilot:
        await ready(pilot)
        await shows(pilot, "SYSTEM OUTAGE")
        assert "confirm" not in shown(app).lower()
        for key in ("c", "d", "u", "enter", "escape", "c", "ctrl+s"):
            await pilot.press(key)
        assert len(app.screen_stack) == 1
    assert await everything(store) == before


@pytest.mark.parametrize("action", ["confirm", "dismiss"])
async def test_a_viewers_desk_refuses_even_if_a_key_got_through(database: Path, store: Store, action: str) -> None:
    await scenes.outage(store)
    app = app_of(database, WALL)
    async with app.run_test() as pilot:
        await ready(pilot)
        await getattr(app, f"action_{action}")()
        await pilot.pause()
        if action == "dismiss":
            await pilot.press(*"known")
        await pilot.press("enter")
        await shows(pilot, "wall is a viewer here")
    async with store.reading() as connection:
        (still,) = await suggestions.open_ones(connection)
    assert still.state is SuggestionState.OPEN


async def test_u_takes_a_held_notice_back_and_the_suggestion_waits_again(database: Path, store: Store) -> None:
    await scenes.outage(store)
    app = app_of(database, GRACE, hold=timedelta(seconds=20))
    async with app.run_test(notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("c", "enter")
        await back_on_the_board(pilot)
        await shows(pilot, "Incident 1: 3 notices held for 20 s")
        await pilot.press("u")
        await shows(pilot, "Taken back; nobody was told")
        await shows(pilot, "SYSTEM OUTAGE")
    async with store.reading() as connection:
        assert await events.open_incidents(connection) == []
        assert await deliveries.latest(connection, 10) == []
        (again,) = await suggestions.open_ones(connection)
    assert again.id == 1


async def test_once_it_has_left_u_does_nothing(database: Path, store: Store) -> None:
    await scenes.outage(store)
    clock = FakeClock(NOW)
    app = app_of(database, GRACE, clock, hold=timedelta(seconds=20))
    async with app.run_test(notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("c", "enter")
        await back_on_the_board(pilot)
        await clock.advance(20)
        app._refresh()
        await pilot.press("u")
        await pilot.pause()
    async with store.reading() as connection:
        states = {item.state for item in await deliveries.latest(connection, 10)}
    assert states == {DeliveryState.QUEUED}


async def test_a_system_outage_waits_for_a_second_person_who_sees_the_firsts_words(
    database: Path, store: Store
) -> None:
    await scenes.outage(store)
    first = app_of(database, Operator("ada"), two_person=frozenset({Severity.OUTAGE}))
    async with first.run_test(notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("c", "tab", *"X", "ctrl+s")
        await back_on_the_board(pilot)
        await shows(pilot, "another operator must agree")
    async with store.reading() as connection:
        (asked,) = await approvals.open_ones(connection)
        assert await events.open_incidents(connection) == []
    second = app_of(database, GRACE, two_person=frozenset({Severity.OUTAGE}))
    async with second.run_test(notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("c")
        await shows(pilot, "ada has confirmed this; a second person must agree")
        await pilot.press("enter")
        await back_on_the_board(pilot)
        await until(pilot, lambda: "Incident 1 published" in shown(second))
    async with store.reading() as connection:
        (incident,) = await events.open_incidents(connection)
        given = await approvals.get(connection, asked.id)
    assert given is not None
    assert given.state is ApprovalState.GIVEN
    assert incident.updates[0].text == asked.draft.text
