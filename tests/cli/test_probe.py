"""Probes by hand: list, run and new."""

from pathlib import Path

import pytest

from omwatch.cli import main


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["init", str(tmp_path)]) == 0
    capsys.readouterr()
    return str(tmp_path)


def test_the_list_names_each_probe_with_its_checks(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "list", "--home", home]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["agent_login", "chat_routing", "email_routing", "screen_pop"]
    assert lines[0].endswith("[agent-login]")


def test_a_broken_probe_is_listed_with_its_line_and_the_others_stay(
    home: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (Path(home) / "probes" / "agent_login.py").write_text("import nonsense_that_is_not_there\n")
    assert main(["probe", "list", "--home", home]) == 1
    out = capsys.readouterr().out
    assert "broken       probes/agent_login.py:1: ModuleNotFoundError" in out
    assert "chat_routing" in out


def test_running_without_a_sandbox_is_our_own_fault_and_says_what_to_do(
    home: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["probe", "run", "agent-login", "--home", home]) == 1
    out = capsys.readouterr().out
    assert ": broken in" in out
    assert "start one with 'omwatch sandbox'" in out


def test_a_name_that_no_check_has_is_refused_with_the_names_there_are(
    home: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["probe", "run", "voicemail", "--home", home]) == 1
    assert "the checks are agent-login, screen-pop, chat-routing, email-routing" in capsys.readouterr().err


def test_zero_times_is_a_usage_error(home: str) -> None:
    assert main(["probe", "run", "agent-login", "--times", "0", "--home", home]) == 2


def test_a_new_probe_loads_and_never_overwrites(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "new", "voicemail", "--home", home]) == 0
    assert "[checks.voicemail]" in capsys.readouterr().out
    config = Path(home) / "config.toml"
    config.write_text(
        config.read_text() + '\n[checks.voicemail]\ncomponent = "Voicemail"\nbase_url = "http://127.0.0.1:9"\n'
    )
    assert main(["probe", "list", "--home", home]) == 0
    assert "voicemail" in capsys.readouterr().out
    assert main(["probe", "run", "voicemail", "--home", home]) == 1
    assert ": failed in" in capsys.readouterr().out
    assert main(["probe", "new", "voicemail", "--home", home]) == 1
    assert "is there already; nothing was changed" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["../evil", "Voice", "", "a-b"])
def test_a_name_that_is_no_function_name_is_a_usage_error(home: str, name: str) -> None:
    assert main(["probe", "new", name, "--home", home]) == 2
