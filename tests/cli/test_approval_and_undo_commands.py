"""The second person, and taking a held notice back, by command."""

import re
from pathlib import Path

import pytest

from omwatch.cli import main
from tests.cli.running import Out, data, run

OPEN = ("incident", "open", "Log-in fails", "--text", "We look.", "--severity", "1", "--component", "Agent login")
MINOR = ("incident", "open", "Odd icons", "--text", "We look.", "--severity", "3", "--component", "Media bar")


@pytest.fixture
def home(tmp_path: Path, capsys: Out) -> str:
    """A home with one subscriber and one client, where anybody may be named, and eve only looks on."""
    assert main(["init", str(tmp_path)]) == 0
    assert main(["subscriber", "add", "ada@example.com", "--home", str(tmp_path)]) == 0
    assert main(["client", "add", "Globex", "--home", str(tmp_path)]) == 0
    rule(tmp_path, "[desk]\n", '[desk]\nallow_as = true\nviewers = ["eve"]\n')
    capsys.readouterr()
    return str(tmp_path)


@pytest.fixture
def two(home: str) -> str:
    """The same, where a system outage needs two persons."""
    rule(Path(home), "two_person = []", "two_person = [1]")
    return home


@pytest.fixture
def held(home: str) -> str:
    """The same, where a notice is held for five minutes."""
    rule(Path(home), 'hold = "0s"', 'hold = "5m"')
    return home


def rule(home: Path, old: str, new: str) -> None:
    file = home / "config.toml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


# --- the second person -------------------------------------------------------------------------------------------


def test_an_outage_waits_is_shown_and_is_given_with_its_clients(two: str, capsys: Out) -> None:
    said = run(capsys, two, *OPEN, "--client", "globex", "--as", "ada")
    assert said == "approval 1: another operator must agree, with 'omwatch approval give 1'\n"
    assert run(capsys, two, "incident", "list") == "no open incidents\n"
    listed = run(capsys, two, "approval", "list")
    assert listed.startswith("   1  severity 1  opens an incident: Log-in fails  asked by ada ")
    shown = run(capsys, two, "approval", "show", "1")
    assert shown.startswith("approval 1: waiting; opens an incident, severity 1 System outage\n  asked by ada ")
    assert "\n  affects Globex\n  Agent login: major outage\n\nLog-in fails\n\nWe look.\n\n" in shown
    assert shown.endswith("would reach 1 subscriber\n")
    assert run(capsys, two, "approval", "give", "1", "--as", "bob") == (
        "incident 1: update 1 published; 1 notice queued\n"
    )
    assert data(capsys, two, "incident", "show", "1")["clients"] == ["Globex"]
    assert run(capsys, two, "approval", "list") == "nothing waits for a second person\n"
    assert "approval 1: given; opens an incident" in run(capsys, two, "approval", "show", "1")


def test_what_waits_is_data_too(two: str, capsys: Out) -> None:
    done = data(capsys, two, *OPEN, "--as", "ada")
    assert (done["approval"], done["state"]) == (1, "waiting")
    (found,) = data(capsys, two, "approval", "list")
    assert (found["id"], found["state"], found["asked_by"]) == (1, "waiting", "ada")
    assert (found["suggestion"], found["incident"]) == (None, None)
    assert found["draft"]["severity"] == 1
    shown = data(capsys, two, "approval", "show", "1")
    assert shown == {**found, "recipients": 1}
    refused = {"approval": 1, "state": "refused", "why": "a drill"}
    assert data(capsys, two, "approval", "refuse", "1", "--why", "a drill") == refused


def test_nobody_agrees_with_oneself_and_a_viewer_with_nobody(two: str, capsys: Out) -> None:
    run(capsys, two, *OPEN, "--as", "ada")
    for preview in ((), ("--preview",)):
        said = run(capsys, two, "approval", "give", "1", "--as", "ada", *preview, status=1)
        assert said.startswith("omwatch: approval 1 is yours; another operator must agree")
        for words in (("give", "1", *preview), ("refuse", "1", "--why", "no")):
            assert "eve is a viewer here" in run(capsys, two, "approval", *words, "--as", "eve", status=1)
    assert len(data(capsys, two, "approval", "list")) == 1


