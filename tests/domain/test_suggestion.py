"""Which moves follow from what is seen, what is suggested already, and what an incident covers."""

from dataclasses import replace

import pytest

from omwatch.domain.assessment import Assessment
from omwatch.domain.event import Event, EventKind, EventStatus
from omwatch.domain.proposing import Move, Proposal, propose
from omwatch.domain.severity import Severity
from omwatch.domain.suggestion import Suggestion, SuggestionState
from tests.domain.builders import a_suggestion, after, an_assessment, an_evidence

OUTAGE, IMPAIRMENT, MINOR, NONE = Severity
NOW = after(20)
HEALTHY = an_assessment(severity=Severity.NONE)


def moves(
    assessments: list[Assessment],
    suggestions: list[Suggestion] | None = None,
    covered: dict[str, Severity] | None = None,
) -> list[Proposal]:
    incidents = [
        an_incident(number, name, severity) for number, (name, severity) in enumerate((covered or {}).items(), 1)
    ]
    # What is suggested about the incidents themselves is the matter of test_suggestion_incidents.py.
    return [
        move for move in propose(assessments, suggestions or [], incidents, NOW) if move.suggestion.incident is None
    ]


def an_incident(number: int, component: str, severity: Severity) -> Event:
    components = {component: severity.component_status}
    return Event(number, EventKind.INCIDENT, "Trouble", severity, EventStatus.IDENTIFIED, components, NOW, NOW)


def opened(*assessments: Assessment) -> Suggestion:
    (proposal,) = moves(list(assessments))
    assert proposal.move is Move.OPEN
    return replace(proposal.suggestion, id=7)


def dismissed(*assessments: Assessment) -> Suggestion:
    return replace(opened(*assessments), state=SuggestionState.DISMISSED)


def test_nothing_follows_from_health() -> None:
    assert moves([]) == []
    assert moves([HEALTHY, an_assessment("Screen pop", None)]) == []


@pytest.mark.parametrize("severity", [OUTAGE, IMPAIRMENT, MINOR])
def test_trouble_opens_a_suggestion_of_its_severity(severity: Severity) -> None:
    suggestion = opened(an_assessment(severity=severity, failing=7, tried=50, first_failed=-2))
    assert suggestion.severity is severity
    assert suggestion.state is SuggestionState.OPEN
    assert suggestion.components == ("Agent login",)
    assert (suggestion.opened_at, suggestion.first_failed_at) == (NOW, after(-2))
    assert (suggestion.evidence[0].count.failing, suggestion.evidence[0].count.tried) == (7, 50)


def test_several_failing_components_make_one_suggestion_with_the_worst_first() -> None:
    suggestion = opened(
        an_assessment("Screen pop", MINOR, 1, first_failed=3),
        an_assessment("Agent login", IMPAIRMENT, 9, first_failed=1),
        an_assessment("E-mail", OUTAGE, 30, first_failed=2),
        an_assessment("Chat", IMPAIRMENT, 9, first_failed=4),
    )
    assert suggestion.components == ("E-mail", "Agent login", "Chat", "Screen pop")
    assert suggestion.severity is OUTAGE
    assert suggestion.first_failed_at == after(1)


def test_two_checks_of_one_component_give_it_the_worse_of_their_severities() -> None:
    suggestion = opened(
        an_assessment(severity=IMPAIRMENT, failing=9, check="login-eu"),
        an_assessment(severity=OUTAGE, failing=40, check="login-us"),
        an_assessment(severity=MINOR, failing=1, check="login-ap"),
    )
    assert [(item.component, item.severity) for item in suggestion.evidence] == [("Agent login", OUTAGE)]


def test_the_same_figures_move_nothing() -> None:
    standing = opened(an_assessment())
    assert moves([an_assessment()], [standing]) == []


def test_newer_figures_refresh_the_standing_suggestion() -> None:
    (proposal,) = moves([an_assessment(failing=25)], [opened(an_assessment())])
    assert proposal.move is Move.REFRESH
    assert proposal.suggestion.id == 7
    assert proposal.suggestion.evidence[0].count.failing == 25


def test_another_severity_regrades_it() -> None:
    (worse,) = moves([an_assessment(severity=OUTAGE)], [opened(an_assessment(severity=MINOR, failing=1))])
    assert (worse.move, worse.suggestion.severity) == (Move.REGRADE, OUTAGE)
    (better,) = moves([an_assessment(severity=MINOR, failing=1)], [opened(an_assessment())])
    assert (better.move, better.suggestion.severity) == (Move.REGRADE, MINOR)


def test_a_component_more_extends_it_even_when_it_is_also_worse() -> None:
    standing = opened(an_assessment(severity=MINOR, failing=1, first_failed=5))
    (proposal,) = moves(
        [an_assessment(severity=MINOR, failing=1, first_failed=5), an_assessment("Screen pop", OUTAGE, first_failed=9)],
        [standing],
    )
    assert proposal.move is Move.EXTEND
    assert proposal.suggestion.components == ("Screen pop", "Agent login")
    assert (proposal.suggestion.id, proposal.suggestion.first_failed_at) == (7, after(5))


