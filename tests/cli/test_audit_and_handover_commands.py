"""Who decided what, and what a new shift must know, by command."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from omwatch.cli import main
from omwatch.clock import SystemClock
from tests.cli.running import Out, run

OPEN = ("incident", "open", "Chats are lost", "--text", "We look.", "--severity", "1", "--component", "Chat routing")


@pytest.fixture
def home(tmp_path: Path, capsys: Out) -> str:
    """A home in which an incident was opened, graded anew and resolved, by three operators."""
    assert main(["init", str(tmp_path)]) == 0
    file = tmp_path / "config.toml"
    file.write_text(file.read_text().replace("[desk]\n", '[desk]\nallow_as = true\nviewers = ["eve"]\n'))
    place = str(tmp_path)
    for words in (
        ("subscriber", "add", "ada@example.com", "--as", "ada"),
        (*OPEN, "--as", "ada"),
        ("incident", "regrade", "1", "2", "--why", "a workaround", "--as", "bob"),
        ("incident", "resolve", "1", "--text", "Over\x1b[2J.", "--as", "grace"),
        ("incident", "edit", "3", "--text", "It is over.", "--as", "grace"),
    ):
        assert main([*words, "--home", place]) == 0
    capsys.readouterr()
    return place


@pytest.fixture
def fresh(tmp_path: Path, capsys: Out) -> str:
    assert main(["init", str(tmp_path)]) == 0
    capsys.readouterr()
    return str(tmp_path)


def decisions(capsys: Out, home: str, *words: str) -> list[str]:
    """Return the lines of the log without their instants, which must be of today."""
    lines = run(capsys, home, "audit", *words).splitlines()
    today = SystemClock().now()
    assert all(abs((today - datetime.fromisoformat(line[:19] + "Z")).total_seconds()) < 600 for line in lines)
    return [line[len("2026-01-05 15:00:00 UTC  ") :] for line in lines]


def test_decisions_take_a_line_each_newest_first_with_what_changed(home: str, capsys: Out) -> None:
    found = decisions(capsys, home)
    assert found[0] == "grace  edit update 3: text Over␛[2J. → It is over."
    assert found[1].startswith(
        "grace  resolve incident 1: status identified → resolved, "
        "components.Chat routing partial_outage → operational, ended_at 20"
    )
    assert found[2] == (
        "bob  regrade incident 1: severity 1 → 2, components.Chat routing major_outage → partial_outage, +update 2"
    )
    assert found[3].startswith("ada  open incident 1: title Chats are lost, severity 1, status identified, ")
    assert found[4].startswith("ada  add subscriber 1: address ada@example.com, ")
    assert len(found) == 5


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--limit", "2"), ["edit", "resolve"]),
        (("--operator", "ada"), ["open", "add"]),
        (("--noun", "incident"), ["resolve", "regrade", "open"]),
        (("--noun", "incident", "--number", "1", "--operator", "bob"), ["regrade"]),
        (("--number", "3"), ["edit"]),
        (("--since", "-1h", "--limit", "1"), ["edit"]),
        (("--since", "+1h"), []),
        (("--operator", "nobody"), []),
    ],
)
def test_decisions_are_found_by_who_what_and_when(
    home: str, capsys: Out, words: tuple[str, ...], found: list[str]
) -> None:
    lines = run(capsys, home, "audit", *words, "--json").splitlines()
    assert [json.loads(line)["action"] for line in lines] == found


def test_as_json_each_line_holds_everything_before_and_after(home: str, capsys: Out) -> None:
    (line,) = run(capsys, home, "audit", "--operator", "bob", "--json").splitlines()
    found: dict[str, Any] = json.loads(line)
    assert (found["operator"], found["action"], found["noun"], found["number"]) == ("bob", "regrade", "incident", 1)
    assert (found["before"]["severity"], found["after"]["severity"]) == (1, 2)
    assert found["after"]["updates"][1]["reason"] == "a workaround"
    assert found["at"].endswith("Z")


def test_an_empty_log_says_so_and_as_json_says_nothing(fresh: str, capsys: Out) -> None:
    assert run(capsys, fresh, "audit") == "no decisions yet\n"
    assert run(capsys, fresh, "audit", "--operator", "ada") == "no such decisions\n"
    assert run(capsys, fresh, "audit", "--json") == ""


@pytest.mark.parametrize("words", [("--limit", "0"), ("--limit", "many"), ("--since", "monday"), ("--number", "one")])
def test_what_makes_no_sense_ends_with_2(fresh: str, capsys: Out, words: tuple[str, ...]) -> None:
    assert run(capsys, fresh, "audit", *words, status=2).startswith("omwatch: ")


def test_a_viewer_may_read_both(home: str, capsys: Out) -> None:
    file = Path(home) / "config.toml"
    file.write_text(file.read_text().replace('default_role = "admin"', 'default_role = "viewer"'))
    assert len(decisions(capsys, home)) == 5
    assert run(capsys, home, "handover").startswith("Hand-over, ")


def test_reading_the_log_and_the_hand_over_writes_nothing(home: str, capsys: Out) -> None:
    before = decisions(capsys, home)
    run(capsys, home, "handover")
    assert decisions(capsys, home) == before


def test_a_confirmed_suggestion_is_told_as_the_incident_that_it_became(fresh: str, capsys: Out) -> None:
    for name in ("Acme", "Globex", "Initech"):
        run(capsys, fresh, "client", "add", name)
        run(capsys, fresh, "ticket", "report", name, "No chats", "--grade", "2", "--component", "Chat routing")
    run(capsys, fresh, "suggestion", "confirm", "1")
    (line,) = [line for line in decisions(capsys, fresh) if " confirm " in line]
    assert " confirm suggestion 1: title Chat routing: " in line
    assert "severity 2, status " in line


def test_the_hand_over_of_a_quiet_home_is_quiet(fresh: str, capsys: Out) -> None:
    said = run(capsys, fresh, "handover")
    assert "Nothing is owed.\n" in said
    assert len(said.splitlines()) == 12
    found = json.loads(run(capsys, fresh, "handover", "--json"))
    assert found.pop("watcher")["state"] == "absent"
    assert found.pop("at").endswith("Z")
    assert not any(found.values())
    assert list(found) == [
        *("incidents", "deadlines", "suggestions", "dismissed", "approvals", "maintenances", "tickets"),
        *("dead_deliveries", "failed_alarms"),
    ]


def test_the_hand_over_holds_what_goes_on(home: str, capsys: Out) -> None:
    run(capsys, home, *OPEN, "--since", "-10m")
    run(capsys, home, "client", "add", "Globex")
    run(capsys, home, "ticket", "report", "Globex", "No chats", "--grade", "2")
    run(capsys, home, "maintenance", "schedule", "New disks", "--start", "+2h", "--for", "1h", "--component", "Chat")
    said = run(capsys, home, "handover")
    assert "  2 severity 1 System outage, identified: Chats are lost\n" in said
    assert "60 min left" in said
    assert "New disks" in said
    assert "No chats (Globex)" in said
    assert all(len(line) <= 80 for line in said.splitlines())
    found = json.loads(run(capsys, home, "handover", "--json"))
    assert [item["id"] for item in found["incidents"]] == [2]
    assert {item["about"] for item in found["deadlines"]} == {"incident", "ticket"}
    assert [item["title"] for item in found["maintenances"]] == ["New disks"]
    assert [item["title"] for item in found["tickets"]] == ["No chats"]


@pytest.mark.parametrize("words", [("audit",), ("handover",)])
def test_a_folder_that_is_no_home_ends_with_3(tmp_path: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--home", str(tmp_path)])
    assert ended.value.code == 3