def test_refusing_needs_a_reason(two: str, capsys: Out) -> None:
    run(capsys, two, *OPEN, "--as", "ada")
    assert "--why" in run(capsys, two, "approval", "refuse", "1", status=2)
    assert "the reason is empty" in run(capsys, two, "approval", "refuse", "1", "--why", " ", status=1)
    assert run(capsys, two, "approval", "refuse", "1", "--why", "a drill") == (
        "approval 1: refused; nothing is published\n"
    )
    assert "approval 1 is refused already" in run(capsys, two, "approval", "give", "1", "--as", "bob", status=1)


@pytest.mark.parametrize("words", [("show", "7"), ("give", "7"), ("refuse", "7", "--why", "x")])
def test_what_never_waited_is_refused(home: str, capsys: Out, words: tuple[str, ...]) -> None:
    why = "omwatch: there is no approval 7; 'omwatch approval list' shows those that wait\n"
    assert run(capsys, home, "approval", *words, status=1) == why


def test_a_preview_says_that_it_takes_two_and_asks_nobody(two: str, capsys: Out) -> None:
    said = run(capsys, two, *OPEN, "--preview")
    assert "severity 1 needs two operators: one publishes, another agrees\n" in said
    assert said.endswith("would reach 1 subscriber; nothing was published\n")
    assert data(capsys, two, *OPEN, "--preview")["two_persons"] is True
    assert data(capsys, two, "approval", "list") == []


def test_giving_can_be_previewed(two: str, capsys: Out) -> None:
    run(capsys, two, *OPEN, "--as", "ada")
    assert "We look." in run(capsys, two, "approval", "give", "1", "--as", "bob", "--preview")
    assert len(data(capsys, two, "approval", "list")) == 1


def test_an_upgrade_shows_its_incident_and_reason(two: str, capsys: Out) -> None:
    run(capsys, two, *MINOR)
    run(capsys, two, "incident", "regrade", "1", "1", "--why", "nobody can work", "--as", "ada")
    shown = run(capsys, two, "approval", "show", "1")
    assert "regrades incident 1, severity 1" in shown
    assert "  because nobody can work\n" in shown
    run(capsys, two, "incident", "resolve", "1")
    assert "approval 1: void; regrades incident 1" in run(capsys, two, "approval", "show", "1")


# --- undo --------------------------------------------------------------------------------------------------------


def test_a_held_update_is_taken_back(held: str, capsys: Out) -> None:
    said = run(capsys, held, *OPEN)
    assert said == "incident 1: update 1 published; 1 notice queued; held for 300 s, 'omwatch undo 1' takes it back\n"
    run(capsys, held, "incident", "regrade", "1", "2", "--why", "a workaround")
    shown = run(capsys, held, "incident", "show", "1")
    assert re.search(r"held for another \d+ (?:s|min); 'omwatch undo 2' takes it back", shown)
    said = run(capsys, held, "undo", "2")
    assert said == "update 2: taken back; incident 1 is identified, severity 1, as before\n"
    assert data(capsys, held, "incident", "show", "1")["severity"] == 1


def test_an_incident_goes_with_its_first_update(held: str, capsys: Out) -> None:
    run(capsys, held, *OPEN)
    assert (
        run(capsys, held, "undo", "1") == "update 1: taken back, and incident 1 with it; nobody gets a notice of it\n"
    )
    assert "there is no incident 1" in run(capsys, held, "incident", "show", "1", status=1)
    assert run(capsys, held, "deadline", "list") == "nothing is owed\n"


def test_an_undo_is_data_too(held: str, capsys: Out) -> None:
    run(capsys, held, *OPEN)
    run(capsys, held, "incident", "resolve", "1")
    found = data(capsys, held, "undo", "2")
    assert (found["event"], found["update"], found["stands"]["status"]) == (1, 2, "identified")
    assert data(capsys, held, "undo", "1") == {"event": 1, "update": 1, "stands": None}


def test_what_has_left_is_not_undone(home: str, capsys: Out) -> None:
    run(capsys, home, *OPEN)
    said = run(capsys, home, "undo", "1", status=1)
    assert said == "omwatch: update 1 has left already; correct it with another update\n"
    assert "there is no update 9" in run(capsys, home, "undo", "9", status=1)


def test_a_viewer_undoes_nothing(held: str, capsys: Out) -> None:
    run(capsys, held, *OPEN)
    assert "eve is a viewer here" in run(capsys, held, "undo", "1", "--as", "eve", status=1)
    assert len(data(capsys, held, "incident", "list")) == 1
