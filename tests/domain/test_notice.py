"""What a draft proposes and what subscribers read."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from omwatch.domain.event import Event, EventKind, EventStatus, Subprocessor, Update, Window
from omwatch.domain.judge import Count
from omwatch.domain.notice import Draft, Notice, at_in_words, draft, notice
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.sla import BRIEF
from omwatch.domain.span import span_in_short
from omwatch.domain.suggestion import Evidence
from tests.domain.builders import a_suggestion, after, an_evidence, an_incident

CHAT = {"Chat": ComponentStatus.OPERATIONAL}


def drafted(*evidence: Evidence) -> Draft:
    return draft(a_suggestion(*evidence), BRIEF)


def test_a_draft_says_what_fails_since_when_and_when_more_is_told() -> None:
    assert drafted(an_evidence()).text == (
        "We have identified a system outage affecting Agent login. It began at 15:00 UTC on 5 January 2026.\n\n"
        "Agent login: 20 of 50 synthetic agents fail (40 %).\n\n"
        "Our team is working on it (24/7 until resolved). We will update you again within 60 min."
    )


def test_a_milder_draft_promises_what_its_severity_promises() -> None:
    text = drafted(an_evidence(severity=Severity.IMPAIRMENT, failing=5)).text
    assert "We have identified a major impairment affecting Agent login." in text
    assert "(06:00–16:00 America/New_York)" in text
    assert "We will update you when there is material progress." in text


def test_a_draft_lists_every_component_with_its_own_status() -> None:
    found = drafted(
        an_evidence(first_failed=2),
        an_evidence("Chat", Severity.IMPAIRMENT, 5, first_failed=1),
        an_evidence("E-mail", Severity.MINOR, 1, first_failed=3),
    )
    assert found.title == "Agent login, Chat and E-mail: system outage"
    assert found.severity is Severity.OUTAGE
    assert found.components == {
        "Agent login": ComponentStatus.MAJOR_OUTAGE,
        "Chat": ComponentStatus.PARTIAL_OUTAGE,
        "E-mail": ComponentStatus.DEGRADED_PERFORMANCE,
    }
    assert [line.split(":")[0] for line in found.text.split("\n\n")[1].splitlines()] == [
        "Agent login",
        "Chat",
        "E-mail",
    ]


def test_an_incident_starts_at_the_first_failed_attempt_and_begins_as_identified() -> None:
    found = drafted(an_evidence(first_failed=-40))
    assert found.started_at == after(-40)
    assert found.status is EventStatus.IDENTIFIED


def test_one_agent_is_one_agent() -> None:
    alone = replace(an_evidence(severity=Severity.OUTAGE), count=Count(1, 1))
    assert "1 of 1 synthetic agent fails (100 %)." in drafted(alone).text


@pytest.mark.parametrize(
    ("failing", "tried", "percent"),
    [(297, 1000, "29.7 %"), (299, 1000, "29.9 %"), (2999, 10_000, "29.9 %"), (30, 100, "30 %")],
)
def test_a_share_below_the_line_is_not_rounded_up_to_it(failing: int, tried: int, percent: str) -> None:
    near = replace(an_evidence(severity=Severity.IMPAIRMENT), count=Count(failing, tried))
    assert f"({percent})" in drafted(near).text


@pytest.mark.parametrize("status", list(EventStatus))
def test_a_notice_is_headed_by_its_updates_status(status: EventStatus) -> None:
    told = notice(*an_incident(status=status), "OpenMethods", "https://status.example.com")
    assert told.heading == f"Incident – {status.label}"
    assert told.subject == f"[OpenMethods] Incident – {status.label}: Agent login and Screen pop"


def test_a_notice_says_all_there_is_to_say_in_public_words() -> None:
    told = notice(*an_incident(), "OpenMethods", "https://status.example.com")
    assert told.title == "Agent login: system outage"
    assert told.facts == (("Severity", "System outage"), ("Since", "15:00 UTC on 5 January 2026"))
    assert told.components == (("Agent login", "major outage"), ("Screen pop", "partial outage"))
    assert told.posted == "15:00 UTC on 5 January 2026"
    assert told.text == "We have identified a system outage."
    assert told.page_url == "https://status.example.com"
    assert told.event_url == "https://status.example.com/events/1"
    assert (told.kind, told.status, told.severity) == (EventKind.INCIDENT, EventStatus.IDENTIFIED, Severity.OUTAGE)
    assert (told.update_id, told.when) == (1, "since 15:00 UTC 5 Jan")


def over_time(*statuses: EventStatus) -> list[Notice]:
    incident, first = an_incident(status=statuses[0])
    later = [
        replace(first, id=number, status=status, at=after(600 * number), severity=None, components={})
        for number, status in enumerate(statuses[1:], start=2)
    ]
    incident = replace(incident, status=statuses[-1], updates=(first, *later))
    return [notice(incident, update, "OpenMethods", "https://status.example.com") for update in incident.updates]


def test_an_incident_that_is_over_says_from_when_to_when_it_was() -> None:
    goes_on, over = over_time(EventStatus.IDENTIFIED, EventStatus.RESOLVED)
    assert goes_on.facts[1:] == (("Since", "15:00 UTC on 5 January 2026"),)
    assert over.facts[1:] == (("From", "15:00 UTC on 5 January 2026"), ("Until", "15:20 UTC on 5 January 2026"))
    assert over.when == "15:00-15:20 UTC 5 Jan"


def test_a_postmortem_does_not_make_an_incident_longer() -> None:
    *_, last = over_time(EventStatus.IDENTIFIED, EventStatus.RESOLVED, EventStatus.POSTMORTEM)
    assert last.when == "15:00-15:20 UTC 5 Jan"


def test_an_incident_that_is_opened_again_goes_on() -> None:
    *_, again, _ = over_time(
        EventStatus.IDENTIFIED, EventStatus.RESOLVED, EventStatus.INVESTIGATING, EventStatus.RESOLVED
    )
    assert again.when == "since 15:00 UTC 5 Jan"
    assert again.facts[1:] == (("Since", "15:00 UTC on 5 January 2026"),)


def test_what_was_told_first_stays_as_it_was_after_later_updates() -> None:
    first, _ = over_time(EventStatus.IDENTIFIED, EventStatus.RESOLVED)
    assert first == over_time(EventStatus.IDENTIFIED)[0]


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        (after(0), after(2520), "15:00-15:42 UTC 5 Jan"),
        (after(0), after(86_400), "15:00 5 Jan - 15:00 UTC 6 Jan"),
        (after(32_340), after(32_460), "23:59 5 Jan - 00:01 UTC 6 Jan"),
    ],
)
def test_a_span_is_said_in_short(begins: datetime, ends: datetime, said: str) -> None:
    assert span_in_short(begins, ends) == said


def test_a_subprocessor_takes_effect_on_a_day_and_a_hotfix_has_no_time() -> None:
    item = Subprocessor("Nimbus", "Storage", date(2026, 3, 1))
    update = Update(1, EventStatus.ANNOUNCED, "Soon.", "ada", after(0), Severity.NONE)
    kind, status = EventKind.SUBPROCESSOR, EventStatus.ANNOUNCED
    event = Event(1, kind, "Nimbus", Severity.NONE, status, {}, after(0), after(0), (update,), subprocessor=item)
    assert notice(event, update, "OpenMethods", "").when == "from 1 March 2026"
    hotfix = replace(event, kind=EventKind.HOTFIX, subprocessor=None)
    assert notice(hotfix, update, "OpenMethods", "").when == ""


def planned(*updates: tuple[str, Window | None]) -> Event:
    window = Window(after(3600), after(7200))
    said = tuple(
        Update(number, EventStatus.SCHEDULED, "Work.", author, after(number), Severity.NONE, CHAT, moved)
        for number, (author, moved) in enumerate(updates, start=1)
    )
    kind, status = EventKind.MAINTENANCE, EventStatus.SCHEDULED
    return Event(1, kind, "Patches", Severity.NONE, status, CHAT, after(3600), after(1), said, window)


@pytest.mark.parametrize(
    ("author", "moved", "said"),
    [("omwatch", False, "reminder"), ("ada", True, "rescheduled"), ("ada", False, "scheduled")],
)
def test_what_is_said_again_of_a_scheduled_window_is_told_apart(author: str, moved: bool, said: str) -> None:  # noqa: FBT001 - a case
    window = Window(after(3600), after(7200))
    event = planned(("ada", window), (author, window if moved else None))
    first, second = (notice(event, update, "OpenMethods", "") for update in event.updates)
    assert first.heading == "Maintenance – scheduled"
    assert second.heading == f"Maintenance – {said}"
    assert second.components == (("Chat", "will be under maintenance"),)
    assert second.facts == (("From", "16:00 UTC on 5 January 2026"), ("Until", "17:00 UTC on 5 January 2026"))
    assert second.when == "16:00-17:00 UTC 5 Jan"


def test_an_instant_is_said_in_utc_wherever_it_came_from() -> None:
    new_york = timezone(timedelta(hours=-5))
    assert at_in_words(datetime(2026, 11, 23, 21, 5, tzinfo=new_york)) == "02:05 UTC on 24 November 2026"
