"""``omwatch deadline``: what is owed by when, and leaving on-call alone about it, on a real store."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from omwatch.cli import main
from omwatch.clock import SystemClock
from omwatch.config.home import Home
from omwatch.desk.deadlines import by_clock
from omwatch.desk.session import Session
from omwatch.domain.deadline import Deadline
from omwatch.domain.role import MACHINE
from omwatch.domain.severity import Severity
from omwatch.store import Store, audit, deadlines, suggestions
from tests.domain.builders import a_suggestion, an_evidence

Owe = Callable[..., None]


@pytest.fixture
def now() -> datetime:
    """Commands ask the real clock."""
    return SystemClock().now()


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["init", str(tmp_path)]) == 0
    capsys.readouterr()
    return str(tmp_path)


@pytest.fixture
def owe(home: str, now: datetime) -> Owe:
    """Let a suggestion have been opened so many minutes ago, and its response be owed."""

    async def write(minutes: float, severity: Severity, component: str) -> None:
        opened_at = now - timedelta(minutes=minutes)
        wanted = replace(a_suggestion(an_evidence(component, severity)), opened_at=opened_at)
        store = await Store.open(Home(Path(home)).database)
        async with store.writing() as connection:
            await suggestions.add(connection, wanted)
        await by_clock(Session(store, MACHINE, now))
        await store.close()

    def suggest(minutes: float, severity: Severity = Severity.OUTAGE, component: str = "Agent login") -> None:
        asyncio.run(write(minutes, severity, component))

    return suggest


def stored(home: str) -> tuple[list[Deadline], list[audit.Entry]]:
    async def read() -> tuple[list[Deadline], list[audit.Entry]]:
        store = await Store.open(Home(Path(home)).database)
        async with store.reading() as connection:
            found = await deadlines.open_ones(connection), await audit.latest(connection, 10)
        await store.close()
        return found

    return asyncio.run(read())


def listed(home: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main(["deadline", "list", "--json", "--home", home]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def test_all_that_is_owed_is_listed_the_earliest_first(
    home: str, owe: Owe, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    owe(1, Severity.IMPAIRMENT, "Chat routing")
    owe(27)
    owe(90, Severity.OUTAGE, "Screen pops")
    assert main(["deadline", "list", "--home", home]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  due ")[0] for line in lines] == [
        "   3  breached  severity 1  response for suggestion 3: Screen pops",
        "   2  at risk   severity 1  response for suggestion 2: Agent login",
        "   1  running   severity 2  response for suggestion 1: Chat routing",
    ]
    assert "overdue by 60 min; remediation open now" in lines[0]
    assert ", 3 min left; remediation open now" in lines[1]
    assert f"due {now + timedelta(minutes=3):%Y-%m-%d %H:%M} UTC (" in lines[1]
    assert ", 119 min left; remediation open" in lines[2]


def test_json_has_everything_in_it(home: str, owe: Owe, now: datetime, capsys: pytest.CaptureFixture[str]) -> None:
    owe(27)
    (found,) = listed(home, capsys)
    assert found["left_seconds"] == pytest.approx(180, abs=60)
    opens = datetime.fromisoformat(found.pop("remediation_opens_at"))
    assert opens - now < timedelta(minutes=2)
    del found["left_seconds"]
    since = now - timedelta(minutes=27)
    assert found == {
        "id": 1,
        "duty": "response",
        "about": "suggestion",
        "number": 1,
        "severity": 1,
        "since": since.isoformat().replace("+00:00", "Z"),
        "due_at": (since + timedelta(minutes=30)).isoformat().replace("+00:00", "Z"),
        "met_at": None,
        "state": "at risk",
        "snoozed_until": None,
        "title": "Agent login",
    }


def test_when_nothing_is_owed_it_says_so(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadline", "list", "--home", home]) == 0
    assert capsys.readouterr().out == "nothing is owed\n"
    assert listed(home, capsys) == []


def test_snoozing_leaves_on_call_alone_for_a_while(
    home: str, owe: Owe, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    owe(27)
    assert main(["deadline", "snooze", "1", "--for", "90m", "--home", home]) == 0
    said = capsys.readouterr().out
    assert said.startswith("deadline 1: on-call is not reminded of it before 20")
    ((found,), (entry, *_)) = stored(home)
    assert found.snoozed_until is not None
    assert timedelta(0) <= found.snoozed_until - now - timedelta(minutes=90) < timedelta(minutes=2)
    assert (entry.action, entry.noun, entry.noun_id) == ("snooze", "deadline", 1)
    assert main(["deadline", "list", "--home", home]) == 0
    assert "; snoozed until 20" in capsys.readouterr().out


def test_snoozing_as_json_prints_the_deadline(
    home: str, owe: Owe, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    owe(27)
    capsys.readouterr()
    assert main(["deadline", "snooze", "1", "--for", "1h", "--json", "--home", home]) == 0
    found = json.loads(capsys.readouterr().out)
    until = datetime.fromisoformat(found["snoozed_until"]).astimezone(UTC)
    assert (found["id"], found["state"]) == (1, "at risk")
    assert timedelta(0) <= until - now - timedelta(hours=1) < timedelta(minutes=2)


@pytest.mark.parametrize(
    ("words", "status", "reason"),
    [
        (["1", "--for", "soon"], 2, "'soon' is no span of time"),
        (["1", "--for", "-5m"], 2, "'-5m' is no span of time"),
        (["1"], 2, "--for"),
        (["one", "--for", "1h"], 2, "see 'omwatch deadline snooze --help'"),
        (["1", "--for", "25h"], 1, "for up to 24 h, such as 30m; nothing was changed"),
        (["1", "--for", "0s"], 1, "for up to 24 h, such as 30m; nothing was changed"),
        (["9", "--for", "1h"], 1, "there is no deadline 9; 'omwatch deadline list' shows those that are open"),
        (["1", "--for", "1h", "--as", "grace"], 2, "--as is not allowed here"),
    ],
)
def test_a_snooze_that_makes_no_sense_is_refused_with_what_to_write(
    home: str, owe: Owe, capsys: pytest.CaptureFixture[str], words: list[str], status: int, reason: str
) -> None:
    owe(27)
    assert main(["deadline", "snooze", *words, "--home", home]) == status
    assert reason in capsys.readouterr().err
    ((found,), _) = stored(home)
    assert found.snoozed_until is None


def test_a_viewer_may_look_and_not_snooze(home: str, owe: Owe, capsys: pytest.CaptureFixture[str]) -> None:
    owe(27)
    config = Path(home) / "config.toml"
    config.write_text(config.read_text().replace('default_role = "admin"', 'default_role = "viewer"'))
    assert len(listed(home, capsys)) == 1
    assert main(["deadline", "snooze", "1", "--for", "1h", "--home", home]) == 1
    assert "is a viewer here, and this needs an operator; nothing was changed" in capsys.readouterr().err
