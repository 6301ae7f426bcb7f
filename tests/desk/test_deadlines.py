"""What the clock does about deadlines: they begin and end, on-call is told once each, and breaches are written down."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from omwatch.desk import incidents, publishing
from omwatch.desk import suggestions as deciding
from omwatch.desk import tickets as ticketing
from omwatch.desk.deadlines import by_clock, owed, snooze
from omwatch.desk.incidents import Statement
from omwatch.desk.publishing import Published
from omwatch.desk.session import NotAllowed, NotPossible, Session
from omwatch.domain.client import Client, Support
from omwatch.domain.deadline import About, Deadline, DeadlineState, Duty
from omwatch.domain.policy import Policy
from omwatch.domain.role import MACHINE, Role
from omwatch.domain.severity import Severity
from omwatch.domain.suggestion import Suggestion, SuggestionKind, SuggestionState
from omwatch.store import Store, alarms, audit, clients, deadlines, deliveries, subscribers, suggestions
from omwatch.store.audit import Entry
from tests.conftest import OpenStore
from tests.domain.builders import T0, a_suggestion, after, an_evidence
from tests.sitting import sit

MICROSECOND, SECOND, MINUTE, HOUR = (
    timedelta(microseconds=1),
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
)
OPENED = after(10)
"""When the builders' suggestion was opened; the response to an outage is due 30 minutes later."""


def clerk(store: Store, now: datetime, **policy: Any) -> Session:  # noqa: ANN401 - any rule
    """The clock at the desk: one place of on-call, told 10 minutes before and every hour after."""
    return Session(store, MACHINE, now, Policy(**{"oncall": ("phone",), "mail_domain": "example.com", **policy}))


async def suggest(store: Store, severity: Severity = Severity.OUTAGE, **changes: Any) -> int:  # noqa: ANN401 - any field
    wanted: Suggestion = replace(a_suggestion(an_evidence(severity=severity)), **changes)
    async with store.writing() as connection:
        return await suggestions.add(connection, wanted)


async def change(store: Store, number: int, **changes: Any) -> None:  # noqa: ANN401 - any field
    """Change an open suggestion, as the judge does."""
    async with store.writing() as connection:
        found = await suggestions.get(connection, number)
        assert found is not None
        assert await suggestions.change(connection, replace(found, **changes))


async def confirm(session: Session, number: int) -> Published:
    done = await deciding.confirm(session, number, (await deciding.preview(session, number)).draft)
    assert isinstance(done, Published)
    return done


async def all_of(store: Store, about: About, number: int) -> list[Deadline]:
    async with store.reading() as connection:
        return await deadlines.of(connection, about, number)


async def the_one(store: Store, about: About, number: int) -> Deadline:
    (found,) = await all_of(store, about, number)
    return found


async def told(store: Store) -> list[str]:
    """Which reminders have been sounded, the oldest first."""
    async with store.reading() as connection:
        return [item.key.rpartition("Z:")[2] for item in reversed(await alarms.latest(connection, 1000))]


async def audited(store: Store, action: str) -> list[Entry]:
    async with store.reading() as connection:
        return [entry for entry in reversed(await audit.latest(connection, 1000)) if entry.action == action]


async def tick(store: Store, since: datetime, until: datetime, step: timedelta = MINUTE, **policy: Any) -> None:  # noqa: ANN401
    """Let the clock work from one instant to another."""
    now = since
    while now <= until:
        await by_clock(clerk(store, now, **policy))
        now += step


# --- suggestions -------------------------------------------------------------------------------------------------


async def test_an_open_suggestion_is_owed_a_response_from_when_it_was_opened(store: Store) -> None:
    number = await suggest(store)
    await tick(store, after(11), after(15), SECOND)
    found = await the_one(store, About.SUGGESTION, number)
    assert (found.duty, found.severity, found.since) == (Duty.RESPONSE, Severity.OUTAGE, OPENED)
    assert found.due_at == OPENED + 30 * MINUTE
    assert found.open


@pytest.mark.parametrize("kind", [SuggestionKind.REGRADE, SuggestionKind.RESOLVE])
async def test_a_suggestion_about_an_open_incident_is_owed_none(store: Store, kind: SuggestionKind) -> None:
    number = await suggest(store, kind=kind, incident=1)
    await by_clock(clerk(store, after(11)))
    assert await all_of(store, About.SUGGESTION, number) == []


