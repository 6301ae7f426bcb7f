"""``omwatch attempts export``: the history as lines, and the way back through ``omwatch replay``."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from omwatch.cli import main
from omwatch.clock import SystemClock
from omwatch.config.home import Home
from omwatch.domain.attempt import Attempt, Outcome
from omwatch.store import Store, attempts
from tests.domain.builders import after, an_attempt

NOW = SystemClock().now()


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["init", str(tmp_path)]) == 0
    capsys.readouterr()
    return tmp_path


def record(home: Path, *batch: Attempt) -> None:
    async def write() -> None:
        Home(home).make_data()
        store = await Store.open(Home(home).database)
        async with store.writing() as connection:
            await attempts.record(connection, batch)
        await store.close()

    asyncio.run(write())


def exported(capsys: pytest.CaptureFixture[str], home: Path, *words: str) -> list[dict[str, Any]]:
    assert main(["attempts", "export", "--home", str(home), *words]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_attempt_is_a_line_oldest_first(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(home, an_attempt("bob", 2.25, Outcome.FAILED), an_attempt("ada", 1, check="screen-pop", duration_ms=1.23456))
    assert exported(capsys, home) == [
        {
            "at": "2026-01-05T15:00:01Z",
            "check": "screen-pop",
            "subject": "ada",
            "outcome": "passed",
            "ms": 1.235,
            "error": "",
        },
        {
            "at": "2026-01-05T15:00:02.250000Z",
            "check": "agent-login",
            "subject": "bob",
            "outcome": "failed",
            "ms": 12.5,
            "error": "log in: answered 503",
        },
    ]


def test_a_history_longer_than_a_page_is_whole(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omwatch.cli.attempts._PAGE", 7)
    record(home, *(an_attempt(f"agent-{number:03}", number // 3) for number in range(50)))
    assert [item["subject"] for item in exported(capsys, home)] == [f"agent-{number:03}" for number in range(50)]


@pytest.mark.parametrize(
    ("since", "subjects"),
    [
        ("2h", ["new"]),
        ("7d", ["old", "new"]),
        ((NOW - timedelta(hours=1)).isoformat(), ["new"]),
        ("2020-01-01T00:00:00Z", ["old", "new"]),
    ],
    ids=["two hours", "a week", "an instant", "an old instant"],
)
def test_since_is_how_long_ago_or_an_instant(
    home: Path, capsys: pytest.CaptureFixture[str], since: str, subjects: list[str]
) -> None:
    for subject, ago in (("old", timedelta(days=2)), ("new", timedelta(minutes=1))):
        record(home, Attempt("agent-login", subject, NOW - ago, 5.0, Outcome.PASSED))
    assert [item["subject"] for item in exported(capsys, home, "--since", since)] == subjects


@pytest.mark.parametrize("since", ["yesterday", "2026-11-23T14:00:00", "-1h", ""])
def test_another_since_is_a_usage_error(home: Path, capsys: pytest.CaptureFixture[str], since: str) -> None:
    assert main(["attempts", "export", "--home", str(home), f"--since={since}"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert 'such as "24h" or "7d"' in said.err


def test_an_empty_history_is_no_lines(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exported(capsys, home) == []


def test_what_is_exported_can_be_replayed(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(home, *(an_attempt(f"agent-{number:02}", number / 5) for number in range(50)))
    assert main(["attempts", "export", "--home", str(home)]) == 0
    recording = tmp_path / "recording.jsonl"
    recording.write_text(capsys.readouterr().out)
    assert main(["replay", str(recording), "--home", str(home), "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert told[-1]["at"] < after(10).isoformat()
    assert (told[-1]["component"], told[-1]["severity"]) == ("Agent login", 4)
