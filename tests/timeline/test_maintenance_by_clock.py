"""A maintenance runs by itself, once, however often the clock looks, dies, or has a second one beside it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from omwatch.desk import maintenance
from omwatch.desk.maintenance_clock import by_clock
from omwatch.desk.planning import Move, Plan
from omwatch.desk.session import NotPossible, Session
from omwatch.domain.event import ByClock, Event, EventStatus, Window, present
from omwatch.domain.policy import Policy
from omwatch.domain.role import MACHINE, Operator, Role
from omwatch.domain.severity import ComponentStatus
from omwatch.domain.subscriber import Topic
from omwatch.store import Store, audit, deliveries, events, subscribers
from omwatch.store.tables import alarms
from omwatch.store.tables import deliveries as outbox
from tests.conftest import OpenStore
from tests.domain.builders import T0
from tests.sitting import sit

HOUR, MINUTE, SECOND, WEEK = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1), timedelta(days=7)
START, END = T0 + 4 * HOUR, T0 + 6 * HOUR
ONCALL = ("place-1", "place-2")


def at(store: Store, now: datetime, **policy: Any) -> Session:  # noqa: ANN401 - any rule
    rules = {"oncall": ONCALL, "hold": MINUTE, **policy}
    return Session(store, MACHINE, now, Policy(**rules))


async def planned(store: Store, now: datetime = T0, start: datetime = START, **changes: Any) -> int:  # noqa: ANN401
    plan = Plan("Upgrade", ("Agent login",), Window(start, start + 2 * HOUR), **changes)
    return (await maintenance.schedule(sit(store, now), plan)).event


async def found(store: Store, number: int) -> Event:
    async with store.reading() as connection:
        event = await events.get(connection, number)
    assert event is not None
    assert (present(event.updates).status, present(event.updates).components) == (event.status, event.components)
    return event


async def timeline(store: Store, number: int) -> list[tuple[EventStatus, datetime, str]]:
    return [(update.status, update.at, update.author) for update in (await found(store, number)).updates]


async def sounded(store: Store) -> list[tuple[str, datetime]]:
    """Return what on-call was told, by the end of its subject, and when; each to every place."""
    async with store.reading() as connection:
        rows = (await connection.execute(select(alarms).order_by(alarms.c.id))).all()
    assert all([row.place for row in rows if row.key == other.key] == list(ONCALL) for other in rows)
    return [(row.subject, row.raised_at) for row in rows if row.place == ONCALL[0]]


async def run(store: Store, instants: Sequence[datetime], **policy: Any) -> None:  # noqa: ANN401 - any rule
    for now in instants:
        await by_clock(at(store, now, **policy))


def every(step: timedelta, since: datetime, until: datetime) -> list[datetime]:
    return [since + step * number for number in range((until - since) // step + 1)]


# --- by itself ---------------------------------------------------------------------------------------------------


async def test_a_maintenance_runs_by_itself_and_tells_at_each_step(store: Store) -> None:
    async with store.writing() as connection:
        await subscribers.add(connection, "ada@example.com", "ada", T0, {Topic.MAINTENANCE})
    number = await planned(store)
    await run(store, every(10 * MINUTE, T0, END + HOUR))
    assert await timeline(store, number) == [
        (EventStatus.SCHEDULED, T0, "ada"),
        (EventStatus.SCHEDULED, START - HOUR, "omwatch"),
        (EventStatus.IN_PROGRESS, START, "omwatch"),
        (EventStatus.COMPLETED, END, "omwatch"),
    ]
    async with store.reading() as connection:
        assert len(await deliveries.latest(connection, 9)) == 4
        entries = await audit.latest(connection, 9)
    assert [(entry.operator, entry.action) for entry in reversed(entries)][-3:] == [
        ("omwatch", "remind"),
        ("omwatch", "start"),
        ("omwatch", "complete"),
    ]
    assert await sounded(store) == []


async def test_what_the_clock_says_does_not_overtake_what_is_held(store: Store) -> None:
    async with store.writing() as connection:
        await subscribers.add(connection, "ada@example.com", "ada", T0, {Topic.MAINTENANCE})
    plan = Plan("Upgrade", ("Agent login",), Window(T0, END))
    done = await maintenance.schedule(sit(store, T0, hold=MINUTE), plan)
    await by_clock(at(store, T0 + SECOND))
    started = (await found(store, done.event)).updates[-1]
    assert (started.status, started.at) == (EventStatus.IN_PROGRESS, T0 + SECOND)
    async with store.reading() as connection:
        queued = await connection.execute(select(outbox.c.update_id, outbox.c.next_try_at).order_by(outbox.c.id))
        assert queued.all() == [(done.update, T0 + MINUTE), (started.id, T0 + MINUTE)]


async def test_its_components_are_held_and_excused_while_it_goes_on(store: Store) -> None:
    number = await planned(store)
    for now, status, held in (
        (START - SECOND, ComponentStatus.OPERATIONAL, frozenset()),
        (START, ComponentStatus.UNDER_MAINTENANCE, frozenset({"Agent login"})),
        (END - SECOND, ComponentStatus.UNDER_MAINTENANCE, frozenset({"Agent login"})),
        (END, ComponentStatus.OPERATIONAL, frozenset()),
    ):
        await by_clock(at(store, now))
        assert (await found(store, number)).components == {"Agent login": status}
        async with store.reading() as connection:
            assert await events.under_maintenance(connection) == held


async def test_the_clocks_own_notices_are_not_held(store: Store) -> None:
    number = await planned(store)
    await by_clock(at(store, START))
    assert (await found(store, number)).updates[-1].publish_at == START


async def test_several_reminders_come_each_at_its_time(store: Store) -> None:
    number = await planned(store, remind_before=(3 * HOUR, HOUR))
    await run(store, every(10 * MINUTE, T0, START - MINUTE))
    assert [instant for _, instant, _ in await timeline(store, number)] == [T0, START - 3 * HOUR, START - HOUR]


async def test_who_sleeps_through_reminders_sends_one(store: Store) -> None:
    number = await planned(store, remind_before=(3 * HOUR, 2 * HOUR, HOUR))
    late = START - 10 * MINUTE
    await run(store, every(SECOND, late, late + 3 * SECOND))
    assert [instant for _, instant, _ in await timeline(store, number)] == [T0, late]


async def test_who_sleeps_through_the_start_starts_late_without_a_reminder(store: Store) -> None:
    number = await planned(store)
    late = START + 10 * MINUTE
    await run(store, [late, late + SECOND])
    assert await timeline(store, number) == [
        (EventStatus.SCHEDULED, T0, "ada"),
        (EventStatus.IN_PROGRESS, late, "omwatch"),
    ]


async def test_what_begins_now_begins_at_the_next_look(store: Store) -> None:
    number = await planned(store, start=T0)
    await by_clock(at(store, T0 + SECOND))
    assert (await found(store, number)).status is EventStatus.IN_PROGRESS


async def test_one_that_is_being_verified_is_completed_too(store: Store) -> None:
    number = await planned(store)
    await by_clock(at(store, START))
    await maintenance.verify(sit(store, START + HOUR), number)
    await by_clock(at(store, END))
    assert (await found(store, number)).status is EventStatus.COMPLETED


async def test_an_extended_one_goes_on_until_its_new_end(store: Store) -> None:
    number = await planned(store)
    await by_clock(at(store, START))
    await maintenance.reschedule(sit(store, START + HOUR), number, Move(ends_at=END + HOUR))
    await run(store, [END, END + HOUR - SECOND])
    assert (await found(store, number)).status is EventStatus.IN_PROGRESS
    await by_clock(at(store, END + HOUR))
    assert (await found(store, number)).status is EventStatus.COMPLETED


async def test_a_moved_one_is_reminded_of_and_started_at_its_new_time(store: Store) -> None:
    number = await planned(store)
    await maintenance.reschedule(sit(store, T0 + HOUR), number, Move(START + 24 * HOUR))
    await run(store, every(HOUR, T0 + HOUR, START + 24 * HOUR))
    assert [instant for _, instant, _ in await timeline(store, number)] == [
        T0,
        T0 + HOUR,
        START + 23 * HOUR,
        START + 24 * HOUR,
    ]


# --- what waits for a hand ---------------------------------------------------------------------------------------


async def test_a_start_by_hand_sounds_on_call_until_the_window_is_over(store: Store) -> None:
    number = await planned(store, by_clock=ByClock.COMPLETION, remind_before=())
    await run(store, every(10 * MINUTE, START - HOUR, END + 2 * HOUR))
    assert await sounded(store) == [
        ("Maintenance 1 waits to be started by hand: Upgrade", START),
        ("Maintenance 1 waits to be started by hand: Upgrade", START + HOUR),
        ("Maintenance 1 was not started in its window, which is over: Upgrade", END),
    ]
    assert (await found(store, number)).status is EventStatus.SCHEDULED


async def test_a_completion_by_hand_sounds_on_call_until_it_is_done(store: Store) -> None:
    number = await planned(store, by_clock=ByClock.START)
    await run(store, every(10 * MINUTE, START, END + 90 * MINUTE), repeat_alarms=30 * MINUTE)
    says = "Maintenance 1 has overrun its window and waits to be completed by hand: Upgrade"
    assert await sounded(store) == [(says, END + 30 * MINUTE * number) for number in range(4)]
    await maintenance.complete(sit(store, END + 91 * MINUTE), number)
    await run(store, every(10 * MINUTE, END + 2 * HOUR, END + 4 * HOUR))
    assert len(await sounded(store)) == 4


async def test_alarms_that_were_slept_through_are_one(store: Store) -> None:
    await planned(store, by_clock=ByClock.START)
    await run(store, [START, END + 10 * HOUR, END + 10 * HOUR + SECOND])
    assert [instant for _, instant in await sounded(store)] == [END + 10 * HOUR]


async def test_holding_the_clock_in_time_holds_it(store: Store) -> None:
    number = await planned(store)
    await maintenance.automate(sit(store, START - SECOND), number, ByClock.NONE)
    await by_clock(at(store, START))
    assert (await found(store, number)).status is EventStatus.SCHEDULED
    await maintenance.automate(sit(store, START + MINUTE), number, ByClock.BOTH)
    await by_clock(at(store, START + MINUTE))
    assert (await found(store, number)).status is EventStatus.IN_PROGRESS


async def test_a_window_that_was_missed_as_a_whole_is_not_made_up_for(store: Store) -> None:
    number = await planned(store)
    await run(store, every(HOUR, END, END + 5 * HOUR))
    assert await timeline(store, number) == [(EventStatus.SCHEDULED, T0, "ada")]
    assert await sounded(store) == [("Maintenance 1 was not started in its window, which is over: Upgrade", END)]
    await maintenance.reschedule(sit(store, END + 6 * HOUR), number, Move(END + 7 * HOUR))
    await run(store, [END + 7 * HOUR])
    assert (await found(store, number)).status is EventStatus.IN_PROGRESS


async def test_without_on_call_nobody_is_told_and_nothing_is_written(store: Store, open_store: OpenStore) -> None:
    await planned(store, by_clock=ByClock.NONE, remind_before=())
    async with open_store().writing():  # whoever had to write now would wait, and fail
        await run(store, [START, END, END + HOUR], oncall=())
    assert await sounded(store) == []


async def test_where_nothing_is_due_nothing_is_written(store: Store, open_store: OpenStore) -> None:
    await planned(store, by_clock=ByClock.START)
    told = [START - HOUR, START, END]
    await run(store, told)
    async with open_store().writing():
        await run(store, [now + SECOND for now in told if now != START - HOUR])
        await run(store, [END + MINUTE])


# --- series ------------------------------------------------------------------------------------------------------


async def series(store: Store) -> list[tuple[datetime, EventStatus]]:
    async with store.reading() as connection:
        dates = await events.of_series(connection, 1)
    return sorted((item.started_at, item.status) for item in dates)


async def test_a_series_goes_on_by_itself_and_one_date_lies_ahead(store: Store) -> None:
    await planned(store, repeat="FREQ=WEEKLY;COUNT=3")
    for weeks, statuses in (
        (0, [EventStatus.COMPLETED, EventStatus.SCHEDULED]),
        (1, [EventStatus.COMPLETED, EventStatus.COMPLETED, EventStatus.SCHEDULED]),
        (2, [EventStatus.COMPLETED] * 3),
        (3, [EventStatus.COMPLETED] * 3),
    ):
        await run(store, every(HOUR, START + weeks * WEEK, END + weeks * WEEK))
        assert await series(store) == [(START + place * WEEK, status) for place, status in enumerate(statuses)]


async def test_a_missed_date_is_followed_by_the_next_one_to_come_whoever_is_on_call(store: Store) -> None:
    await planned(store, repeat="FREQ=WEEKLY")
    late = END + 2 * WEEK + HOUR
    await run(store, [late, late + SECOND, late + 2 * SECOND], oncall=())
    assert await series(store) == [(START, EventStatus.SCHEDULED), (START + 3 * WEEK, EventStatus.SCHEDULED)]
    await run(store, [START + 3 * WEEK])
    assert (await series(store))[1:] == [
        (START + 3 * WEEK, EventStatus.IN_PROGRESS),
        (START + 4 * WEEK, EventStatus.SCHEDULED),
    ]


async def test_a_series_whose_last_date_was_missed_ends(store: Store, open_store: OpenStore) -> None:
    await planned(store, repeat="FREQ=WEEKLY;COUNT=2")
    late = END + 2 * WEEK
    await run(store, [late])
    assert await series(store) == [(START, EventStatus.SCHEDULED)]
    async with open_store().writing():
        await run(store, [late + SECOND])


async def test_two_in_the_morning_stays_so_over_a_daylight_saving_change(store: Store) -> None:
    first = datetime(2026, 3, 3, 7, tzinfo=UTC)  # a Tuesday, 02:00 in New York
    await planned(store, T0, first, repeat="FREQ=WEEKLY")
    await run(store, every(HOUR, first, first + 2 * WEEK))
    starts = [begun for begun, _ in await series(store)]
    assert starts == [first, *(first + weeks * WEEK - HOUR for weeks in (1, 2, 3))]


# --- two at once, and dying --------------------------------------------------------------------------------------


@pytest.mark.parametrize("now", [START - HOUR, START])
async def test_two_processes_at_once_do_it_once(store: Store, open_store: OpenStore, now: datetime) -> None:
    number = await planned(store, repeat="FREQ=WEEKLY")
    before = await timeline(store, number)
    await asyncio.gather(*(by_clock(at(way, now)) for way in (store, open_store(), open_store())))
    assert len(await timeline(store, number)) == len(before) + 1
    assert len(await series(store)) == (2 if now == START else 1)


async def test_two_processes_at_once_tell_on_call_once(store: Store, open_store: OpenStore) -> None:
    await planned(store, repeat="FREQ=WEEKLY", by_clock=ByClock.NONE, remind_before=())
    for now in (START, END):
        await asyncio.gather(*(by_clock(at(way, now)) for way in (store, open_store())))
    assert len(await sounded(store)) == 2
    assert len(await series(store)) == 2


async def test_a_person_who_was_quicker_is_not_overruled(store: Store, open_store: OpenStore) -> None:
    number = await planned(store)
    other = open_store()
    await asyncio.gather(by_clock(at(store, START)), _cancelled(other, number), return_exceptions=True)
    statuses = [status for status, _, _ in await timeline(store, number)]
    assert statuses in (
        [EventStatus.SCHEDULED, EventStatus.CANCELLED],
        [EventStatus.SCHEDULED, EventStatus.IN_PROGRESS],
    )


async def _cancelled(store: Store, number: int) -> None:
    await maintenance.cancel(sit(store, START), number, "not needed")


@pytest.mark.parametrize("table", ["events", "updates", "event_components", "deliveries", "audit"])
async def test_a_start_that_dies_half_way_leaves_nothing_and_is_done_at_the_next_look(store: Store, table: str) -> None:
    async with store.writing() as connection:
        await subscribers.add(connection, "ada@example.com", "ada", T0, {Topic.MAINTENANCE})
    number = await planned(store, repeat="FREQ=WEEKLY")
    async with store.writing() as connection:
        await connection.execute(
            text(f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END")
        )
    with pytest.raises(IntegrityError, match="full"):
        await by_clock(at(store, START))
    assert await timeline(store, number) == [(EventStatus.SCHEDULED, T0, "ada")]
    async with store.writing() as connection:
        await connection.execute(text("DROP TRIGGER full"))
    await by_clock(at(store, START + SECOND))
    assert [status for status, _, _ in await timeline(store, number)] == [
        EventStatus.SCHEDULED,
        EventStatus.IN_PROGRESS,
    ]
    assert await series(store) == [(START, EventStatus.IN_PROGRESS), (START + WEEK, EventStatus.SCHEDULED)]


async def test_a_mistake_in_the_homes_own_words_does_not_stop_the_clock(store: Store, tmp_path: Path) -> None:
    number = await planned(store, repeat="FREQ=WEEKLY")
    for name in ("reminder", "in-progress", "scheduled"):
        (tmp_path / f"maintenance-{name}.txt").write_text("{{ colour }}")
    (tmp_path / "maintenance-completed.txt").write_text("Done: {{ title }}.")
    await run(store, [START - HOUR, START, END], templates=tmp_path)
    event = await found(store, number)
    assert event.status is EventStatus.COMPLETED
    assert "has begun" in event.updates[2].text
    assert event.updates[3].text == "Done: Upgrade."
    assert len(await series(store)) == 2


async def test_only_the_clock_and_admins_let_it_act(store: Store) -> None:
    await planned(store)
    with pytest.raises(NotPossible, match="this needs an admin"):
        await by_clock(Session(store, Operator("ada", Role.OPERATOR), START))
