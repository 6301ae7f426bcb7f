"""What needs two persons waits for the second, who is another one; what it was about may go meanwhile."""

from dataclasses import replace

import pytest

from omwatch.desk import approvals as desk_approvals
from omwatch.desk import approving, incidents, regrading, suggestions
from omwatch.desk.approvals import Waiting
from omwatch.desk.incidents import Statement
from omwatch.desk.publishing import Published, undo
from omwatch.desk.rehearsing import rehearse
from omwatch.desk.session import NotAllowed, NotPossible, Session
from omwatch.domain.approval import Approval, ApprovalState
from omwatch.domain.client import Client, Support
from omwatch.domain.event import Event, EventStatus
from omwatch.domain.notice import Draft
from omwatch.domain.policy import Policy
from omwatch.domain.role import Operator, Role
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.suggestion import SuggestionKind, SuggestionState
from omwatch.store import Store, approvals, audit, clients, events, subscribers
from omwatch.store import suggestions as stored
from tests.domain.builders import a_suggestion, after, an_evidence
from tests.sitting import sit

NOW = after(600)
OUTAGE = Draft(
    title="Log-in fails",
    text="We have identified a system outage.",
    severity=Severity.OUTAGE,
    status=EventStatus.IDENTIFIED,
    components={"Agent login": ComponentStatus.MAJOR_OUTAGE},
    started_at=after(0),
)
MINOR = replace(OUTAGE, severity=Severity.MINOR, components={"Agent login": ComponentStatus.DEGRADED_PERFORMANCE})


@pytest.fixture
async def ada(store: Store) -> Session:
    """The first person; a system outage needs two."""
    async with store.writing() as connection:
        await subscribers.add(connection, "grace@example.com", "ada", after(0))
    return sit(store, NOW, two_person=frozenset({Severity.OUTAGE}))


@pytest.fixture
def bob(ada: Session) -> Session:
    """The second person."""
    return replace(ada, operator=Operator("bob", Role.OPERATOR), now=after(660))


def ruled(session: Session, *severities: Severity) -> Session:
    """Return the session under the rule that these severities need two persons."""
    return replace(session, policy=Policy(mail_domain="example.com", two_person=frozenset(severities)))


async def waiting(session: Session) -> list[Approval]:
    async with session.store.reading() as connection:
        return await approvals.open_ones(connection)


async def state_of(session: Session, number: int) -> ApprovalState:
    async with session.store.reading() as connection:
        found = await approvals.get(connection, number)
    assert found is not None
    return found.state


async def asked(decision: object) -> int:
    assert isinstance(decision, Waiting)
    return decision.approval


async def opened(session: Session, draft: Draft = MINOR) -> int:
    done = await incidents.open_(session, draft)
    assert isinstance(done, Published)
    return done.event


async def found(session: Session, number: int) -> Event:
    async with session.store.reading() as connection:
        event = await events.get(connection, number)
    assert event is not None
    return event


async def open_events(session: Session) -> list[Event]:
    async with session.store.reading() as connection:
        return await events.open_incidents(connection)


async def a_suggested_outage(session: Session) -> int:
    async with session.store.writing() as connection:
        return await stored.add(connection, a_suggestion(an_evidence()))


async def actions(session: Session) -> list[tuple[str, str]]:
    async with session.store.reading() as connection:
        return [(entry.operator, entry.action) for entry in reversed(await audit.latest(connection, 20))]


# --- opening -----------------------------------------------------------------------------------------------------


async def test_the_first_person_asks_and_nothing_is_published(ada: Session) -> None:
    number = await asked(await incidents.open_(ada, OUTAGE))
    assert await open_events(ada) == []
    (approval,) = await waiting(ada)
    assert (approval.id, approval.draft, approval.asked_by, approval.asked_at) == (number, OUTAGE, "ada", NOW)
    assert await actions(ada) == [("ada", "ask")]


async def test_the_second_person_publishes_what_the_first_one_drafted(ada: Session, bob: Session) -> None:
    number = await asked(await incidents.open_(ada, OUTAGE))
    done = await approving.give(bob, number)
    assert isinstance(done, Published)
    assert done.recipients == 1
    event = await found(ada, done.event)
    assert (event.title, event.severity, event.updates[0].author) == (OUTAGE.title, Severity.OUTAGE, "bob")
    assert await waiting(ada) == []
    assert await actions(ada) == [("ada", "ask"), ("bob", "give"), ("bob", "open")]


