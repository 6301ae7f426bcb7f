"""Suggestions in memory are kept as the store keeps them."""

import pytest

from omwatch.domain.docket import Docket
from omwatch.domain.proposing import Move, propose
from omwatch.domain.severity import Severity
from omwatch.domain.suggestion import SuggestionState
from tests.domain.builders import after, an_assessment


def test_a_suggestion_is_opened_extended_and_withdrawn_under_one_number() -> None:
    docket = Docket()
    login, pop = an_assessment("Agent login"), an_assessment("Screen pop", Severity.IMPAIRMENT, 5)
    steps = ([login], [login, pop], [an_assessment("Agent login", Severity.NONE)])
    moves = []
    for seconds, assessments in enumerate(steps):
        moves += docket.carry_out(propose(assessments, docket.pending, (), after(seconds)))
    assert [(move.move, move.suggestion.id) for move in moves] == [
        (Move.OPEN, 1),
        (Move.EXTEND, 1),
        (Move.WITHDRAW, 1),
    ]
    assert docket.pending == []


def test_the_next_trouble_gets_the_next_number() -> None:
    docket = Docket()
    for assessment in (an_assessment(), an_assessment(severity=Severity.NONE), an_assessment()):
        docket.carry_out(propose([assessment], docket.pending, (), after(0)))
    assert [item.id for item in docket.open] == [2]


def test_a_dismissed_one_stays_pending_until_its_trouble_is_over() -> None:
    docket = Docket()
    docket.carry_out(propose([an_assessment()], docket.pending, (), after(0)))
    assert docket.decide(1, SuggestionState.DISMISSED).state is SuggestionState.DISMISSED
    assert propose([an_assessment()], docket.pending, (), after(1)) == []
    assert docket.open == []
    assert [item.id for item in docket.pending] == [1]
    well = [an_assessment(severity=Severity.NONE)]
    assert [move.move for move in docket.carry_out(propose(well, docket.pending, (), after(2)))] == [Move.SETTLE]
    assert docket.pending == []


def test_only_what_waits_can_be_decided() -> None:
    with pytest.raises(KeyError):
        Docket().decide(1, SuggestionState.CONFIRMED)