async def test_upgraded_and_downgraded_while_open_its_end_moves_and_that_is_written_down(store: Store) -> None:
    number = await suggest(store, Severity.MINOR)
    await by_clock(clerk(store, after(11)))
    upgraded_at = OPENED + HOUR
    await change(store, number, severity=Severity.OUTAGE)
    await tick(store, upgraded_at, upgraded_at + 2 * SECOND, SECOND)
    found = await the_one(store, About.SUGGESTION, number)
    assert (found.severity, found.due_at) == (Severity.OUTAGE, upgraded_at + 30 * MINUTE)
    await change(store, number, severity=Severity.IMPAIRMENT)
    await tick(store, upgraded_at + MINUTE, upgraded_at + 2 * MINUTE, SECOND)
    found = await the_one(store, About.SUGGESTION, number)
    assert (found.severity, found.due_at) == (Severity.IMPAIRMENT, OPENED + 2 * HOUR)
    assert [
        (entry.operator, (entry.before or {})["severity"], (entry.after or {})["severity"])
        for entry in await audited(store, "regrade")
    ] == [("omwatch", 3, 1), ("omwatch", 1, 2)]


async def test_an_end_that_has_moved_is_reminded_of_anew(store: Store) -> None:
    number = await suggest(store)
    await tick(store, OPENED, OPENED + 25 * MINUTE)
    await change(store, number, severity=Severity.IMPAIRMENT)
    await tick(store, OPENED + 26 * MINUTE, OPENED + 2 * HOUR)
    assert await told(store) == ["600", "600", "due"]


async def test_a_withdrawn_suggestion_is_owed_nothing(store: Store) -> None:
    number = await suggest(store)
    await by_clock(clerk(store, after(11)))
    await change(store, number, state=SuggestionState.WITHDRAWN)
    await tick(store, OPENED + MINUTE, OPENED + HOUR)
    found = await the_one(store, About.SUGGESTION, number)
    assert (found.void_at, found.state(OPENED + HOUR)) == (OPENED + MINUTE, DeadlineState.VOID)
    assert await told(store) == []
    assert await audited(store, "breach") == []


async def test_a_suggestion_that_nobody_answered_in_time_was_a_breach_though_it_has_gone(store: Store) -> None:
    number = await suggest(store)
    await by_clock(clerk(store, after(11)))
    await change(store, number, state=SuggestionState.WITHDRAWN)
    await tick(store, OPENED + HOUR, OPENED + HOUR + 3 * SECOND, SECOND)
    found = await the_one(store, About.SUGGESTION, number)
    assert found.state(OPENED + 9 * HOUR) is DeadlineState.BREACHED
    assert len(await audited(store, "breach")) == 1
    async with store.reading() as connection:
        assert await deadlines.due_between(connection, T0, T0 + HOUR) == [found]


async def test_confirming_answers_it_and_dismissing_lets_it_go(store: Store) -> None:
    first, second = await suggest(store), await suggest(store)
    await by_clock(clerk(store, after(11)))
    await confirm(sit(store, OPENED + MINUTE), first)
    await deciding.dismiss(sit(store, OPENED + MINUTE), second, "a drill")
    await by_clock(clerk(store, OPENED + 2 * MINUTE))
    states = [(await the_one(store, About.SUGGESTION, number)).state(OPENED + HOUR) for number in (first, second)]
    assert states == [DeadlineState.MET, DeadlineState.VOID]


async def test_a_confirmation_taken_back_is_owed_again(store: Store) -> None:
    number = await suggest(store)
    await by_clock(clerk(store, after(11)))
    done = await confirm(sit(store, OPENED + MINUTE, hold=MINUTE), number)
    await publishing.undo(sit(store, OPENED + MINUTE + SECOND), done.update)
    await tick(store, OPENED + 2 * MINUTE, OPENED + 31 * MINUTE)
    assert (await the_one(store, About.SUGGESTION, number)).open
    assert await told(store) == ["600", "due"]
    assert await all_of(store, About.INCIDENT, done.event) == []


# --- reminders ---------------------------------------------------------------------------------------------------


async def test_on_call_is_told_before_at_and_after_the_end_once_each(store: Store) -> None:
    await suggest(store)
    await tick(store, OPENED, OPENED + 3 * HOUR, remind_before=(20 * MINUTE, 10 * MINUTE, HOUR))
    assert await told(store) == ["1200", "600", "due", "late:1", "late:2"]


