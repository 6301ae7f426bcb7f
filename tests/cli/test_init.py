"""``omwatch init``: make a home, and never overwrite anything."""

from pathlib import Path

import pytest

from omwatch.cli import main

SHIPPED = {
    "config.toml",
    "probes/agent_login.py",
    "probes/chat_routing.py",
    "probes/email_routing.py",
    "probes/screen_pop.py",
    "themes/dark.toml",
    "themes/light.toml",
}


def files_in(home: Path) -> set[str]:
    return {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}


def test_it_writes_a_home_that_check_finds_fine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "noc home"
    assert main(["init", str(home)]) == 0
    said = capsys.readouterr().out
    assert files_in(home) == SHIPPED
    assert all(f"wrote {home / name}" in said for name in SHIPPED)
    assert f"omwatch --home '{home}' " in said
    assert main(["check", "--home", str(home)]) == 0


def test_it_makes_the_working_folder_a_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    assert files_in(tmp_path) == SHIPPED
    assert "wrote config.toml" in capsys.readouterr().out


def test_it_leaves_what_is_there_alone_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.toml").write_text("mine")
    assert main(["init", "--home", str(tmp_path)]) == 0
    assert (tmp_path / "config.toml").read_text() == "mine"
    said = capsys.readouterr().out
    assert f"kept  {tmp_path / 'config.toml'}, which was there already" in said
    assert f"wrote {tmp_path / 'probes/agent_login.py'}" in said


def test_a_file_in_the_way_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "home").write_text("mine")
    assert main(["init", str(tmp_path / "home")]) == 1
    assert capsys.readouterr().err == (
        f"omwatch: {tmp_path / 'home'} is in the way: a folder must be there; nothing was overwritten\n"
    )
    assert (tmp_path / "home").read_text() == "mine"


def test_a_file_in_place_of_a_folder_of_the_home_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").write_text("mine")
    assert main(["init", str(tmp_path)]) == 1
    assert f"omwatch: {tmp_path / 'data'} is in the way" in capsys.readouterr().err
    assert (tmp_path / "data").read_text() == "mine"


def test_too_many_words_are_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "a"), str(tmp_path / "b")]) == 2
    assert "see 'omwatch init --help'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