async def test_nobody_agrees_with_oneself(ada: Session) -> None:
    number = await asked(await incidents.open_(ada, OUTAGE))
    with pytest.raises(NotPossible, match=f"approval {number} is yours; another operator must agree"):
        await approving.give(ada, number)
    assert await state_of(ada, number) is ApprovalState.WAITING


async def test_an_approval_is_given_once(ada: Session, bob: Session) -> None:
    number = await asked(await incidents.open_(ada, OUTAGE))
    await approving.give(bob, number)
    with pytest.raises(NotPossible, match=f"approval {number} is given already; nothing was changed"):
        await approving.give(bob, number)
    assert len(await open_events(ada)) == 1


async def test_it_is_given_once_even_when_its_severity_needs_two_no_more(ada: Session, bob: Session) -> None:
    number = await asked(await incidents.open_(ada, OUTAGE))
    done = await approving.give(ruled(bob), number)
    assert isinstance(done, Published)
    assert await state_of(ada, number) is ApprovalState.GIVEN


async def test_a_severity_that_needs_one_person_leaves_at_once(ada: Session) -> None:
    assert isinstance(await incidents.open_(ada, MINOR), Published)
    assert await waiting(ada) == []


async def test_a_draft_that_could_not_be_published_is_not_asked_for_either(ada: Session) -> None:
    with pytest.raises(NotPossible, match="must begin as"):
        await incidents.open_(ada, replace(OUTAGE, status=EventStatus.RESOLVED))
    assert await waiting(ada) == []


@pytest.mark.parametrize("number", [7, 99])
async def test_what_does_not_wait_is_refused(bob: Session, number: int) -> None:
    with pytest.raises(NotPossible, match=f"there is no approval {number}; 'omwatch approval list'"):
        await approving.give(bob, number)


async def test_a_viewer_neither_gives_nor_refuses(ada: Session) -> None:
    number = await asked(await incidents.open_(ada, OUTAGE))
    viewer = replace(ada, operator=Operator("eve", Role.VIEWER))
    with pytest.raises(NotAllowed):
        await approving.give(viewer, number)
    with pytest.raises(NotAllowed):
        await desk_approvals.refuse(viewer, number, "no")
    assert await state_of(ada, number) is ApprovalState.WAITING


# --- refusing ----------------------------------------------------------------------------------------------------


async def test_refusing_keeps_the_reason_inert_and_publishes_nothing(ada: Session, bob: Session) -> None:
    number = await asked(await incidents.open_(ada, OUTAGE))
    await desk_approvals.refuse(bob, number, "a drill\n\x1b[31m")
    assert await state_of(ada, number) is ApprovalState.REFUSED
    assert await open_events(ada) == []
    async with ada.store.reading() as connection:
        (entry,) = await audit.latest(connection, 1)
    assert (entry.operator, entry.action, entry.noun_id) == ("bob", "refuse", number)
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["state"], entry.after["state"]) == ("waiting", "refused")
    assert entry.after["why"] == "a drill ␛[31m"
    with pytest.raises(NotPossible, match="is refused already"):
        await approving.give(bob, number)


async def test_refusing_needs_a_reason(ada: Session, bob: Session) -> None:
    number = await asked(await incidents.open_(ada, OUTAGE))
    with pytest.raises(NotPossible, match="the reason is empty"):
        await desk_approvals.refuse(bob, number, " \n")
    assert await state_of(ada, number) is ApprovalState.WAITING


async def test_the_first_person_may_take_it_back(ada: Session) -> None:
    number = await asked(await incidents.open_(ada, OUTAGE))
    await desk_approvals.refuse(ada, number, "mistaken")
    assert await waiting(ada) == []


# --- regrading ---------------------------------------------------------------------------------------------------


async def test_an_upgrade_waits_and_keeps_its_reason(ada: Session, bob: Session) -> None:
    incident = await opened(ada)
    number = await asked(await regrading.regrade(ada, incident, Severity.OUTAGE, "half of them", "It is worse."))
    assert (await found(ada, incident)).severity is Severity.MINOR
    await approving.give(bob, number)
    event = await found(ada, incident)
    assert (event.severity, event.updates[-1].reason) == (Severity.OUTAGE, "half of them")
    assert event.updates[-1].text == "It is worse."


