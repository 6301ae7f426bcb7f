"""SIGKILL the process that keeps time, again and again: what is due is done once, whole, and written down as it was."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from omwatch.cli import main
from omwatch.clock import SystemClock
from omwatch.config.home import Home
from omwatch.desk import clients, maintenance, tickets
from omwatch.desk.planning import Move, Plan
from omwatch.desk.session import Session
from omwatch.domain.event import Event, EventStatus, Window
from omwatch.domain.severity import Severity
from omwatch.domain.subscriber import Topic
from omwatch.store import Store, audit, deadlines, deliveries, events, leases, subscribers
from omwatch.store.audit import Entry, Wanted
from tests.sitting import sit

pytestmark = pytest.mark.xdist_group("processes")
CLOCK = SystemClock()
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
PEOPLE, WINDOWS = 3, 12
SOON = SECOND
FAR, LEAD = 10 * MINUTE, 10 * MINUTE - SOON
"""Windows are planned far ahead, with their reminder due at once."""
KILLS = ((0, 40), (1, 0), (0, 60), (3, 2), (2, 5))
"""How many entries of the log, and milliseconds after them, each process lives that has begun to keep time."""
PATIENCE_SECONDS = 30
SCHEDULED, IN_PROGRESS, COMPLETED = EventStatus.SCHEDULED, EventStatus.IN_PROGRESS, EventStatus.COMPLETED
COURSE = (
    ("schedule", "ada", SCHEDULED),
    ("remind", "omwatch", SCHEDULED),
    ("reschedule", "ada", SCHEDULED),
    ("start", "omwatch", IN_PROGRESS),
    ("reschedule", "ada", IN_PROGRESS),
    ("complete", "omwatch", COMPLETED),
)


@dataclass(frozen=True, slots=True)
class Told:
    """A maintenance with all that was written of it."""

    event: Event
    entries: tuple[Entry, ...]
    """Of the audit log, oldest first."""
    recipients: tuple[int, ...]
    """How many deliveries each update has."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home that checks nothing and runs no sandbox, so that its notices wait."""
    assert main(["init", str(tmp_path / "home")]) == 0
    home = Home(tmp_path / "home")
    without_checks = home.config.read_text().split("\n[checks.")[0]
    home.config.write_text(without_checks.replace("enabled = true", "enabled = false"))
    home.make_data()
    return home


@pytest.fixture
async def homes_store(home: Home) -> AsyncIterator[Store]:
    """The home's store, with somebody to tell."""
    store = await Store.open(home.database)
    async with store.writing() as connection:
        for number in range(PEOPLE):
            await subscribers.add(connection, f"s{number}@example.com", "ada", CLOCK.now(), {Topic.MAINTENANCE})
    yield store
    await store.close()


@contextmanager
def keeping_time(home: Home) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "omwatch", "watch", "--home", str(home.root)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OMWATCH_")}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.kill()


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await true():
            await CLOCK.sleep(0.005)


async def is_kept_by(store: Store, process: int) -> bool:
    async with store.reading() as connection:
        lease = await leases.get(connection, "watcher")
    return lease is not None and lease.process == process


async def plan(session: Session) -> list[int]:
    """Plan every window, the first one weekly, and return their numbers."""
    starts_at = session.now + FAR
    found = []
    for index in range(WINDOWS):
        wanted = Plan(
            title=f"Work {index}",
            components=(f"Component {index}",),
            window=Window(starts_at, starts_at + HOUR),
            remind_before=(LEAD,),
            repeat="" if index else "FREQ=WEEKLY",
        )
        found.append((await maintenance.schedule(session, wanted)).event)
    return found


async def report_what_nobody_answers(session: Session) -> int:
    """Report an outage so long ago that its response is overdue soon, and return its deadline's number."""
    await clients.add(session, "Globex")
    reported_at = session.now + SOON - session.policy.levels[Severity.OUTAGE].respond_within
    said = tickets.Report("Globex", "Nobody can log in", Severity.OUTAGE, reported_at=reported_at)
    ticket = await tickets.report(session, said)
    assert ticket.response is not None
    return ticket.response.id


