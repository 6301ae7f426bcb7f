"""Every decision is one transaction, is written down, and lets nothing in that acts."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from omwatch.desk import people
from omwatch.desk import suggestions as desk
from omwatch.desk.publishing import Published
from omwatch.desk.session import MAX_TITLE, NotPossible
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.event import Event, EventStatus
from omwatch.domain.notice import Draft
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.suggestion import Suggestion, SuggestionState
from omwatch.store import Store, audit, deliveries, events, subscribers, suggestions
from omwatch.store.audit import Entry
from omwatch.store.tables import metadata
from tests.conftest import OpenStore
from tests.domain.builders import a_suggestion, after, an_evidence
from tests.sitting import sit

NOW = after(60)
ESCAPES = "\x1b]52;c;cm0gLXJmIC8=\x07\x9b31m\u202e"
INERT = "␛]52;c;cm0gLXJmIC8=␇�31m�"


@pytest.fixture
async def suggestion(store: Store) -> int:
    """The number of an open suggestion: two components, three subscribers to tell."""
    async with store.writing() as connection:
        for name in ("ada", "grace", "linus"):
            await subscribers.add(connection, f"{name}@example.com", "ada", after(0))
        return await suggestions.add(connection, a_suggestion(an_evidence(), an_evidence("Chat", Severity.MINOR, 1)))


async def drafted(store: Store, suggestion: int) -> Draft:
    return (await desk.preview(sit(store, NOW), suggestion)).draft


async def confirm(store: Store, suggestion: int, **changes: Any) -> Published:  # noqa: ANN401 - any field of a draft
    wanted = replace(await drafted(store, suggestion), **changes)
    done = await desk.confirm(sit(store, NOW), suggestion, wanted)
    assert isinstance(done, Published)
    return done


async def counted(store: Store) -> dict[str, int]:
    async with store.reading() as connection:
        return {
            table.name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for table in metadata.tables.values()
        }


async def found(store: Store, number: int) -> Suggestion:
    async with store.reading() as connection:
        suggestion = await suggestions.get(connection, number)
    assert suggestion is not None
    return suggestion


async def incident_of(store: Store, done: Published) -> Event:
    async with store.reading() as connection:
        incident = await events.get(connection, done.event)
    assert incident is not None
    return incident


async def audited(store: Store) -> list[Entry]:
    async with store.reading() as connection:
        return await audit.latest(connection, 100)


# --- confirming --------------------------------------------------------------------------------------------------


async def test_a_preview_shows_the_draft_and_how_many_it_will_reach(store: Store, suggestion: int) -> None:
    preview = await desk.preview(sit(store, NOW), suggestion)
    assert preview.recipients == 3
    assert preview.suggestion.id == suggestion
    assert preview.draft.title == "Agent login and Chat: system outage"


async def test_confirming_makes_the_suggestion_an_incident_with_its_first_update(store: Store, suggestion: int) -> None:
    done = await confirm(store, suggestion, title="Log-in fails", text="We know.\n\nMore soon.")
    incident = await incident_of(store, done)
    assert incident.title == "Log-in fails"
    assert incident.severity is Severity.OUTAGE
    assert incident.status is EventStatus.IDENTIFIED
    assert incident.components == {
        "Agent login": ComponentStatus.MAJOR_OUTAGE,
        "Chat": ComponentStatus.DEGRADED_PERFORMANCE,
    }
    assert (incident.started_at, incident.created_at) == (after(0), NOW)
    (update,) = incident.updates
    assert (update.id, update.text, update.author, update.at) == (done.update, "We know.\n\nMore soon.", "ada", NOW)
    assert (await found(store, suggestion)).state is SuggestionState.CONFIRMED


async def test_confirming_queues_one_delivery_per_subscriber_and_sends_nothing(store: Store, suggestion: int) -> None:
    done = await confirm(store, suggestion)
    assert done.recipients == 3
    async with store.reading() as connection:
        queued = await deliveries.latest(connection, 100)
    assert sorted(item.address for item in queued) == ["ada@example.com", "grace@example.com", "linus@example.com"]
    assert {(item.update_id, item.state, item.tries) for item in queued} == {(done.update, DeliveryState.QUEUED, 0)}


async def test_confirming_is_in_the_audit_log_with_before_and_after(store: Store, suggestion: int) -> None:
    done = await confirm(store, suggestion)
    (entry,) = await audited(store)
    assert (entry.at, entry.operator, entry.action) == (NOW, "ada", "confirm")
    assert (entry.noun, entry.noun_id) == ("suggestion", suggestion)
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["state"], entry.before["components"]) == ("open", ["Agent login", "Chat"])
    assert (entry.after["id"], entry.after["recipients"], entry.after["severity"]) == (done.event, 3, 1)
    assert entry.after["updates"][0]["text"] == (await incident_of(store, done)).updates[0].text


async def test_confirming_with_nobody_subscribed_still_makes_the_incident(store: Store) -> None:
    async with store.writing() as connection:
        number = await suggestions.add(connection, a_suggestion())
    assert (await confirm(store, number)).recipients == 0


@pytest.mark.parametrize("table", ["events", "event_components", "updates", "deliveries", "audit"])
async def test_when_any_part_fails_nothing_is_written(store: Store, suggestion: int, table: str) -> None:
    async with store.writing() as connection:
        await connection.execute(
            text(f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END")
        )
    before = await counted(store)
    with pytest.raises(IntegrityError, match="full"):
        await confirm(store, suggestion)
    assert await counted(store) == before
    assert (await found(store, suggestion)).state is SuggestionState.OPEN
    async with store.writing() as connection:
        await connection.execute(text("DROP TRIGGER full"))
    assert (await confirm(store, suggestion)).recipients == 3


async def test_confirming_twice_is_refused_and_changes_nothing(store: Store, suggestion: int) -> None:
    wanted = await drafted(store, suggestion)
    await confirm(store, suggestion)
    before = await counted(store)
    with pytest.raises(NotPossible, match=f"suggestion {suggestion} is confirmed already; nothing was changed"):
        await desk.confirm(sit(store, NOW, "bob"), suggestion, wanted)
    assert await counted(store) == before


async def test_of_two_operators_who_confirm_at_once_one_does_and_the_other_is_told(
    store: Store, open_store: OpenStore, suggestion: int
) -> None:
    wanted = await drafted(store, suggestion)
    both = await asyncio.gather(
        *(
            desk.confirm(sit(way, NOW, operator), suggestion, wanted)
            for way, operator in ((store, "ada"), (open_store(), "bob"))
        ),
        return_exceptions=True,
    )
    assert sorted(type(item).__name__ for item in both) == ["NotPossible", "Published"]
    after_both = await counted(store)
    assert (after_both["events"], after_both["updates"], after_both["deliveries"], after_both["audit"]) == (1, 1, 3, 1)


@pytest.mark.parametrize("decide", [drafted, confirm])
async def test_a_suggestion_that_is_not_there_is_refused(store: Store, decide: Any) -> None:  # noqa: ANN401 - either
    with pytest.raises(NotPossible, match="there is no suggestion 99; 'omwatch suggestion list'"):
        await decide(store, 99)


@pytest.mark.parametrize("changes", [{"title": " \r\n\t"}, {"text": "\n \t\n"}, {"title": ""}, {"text": ""}])
async def test_a_notice_that_says_nothing_is_refused(store: Store, suggestion: int, changes: dict[str, str]) -> None:
    before = await counted(store)
    with pytest.raises(NotPossible, match="a notice needs a title and a text"):
        await confirm(store, suggestion, **changes)
    assert await counted(store) == before


async def test_a_notice_about_no_component_is_refused(store: Store, suggestion: int) -> None:
    with pytest.raises(NotPossible, match="a notice needs at least one component"):
        await confirm(store, suggestion, components={})
    assert (await found(store, suggestion)).state is SuggestionState.OPEN


async def test_what_operators_write_is_made_inert(store: Store, suggestion: int) -> None:
    done = await confirm(
        store,
        suggestion,
        title=f"Down\r\nBcc: eve@example.com{ESCAPES}",
        text=f"one{ESCAPES}\r\n.\r\ntwo {{{{ 7 * 7 }}}} <script>",
    )
    incident = await incident_of(store, done)
    assert incident.title == f"Down Bcc: eve@example.com{INERT}"
    assert incident.updates[0].text == f"one{INERT}\n.\ntwo {{{{ 7 * 7 }}}} <script>"


async def test_a_title_of_any_length_is_cut(store: Store, suggestion: int) -> None:
    done = await confirm(store, suggestion, title="x" * 10_000)
    assert len((await incident_of(store, done)).title) == MAX_TITLE


# --- dismissing --------------------------------------------------------------------------------------------------


async def test_dismissing_sets_it_aside_with_its_reason(store: Store, suggestion: int) -> None:
    await desk.dismiss(sit(store, NOW), suggestion, "planned failover test")
    assert (await found(store, suggestion)).state is SuggestionState.DISMISSED
    (entry,) = await audited(store)
    assert (entry.action, entry.noun_id, entry.operator) == ("dismiss", suggestion, "ada")
    assert entry.before is not None
    assert entry.before["state"] == "open"
    assert entry.after == {"state": "dismissed", "why": "planned failover test"}
    after_it = await counted(store)
    assert (after_it["events"], after_it["deliveries"]) == (0, 0)


@pytest.mark.parametrize("why", ["", "  ", "\r\n\t"])
async def test_dismissing_needs_a_reason(store: Store, suggestion: int, why: str) -> None:
    with pytest.raises(NotPossible, match="dismissing needs a reason"):
        await desk.dismiss(sit(store, NOW), suggestion, why)
    assert (await found(store, suggestion)).state is SuggestionState.OPEN
    assert await audited(store) == []


async def test_a_reason_is_made_inert(store: Store, suggestion: int) -> None:
    await desk.dismiss(sit(store, NOW), suggestion, f"test\r\n{ESCAPES}")
    (entry,) = await audited(store)
    assert entry.after is not None
    assert entry.after["why"] == f"test {INERT}"


async def test_what_is_dismissed_can_be_neither_confirmed_nor_dismissed_again(store: Store, suggestion: int) -> None:
    wanted = await drafted(store, suggestion)
    await desk.dismiss(sit(store, NOW), suggestion, "a test")
    before = await counted(store)
    with pytest.raises(NotPossible, match="is dismissed already"):
        await desk.confirm(sit(store, NOW), suggestion, wanted)
    with pytest.raises(NotPossible, match="is dismissed already"):
        await desk.dismiss(sit(store, NOW), suggestion, "again")
    assert await counted(store) == before


# --- subscribers -------------------------------------------------------------------------------------------------


async def test_a_subscriber_is_added_once_however_often_asked(store: Store) -> None:
    first, new = await people.add(sit(store, NOW, "grace"), "Ada@Example.COM")
    again, new_again = await people.add(sit(store, after(99), "linus"), " Ada@example.com ")
    assert (new, new_again) == (True, False)
    assert first == again
    assert (first.address, first.created_at) == ("Ada@example.com", NOW)
    (entry,) = await audited(store)
    assert (entry.action, entry.noun, entry.noun_id, entry.operator) == ("add", "subscriber", first.id, "grace")
    assert entry.before is None
    assert entry.after is not None
    assert entry.after.items() >= {"id": first.id, "address": "Ada@example.com", "state": "active"}.items()
    assert (entry.after["created_at"], entry.after["topics"]) == (
        "2026-01-05T15:01:00Z",
        ["hotfix", "incident", "maintenance"],
    )


async def test_a_subscriber_added_from_two_places_at_once_is_one(store: Store, open_store: OpenStore) -> None:
    ways = [store, open_store()]
    both = await asyncio.gather(*(people.add(sit(way, NOW, "grace"), "ada@example.com") for way in ways))
    assert sorted(new for _, new in both) == [False, True]
    assert (await counted(store))["subscribers"] == 1


@pytest.mark.parametrize("address", ["ada", "ada@example.com\r\nRCPT TO:<eve@example.com>", f"a{ESCAPES}@b.example"])
async def test_what_is_no_address_is_refused_without_repeating_its_escapes(store: Store, address: str) -> None:
    with pytest.raises(NotPossible) as caught:
        await people.add(sit(store, NOW, "ada"), address)
    assert str(caught.value).isprintable()
    assert (await counted(store))["subscribers"] == 0


# --- all of them -------------------------------------------------------------------------------------------------


async def test_the_audit_log_only_grows(store: Store, suggestion: int) -> None:
    async with store.writing() as connection:
        other = await suggestions.add(connection, a_suggestion(an_evidence("E-mail")))
    seen: list[Entry] = []

    async def grown_by_one() -> None:
        nonlocal seen
        entries = await audited(store)
        assert entries[1:] == seen
        seen = entries

    await people.add(sit(store, NOW, "ada"), "new@example.com")
    await grown_by_one()
    await confirm(store, suggestion)
    await grown_by_one()
    await desk.dismiss(sit(store, NOW), other, "a test")
    await grown_by_one()
    assert [entry.action for entry in seen] == ["dismiss", "confirm", "add"]
