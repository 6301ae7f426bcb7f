"""Confirming and dismissing: what keys do, against a real store."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from textual.pilot import Pilot

from omwatch.clock import FakeClock
from omwatch.dashboard.screens.confirm import ConfirmScreen
from omwatch.dashboard.screens.dismiss import DismissScreen
from omwatch.desk import suggestions as desk
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.event import Event
from omwatch.domain.suggestion import SuggestionState
from omwatch.store import Store, audit, deliveries, events, suggestions
from omwatch.store.tables import suggestions as suggestions_table
from tests.dashboard import scenes
from tests.dashboard.driving import dashboard, ready, shown, shows, until
from tests.dashboard.painted import NOW, OUTAGE, WELL, paint, suggest, withdraw
from tests.sitting import sit


async def incidents(store: Store) -> list[Event]:
    async with store.reading() as connection:
        return await events.open_incidents(connection)


async def state_of(store: Store, number: int) -> SuggestionState:
    async with store.reading() as connection:
        found = await suggestions.get(connection, number)
    assert found is not None
    return found.state


async def back_on_the_board(pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: len(pilot.app.screen_stack) == 1)


async def test_c_and_enter_publish_to_every_subscriber(database: Path, store: Store) -> None:
    await scenes.outage(store)
    app = dashboard(database)
    async with app.run_test(notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("c", "enter")
        await back_on_the_board(pilot)
        await shows(pilot, "Incident 1 published; 3 notices queued")
        await shows(pilot, "■ 1  Agent login: system outage")
        assert "3 queued" in shown(app)
    (incident,) = await incidents(store)
    async with store.reading() as connection:
        queued = await deliveries.latest(connection, 10)
        (entry, *_) = await audit.latest(connection, 1)
    assert incident.started_at == scenes.incident_start()
    assert {(item.address, item.state) for item in queued} == {
        (address, DeliveryState.QUEUED) for address in scenes.PEOPLE
    }
    assert (entry.operator, entry.action) == ("ada", "confirm")


async def test_the_focus_starts_on_a_button_that_says_how_many_it_reaches(database: Path, store: Store) -> None:
    await scenes.outage(store)
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("c")
        await shows(pilot, "Publish to 3 subscribers")
        assert app.focused is not None
        assert app.focused.id == "publish"
        assert "System outage · identified · since 14:02:11" in shown(app)
        assert "Agent login: major outage" in shown(app)
        assert "Subject: [OpenMethods] Incident – identified: Agent login" in shown(app)


async def test_a_second_c_publishes_nothing(database: Path, store: Store) -> None:
    await scenes.outage(store)
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("c", "c", "c", "d")
        await shows(pilot, "Publish to 3 subscribers")
        assert len(app.screen_stack) == 2
    assert await incidents(store) == []


async def test_escape_leaves_and_publishes_nothing(database: Path, store: Store) -> None:
    await scenes.outage(store)
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("c", "escape")
        await back_on_the_board(pilot)
        await shows(pilot, "Suggested: SYSTEM OUTAGE")
    assert await incidents(store) == []


async def test_title_and_text_are_published_as_the_operator_left_them(database: Path, store: Store) -> None:
    await scenes.outage(store)
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("c", "tab", "end", *"!", "enter", "ctrl+home", *"Dear all. ")
        await shows(pilot, "Dear all. We have identified")
        await pilot.press("ctrl+s")
        await back_on_the_board(pilot)
    (incident,) = await incidents(store)
    assert incident.title == "Agent login: system outage!"
    assert incident.updates[0].text.startswith("Dear all. We have identified a system outage")


async def test_the_preview_follows_what_is_typed(database: Path, store: Store) -> None:
    await scenes.outage(store)
    app = dashboard(database)
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        await pilot.press("c", "e", "ctrl+home", *"Sorry: ")
        await until(pilot, lambda: shown(app).count("Sorry: We have identified") == 2)


async def test_the_keys_that_are_told_are_those_that_work_where_the_focus_is(database: Path, store: Store) -> None:
    await scenes.outage(store)
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("c")
        await shows(pilot, "Enter publish  e edit  Esc leave")
        await pilot.press("e")
        await shows(pilot, "Ctrl+S publish  Tab next  Esc leave")
        await pilot.press("enter", "enter")
        assert isinstance(app.screen, ConfirmScreen)
    assert await incidents(store) == []


async def test_letters_typed_into_the_text_are_letters(database: Path, store: Store) -> None:
    await scenes.outage(store)
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("c", "e", "ctrl+home", *"cdeqt?")
        await shows(pilot, "cdeqt?We have identified")
    assert await incidents(store) == []


async def test_an_empty_title_is_refused_and_the_draft_is_kept(database: Path, store: Store) -> None:
    await scenes.outage(store)
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("c", "tab", "end", "ctrl+u", "ctrl+s")
        await shows(pilot, "Not published: a notice needs a title and a text")
        await pilot.press("x", "ctrl+s")
        await back_on_the_board(pilot)
    assert [item.title for item in await incidents(store)] == ["x"]


async def test_a_suggestion_decided_elsewhere_says_so_and_publishes_nothing(database: Path, store: Store) -> None:
    await scenes.outage(store)
    clock = FakeClock(NOW)
    app = dashboard(database, clock)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("c")
        await shows(pilot, "Publish to 3 subscribers")
        await desk.dismiss(sit(store, NOW, "grace"), 1, "known")
        await clock.advance(1)
        await shows(pilot, "Suggestion 1 has been decided or withdrawn")
        await pilot.press("enter", "ctrl+s")
        assert isinstance(app.screen, ConfirmScreen)
        await pilot.press("escape")
        await back_on_the_board(pilot)
    assert await incidents(store) == []


async def test_a_suggestion_withdrawn_before_the_screen_knows_publishes_nothing(database: Path, store: Store) -> None:
    await scenes.outage(store)
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("c")
        await shows(pilot, "Publish to 3 subscribers")
        await withdraw(store, 1)
        await pilot.press("enter")
        await shows(pilot, "Not published: suggestion 1 is withdrawn already")
    assert await incidents(store) == []


async def test_c_on_a_suggestion_that_has_just_gone_says_so(database: Path, store: Store) -> None:
    await scenes.outage(store)
    app = dashboard(database)
    async with app.run_test(size=(120, 24), notifications=True) as pilot:
        await ready(pilot)
        await withdraw(store, 1)
        await pilot.press("c")
        await shows(pilot, "suggestion 1 is withdrawn already")
        assert len(app.screen_stack) == 1


async def test_confirming_takes_the_gravest_of_several(database: Path, store: Store) -> None:
    await scenes.outage(store)
    grave = await suggest(store, 2)
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("c")
        await shows(pilot, "Publish to")
        assert isinstance(app.screen, ConfirmScreen)
        await pilot.press("enter")
        await back_on_the_board(pilot)
        await shows(pilot, "Suggested: SYSTEM OUTAGE")
    states = {number: await state_of(store, number) for number in (1, grave)}
    assert sorted(states.values()) == [SuggestionState.CONFIRMED, SuggestionState.OPEN]


async def test_dismissing_keeps_the_reason_and_who_gave_it(database: Path, store: Store) -> None:
    await scenes.outage(store)
    app = dashboard(database)
    async with app.run_test(size=(100, 24), notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("d", *"planned test", "enter")
        await back_on_the_board(pilot)
        await shows(pilot, "Suggestion 1 dismissed")
        await shows(pilot, "2 of 4 components failing")
    async with store.reading() as connection:
        row = (await connection.execute(select(suggestions_table))).one()
    assert (row.state, row.why, row.decided_by) == (SuggestionState.DISMISSED, "planned test", "ada")


@pytest.mark.parametrize("reason", ["", "   "])
async def test_dismissing_needs_a_reason(database: Path, store: Store, reason: str) -> None:
    await scenes.outage(store)
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("d", *reason, "enter")
        await shows(pilot, "dismissing needs a reason, for whoever has the next shift")
        assert isinstance(app.screen, DismissScreen)
        await pilot.press("escape")
        await back_on_the_board(pilot)
    assert await state_of(store, 1) is SuggestionState.OPEN


async def test_a_suggestion_gone_while_its_reason_is_typed_says_so(database: Path, store: Store) -> None:
    await scenes.outage(store)
    clock = FakeClock(NOW)
    app = dashboard(database, clock)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("d")
        await shows(pilot, "Dismiss: System outage?")
        await withdraw(store, 1)
        await clock.advance(1)
        await shows(pilot, "nothing is left to dismiss")
        await pilot.press(*"why", "enter")
    assert await state_of(store, 1) is SuggestionState.WITHDRAWN


async def test_publishing_without_subscribers_says_so_on_the_button(database: Path, store: Store) -> None:
    await paint(store, [OUTAGE, WELL, WELL, WELL])
    await suggest(store, 0)
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("c")
        await shows(pilot, "Publish to 0 subscribers")


async def test_c_and_enter_end_an_incident_that_looks_recovered(database: Path, store: Store) -> None:
    await scenes.recovered(store)
    app = dashboard(database)
    async with app.run_test(notifications=True) as pilot:
        await ready(pilot)
        assert "incident 1 looks recovered" in shown(app)
        await pilot.press("c")
        await shows(pilot, "resolved")
        await pilot.press("enter")
        await back_on_the_board(pilot)
        await shows(pilot, "3 notices queued")
    assert await incidents(store) == []
