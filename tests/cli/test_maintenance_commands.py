"""Maintenance, hotfixes and subprocessor notices by commands alone."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from omwatch.cli import main

WINDOW = ["--start", "+2h", "--for", "90m", "--component", "Agent login"]
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def home(tmp_path: Path, capsys: Captured) -> str:
    assert main(["init", str(tmp_path)]) == 0
    assert main(["subscriber", "add", "ada@example.com", "bob@example.com", "--home", str(tmp_path)]) == 0
    capsys.readouterr()
    return str(tmp_path)


def said(capsys: Captured, home: str, *words: str, status: int = 0) -> str:
    """Run a command and return what it prints; what it refuses, without its "omwatch: "."""
    found = main([*words, "--home", home])
    captured = capsys.readouterr()
    assert found == status, captured.err
    return captured.out if status == 0 else captured.err.removeprefix("omwatch: ")


def data(capsys: Captured, home: str, *words: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads(said(capsys, home, *words, "--json"))


def scheduled(capsys: Captured, home: str, *words: str) -> int:
    return int(data(capsys, home, "maintenance", "schedule", "Upgrade", *WINDOW, *words)["event"])


# --- maintenance -------------------------------------------------------------------------------------------------


def test_a_maintenance_runs_its_course_by_commands_alone(home: str, capsys: Captured) -> None:
    done = said(capsys, home, "maintenance", "schedule", "Upgrade", *WINDOW)
    assert done == "maintenance 1: update 1 published; 2 notices queued\n"
    for act, status in (("start", "in_progress"), ("verify", "verifying"), ("complete", "completed")):
        assert "2 notices queued" in said(capsys, home, "maintenance", act, "1", "--text", f"Now {act}.")
        shown = data(capsys, home, "maintenance", "show", "1")
        assert (shown["status"], shown["updates"][-1]["text"]) == (status, f"Now {act}.")
    assert said(capsys, home, "maintenance", "list") == "no maintenance goes on or lies ahead\n"
    assert "completed" in said(capsys, home, "maintenance", "list", "--all")
    assert "stays so" in said(capsys, home, "maintenance", "start", "1", status=1)


def test_all_that_was_planned_is_shown(home: str, capsys: Captured) -> None:
    now = datetime.now(UTC)  # noqa: TID251 - the command reads the real clock
    words = ["--kind", "code-elevation", "--by-clock", "start", "--remind", "24h", "--remind", "60m"]
    number = scheduled(capsys, home, "--component", "Chat routing", *words)
    shown = data(capsys, home, "maintenance", "show", str(number))
    assert shown["components"] == {"Agent login": "operational", "Chat routing": "operational"}
    assert shown["maintenance"] == {
        "kind": "code elevation",
        "by_clock": "start",
        "remind_before_seconds": [86_400, 3600],
        "corrects": None,
        "series": None,
    }
    starts_at, ends_at = (datetime.fromisoformat(shown[name]) for name in ("starts_at", "ends_at"))
    assert ends_at - starts_at == timedelta(minutes=90)
    assert timedelta(hours=2) <= starts_at - now < timedelta(hours=2, minutes=5)
    page = said(capsys, home, "maintenance", "show", str(number))
    assert "reminders   24 h, 60 min before its start" in page
    assert "We have scheduled a code elevation of Agent login and Chat routing." in page
    assert "(code elevation, completed by hand)" in said(capsys, home, "maintenance", "list")


def test_a_page_tells_each_update_with_its_number_and_how_many_have_heard_of_it(home: str, capsys: Captured) -> None:
    number = str(scheduled(capsys, home))
    said(capsys, home, "maintenance", "cancel", number, "--why", "the vendor is late", "--text", "Not\n\ntoday.")
    said(capsys, home, "incident", "edit", "2", "--text", "Not\n\ntonight.")
    page = said(capsys, home, "maintenance", "show", number)
    assert "  scheduled  by " in page
    assert "  update 1: 2 queued\n" in page
    assert "  update 2: 2 queued\n  corrected 20" in page
    assert page.endswith("  because the vendor is late\n  Not\n\n  tonight.\n")


@pytest.mark.parametrize(
    "words",
    [
        ["maintenance", "schedule", "Upgrade", *WINDOW],
        ["maintenance", "start", "1"],
        ["maintenance", "update", "1"],
        ["maintenance", "reschedule", "1", "--end", "+9h"],
        ["maintenance", "cancel", "1", "--why", "x"],
        ["hotfix", "publish", "A fix"],
        ["subprocessor", "announce", "Acme", "--purpose", "x", "--effective", "2036-12-24"],
    ],
)
def test_every_text_may_come_from_standard_input(
    home: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    scheduled(capsys, home)
    for given, options in ((b"- one\n- two", ["--text", "-"]), (b"", ["--text", "- one\n- two"])):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
        found = data(capsys, home, *words, *options, "--preview")["preview"]
        assert found["update"]["text"] == "- one\n- two"
    assert "--text needs a text, found the option '--json'" in said(capsys, home, *words, "--text", "--json", status=2)


def test_local_times_are_those_of_the_configured_zone(home: str, capsys: Captured) -> None:
    times = ["--start", "2036-07-01 22:00", "--end", "2036-07-01T23:30-04:00"]
    assert main(["maintenance", "schedule", "Late", *times, "--component", "Chat routing", "--home", home]) == 0
    assert "2036-07-02 02:00–03:30 UTC (22:00–23:30 EDT on 1 Jul)" in said(capsys, home, "maintenance", "list")


def test_a_preview_shows_the_notice_and_how_many_it_reaches_and_keeps_nothing(home: str, capsys: Captured) -> None:
    shown = said(capsys, home, "maintenance", "schedule", "Upgrade", *WINDOW, "--preview")
    assert shown.startswith("Maintenance – scheduled\n\nUpgrade\n\nFrom: ")
    assert "We have scheduled maintenance of Agent login." in shown
    assert shown.endswith("would reach 2 subscribers; nothing was published\n")
    assert data(capsys, home, "maintenance", "schedule", "Upgrade", *WINDOW, "--preview")["recipients"] == 2
    assert data(capsys, home, "maintenance", "list", "--all") == []
    number = str(scheduled(capsys, home))
    assert "is cancelled" in said(capsys, home, "maintenance", "cancel", number, "--why", "no", "--preview")
    assert data(capsys, home, "maintenance", "show", number)["status"] == "scheduled"


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["--start", "+2h", "--component", "Chat routing"], 2, "say when it ends, with --end"),
        ([*WINDOW, "--end", "+4h"], 2, "say when it ends, with --end"),
        (["--start", "2026-03-08 02:30", "--for", "2h", "--component", "Chat routing"], 2, "is skipped by a daylight"),
        (["--start", "soon", "--for", "2h", "--component", "Chat routing"], 2, "'soon' is no time"),
        ([*WINDOW, "--remind", "early"], 2, "'early' is no span of time"),
        ([*WINDOW, "--remind", "-5m"], 2, "'-5m' is no span of time"),
        ([*WINDOW, "--remind", "1h", "--remind", "none"], 2, "--remind none is given together with others"),
        (["--start", "+2h", "--for", "-2h", "--component", "Chat routing"], 2, "'-2h' is no span of time"),
        (["--start", "-3h", "--for", "2h", "--component", "Chat routing"], 1, "lies in the past"),
        ([*WINDOW, "--text", " "], 1, "leave --text out to use the draft"),
        ([*WINDOW, "--kind", "surprise"], 2, '--kind must be planned, corrective or code-elevation, found "surprise"'),
        (["--start", "+2h", "--for", "2h"], 2, "--component"),
        (["--start", "2020-01-01 10:00", "--for", "2h", "--component", "Chat routing"], 1, "lies in the past"),
        ([*WINDOW, "--corrects", "9"], 1, "there is no incident 9"),
        ([*WINDOW, "--repeat", "FREQ=HOURLY"], 1, "repeats more often than daily"),
    ],
)
def test_what_cannot_be_scheduled_is_refused_with_what_to_write(
    home: str, capsys: Captured, words: list[str], status: int, says: str
) -> None:
    assert says in said(capsys, home, "maintenance", "schedule", "Upgrade", *words, status=status)
    assert data(capsys, home, "maintenance", "list", "--all") == []


def test_no_reminder_is_a_choice(home: str, capsys: Captured) -> None:
    number = scheduled(capsys, home, "--remind", "none")
    assert data(capsys, home, "maintenance", "show", str(number))["maintenance"]["remind_before_seconds"] == []


def test_a_maintenance_is_moved_held_spoken_of_and_cancelled(home: str, capsys: Captured) -> None:
    number = str(scheduled(capsys, home))
    before = data(capsys, home, "maintenance", "show", number)
    assert data(capsys, home, "maintenance", "reschedule", number, "--start", "+5h")["event"] == int(number)
    after = data(capsys, home, "maintenance", "show", number)
    assert after["starts_at"] > before["starts_at"]
    assert said(capsys, home, "maintenance", "automate", number, "none") == f"maintenance {number}: by clock: none\n"
    assert data(capsys, home, "maintenance", "automate", number, "start")["maintenance"]["by_clock"] == "start"
    assert "published" in said(capsys, home, "maintenance", "update", number, "--text", "All is ready.")
    assert "say what moves" in said(capsys, home, "maintenance", "reschedule", number, status=2)
    assert "published" in said(capsys, home, "maintenance", "cancel", number, "--why", "the vendor is late")
    last = data(capsys, home, "maintenance", "show", number)["updates"][-1]
    assert (last["status"], last["reason"]) == ("cancelled", "the vendor is late")


def test_a_series_is_listed_with_its_rule_and_ended(home: str, capsys: Captured) -> None:
    scheduled(capsys, home, "--repeat", "FREQ=DAILY")
    assert data(capsys, home, "maintenance", "list")[0]["repeat"] == "FREQ=DAILY"
    assert "(recurs)" in said(capsys, home, "maintenance", "list")
    assert "recurs      FREQ=DAILY" in said(capsys, home, "maintenance", "show", "1")
    said(capsys, home, "maintenance", "cancel", "1", "--why", "holidays")
    assert [item["id"] for item in data(capsys, home, "maintenance", "list")] == [2]
    preview = said(capsys, home, "maintenance", "cancel", "2", "--series", "--why", "no need", "--preview")
    assert "is cancelled" in preview
    assert said(capsys, home, "maintenance", "cancel", "2", "--series", "--why", "no need").splitlines() == [
        "maintenance 2: update 4 published; 2 notices queued",
        "the series of maintenance 2 has ended",
    ]
    assert data(capsys, home, "maintenance", "list") == []
    assert "has ended already" in said(
        capsys, home, "maintenance", "cancel", "2", "--series", "--why", "no need", status=1
    )


def test_ending_a_series_prints_what_was_cancelled_as_json(home: str, capsys: Captured) -> None:
    scheduled(capsys, home, "--repeat", "FREQ=DAILY")
    (cancelled,) = data(capsys, home, "maintenance", "cancel", "1", "--series", "--why", "no need")
    assert (cancelled["event"], cancelled["recipients"]) == (1, 2)


# --- hotfixes and subprocessors ----------------------------------------------------------------------------------


def test_a_hotfix_is_published_as_a_postmortem_and_listed(home: str, capsys: Captured) -> None:
    assert said(capsys, home, "hotfix", "list") == "no hotfixes yet\n"
    words = ["hotfix", "publish", "Chat fix", "--text", "Chats keep their order.", "--component", "Chat routing"]
    assert said(capsys, home, *words, "--preview").startswith("Hotfix – postmortem\n\nChat fix\n")
    assert said(capsys, home, *words) == "hotfix 1: update 1 published; 2 notices queued\n"
    (hotfix,) = data(capsys, home, "hotfix", "list")
    assert (hotfix["status"], hotfix["components"]) == ("postmortem", {"Chat routing": "operational"})
    assert said(capsys, home, "hotfix", "list").endswith("Chat routing  Chat fix\n")


def test_a_subprocessor_is_announced_to_its_own_topic_and_listed(home: str, capsys: Captured) -> None:
    assert said(capsys, home, "subprocessor", "list") == "no subprocessor notices yet\n"
    words = ["subprocessor", "announce", "Acme", "--purpose", "hosting", "--effective", "2036-12-24"]
    assert "would reach 0 subscribers" in said(capsys, home, *words, "--preview")
    said(capsys, home, "subscriber", "add", "eve@example.com", "--topic", "subprocessor")
    more = ["--location", "Ireland", "--replaces", "Old Inc"]
    assert said(capsys, home, *words, *more) == "subprocessor notice 1: update 1 published; 1 notice queued\n"
    (notice,) = data(capsys, home, "subprocessor", "list")
    assert notice["subprocessor"] == {
        "name": "Acme",
        "purpose": "hosting",
        "effective_on": "2036-12-24",
        "location": "Ireland",
        "replaces": "Old Inc",
    }
    assert said(capsys, home, "subprocessor", "list") == (
        "   1  from 2036-12-24  Acme  hosting  Ireland  replaces Old Inc\n"
    )


@pytest.mark.parametrize(
    ("day", "status", "says"),
    [("tomorrow", 2, "'tomorrow' is no day; write it like 2026-12-24"), ("2020-01-01", 1, "lies in the past")],
)
def test_a_day_that_makes_no_sense_is_refused(home: str, capsys: Captured, day: str, status: int, says: str) -> None:
    words = ["subprocessor", "announce", "Acme", "--purpose", "hosting", "--effective", day]
    assert says in said(capsys, home, *words, status=status)


# --- all of them -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["maintenance", "schedule", "Upgrade", *WINDOW],
        ["maintenance", "start", "1"],
        ["maintenance", "verify", "1"],
        ["maintenance", "complete", "1"],
        ["maintenance", "update", "1", "--text", "x"],
        ["maintenance", "cancel", "1", "--why", "x"],
        ["maintenance", "cancel", "1", "--why", "x", "--series"],
        ["maintenance", "reschedule", "1", "--end", "+9h"],
        ["maintenance", "automate", "1", "none"],
        ["hotfix", "publish", "A fix", "--text", "x"],
        ["subprocessor", "announce", "Acme", "--purpose", "x", "--effective", "2036-12-24"],
    ],
)
def test_a_viewer_decides_nothing(
    home: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    scheduled(capsys, home)
    monkeypatch.setenv("OMWATCH_DESK__DEFAULT_ROLE", "viewer")
    assert "is a viewer here" in said(capsys, home, *words, status=1)