async def test_the_next_update_is_reminded_of_until_it_has_been_given(store: Store) -> None:
    done = await confirm(sit(store, OPENED), await suggest(store))
    await tick(store, OPENED, OPENED + 50 * MINUTE)
    assert await told(store) == ["600"]
    await incidents.update(sit(store, OPENED + 55 * MINUTE), done.event, Statement("Still looking."))
    await tick(store, OPENED + 55 * MINUTE, OPENED + 105 * MINUTE)
    assert await told(store) == ["600", "600"]
    await incidents.resolve(sit(store, OPENED + 106 * MINUTE), done.event)
    await tick(store, OPENED + 107 * MINUTE, OPENED + 4 * HOUR, 5 * MINUTE)
    assert await told(store) == ["600", "600"]


async def test_on_call_reads_the_title_the_local_time_and_what_to_do(store: Store) -> None:
    done = await confirm(sit(store, OPENED), await suggest(store))
    await by_clock(clerk(store, OPENED + 50 * MINUTE))
    async with store.reading() as connection:
        (found,) = await alarms.latest(connection, 10)
    assert found.subject == f"10 min left: next update for incident {done.event}: Agent login: system outage"
    assert "By: 16:00 UTC on 5 January 2026 (11:00 EST); 10 min left" in found.text
    assert f"'omwatch incident update {done.event}'" in found.text


async def test_every_place_is_told_and_a_new_one_of_the_latest_alone(store: Store) -> None:
    await suggest(store)
    await tick(store, OPENED, OPENED + 31 * MINUTE, oncall=("phone", "mail"))
    assert sorted(await told(store)) == ["600", "600", "due", "due"]
    await tick(store, OPENED + 32 * MINUTE, OPENED + 35 * MINUTE, oncall=("phone", "mail", "chat"))
    async with store.reading() as connection:
        found = await alarms.latest(connection, 100)
    assert [item.key.rpartition("Z:")[2] for item in found if item.place == "chat"] == ["due"]
    assert len(found) == 5


async def test_without_on_call_nobody_is_told_and_the_clocks_run_all_the_same(store: Store) -> None:
    await suggest(store)
    await tick(store, OPENED, OPENED + HOUR, oncall=())
    assert await told(store) == []
    assert len(await audited(store, "breach")) == 1


async def test_no_subscriber_is_ever_told_of_a_deadline(store: Store) -> None:
    async with store.writing() as connection:
        await subscribers.add(connection, "ada@example.com", "ada", T0)
    await suggest(store)
    await tick(store, OPENED, OPENED + 3 * HOUR, 5 * MINUTE)
    assert len(await told(store)) == 4
    async with store.reading() as connection:
        assert await deliveries.latest(connection, 10) == []


@pytest.mark.parametrize(
    ("back_at", "expected"),
    [
        (OPENED + 25 * MINUTE, ["600"]),
        (OPENED + 31 * MINUTE, ["due"]),
        (OPENED + 5 * HOUR, ["late:4"]),
    ],
)
async def test_after_a_pause_the_latest_missed_reminder_alone_is_sounded(
    store: Store, back_at: datetime, expected: list[str]
) -> None:
    await suggest(store)
    await by_clock(clerk(store, OPENED + SECOND))
    await tick(store, back_at, back_at + 3 * SECOND, SECOND, remind_before=(20 * MINUTE, 10 * MINUTE))
    assert await told(store) == expected


async def test_after_a_restart_nothing_is_sounded_again(store: Store, open_store: OpenStore) -> None:
    await suggest(store)
    await tick(store, OPENED, OPENED + 40 * MINUTE)
    await tick(open_store(), OPENED + 40 * MINUTE, OPENED + 50 * MINUTE)
    assert await told(store) == ["600", "due"]


async def test_while_there_is_nothing_to_write_the_store_is_only_read(store: Store, open_store: OpenStore) -> None:
    await suggest(store)
    await tick(store, OPENED, OPENED + 21 * MINUTE)
    async with open_store().writing():
        # A write would wait for this one, and give up after five seconds.
        await tick(store, OPENED + 22 * MINUTE, OPENED + 29 * MINUTE)


async def test_only_the_clock_or_an_admin_works_the_clock(store: Store) -> None:
    await suggest(store)
    with pytest.raises(NotAllowed, match="this needs an admin"):
        await by_clock(sit(store, after(11), role=Role.OPERATOR))


# --- snoozing ----------------------------------------------------------------------------------------------------