def test_a_component_less_stays_in_the_same_suggestion() -> None:
    both = [an_assessment(severity=IMPAIRMENT), an_assessment("Screen pop", IMPAIRMENT)]
    (proposal,) = moves(both[:1], [opened(*both)])
    assert proposal.move is Move.REFRESH
    assert proposal.suggestion.components == ("Agent login",)


def test_it_keeps_when_it_opened_and_the_earliest_failure() -> None:
    standing = replace(opened(an_assessment(first_failed=0)), opened_at=after(3))
    (proposal,) = moves([an_assessment(failing=30, first_failed=15)], [standing])
    assert (proposal.suggestion.opened_at, proposal.suggestion.first_failed_at) == (after(3), after(0))


def test_trouble_that_goes_away_before_anybody_decided_withdraws_it() -> None:
    (proposal,) = moves([HEALTHY], [opened(an_assessment())])
    assert proposal.move is Move.WITHDRAW
    assert proposal.suggestion.state is SuggestionState.WITHDRAWN
    assert proposal.suggestion.components == ("Agent login",)


# --- dismissed ---------------------------------------------------------------------------------------------------


def test_a_dismissed_suggestion_stays_quiet_while_its_trouble_lasts() -> None:
    quiet = dismissed(an_assessment(severity=IMPAIRMENT, failing=5))
    assert moves([an_assessment(severity=IMPAIRMENT, failing=14)], [quiet]) == []
    assert moves([an_assessment(severity=MINOR, failing=1)], [quiet]) == []


def test_a_graver_severity_speaks_up_again() -> None:
    quiet = dismissed(an_assessment(severity=IMPAIRMENT, failing=5))
    (proposal,) = moves([an_assessment(severity=OUTAGE)], [quiet])
    assert (proposal.move, proposal.suggestion.id, proposal.suggestion.severity) == (Move.OPEN, 0, OUTAGE)


def test_a_component_more_speaks_up_again() -> None:
    quiet = dismissed(an_assessment())
    (proposal,) = moves([an_assessment(), an_assessment("Screen pop", MINOR, 1)], [quiet])
    assert proposal.move is Move.OPEN
    assert set(proposal.suggestion.components) == {"Agent login", "Screen pop"}


def test_a_part_of_what_was_dismissed_stays_quiet() -> None:
    quiet = dismissed(an_assessment(), an_assessment("Screen pop"))
    assert moves([an_assessment("Screen pop")], [quiet]) == []


def test_it_takes_being_worse_than_every_dismissed_one() -> None:
    first = replace(dismissed(an_assessment(severity=IMPAIRMENT)), id=1)
    second = replace(dismissed(an_assessment(severity=OUTAGE)), id=2)
    assert moves([an_assessment(severity=OUTAGE)], [second, first]) == []


def test_a_dismissed_suggestion_settles_when_all_its_components_are_healthy() -> None:
    quiet = dismissed(an_assessment(), an_assessment("Screen pop"))
    assert moves([HEALTHY, an_assessment("Screen pop")], [quiet]) == []
    (proposal,) = moves([HEALTHY, an_assessment("Screen pop", NONE)], [quiet])
    assert proposal.move is Move.SETTLE
    assert proposal.suggestion.settled
    assert proposal.suggestion.state is SuggestionState.DISMISSED


def test_what_settles_no_longer_keeps_other_trouble_quiet() -> None:
    quiet = dismissed(an_assessment())
    found = moves([HEALTHY, an_assessment("Screen pop", MINOR, 1)], [quiet])
    assert [proposal.move for proposal in found] == [Move.SETTLE, Move.OPEN]


def test_an_open_suggestion_goes_on_beside_a_dismissed_one() -> None:
    quiet = dismissed(an_assessment(severity=IMPAIRMENT))
    standing = opened(an_assessment(severity=OUTAGE))
    assert moves([an_assessment(severity=OUTAGE)], [standing, quiet]) == []


# --- covered by an incident --------------------------------------------------------------------------------------


def test_what_an_open_incident_covers_is_not_suggested_again() -> None:
    assert moves([an_assessment()], covered={"Agent login": OUTAGE}) == []


def test_what_it_does_not_cover_is_suggested_on_its_own() -> None:
    (proposal,) = moves([an_assessment(), an_assessment("Chat", MINOR, 1)], covered={"Agent login": OUTAGE})
    assert proposal.move is Move.OPEN
    assert proposal.suggestion.components == ("Chat",)


def test_an_open_suggestion_whose_components_all_became_covered_is_withdrawn() -> None:
    (proposal,) = moves([an_assessment()], [opened(an_assessment())], {"Agent login": OUTAGE})
    assert proposal.move is Move.WITHDRAW


def test_a_dismissed_one_does_not_settle_while_an_incident_covers_its_failing_component() -> None:
    assert moves([an_assessment()], [dismissed(an_assessment())], {"Agent login": OUTAGE}) == []


# --- words -------------------------------------------------------------------------------------------------------


def test_a_suggestion_says_its_counts_and_its_reasons() -> None:
    suggestion = a_suggestion(an_evidence(), an_evidence("Screen pop", MINOR, failing=1))
    assert suggestion.summary == "Agent login: 20 of 50 agents failed; Screen pop: 1 of 50 agents failed"
    assert suggestion.reason == "Agent login: 20 of 50 agents failed; Screen pop: 1 of 50 agents failed"
