"""What is suggested about incidents that go on: another severity, or that they look recovered."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from omwatch.domain.assessment import Assessment
from omwatch.domain.event import Event, EventKind, EventStatus
from omwatch.domain.judge import Count, wilson
from omwatch.domain.proposing import Move, propose
from omwatch.domain.severity import Severity
from omwatch.domain.suggestion import Suggestion, SuggestionKind, SuggestionState

NOW = datetime(2026, 1, 5, 15, tzinfo=UTC)


def assessment(component: str, severity: Severity | None, failing: int = 0) -> Assessment:
    count = Count(failing, 50)
    began = NOW if failing else None
    return Assessment(component.lower(), component, severity, count, wilson(count), NOW, began, "because", "agent")


def incident(severity: Severity, *components: str, number: int = 7) -> Event:
    listed = dict.fromkeys(components, severity.component_status)
    return Event(
        number, EventKind.INCIDENT, "Trouble", severity, EventStatus.IDENTIFIED, listed, NOW - timedelta(hours=1), NOW
    )


def test_an_incident_whose_line_is_crossed_upwards_is_suggested_to_be_regraded() -> None:
    (move,) = propose([assessment("A", Severity.OUTAGE, 20)], [], [incident(Severity.IMPAIRMENT, "A")], NOW)
    assert move.move is Move.REGRADE
    assert (move.suggestion.kind, move.suggestion.incident) == (SuggestionKind.REGRADE, 7)
    assert move.suggestion.severity is Severity.OUTAGE


def test_an_incident_that_got_milder_is_suggested_to_be_regraded() -> None:
    (move,) = propose([assessment("A", Severity.MINOR, 1)], [], [incident(Severity.OUTAGE, "A")], NOW)
    assert (move.suggestion.kind, move.suggestion.severity) == (SuggestionKind.REGRADE, Severity.MINOR)


def test_an_incident_whose_components_are_all_well_looks_recovered() -> None:
    known = [assessment("A", Severity.NONE), assessment("B", Severity.NONE)]
    (move,) = propose(known, [], [incident(Severity.OUTAGE, "A", "B")], NOW)
    assert move.move is Move.RESOLVE
    assert move.suggestion.kind is SuggestionKind.RESOLVE
    assert move.suggestion.first_failed_at == NOW - timedelta(hours=1)


def test_an_incident_with_one_component_still_failing_does_not_look_recovered() -> None:
    known = [assessment("A", Severity.NONE), assessment("B", Severity.OUTAGE, 20)]
    assert propose(known, [], [incident(Severity.OUTAGE, "A", "B")], NOW) == []


def test_a_component_that_gathers_says_nothing_about_its_incident() -> None:
    known = [assessment("A", Severity.NONE), assessment("B", None)]
    assert propose(known, [], [incident(Severity.OUTAGE, "A", "B")], NOW) == []


def test_a_suggestion_to_resolve_is_withdrawn_when_the_trouble_is_back() -> None:
    (first,) = propose([assessment("A", Severity.NONE)], [], [incident(Severity.OUTAGE, "A")], NOW)
    standing = stored(first.suggestion)
    (move,) = propose([assessment("A", Severity.OUTAGE, 20)], [standing], [incident(Severity.OUTAGE, "A")], NOW)
    assert move.move is Move.WITHDRAW


def test_a_dismissed_suggestion_to_resolve_is_not_repeated_while_nothing_changes() -> None:
    (first,) = propose([assessment("A", Severity.NONE)], [], [incident(Severity.OUTAGE, "A")], NOW)
    dismissed = stored(first.suggestion, SuggestionState.DISMISSED)
    assert propose([assessment("A", Severity.NONE)], [dismissed], [incident(Severity.OUTAGE, "A")], NOW) == []


def test_a_dismissed_regrade_gives_way_to_another_severity() -> None:
    (first,) = propose([assessment("A", Severity.IMPAIRMENT, 5)], [], [incident(Severity.OUTAGE, "A")], NOW)
    dismissed = stored(first.suggestion, SuggestionState.DISMISSED)
    moves = propose([assessment("A", Severity.MINOR, 1)], [dismissed], [incident(Severity.OUTAGE, "A")], NOW)
    assert [move.move for move in moves] == [Move.SETTLE, Move.REGRADE]


def test_what_was_suggested_about_an_incident_goes_when_the_incident_ends() -> None:
    (first,) = propose([assessment("A", Severity.NONE)], [], [incident(Severity.OUTAGE, "A")], NOW)
    (move,) = propose([assessment("A", Severity.NONE)], [stored(first.suggestion)], [], NOW)
    assert move.move is Move.WITHDRAW


def test_a_component_in_its_own_maintenance_window_is_not_suggested_and_others_are() -> None:
    known = [assessment("A", Severity.OUTAGE, 20), assessment("B", Severity.OUTAGE, 20)]
    (move,) = propose(known, [], [], NOW, excused={"A"})
    assert move.suggestion.components == ("B",)


def test_what_still_fails_when_the_maintenance_window_ends_is_suggested_at_once() -> None:
    known = [assessment("A", Severity.OUTAGE, 20)]
    assert propose(known, [], [], NOW, excused={"A"}) == []
    (move,) = propose(known, [], [], NOW)
    assert move.move is Move.OPEN


def test_an_incident_under_maintenance_is_neither_regraded_nor_resolved() -> None:
    known = [assessment("A", Severity.NONE)]
    assert propose(known, [], [incident(Severity.OUTAGE, "A")], NOW, excused={"A"}) == []


def stored(suggestion: Suggestion, state: SuggestionState = SuggestionState.OPEN) -> Suggestion:
    return replace(suggestion, id=3, state=state)


def test_figures_stay_those_of_the_trouble_while_its_severity_is_only_held() -> None:
    (first,) = propose([assessment("A", Severity.OUTAGE, 20)], [], [], NOW)
    recovering = replace(assessment("A", Severity.OUTAGE, 0), first_failed_at=NOW, clear_since=NOW)
    assert propose([recovering], [stored(first.suggestion)], [], NOW) == []
