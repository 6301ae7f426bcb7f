"""Maintenance by hand: planned with care, moved along its statuses, and told to those who want to hear of it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from omwatch.desk import hotfixes, maintenance
from omwatch.desk.incidents import of_draft
from omwatch.desk.planning import Move, Plan
from omwatch.desk.publishing import Published, begin, undo
from omwatch.desk.rehearsing import rehearse
from omwatch.desk.session import NotAllowed, NotPossible, Session
from omwatch.domain.assessment import CheckState
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.event import ByClock, Event, EventStatus, MaintenanceKind, Window, present
from omwatch.domain.notice import Draft
from omwatch.domain.role import Role
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.subscriber import Topic
from omwatch.store import Store, assessments, audit, deliveries, events, series, subscribers
from omwatch.store.tables import metadata
from tests.domain.builders import T0, after, an_assessment
from tests.sitting import sit

HOUR, MINUTE, HALF = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=30)
START, END = T0 + 4 * HOUR, T0 + 6 * HOUR
ESCAPES = "\x1b]0;x\x07\u202e"


@pytest.fixture
async def heard(store: Store) -> Store:
    """A store with three subscribers, of whom two want to hear of maintenance."""
    async with store.writing() as connection:
        for name, topics in (
            ("ada", {Topic.INCIDENT, Topic.MAINTENANCE}),
            ("bob", {Topic.MAINTENANCE}),
            ("eve", {Topic.SUBPROCESSOR}),
        ):
            await subscribers.add(connection, f"{name}@example.com", "ada", T0, topics)
    return store


def a_plan(**changes: Any) -> Plan:  # noqa: ANN401 - any field of a plan
    return replace(Plan("Upgrade", ("Agent login", "Chat"), Window(START, END)), **changes)


async def planned(store: Store, now: datetime = T0, **changes: Any) -> int:  # noqa: ANN401 - any field of a plan
    return (await maintenance.schedule(sit(store, now), a_plan(**changes))).event


async def found(store: Store, number: int) -> Event:
    async with store.reading() as connection:
        event = await events.get(connection, number)
    assert event is not None
    now = present(event.updates)
    assert (now.status, now.severity, now.components, now.window) == (
        event.status,
        event.severity,
        event.components,
        event.window,
    )
    return event


async def counted(store: Store) -> dict[str, int]:
    async with store.reading() as connection:
        return {
            table.name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for table in metadata.tables.values()
        }


async def actions(store: Store) -> list[tuple[str, str]]:
    async with store.reading() as connection:
        return [(entry.action, entry.noun) for entry in reversed(await audit.latest(connection, 100))]


# --- scheduling --------------------------------------------------------------------------------------------------


async def test_a_scheduled_maintenance_is_on_the_page_and_its_topic_is_told(heard: Store) -> None:
    done = await maintenance.schedule(sit(heard, T0), a_plan())
    event = await found(heard, done.event)
    assert (event.title, event.status, event.severity) == ("Upgrade", EventStatus.SCHEDULED, Severity.NONE)
    assert event.components == dict.fromkeys(["Agent login", "Chat"], ComponentStatus.OPERATIONAL)
    assert event.window == Window(START, END)
    assert event.maintenance is not None
    assert event.maintenance.remind_before == (HOUR,)
    assert done.recipients == 2
    assert "It begins at 19:00 UTC on 5 January 2026 (14:00 EST)" in event.updates[0].text
    async with heard.reading() as connection:
        queued = await deliveries.latest(connection, 9)
    assert {(item.address, item.state) for item in queued} == {
        (f"{name}@example.com", DeliveryState.QUEUED) for name in ("ada", "bob")
    }
    assert await actions(heard) == [("schedule", "maintenance")]


async def test_what_is_planned_is_kept(store: Store) -> None:
    number = await planned(
        store,
        kind=MaintenanceKind.CODE_ELEVATION,
        by_clock=ByClock.START,
        remind_before=(HOUR, 24 * HOUR, HOUR),
        text="We elevate.",
    )
    event = await found(store, number)
    assert event.maintenance is not None
    assert (event.maintenance.kind, event.maintenance.by_clock) == (MaintenanceKind.CODE_ELEVATION, ByClock.START)
    assert event.maintenance.remind_before == (24 * HOUR, HOUR)
    assert event.updates[0].text == "We elevate."


async def test_a_preview_shows_what_would_be_said_and_keeps_nothing(heard: Store) -> None:
    before = await counted(heard)
    shown = await rehearse(sit(heard, T0), lambda at: maintenance.schedule(at, a_plan(repeat="FREQ=WEEKLY")))
    assert (shown.recipients, shown.event.title) == (2, "Upgrade")
    assert shown.update.text.startswith("We have scheduled maintenance of Agent login and Chat.")
    assert await counted(heard) == before


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"components": ()}, "a maintenance needs at least one component"),
        ({"components": ("Chat", " ")}, "a component's name is empty"),
        ({"title": " "}, "the title is empty"),
        ({"text": " \n "}, "the text is empty"),
        ({"window": Window(END, START)}, "a maintenance ends after it starts"),
        ({"window": Window(START, START)}, "a maintenance ends after it starts"),
        ({"window": Window(T0 - 2 * HOUR, END)}, "the start lies in the past, by 2 h; start now, or later"),
        ({"remind_before": (timedelta(0),)}, "a reminder comes before the start"),
        ({"kind": MaintenanceKind.CORRECTIVE}, "a corrective maintenance needs the number of the incident"),
        ({"kind": MaintenanceKind.CORRECTIVE, "corrects": 99}, "there is no incident 99; 'omwatch incident list'"),
        ({"corrects": 1}, "a planned maintenance corrects no incident"),
        ({"repeat": "FREQ=HOURLY"}, "FREQ=HOURLY repeats more often than daily"),
    ],
)
async def test_a_plan_that_makes_no_sense_is_refused_and_nothing_is_written(
    store: Store, changes: dict[str, Any], says: str
) -> None:
    before = await counted(store)
    with pytest.raises(NotPossible, match=says):
        await maintenance.schedule(sit(store, T0), a_plan(**changes))
    assert await counted(store) == before


async def test_the_present_minute_is_now(store: Store) -> None:
    number = await planned(store, after(45), window=Window(T0, END))
    assert (await found(store, number)).window == Window(T0, END)


async def test_a_corrective_maintenance_names_an_incident_and_nothing_else(store: Store) -> None:
    draft = Draft("Down", "It is.", Severity.OUTAGE, EventStatus.IDENTIFIED, {"Chat": ComponentStatus.MAJOR_OUTAGE}, T0)
    session = sit(store, T0)
    async with session.deciding() as connection:
        incident = (await begin(connection, session, of_draft(draft, T0), "It is.")).event
    corrective: dict[str, Any] = {"kind": MaintenanceKind.CORRECTIVE, "corrects": incident}
    event = await found(store, await planned(store, **corrective))
    assert event.maintenance is not None
    assert event.maintenance.corrects == incident
    assert "to correct an incident" in event.updates[0].text
    hotfix = (await hotfixes.publish(session, "A fix", "Fixed.")).event
    with pytest.raises(NotPossible, match=f"{hotfix} is a hotfix"):
        await planned(store, **{**corrective, "corrects": hotfix})
    with pytest.raises(NotPossible, match="a corrective maintenance does not recur"):
        await planned(store, **corrective, repeat="FREQ=WEEKLY")


async def test_components_are_written_as_the_checks_write_them(store: Store) -> None:
    async with store.writing() as connection:
        await assessments.keep(connection, [CheckState(an_assessment())], T0)
    event = await found(store, await planned(store, components=("agent LOGIN", "Reports", "Agent login")))
    assert list(event.components) == ["Agent login", "Reports"]


async def test_what_operators_write_is_made_inert(store: Store) -> None:
    number = await planned(store, title=f"Up{ESCAPES}", components=(f"Chat{ESCAPES}",), text=f"one{ESCAPES}\r\ntwo")
    event = await found(store, number)
    assert event.title.isprintable()
    assert all(name.isprintable() for name in event.components)
    assert event.updates[0].text.replace("\n", "").isprintable()


@pytest.mark.parametrize("table", ["series", "events", "event_components", "updates", "deliveries", "audit"])
async def test_when_any_part_fails_nothing_is_written(heard: Store, table: str) -> None:
    async with heard.writing() as connection:
        await connection.execute(
            text(f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END")
        )
    before = await counted(heard)
    with pytest.raises(IntegrityError, match="full"):
        await planned(heard, repeat="FREQ=WEEKLY")
    assert await counted(heard) == before


# --- its course --------------------------------------------------------------------------------------------------


async def test_a_maintenance_takes_its_course_and_its_components_with_it(heard: Store) -> None:
    number = await planned(heard)
    for hours, act, status, component in (
        (4, maintenance.start, EventStatus.IN_PROGRESS, ComponentStatus.UNDER_MAINTENANCE),
        (5, maintenance.verify, EventStatus.VERIFYING, ComponentStatus.UNDER_MAINTENANCE),
        (6, maintenance.complete, EventStatus.COMPLETED, ComponentStatus.OPERATIONAL),
    ):
        if hours == 4:
            assert (await act(sit(heard, T0 + hours * HOUR), number)).recipients == 2
        else:
            await act(sit(heard, T0 + hours * HOUR), number, "In our words.")
        event = await found(heard, number)
        assert event.status is status
        assert set(event.components.values()) == {component}
        async with heard.reading() as connection:
            held = await events.under_maintenance(connection)
        assert held == (set(event.components) if component is ComponentStatus.UNDER_MAINTENANCE else set())
    event = await found(heard, number)
    assert event.ended_at == T0 + 6 * HOUR
    assert [update.text for update in event.updates][2:] == ["In our words.", "In our words."]
    assert [action for action, _ in await actions(heard)] == ["schedule", "start", "verify", "complete"]


async def test_work_goes_on_after_all_when_verifying_shows_that_it_must(store: Store) -> None:
    number = await planned(store)
    await maintenance.start(sit(store, START), number)
    await maintenance.verify(sit(store, START), number)
    await maintenance.start(sit(store, START), number, "One more thing.")
    assert (await found(store, number)).status is EventStatus.IN_PROGRESS


@pytest.mark.parametrize(
    ("done", "wanted", "says"),
    [
        ([], "verify", "a maintenance that is scheduled can become scheduled, in progress or cancelled, not verifying"),
        ([], "complete", "not completed"),
        (["start"], "start", "is in progress already"),
        (["start"], "cancel", "can become in progress, verifying or completed, not cancelled"),
        (["start", "verify"], "verify", "is verifying already"),
        (["start", "complete"], "start", "a maintenance that is completed stays so"),
        (["start", "complete"], "complete", "a maintenance that is completed stays so"),
        (["cancel"], "start", "a maintenance that is cancelled stays so"),
        (["cancel"], "reschedule", "is cancelled; nothing was changed"),
        (["cancel"], "automate", "is cancelled; nothing was changed"),
        (["cancel"], "say", "a maintenance that is cancelled stays so"),
    ],
)
async def test_what_cannot_follow_is_refused_with_what_can(
    store: Store, done: list[str], wanted: str, says: str
) -> None:
    number = await planned(store)
    session = sit(store, START)
    for act in done:
        await _do(session, number, act)
    before = await counted(store)
    with pytest.raises(NotPossible) as caught:
        await _do(session, number, wanted)
    assert says in str(caught.value)
    assert await counted(store) == before


async def _do(session: Session, number: int, act: str) -> Published | Event:
    match act:
        case "cancel":
            return await maintenance.cancel(session, number, "not needed")
        case "reschedule":
            return await maintenance.reschedule(session, number, Move(ends_at=END + HOUR))
        case "automate":
            return await maintenance.automate(session, number, ByClock.NONE)
        case "say":
            return await maintenance.say(session, number, "All is well.")
        case _:
            return await {"start": maintenance.start, "verify": maintenance.verify, "complete": maintenance.complete}[
                act
            ](session, number)


async def test_one_that_starts_early_has_begun_then_and_ends_as_planned(store: Store) -> None:
    number = await planned(store)
    await maintenance.start(sit(store, START - HOUR), number)
    assert (await found(store, number)).window == Window(START - HOUR, END)


async def test_one_whose_window_is_over_is_moved_before_it_starts(store: Store) -> None:
    number = await planned(store)
    with pytest.raises(NotPossible, match="is over; first give it another end, with 'omwatch maintenance resch"):
        await maintenance.start(sit(store, END), number)
    await maintenance.reschedule(sit(store, END), number, Move(ends_at=END + HOUR))
    await maintenance.start(sit(store, END), number)


async def test_more_can_be_said_without_moving_it_on(heard: Store) -> None:
    number = await planned(heard)
    await maintenance.start(sit(heard, START), number)
    assert (await maintenance.say(sit(heard, START + HOUR), number, "Half of it is done.")).recipients == 2
    event = await found(heard, number)
    assert (event.status, event.updates[-1].text) == (EventStatus.IN_PROGRESS, "Half of it is done.")


@pytest.mark.parametrize("act", ["start", "verify", "complete", "cancel", "reschedule", "automate", "say"])
async def test_what_is_no_maintenance_is_refused(store: Store, act: str) -> None:
    session = sit(store, T0)
    with pytest.raises(NotPossible, match="there is no maintenance 99; 'omwatch maintenance list' shows them"):
        await _do(session, 99, act)
    hotfix = (await hotfixes.publish(session, "A fix", "Fixed.")).event
    with pytest.raises(NotPossible, match=f"{hotfix} is of kind hotfix"):
        await _do(session, hotfix, act)


@pytest.mark.parametrize("act", ["start", "verify", "complete", "cancel", "reschedule", "automate", "say"])
async def test_a_viewer_can_do_nothing(store: Store, act: str) -> None:
    number = await planned(store)
    before = await counted(store)
    viewer = sit(store, START, role=Role.VIEWER)
    with pytest.raises(NotAllowed):
        await _do(viewer, number, act)
    with pytest.raises(NotAllowed):
        await maintenance.schedule(viewer, a_plan())
    with pytest.raises(NotAllowed):
        await maintenance.cancel_series(viewer, number, "not needed")
    assert await counted(store) == before


# --- cancelling and moving ---------------------------------------------------------------------------------------


async def test_a_cancelled_one_tells_when_it_was_to_be_and_keeps_the_reason_inside(heard: Store) -> None:
    number = await planned(heard)
    await maintenance.cancel(sit(heard, START), number, "the vendor is late")
    update = (await found(heard, number)).updates[-1]
    assert (update.status, update.reason) == (EventStatus.CANCELLED, "the vendor is late")
    assert "is cancelled. It was to begin at 19:00 UTC" in update.text
    assert "vendor" not in update.text


async def test_cancelling_needs_a_reason(store: Store) -> None:
    number = await planned(store)
    with pytest.raises(NotPossible, match="the reason is empty"):
        await maintenance.cancel(sit(store, T0), number, " ")


@pytest.mark.parametrize(
    ("move", "window"),
    [
        (Move(START + HOUR), Window(START + HOUR, END + HOUR)),
        (Move(START + HOUR, END + 3 * HOUR), Window(START + HOUR, END + 3 * HOUR)),
        (Move(ends_at=END - HOUR), Window(START, END - HOUR)),
    ],
)
async def test_a_scheduled_one_can_be_moved(heard: Store, move: Move, window: Window) -> None:
    number = await planned(heard)
    assert (await maintenance.reschedule(sit(heard, T0), number, move)).recipients == 2
    event = await found(heard, number)
    assert (event.window, event.started_at, event.status) == (window, window.starts_at, EventStatus.SCHEDULED)
    assert "is rescheduled" in event.updates[-1].text


@pytest.mark.parametrize(
    ("move", "says"),
    [
        (Move(), "has that window already"),
        (Move(START, END), "has that window already"),
        (Move(T0 - HOUR, END), "the start lies in the past"),
        (Move(ends_at=START - HOUR), "a maintenance ends after it starts"),
    ],
)
async def test_a_move_that_makes_no_sense_is_refused(store: Store, move: Move, says: str) -> None:
    number = await planned(store)
    with pytest.raises(NotPossible, match=says):
        await maintenance.reschedule(sit(store, T0), number, move)
    assert (await found(store, number)).window == Window(START, END)


async def test_of_one_that_goes_on_only_the_end_can_be_moved(store: Store) -> None:
    number = await planned(store)
    await maintenance.start(sit(store, START), number)
    await maintenance.reschedule(sit(store, START), number, Move(ends_at=END + HOUR))
    event = await found(store, number)
    assert (event.window, event.status) == (Window(START, END + HOUR), EventStatus.IN_PROGRESS)
    assert "takes longer than planned" in event.updates[-1].text
    with pytest.raises(NotPossible, match="has begun; only its end can be moved"):
        await maintenance.reschedule(sit(store, START), number, Move(START + HOUR))
    with pytest.raises(NotPossible, match="the end lies in the past, by 30 min; choose a later one"):
        await maintenance.reschedule(sit(store, START + HOUR), number, Move(ends_at=START + HOUR / 2))


async def test_what_waits_for_a_hand_can_be_given_a_later_end(store: Store) -> None:
    number = await planned(store, by_clock=ByClock.NONE)
    await maintenance.reschedule(sit(store, START + HOUR), number, Move(ends_at=END + HOUR))
    assert (await found(store, number)).window == Window(START, END + HOUR)


async def test_holding_the_clock_is_written_down_and_tells_nobody(heard: Store) -> None:
    number = await planned(heard)
    before = await counted(heard)
    await maintenance.automate(sit(heard, T0), number, ByClock.COMPLETION)
    event = await found(heard, number)
    assert event.maintenance is not None
    assert event.maintenance.by_clock is ByClock.COMPLETION
    assert await counted(heard) == {**before, "audit": before["audit"] + 1}


async def test_a_held_notice_can_be_taken_back_with_all_it_did(heard: Store) -> None:
    number = await planned(heard)
    done = await maintenance.start(sit(heard, START, hold=timedelta(minutes=1)), number)
    await undo(sit(heard, START, hold=timedelta(minutes=1)), done.update)
    event = await found(heard, number)
    assert (event.status, set(event.components.values())) == (EventStatus.SCHEDULED, {ComponentStatus.OPERATIONAL})


# --- series ------------------------------------------------------------------------------------------------------


async def ahead(store: Store) -> list[datetime]:
    async with store.reading() as connection:
        waiting = [item for item in await events.maintenances(connection) if item.status is EventStatus.SCHEDULED]
    return [item.window.starts_at for item in waiting if item.window]


async def test_of_a_series_one_date_lies_ahead_and_the_next_comes_when_it_starts(heard: Store) -> None:
    first = await planned(heard, repeat="FREQ=WEEKLY", remind_before=(2 * HOUR,), text="Every week.")
    assert await ahead(heard) == [START]
    await maintenance.start(sit(heard, START), first)
    assert await ahead(heard) == [START + timedelta(days=7)]
    async with heard.reading() as connection:
        (second, _) = await events.of_series(connection, 1)
    assert second.updates[0].text == "Every week."
    assert second.maintenance is not None
    assert (second.maintenance.series, second.maintenance.remind_before) == (1, (2 * HOUR,))
    assert list(second.components) == ["Agent login", "Chat"]
    for act in (maintenance.verify, maintenance.complete):
        await act(sit(heard, END), first)
    assert await ahead(heard) == [START + timedelta(days=7)]


async def test_the_next_date_is_drafted_afresh(store: Store) -> None:
    first = await planned(store, repeat="FREQ=WEEKLY")
    await maintenance.start(sit(store, START), first)
    assert "It begins at 19:00 UTC on 12 January 2026" in (await found(store, first + 1)).updates[0].text


async def test_a_cancelled_date_is_followed_by_the_next(store: Store) -> None:
    first = await planned(store, repeat="FREQ=WEEKLY")
    await maintenance.cancel(sit(store, T0), first, "holidays")
    assert await ahead(store) == [START + timedelta(days=7)]


async def test_a_moved_date_does_not_move_the_ones_after_it(store: Store) -> None:
    first = await planned(store, repeat="FREQ=WEEKLY")
    later = START + timedelta(days=8)
    await maintenance.reschedule(sit(store, T0), first, Move(later))
    await maintenance.start(sit(store, later), first)
    assert await ahead(store) == [START + timedelta(days=14)]


async def test_an_early_start_does_not_bring_the_same_date_again(store: Store) -> None:
    first = await planned(store, repeat="FREQ=WEEKLY")
    await maintenance.start(sit(store, START - HOUR), first)
    assert await ahead(store) == [START + timedelta(days=7)]


async def test_a_start_that_was_taken_back_brings_no_second_date(store: Store) -> None:
    first = await planned(store, repeat="FREQ=WEEKLY")
    held = sit(store, START, hold=timedelta(minutes=1))
    await undo(held, (await maintenance.start(held, first)).update)
    await maintenance.start(held, first)
    assert await ahead(store) == [START + timedelta(days=7)]


@pytest.mark.parametrize("act", [maintenance.start, partial(maintenance.cancel, why="holidays")])
async def test_what_took_the_place_of_a_date_is_taken_back_with_the_next_one(
    heard: Store, act: Callable[[Session, int], Awaitable[Published]]
) -> None:
    first = await planned(heard, repeat="FREQ=WEEKLY")
    before = await counted(heard)
    done = await act(sit(heard, START, hold=MINUTE), first)
    await undo(sit(heard, START + HALF, hold=MINUTE), done.update)
    assert await ahead(heard) == [START]
    assert (await counted(heard))["deliveries"] == before["deliveries"], "nobody is told of the next one either"
    assert (await actions(heard))[-2:] == [("undo", "maintenance")] * 2


async def test_the_next_date_is_not_taken_back_alone(store: Store) -> None:
    first = await planned(store, repeat="FREQ=WEEKLY")
    done = await maintenance.start(sit(store, START, hold=MINUTE), first)
    (came,) = (await found(store, first + 1)).updates
    with pytest.raises(NotPossible, match=f"update {came.id} came with update {done.update}, the date before it"):
        await undo(sit(store, START, hold=MINUTE), came.id)
    assert await ahead(store) == [START + timedelta(days=7)]


async def test_what_was_said_of_the_next_date_is_taken_back_before_what_brought_it(store: Store) -> None:
    first = await planned(store, repeat="FREQ=WEEKLY")
    done = await maintenance.start(sit(store, START, hold=MINUTE), first)
    said = await maintenance.say(sit(store, START + HALF, hold=MINUTE), first + 1, "More of it.")
    held = sit(store, START + HALF, hold=MINUTE)
    with pytest.raises(NotPossible, match=f"came with update {done.update}.*; undo update {said.update} first"):
        await undo(held, done.update)
    for update in (said.update, done.update):
        await undo(held, update)
    assert await ahead(store) == [START]


async def test_the_end_of_a_series_is_taken_back_with_what_ended_it(store: Store) -> None:
    first = await planned(store, repeat="FREQ=WEEKLY")
    held = sit(store, T0 + HOUR, hold=MINUTE)
    (cancelled,) = await maintenance.cancel_series(held, first, "no need")
    await undo(held, cancelled.update)
    assert await ahead(store) == [START]
    await maintenance.start(sit(store, START), first)
    assert await ahead(store) == [START + timedelta(days=7)]


async def test_a_series_whose_first_date_was_taken_back_has_ended(store: Store) -> None:
    held = sit(store, T0, hold=MINUTE)
    done = await maintenance.schedule(held, a_plan(repeat="FREQ=WEEKLY"))
    await undo(held, done.update)
    async with store.reading() as connection:
        assert await series.rules(connection) == {}
    assert await ahead(store) == []


async def test_a_count_ends_the_series(store: Store) -> None:
    first = await planned(store, repeat="FREQ=WEEKLY;COUNT=2")
    await maintenance.cancel(sit(store, T0), first, "holidays")
    await maintenance.cancel(sit(store, T0), first + 1, "holidays")
    assert await ahead(store) == []
    assert ("end", "series") in await actions(store)


async def test_ending_a_series_cancels_what_lies_ahead_and_leaves_what_goes_on(store: Store) -> None:
    first = await planned(store, repeat="FREQ=WEEKLY")
    await maintenance.start(sit(store, START), first)
    (cancelled,) = await maintenance.cancel_series(sit(store, START), first, "no need")
    assert cancelled.event == first + 1
    assert await ahead(store) == []
    assert (await found(store, first)).status is EventStatus.IN_PROGRESS
    with pytest.raises(NotPossible, match="has ended already"):
        await maintenance.cancel_series(sit(store, START), first, "no need")


async def test_what_does_not_recur_has_no_series_to_end(store: Store) -> None:
    number = await planned(store)
    with pytest.raises(NotPossible, match=f"maintenance {number} does not recur; leave --series out"):
        await maintenance.cancel_series(sit(store, T0), number, "no need")
