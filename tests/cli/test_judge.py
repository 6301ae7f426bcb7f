"""``omwatch judge`` answers as the brief grades."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from omwatch.cli import main


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with nothing in it, to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def answer(capsys: pytest.CaptureFixture[str], words: Sequence[str]) -> dict[str, Any]:
    assert main(["judge", *words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize(
    ("words", "severity"),
    [
        (["30", "100", "--unit", "interaction"], 1),
        (["29", "100", "--unit", "interaction"], 2),
        (["1", "100", "--unit", "interaction"], 2),
        (["1", "50", "--unit", "subject"], 3),
        (["2", "50", "--unit", "subject"], 2),
        (["0", "50"], 4),
        (["15", "50", "--supporting"], 3),
        (["12", "45"], 2),
        (["3", "10"], 1),
    ],
)
def test_counts_are_graded_as_the_brief_says(
    capsys: pytest.CaptureFixture[str], words: list[str], severity: int
) -> None:
    assert answer(capsys, words)["severity"] == severity


def test_too_few_tried_give_no_verdict_and_exit_status_0(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, ["3", "5"])
    assert found["severity"] is None
    assert found["name"] == "gathering"
    assert found["respond_within"] is None


def test_the_answer_holds_the_figures_and_the_service_level(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, ["30", "100"])
    assert (found["percent"], found["low"], found["high"]) == (30.0, 21.9, 39.6)
    assert found["respond_within"] == "30 min"
    assert found["remediation"] == "24/7 until resolved"
    assert found["update_every"] == "60 min"


@pytest.mark.parametrize(
    ("count", "respond_within"), [(["29", "100"], "2 h"), (["1", "50"], "6 h"), (["0", "50"], "24 h")]
)
def test_each_severity_has_the_briefs_response_time(
    capsys: pytest.CaptureFixture[str], count: list[str], respond_within: str
) -> None:
    found = answer(capsys, count)
    assert found["respond_within"] == respond_within
    assert found["remediation"] == "06:00–16:00 America/New_York"
    assert found["update_every"] == "when material updates or progress is made"


def test_people_read_the_severity_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["judge", "12", "45"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Severity 2: Major impairment"
    assert lines[1] == "12 of 45 = 26.7 %, 95 % interval 16–41 %"


def make_home(folder: Path, config: str) -> None:
    (folder / "themes").mkdir(parents=True)
    (folder / "themes" / "dark.toml").write_text("")
    (folder / "config.toml").write_text(config)


OTHERWISE = """
[service_levels]
severity_2_respond_within = "90m"
severity_2_update_every = "4h"
opens = "08:00"
closes = "18:00"
zone = "Europe/Berlin"
days = ["mon", "tue", "wed", "thu", "fri"]
"""


def test_without_a_home_the_briefs_service_levels_hold(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, ["12", "45"])
    assert found["respond_within"] == "2 h"
    assert found["remediation"] == "06:00–16:00 America/New_York"
    assert list(home.iterdir()) == []


def test_a_homes_own_service_levels_go_before_the_briefs(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_home(home / "elsewhere", OTHERWISE)
    found = answer(capsys, ["12", "45", "--home", "elsewhere"])
    assert found["respond_within"] == "90 min"
    assert found["remediation"] == "08:00–18:00 Europe/Berlin, Monday to Friday"
    assert found["update_every"] == "4 h"


def test_people_read_what_the_working_folders_home_owes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_home(home, OTHERWISE)
    assert main(["judge", "12", "45"]) == 0
    assert capsys.readouterr().out.splitlines()[2:] == [
        "Respond within  90 min",
        "Remediation     08:00–18:00 Europe/Berlin, Monday to Friday",
        "Updates         4 h",
    ]


def test_a_homes_mistakes_are_shown_instead_of_an_answer(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_home(home, '[service_levels]\nopens = "6am"\n')
    with pytest.raises(SystemExit) as ended:
        main(["judge", "12", "45"])
    assert ended.value.code == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("config.toml:2 service_levels.opens: must be a time of day")


@pytest.mark.parametrize("words", [["9", "5"], ["-1", "5"], ["x", "5"], ["1"], ["1", "20", "--unit", "week"]])
def test_counts_that_make_no_sense_are_a_usage_error(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main(["judge", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err
