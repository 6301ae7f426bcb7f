"""A suggestion names what its components' errors have in common."""

from omwatch.domain import plain
from omwatch.domain.fingerprint import Errors
from omwatch.domain.proposing import propose
from omwatch.domain.severity import Severity
from omwatch.domain.suggestion import Suggestion
from tests.domain.builders import after, an_assessment

REFUSED: Errors = (("log in: ConnectError: Connection refused", 20),)


def suggested(errors: dict[str, Errors]) -> Suggestion:
    known = [an_assessment(name, Severity.OUTAGE, check=name) for name in errors]
    (move,) = propose(known, [], [], after(20), errors=errors)
    return move.suggestion


def test_components_that_fail_with_the_same_words_share_a_cause() -> None:
    assert suggested({"A": REFUSED, "B": REFUSED}).cause == "all fail with 'connection refused' at 'log in'"


def test_components_that_fail_differently_share_none() -> None:
    other: Errors = (("open the chat: GET /chat answered 503", 9),)
    assert suggested({"A": REFUSED, "B": other}).cause == ""


def test_one_component_alone_shares_nothing() -> None:
    assert suggested({"A": REFUSED}).cause == ""


def test_errors_are_told_in_short_with_their_numbers() -> None:
    (evidence,) = plain.suggestion(suggested({"A": REFUSED}))["evidence"]
    assert evidence["errors"] == "connection refused at log in ×20"
