"""Incidents by hand: what each decision does, what it refuses, and what stands in the log."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from omwatch.desk import incidents, publishing, regrading
from omwatch.desk.incidents import Statement
from omwatch.desk.publishing import Published
from omwatch.desk.session import NotAllowed, NotPossible, Session
from omwatch.domain.assessment import CheckState
from omwatch.domain.client import Client, Support
from omwatch.domain.deadline import About, DeadlineState, Duty
from omwatch.domain.event import TRANSITIONS, Event, EventKind, EventStatus, Update, regrades
from omwatch.domain.notice import Draft
from omwatch.domain.role import Role
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.store import Store, assessments, audit, clients, deadlines, events, subscribers
from omwatch.store.audit import Entry
from omwatch.store.tables import metadata
from tests.domain.builders import after, an_assessment
from tests.sitting import sit

NOW = after(3600)
ESCAPES = "\x1b]52;c;cm0gLXJmIC8=\x07\u202e"
DRAFT = Draft(
    title="Chats are lost",
    text="We have identified a major impairment.",
    severity=Severity.IMPAIRMENT,
    status=EventStatus.IDENTIFIED,
    components={"Chat routing": ComponentStatus.PARTIAL_OUTAGE, "Screen pop": ComponentStatus.PARTIAL_OUTAGE},
    started_at=after(0),
)
OUTAGE = replace(
    DRAFT, severity=Severity.OUTAGE, components=dict.fromkeys(DRAFT.components, ComponentStatus.MAJOR_OUTAGE)
)


@pytest.fixture
async def session(store: Store) -> Session:
    """An admin at the desk; two subscribers would be told."""
    async with store.writing() as connection:
        for name in ("grace", "linus"):
            await subscribers.add(connection, f"{name}@example.com", "ada", after(0))
    return sit(store, NOW)


async def opened(session: Session, draft: Draft = DRAFT) -> int:
    done = await incidents.open_(session, draft)
    assert isinstance(done, Published)
    return done.event


async def at(session: Session, status: EventStatus) -> int:
    """Return a new incident that has been brought to a status."""
    number = await opened(session)
    if status is EventStatus.POSTMORTEM:
        await incidents.resolve(session, number)
    if status is not EventStatus.IDENTIFIED:
        await incidents.update(session, number, Statement("On.", status))
    return number


async def found(session: Session, number: int) -> Event:
    async with session.store.reading() as connection:
        event = await events.get(connection, number)
    assert event is not None
    return event


async def newest(session: Session) -> Entry:
    async with session.store.reading() as connection:
        return (await audit.latest(connection, 1))[0]


async def counted(session: Session) -> dict[str, int]:
    async with session.store.reading() as connection:
        return {
            table.name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for table in metadata.tables.values()
        }


async def a_client(session: Session, name: str, *, plan: bool = False) -> None:
    async with session.store.writing() as connection:
        await clients.add(connection, Client(0, name, Support.STANDARD, plan, NOW), "ada")


def components_of(event: Event) -> set[ComponentStatus]:
    return set(event.components.values())


# --- opening -----------------------------------------------------------------------------------------------------


async def test_an_incident_is_opened_by_hand_backdated_and_everybody_is_told(session: Session) -> None:
    done = await incidents.open_(session, DRAFT)
    assert isinstance(done, Published)
    assert (done.recipients, done.leaves_at) == (2, NOW)
    event = await found(session, done.event)
    assert (event.title, event.severity, event.status) == (DRAFT.title, Severity.IMPAIRMENT, EventStatus.IDENTIFIED)
    assert (event.started_at, event.created_at) == (after(0), NOW)
    assert event.components == DRAFT.components
    assert [(item.id, item.text, item.author) for item in event.updates] == [(done.update, DRAFT.text, "ada")]
    entry = await newest(session)
    assert (entry.action, entry.noun, entry.noun_id, entry.before) == ("open", "incident", done.event, None)
    assert entry.after is not None
    assert entry.after["status"] == "identified"


async def test_its_response_is_met_at_once_and_an_outage_owes_the_next_update_within_the_hour(session: Session) -> None:
    number = await opened(session, OUTAGE)
    async with session.store.reading() as connection:
        owed = await deadlines.of(connection, About.INCIDENT, number)
    states = {item.duty: item.state(NOW) for item in owed}
    assert states == {Duty.RESPONSE: DeadlineState.MET, Duty.UPDATE: DeadlineState.RUNNING}
    assert max(item.due_at for item in owed) == after(7200)


async def test_an_impairment_owes_an_update_on_progress_only(session: Session) -> None:
    number = await opened(session)
    async with session.store.reading() as connection:
        assert [item.duty for item in await deadlines.of(connection, About.INCIDENT, number)] == [Duty.RESPONSE]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"title": " \n"}, "the title is empty"),
        ({"text": "\t"}, "the text is empty"),
        ({"components": {}}, "needs at least one component"),
        ({"components": {" ": ComponentStatus.MAJOR_OUTAGE}}, "a component's name is empty"),
        ({"started_at": after(3601)}, "cannot begin in the future"),
    ],
)
async def test_a_draft_that_says_nothing_or_lies_ahead_is_refused(
    session: Session, changes: dict[str, Any], why: str
) -> None:
    before = await counted(session)
    with pytest.raises(NotPossible, match=f"{why}.*; nothing was changed"):
        await incidents.open_(session, replace(DRAFT, **changes))
    assert await counted(session) == before


@pytest.mark.parametrize("status", sorted(set(EventStatus) - TRANSITIONS[EventKind.INCIDENT][None]))
async def test_an_incident_begins_only_as_something_that_goes_on(session: Session, status: EventStatus) -> None:
    why = f"an incident must begin as investigating, identified or monitoring, not {status.label}"
    draft = replace(DRAFT, status=status)
    with pytest.raises(NotPossible, match=why):
        await incidents.open_(session, draft)
    with pytest.raises(NotPossible, match=why):
        await incidents.backfill(session, draft, NOW, "")


async def test_clients_are_noted_with_the_opening_or_nothing_is(session: Session) -> None:
    await a_client(session, "Globex")
    before = await counted(session)
    with pytest.raises(NotPossible, match="there is no client 'Initech'; 'omwatch client list' shows them"):
        await incidents.open_(session, DRAFT, names=["globex", "Initech"])
    assert await counted(session) == before
    done = await incidents.open_(session, DRAFT, names=["globex"])
    assert isinstance(done, Published)
    async with session.store.reading() as connection:
        assert await incidents.affected(connection, done.event) == ["Globex"]


async def test_nothing_that_operators_write_can_act(session: Session) -> None:
    components = {f"Chat{ESCAPES}": ComponentStatus.MAJOR_OUTAGE}
    number = await opened(
        session, replace(DRAFT, title=f"Down\r\nBcc: eve@example.com{ESCAPES}", components=components)
    )
    await incidents.update(session, number, Statement(f"Still{ESCAPES}\x00"))
    await regrading.regrade(session, number, Severity.MINOR, f"less\n{ESCAPES}")
    event = await found(session, number)
    said = [event.title, *event.components, *(item.text for item in event.updates)]
    said += [item.reason for item in event.updates]
    assert all(letter.isprintable() or letter == "\n" for text in said for letter in text)
    assert "\n" not in event.title
    assert "\n" not in event.updates[-1].reason


# --- updating ----------------------------------------------------------------------------------------------------


async def test_an_update_may_move_it_on_and_change_components(session: Session) -> None:
    number = await opened(session)
    fixed = {"Chat routing": ComponentStatus.OPERATIONAL}
    done = await incidents.update(session, number, Statement("A fix is in.", EventStatus.MONITORING, fixed))
    event = await found(session, number)
    assert event.status is EventStatus.MONITORING
    assert event.components == {**DRAFT.components, **fixed}
    assert dict(event.updates[-1].components) == fixed
    assert done.recipients == 2
    entry = await newest(session)
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.action, entry.before["status"], entry.after["status"]) == ("update", "identified", "monitoring")


async def test_an_update_that_names_no_status_keeps_it(session: Session) -> None:
    number = await at(session, EventStatus.MONITORING)
    await incidents.update(session, number, Statement("Still watching."))
    assert (await found(session, number)).status is EventStatus.MONITORING


async def test_a_component_that_is_not_the_incidents_is_refused_with_those_that_are(session: Session) -> None:
    number = await opened(session)
    said = Statement("On.", components={"Chat rooting": ComponentStatus.OPERATIONAL})
    with pytest.raises(NotPossible, match="has no component 'Chat rooting'; it has Chat routing, Screen pop"):
        await incidents.update(session, number, said)


async def test_an_update_that_says_nothing_is_refused(session: Session) -> None:
    number = await opened(session)
    with pytest.raises(NotPossible, match="the text is empty"):
        await incidents.update(session, number, Statement(" \n "))


async def test_components_follow_when_an_update_ends_an_incident_or_begins_it_again(session: Session) -> None:
    number = await opened(session)
    await incidents.update(session, number, Statement("Over.", EventStatus.RESOLVED))
    assert components_of(await found(session, number)) == {ComponentStatus.OPERATIONAL}
    again = {"Screen pop": ComponentStatus.OPERATIONAL}
    await incidents.update(session, number, Statement("Not over.", EventStatus.IDENTIFIED, again))
    assert (await found(session, number)).components == {**DRAFT.components, **again}


@pytest.mark.parametrize("present", [status for status in TRANSITIONS[EventKind.INCIDENT] if status])
async def test_every_wanted_status_is_taken_or_refused_with_what_is_allowed(
    session: Session, present: EventStatus
) -> None:
    allowed = TRANSITIONS[EventKind.INCIDENT][present]
    for wanted in EventStatus:
        number = await at(session, present)
        before = await counted(session)
        said = Statement("On.", wanted)
        if wanted in allowed:
            await incidents.update(session, number, said)
            assert (await found(session, number)).status is wanted
            continue
        with pytest.raises(NotPossible) as refused:
            await incidents.update(session, number, said)
        assert str(refused.value).startswith(f"incident {number}: an incident that is {present.label} can become ")
        assert str(refused.value).endswith(f", not {wanted.label}; nothing was changed")
        assert all(status.label in str(refused.value) for status in allowed)
        assert await counted(session) == before


@pytest.mark.parametrize(
    ("kind", "present"), [(kind, status) for kind in EventKind for status in TRANSITIONS[kind] if status]
)
async def test_no_kind_of_event_becomes_what_it_cannot(session: Session, kind: EventKind, present: EventStatus) -> None:
    first = Update(0, present, "On.", "ada", NOW, Severity.NONE, DRAFT.components)
    event = Event(0, kind, "Work", Severity.NONE, present, DRAFT.components, after(0), NOW)
    async with session.deciding() as connection:
        number = await events.add(connection, event, "ada")
        await events.add_update(connection, number, first)
    before, standing = await counted(session), await found(session, number)
    refused = 0
    for wanted in set(EventStatus) - TRANSITIONS[kind][present]:
        with pytest.raises(
            NotPossible, match=rf"^{kind} {number}: an? {kind} that is {present.label} .*{wanted.label}"
        ):
            async with session.deciding() as connection:
                await publishing.add(connection, session, standing, replace(first, status=wanted))
        refused += 1
    assert refused
    assert await counted(session) == before


# --- another severity --------------------------------------------------------------------------------------------


async def test_a_regrade_leaves_old_and_new_with_its_reason_in_the_timeline(session: Session) -> None:
    number = await opened(session)
    await regrading.regrade(session, number, Severity.OUTAGE, "half of all chats now")
    event = await found(session, number)
    assert event.severity is Severity.OUTAGE
    assert components_of(event) == {ComponentStatus.MAJOR_OUTAGE}
    ((update, old, new),) = regrades(event.updates)
    assert (old, new, update.reason) == (Severity.IMPAIRMENT, Severity.OUTAGE, "half of all chats now")
    assert "more serious" in update.text
    assert (await newest(session)).action == "regrade"


async def test_a_component_that_has_recovered_stays_so_in_a_regrade(session: Session) -> None:
    number = await opened(session)
    await incidents.update(session, number, Statement("On.", components={"Screen pop": ComponentStatus.OPERATIONAL}))
    await regrading.regrade(session, number, Severity.OUTAGE, "worse")
    assert (await found(session, number)).components == {
        "Chat routing": ComponentStatus.MAJOR_OUTAGE,
        "Screen pop": ComponentStatus.OPERATIONAL,
    }


async def test_from_no_loss_of_service_a_regrade_brings_every_component_back(session: Session) -> None:
    number = await opened(session)
    await regrading.regrade(session, number, Severity.NONE, "only a question")
    assert components_of(await found(session, number)) == {ComponentStatus.OPERATIONAL}
    await regrading.regrade(session, number, Severity.MINOR, "it was more")
    assert components_of(await found(session, number)) == {ComponentStatus.DEGRADED_PERFORMANCE}


async def test_a_regrade_needs_a_reason_another_severity_and_an_incident_that_goes_on(session: Session) -> None:
    number = await opened(session)
    with pytest.raises(NotPossible, match="the reason is empty"):
        await regrading.regrade(session, number, Severity.OUTAGE, " ")
    with pytest.raises(NotPossible, match=f"incident {number} has severity 2 already"):
        await regrading.regrade(session, number, Severity.IMPAIRMENT, "why not")
    await incidents.resolve(session, number)
    with pytest.raises(NotPossible, match="is resolved already; 'omwatch incident reopen'"):
        await regrading.regrade(session, number, Severity.OUTAGE, "worse")


async def test_clocks_follow_a_regrade(session: Session) -> None:
    number = await opened(session, OUTAGE)
    await regrading.regrade(replace(session, now=after(5000)), number, Severity.IMPAIRMENT, "a workaround is in place")
    async with session.store.reading() as connection:
        assert [item for item in await deadlines.open_ones(connection) if item.open] == []
    await regrading.regrade(replace(session, now=after(6000)), number, Severity.OUTAGE, "the workaround fails")
    async with session.store.reading() as connection:
        (owed,) = await deadlines.open_ones(connection)
    assert (owed.duty, owed.due_at) == (Duty.UPDATE, after(9600))


async def test_a_continuity_plan_regrades_an_outage_and_names_its_clients(session: Session) -> None:
    await a_client(session, "Globex", plan=True)
    number = await opened(session, OUTAGE)
    await regrading.regrade_under_plan(session, number, [" globex ", "Globex"])
    event = await found(session, number)
    assert event.severity is Severity.IMPAIRMENT
    assert event.updates[-1].reason == "business continuity plan of Globex"
    assert "continuity plans" in event.updates[-1].text
    assert (await newest(session)).action == "regrade under a continuity plan"
    async with session.store.reading() as connection:
        assert await incidents.affected(connection, number) == ["Globex"]


@pytest.mark.parametrize(
    ("draft", "names", "why"),
    [
        (OUTAGE, [], "name the clients whose business continuity plan allows it"),
        (OUTAGE, ["Globex", "Initech"], "Initech has no business continuity plan"),
        (OUTAGE, ["Globex", "Umbrella"], "there is no client 'Umbrella'"),
        (DRAFT, ["Globex"], "has severity 2; a continuity plan regrades severity 1"),
    ],
)
async def test_without_a_plan_or_an_outage_nothing_is_regraded_or_noted(
    session: Session, draft: Draft, names: list[str], why: str
) -> None:
    await a_client(session, "Globex", plan=True)
    await a_client(session, "Initech")
    number = await opened(session, draft)
    before = await counted(session)
    with pytest.raises(NotPossible, match=f"{why}.*; nothing was changed"):
        await regrading.regrade_under_plan(session, number, names)
    assert await counted(session) == before


# --- the end, and after it ---------------------------------------------------------------------------------------


async def test_a_resolution_lets_components_work_and_owes_nothing_more(session: Session) -> None:
    number = await opened(session, OUTAGE)
    done = await incidents.resolve(replace(session, now=after(4000)), number)
    event = await found(session, number)
    assert (event.status, event.ended_at) == (EventStatus.RESOLVED, after(4000))
    assert components_of(event) == {ComponentStatus.OPERATIONAL}
    assert done.recipients == 2
    async with session.store.reading() as connection:
        assert await deadlines.open_ones(connection) == []


async def test_what_is_over_is_not_resolved_again(session: Session) -> None:
    number = await opened(session)
    await incidents.resolve(session, number)
    with pytest.raises(NotPossible, match=f"incident {number} is resolved already"):
        await incidents.resolve(session, number)


async def test_a_reopened_incident_fails_as_before_and_owes_updates_again(session: Session) -> None:
    number = await opened(session, OUTAGE)
    await incidents.resolve(session, number)
    await incidents.reopen(replace(session, now=after(5000)), number, "It is back.")
    event = await found(session, number)
    assert (event.status, event.ended_at) == (EventStatus.INVESTIGATING, None)
    assert components_of(event) == {ComponentStatus.MAJOR_OUTAGE}
    async with session.store.reading() as connection:
        assert [item.due_at for item in await deadlines.open_ones(connection)] == [after(8600)]


async def test_what_goes_on_is_not_reopened_nor_explained_yet(session: Session) -> None:
    number = await opened(session)
    with pytest.raises(NotPossible, match=f"incident {number} goes on, it is identified; update it instead"):
        await incidents.reopen(session, number, "Again.")
    with pytest.raises(NotPossible, match=r"that is identified can become .* or resolved, not postmortem"):
        await incidents.postmortem(session, number, "We learnt.")


async def test_a_postmortem_changes_neither_components_nor_the_end(session: Session) -> None:
    number = await opened(session)
    await incidents.resolve(replace(session, now=after(4000)), number)
    await incidents.postmortem(replace(session, now=after(90_000)), number, "A queue was full.\n\nNow it is longer.")
    event = await found(session, number)
    assert (event.status, event.ended_at) == (EventStatus.POSTMORTEM, after(4000))
    assert components_of(event) == {ComponentStatus.OPERATIONAL}


async def test_an_edit_corrects_the_text_and_tells_nobody(session: Session) -> None:
    number = await opened(session)
    (update,) = (await found(session, number)).updates
    before = await counted(session)
    event = await incidents.edit(replace(session, now=after(4000)), update.id, f"Corrected.{ESCAPES}")
    (edited,) = event.updates
    assert edited.text.startswith("Corrected.␛")
    assert (edited.edited_at, edited.at, edited.publish_at) == (after(4000), update.at, update.publish_at)
    assert await counted(session) == {**before, "audit": before["audit"] + 1}
    entry = await newest(session)
    assert (entry.action, entry.noun, entry.noun_id) == ("edit", "update", update.id)
    assert entry.before == {"text": DRAFT.text}
    with pytest.raises(NotPossible, match="there is no update 99"):
        await incidents.edit(session, 99, "Corrected.")
    with pytest.raises(NotPossible, match="the text is empty"):
        await incidents.edit(session, update.id, " ")


async def test_a_past_incident_is_written_down_and_nobody_is_told(session: Session) -> None:
    number = await incidents.backfill(session, DRAFT, after(1800), "It was a full queue.")
    event = await found(session, number)
    assert (event.status, event.started_at, event.ended_at) == (EventStatus.RESOLVED, after(0), after(1800))
    assert event.created_at == after(0)
    assert [(item.status, item.at) for item in event.updates] == [
        (EventStatus.IDENTIFIED, after(0)),
        (EventStatus.RESOLVED, after(1800)),
    ]
    assert components_of(event) == {ComponentStatus.OPERATIONAL}
    rows = await counted(session)
    assert (rows["deliveries"], rows["deadlines"]) == (0, 0)
    entry = await newest(session)
    assert (entry.at, entry.action) == (NOW, "backfill")


@pytest.mark.parametrize("ended_at", [after(0), after(-1), after(3601)])
async def test_a_past_incident_ends_after_it_began_and_not_in_the_future(session: Session, ended_at: Any) -> None:  # noqa: ANN401 - an instant
    with pytest.raises(NotPossible, match="ends after it began, and before now"):
        await incidents.backfill(session, DRAFT, ended_at, "")


async def test_affected_clients_are_noted_once_with_before_and_after(session: Session) -> None:
    for name in ("Globex", "Initech"):
        await a_client(session, name)
    number = await opened(session)
    await incidents.affects(session, number, ["initech"])
    await incidents.affects(session, number, ["GLOBEX", "Initech"])
    entry = await newest(session)
    assert (entry.before, entry.after) == ({"clients": ["Initech"]}, {"clients": ["Globex", "Initech"]})
    with pytest.raises(NotPossible, match="name the clients"):
        await incidents.affects(session, number, [])


# --- all of them -------------------------------------------------------------------------------------------------

Act = Callable[[Session, int], Awaitable[object]]
ACTS: dict[str, Act] = {
    "open": lambda session, _: incidents.open_(session, DRAFT),
    "update": lambda session, number: incidents.update(session, number, Statement("On.")),
    "regrade": lambda session, number: regrading.regrade(session, number, Severity.MINOR, "less"),
    "continuity": lambda session, number: regrading.regrade_under_plan(session, number, ["Globex"]),
    "resolve": incidents.resolve,
    "reopen": lambda session, number: incidents.reopen(session, number, "Again."),
    "postmortem": lambda session, number: incidents.postmortem(session, number, "We learnt."),
    "edit": lambda session, _: incidents.edit(session, 1, "Corrected."),
    "backfill": lambda session, _: incidents.backfill(session, DRAFT, after(1800), ""),
    "affects": lambda session, number: incidents.affects(session, number, ["Globex"]),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
async def test_a_viewer_decides_nothing(session: Session, act: Act) -> None:
    number = await opened(session)
    before = await counted(session)
    viewer = sit(session.store, NOW, "eve", Role.VIEWER)
    with pytest.raises(
        NotAllowed, match=r"eve is a viewer here, and this needs an (operator|admin); nothing was changed"
    ):
        await act(viewer, number)
    assert await counted(session) == before


async def test_only_an_admin_writes_the_past(session: Session) -> None:
    with pytest.raises(NotAllowed, match="needs an admin"):
        await incidents.backfill(sit(session.store, NOW, "bob", Role.OPERATOR), DRAFT, after(1800), "")


@pytest.mark.parametrize("act", [act for name, act in ACTS.items() if name not in {"open", "edit", "backfill"}])
async def test_an_incident_that_is_not_there_is_refused(session: Session, act: Act) -> None:
    with pytest.raises(NotPossible, match="there is no incident 99; 'omwatch incident list' shows the incidents"):
        await act(session, 99)


async def test_an_event_of_another_kind_is_no_incident(session: Session) -> None:
    hotfix = Event(0, EventKind.HOTFIX, "Fix", Severity.NONE, EventStatus.POSTMORTEM, {}, NOW, NOW)
    async with session.deciding() as connection:
        done = await publishing.begin(connection, session, hotfix, "Done.")
    with pytest.raises(NotPossible, match=f"{done.event} is a hotfix; 'omwatch incident list'"):
        await incidents.resolve(session, done.event)


async def test_components_are_spelled_as_the_checks_spell_them(session: Session) -> None:
    async with session.store.writing() as connection:
        await assessments.keep(connection, [CheckState(an_assessment("Chat routing"))], NOW)
    strange = {" CHAT routing": ComponentStatus.PARTIAL_OUTAGE, "Reports": ComponentStatus.PARTIAL_OUTAGE}
    number = await opened(session, replace(DRAFT, components=strange))
    assert set((await found(session, number)).components) == {"Chat routing", "Reports"}
    await incidents.update(session, number, Statement("On.", components={"reports": ComponentStatus.OPERATIONAL}))
    assert (await found(session, number)).components["Reports"] is ComponentStatus.OPERATIONAL
