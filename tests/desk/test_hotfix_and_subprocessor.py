"""A hotfix is a postmortem at once; a subprocessor notice reaches its own topic and nobody else."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from omwatch.desk import hotfixes, subprocessors
from omwatch.desk.rehearsing import rehearse
from omwatch.desk.session import NotAllowed, NotPossible
from omwatch.domain.assessment import CheckState
from omwatch.domain.event import Event, EventKind, EventStatus, Subprocessor
from omwatch.domain.role import Role
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.subscriber import Topic
from omwatch.store import Store, assessments, audit, deliveries, events, subscribers
from tests.domain.builders import T0, an_assessment
from tests.sitting import sit

ACME = Subprocessor("Acme", "hosting", date(2026, 1, 20), "Ireland")
ESCAPES = "\x1b]0;x\x07\u202e"


@pytest.fixture
async def heard(store: Store) -> Store:
    """A store with one subscriber of each topic."""
    async with store.writing() as connection:
        for topic in Topic:
            await subscribers.add(connection, f"{topic}@example.com", "ada", T0, {topic})
    return store


async def newest(store: Store, kind: EventKind) -> list[Event]:
    async with store.reading() as connection:
        return await events.newest(connection, kind, 9)


async def told(store: Store) -> list[str]:
    async with store.reading() as connection:
        return [item.address for item in await deliveries.latest(connection, 9)]


async def written(store: Store) -> list[tuple[str, str, str]]:
    async with store.reading() as connection:
        return [(entry.operator, entry.action, entry.noun) for entry in await audit.latest(connection, 9)]


# --- hotfixes ----------------------------------------------------------------------------------------------------


async def test_a_hotfix_is_a_postmortem_at_once_without_any_incident(heard: Store) -> None:
    done = await hotfixes.publish(sit(heard, T0), "Chat fix", "Chats keep their order.", ["Chat"])
    (hotfix,) = await newest(heard, EventKind.HOTFIX)
    assert (hotfix.id, hotfix.title, hotfix.status) == (done.event, "Chat fix", EventStatus.POSTMORTEM)
    assert (hotfix.severity, hotfix.components) == (Severity.NONE, {"Chat": ComponentStatus.OPERATIONAL})
    assert (hotfix.started_at, hotfix.ended_at) == (T0, T0)
    assert [update.text for update in hotfix.updates] == ["Chats keep their order."]
    assert await newest(heard, EventKind.INCIDENT) == []
    assert await told(heard) == ["hotfix@example.com"]
    assert await written(heard) == [("ada", "publish", "hotfix")]


async def test_its_components_are_written_as_the_checks_write_them(store: Store) -> None:
    async with store.writing() as connection:
        await assessments.keep(connection, [CheckState(an_assessment())], T0)
    await hotfixes.publish(sit(store, T0), "A fix", "Fixed.", ["agent LOGIN", "Agent login", "Reports"])
    (hotfix,) = await newest(store, EventKind.HOTFIX)
    assert list(hotfix.components) == ["Agent login", "Reports"]


async def test_a_hotfix_may_touch_no_component(store: Store) -> None:
    await hotfixes.publish(sit(store, T0), "A fix", "Fixed.")
    (hotfix,) = await newest(store, EventKind.HOTFIX)
    assert hotfix.components == {}


@pytest.mark.parametrize(
    ("title", "words", "components", "says"),
    [
        (" ", "Fixed.", [], "the title is empty"),
        ("A fix", "\n", [], "the text is empty"),
        ("A fix", "Fixed.", [""], "a component's name is empty"),
    ],
)
async def test_a_hotfix_that_says_nothing_is_refused(
    store: Store, title: str, words: str, components: list[str], says: str
) -> None:
    with pytest.raises(NotPossible, match=says):
        await hotfixes.publish(sit(store, T0), title, words, components)
    assert await newest(store, EventKind.HOTFIX) == []
    assert await written(store) == []


# --- subprocessors -----------------------------------------------------------------------------------------------


async def test_a_subprocessor_notice_reaches_its_own_topic_only(heard: Store) -> None:
    done = await subprocessors.announce(sit(heard, T0), ACME)
    (notice,) = await newest(heard, EventKind.SUBPROCESSOR)
    assert (notice.id, notice.title, notice.status) == (done.event, "Acme: a new subprocessor", EventStatus.ANNOUNCED)
    assert notice.subprocessor == ACME
    assert notice.components == {}
    assert "From 20 January 2026 on, Acme will process personal data for us in Ireland." in notice.updates[0].text
    assert done.recipients == 1
    assert await told(heard) == ["subprocessor@example.com"]
    assert await written(heard) == [("ada", "announce", "subprocessor")]


async def test_a_replacement_says_whose_place_it_takes(store: Store) -> None:
    await subprocessors.announce(sit(store, T0), replace(ACME, replaces="Old Inc"))
    (notice,) = await newest(store, EventKind.SUBPROCESSOR)
    assert notice.title == "Acme: replaces Old Inc"
    assert "It replaces Old Inc." in notice.updates[0].text


async def test_operators_may_say_it_in_their_words(store: Store) -> None:
    await subprocessors.announce(sit(store, T0), ACME, "We have chosen Acme.")
    (notice,) = await newest(store, EventKind.SUBPROCESSOR)
    assert notice.updates[0].text == "We have chosen Acme."


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": " "}, "the subprocessor's name is empty"),
        ({"purpose": ""}, "the purpose is empty"),
        ({"effective_on": date(2026, 1, 4)}, "4 January 2026 lies in the past; write 2026-01-05 or later"),
    ],
)
async def test_a_notice_that_makes_no_sense_is_refused(store: Store, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(NotPossible, match=says):
        await subprocessors.announce(sit(store, T0), replace(ACME, **changes))
    assert await newest(store, EventKind.SUBPROCESSOR) == []


async def test_today_is_the_day_where_operators_are(store: Store) -> None:
    evening = datetime(2026, 1, 6, 2, tzinfo=UTC)  # the 5th in New York
    await subprocessors.announce(sit(store, evening), replace(ACME, effective_on=date(2026, 1, 5)))
    with pytest.raises(NotPossible, match="write 2026-01-06 or later"):
        await subprocessors.announce(sit(store, evening, zone="UTC"), replace(ACME, effective_on=date(2026, 1, 5)))


# --- both --------------------------------------------------------------------------------------------------------


async def test_a_preview_shows_what_would_be_said_and_keeps_nothing(heard: Store) -> None:
    for shown in (
        await rehearse(sit(heard, T0), lambda at: subprocessors.announce(at, ACME)),
        await rehearse(sit(heard, T0), lambda at: hotfixes.publish(at, "A fix", "Fixed.")),
    ):
        assert shown.recipients == 1
        assert await newest(heard, shown.event.kind) == []
    assert await told(heard) == []


async def test_a_viewer_publishes_neither(store: Store) -> None:
    viewer = sit(store, T0, role=Role.VIEWER)
    with pytest.raises(NotAllowed):
        await hotfixes.publish(viewer, "A fix", "Fixed.")
    with pytest.raises(NotAllowed):
        await subprocessors.announce(viewer, ACME)


async def test_what_operators_write_is_made_inert(store: Store) -> None:
    await hotfixes.publish(sit(store, T0), f"A fix{ESCAPES}", f"Fixed.{ESCAPES}", [f"Chat{ESCAPES}"])
    item = Subprocessor(f"Acme{ESCAPES}", f"hosting{ESCAPES}", ACME.effective_on, ESCAPES, ESCAPES)
    await subprocessors.announce(sit(store, T0), item)
    for kind in (EventKind.HOTFIX, EventKind.SUBPROCESSOR):
        (event,) = await newest(store, kind)
        kept = event.subprocessor or ACME
        words = [event.title, *event.components, kept.name, kept.purpose, kept.location, kept.replaces]
        assert all(word.isprintable() for word in words)
        assert event.updates[0].text.replace("\n", "").isprintable()
