"""Lines of values: cut, placed and merged without a screen."""

import pytest

from omwatch.dashboard.paint import (
    Ink,
    Line,
    Piece,
    cut,
    fitting,
    flowing,
    left,
    merged,
    right,
    spread,
    width_of,
    wrapped,
)


def text(line: Line) -> str:
    return "".join(piece.text for piece in line)


def test_a_line_that_fits_is_left_alone() -> None:
    line = (Piece("Agent login"),)
    assert cut(line, 11) is line


@pytest.mark.parametrize(
    ("words", "width", "expected"),
    [
        ("please try again in a while", 20, "please try again in…"),
        ("please try again in a while", 17, "please try again…"),
        ("unbreakable", 6, "unbre…"),
        ("anything", 1, "…"),
        ("anything", 0, ""),
        ("日本語の名前", 6, "日本…"),
    ],
)
def test_cutting_says_so_and_leaves_no_half_word(words: str, width: int, expected: str) -> None:
    assert text(cut((Piece(words),), width)) == expected


def test_columns_are_exactly_as_wide_as_asked() -> None:
    assert (text(left((Piece("ab"),), 4)), text(right((Piece("ab"),), 4))) == ("ab  ", "  ab")


def test_the_right_end_of_a_spread_line_is_never_cut_for_the_left() -> None:
    line = spread((Piece("a title that is far too long"),), (Piece("[c] confirm"),), 24)
    assert text(line).endswith("[c] confirm")
    assert width_of(line) == 24


def test_the_longest_wording_that_fits_is_chosen() -> None:
    wordings = [(Piece("20 of 50 agents failed"),), (Piece("20/50"),), (Piece("40 %"),)]
    assert text(fitting(wordings, 10)) == "20/50"
    assert text(fitting(wordings, 2)) == "4…"


def test_parts_flow_into_as_many_lines_as_they_need_and_stay_whole() -> None:
    parts = [(Piece(word),) for word in ("identified", "since 14:02", "3 sent")]
    assert [text(line) for line in flowing(parts, 24)] == ["identified · since 14:02", "3 sent"]


def test_long_prose_breaks_between_words_and_ends_with_an_ellipsis() -> None:
    lines = wrapped(Piece("one two three four five six"), 9, 2)
    assert [text(line) for line in lines] == ["one two", "three…"]


def test_neighbours_of_one_style_and_spaces_between_become_one_piece() -> None:
    line = (Piece("a", Ink.MUTED), Piece("  "), Piece("b", Ink.MUTED), Piece("c", Ink.OUTAGE))
    assert merged(line) == (Piece("a  b", Ink.MUTED), Piece("c", Ink.OUTAGE))


def test_spaces_on_another_ground_stay_apart() -> None:
    line = (Piece(" ", ground=Ink.LINE), Piece(" ", ground=Ink.OUTAGE))
    assert merged(line) == line
