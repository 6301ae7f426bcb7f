"""Sending at the desk: paused and resumed, tried again in order, previewed; on-call hears of what does not arrive."""

from datetime import timedelta
from typing import Any

import pytest

from omwatch.desk import automation, broadcasting, incidents
from omwatch.desk.incidents import Statement
from omwatch.desk.publishing import Published
from omwatch.desk.session import NotAllowed, NotPossible, Session
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.event import EventStatus
from omwatch.domain.notice import Draft
from omwatch.domain.policy import Policy
from omwatch.domain.role import MACHINE, Role
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.subscriber import Audience, Subscriber, SubscriberState, Topic, Wishes
from omwatch.store import Store, alarms, audit, deliveries, enrolling, ledger, outbox, subscribers, switches
from omwatch.store.alarms import Sounded
from omwatch.store.audit import Entry
from omwatch.store.outbox import Settled
from tests.conftest import OpenStore
from tests.domain.builders import after
from tests.sitting import sit

NOW = after(60)
HOUR = 3600
FAILING = {"Agent login": ComponentStatus.MAJOR_OUTAGE}
UNKNOWN = "550 5.1.1 <{}@example.com> unknown"
DRAFT = Draft("No log-ins", "We look into it.", Severity.OUTAGE, EventStatus.IDENTIFIED, FAILING, after(0))


@pytest.fixture
async def session(store: Store) -> Session:
    """An operator's moment at a desk where ten subscribers are told."""
    people = [Subscriber(0, f"s{number}@example.com", after(0)) for number in range(10)]
    async with store.writing() as connection:
        await enrolling.enrol_all(connection, [(item, None) for item in people], "ada", {})
    return sit(store, NOW, role=Role.OPERATOR)


def at(session: Session, seconds: float) -> Session:
    return sit(session.store, after(seconds), role=Role.OPERATOR)


async def opened(session: Session) -> Published:
    done = await incidents.open_(session, DRAFT)
    assert isinstance(done, Published)
    return done


async def said(session: Session, incident: int, status: EventStatus) -> int:
    done = await incidents.update(session, incident, Statement("More.", status))
    assert isinstance(done, Published)
    return done.update


async def settle(session: Session, state: DeliveryState, number: int, seconds: float, error: str = "") -> None:
    """Let so many of the oldest deliveries that are due come to this."""
    async with session.store.writing() as connection:
        claimed = await outbox.claim(connection, "courier", number, after(seconds), after(seconds + 180))
        again = after(seconds) + timedelta(minutes=5)
        results = [Settled(item, state, error.format(item.subscriber), again) for item in claimed]
        if state is not DeliveryState.FAILED:
            results = [Settled(item, state, error.format(item.subscriber)) for item in claimed]
        await outbox.settle(connection, "courier", results, after(seconds))


async def counts(session: Session, update: int) -> dict[DeliveryState, int]:
    async with session.store.reading() as connection:
        return (await deliveries.counts_by_update(connection, [update])).get(update, {})


async def audited(session: Session) -> list[Entry]:
    """Those on broadcasting, oldest first."""
    async with session.store.reading() as connection:
        return (await audit.latest(connection, 99, audit.Wanted(noun="broadcast")))[::-1]


# --- the switch ------------------------------------------------------------------------------------------------------


async def test_pausing_holds_everything_until_somebody_resumes_it(session: Session) -> None:
    switch = await broadcasting.pause(session, "a storm of wrong notices")
    assert (switch.on, switch.changed_by, switch.why) == (True, "ada", "a storm of wrong notices")
    async with session.store.reading() as connection:
        assert await switches.is_on(connection, switches.PAUSED)
    assert (await broadcasting.standing(session)).paused == switch
    assert await broadcasting.resume(at(session, 90))
    async with session.store.reading() as connection:
        assert not await switches.is_on(connection, switches.PAUSED)
    assert (await broadcasting.standing(session)).paused is None
    assert [(entry.action, entry.after) for entry in await audited(session)] == [
        ("pause", {"paused": True, "why": "a storm of wrong notices"}),
        ("resume", {"paused": False, "why": ""}),
    ]


