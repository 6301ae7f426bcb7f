"""Whatever operators and the clock do, a timeline leads to the present state, and what is owed follows from it."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omwatch.desk import incidents, maintenance, maintenance_clock, publishing, regrading
from omwatch.desk.incidents import Statement
from omwatch.desk.planning import Move, Plan
from omwatch.desk.session import NotPossible, Session
from omwatch.domain.deadline import About
from omwatch.domain.event import TRANSITIONS, ByClock, Event, EventKind, EventStatus, Window, present
from omwatch.domain.notice import Draft
from omwatch.domain.role import MACHINE
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.store import Store, deadlines, events, subscribers
from tests.domain.builders import T0
from tests.sitting import sit

_STATUSES = st.sampled_from(EventStatus)
_SEVERITIES = st.sampled_from(Severity)
_COMPONENTS = st.sampled_from(ComponentStatus)
_MINUTES = st.integers(0, 90)

Act = Callable[[Session, int, int], Coroutine[Any, Any, object]]
"""Does something to (incident, maintenance), of which one is meant."""


def _draft(severity: Severity) -> Draft:
    failing = dict.fromkeys(("Agent login", "Chat"), severity.component_status)
    return Draft("Trouble", "We know.", severity, EventStatus.IDENTIFIED, failing, T0)


def _plan(now: datetime) -> Plan:
    window = Window(now + timedelta(minutes=40), now + timedelta(minutes=100))
    return Plan("Work", ("Chat",), window)


@dataclass(frozen=True)
class Step:
    """One thing that somebody does, after some minutes."""

    name: str
    after_minutes: int
    act: Act

    def __repr__(self) -> str:
        return f"{self.name} after {self.after_minutes} min"


def _step(name: str, act: Act) -> st.SearchStrategy[Step]:
    return _MINUTES.map(lambda minutes: Step(name, minutes, act))


def _said(pair: tuple[EventStatus, ComponentStatus]) -> st.SearchStrategy[Step]:
    status, component = pair
    said = Statement("More.", status, {"Chat": component})
    return _step(f"update to {status}, Chat {component}", lambda desk, number, _: incidents.update(desk, number, said))


def _regraded(severity: Severity) -> st.SearchStrategy[Step]:
    return _step(
        f"regrade to {severity:d}", lambda desk, number, _: regrading.regrade(desk, number, severity, "it is so")
    )


async def _undo_last(desk: Session, number: int) -> None:
    async with desk.store.reading() as connection:
        found = await events.get(connection, number)
    if found and len(found.updates) > 1:
        await publishing.undo(desk, found.updates[-1].id)


_STEPS = st.one_of(
    st.tuples(_STATUSES, _COMPONENTS).flatmap(_said),
    _SEVERITIES.flatmap(_regraded),
    _step("resolve", lambda desk, number, _: incidents.resolve(desk, number)),
    _step("reopen", lambda desk, number, _: incidents.reopen(desk, number, "It is back.")),
    _step("postmortem", lambda desk, number, _: incidents.postmortem(desk, number, "It was us.")),
    _step("undo", lambda desk, number, _: _undo_last(desk, number)),
    _step("undo of the window", lambda desk, _, number: _undo_last(desk, number)),
    _step("start", lambda desk, _, number: maintenance.start(desk, number)),
    _step("verify", lambda desk, _, number: maintenance.verify(desk, number)),
    _step("complete", lambda desk, _, number: maintenance.complete(desk, number)),
    _step("cancel", lambda desk, _, number: maintenance.cancel(desk, number, "no need")),
    _step("by hand", lambda desk, _, number: maintenance.automate(desk, number, ByClock.NONE)),
    _step(
        "reschedule",
        lambda desk, _, number: maintenance.reschedule(desk, number, Move(ends_at=desk.now + timedelta(hours=3))),
    ),
)


async def _seen(store: Store, number: int) -> Event:
    async with store.reading() as connection:
        found = await events.get(connection, number)
    assert found is not None
    return found


def _assert_told(event: Event) -> None:
    told = present(event.updates)
    assert (told.status, told.severity, told.components) == (event.status, event.severity, event.components)
    assert told.window == event.window
    before: EventStatus | None = None
    for update in event.updates:
        assert update.status in TRANSITIONS[event.kind][before]
        before = update.status


async def _assert_owed(store: Store, incident: Event) -> None:
    async with store.reading() as connection:
        owed = [item for item in await deadlines.of(connection, About.INCIDENT, incident.id) if item.open]
    due = incident.status.open and incident.severity is Severity.OUTAGE
    assert len(owed) == int(due)
    if owed:
        last = incident.updates[-1].publish_at
        assert last is not None
        assert owed[0].due_at == last + timedelta(hours=1)


async def _live(database: Path, severity: Severity, steps: list[Step]) -> None:
    store = Store(database)
    try:
        now, hold = T0 + timedelta(hours=1), timedelta(minutes=5)
        async with store.writing() as connection:
            await subscribers.add(connection, "ada@example.com", "ada", T0)
        opened = await incidents.open_(sit(store, now), _draft(severity))
        assert isinstance(opened, publishing.Published)
        window = (await maintenance.schedule(sit(store, now), _plan(now))).event
        for step in steps:
            now += timedelta(minutes=step.after_minutes)
            await maintenance_clock.by_clock(Session(store, MACHINE, now))
            before = [await _seen(store, number) for number in (opened.event, window)]
            try:
                await step.act(sit(store, now, hold=hold), opened.event, window)
            except NotPossible:
                assert [await _seen(store, number) for number in (opened.event, window)] == before
            incident, planned = await _seen(store, opened.event), await _seen(store, window)
            assert (incident.kind, planned.kind) == (EventKind.INCIDENT, EventKind.MAINTENANCE)
            _assert_told(incident)
            _assert_told(planned)
            await _assert_owed(store, incident)
    finally:
        await store.close()


@settings(max_examples=40)
@given(severity=_SEVERITIES, steps=st.lists(_STEPS, max_size=12))
def test_the_present_state_can_be_rebuilt_from_the_timeline_whatever_happened(
    database: Path, tmp_path_factory: pytest.TempPathFactory, severity: Severity, steps: list[Step]
) -> None:
    copy = Path(shutil.copy(database, tmp_path_factory.mktemp("day") / "omwatch.db"))
    asyncio.run(_live(copy, severity, steps))
