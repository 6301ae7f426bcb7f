"""The report of a month: what belongs to it, how long it took, and how the promises were kept."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.domain import plain_report
from omwatch.domain.client import Support
from omwatch.domain.deadline import About, Deadline, Duty
from omwatch.domain.event import (
    Event,
    EventKind,
    EventStatus,
    Maintenance,
    MaintenanceKind,
    Subprocessor,
    Update,
    Window,
)
from omwatch.domain.kept import Kept, breaches, kept
from omwatch.domain.month import Month
from omwatch.domain.report import Regrade, Report, TicketCount
from omwatch.domain.reporting import Material, report
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.ticket import Ticket, TicketNature, TicketStatus

NOVEMBER = Month(2025, 11)
ZONE = "America/New_York"
LATER = datetime(2026, 1, 20, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LOGIN = "Agent login"


def at(day: int, hour: int = 12, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2025, month, day, hour, minute, tzinfo=UTC)


def an_incident(*updates: Update, started: datetime, number: int = 1) -> Event:
    first, last = updates[0], updates[-1]
    touched = {name: status for update in updates for name, status in update.components.items()}
    severity = [update.severity for update in updates if update.severity][-1]
    return Event(
        number, EventKind.INCIDENT, "Agents cannot log in", severity, last.status, touched, started, first.at, updates
    )


def begun(when: datetime, severity: Severity = Severity.OUTAGE) -> Update:
    changes = {LOGIN: severity.component_status}
    return Update(1, EventStatus.IDENTIFIED, "t", "ada", when, severity, changes, publish_at=when)


def resolved(when: datetime) -> Update:
    return Update(2, EventStatus.RESOLVED, "t", "ada", when, components={LOGIN: ComponentStatus.OPERATIONAL})


def an_outage(started: datetime, ended: datetime, number: int = 1) -> Event:
    return an_incident(begun(started), resolved(ended), started=started, number=number)


def a_maintenance(began: datetime | None = None, ended: datetime | None = None, number: int = 5) -> Event:
    """Return one that is planned for two hours on 14 November."""
    window = Window(at(14, 3), at(14, 5))
    steps = [
        Update(1, EventStatus.SCHEDULED, "t", "ada", at(1), Severity.NONE, {LOGIN: ComponentStatus.OPERATIONAL}, window)
    ]
    if began:
        changes = {LOGIN: ComponentStatus.UNDER_MAINTENANCE}
        steps.append(Update(2, EventStatus.IN_PROGRESS, "t", "ada", began, components=changes))
    if ended:
        changes = {LOGIN: ComponentStatus.OPERATIONAL}
        steps.append(Update(3, EventStatus.COMPLETED, "t", "ada", ended, components=changes))
    return Event(
        id=number,
        kind=EventKind.MAINTENANCE,
        title="Database upgrade",
        severity=Severity.NONE,
        status=steps[-1].status,
        components={LOGIN: steps[-1].components[LOGIN]},
        started_at=window.starts_at,
        created_at=at(1),
        updates=tuple(steps),
        window=window,
        maintenance=Maintenance(MaintenanceKind.CORRECTIVE, corrects=1),
    )


def a_deadline(
    due: datetime,
    met: datetime | None = None,
    duty: Duty = Duty.RESPONSE,
    severity: Severity = Severity.OUTAGE,
    number: int = 1,
) -> Deadline:
    return Deadline(number, duty, About.INCIDENT, 1, severity, due - HOUR, due, met)


def made(*events: Event, now: datetime = LATER, month: Month = NOVEMBER, **material: object) -> Report:
    wanted = Material("OpenMethods", **{"components": [LOGIN], **material, "events": events})  # type: ignore[arg-type]
    return report(month, ZONE, wanted, now)


def test_an_empty_month_is_all_fine() -> None:
    found = made()
    (component,) = found.components
    assert (component.name, component.uptime.in_words) == (LOGIN, "100.000 %")
    assert [status for _, status in component.days] == [ComponentStatus.OPERATIONAL] * 30
    assert (found.complete, found.met, found.breached) == (True, 0, 0)
    assert (found.incidents, found.maintenances, found.hotfixes, found.subprocessors, found.breaches) == ((),) * 5


def test_the_month_and_its_days_are_cut_in_the_zone() -> None:
    found = made(an_outage(datetime(2025, 12, 1, 2, tzinfo=UTC), datetime(2025, 12, 1, 3, tzinfo=UTC)))
    assert (found.span.since, found.span.until) == (at(1, 4), datetime(2025, 12, 1, 5, tzinfo=UTC))
    (component,) = found.components
    assert component.uptime.major == HOUR
    assert component.days[-1] == (date(2025, 11, 30), ComponentStatus.MAJOR_OUTAGE)


def test_a_month_that_goes_on_is_cut_at_now_and_its_coming_days_are_open() -> None:
    found = made(an_incident(begun(at(10, 6)), started=at(10, 6)), now=at(10))
    (component,) = found.components
    assert not found.complete
    assert component.uptime.span == at(10) - at(1, 4)
    assert component.uptime.major == 6 * HOUR
    assert [status for _, status in component.days[9:12]] == [ComponentStatus.MAJOR_OUTAGE, None, None]
    (incident,) = found.incidents
    assert (incident.ended_at, incident.duration) == (None, 6 * HOUR)


def test_a_month_that_has_not_begun_has_no_report() -> None:
    with pytest.raises(ValueError, match="2025-11 has not begun yet"):
        made(now=at(1, 3))


def test_an_incident_is_shown_whole_in_both_months_and_counts_in_each_for_its_part() -> None:
    over = an_outage(at(31, 3, month=10), at(1, 16))
    for month, hours in ((Month(2025, 10), 25), (NOVEMBER, 12)):
        found = made(over, month=month)
        assert found.incidents[0].duration == 37 * HOUR
        assert found.components[0].uptime.major == hours * HOUR
    assert made(over, month=Month(2025, 12)).incidents == ()


def test_an_incident_that_was_only_explained_in_the_month_is_not_of_the_month() -> None:
    explained = replace(resolved(at(3)), status=EventStatus.POSTMORTEM, components={})
    old = an_incident(begun(at(20, month=10)), resolved(at(21, month=10)), explained, started=at(20, month=10))
    assert made(old).incidents == ()


def test_an_incident_says_its_worst_severity_its_regrades_and_its_first_notice() -> None:
    milder = Update(
        2, EventStatus.IDENTIFIED, "t", "ada", at(3, 13), Severity.IMPAIRMENT, {}, reason="plan of \x1bAcme"
    )
    event = an_incident(begun(at(3, 12, 4)), milder, resolved(at(3, 14)), started=at(3, 12))
    (incident,) = made(event).incidents
    assert (incident.worst, incident.first_notice, incident.duration) == (Severity.OUTAGE, 4 * MINUTE, 2 * HOUR)
    assert incident.regrades == (Regrade(at(3, 13), Severity.OUTAGE, Severity.IMPAIRMENT, "plan of ␛Acme"),)


def test_a_held_notice_counts_from_when_it_left() -> None:
    held = replace(begun(at(3, 12, 4)), publish_at=at(3, 12, 6))
    assert made(an_incident(held, started=at(3, 12))).incidents[0].first_notice == 6 * MINUTE


def test_an_incident_that_was_written_down_afterwards_had_no_first_notice() -> None:
    told = replace(begun(at(3)), publish_at=None)
    assert made(an_incident(told, resolved(at(4)), started=at(3))).incidents[0].first_notice is None


def test_a_maintenance_says_what_was_planned_what_it_took_and_how_far_it_overran() -> None:
    (line,) = made(a_maintenance(at(14, 3, 10), at(14, 5, 40))).maintenances
    assert (line.planned_duration, line.duration, line.overrun) == (2 * HOUR, 150 * MINUTE, 40 * MINUTE)
    assert (line.kind, line.corrects) == (MaintenanceKind.CORRECTIVE, 1)


def test_a_window_that_was_extended_under_way_has_overrun_all_the_same() -> None:
    done = a_maintenance(at(14, 3), at(14, 6))
    longer = Window(at(14, 3), at(14, 7))
    extended = replace(done.updates[1], at=at(14, 4), components={}, window=longer)
    (line,) = made(replace(done, updates=(*done.updates[:2], extended, done.updates[2]), window=longer)).maintenances
    assert (line.planned_duration, line.overrun) == (2 * HOUR, HOUR)


def test_a_maintenance_that_goes_on_overruns_until_now() -> None:
    (line,) = made(a_maintenance(at(14, 3)), now=at(14, 6)).maintenances
    assert (line.duration, line.ended_at, line.overrun) == (None, None, HOUR)


def test_a_maintenance_that_lies_ahead_is_shown_and_has_not_overrun() -> None:
    (line,) = made(a_maintenance(), now=at(10)).maintenances
    assert (line.began_at, line.overrun, line.status) == (None, timedelta(0), EventStatus.SCHEDULED)


def test_a_maintenance_that_was_never_begun_has_not_overrun() -> None:
    assert made(a_maintenance()).maintenances[0].overrun == timedelta(0)


def test_a_maintenance_belongs_to_the_month_in_which_it_was_done() -> None:
    early = a_maintenance(at(30, 3, month=10), at(30, 5, month=10))
    assert made(early).maintenances == ()
    assert len(made(early, month=Month(2025, 10)).maintenances) == 1


def test_hotfixes_and_subprocessor_notices_stand_in_the_month_they_were_published_in() -> None:
    first = Update(1, EventStatus.POSTMORTEM, "t", "ada", at(19), Severity.NONE)
    hotfix = Event(
        id=7,
        kind=EventKind.HOTFIX,
        title="Tooltip",
        severity=Severity.NONE,
        status=EventStatus.POSTMORTEM,
        components={"Media bar": ComponentStatus.OPERATIONAL},
        started_at=at(19),
        created_at=at(19),
        updates=(first, replace(first, at=at(2, month=12))),
    )
    about = Subprocessor("Example Cloud", "backups", date(2025, 12, 24), replaces="Old Cloud")
    notice = replace(hotfix, id=8, kind=EventKind.SUBPROCESSOR, title="New subprocessor", subprocessor=about)
    found = made(hotfix, notice)
    assert [(line.number, line.components) for line in found.hotfixes] == [(7, ("Media bar",))]
    assert [(line.name, line.replaces) for line in found.subprocessors] == [("Example Cloud", "Old Cloud")]
    assert [component.name for component in found.components] == [LOGIN, "Media bar"]
    december = made(hotfix, notice, month=Month(2025, 12))
    assert (december.hotfixes, december.subprocessors) == ((), ())


def test_components_that_only_events_of_the_month_name_come_after_the_others() -> None:
    other = replace(
        an_outage(at(3), at(4)), components={"Chat": ComponentStatus.OPERATIONAL, LOGIN: ComponentStatus.OPERATIONAL}
    )
    old = replace(an_outage(at(3, month=10), at(4, month=10)), components={"Gone": ComponentStatus.OPERATIONAL})
    found = made(other, old, components=["Z", LOGIN, "Z"])
    assert [component.name for component in found.components] == ["Z", LOGIN, "Chat"]


def test_what_comes_from_outside_is_made_inert() -> None:
    event = replace(
        an_outage(at(3), at(4)), title="a\x1b]0;x\x07\u202eb", components={"C\x1b": ComponentStatus.OPERATIONAL}
    )
    found = made(event)
    assert found.incidents[0].title == "a␛]0;x␇\ufffdb"
    assert [component.name for component in found.components] == [LOGIN, "C␛"]


def test_each_severity_and_duty_says_what_was_met_and_breached() -> None:
    owed = [
        a_deadline(at(3, 13), met=at(3, 13)),
        a_deadline(at(4, 13), met=at(4, 14)),
        a_deadline(at(5, 13), met=at(5, 12), duty=Duty.UPDATE),
        a_deadline(at(6, 13)),
        replace(a_deadline(at(7, 13)), void_at=at(7)),
        a_deadline(at(8, 13), met=at(8), severity=Severity.MINOR),
        a_deadline(at(8, 13, month=12), met=at(8, month=12)),
    ]
    found = made(deadlines=owed)
    counts = {(item.severity, item.duty): (item.met, item.breached) for item in found.service_levels}
    assert len(counts) == 8
    assert {key: count for key, count in counts.items() if any(count)} == {
        (Severity.OUTAGE, Duty.RESPONSE): (1, 2),
        (Severity.OUTAGE, Duty.UPDATE): (1, 0),
        (Severity.MINOR, Duty.RESPONSE): (1, 0),
    }
    assert (found.met, found.breached) == (3, 2)


def test_what_still_runs_is_neither_met_nor_breached() -> None:
    found = made(deadlines=[a_deadline(at(10, 13))], now=at(10, 12))
    assert (found.met, found.breached) == (0, 0)


def test_the_share_is_rounded_down_so_that_a_breach_never_reads_as_none() -> None:
    assert Kept(Severity.OUTAGE, Duty.RESPONSE, 9999, 1).percent == 99.9
    assert Kept(Severity.OUTAGE, Duty.RESPONSE, 5, 0).percent == 100.0
    assert Kept(Severity.OUTAGE, Duty.RESPONSE).percent is None


def test_a_breach_says_about_what_and_how_late() -> None:
    owed = [a_deadline(at(6, 13), number=2), a_deadline(at(4, 13), met=at(4, 14))]
    first, second = breaches(owed, {(About.INCIDENT, 1): "Agents cannot log in"}, at(6, 14, 30))
    assert (first.late, first.met_at, first.subject) == (HOUR, at(4, 14), "Agents cannot log in")
    assert (second.late, second.met_at) == (90 * MINUTE, None)


def test_what_went_away_too_late_was_so_late_whenever_the_report_is_made() -> None:
    owed = [replace(a_deadline(at(4, 13)), void_at=at(4, 14))]
    (only,) = breaches(owed, {}, at(20))
    assert only.late == HOUR


@given(st.lists(st.tuples(st.integers(-500, 500), st.integers(-500, 500) | st.none())))
def test_every_deadline_that_has_ended_is_met_or_breached_and_each_breach_is_listed(
    pairs: list[tuple[int, int | None]],
) -> None:
    now = at(15)
    owed = [a_deadline(now + due * MINUTE, met=None if met is None else now + met * MINUTE) for due, met in pairs]
    counts = kept(owed, now)
    late = breaches(owed, {}, now)
    running = sum(met is None and due >= 0 for due, met in pairs)
    assert sum(item.met + item.breached for item in counts) == len(owed) - running
    assert sum(item.breached for item in counts) == len(late)
    assert all(item.late > timedelta(0) for item in late)


def test_tickets_are_counted_by_grade() -> None:
    ticket = Ticket(
        1, "Acme", Support.PREMIUM, TicketNature.FAULT, LOGIN, Severity.MINOR, "t", "x", TicketStatus.WAITING, at(3)
    )
    others = [
        replace(ticket, status=TicketStatus.CLOSED),
        replace(ticket, status=TicketStatus.RESPONDED),
        replace(ticket, reported_at=at(3, month=10)),
        replace(ticket, grade=Severity.NONE),
    ]
    found = made(tickets=[ticket, *others])
    assert found.tickets == (
        TicketCount(Severity.OUTAGE),
        TicketCount(Severity.IMPAIRMENT),
        TicketCount(Severity.MINOR, reported=3, waiting=1, closed=1),
        TicketCount(Severity.NONE, reported=1, waiting=1),
    )


def test_as_plain_values_it_has_instants_in_rfc_3339_and_spans_in_seconds() -> None:
    found = plain_report.report(
        made(
            an_outage(at(3), at(4)),
            a_maintenance(at(14, 3), at(14, 5, 40)),
            deadlines=[a_deadline(at(3, 13), met=at(3, 14))],
        )
    )
    assert (found["month"], found["since"], found["complete"]) == ("2025-11", "2025-11-01T04:00:00Z", True)
    (component,) = found["components"]
    assert component["major_outage_seconds"] == 86400.0
    assert component["under_maintenance_seconds"] == 160 * 60.0
    assert component["percent"] < 100
    assert component["days"][2] == {"date": "2025-11-03", "status": "major_outage"}
    assert found["incidents"][0]["first_notice_after_seconds"] == 0.0
    assert found["maintenances"][0]["overrun_seconds"] == 2400.0
    assert found["breaches"][0]["late_seconds"] == 3600.0
    assert found["service_levels"][0] == {
        "severity": 1,
        "duty": "response",
        "met": 0,
        "breached": 1,
        "percent": 0.0,
    }
