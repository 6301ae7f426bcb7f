"""A command line that makes no sense ends with 2, and a sentence: what is wrong, what was found, where to read on."""

from pathlib import Path

import pytest

from omwatch.cli import main
from tests.cli.running import Out, run


@pytest.fixture
def home(tmp_path: Path, capsys: Out) -> str:
    assert main(["init", str(tmp_path)]) == 0
    capsys.readouterr()
    return str(tmp_path)


def complaint(capsys: Out, *words: str) -> str:
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


@pytest.mark.parametrize("written", ["1.5", "-1", "+1", "1e3", "0x1", "1_0", "one", "", " ", "\u0661"])
@pytest.mark.parametrize("words", [("incident", "show"), ("undo",), ("ticket", "show"), ("approval", "give")])
def test_a_number_is_written_in_digits_and_never_rounded(capsys: Out, words: tuple[str, ...], written: str) -> None:
    said = complaint(capsys, *words, written)
    name = "UPDATE" if words == ("undo",) else "NUMBER"
    assert (
        said == f"omwatch: {name} must be a whole number, found \"{written}\"; see 'omwatch {' '.join(words)} --help'\n"
    )


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("incident", "resolve", "1" * 19), "NUMBER"),
        (("ticket", "link", "1", "9" * 40), "INCIDENT"),
        (("audit", "--number", "9" * 19), "--number"),
        (("audit", "--limit", "9" * 19), "--limit"),
        (("judge", "1", "9" * 19), "TRIED"),
        (("maintenance", "schedule", "T", "--start", "now", "--component", "C", "--corrects", "9" * 19), "--corrects"),
    ],
)
def test_a_number_that_no_database_counts_to_is_no_traceback(capsys: Out, words: tuple[str, ...], name: str) -> None:
    assert complaint(capsys, *words).startswith(f"omwatch: {name} must have at most 18 digits, found ")


def test_the_longest_number_is_looked_for(home: str, capsys: Out) -> None:
    assert f"there is no incident {'9' * 18};" in run(capsys, home, "incident", "show", "9" * 18, status=1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("incident", "regrade", "1", "2"), "--why is missing; see 'omwatch incident regrade --help'"),
        (("incident", "regrade"), "NUMBER is missing; see 'omwatch incident regrade --help'"),
        (("incident", "list", "--home"), "--home needs a value; see 'omwatch incident list --help'"),
        (
            ("incident", "list", "--hom", "x"),
            "no option --hom; did you mean --home? See 'omwatch incident list --help'",
        ),
        (("undo", "1", "--colour"), "no option --colour; known here: --json, --as, --home; see 'omwatch undo --help'"),
        (("incident", "lst"), "no command 'incident lst'; did you mean 'list'? See 'omwatch incident --help'"),
        (
            ("subprocessor", "forget"),
            "no command 'subprocessor forget'; known here: announce, list; see 'omwatch subprocessor --help'",
        ),
        (("incidents",), "no command 'incidents'; did you mean 'incident'? See 'omwatch --help'"),
        (
            ("client", "edit", "A", "--support", "gold"),
            "--support must be standard or premium, found \"gold\"; see 'omwatch client edit --help'",
        ),
        (
            ("client", "edit", "A", "--rename", "B", "--rename", "C"),
            "--rename is given more than once, and takes one value; see 'omwatch client edit --help'",
        ),
        (
            ("sandbox", "fault", "agent-login", "--subjects", "many"),
            "--subjects must be a number, found \"many\"; see 'omwatch sandbox fault --help'",
        ),
        (("incident", "list", "all"), "too many words: all; see 'omwatch incident list --help'"),
    ],
)
def test_the_sentence_says_what_was_found_and_where_to_read_on(capsys: Out, words: tuple[str, ...], said: str) -> None:
    assert complaint(capsys, *words) == f"omwatch: {said}\n"


def test_the_options_of_some_commands_are_not_offered_for_others(capsys: Out) -> None:
    assert "--as" not in complaint(capsys, "incident", "list", "--jsno")


@pytest.mark.parametrize("word", ["\x1b]0;x\x07", "\x9b31m", "\u202etxt", "\udcff"])
def test_what_was_mistyped_is_repeated_without_its_escapes(capsys: Out, word: str) -> None:
    for words in ([word], ["incident", word], ["undo", word], ["incident", "list", f"--{word}"], ["undo", "1", word]):
        assert complaint(capsys, *words).removesuffix("\n").isprintable()
