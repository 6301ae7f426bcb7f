"""``omwatch check``, and what every command does with a wrong configuration or a wrong command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from omwatch.cli import main
from omwatch.cli.common import load_home


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["init", str(tmp_path)]) == 0
    capsys.readouterr()
    return tmp_path


def append(home: Path, text: str) -> int:
    """Add to config.toml and return the line that the text begins on."""
    config = home / "config.toml"
    line = config.read_text().count("\n") + 1
    config.write_text(config.read_text() + text)
    return line


def test_a_home_in_order_is_fine(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--home", str(home)]) == 0
    assert capsys.readouterr() == (
        "config.toml: fine (4 checks)\nprobes: fine (4 probes)\nthemes: fine (2 themes)\n",
        "",
    )


def test_every_problem_of_config_probes_and_themes_is_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = append(home, 'evry = "10s"\n')
    (home / "probes" / "torn.py").write_text("x = 1\nraise RuntimeError('torn')\n")
    (home / "themes" / "mine.toml").write_text("dark = 3\n")
    assert main(["check", "--home", str(home)]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[:3] == [
        f"config.toml:{line} checks.email-routing.evry: unknown key; did you mean 'every'?",
        "probes/torn.py:2: RuntimeError: torn",
        "themes/mine.toml:1 dark: must be true or false, found 3; for example true",
    ]


def test_a_broken_probe_alone_is_a_problem(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "probes" / "agent_login.py").write_text("import nothing_of_that_name\n")
    assert main(["check", "--home", str(home)]) == 3
    assert capsys.readouterr().err == (
        "probes/agent_login.py:1: ModuleNotFoundError: No module named 'nothing_of_that_name'\n"
    )


def test_a_warning_is_shown_and_all_is_fine(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = append(home, 'password = "hunter2"\n')
    assert main(["check", "--home", str(home)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("config.toml: fine")
    assert err.startswith(f"warning: config.toml:{line} checks.email-routing.password: a secret, in plain text;")
    assert "hunter2" not in err


def test_a_check_that_could_never_be_judged_is_a_warning(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = home / "config.toml"
    config.write_text(config.read_text().replace("population = 50", "population = 5"))
    assert main(["check", "--home", str(home)]) == 0
    assert capsys.readouterr().err == (
        "warning: config.toml checks.agent-login.population: 5 subjects are fewer than the minimum of 10, "
        "so it is never judged; set its minimum to 5\n"
    )


def test_json_says_the_same_on_stdout(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = append(home, 'evry = "10s"\n')
    assert main(["check", "--home", str(home), "--json"]) == 3
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out) == {
        "problems": [
            {
                "where": f"config.toml:{line}",
                "key": "checks.email-routing.evry",
                "message": "unknown key; did you mean 'every'?",
            }
        ],
        "warnings": [],
        "checks": [],
        "probes": ["agent_login", "chat_routing", "email_routing", "screen_pop"],
        "templates": [],
        "themes": ["dark", "light"],
    }


def test_a_folder_that_is_no_home_says_how_to_make_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--home", str(tmp_path)]) == 3
    hint = f"no config.toml in {tmp_path}; make a home with 'omwatch init {tmp_path}'\n"
    assert capsys.readouterr().err == hint


def test_the_environment_is_checked_too(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMWATCH_PAGE__NAEM", "us")
    assert main(["check", "--home", str(home)]) == 3
    assert capsys.readouterr().err == "OMWATCH_PAGE__NAEM page.naem: unknown key; did you mean 'name'?\n"


def test_other_commands_stop_at_a_wrong_configuration_with_every_problem(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = append(home, 'evry = "10s"\npopulaton = 3\n')
    with pytest.raises(SystemExit) as stopped:
        load_home(home)
    assert stopped.value.code == 3
    assert capsys.readouterr().err == (
        f"config.toml:{line} checks.email-routing.evry: unknown key; did you mean 'every'?\n"
        f"config.toml:{line + 1} checks.email-routing.populaton: unknown key; did you mean 'population'?\n"
    )


def test_templates_are_counted_where_there_are_any(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--home", str(home)]) == 0
    assert "templates" not in capsys.readouterr().out
    (home / "templates").mkdir(exist_ok=True)
    (home / "templates" / "incident-opened.txt").write_text("{{ default }}")
    assert main(["check", "--home", str(home)]) == 0
    assert "templates: fine (1 template)\n" in capsys.readouterr().out


def test_a_broken_probe_stops_no_command(home: Path) -> None:
    (home / "probes" / "agent_login.py").write_text("import nothing_of_that_name\n")
    _, config, discovery = load_home(home)
    assert config.checks["agent-login"].settings is None
    assert config.checks["screen-pop"].settings is not None
    assert list(discovery.troubles) == ["agent_login"]


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (["chekc"], "omwatch: no command 'chekc'; did you mean 'check'? See 'omwatch --help'\n"),
        (["check", "it"], "omwatch: too many words: it; see 'omwatch check --help'\n"),
        (["check", "--jsn"], "omwatch: no option --jsn; did you mean --json? See 'omwatch check --help'\n"),
    ],
)
def test_a_wrong_command_line_exits_with_2(tokens: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(tokens) == 2
    assert capsys.readouterr() == ("", said)


def test_ctrl_c_exits_with_130(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("omwatch.config.load.load", interrupt)
    assert main(["check", "--home", str(home)]) == 130


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from omwatch.cli import main\n"
        "status = main(['--help'])\n"
        "heavy = {'pydantic', 'sqlalchemy', 'textual', 'httpx', 'apprise', 'uvicorn'} & set(sys.modules)\n"
        "sys.exit(f'{status} {heavy}' if status or heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(name in done.stdout for name in ("init", "check", "watch", "sandbox", "suggestion"))


def test_a_reader_that_leaves_early_is_no_traceback(home: Path) -> None:
    command = f"{sys.executable} -m omwatch check --home {home} | exit 0"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)  # noqa: S607
    assert done.stderr == ""


def test_the_version_is_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == "0.1.0\n"
