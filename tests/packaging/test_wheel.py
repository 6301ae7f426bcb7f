"""The built wheel works without the checkout: init, check, judge, and the templates and migrations inside."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, unpack it into a folder of its own, and return that folder."""
    built = tmp_path_factory.mktemp("built")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", built, CHECKOUT], check=True)
    (wheel,) = built.glob("omwatch-*.whl")
    target = tmp_path_factory.mktemp("installed")
    subprocess.run([*pip, "install", "--no-deps", "--target", target, wheel], check=True)
    return target


def omwatch(installed: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-m", "omwatch", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_the_wheel_is_what_runs_here(installed: Path, tmp_path: Path) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", "import omwatch; print(omwatch.__file__)"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(asked.stdout.strip()).is_relative_to(installed)


def test_a_home_made_by_the_wheel_is_in_order(installed: Path, tmp_path: Path) -> None:
    made = omwatch(installed, tmp_path, "init", "home")
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "home" / "probes" / "agent_login.py").is_file()
    checked = omwatch(installed, tmp_path, "check", "--home", "home")
    assert checked.returncode == 0, checked.stderr
    assert "4 checks" in checked.stdout


def test_the_wheel_migrates_and_judges(installed: Path, tmp_path: Path) -> None:
    omwatch(installed, tmp_path, "init", "home")
    added = omwatch(installed, tmp_path, "subscriber", "add", "ada@example.com", "--home", "home")
    assert added.returncode == 0, added.stderr
    assert (tmp_path / "home" / "data" / "omwatch.db").is_file()
    assert '"severity": 1' in omwatch(installed, tmp_path, "judge", "30", "100", "--json").stdout


def test_templates_and_types_are_in_the_wheel(installed: Path) -> None:
    inside = {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()}
    assert {
        "omwatch/py.typed",
        "omwatch/broadcast/templates/event.html",
        "omwatch/cli/templates/report.svg",
        "omwatch/store/migrations/versions/0001_first_tables.py",
        "omwatch/store/migrations/versions/0002_desk.py",
        "omwatch/shipped/config.toml",
        "omwatch/shipped/probes/agent_login.py",
        "omwatch/shipped/themes/dark.toml",
    } <= inside