async def test_pausing_twice_keeps_the_first_reason_and_resuming_twice_is_no_decision(session: Session) -> None:
    assert not await broadcasting.resume(session)
    first = await broadcasting.pause(session, "a storm")
    assert await broadcasting.pause(at(session, 99), "another") == first
    assert await broadcasting.resume(session)
    assert not await broadcasting.resume(session)
    assert [entry.action for entry in await audited(session)] == ["pause", "resume"]


async def test_pausing_needs_a_reason_and_an_operator(session: Session) -> None:
    with pytest.raises(NotPossible, match="the reason is empty"):
        await broadcasting.pause(session, " \n")
    viewer = sit(session.store, NOW, role=Role.VIEWER)
    for refused in (broadcasting.pause(viewer, "x"), broadcasting.resume(viewer), broadcasting.retry(viewer)):
        with pytest.raises(NotAllowed):
            await refused
    assert await audited(session) == []


# --- trying again ----------------------------------------------------------------------------------------------------


async def test_what_was_given_up_is_queued_again_and_written_down(session: Session) -> None:
    done = await opened(session)
    await settle(session, DeliveryState.DEAD, 4, 61, UNKNOWN)
    await settle(session, DeliveryState.SENT, 9, 62)
    assert await broadcasting.retry(at(session, 70)) == 4
    assert await counts(session, done.update) == {DeliveryState.QUEUED: 4, DeliveryState.SENT: 6}
    async with session.store.reading() as connection:
        assert {item.delivery.tries for item in await ledger.page(connection, 9, state=DeliveryState.QUEUED)} == {0}
    (entry,) = await audited(session)
    assert (entry.action, entry.after) == ("retry", {"update": None, "error": None, "deliveries": 4})
    assert await broadcasting.retry(at(session, 71)) == 0
    assert len(await audited(session)) == 1, "nothing to try again is no decision"


async def test_one_update_or_one_reason_alone_is_tried_again(session: Session) -> None:
    first = await opened(session)
    await settle(session, DeliveryState.DEAD, 4, 61, UNKNOWN)
    await settle(session, DeliveryState.DEAD, 6, 62, "554 5.7.1 blocked")
    second = await incidents.open_(session, DRAFT)
    assert isinstance(second, Published)
    await settle(session, DeliveryState.DEAD, 10, 63, "554 5.7.1 blocked")
    assert await broadcasting.retry(session, first.update, "554 5.7.1 blocked") == 6
    assert await broadcasting.retry(session, error="550 5.1.1 <…> unknown") == 4, "a reason is as the standing tells it"
    assert await broadcasting.retry(session, error="no such reason") == 0
    assert await counts(session, second.update) == {DeliveryState.DEAD: 10}
    assert await broadcasting.retry(session, second.update) == 10


async def test_an_update_that_is_not_there_is_refused(session: Session) -> None:
    with pytest.raises(NotPossible, match="there is no update 7"):
        await broadcasting.retry(session, 7)
    with pytest.raises(NotPossible, match="there is no update 7"):
        await broadcasting.told(session, 7)


async def test_a_later_update_that_arrived_is_never_followed_by_an_earlier_one(session: Session) -> None:
    done = await opened(session)
    await settle(session, DeliveryState.DEAD, 10, 61, UNKNOWN)
    later = await said(at(session, 100), done.event, EventStatus.MONITORING)
    await settle(session, DeliveryState.SENT, 7, 101)
    await settle(session, DeliveryState.DEAD, 3, 102, UNKNOWN)
    assert await broadcasting.retry(at(session, 110), done.update) == 3, "seven have read what came after it"
    assert await counts(session, later) == {DeliveryState.SENT: 7, DeliveryState.DEAD: 3}
    assert await broadcasting.retry(at(session, 111)) == 3
    async with session.store.writing() as connection:
        claimed = await outbox.claim(connection, "courier", 99, after(120), after(300))
    assert {item.update_ids for item in claimed} == {(done.update, later)}, "in their order, as one message"


