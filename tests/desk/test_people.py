"""Subscribers at the desk: added once, changed, paused, forgotten, taken in by lists; no secret is written down."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import select

from omwatch.config.home import Home
from omwatch.config.keyring import Keyring
from omwatch.desk import clients, enlisting, people
from omwatch.desk.enlisting import Taken
from omwatch.desk.session import NotAllowed, NotPossible, Session
from omwatch.domain import subscriber_list
from omwatch.domain.assessment import CheckState
from omwatch.domain.csv_table import Mistake
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.role import Role
from omwatch.domain.severity import Severity
from omwatch.domain.subscriber import USUAL_TOPICS, Audience, Channel, Subscriber, SubscriberState, Topic
from omwatch.domain.subscriber_change import Changes
from omwatch.store import Store, assessments, audit, deliveries, events, ledger, outbox, subscribers
from omwatch.store.audit import Entry
from omwatch.store.outbox import Settled
from omwatch.store.tables import metadata
from omwatch.store.tables import subscribers as rows_of_subscribers
from tests.domain.builders import after, an_assessment, an_incident
from tests.sitting import sit

NOW = after(60)
SECRET = "b00bfacec0ffee"
SLACK = f"slack://TABCDEFGH/BABCDEFGH/{SECRET}"
HOOK = f"jsons://user:{SECRET}@Hooks.Example.com/x"


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(Home(tmp_path / "home"))


@pytest.fixture
def session(store: Store) -> Session:
    return sit(store, NOW)


async def everybody(session: Session) -> list[Subscriber]:
    async with session.store.reading() as connection:
        return await subscribers.every(connection)


async def audited(session: Session) -> list[Entry]:
    """Oldest first."""
    async with session.store.reading() as connection:
        return (await audit.latest(connection, 999))[::-1]


async def all_text(session: Session) -> str:
    """Return all that stands in the database."""
    async with session.store.reading() as connection:
        return "\n".join(
            [str(row) for table in metadata.sorted_tables for row in await connection.execute(select(table))]
        )


# --- one by one ------------------------------------------------------------------------------------------------------


async def test_an_address_is_added_with_all_that_it_wants(session: Session) -> None:
    await clients.add(session, "Acme")
    wanted = Changes({Topic.INCIDENT}, {"Chat"}, Severity.IMPAIRMENT, " Ada \x1b[1m", "ACME")
    added, new = await people.add(session, " Ada@Example.com", wanted)
    assert new
    assert [added] == await everybody(session)
    assert (added.address, added.name, added.client, added.channel) == (
        "Ada@example.com",
        "Ada ␛[1m",
        "Acme",
        Channel.EMAIL,
    )
    assert added.wishes.topics == {Topic.INCIDENT}
    assert added.wishes.components == {"Chat"}
    assert added.wishes.least_severity is Severity.IMPAIRMENT


async def test_unless_told_it_gets_the_usual_topics_of_everything(session: Session) -> None:
    added, _ = await people.add(session, "ada@example.com")
    assert added.wishes.topics == USUAL_TOPICS
    assert (added.wishes.components, added.wishes.least_severity) == (frozenset(), Severity.NONE)


async def test_components_get_the_spelling_of_the_checks(session: Session) -> None:
    async with session.store.writing() as connection:
        await assessments.keep(connection, [CheckState(an_assessment("Chat routing"))], NOW)
    added, _ = await people.add(session, "ada@example.com", Changes(components={"chat ROUTING", "Fax"}))
    assert added.wishes.components == {"Chat routing", "Fax"}


async def test_a_destination_is_added_once_and_shown_without_its_secret(session: Session, keyring: Keyring) -> None:
    added, new = await people.add(session, HOOK, keyring=keyring)
    again, new_again = await people.add(session, HOOK.replace("Example", "example"), keyring=keyring)
    other, new_other = await people.add(session, SLACK, keyring=keyring)
    assert (new, new_again, new_other) == (True, False, True)
    assert again == added
    assert added.channel is Channel.APPRISE
    assert added.address.startswith("jsons://hooks.example.com/…")
    assert other.address.startswith("slack://…")
    async with session.store.reading() as connection:
        sealed = await subscribers.sealed_urls(connection, [added.id, other.id])
    assert keyring.open(sealed[added.id]) == HOOK.replace("Hooks.Example", "hooks.example")
    assert SECRET not in await all_text(session)


async def test_what_is_neither_an_address_nor_a_destination_is_refused(session: Session, keyring: Keyring) -> None:
    with pytest.raises(NotPossible, match="an e-mail address has an @"):
        await people.add(session, "ada")
    with pytest.raises(NotPossible, match="is no destination that omwatch sends to") as refused:
        await people.add(session, f"https://hooks.example.com/{SECRET}", keyring=keyring)
    assert SECRET not in str(refused.value)
    with pytest.raises(NotPossible, match="the home's key is not at hand"):
        await people.add(session, SLACK)
    assert await everybody(session) == []


async def test_a_lost_key_is_told_and_nothing_is_added(session: Session, keyring: Keyring, tmp_path: Path) -> None:
    await people.add(session, SLACK, keyring=keyring)
    home = Home(tmp_path / "home")
    home.key.unlink()
    with pytest.raises(NotPossible, match=r"omwatch\.key is missing; put it back"):
        await people.add(session, HOOK, keyring=Keyring(home))
    assert len(await everybody(session)) == 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (Changes(topics=frozenset()), "needs at least one topic"),
        (Changes(components={"Chat; Mail"}), "holds no ';'"),
        (Changes(name="x" * 101), "at most 100 characters"),
        (Changes(client="Nobody"), "there is no client 'Nobody'"),
    ],
)
async def test_wishes_that_make_no_sense_change_nothing(session: Session, changes: Changes, why: str) -> None:
    await people.add(session, "ada@example.com")
    before = await everybody(session)
    with pytest.raises(NotPossible, match=why):
        await people.add(session, "eve@example.com", changes)
    with pytest.raises(NotPossible, match=why):
        await people.edit(session, "ada@example.com", changes)
    assert await everybody(session) == before
    assert len(await audited(session)) == 1


async def test_a_change_changes_what_it_names_and_is_written_down(session: Session) -> None:
    await clients.add(session, "Acme", contacts=["ada@example.com"])
    after_it = await people.edit(session, "ada@example.com", Changes({Topic.HOTFIX}, {"Chat"}, name="Ada"))
    assert [after_it] == await everybody(session)
    assert (after_it.name, after_it.client) == ("Ada", "Acme")
    assert after_it.topics == {Topic.HOTFIX}
    nobodys = await people.edit(session, "ada@example.com", Changes(components=frozenset(), client=""))
    assert (nobodys.client, nobodys.wishes.components, nobodys.name) == ("", frozenset(), "Ada")
    assert [nobodys] == await everybody(session)
    entry = (await audited(session))[-1]
    assert (entry.action, entry.noun, entry.noun_id) == ("edit", "subscriber", nobodys.id)
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["client"], entry.after["client"]) == ("Acme", "")


async def test_a_change_that_changes_nothing_is_no_decision(session: Session) -> None:
    await people.add(session, "ada@example.com")
    await people.edit(session, "ada@example.com", Changes(topics=USUAL_TOPICS))
    await people.activate(session, "ada@example.com")
    await people.pause(session, "ada@example.com")
    await people.pause(session, "ada@example.com")
    assert [entry.action for entry in await audited(session)] == ["add", "pause"]


async def test_a_subscriber_is_found_by_address_by_url_by_what_is_shown_of_it_and_by_number(
    session: Session, keyring: Keyring
) -> None:
    ada, _ = await people.add(session, "ada@example.com")
    slack, _ = await people.add(session, SLACK, keyring=keyring)
    async with session.store.reading() as connection:
        for words, found in (
            ("ada@EXAMPLE.com", ada),
            ("1", ada),
            (SLACK, slack),
            (slack.address, slack),
            (f" {slack.id} ", slack),
        ):
            assert await people.known(connection, words, keyring) == found
        for words in ("eve@example.com", "99", "slack://…00000000", HOOK, "9" * 40):
            with pytest.raises(NotPossible, match="is no subscriber") as refused:
                await people.known(connection, words, keyring)
            assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "state", [SubscriberState.PAUSED, SubscriberState.QUARANTINED, SubscriberState.UNVERIFIED, SubscriberState.ACTIVE]
)
async def test_whoever_is_activated_gets_notices_again_and_starts_without_refusals(
    session: Session, state: SubscriberState
) -> None:
    async with session.store.writing() as connection:
        await subscribers.enrol(connection, Subscriber(0, "ada@example.com", after(0), state=state), "ada")
        await subscribers.refused(connection, [1, 1], NOW)
    found = await people.activate(session, "ada@example.com")
    assert found.state is SubscriberState.ACTIVE
    async with session.store.writing() as connection:
        if state is not SubscriberState.ACTIVE:
            await subscribers.refused(connection, [1], NOW)
    assert [item.state for item in await everybody(session)] == [SubscriberState.ACTIVE]


async def test_an_unconfirmed_address_cannot_be_paused(session: Session) -> None:
    async with session.store.writing() as connection:
        new = Subscriber(0, "ada@example.com", after(0), state=SubscriberState.UNVERIFIED)
        await subscribers.enrol(connection, new, "ada")
    with pytest.raises(NotPossible, match="is not confirmed yet"):
        await people.pause(session, "ada@example.com")


async def queued(session: Session) -> int:
    """Queue an update of an incident for everybody, and return its number."""
    async with session.store.writing() as connection:
        event = await events.add(connection, an_incident()[0], "ada")
        update = await events.add_update(connection, event, an_incident()[1])
        await deliveries.queue(connection, update, Audience(event, Topic.INCIDENT), "example.com", NOW, NOW)
    return update


async def test_who_is_removed_is_forgotten_and_gets_nothing_that_waits(session: Session) -> None:
    await clients.add(session, "Acme", contacts=["ada@example.com"])
    await people.add(session, "eve@example.com")
    await people.edit(session, "ada@example.com", Changes(name="Ada Lovelace"))
    update = await queued(session)
    async with session.store.writing() as connection:
        (on_its_way,) = await outbox.claim(connection, "courier", 1, NOW, after(999))
    removed = await people.remove(session, "ada@example.com")
    assert removed.name == "Ada Lovelace"
    assert [item.address for item in await everybody(session)] == ["eve@example.com"]
    async with session.store.writing() as connection:
        await outbox.settle(connection, "courier", [Settled(on_its_way, DeliveryState.FAILED, "", NOW)], NOW)
        claimed = await outbox.claim(connection, "courier", 99, after(9999), after(99999))
        found = await ledger.page(connection, 99, update, DeliveryState.DEAD)
        row = (
            await connection.execute(select(rows_of_subscribers).where(rows_of_subscribers.c.id == removed.id))
        ).one()
    assert [item.address for item in claimed] == ["eve@example.com"]
    assert [(item.delivery.address, item.delivery.error) for item in found] == [
        (f"removed-{removed.id}", ledger.REMOVED)
    ]
    assert (row.name, row.client_id, row.sealed, row.fingerprint) == (None, None, None, None)
    entry = (await audited(session))[-1]
    assert entry.action == "remove"
    assert "ada@example.com" not in str(entry)
    assert "Lovelace" not in str(entry)


async def test_who_was_removed_can_subscribe_anew_and_is_nobody_known(session: Session, keyring: Keyring) -> None:
    for address in ("ada@example.com", SLACK):
        first, _ = await people.add(session, address, keyring=keyring)
        await people.remove(session, address, keyring)
        again, new = await people.add(session, address, keyring=keyring)
        assert new
        assert again.id != first.id


async def test_only_an_admin_keeps_subscribers_and_an_operator_may_try_one_out(session: Session) -> None:
    await people.add(session, "ada@example.com")
    operator, viewer = (sit(session.store, NOW, "bob", role) for role in (Role.OPERATOR, Role.VIEWER))
    row = subscriber_list.Row(2, "eve@example.com")
    for refused in (
        people.add(operator, "eve@example.com"),
        people.edit(operator, "ada@example.com", Changes(name="Eve")),
        people.pause(operator, "ada@example.com"),
        people.activate(operator, "ada@example.com"),
        people.remove(operator, "ada@example.com"),
        enlisting.enlist(operator, [row], "omwatch"),
        people.trial(viewer, "ada@example.com"),
    ):
        with pytest.raises(NotAllowed):
            await refused
    assert (await people.trial(operator, "ada@example.com")).address == "ada@example.com"
    assert [(entry.action, entry.operator) for entry in await audited(session)] == [("add", "ada"), ("test", "bob")]


# --- lists -----------------------------------------------------------------------------------------------------------


async def take(session: Session, text: str, keyring: Keyring | None = None, *, dry_run: bool = False) -> Taken:
    rows = subscriber_list.rows(text.splitlines(keepends=True))
    return await enlisting.enlist(session, rows, "omwatch", keyring, dry_run=dry_run)


def came(taken: Taken) -> tuple[int, int, int]:
    return taken.added, taken.changed, taken.unchanged


def left_out(mistakes: Iterable[Mistake]) -> list[int]:
    return [mistake.line for mistake in mistakes]


async def test_a_list_adds_who_is_new_changes_who_is_known_and_leaves_the_rest(
    session: Session, keyring: Keyring
) -> None:
    await clients.add(session, "Acme")
    slack, _ = await people.add(session, SLACK, keyring=keyring)
    for name in ("ada", "bob"):
        await people.add(session, f"{name}@example.com", Changes(name=name))
    await people.pause(session, "bob@example.com")
    text = (
        "address,name,topics,state,client\n"
        "ada@example.com,ada,incident;hotfix;maintenance,,\n"
        "bob@example.com,Bob,,active,acme\n"
        "cid@example.com,,hotfix,paused,ACME\n"
        f"{slack.address},Our Slack,,,\n"
        f"{HOOK},Hook,,,\n"
    )
    would = await take(session, text, keyring, dry_run=True)
    assert len(await everybody(session)) == 3
    taken = await take(session, text, keyring)
    assert came(taken) == came(would) == (2, 2, 1)
    assert taken.mistakes == ()
    found = {item.name or item.address: item for item in await everybody(session)}
    assert found["Bob"].state is SubscriberState.PAUSED, "a list does not wake those whom somebody has paused"
    assert found["Bob"].client == "Acme"
    assert found["cid@example.com"].state is SubscriberState.PAUSED
    assert found["cid@example.com"].topics == {Topic.HOTFIX}
    assert found["Our Slack"].id == slack.id
    assert found["Hook"].channel is Channel.APPRISE
    assert SECRET not in await all_text(session)
    assert came(await take(session, text, keyring)) == (0, 0, 5)


async def test_rows_that_cannot_be_taken_are_told_and_cost_no_other(session: Session, keyring: Keyring) -> None:
    taken = await take(
        session,
        "address,components,client,name\n"
        "ada@example.com,,,\n"
        "ada@example.com,Chat,,\n"
        "nobody,,,\n"
        "slack://…12345678,,,\n"
        f"https://example.com/{SECRET},,,\n"
        "bob@example.com,,Nobody,\n"
        "cid@example.com,,,\n"
        f"eve@example.com,,,{'x' * 200}\n",
        keyring,
    )
    assert left_out(taken.mistakes) == [3, 4, 5, 6, 7, 9]
    whys = [mistake.why for mistake in taken.mistakes]
    assert whys[0] == "ada@example.com stands in line 2 already"
    assert "add it with 'omwatch subscriber add'" in whys[2]
    assert whys[4].startswith("there is no client 'Nobody'")
    assert not any(SECRET in why or "nothing was changed" in why for why in whys)
    assert [item.address for item in await everybody(session)] == ["ada@example.com", "cid@example.com"]


async def test_a_list_is_one_entry_of_the_audit_log_and_one_for_each_who_was_changed(session: Session) -> None:
    await people.add(session, "ada@example.com")
    await take(session, "address,name\nada@example.com,Ada\nbob@example.com,\nnobody,\n")
    edit, imported = (await audited(session))[1:]
    assert (edit.action, edit.noun_id) == ("edit", 1)
    assert (imported.action, imported.noun, imported.noun_id) == ("import", "subscriber", 0)
    assert imported.after == {"from": "omwatch", "added": 1, "changed": 1, "left_out": 1}


async def test_a_list_that_changes_nothing_is_no_decision(session: Session) -> None:
    await people.add(session, "ada@example.com")
    await take(session, "address\nada@example.com\n")
    assert [entry.action for entry in await audited(session)] == ["add"]


async def test_what_others_decide_while_a_list_is_read_is_not_overwritten(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people.add(session, "ada@example.com")
    sort, looks = enlisting._sort, 0

    async def interrupted(*words: object) -> object:
        nonlocal looks
        looks += 1
        found = await sort(*words)  # type: ignore[arg-type] # as it was called
        if looks == 1:
            await people.edit(session, "ada@example.com", Changes(topics={Topic.HOTFIX}))
            await people.add(session, "bob@example.com")
        return found

    monkeypatch.setattr(enlisting, "_sort", interrupted)
    taken = await take(session, "address,name\nada@example.com,Ada\nbob@example.com,Bob\n")
    assert came(taken) == (0, 2, 0)
    assert [(item.name, item.topics) for item in await everybody(session)] == [
        ("Ada", {Topic.HOTFIX}),
        ("Bob", USUAL_TOPICS),
    ]


async def test_a_list_that_is_written_out_comes_in_as_it_was(session: Session, keyring: Keyring) -> None:
    await clients.add(session, "Acme")
    for number, severity in enumerate([*Severity, *Severity]):
        wanted = Changes({Topic.HOTFIX}, {"Chat"} if number % 2 else None, severity, f"N{number}", "Acme")
        await people.add(session, f"+p{number}@example.com", wanted)
    slack, _ = await people.add(session, SLACK, keyring=keyring)
    there = await everybody(session)
    text = subscriber_list.header() + "".join(map(subscriber_list.row_of, there))
    assert SECRET not in text
    assert came(await take(session, text, keyring)) == (0, 0, len(there))
    for item in there:
        if item.id != slack.id:
            await people.remove(session, item.address)
    assert came(await take(session, text, keyring)) == (len(there) - 1, 0, 1)
    again = {item.address: (item.wishes, item.name, item.client) for item in await everybody(session)}
    assert again == {item.address: (item.wishes, item.name, item.client) for item in there}
