"""Clients: one name each, contacts who get notices, and every change in the audit log."""

import pytest

from omwatch.desk import clients as desk
from omwatch.desk import incidents, linking, tickets
from omwatch.desk.clients import Changes
from omwatch.desk.session import NotAllowed, NotPossible, Session
from omwatch.domain.client import Client, Support
from omwatch.domain.event import EventStatus
from omwatch.domain.notice import Draft
from omwatch.domain.role import Role
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.subscriber import USUAL_TOPICS, Topic
from omwatch.store import Store, audit, clients, subscribers
from omwatch.store.audit import Entry
from tests.domain.builders import after
from tests.sitting import sit

NOW = after(600)


@pytest.fixture
def session(store: Store) -> Session:
    return sit(store, NOW)


async def every(store: Store) -> list[Client]:
    async with store.reading() as connection:
        return await clients.every(connection)


async def audited(store: Store) -> list[Entry]:
    async with store.reading() as connection:
        return await audit.latest(connection, 100)


async def test_a_client_is_added_with_contacts_who_become_subscribers_with_the_usual_topics(session: Session) -> None:
    added = await desk.add(
        session,
        "  Acme   Corp ",
        Support.PREMIUM,
        ["ops@ACME.example.com", "cto@acme.example.com"],
        continuity_plan=True,
    )
    contacts = ("ops@acme.example.com", "cto@acme.example.com")
    assert added == Client(1, "Acme Corp", Support.PREMIUM, continuity_plan=True, created_at=NOW, contacts=contacts)
    assert await every(session.store) == [added]
    async with session.store.reading() as connection:
        people = await subscribers.of_client(connection, added.id)
    assert [item.topics for item in people] == [USUAL_TOPICS, USUAL_TOPICS]
    assert [(entry.action, entry.noun) for entry in await audited(session.store)] == [
        ("add", "client"),
        ("add", "subscriber"),
        ("add", "subscriber"),
    ]


async def test_who_is_a_subscriber_already_becomes_a_contact_and_keeps_its_topics(session: Session) -> None:
    async with session.store.writing() as connection:
        topics = {Topic.SUBPROCESSOR}
        await subscribers.add(connection, "dpo@example.com", "ada", NOW, topics)
    added = await desk.add(session, "Acme", contacts=["dpo@example.com"])
    assert added.contacts == ("dpo@example.com",)
    async with session.store.reading() as connection:
        assert [item.topics for item in await subscribers.every(connection)] == [frozenset(topics)]


@pytest.mark.parametrize("name", ["Acme", "ACME", " acme "])
async def test_a_name_is_one_clients_alone_in_whichever_case(session: Session, name: str) -> None:
    await desk.add(session, "Acme")
    with pytest.raises(NotPossible, match="there is a client 'Acme' already; nothing was changed"):
        await desk.add(session, name)
    await desk.add(session, "Globex")
    with pytest.raises(NotPossible, match="there is a client 'Acme' already"):
        await desk.change(session, "globex", Changes(name=name))
    assert [item.name for item in await every(session.store)] == ["Acme", "Globex"]


async def test_a_client_may_be_renamed_to_its_own_name_in_another_case(session: Session) -> None:
    await desk.add(session, "acme")
    assert (await desk.change(session, "ACME", Changes(name="Acme"))).name == "Acme"


async def test_what_is_no_name_or_no_address_leaves_nothing_behind(session: Session) -> None:
    with pytest.raises(NotPossible, match="the name of the client is empty"):
        await desk.add(session, " \n ")
    with pytest.raises(NotPossible, match="an e-mail address has an @"):
        await desk.add(session, "Acme", contacts=["ops@example.com", "nobody"])
    assert await every(session.store) == []
    assert await audited(session.store) == []


async def test_a_contact_belongs_to_one_client(session: Session) -> None:
    await desk.add(session, "Acme", contacts=["ops@example.com"])
    with pytest.raises(NotPossible, match="is a contact of Acme; take it from there first"):
        await desk.add(session, "Globex", contacts=["new@example.com", "ops@example.com"])
    assert [item.name for item in await every(session.store)] == ["Acme"]
    async with session.store.reading() as connection:
        assert await subscribers.count(connection) == 1, "nothing of what was refused stays"