@pytest.mark.parametrize("state", [state for state in SubscriberState if state is not SubscriberState.ACTIVE])
async def test_nothing_is_tried_again_for_who_gets_nothing(session: Session, state: SubscriberState) -> None:
    await opened(session)
    await settle(session, DeliveryState.DEAD, 10, 61, UNKNOWN)
    async with session.store.writing() as connection:
        for number in (1, 2):
            await subscribers.change(connection, Subscriber(number, "", after(0), state=state), NOW)
    assert await broadcasting.retry(session) == 8


# --- how it stands ---------------------------------------------------------------------------------------------------


async def test_how_it_stands_counts_states_and_tells_one_trouble_once(session: Session) -> None:
    await opened(session)
    await settle(session, DeliveryState.DEAD, 4, 61, UNKNOWN)
    await settle(session, DeliveryState.FAILED, 2, 62, "451 4.7.1 come back in {} s")
    await settle(session, DeliveryState.SENT, 1, 63)
    found = await broadcasting.standing(at(session, 70))
    assert found.counts == {
        DeliveryState.DEAD: 4,
        DeliveryState.FAILED: 2,
        DeliveryState.SENT: 1,
        DeliveryState.QUEUED: 3,
    }
    assert found.errors == (("550 5.1.1 <…> unknown", 4), ("451 4.7.1 come back in … s", 2))
    assert found.oldest_waiting == NOW


async def test_what_is_long_over_is_counted_no_more(session: Session) -> None:
    await opened(session)
    await settle(session, DeliveryState.DEAD, 4, 61, UNKNOWN)
    await settle(session, DeliveryState.SENT, 6, 62)
    found = await broadcasting.standing(at(session, 25 * HOUR))
    assert (found.counts, found.errors, found.oldest_waiting) == ({}, (), None)


async def test_an_empty_store_stands_still(store: Store) -> None:
    found = await broadcasting.standing(sit(store, NOW))
    assert (found.paused, found.counts, found.errors, found.oldest_waiting) == (None, {}, (), None)


# --- who would get it ------------------------------------------------------------------------------------------------


async def test_a_preview_lists_exactly_those_who_get_it_page_by_page(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcasting, "_PAGE", 3)
    wishes = Wishes(frozenset({Topic.INCIDENT}), frozenset({"Chat"}))
    chat = Subscriber(0, "chat@example.com", after(0), wishes)
    async with session.store.writing() as connection:
        await subscribers.enrol(connection, chat, "ada")
    wanted = Audience(0, Topic.INCIDENT, Severity.OUTAGE, frozenset({"Agent login"}))
    found = [item.address async for item in broadcasting.recipients(session, wanted)]
    assert found == [f"s{number}@example.com" for number in range(10)]
    done = await opened(session)
    async with session.store.reading() as connection:
        queued = {item.delivery.address for item in await ledger.page(connection, 99, done.update)}
    assert queued == set(found)
    assert [item async for item in broadcasting.recipients(session, Audience(0, Topic.SUBPROCESSOR))] == []


async def test_an_update_is_for_whom_its_event_concerned_then(session: Session) -> None:
    done = await opened(session)
    update = await said(at(session, 100), done.event, EventStatus.RESOLVED)
    _, first, audience = await broadcasting.told(session, done.update)
    assert (first.status, audience.ends) == (EventStatus.IDENTIFIED, False)
    assert audience.components == {"Agent login"}
    event, last, audience = await broadcasting.told(session, update)
    assert (event.id, last.status, audience.ends, audience.event) == (done.event, EventStatus.RESOLVED, True, event.id)


# --- on-call ---------------------------------------------------------------------------------------------------------


def clerk(session: Session, seconds: float, **policy: Any) -> Session:  # noqa: ANN401 - any rule
    return Session(session.store, MACHINE, after(seconds), Policy(**{"oncall": ("phone", "chat"), **policy}))


async def sounded(session: Session) -> list[Sounded]:
    async with session.store.reading() as connection:
        return await alarms.latest(connection, 99)


