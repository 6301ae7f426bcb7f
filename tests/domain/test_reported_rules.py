"""What clients report suggests an incident, and what they have agreed a milder grade; each says so once."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.domain.client import Client
from omwatch.domain.event import Event
from omwatch.domain.judge import Count
from omwatch.domain.policy import Policy
from omwatch.domain.proposing import Move, Proposal
from omwatch.domain.reported import Affected, by_reports, under_plans
from omwatch.domain.severity import Severity
from omwatch.domain.suggestion import Suggestion, SuggestionKind, SuggestionState
from omwatch.domain.ticket import Ticket, TicketNature, TicketStatus
from tests.domain.builders import a_client, a_ticket, after, an_incident

OUTAGE, IMPAIRMENT, MINOR, NONE = Severity
NOW = after(1800)
POLICY = Policy(reports_needed=3, reports_within=timedelta(hours=1))
THREE = [a_ticket(1, "Acme", 0), a_ticket(2, "Globex", 60), a_ticket(3, "Initech", 120)]


def moves(
    tickets: list[Ticket],
    suggestions: list[Suggestion] | None = None,
    taken: tuple[str, ...] = (),
    now: datetime = NOW,
    names: tuple[str, ...] = (),
) -> list[Proposal]:
    return by_reports(tickets, suggestions or [], taken, POLICY, now, names)


def opened(tickets: list[Ticket], names: tuple[str, ...] = ()) -> Suggestion:
    (proposal,) = moves(tickets, names=names)
    assert proposal.move is Move.OPEN
    return replace(proposal.suggestion, id=7)


def dismissed(tickets: list[Ticket]) -> Suggestion:
    return replace(opened(tickets), state=SuggestionState.DISMISSED)


# --- from reports to an incident ---------------------------------------------------------------------------------


def test_enough_clients_suggest_an_incident_that_began_with_the_first_report() -> None:
    found = opened(THREE)
    (evidence,) = found.evidence
    assert (found.kind, found.severity, found.incident) == (SuggestionKind.REPORTED, IMPAIRMENT, None)
    assert (found.opened_at, found.first_failed_at) == (NOW, after(0))
    assert evidence.count == Count(3, 3)
    assert evidence.noun == "client"
    assert evidence.behind == (1, 2, 3)
    assert found.reason == found.summary == "3 clients report Chat routing (tickets 1, 2, 3)"


def test_fewer_clients_suggest_nothing_however_often_they_report() -> None:
    again = [a_ticket(number, "Acme", number) for number in range(4, 12)]
    assert moves(THREE[:2]) == []
    assert moves([*THREE[:2], *again]) == []


def test_a_client_counts_once_and_all_its_tickets_are_told() -> None:
    found = opened([*THREE, a_ticket(4, "Acme", 200)])
    assert found.reason == "3 clients report Chat routing (tickets 1, 2, 3, 4)"


def test_a_long_list_of_tickets_is_cut() -> None:
    found = opened([a_ticket(number, f"client {number}") for number in range(1, 13)])
    assert found.reason.endswith("(tickets 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more)")
    assert len(found.behind) == 12


def test_one_client_may_be_enough_where_the_policy_says_so() -> None:
    (proposal,) = by_reports(THREE[:1], [], (), replace(POLICY, reports_needed=1), NOW)
    assert proposal.suggestion.reason == "1 client reports Chat routing (ticket 1)"


@pytest.mark.parametrize(
    "different",
    [
        replace(THREE[2], component="Agent login"),
        replace(THREE[2], component=""),
        replace(THREE[2], nature=TicketNature.QUESTION, grade=NONE),
        replace(THREE[2], status=TicketStatus.CLOSED),
        replace(THREE[2], incident=4),
        replace(THREE[2], reported_at=NOW - timedelta(hours=1, seconds=1)),
    ],
    ids=["another component", "no component", "a question", "closed", "in an incident", "too long ago"],
)
def test_what_is_no_report_of_it_does_not_count(different: Ticket) -> None:
    assert moves([*THREE[:2], different]) == []


def test_an_answered_ticket_counts_and_so_does_one_of_exactly_the_policys_age() -> None:
    answered = replace(THREE[0], status=TicketStatus.RESPONDED)
    oldest = replace(THREE[2], reported_at=NOW - timedelta(hours=1))
    assert opened([answered, THREE[1], oldest]).behind == {1, 2, 3}


def test_neither_case_nor_spacing_makes_another_component_and_the_page_spells_it() -> None:
    written = ["chat ROUTING", "Chat  routing", "CHAT ROUTING"]
    tickets = [replace(ticket, component=name) for ticket, name in zip(THREE, written, strict=True)]
    assert opened(tickets).components == ("chat ROUTING",), "unless the page knows it, as it was written first"
    assert opened(tickets, names=("Agent login", "Chat Routing")).components == ("Chat Routing",)


@pytest.mark.parametrize(
    ("grades", "expected"),
    [((MINOR, OUTAGE, NONE), OUTAGE), ((NONE, IMPAIRMENT, MINOR), IMPAIRMENT), ((NONE, NONE, NONE), MINOR)],
)
def test_it_is_as_grave_as_the_gravest_ticket_and_a_minor_loss_at_least(
    grades: tuple[Severity, ...], expected: Severity
) -> None:
    graded = [replace(ticket, grade=grade) for ticket, grade in zip(THREE, grades, strict=True)]
    assert opened(graded).severity is expected


def test_what_an_incident_covers_or_the_judge_suggests_is_not_suggested_again() -> None:
    assert moves(THREE, taken=("Agent login", "CHAT routing")) == []


def test_every_component_has_a_suggestion_of_its_own() -> None:
    others = [replace(ticket, id=ticket.id + 10, component="Agent login") for ticket in THREE]
    found = moves([*THREE, *others])
    assert [item.suggestion.components for item in found] == [("Agent login",), ("Chat routing",)]


# --- while it stands ---------------------------------------------------------------------------------------------


def test_the_same_reports_move_nothing() -> None:
    assert moves(THREE, [opened(THREE)], now=NOW + timedelta(minutes=1)) == []


def test_another_report_refreshes_it_and_a_graver_one_regrades_it() -> None:
    standing = opened(THREE)
    fourth = a_ticket(4, "Umbrella", 1700)
    (more,) = moves([*THREE, fourth], [standing])
    assert (more.move, more.suggestion.id, more.suggestion.opened_at) == (Move.REFRESH, 7, NOW)
    assert more.suggestion.reason == "4 clients report Chat routing (tickets 1, 2, 3, 4)"
    (graver,) = moves([*THREE, replace(fourth, grade=OUTAGE)], [standing])
    assert (graver.move, graver.suggestion.severity) == (Move.REGRADE, OUTAGE)


def test_it_does_not_go_away_because_nobody_has_looked_at_it() -> None:
    assert moves(THREE, [opened(THREE)], now=NOW + timedelta(days=1)) == []


def test_it_is_withdrawn_when_its_tickets_are_settled_otherwise() -> None:
    (proposal,) = moves([replace(THREE[0], status=TicketStatus.CLOSED), *THREE[1:]], [opened(THREE)])
    assert (proposal.move, proposal.suggestion.state) == (Move.WITHDRAW, SuggestionState.WITHDRAWN)


def test_it_is_withdrawn_when_the_judge_suggests_its_component_itself() -> None:
    (proposal,) = moves(THREE, [opened(THREE)], taken=("Chat routing",))
    assert proposal.move is Move.WITHDRAW


# --- dismissed ---------------------------------------------------------------------------------------------------


def test_a_dismissed_one_stays_quiet_while_the_same_clients_report() -> None:
    again = a_ticket(4, "Acme", 900)
    assert moves([*THREE, again], [dismissed(THREE)]) == []
    milder = [replace(ticket, grade=MINOR) for ticket in THREE]
    assert moves(milder, [dismissed(THREE)]) == []


def test_a_client_more_or_a_graver_grade_speaks_up_again() -> None:
    (more,) = moves([*THREE, a_ticket(4, "Umbrella", 900)], [dismissed(THREE)])
    assert (more.move, more.suggestion.id) == (Move.OPEN, 0)
    (graver,) = moves([*THREE, a_ticket(4, "Acme", 900, OUTAGE)], [dismissed(THREE)])
    assert graver.move is Move.OPEN


def test_it_takes_saying_more_than_every_dismissed_one() -> None:
    four = [*THREE, a_ticket(4, "Umbrella", 900)]
    assert moves(four, [dismissed(THREE), dismissed(four)]) == []


def test_a_dismissed_one_settles_when_nobody_has_reported_for_so_long() -> None:
    later = NOW + timedelta(hours=2)
    (proposal,) = moves(THREE, [dismissed(THREE)], now=later)
    assert (proposal.move, proposal.suggestion.settled) == (Move.SETTLE, True)
    assert moves(THREE, now=later) == [], "and what was dismissed is not brought up again"


reports = st.lists(
    st.builds(
        a_ticket,
        st.just(0),
        st.sampled_from(["Acme", "Globex", "Initech", "Umbrella"]),
        st.integers(-3600, 1800),
        st.sampled_from(Severity),
        st.sampled_from(["Chat routing", "CHAT ROUTING", "Agent login", ""]),
    ),
    max_size=10,
).map(lambda found: [replace(item, id=number) for number, item in enumerate(found, start=1)])


@given(reports)
def test_a_suggestion_rests_on_enough_distinct_clients_and_then_moves_nothing_more(found: list[Ticket]) -> None:
    first = moves(found)
    standing = [replace(item.suggestion, id=number) for number, item in enumerate(first, start=1)]
    authors = {ticket.id: ticket.client for ticket in found}
    for item in standing:
        (evidence,) = item.evidence
        clients = {authors[number] for number in item.behind}
        assert evidence.count == Count(len(clients), len(clients))
        assert len(clients) >= POLICY.reports_needed
        assert item.severity < NONE
    assert moves(found, standing) == []
    quiet = [replace(item, state=SuggestionState.DISMISSED) for item in standing]
    assert moves(found, quiet) == []


# --- continuity plans --------------------------------------------------------------------------------------------


def an_outage(number: int = 3, severity: Severity = OUTAGE) -> Event:
    return replace(an_incident()[0], id=number, severity=severity)


def planned(*clients: Client, severity: Severity = OUTAGE) -> list[Affected]:
    return [Affected(an_outage(severity=severity), clients)]


ACME, GLOBEX = a_client("Acme", 1), a_client("globex", 2)


def proposed(*clients: Client) -> Suggestion:
    (proposal,) = under_plans(planned(*clients), [], NOW)
    assert proposal.move is Move.OPEN
    return replace(proposal.suggestion, id=7)


def test_an_outage_whose_clients_all_have_a_plan_is_suggested_to_be_an_impairment() -> None:
    found = proposed(GLOBEX, ACME)
    assert (found.kind, found.severity, found.incident) == (SuggestionKind.CONTINUITY, IMPAIRMENT, 3)
    assert found.components == ("Agent login", "Screen pop")
    assert found.behind == {1, 2}
    assert found.reason == "all 2 affected clients have a business continuity plan: Acme, globex"
    assert proposed(ACME).reason == "the one affected client has a business continuity plan: Acme"


def test_nothing_is_suggested_without_clients_or_with_one_that_has_no_plan_or_for_what_is_no_outage() -> None:
    without = a_client("Initech", 3, continuity_plan=False)
    assert under_plans(planned(), [], NOW) == []
    assert under_plans(planned(ACME, without), [], NOW) == []
    assert under_plans(planned(ACME, severity=IMPAIRMENT), [], NOW) == []


def test_it_follows_the_clients_while_it_stands() -> None:
    standing = proposed(ACME)
    assert under_plans(planned(ACME), [standing], NOW + timedelta(hours=1)) == []
    (more,) = under_plans(planned(ACME, GLOBEX), [standing], NOW)
    assert (more.move, more.suggestion.id) == (Move.REFRESH, 7)
    assert more.suggestion.behind == {1, 2}


@pytest.mark.parametrize(
    "affected",
    [[], planned(), planned(replace(ACME, continuity_plan=False)), planned(ACME, severity=IMPAIRMENT)],
    ids=["over", "nobody", "no plan", "regraded"],
)
def test_it_is_withdrawn_when_it_is_not_true_any_more(affected: list[Affected]) -> None:
    (proposal,) = under_plans(affected, [proposed(ACME)], NOW)
    assert proposal.move is Move.WITHDRAW


def test_a_dismissed_one_stays_quiet_until_other_clients_are_affected() -> None:
    quiet = replace(proposed(ACME), state=SuggestionState.DISMISSED)
    assert under_plans(planned(ACME), [quiet], NOW) == []
    assert under_plans(planned(replace(ACME, name="Acme Corp")), [quiet], NOW) == []
    (proposal,) = under_plans(planned(ACME, GLOBEX), [quiet], NOW)
    assert proposal.move is Move.OPEN


def test_a_dismissed_one_settles_with_its_outage() -> None:
    quiet = replace(proposed(ACME), state=SuggestionState.DISMISSED)
    (proposal,) = under_plans([], [quiet], NOW)
    assert proposal.move is Move.SETTLE