async def test_it_is_given_to_the_incident_as_it_is_by_then(ada: Session, bob: Session) -> None:
    incident = await opened(ada)
    number = await asked(await regrading.regrade(ada, incident, Severity.OUTAGE, "half of them"))
    await incidents.update(ada, incident, Statement("A fix is in.", EventStatus.MONITORING))
    await approving.give(bob, number)
    assert (await found(ada, incident)).status is EventStatus.MONITORING


async def test_the_same_regrade_by_another_operator_is_the_agreement(ada: Session, bob: Session) -> None:
    incident = await opened(ada)
    number = await asked(await regrading.regrade(ada, incident, Severity.OUTAGE, "half of them"))
    assert isinstance(await regrading.regrade(bob, incident, Severity.OUTAGE, "I see it too"), Published)
    assert await state_of(ada, number) is ApprovalState.GIVEN


async def test_another_severity_is_no_agreement(ada: Session, bob: Session) -> None:
    both = Severity.OUTAGE, Severity.IMPAIRMENT
    incident = await opened(ada)
    number = await asked(await regrading.regrade(ruled(ada, *both), incident, Severity.IMPAIRMENT, "some of them"))
    with pytest.raises(NotPossible, match=f"approval {number} waits about this for severity 2, not 1"):
        await regrading.regrade(ruled(bob, *both), incident, Severity.OUTAGE, "all of them")
    assert (await found(ada, incident)).severity is Severity.MINOR
    assert await state_of(ada, number) is ApprovalState.WAITING


async def test_a_continuity_plan_waits_as_well_where_its_severity_needs_two(ada: Session, bob: Session) -> None:
    async with ada.store.writing() as connection:
        await clients.add(
            connection, Client(0, "Globex", Support.STANDARD, continuity_plan=True, created_at=NOW), "ada"
        )
    incident = await opened(ruled(ada), OUTAGE)
    strict = ruled(ada, Severity.IMPAIRMENT)
    number = await asked(await regrading.regrade_under_plan(strict, incident, ["Globex"]))
    await approving.give(ruled(bob, Severity.IMPAIRMENT), number)
    event = await found(ada, incident)
    assert event.severity is Severity.IMPAIRMENT
    assert event.updates[-1].reason == "business continuity plan of Globex"


async def test_what_waits_goes_with_the_end_of_its_incident(ada: Session, bob: Session) -> None:
    incident = await opened(ada)
    number = await asked(await regrading.regrade(ada, incident, Severity.OUTAGE, "half of them"))
    await incidents.resolve(bob, incident)
    assert await state_of(ada, number) is ApprovalState.VOID
    assert ("bob", "void") in await actions(ada)
    with pytest.raises(NotPossible, match=f"approval {number} is void already"):
        await approving.give(bob, number)


async def test_what_waits_goes_with_another_regrade(ada: Session, bob: Session) -> None:
    incident = await opened(ada)
    number = await asked(await regrading.regrade(ada, incident, Severity.OUTAGE, "half of them"))
    await regrading.regrade(bob, incident, Severity.IMPAIRMENT, "some of them")
    assert await state_of(ada, number) is ApprovalState.VOID


async def test_what_waits_goes_with_an_incident_that_is_taken_back(ada: Session) -> None:
    held = replace(ada, policy=replace(ada.policy, hold=after(60) - after(0)))
    incident = await opened(held)
    number = await asked(await regrading.regrade(held, incident, Severity.OUTAGE, "half of them"))
    await undo(held, (await found(ada, incident)).updates[0].id)
    assert await state_of(ada, number) is ApprovalState.VOID


async def test_an_update_leaves_what_waits_alone(ada: Session, bob: Session) -> None:
    incident = await opened(ada)
    number = await asked(await regrading.regrade(ada, incident, Severity.OUTAGE, "half of them"))
    await incidents.update(bob, incident, Statement("Still looking."))
    assert await state_of(ada, number) is ApprovalState.WAITING


# --- suggestions -------------------------------------------------------------------------------------------------


async def drafted(session: Session, suggestion: int) -> Draft:
    return (await suggestions.preview(session, suggestion)).draft


