"""A notice may be held for a while, in which it can be undone with all that it did; and previews keep nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from omwatch.desk import incidents, publishing, regrading, suggestions
from omwatch.desk.incidents import Statement
from omwatch.desk.publishing import Published, undo
from omwatch.desk.rehearsing import rehearse
from omwatch.desk.session import NotAllowed, NotPossible, Session
from omwatch.domain.deadline import About, Deadline, DeadlineState, Duty
from omwatch.domain.event import Event, EventKind, EventStatus, Window
from omwatch.domain.notice import Draft
from omwatch.domain.role import MACHINE, Operator, Role
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.suggestion import SuggestionState
from omwatch.store import Store, audit, deadlines, events, outbox, subscribers
from omwatch.store import suggestions as stored
from omwatch.store.tables import metadata
from tests.domain.builders import a_suggestion, after, an_evidence
from tests.sitting import sit

NOW = after(600)
HOLD = timedelta(seconds=30)
DRAFT = Draft(
    title="Log-in fails",
    text="We have identified a system outage.",
    severity=Severity.OUTAGE,
    status=EventStatus.IDENTIFIED,
    components={"Agent login": ComponentStatus.MAJOR_OUTAGE, "Chat": ComponentStatus.MAJOR_OUTAGE},
    started_at=after(0),
)


@pytest.fixture
async def session(store: Store) -> Session:
    """An admin whose notices are held for half a minute; two subscribers would be told."""
    async with store.writing() as connection:
        for name in ("grace", "linus"):
            await subscribers.add(connection, f"{name}@example.com", "ada", after(0))
    return sit(store, NOW, hold=HOLD)


async def opened(session: Session) -> Published:
    done = await incidents.open_(session, DRAFT)
    assert isinstance(done, Published)
    return done


async def found(session: Session, number: int) -> Event | None:
    async with session.store.reading() as connection:
        return await events.get(connection, number)


async def claimed(session: Session, at_second: float) -> int:
    async with session.store.writing() as connection:
        at = after(at_second)
        return len(await outbox.claim(connection, "courier", 100, at, at + timedelta(minutes=1)))


async def owed(session: Session, about: About, number: int) -> list[Deadline]:
    async with session.store.reading() as connection:
        return await deadlines.of(connection, about, number)


async def rows(session: Session) -> dict[str, list[tuple[object, ...]]]:
    async with session.store.reading() as connection:
        return {
            table.name: [tuple(row) for row in await connection.execute(select(table))]
            for table in metadata.tables.values()
        }


async def count(session: Session, name: str) -> int:
    table = metadata.tables[name]
    async with session.store.reading() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


# --- holding -----------------------------------------------------------------------------------------------------


async def test_a_held_notice_does_not_leave_before_its_time(session: Session) -> None:
    done = await opened(session)
    assert done.leaves_at == after(630)
    assert await claimed(session, 629.9) == 0
    assert await claimed(session, 630) == 2


async def test_without_a_hold_it_leaves_at_once(session: Session) -> None:
    done = await opened(replace(session, policy=replace(session.policy, hold=timedelta())))
    assert done.leaves_at == NOW
    assert await claimed(session, 600) == 2


async def test_what_the_clock_decides_is_not_held(session: Session) -> None:
    window = Window(after(600), after(4200))
    planned = Event(0, EventKind.MAINTENANCE, "Work", Severity.NONE, EventStatus.SCHEDULED, {}, NOW, NOW, window=window)
    machine = replace(session, operator=MACHINE)
    async with machine.deciding() as connection:
        done = await publishing.begin(connection, machine, planned, "Planned.")
    assert done.leaves_at == NOW
    with pytest.raises(NotPossible, match=f"update {done.update} has left already"):
        await undo(session, done.update)


async def test_a_promise_is_kept_when_the_notice_leaves_not_when_it_is_written(session: Session) -> None:
    done = await opened(session)
    response, following = await owed(session, About.INCIDENT, done.event)
    assert (response.duty, response.met_at) == (Duty.RESPONSE, after(630))
    assert (following.duty, following.due_at) == (Duty.UPDATE, after(4230))


# --- undoing -----------------------------------------------------------------------------------------------------


async def test_an_undone_update_leaves_the_incident_as_it_was(session: Session) -> None:
    number = (await opened(session)).event
    before = await found(session, number)
    before_owed = await owed(session, About.INCIDENT, number)
    later = replace(session, now=after(1200))
    fixed = {"Chat": ComponentStatus.OPERATIONAL}
    done = await incidents.update(later, number, Statement("A fix is in.", EventStatus.MONITORING, fixed))
    left = await undo(replace(session, now=after(1229)), done.update)
    assert left == before == await found(session, number)
    assert await owed(session, About.INCIDENT, number) == before_owed
    assert await claimed(session, 1240) == 2, "the first notice alone"


async def test_an_undone_regrade_and_resolution_bring_severity_and_clocks_back(session: Session) -> None:
    number = (await opened(session)).event
    before = await found(session, number)
    regraded = await regrading.regrade(replace(session, now=after(1200)), number, Severity.MINOR, "less")
    resolved = await incidents.resolve(replace(session, now=after(1210)), number)
    assert isinstance(regraded, Published)
    at = replace(session, now=after(1220))
    with pytest.raises(NotPossible, match=f"update {regraded.update} is not the last of incident {number}"):
        await undo(at, regraded.update)
    for update in (resolved.update, regraded.update):
        await undo(at, update)
    assert await found(session, number) == before
    (_, following) = await owed(session, About.INCIDENT, number)
    assert (following.due_at, following.state(after(1220))) == (after(4230), DeadlineState.RUNNING)


async def test_an_undone_opening_takes_the_incident_away_with_its_clocks(session: Session) -> None:
    done = await opened(session)
    gone = await undo(session, done.update)
    assert gone.title == DRAFT.title
    assert await found(session, done.event) is None
    assert await owed(session, About.INCIDENT, done.event) == []
    assert await count(session, "deliveries") == 0
    assert await count(session, "events") == 1, "the row stays, for the audit log speaks of it"


async def test_an_undone_confirmation_lets_the_suggestion_wait_again(session: Session) -> None:
    async with session.store.writing() as connection:
        suggestion = await stored.add(connection, a_suggestion(an_evidence()))
    shown = await suggestions.preview(session, suggestion)
    done = await suggestions.confirm(session, suggestion, shown.draft)
    assert isinstance(done, Published)
    await undo(session, done.update)
    async with session.store.reading() as connection:
        again = await stored.get(connection, suggestion)
    assert again is not None
    assert (again.state, again.opened_at) == (SuggestionState.OPEN, shown.suggestion.opened_at)
    (response,) = await owed(session, About.SUGGESTION, suggestion)
    assert response.open
    assert response.since == again.opened_at
    assert isinstance(await suggestions.confirm(session, suggestion, shown.draft), Published)


async def test_what_has_left_is_not_undone(session: Session) -> None:
    done = await opened(session)
    with pytest.raises(NotPossible, match=f"update {done.update} has left already; correct it with another update"):
        await undo(replace(session, now=after(630)), done.update)
    assert await count(session, "deliveries") == 2


async def test_what_a_courier_has_claimed_is_not_undone_though_the_operator_was_in_time(session: Session) -> None:
    done = await opened(session)
    in_time = replace(session, now=after(629.9))
    assert await claimed(session, 630) == 2, "while the operator's decision waited for the store"
    with pytest.raises(NotPossible, match=f"update {done.update} has left already; correct it with another update"):
        await undo(in_time, done.update)
    assert await found(session, done.event) is not None
    assert await count(session, "deliveries") == 2


async def test_what_was_never_written_or_is_undone_already_is_refused(session: Session) -> None:
    done = await opened(session)
    await undo(session, done.update)
    for update in (done.update, 99):
        with pytest.raises(NotPossible, match=f"there is no update {update}"):
            await undo(session, update)


async def test_an_undo_is_in_the_log_with_before_and_after(session: Session) -> None:
    number = (await opened(session)).event
    done = await incidents.update(session, number, Statement("On.", EventStatus.MONITORING))
    await undo(session, done.update)
    async with session.store.reading() as connection:
        (entry,) = await audit.latest(connection, 1)
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.action, entry.noun, entry.noun_id) == ("undo", "incident", number)
    assert (entry.before["status"], entry.after["status"]) == ("monitoring", "identified")
    assert (len(entry.before["updates"]), len(entry.after["updates"])) == (2, 1)


async def test_a_viewer_undoes_nothing(session: Session) -> None:
    done = await opened(session)
    with pytest.raises(NotAllowed):
        await undo(replace(session, operator=Operator("eve", Role.VIEWER)), done.update)
    assert await found(session, done.event) is not None


async def test_a_corrected_text_leaves_in_the_place_of_the_held_one(session: Session) -> None:
    done = await opened(session)
    await incidents.edit(session, done.update, "Corrected in time.")
    event = await found(session, done.event)
    assert event is not None
    assert event.updates[0].text == "Corrected in time."
    assert await claimed(session, 629) == 0
    assert await claimed(session, 630) == 2


# --- previews ----------------------------------------------------------------------------------------------------


async def test_a_preview_shows_what_would_be_published_and_keeps_nothing(session: Session) -> None:
    number = (await opened(session)).event
    before = await rows(session)
    seen = await rehearse(session, lambda trial: regrading.regrade(trial, number, Severity.MINOR, "less"))
    assert (seen.event.id, seen.event.severity, seen.update.severity) == (number, Severity.MINOR, Severity.MINOR)
    assert "less serious" in seen.update.text
    assert seen.recipients == 2
    assert await rows(session) == before


async def test_a_preview_of_an_opening_keeps_nothing_either(session: Session) -> None:
    before = await rows(session)
    seen = await rehearse(session, lambda trial: incidents.open_(trial, DRAFT))
    assert (seen.event.title, seen.update.text, seen.recipients) == (DRAFT.title, DRAFT.text, 2)
    assert await rows(session) == before


async def test_a_preview_is_refused_for_the_reasons_of_the_decision(session: Session) -> None:
    number = (await opened(session)).event
    with pytest.raises(NotPossible, match="has severity 1 already"):
        await rehearse(session, lambda trial: regrading.regrade(trial, number, Severity.OUTAGE, "same"))
    viewer = replace(session, operator=Operator("eve", Role.VIEWER))
    with pytest.raises(NotAllowed):
        await rehearse(viewer, lambda trial: incidents.resolve(trial, number))


async def test_what_publishes_nothing_has_no_preview_and_is_not_done(session: Session) -> None:
    done = await opened(session)
    before = await rows(session)
    with pytest.raises(NotPossible, match="there is nothing to preview; nothing was changed"):
        await rehearse(session, lambda trial: incidents.edit(trial, done.update, "Corrected."))
    assert await rows(session) == before
