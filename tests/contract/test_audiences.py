"""Who gets a notice: by topic, component and severity, by state; and who heard of a thing hears of its end."""

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.delivery import DeliveryState
from omwatch.domain.severity import Severity
from omwatch.domain.subscriber import Audience, Channel, Subscriber, SubscriberState, Topic, Wishes
from omwatch.store import Store, deliveries, enrolling, events, ledger, outbox, subscribers
from omwatch.store.outbox import Settled
from omwatch.store.subscribers import Sealed
from tests.domain.builders import after, an_incident

EVENT = 1


class Room:
    """A store with one incident, and people who subscribe to it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.numbers: dict[str, int] = {}

    async def let_in(
        self,
        name: str,
        *components: str,
        topics: frozenset[Topic] = frozenset({Topic.INCIDENT}),
        least: Severity = Severity.NONE,
        state: SubscriberState = SubscriberState.ACTIVE,
    ) -> None:
        wishes = Wishes(topics, frozenset(components), least)
        new = Subscriber(0, f"{name}@example.com", after(0), wishes, state=state)
        async with self.store.writing() as connection:
            self.numbers[name] = await subscribers.enrol(connection, new, "ada")

    async def become(self, name: str, state: SubscriberState) -> None:
        async with self.store.writing() as connection:
            known = await subscribers.get(connection, self.numbers[name])
            assert known is not None
            await subscribers.change(connection, replace(known, state=state), after(1))

    async def reached(
        self, *components: str, topic: Topic = Topic.INCIDENT, severity: Severity = Severity.OUTAGE, ends: bool = False
    ) -> set[str]:
        """Return who would get a notice; counted, paged and queued all say the same."""
        audience = Audience(EVENT, topic, severity, frozenset(components), ends)
        async with self.store.writing() as connection:
            size = await deliveries.audience_size(connection, audience)
            found: list[int] = []
            while page := await deliveries.audience_of(connection, audience, found[-1] if found else 0, 2):
                found += page
            update = await self._update(connection)
            assert await deliveries.queue(connection, update, audience, "example.com", after(2), after(2)) == size
        async with self.store.reading() as connection:
            queued = {item.delivery.address for item in await ledger.page(connection, 999, update)}
        names = {name for name, number in self.numbers.items() if number in found}
        assert queued == {f"{name}@example.com" for name in names}
        assert len(found) == size
        return names

    async def tell(self, state: DeliveryState, *components: str) -> None:
        """Send a notice to whom it is for, with this outcome for everybody."""
        await self.reached(*components)
        async with self.store.writing() as connection:
            claimed = await outbox.claim(connection, "courier", 999, after(3), after(99))
            await outbox.settle(connection, "courier", [Settled(item, state, "x") for item in claimed], after(4))

    async def _update(self, connection: AsyncConnection) -> int:
        return await events.add_update(connection, EVENT, an_incident()[1])


@pytest.fixture
async def room(store: Store) -> Room:
    async with store.writing() as connection:
        assert await events.add(connection, an_incident()[0], "ada") == EVENT
    return Room(store)


async def test_a_topic_reaches_those_who_want_it(room: Room) -> None:
    await room.let_in("ops")
    await room.let_in("all", topics=frozenset(Topic))
    await room.let_in("dpo", topics=frozenset({Topic.SUBPROCESSOR}))
    assert await room.reached() == {"ops", "all"}
    assert await room.reached(topic=Topic.SUBPROCESSOR) == {"all", "dpo"}
    assert await room.reached(topic=Topic.MAINTENANCE) == {"all"}


async def test_components_narrow_it_down_for_those_alone_who_named_some(room: Room) -> None:
    await room.let_in("all")
    await room.let_in("chat", "Chat")
    await room.let_in("both", "Chat", "Login")
    await room.let_in("login", "Login")
    assert await room.reached("Chat") == {"all", "chat", "both"}
    assert await room.reached("Login", "Mail") == {"all", "both", "login"}
    assert await room.reached("Mail") == {"all"}
    assert await room.reached() == {"all", "chat", "both", "login"}, "what names no component concerns everybody"


@pytest.mark.parametrize(
    ("severity", "reached"),
    [
        (Severity.OUTAGE, {"worst", "major", "all"}),
        (Severity.IMPAIRMENT, {"major", "all"}),
        (Severity.MINOR, {"all"}),
        (Severity.NONE, {"all"}),
    ],
)
async def test_of_incidents_everybody_gets_those_that_are_bad_enough(
    room: Room, severity: Severity, reached: set[str]
) -> None:
    await room.let_in("worst", least=Severity.OUTAGE)
    await room.let_in("major", least=Severity.IMPAIRMENT)
    await room.let_in("all")
    assert await room.reached(severity=severity) == reached


async def test_the_severity_is_asked_of_incidents_alone(room: Room) -> None:
    await room.let_in("worst", topics=frozenset(Topic), least=Severity.OUTAGE)
    for topic in (Topic.HOTFIX, Topic.MAINTENANCE, Topic.SUBPROCESSOR):
        assert await room.reached(topic=topic, severity=Severity.NONE) == {"worst"}


@pytest.mark.parametrize("state", [state for state in SubscriberState if state is not SubscriberState.ACTIVE])
async def test_who_is_not_active_gets_nothing_new(room: Room, state: SubscriberState) -> None:
    await room.let_in("ada")
    await room.let_in("eve", state=state)
    assert await room.reached() == {"ada"}
    assert await room.reached(ends=True) == {"ada"}, "who never heard of it needs not hear of its end"


@pytest.mark.parametrize("told", [DeliveryState.SENT, DeliveryState.FAILED])
@pytest.mark.parametrize(
    ("became", "hears"),
    [
        (SubscriberState.ACTIVE, True),
        (SubscriberState.PAUSED, True),
        (SubscriberState.QUARANTINED, True),
        (SubscriberState.UNVERIFIED, False),
        (SubscriberState.REMOVED, False),
    ],
)
async def test_who_heard_of_it_hears_of_its_end(
    room: Room, told: DeliveryState, became: SubscriberState, *, hears: bool
) -> None:
    await room.let_in("ada", "Login", least=Severity.OUTAGE)
    await room.tell(told, "Login")
    await room.become("ada", became)
    assert await room.reached("Chat", severity=Severity.MINOR) == set()
    assert await room.reached("Chat", severity=Severity.MINOR, ends=True) == ({"ada"} if hears else set())


async def test_who_wants_something_else_meanwhile_hears_of_the_end_all_the_same(room: Room) -> None:
    await room.let_in("ada")
    await room.tell(DeliveryState.SENT)
    async with room.store.writing() as connection:
        known = await subscribers.get(connection, room.numbers["ada"])
        assert known is not None
        other = replace(known, wishes=Wishes(frozenset({Topic.HOTFIX}), frozenset({"Mail"}), Severity.OUTAGE))
        await subscribers.change(connection, other, after(5))
    assert await room.reached("Chat") == set()
    assert await room.reached("Chat", ends=True) == {"ada"}


async def test_who_never_got_it_as_it_was_refused_does_not_hear_of_the_end(room: Room) -> None:
    await room.let_in("ada", "Login")
    await room.tell(DeliveryState.DEAD, "Login")
    assert await room.reached("Chat", ends=True) == set()


async def test_three_refusals_in_a_row_are_quarantine_and_a_delivery_between_them_is_none(store: Store) -> None:
    async with store.writing() as connection:
        for name in ("ada", "eve"):
            await subscribers.add(connection, f"{name}@example.com", "ada", after(0))
        await subscribers.refused(connection, [1, 2], after(1))
        await subscribers.refused(connection, [1, 2], after(2))
        await subscribers.accepted(connection, [2])
        await subscribers.refused(connection, [1, 2], after(3))
        states = [item.state for item in await subscribers.every(connection)]
    assert states == [SubscriberState.QUARANTINED, SubscriberState.ACTIVE]


# --- many at once ----------------------------------------------------------------------------------------------------


async def test_many_are_written_as_one_is(store: Store) -> None:
    wishes = Wishes(frozenset({Topic.HOTFIX}), frozenset({"Chat", "Login"}), Severity.MINOR)
    people = [
        Subscriber(number, f"{number}@example.com", after(0), wishes, name="N", state=SubscriberState.PAUSED)
        for number in range(1, 1001)
    ]
    place = replace(people[0], id=1001, address="slack://…12345678", channel=Channel.APPRISE, wishes=Wishes())
    async with store.writing() as connection:
        new = [*((item, None) for item in people), (place, Sealed("sealed", "print"))]
        await enrolling.enrol_all(connection, new, "ada", {})
    async with store.reading() as connection:
        assert await subscribers.every(connection) == [*people, place]
        assert await subscribers.sealed_urls(connection, [1, 1001]) == {1001: "sealed"}
        assert await subscribers.by_fingerprint(connection, "print") == place


async def test_many_are_changed_as_one_is(store: Store) -> None:
    people = [Subscriber(number, f"{number}@example.com", after(0)) for number in range(1, 501)]
    changed = [
        replace(item, name="Ada", wishes=Wishes(frozenset({Topic.HOTFIX}), frozenset({"Chat"}), Severity.MINOR))
        for item in people[100:]
    ]
    async with store.writing() as connection:
        await enrolling.enrol_all(connection, [(item, None) for item in people], "ada", {})
        await enrolling.change_all(connection, changed, {}, after(9))
        await enrolling.change_all(connection, [], {}, after(9))
        await enrolling.enrol_all(connection, [], "ada", {})
    async with store.reading() as connection:
        assert await subscribers.every(connection) == people[:100] + changed


async def test_pages_go_through_all_of_one_state_in_order(store: Store) -> None:
    states = [SubscriberState.ACTIVE, SubscriberState.PAUSED, SubscriberState.REMOVED]
    people = [Subscriber(n, f"{n}@example.com", after(0), state=states[n % 3]) for n in range(1, 31)]
    async with store.writing() as connection:
        await enrolling.enrol_all(connection, [(item, None) for item in people], "ada", {})
    async with store.reading() as connection:
        paused = await subscribers.page(connection, 0, 4, SubscriberState.PAUSED)
        rest = await subscribers.page(connection, paused[-1].id, 99, SubscriberState.PAUSED)
        found = await subscribers.page(connection, 0, 999)
        some = await subscribers.of_numbers(connection, [3, 1, 99])
    assert [item.id for item in [*paused, *rest]] == list(range(1, 31, 3))
    assert len(found) == 20, "who has been removed is in no list"
    assert [item.id for item in some] == [1, 3]
