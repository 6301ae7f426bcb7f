"""Who may know whom: widgets get values and never the store; nothing here probes or opens a connection."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import omwatch.dashboard

FOLDER = Path(omwatch.dashboard.__file__).parent


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


@pytest.mark.parametrize("file", sorted((FOLDER / "widgets").glob("*.py")), ids=lambda file: file.stem)
def test_a_widget_never_imports_the_store_or_the_desk(file: Path) -> None:
    known = [name for name in imported(file) if name.startswith(("omwatch.store", "omwatch.desk"))]
    assert known == []


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.py")), ids=lambda file: str(file.relative_to(FOLDER)))
def test_nothing_here_probes_or_sends(file: Path) -> None:
    strangers = (
        "omwatch.watcher",
        "omwatch.probe",
        "omwatch.transport",
        "omwatch.sandbox",
        "httpx",
        "apprise",
        "socket",
    )
    assert [name for name in imported(file) if name.startswith(strangers)] == []


def test_the_app_loads_without_the_store() -> None:
    script = "import sys, omwatch.dashboard.app; print([name for name in sys.modules if name.startswith('sqlalchemy')])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_app_stays_small() -> None:
    assert len((FOLDER / "app.py").read_text(encoding="utf-8").splitlines()) <= 215