async def test_each_change_is_made_alone_or_with_others_and_is_written_down(session: Session) -> None:
    await desk.add(session, "Acme", contacts=["old@example.com"])
    come, go = ["new@example.com"], ["old@example.com"]
    changes = Changes("Acme Corp", Support.PREMIUM, continuity_plan=True, contacts=come, without=go)
    changed = await desk.change(session, "acme", changes)
    assert changed == Client(1, "Acme Corp", Support.PREMIUM, continuity_plan=True, created_at=NOW, contacts=(*come,))
    (entry, *_) = await audited(session.store)
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.action, entry.noun, entry.noun_id) == ("change", "client", 1)
    assert (entry.before["name"], entry.before["contacts"]) == ("Acme", ["old@example.com"])
    assert (entry.after["name"], entry.after["contacts"]) == ("Acme Corp", ["new@example.com"])
    assert (await desk.change(session, "Acme Corp", Changes(continuity_plan=False))).continuity_plan is False


async def test_who_is_no_contact_any_more_stays_a_subscriber(session: Session) -> None:
    await desk.add(session, "Acme", contacts=["ops@example.com"])
    changed = await desk.change(session, "Acme", Changes(without=["ops@EXAMPLE.com"]))
    assert changed.contacts == ()
    async with session.store.reading() as connection:
        assert await subscribers.count(connection) == 1
    with pytest.raises(NotPossible, match=r"ops@example\.com is no contact of Acme; nothing was changed"):
        await desk.change(session, "Acme", Changes(without=["ops@example.com"]))


async def test_a_change_that_changes_nothing_is_refused(session: Session) -> None:
    await desk.add(session, "Acme", contacts=["ops@example.com"])
    for changes in (Changes(), Changes(name="Acme"), Changes(contacts=["ops@example.com"])):
        with pytest.raises(NotPossible, match="Acme is so already; nothing was changed"):
            await desk.change(session, "Acme", changes)
    assert len(await audited(session.store)) == 2


async def test_a_client_that_is_not_there_is_named_and_cannot_act(session: Session) -> None:
    with pytest.raises(NotPossible, match=r"there is no client '␛\[31mAcme'; 'omwatch client list' shows them"):
        await desk.change(session, "\x1b[31mAcme", Changes(support=Support.PREMIUM))
    with pytest.raises(NotPossible, match="there is no client 'Acme'"):
        await desk.show(session, "Acme")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
async def test_writing_clients_needs_an_admin_and_reading_them_needs_nobody(store: Store, role: Role) -> None:
    await desk.add(sit(store, NOW), "Acme")
    session = sit(store, NOW, "bob", role)
    with pytest.raises(NotAllowed, match=f"bob is {role.label} here, and this needs an admin"):
        await desk.add(session, "Globex")
    with pytest.raises(NotAllowed):
        await desk.change(session, "Acme", Changes(support=Support.PREMIUM))
    assert (await desk.show(session, "acme")).client.name == "Acme"


async def test_a_client_is_shown_with_its_open_tickets_in_order_and_its_incidents(session: Session) -> None:
    await desk.add(session, "Acme")
    await desk.add(session, "Globex")
    components = {"Chat routing": ComponentStatus.MAJOR_OUTAGE}
    draft = Draft("Chats wait", "We know.", Severity.OUTAGE, EventStatus.IDENTIFIED, components, after(0))
    await incidents.open_(session, draft)
    for client, grade in (("acme", 4), ("acme", 2), ("globex", 1), ("acme", 3)):
        await tickets.report(session, tickets.Report(client, "Chats wait", Severity(grade)))
    await linking.link(session, 2, 1)
    await tickets.close(session, 4, "Done.")
    shown = await desk.show(session, "ACME")
    assert [item.id for item in shown.tickets] == [2, 1]
    assert [item.title for item in shown.incidents] == ["Chats wait"]
    assert (await desk.show(session, "globex")).incidents == ()