async def test_a_suggestion_stays_open_until_the_second_person_agrees(ada: Session, bob: Session) -> None:
    suggestion = await a_suggested_outage(ada)
    wanted = replace(await drafted(ada, suggestion), text="All agents are out.")
    number = await asked(await suggestions.confirm(ada, suggestion, wanted))
    assert (await suggestions.preview(bob, suggestion)).draft == wanted
    done = await approving.give(bob, number)
    assert isinstance(done, Published)
    assert (await found(ada, done.event)).updates[0].text == "All agents are out."
    assert await state_of(ada, number) is ApprovalState.GIVEN


async def test_a_second_confirmation_is_the_agreement(ada: Session, bob: Session) -> None:
    suggestion = await a_suggested_outage(ada)
    number = await asked(await suggestions.confirm(ada, suggestion, await drafted(ada, suggestion)))
    assert isinstance(await suggestions.confirm(bob, suggestion, await drafted(bob, suggestion)), Published)
    assert await state_of(ada, number) is ApprovalState.GIVEN


async def test_confirming_it_as_less_severe_needs_nobody_and_voids_what_waited(ada: Session, bob: Session) -> None:
    suggestion = await a_suggested_outage(ada)
    wanted = await drafted(ada, suggestion)
    number = await asked(await suggestions.confirm(ada, suggestion, wanted))
    less = replace(wanted, severity=Severity.IMPAIRMENT)
    assert isinstance(await suggestions.confirm(bob, suggestion, less), Published)
    assert await state_of(ada, number) is ApprovalState.VOID


async def test_dismissing_voids_what_waited(ada: Session, bob: Session) -> None:
    suggestion = await a_suggested_outage(ada)
    number = await asked(await suggestions.confirm(ada, suggestion, await drafted(ada, suggestion)))
    await suggestions.dismiss(bob, suggestion, "a drill")
    assert await state_of(ada, number) is ApprovalState.VOID


async def test_what_is_void_with_its_suggestion_is_so_in_the_log_too(ada: Session, bob: Session) -> None:
    suggestion = await a_suggested_outage(ada)
    await suggestions.confirm(ada, suggestion, await drafted(ada, suggestion))
    await suggestions.dismiss(bob, suggestion, "a drill")
    assert await actions(ada) == [("ada", "ask"), ("bob", "void"), ("bob", "dismiss")]


async def test_what_waited_for_a_suggestion_goes_when_the_judge_withdraws_it(ada: Session, bob: Session) -> None:
    suggestion = await a_suggested_outage(ada)
    number = await asked(await suggestions.confirm(ada, suggestion, await drafted(ada, suggestion)))
    async with ada.store.writing() as connection:
        gone = a_suggestion(an_evidence(), number=suggestion, state=SuggestionState.WITHDRAWN)
        assert await stored.change(connection, gone)
    assert await waiting(ada) == []
    assert await state_of(ada, number) is ApprovalState.VOID
    with pytest.raises(NotPossible, match=f"approval {number} is void already"):
        await approving.give(bob, number)


async def test_confirming_a_regrade_agrees_with_who_asked_for_it_by_hand(ada: Session, bob: Session) -> None:
    incident = await opened(ada)
    number = await asked(await regrading.regrade(ada, incident, Severity.OUTAGE, "half of them"))
    proposed = replace(a_suggestion(an_evidence()), kind=SuggestionKind.REGRADE, incident=incident)
    async with ada.store.writing() as connection:
        suggestion = await stored.add(connection, proposed)
    assert isinstance(await suggestions.confirm(bob, suggestion, await drafted(bob, suggestion)), Published)
    assert await state_of(ada, number) is ApprovalState.GIVEN
    assert (await found(ada, incident)).severity is Severity.OUTAGE


async def test_an_approval_is_about_its_own_suggestion_alone(ada: Session, bob: Session) -> None:
    first, second = await a_suggested_outage(ada), await a_suggested_outage(ada)
    number = await asked(await suggestions.confirm(ada, first, await drafted(ada, first)))
    await asked(await suggestions.confirm(bob, second, await drafted(bob, second)))
    assert await state_of(ada, number) is ApprovalState.WAITING


async def test_a_preview_asks_nobody(ada: Session) -> None:
    seen = await rehearse(ada, lambda session: incidents.open_(session, OUTAGE))
    assert (seen.event.severity, seen.recipients) == (Severity.OUTAGE, 1)
    assert await waiting(ada) == []
    assert await actions(ada) == []