async def test_on_call_is_told_once_when_too_many_notices_of_an_update_do_not_arrive(session: Session) -> None:
    done = await opened(session)
    await settle(session, DeliveryState.SENT, 7, 61)
    await settle(session, DeliveryState.DEAD, 2, 62, UNKNOWN)
    await broadcasting.by_clock(clerk(session, 63))
    assert [(item.key, item.place) for item in await sounded(session)] == [
        (f"broadcast:{done.update}", "chat"),
        (f"broadcast:{done.update}", "phone"),
    ]
    (alarm, _) = await sounded(session)
    assert alarm.subject == "Notices do not arrive: 2 of 9"
    assert f"2 of 9 notices of update {done.update} (event {done.event}) have not arrived (22 %)" in alarm.text
    assert "omwatch broadcast status" in alarm.text
    await settle(session, DeliveryState.DEAD, 9, 64, UNKNOWN)
    for seconds in (65, 66, 1000):
        await broadcasting.by_clock(clerk(session, seconds))
    assert len(await sounded(session)) == 2


@pytest.mark.parametrize(
    ("sent", "dead", "failed", "policy", "told"),
    [
        (8, 2, 0, {}, False),  # exactly the share, and no more
        (7, 2, 1, {}, True),
        (7, 0, 3, {}, True),
        (0, 4, 0, {}, False),  # too few were tried to take a share of
        (0, 5, 0, {}, True),
        (5, 0, 0, {}, False),
        (5, 5, 0, {"alarm_percent": 50}, False),
        (4, 6, 0, {"alarm_percent": 50}, True),
        (0, 10, 0, {"alarm_percent": 100}, False),
        (9, 1, 0, {"alarm_percent": 0}, True),
        (0, 10, 0, {"oncall": ()}, False),
    ],
)
async def test_the_share_is_of_those_that_were_tried(
    session: Session, sent: int, dead: int, failed: int, policy: dict[str, Any], *, told: bool
) -> None:
    await opened(session)
    for state, number in ((DeliveryState.SENT, sent), (DeliveryState.DEAD, dead), (DeliveryState.FAILED, failed)):
        await settle(session, state, number, 61, UNKNOWN if state is not DeliveryState.SENT else "")
    await broadcasting.by_clock(clerk(session, 63, **policy))
    assert bool(await sounded(session)) is told


async def test_what_failed_longer_ago_than_an_hour_is_no_alarm(session: Session) -> None:
    await opened(session)
    await settle(session, DeliveryState.DEAD, 10, 61, UNKNOWN)
    await broadcasting.by_clock(clerk(session, 61 + HOUR + 1))
    assert await sounded(session) == []


async def test_a_few_that_are_still_tried_after_hours_are_no_alarm(session: Session) -> None:
    await opened(session)
    await settle(session, DeliveryState.FAILED, 1, 61, "451 busy")
    await settle(session, DeliveryState.SENT, 9, 62)
    await settle(session, DeliveryState.FAILED, 1, 5 * HOUR, "451 busy")
    await broadcasting.by_clock(clerk(session, 5 * HOUR + 1))
    assert await sounded(session) == []


async def test_who_was_removed_is_no_loss(session: Session) -> None:
    await opened(session)
    async with session.store.writing() as connection:
        for number in range(1, 11):
            await ledger.give_up(connection, number, NOW)
    await broadcasting.by_clock(clerk(session, 63))
    assert await sounded(session) == []
    assert (await broadcasting.standing(at(session, 63))).errors == ()


async def test_nothing_to_tell_takes_no_write_lock(session: Session, open_store: OpenStore) -> None:
    await opened(session)
    await settle(session, DeliveryState.SENT, 10, 61)
    async with open_store().writing():
        await broadcasting.by_clock(clerk(session, 63))


async def test_the_monitoring_process_looks_by_itself(session: Session) -> None:
    await opened(session)
    await settle(session, DeliveryState.DEAD, 10, 61, UNKNOWN)
    await automation.by_clock(clerk(session, 63))
    assert [item.place for item in await sounded(session) if item.key.startswith("broadcast:")] == ["chat", "phone"]
