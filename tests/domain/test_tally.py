"""A check's errors, counted by what they have in common."""

from dataclasses import replace

from omwatch.domain.attempt import Attempt, Outcome, Unit
from omwatch.domain.tally import MOST_KEPT, Tally
from tests.domain.builders import after, an_attempt


def failed(subject: str, seconds: float, error: str = "log in: answered 503") -> Attempt:
    return replace(an_attempt(subject, seconds, Outcome.FAILED), error=error)


def test_of_each_subject_the_latest_attempt_counts() -> None:
    tally = Tally(Unit.SUBJECT)
    for subject in ("ada", "bob", "cid"):
        tally.add(failed(subject, 1))
    tally.add(failed("ada", 2, "ready: took longer than 3 s"))
    tally.add(an_attempt("bob", 3))
    assert tally.since(after(0)) == (("log in: answered 503", 1), ("ready: took longer than … s", 1))


def test_an_older_attempt_that_ends_later_changes_nothing() -> None:
    tally = Tally(Unit.SUBJECT)
    tally.add(failed("ada", 5))
    tally.add(an_attempt("ada", 4))
    tally.add(failed("ada", 3, "other"))
    assert tally.since(after(0)) == (("log in: answered 503", 1),)


def test_a_subject_that_is_tried_no_more_is_forgotten_with_its_window() -> None:
    tally = Tally(Unit.SUBJECT)
    tally.add(failed("ada", 5))
    assert tally.since(after(6)) == ()


def test_every_interaction_counts_from_the_beginning_of_the_trouble() -> None:
    tally = Tally(Unit.INTERACTION)
    for seconds in range(10):
        tally.add(failed("ada", seconds, f"answered 503 in session {seconds}"))
        tally.add(an_attempt("ada", seconds))
    assert tally.since(after(4)) == (("answered 503 in session …", 6),)


def test_broken_attempts_say_nothing_about_the_service() -> None:
    tally = Tally(Unit.SUBJECT)
    tally.add(failed("ada", 1))
    tally.add(an_attempt("ada", 2, Outcome.BROKEN))
    assert tally.since(after(0)) == (("log in: answered 503", 1),)


def test_the_five_commonest_are_told_in_an_order_that_is_always_the_same() -> None:
    tally = Tally(Unit.INTERACTION)
    for word in "gfedcba":
        tally.add(failed("ada", 1, f"trouble {word}"))
    tally.add(failed("ada", 2, "trouble g"))
    assert [error for error, _ in tally.since(after(0))] == [f"trouble {word}" for word in "gabcd"]


def test_an_outage_without_end_takes_no_memory_without_end() -> None:
    tally = Tally(Unit.INTERACTION)
    for seconds in range(3 * MOST_KEPT):
        tally.add(failed("ada", seconds))
    assert tally.since(after(0)) == (("log in: answered 503", MOST_KEPT),)
