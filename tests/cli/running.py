"""Commands run in a test: what they print, and which exit status they end with."""

import json
from pathlib import Path
from typing import Any

import pytest

from omwatch.cli import main

Out = pytest.CaptureFixture[str]


def run(capsys: Out, home: str, *words: str, status: int = 0) -> str:
    """Run a command in a home, and return what it prints; what it complains of, where it ends with another status."""
    found = main([*words, "--home", home])
    said = capsys.readouterr()
    assert found == status, said.err
    return said.out if status == 0 else said.err


def data(capsys: Out, home: str, *words: str) -> Any:  # noqa: ANN401 - whatever was printed
    """Return what a command prints as JSON."""
    return json.loads(run(capsys, home, *words, "--json"))


def rule(home: str, line: str) -> None:
    """Add a line to ``[desk]``."""
    file = Path(home) / "config.toml"
    file.write_text(file.read_text().replace("[desk]\n", f"[desk]\n{line}\n"))