async def test_a_snooze_is_kept_and_what_is_overdue_is_said_when_it_has_ended(store: Store) -> None:
    number = await suggest(store)
    await by_clock(clerk(store, OPENED))
    owed_one = await the_one(store, About.SUGGESTION, number)
    after_it = await snooze(sit(store, OPENED + 15 * MINUTE), owed_one.id, 40 * MINUTE)
    assert after_it == replace(owed_one, snoozed_until=OPENED + 55 * MINUTE)
    await tick(store, OPENED + 16 * MINUTE, OPENED + 54 * MINUTE)
    assert await told(store) == []
    await tick(store, OPENED + 55 * MINUTE, OPENED + 91 * MINUTE)
    assert await told(store) == ["due", "late:1"]


async def test_a_reminder_that_a_snooze_swallowed_is_not_made_up_for(store: Store) -> None:
    number = await suggest(store)
    await by_clock(clerk(store, OPENED))
    await snooze(sit(store, OPENED), (await the_one(store, About.SUGGESTION, number)).id, 25 * MINUTE)
    await tick(store, OPENED + MINUTE, OPENED + 30 * MINUTE)
    assert await told(store) == ["due"]


async def test_a_snooze_is_in_the_audit_log_with_before_and_after(store: Store) -> None:
    number = await suggest(store)
    await by_clock(clerk(store, OPENED))
    owed_one = await the_one(store, About.SUGGESTION, number)
    await snooze(sit(store, OPENED, role=Role.OPERATOR), owed_one.id, HOUR)
    (entry,) = await audited(store, "snooze")
    assert (entry.operator, entry.noun, entry.noun_id) == ("ada", "deadline", owed_one.id)
    assert (entry.before or {})["snoozed_until"] is None
    assert (entry.after or {})["snoozed_until"] == "2026-01-05T16:00:10Z"


async def test_a_snooze_that_makes_no_sense_is_refused(store: Store) -> None:
    number = await suggest(store)
    await by_clock(clerk(store, OPENED))
    owed_one = await the_one(store, About.SUGGESTION, number)
    for span in (timedelta(0), -SECOND, 24 * HOUR + SECOND):
        with pytest.raises(NotPossible, match="for up to 24 h, such as 30m; nothing was changed"):
            await snooze(sit(store, OPENED), owed_one.id, span)
    with pytest.raises(NotPossible, match="there is no deadline 99; 'omwatch deadline list' shows those that are open"):
        await snooze(sit(store, OPENED), 99, HOUR)
    with pytest.raises(NotAllowed, match="nothing was changed"):
        await snooze(sit(store, OPENED, role=Role.VIEWER), owed_one.id, HOUR)
    await confirm(sit(store, OPENED), number)
    with pytest.raises(NotPossible, match=f"deadline {owed_one.id} is met already"):
        await snooze(sit(store, OPENED), owed_one.id, HOUR)
    assert await audited(store, "snooze") == []


# --- breaches ----------------------------------------------------------------------------------------------------


async def test_exactly_at_its_end_nothing_is_breached_and_a_microsecond_later_it_is(store: Store) -> None:
    number = await suggest(store)
    await tick(store, OPENED, OPENED + 30 * MINUTE)
    assert await audited(store, "breach") == []
    await by_clock(clerk(store, OPENED + 30 * MINUTE + MICROSECOND))
    (entry,) = await audited(store, "breach")
    assert (entry.operator, entry.noun) == ("omwatch", "deadline")
    assert entry.noun_id == (await the_one(store, About.SUGGESTION, number)).id
    found = entry.after or {}
    assert (found["due_at"], found["met_at"], found["state"]) == ("2026-01-05T15:30:10Z", None, "breached")
    assert (found["duty"], found["about"], found["number"]) == ("response", "suggestion", number)


async def test_a_breach_is_written_down_once(store: Store) -> None:
    number = await suggest(store)
    await tick(store, OPENED, OPENED + HOUR)
    await confirm(sit(store, OPENED + HOUR), number)
    await tick(store, OPENED + HOUR, OPENED + 90 * MINUTE)
    assert len(await audited(store, "breach")) == 1


