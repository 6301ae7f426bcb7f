"""Scripts can do what the dashboard's keys do: subscriber, suggestion and status, on a real store."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from omwatch.cli import main
from omwatch.config.home import Home
from omwatch.domain.judge import Count, Interval
from omwatch.domain.severity import Severity
from omwatch.domain.suggestion import Evidence, Suggestion, SuggestionState
from omwatch.store import Store, audit, suggestions

NOW = datetime(2026, 1, 5, 15, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["init", str(tmp_path)]) == 0
    capsys.readouterr()
    return str(tmp_path)


def suggest_an_outage(home: str) -> int:
    reason = "17 of 50 agents failed in the last round; 95 % interval 22–48 %"
    evidence = Evidence("Agent login", Severity.OUTAGE, Count(17, 50), Interval(22.4, 47.9), "agent", reason, NOW)
    wanted = Suggestion(0, SuggestionState.OPEN, Severity.OUTAGE, (evidence,), NOW, NOW)

    async def write() -> int:
        store = await Store.open(Home(Path(home)).database)
        async with store.writing() as connection:
            number = await suggestions.add(connection, wanted)
        await store.close()
        return number

    return asyncio.run(write())


def actions(home: str) -> list[str]:
    async def read() -> list[str]:
        store = await Store.open(Home(Path(home)).database)
        async with store.reading() as connection:
            entries = await audit.latest(connection, 10)
        await store.close()
        return [entry.action for entry in entries]

    return asyncio.run(read())


def test_an_address_is_added_once_and_listed(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["subscriber", "add", "ada@Example.com", "ada@example.com", "--home", home]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "ada@example.com: added",
        "ada@example.com: is a subscriber already",
    ]
    assert main(["subscriber", "list", "--json", "--home", home]) == 0
    assert [row["address"] for row in json.loads(capsys.readouterr().out)] == ["ada@example.com"]


def test_what_is_no_address_is_refused_with_the_reason(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["subscriber", "add", "ada\x1b]0;x", "--home", home]) == 1
    said = capsys.readouterr()
    assert "an e-mail address has an @" in said.err
    assert "\x1b" not in said.err


def test_confirming_makes_an_incident_with_a_notice_for_each_subscriber(
    home: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["subscriber", "add", "ada@example.com", "grace@example.com", "--home", home])
    number = suggest_an_outage(home)
    capsys.readouterr()
    assert main(["suggestion", "list", "--json", "--home", home]) == 0
    assert [row["id"] for row in json.loads(capsys.readouterr().out)] == [number]
    assert main(["suggestion", "confirm", str(number), "--title", "Agents cannot log in", "--home", home]) == 0
    assert capsys.readouterr().out == "incident 1: update 1 published; 2 notices queued\n"
    assert main(["status", "--json", "--home", home]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["suggestions"] == []
    assert [event["title"] for event in found["events"]] == ["Agents cannot log in"]
    assert found["deliveries"] == {"queued": 2}


def test_confirming_can_be_previewed(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["subscriber", "add", "ada@example.com", "--home", home])
    number = suggest_an_outage(home)
    capsys.readouterr()
    assert main(["suggestion", "show", str(number), "--home", home]) == 0
    assert capsys.readouterr().out.endswith("\n\nwould reach 1 subscriber\n")
    words = ["suggestion", "confirm", str(number), "--title", "Nobody logs in", "--text", "We look.", "--preview"]
    assert main([*words, "--home", home]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Incident – identified\n\nNobody logs in\n\nSeverity: System outage\n")
    assert said.endswith("\n\nWe look.\n\nwould reach 1 subscriber; nothing was published\n")
    assert actions(home) == ["add"]
    assert main(["suggestion", "confirm", str(number), "--text", "", "--home", home]) == 1
    assert "leave --text out to use the draft" in capsys.readouterr().err


def test_a_suggestion_is_confirmed_once_only(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    number = suggest_an_outage(home)
    assert main(["suggestion", "confirm", str(number), "--home", home]) == 0
    assert main(["suggestion", "confirm", str(number), "--home", home]) == 1
    assert f"suggestion {number} is confirmed already; nothing was changed" in capsys.readouterr().err
    assert actions(home) == ["confirm"]


def test_dismissing_needs_a_reason_and_keeps_it(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    number = suggest_an_outage(home)
    assert main(["suggestion", "dismiss", str(number), "--home", home]) == 2
    assert main(["suggestion", "dismiss", str(number), "--why", " ", "--home", home]) == 1
    assert main(["suggestion", "dismiss", str(number), "--why", "a drill", "--home", home]) == 0
    capsys.readouterr()
    assert main(["suggestion", "list", "--home", home]) == 0
    assert capsys.readouterr().out == "no open suggestions\n"
    assert actions(home) == ["dismiss"]


def test_a_suggestion_that_never_was_is_refused(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["suggestion", "confirm", "7", "--home", home]) == 1
    assert "there is no suggestion 7" in capsys.readouterr().err


def test_status_without_a_watcher_says_so_and_is_not_well(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--json", "--home", home]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["watcher"]["state"] == "absent"
    assert found["components"] == []


def no_folder(home: Home) -> None:
    home.data.rmdir()
    home.data.write_text("")


def no_database(home: Home) -> None:
    home.database.write_text("no database\n" * 100)


def a_folder(home: Home) -> None:
    home.database.mkdir()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (no_folder, "File exists"),
        (no_database, "file is not a database"),
        (a_folder, "unable to open database file"),
    ],
)
@pytest.mark.parametrize("words", [["status"], ["audit"], ["incident", "list"], ["undo", "1"], ["report"]])
def test_a_store_out_of_reach_is_refused_with_the_reason(
    home: str, capsys: pytest.CaptureFixture[str], words: list[str], spoil: Callable[[Home], None], why: str
) -> None:
    place = Home(Path(home))
    spoil(place)
    assert main([*words, "--home", home]) == 1
    said = f"omwatch: the store {place.database} cannot be used: {why}; nothing was changed\n"
    assert capsys.readouterr() == ("", said)


def test_a_store_that_somebody_else_holds_is_worth_another_try(
    home: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr("omwatch.store.migrate.current", locked)
    assert main(["undo", "1", "--home", home]) == 1
    assert capsys.readouterr().err.endswith("; nothing was changed; somebody else is writing, try again in a moment\n")


@pytest.mark.parametrize("words", [["status"], ["suggestion", "list"], ["subscriber", "list"], ["probe", "list"]])
def test_a_folder_that_is_no_home_is_exit_status_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--home", str(tmp_path)])
    assert ended.value.code == 3
    assert "no config.toml" in capsys.readouterr().err
