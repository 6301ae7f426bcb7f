"""The bar: exact at the outage line, and the line always there to see."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.dashboard.bar import MARK, bar
from omwatch.dashboard.paint import Ink, Line, width_of
from omwatch.domain.judge import Count, Interval, wilson

FULL = "█"


def drawn(failing: int, tried: int, width: int = 21, percent: int = 30) -> str:
    count = Count(failing, tried)
    return text(bar(count, wilson(count), percent, Ink.OUTAGE, width))


def text(line: Line) -> str:
    return "".join(piece.text for piece in line)


def test_exactly_at_the_line_the_left_part_is_full_and_the_right_part_empty() -> None:
    assert drawn(30, 100) == FULL * 6 + MARK + " " * 14


@pytest.mark.parametrize(("failing", "tried"), [(29, 100), (299, 1000), (2_999_999, 10_000_000)])
def test_just_below_the_line_the_left_part_is_never_full(failing: int, tried: int) -> None:
    below, _, above = drawn(failing, tried).partition(MARK)
    assert below != FULL * 6
    assert not above.strip()


def test_nothing_failing_fills_nothing() -> None:
    assert drawn(0, 50) == " " * 6 + MARK + " " * 14


def test_the_smallest_share_can_be_seen() -> None:
    assert drawn(1, 100_000).startswith("▏")


def test_everything_failing_fills_everything_but_the_mark() -> None:
    assert drawn(50, 50) == FULL * 6 + MARK + FULL * 14


def test_nothing_tried_draws_an_empty_bar_with_its_mark() -> None:
    line = bar(Count(0, 0), Interval(0.0, 100.0), 30, Ink.GATHERING, 21)
    assert text(line) == " " * 6 + MARK + " " * 14
    assert len({piece.ground for piece in line}) == 1


@given(tried=st.integers(0, 5000), share=st.floats(0, 1), percent=st.integers(1, 100), width=st.integers(3, 120))
def test_any_bar_is_as_wide_as_asked_and_has_one_mark(tried: int, share: float, percent: int, width: int) -> None:
    count = Count(int(tried * share), tried)
    line = bar(count, wilson(count), percent, Ink.OUTAGE, width)
    assert width_of(line) == width
    assert text(line).count(MARK) == 1


@given(tried=st.integers(1, 5000), share=st.floats(0, 1), percent=st.integers(1, 99))
def test_the_left_part_is_full_exactly_when_the_share_reaches_the_line(tried: int, share: float, percent: int) -> None:
    count = Count(int(tried * share), tried)
    below, _, _ = drawn(count.failing, count.tried, 51, percent).partition(MARK)
    assert (set(below) == {FULL}) == (count.failing > 0 and count.reaches(percent))


def test_the_mark_contrasts_with_what_is_filled_and_with_what_is_not() -> None:
    over, under = (
        next(piece for piece in bar(count, wilson(count), 30, Ink.OUTAGE, 21) if MARK in piece.text)
        for count in (Count(40, 50), Count(1, 50))
    )
    assert over.ink is Ink.BACKGROUND
    assert under.ink is Ink.FOREGROUND


def test_uncertainty_is_shaded_between_the_ends_of_the_interval() -> None:
    count = Count(20, 50)
    grounds = {piece.ground for piece in bar(count, wilson(count), 30, Ink.OUTAGE, 41)}
    assert len(grounds) == 4  # sure, likely, possible, and the track
