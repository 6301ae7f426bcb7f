"""What ``--help`` says of every command: complete, in words for people, and nothing that cannot be meant."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import get_args

import pytest
from cyclopts import App

from omwatch.cli import app
from omwatch.cli.incident import Becomes
from omwatch.cli.incident_record import Begins
from omwatch.domain.event import TRANSITIONS, EventKind, EventStatus


def commands(group: App = app, *chain: str) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command there is."""
    for name in group:
        if not name.startswith("-"):
            yield (*chain, name)
            yield from commands(group[name], *chain, name)


def help_of(*words: str) -> str:
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "omwatch", *words, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def pages() -> dict[tuple[str, ...], str]:
    """The help of every command, read in one process."""
    code = (
        "import sys\n"
        "from omwatch.cli import main\n"
        "for line in sys.stdin.read().splitlines():\n"
        "    print('\\f' + line)\n"
        "    main([*line.split(), '--help'])\n"
    )
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    lines = "\n".join(" ".join(words) for words in commands())
    done = subprocess.run(
        [sys.executable, "-c", code], input=lines, capture_output=True, text=True, check=True, env=environment
    )
    found = (page.partition("\n") for page in done.stdout.split("\f")[1:])
    return {tuple(line.split()): page for line, _, page in found}


def test_every_command_has_help_that_fits_into_80_columns(pages: dict[tuple[str, ...], str]) -> None:
    assert set(pages) == set(commands())
    for page in pages.values():
        assert page.startswith("Usage: omwatch ")
        assert all(len(line.rstrip()) <= 80 for line in page.splitlines())


def test_every_argument_and_option_says_what_it_is_for(pages: dict[tuple[str, ...], str]) -> None:
    silent = re.compile(r"^│ (?:\* )?\s*(?:--)?[A-Za-z-]+(?: [A-Z]+(?:\.\.\.)?)?\s*(?:\[.*)?│$", re.MULTILINE)
    for words, page in pages.items():
        assert not silent.search(page), words


def test_defaults_are_told_as_people_write_them_and_only_where_they_say_something(
    pages: dict[tuple[str, ...], str],
) -> None:
    for page in pages.values():
        assert not re.search(r"\[default: (?:False|None|\"|\(|\[)", page)
    assert "[default: 60m]" in pages["maintenance", "schedule"]
    assert "[default: identified]" in pages["incident", "open"]


def test_no_option_is_offered_that_means_nothing(pages: dict[tuple[str, ...], str]) -> None:
    assert not any("--empty-" in page or "--no-json" in page for page in pages.values())


def test_only_the_statuses_that_an_incident_may_get_are_offered(pages: dict[tuple[str, ...], str]) -> None:
    legal = TRANSITIONS[EventKind.INCIDENT]
    assert set(get_args(Begins)) == legal[None]
    assert set(get_args(Becomes)) == set().union(*legal.values())
    for words in (("incident", "open"), ("incident", "update"), ("incident", "backfill")):
        assert not any(status.label in pages[words] for status in (EventStatus.SCHEDULED, EventStatus.ANNOUNCED))


def test_a_group_is_described_as_the_list_of_commands_does() -> None:
    page = " ".join(re.sub(r"[│╭╮╰╯─]", " ", help_of()).split())
    for words in (("hotfix",), ("client",), ("status",)):
        described = " ".join(help_of(*words).split("\n\n")[1].split())
        assert described in page
