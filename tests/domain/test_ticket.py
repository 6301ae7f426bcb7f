"""The order of work, and which grades a ticket may have."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.domain.client import Support
from omwatch.domain.deadline import About, response
from omwatch.domain.severity import Severity
from omwatch.domain.sla import BRIEF
from omwatch.domain.ticket import Ticket, TicketNature, TicketStatus, grade_refusal, queue
from tests.domain.builders import a_ticket, after

OUTAGE, IMPAIRMENT, MINOR, NONE = Severity


def owed(number: int, grade: Severity = IMPAIRMENT, seconds: float = 0, support: Support = Support.STANDARD) -> Ticket:
    deadline = response(About.TICKET, number, grade, after(seconds), BRIEF)
    return replace(a_ticket(number, seconds=seconds, grade=grade), support=support, response=deadline)


tickets = st.lists(
    st.builds(
        owed,
        st.just(0),
        st.sampled_from(Severity),
        st.sampled_from([0.0, 60.0, 7200.0]),
        st.sampled_from(Support),
    ),
    max_size=8,
).map(lambda found: [replace(item, id=number) for number, item in enumerate(found, start=1)])


def numbers(found: list[Ticket]) -> list[int]:
    return [item.id for item in found]


def test_the_graver_goes_first_even_against_premium_and_an_earlier_deadline() -> None:
    grave = owed(3, OUTAGE, 9000)
    assert numbers(queue([owed(1, IMPAIRMENT, support=Support.PREMIUM), owed(2, NONE), grave])) == [3, 1, 2]


def test_of_the_same_severity_premium_goes_first_and_then_the_earlier_deadline() -> None:
    premium = owed(3, seconds=600, support=Support.PREMIUM)
    assert numbers(queue([owed(1, seconds=60), owed(2, seconds=0), premium])) == [3, 2, 1]


def test_what_is_owed_at_the_same_instant_goes_by_age() -> None:
    assert numbers(queue([owed(2), owed(1)])) == [1, 2]


def test_a_ticket_keeps_its_place_when_it_has_had_its_response() -> None:
    first, second = owed(1), owed(2, seconds=60)
    assert first.response is not None
    answered = replace(first, status=TicketStatus.RESPONDED, response=replace(first.response, met_at=after(30)))
    assert numbers(queue([second, answered])) == [1, 2]


def test_a_ticket_without_a_deadline_goes_by_when_it_was_reported() -> None:
    assert numbers(queue([owed(1, seconds=0), a_ticket(2, seconds=10)])) == [2, 1]


@given(tickets.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_queue_is_the_same_however_the_tickets_come(both: tuple[list[Ticket], list[Ticket]]) -> None:
    found, shuffled = both
    assert queue(shuffled) == queue(found)
    assert sorted(numbers(queue(found))) == numbers(found)


@given(tickets)
def test_nothing_in_the_queue_stands_behind_what_it_goes_before(found: list[Ticket]) -> None:
    ordered = queue(found)
    for before, behind in pairwise(ordered):
        assert before.grade <= behind.grade
        if before.grade is behind.grade:
            premium = [item.support is Support.PREMIUM for item in (before, behind)]
            assert premium != [False, True]
            if premium[0] == premium[1]:
                assert before.response is not None
                assert behind.response is not None
                assert (before.response.due_at, before.id) < (behind.response.due_at, behind.id)


@pytest.mark.parametrize("grade", Severity)
def test_a_fault_may_have_every_grade(grade: Severity) -> None:
    assert grade_refusal(TicketNature.FAULT, grade) == ""


@pytest.mark.parametrize("nature", [TicketNature.ENHANCEMENT, TicketNature.QUESTION])
@pytest.mark.parametrize("grade", Severity)
def test_what_only_asks_for_something_is_always_severity_4(nature: TicketNature, grade: Severity) -> None:
    refusal = grade_refusal(nature, grade)
    assert (refusal == "") is (grade is NONE)
    assert not refusal or refusal.startswith(("an enhancement request is always", "a question is always"))
    assert not nature.may_be_incident