async def test_one_that_was_met_late_while_nobody_ran_is_written_down_too(store: Store) -> None:
    number = await suggest(store)
    await by_clock(clerk(store, OPENED))
    await confirm(sit(store, OPENED + 34 * MINUTE), number)
    await tick(store, OPENED + 50 * MINUTE, OPENED + 55 * MINUTE)
    (entry,) = await audited(store, "breach")
    found = entry.after or {}
    assert (found["due_at"], found["met_at"]) == ("2026-01-05T15:30:10Z", "2026-01-05T15:34:10Z")
    assert (found["late"], found["late_seconds"]) == ("4 min", 240)


async def test_one_that_was_met_exactly_at_its_end_is_no_breach(store: Store) -> None:
    number = await suggest(store)
    await by_clock(clerk(store, OPENED))
    await confirm(sit(store, OPENED + 30 * MINUTE), number)
    await tick(store, OPENED + 31 * MINUTE, OPENED + 35 * MINUTE)
    assert await audited(store, "breach") == []


async def test_a_notice_that_is_held_over_the_end_is_a_breach_only_after_it(store: Store) -> None:
    number = await suggest(store)
    await by_clock(clerk(store, OPENED))
    held = await confirm(sit(store, OPENED + 29 * MINUTE + 30 * SECOND, hold=MINUTE), number)
    await by_clock(clerk(store, OPENED + 29 * MINUTE + 31 * SECOND))
    assert await audited(store, "breach") == []
    await by_clock(clerk(store, OPENED + 30 * MINUTE + SECOND))
    assert len(await audited(store, "breach")) == 1
    await publishing.undo(sit(store, OPENED + 30 * MINUTE + 2 * SECOND), held.update)
    await tick(store, OPENED + 30 * MINUTE + 3 * SECOND, OPENED + 40 * MINUTE)
    assert len(await audited(store, "breach")) == 1


async def test_a_breach_of_one_grade_is_no_promise_kept_in_another(store: Store) -> None:
    number = await suggest(store)
    await tick(store, OPENED, OPENED + 31 * MINUTE)
    await change(store, number, severity=Severity.NONE)
    await tick(store, OPENED + 32 * MINUTE, OPENED + 35 * MINUTE)
    found = await the_one(store, About.SUGGESTION, number)
    assert (found.severity, found.due_at) == (Severity.NONE, OPENED + 30 * MINUTE)
    assert len(await audited(store, "breach")) == 1


# --- what is owed ------------------------------------------------------------------------------------------------


async def a_ticket(store: Store) -> int:
    """Report a minor loss of service at T0."""
    async with store.writing() as connection:
        await clients.add(connection, Client(0, "Acme", Support.PREMIUM, continuity_plan=False, created_at=T0), "ada")
    said = ticketing.Report("Acme", "Chats are lost", Severity.MINOR)
    return (await ticketing.report(sit(store, T0), said)).id


async def test_all_that_is_owed_is_listed_by_name_the_earliest_first(store: Store) -> None:
    await confirm(sit(store, OPENED), await suggest(store))
    await suggest(store, evidence=(an_evidence("Chat"), an_evidence("Screen pops")))
    await a_ticket(store)
    await by_clock(clerk(store, OPENED))
    async with store.reading() as connection:
        found = await owed(connection, OPENED + 25 * MINUTE)
    assert [(item.deadline.about, item.title, item.state) for item in found] == [
        (About.SUGGESTION, "Chat, Screen pops", DeadlineState.AT_RISK),
        (About.INCIDENT, "Agent login: system outage", DeadlineState.RUNNING),
        (About.TICKET, "Chats are lost (Acme)", DeadlineState.RUNNING),
    ]


async def test_a_tickets_reminder_names_ticket_and_client(store: Store) -> None:
    number = await a_ticket(store)
    await by_clock(clerk(store, T0 + 6 * HOUR))
    async with store.reading() as connection:
        (found,) = await alarms.latest(connection, 10)
    assert found.subject == f"Due now: response for ticket {number}: Chats are lost (Acme)"


async def test_a_hand_over_changes_no_clock(store: Store) -> None:
    done = await confirm(sit(store, OPENED, "ada"), await suggest(store))
    number = await a_ticket(store)
    await by_clock(clerk(store, OPENED))
    async with store.reading() as connection:
        before = await owed(connection, OPENED)
    await ticketing.assign(sit(store, OPENED + 30 * MINUTE, "ada"), number, "grace")
    await incidents.edit(sit(store, OPENED + 30 * MINUTE, "grace"), done.update, "We know, says Grace.")
    await by_clock(clerk(store, OPENED + 31 * MINUTE))
    async with store.reading() as connection:
        assert await owed(connection, OPENED) == before