async def told(store: Store, number: int) -> Told:
    async with store.reading() as connection:
        event = await events.get(connection, number)
        assert event is not None
        entries = await audit.latest(connection, 1000, Wanted(noun="maintenance", number=number))
        counts = await deliveries.counts_by_update(connection, [update.id for update in event.updates])
    recipients = (sum(counts.get(update.id, {}).values()) for update in event.updates)
    return Told(event, tuple(reversed(entries)), tuple(recipients))


async def written(store: Store) -> int:
    async with store.reading() as connection:
        return len(await audit.latest(connection, 1000, Wanted(operator="omwatch")))


async def have_come(store: Store, numbers: Sequence[int], steps: int) -> bool:
    return all([len((await told(store, number)).event.updates) == steps for number in numbers])


async def is_written_down(store: Store, deadline: int) -> bool:
    async with store.reading() as connection:
        return bool(await audit.latest(connection, 10, Wanted(noun="deadline", number=deadline)))


async def kill_and_start_again(home: Home, store: Store, done: Callable[[], Awaitable[bool]]) -> None:
    """Let process after process keep time, and the last one until all is done."""
    for entries, milliseconds in KILLS:
        before = await written(store)

        async def enough(wanted: int = before + entries) -> bool:
            return await written(store) >= wanted or await done()

        with keeping_time(home) as process:
            await until(partial(is_kept_by, store, process.pid))
            await until(enough)
            await CLOCK.sleep(milliseconds / 1000)
            process.kill()
            assert process.wait() == -signal.SIGKILL
    with keeping_time(home):
        await until(done)


async def test_what_is_due_is_done_once_however_often_the_clocks_keeper_is_killed(
    home: Home, homes_store: Store
) -> None:
    session = sit(homes_store, CLOCK.now())
    numbers = await plan(session)
    owed = await report_what_nobody_answers(session)
    await kill_and_start_again(home, homes_store, partial(have_come, homes_store, numbers, 2))
    for steps in (4, 6):
        now = CLOCK.now()
        move = Move(starts_at=now + SOON, ends_at=now + HOUR) if steps == 4 else Move(ends_at=now + SOON)
        for number in numbers:
            await maintenance.reschedule(sit(homes_store, now), number, move)
        await kill_and_start_again(home, homes_store, partial(have_come, homes_store, numbers, steps))
    with keeping_time(home):  # the windows may have been quicker than the breach
        await until(partial(is_written_down, homes_store, owed))
    for number in numbers:
        found = await told(homes_store, number)
        updates = found.event.updates
        assert tuple((entry.action, entry.operator) for entry in found.entries) == tuple(step[:2] for step in COURSE)
        assert tuple((update.author, update.status) for update in updates) == tuple(step[1:] for step in COURSE)
        assert found.recipients == (PEOPLE,) * len(COURSE)
        for update, entry in zip(updates, found.entries, strict=True):
            assert entry.after is not None
            assert (entry.at, entry.after["status"], entry.after["updates"][-1]["id"]) == (
                update.at,
                update.status,
                update.id,
            )
        for earlier, later in pairwise(found.entries):
            assert later.before == earlier.after
    async with homes_store.reading() as connection:
        dates = await events.of_series(connection, 1)
        assert [(date.status, date.id == numbers[0]) for date in dates] == [(SCHEDULED, False), (COMPLETED, True)]
        breaches = await audit.latest(connection, 1000, Wanted(noun="deadline"))
        assert [(entry.action, entry.noun_id, entry.operator) for entry in breaches] == [("breach", owed, "omwatch")]
        assert await deadlines.unrecorded_breaches(connection, CLOCK.now()) == []
