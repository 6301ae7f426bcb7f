"""Whatever happens to the streams of a command, there is no traceback, and no data where talk belongs."""

import json
import os
import signal
import subprocess
import sys

import pytest

from omwatch.cli import main
from tests.dashboard.terminal import Terminal

COMMAND = [sys.executable, "-m", "omwatch"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A home with one incident whose title needs more than ASCII."""
    place = str(tmp_path_factory.mktemp("home"))
    assert main(["init", place]) == 0
    words = ["--text", "Größer – und größer", "--severity", "2", "--component", "Chat"]
    assert main(["incident", "open", "Störung – groß", *words, "--home", place]) == 0
    return place


def shell(line: str, home: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which ``omwatch`` is this one, in its home."""
    prelude = f'omwatch() {{ "{sys.executable}" -m omwatch "$@"; }}; cd {home}; '
    return subprocess.run(
        ["bash", "-c", prelude + line],  # noqa: S607
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize("line", ["omwatch incident list >&-", "omwatch nonsense >&-", "omwatch incident list 2>&-"])
def test_a_closed_stream_is_no_traceback(home: str, line: str) -> None:
    done = shell(line, home)
    assert "Traceback" not in done.stderr
    assert done.returncode == (2 if "nonsense" in line else 0)


@pytest.mark.parametrize("words", ["incident list", "incident show 1", "audit --json", "report"])
def test_a_disk_that_is_full_is_said_in_one_line(home: str, words: str) -> None:
    done = shell(f"omwatch {words} >/dev/full", home)
    assert done.stderr == "omwatch: the output cannot be written: No space left on device\n"
    assert done.returncode == 1


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_character_that_the_terminal_lacks_is_a_question_mark(home: str, encoding: str) -> None:
    done = shell("omwatch incident list", home, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, "")
    assert "rung ? gro" in done.stdout


def test_data_keeps_every_character_whatever_the_encoding(home: str) -> None:
    done = shell("omwatch incident list --json", home, PYTHONIOENCODING="ascii")
    assert done.stdout.isascii()
    assert json.loads(done.stdout)[0]["title"] == "Störung – groß"


@pytest.mark.parametrize("words", ["incident list", "incident show 1", "handover", "report", "audit", "status"])
def test_a_reader_that_leaves_early_hears_nothing(home: str, words: str) -> None:
    assert shell(f"omwatch {words} | exit 0", home).stderr == ""


def test_a_text_from_a_closed_input_is_empty(home: str) -> None:
    done = shell("omwatch incident update 1 --text - <&-", home)
    assert (done.returncode, done.stderr) == (1, "omwatch: the text is empty; nothing was changed\n")


def test_one_ctrl_c_ends_the_writing_of_a_text(home: str) -> None:
    with Terminal([*COMMAND, "incident", "update", "1", "--text", "-", "--home", home]) as terminal:
        terminal.until(lambda: b"Ctrl+D" in terminal.received)
        terminal.send(b"half a sente\x03")
        assert terminal.wait() == -signal.SIGINT


def test_lists_are_broken_between_words_on_a_terminal_only(home: str) -> None:
    words = ["incident", "list", "--home", home]
    with Terminal([*COMMAND, *words], size=(60, 24), environment={"COLUMNS": "60"}) as terminal:
        assert terminal.ended() == 0
        first, second = terminal.received.decode().split("\r\n")[:2]
    assert max(len(first), len(second)) <= 60
    whole = subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=True).stdout
    assert second.startswith("      ")
    assert f"{first} {second.lstrip()}".split() == whole.split()


def test_a_watcher_whose_reader_leaves_ends_without_a_word(home: str) -> None:
    done = shell("omwatch watch --json | head -n 1; exit ${PIPESTATUS[0]}", home)
    assert (done.returncode, done.stderr) == (141, "")
    assert json.loads(done.stdout)["type"] == "assessment"


@pytest.mark.parametrize("output", ["/dev/full", "&-"])
def test_a_watcher_whose_words_cannot_be_written_goes_on_watching(home: str, output: str) -> None:
    watching = f"{sys.executable} -m omwatch watch >{output} & watcher=$!; "
    judged = "omwatch status | grep -A 1 'watcher: alive' | grep -q 'since'"
    asking = f"for turn in {{1..20}}; do if {judged}; then break; fi; done; omwatch status; "
    done = shell(f"{watching}{asking}kill $watcher; wait $watcher; echo ended with $?", home)
    assert done.stdout.startswith("watcher: alive\n")
    assert done.stdout.endswith("\nended with 0\n")
    assert done.stderr == ""
