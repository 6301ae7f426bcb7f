"""``omwatch replay``: a recording in, a timeline out."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from omwatch.cli import main
from omwatch.domain.attempt import Attempt, Outcome
from omwatch.domain.schedule import phase
from omwatch.watcher.recording import line_of
from tests.domain.builders import after

EVERY = 10.0


def recorded(check: str = "agent-login", noun: str = "agent", failing: int = 20) -> list[str]:
    """Return ten minutes of fifty subjects, of whom some fail from the third minute to the sixth."""
    names = sorted((phase(check, f"{noun}-{number:02}") * EVERY, number) for number in range(1, 51))
    lines = []
    for start in range(0, 600, int(EVERY)):
        for offset, number in names:
            failed = 180 <= start < 360 and number <= failing
            outcome, error = (Outcome.FAILED, "log in: answered 503") if failed else (Outcome.PASSED, "")
            attempt = Attempt(check, f"{noun}-{number:02}", after(start + offset), 200.0, outcome, error)
            lines.append(line_of(attempt))
    return lines


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return recorded()


@pytest.fixture
def recording(tmp_path: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "recording.jsonl"
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["init", str(tmp_path / "home")]) == 0
    capsys.readouterr()
    return tmp_path / "home"


def told(capsys: pytest.CaptureFixture[str], *words: object) -> list[dict[str, Any]]:
    assert main(["replay", *map(str, words), "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def suggestions(changes: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(item["type"], item["severity"]) for item in changes if item["type"] != "assessment"]


def test_an_outage_is_suggested_and_withdrawn(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes = told(capsys, recording, "--unit", "subject")
    assert suggestions(changes)[0] == ("open", 1)
    assert suggestions(changes)[-1][0] == "withdraw"
    opened = next(item for item in changes if item["type"] == "open")
    assert opened["components"] == ["Agent login"]
    assert after(180).isoformat() < opened["at"] < after(205).isoformat()
    assert 0 < opened["failing"] <= opened["tried"] <= 50
    assert "failed" in opened["reason"]


def test_assessments_say_what_a_live_watcher_would_say(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes = [item for item in told(capsys, recording, "--unit", "subject") if item["type"] == "assessment"]
    assert [item["severity"] for item in changes][:2] == [None, 4]
    worst = min((item for item in changes if item["severity"]), key=lambda item: item["severity"])
    assert (worst["component"], worst["name"], worst["trouble"]) == ("Agent login", "System outage", None)
    assert worst["errors"][0]["error"] == "log in: answered 503"


def test_people_get_a_line_for_each_change(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(recording)]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0].startswith("2026-01-05T15:00:")
    assert any("OPEN suggestion 1, severity 1: Agent login: " in line for line in lines)
    assert "judging by the defaults" in err
    assert err.endswith("3,000 attempts; no suggestions open at the end\n")


def test_without_a_config_interactions_are_counted(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes = told(capsys, recording)
    assert {item["reason"].split(" failed")[0].split()[-1] for item in changes if "failed" in item["reason"]} == {
        "attempts"
    }


def test_a_home_says_what_its_checks_count_and_are_called(
    recording: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = told(capsys, recording, "--home", home)
    assert suggestions(changes)[0] == ("open", 1)
    assert "of 50 agents failed" in "".join(item["reason"] for item in changes)


def test_thresholds_can_be_tried_out_in_another_file(
    recording: Path, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (home / "config.toml").read_text()
    assert "outage_percent = 30" in text
    tuned = tmp_path / "tuned.toml"
    tuned.write_text(text.replace("outage_percent = 30", "outage_percent = 60"))
    for words in (("--config", tuned, "--home", home), ("--config", tuned)):
        assert min(severity for _, severity in suggestions(told(capsys, recording, *words))) == 2


def test_a_wrong_config_is_told_by_its_own_name(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tuned = tmp_path / "tuned.toml"
    tuned.write_text("[judge]\noutage = 30\n")
    with pytest.raises(SystemExit) as ended:
        main(["replay", str(recording), "--config", str(tuned)])
    assert ended.value.code == 3
    assert capsys.readouterr().err.startswith("tuned.toml:2 judge.outage: unknown key; did you mean 'outage_percent'?")
    with pytest.raises(SystemExit):
        main(["replay", str(recording), "--config", str(tmp_path / "none.toml")])
    assert "none.toml" in capsys.readouterr().err


def test_checks_that_a_home_does_not_know_are_judged_by_the_defaults(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "other.jsonl"
    file.write_text("\n".join(recorded("voice-gateway", "call")))
    changes = told(capsys, file, "--home", home)
    assert changes[0]["component"] == "Voice gateway"
    assert suggestions(changes)[0] == ("open", 1)


def test_standard_input_is_read_too(
    lines: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))
    assert suggestions(told(capsys, "-"))[0] == ("open", 1)


def test_an_empty_file_is_an_empty_timeline(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_text("\n")
    assert told(capsys, file, "--home", tmp_path) == []


def test_a_bad_line_is_a_usage_error_with_its_place(
    tmp_path: Path, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(lines[0] + "\n" + lines[1].replace("passed", "okay") + "\n")
    assert main(["replay", str(file), "--home", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1] == (f'omwatch: {file}:2: outcome must be passed, failed or broken, found "okay"')


def test_bytes_that_are_no_text_do_no_harm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bytes.jsonl"
    file.write_bytes(b"\xff\xfe\x00{\n")
    assert main(["replay", str(file), "--home", str(tmp_path)]) == 2
    assert f"{file}:1: is not JSON" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(tmp_path / "none.jsonl"), "--home", str(tmp_path)]) == 1
    assert "cannot be read: No such file" in capsys.readouterr().err
