"""Whatever comes in, nothing that acts comes out."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omwatch.domain.safetext import clean, clean_block, is_clean

ANYTHING = st.text(st.one_of(st.characters(exclude_categories=[]), st.sampled_from("\t\r\n \x1b\u2028x")), max_size=400)
FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@settings(max_examples=200)
@given(text=ANYTHING, limit=st.integers(1, 100))
def test_a_clean_line_holds_nothing_forbidden_and_fits(text: str, limit: int) -> None:
    line = clean(text, limit)
    assert not {unicodedata.category(letter) for letter in line} & FORBIDDEN
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    line.encode()  # a lone surrogate would raise


@settings(max_examples=200)
@given(text=ANYTHING, limit=st.integers(1, 100))
def test_cleaning_twice_is_cleaning_once(text: str, limit: int) -> None:
    assert clean(clean(text, limit), limit) == clean(text, limit)


@settings(max_examples=200)
@given(text=ANYTHING, limit=st.integers(1, 100))
def test_a_clean_block_holds_nothing_forbidden_but_line_feeds_and_fits(text: str, limit: int) -> None:
    block = clean_block(text, limit)
    assert not {unicodedata.category(letter) for letter in block.replace("\n", "")} & FORBIDDEN
    assert len(block) <= limit
    assert clean_block(block, limit) == block


@given(text=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=300))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text.strip()


@pytest.mark.parametrize(
    ("text", "inert"),
    [
        ("\x1b]52;c;cm0gLXJmIC8=\x07", "␛]52;c;cm0gLXJmIC8=␇"),  # OSC 52: the clipboard
        ("\x1b]0;owned\x1b\\", "␛]0;owned␛\\"),
        ("\x1b[2J\x1b[31mred", "␛[2J␛[31mred"),
        ("\x9b31m\x9d0;x\x9c\x90q\x85", "�31m�0;x��q�"),  # C1
        ("in\u202enitrogol", "in�nitrogol"),  # bidi override
        ("\u2066a\u2069\u200fb", "�a��b"),
        ("pass\u200bword\ufeff\u00ad\u2060", "pass�word���"),  # zero width
        ("a\x00b\x08\x7f", "a␀b␈␡"),
        ("one\r\ntwo\rthree\nfour\tfive", "one two three four five"),
        ("one\u2028two\u2029three", "one�two�three"),
        ("one\x0btwo\x0cthree\x1cfour", "one␋two␌three␜four"),
        ("\ud800\ue000\U000e0041\U0010ffff", "����"),
        ("  räksmörgås 請安 🎉 ", "räksmörgås 請安 🎉"),
        ("", ""),
        ("\n\r\t ", ""),
    ],
)
def test_what_acts_becomes_its_picture(text: str, inert: str) -> None:
    assert clean(text) == inert


def test_a_cut_is_marked() -> None:
    assert clean("a" * 300) == "a" * 300
    assert clean("a" * 301) == "a" * 299 + "…"
    assert clean("abc def", 5) == "abc…"
    assert clean(" " * 50 + "late", 10) == "…"


def test_a_very_long_text_costs_no_more_than_its_limit() -> None:
    assert clean("x\n" * 10_000_000, 10) == "x x x x x…"


def test_a_block_keeps_its_lines_and_loses_what_hangs_over() -> None:
    assert clean_block("  one  \r\ntwo\t\rthree\n\n\nfour \n\n") == "one\ntwo\nthree\n\n\nfour"
    assert clean_block("a\tb") == "a    b"
    assert clean_block("\x1b[2Jone\n\u202etwo") == "␛[2Jone\n�two"


def test_tabs_cannot_make_a_block_longer_than_its_limit() -> None:
    assert len(clean_block("a\t" * 100, 50)) <= 50


@pytest.mark.parametrize(
    ("letter", "fine"), [("a", True), ("\x1b", False), ("\u202e", False), ("é", True), ("\n", False)]
)
def test_one_letter_is_clean_or_not(letter: str, *, fine: bool) -> None:
    assert is_clean(letter) is fine
