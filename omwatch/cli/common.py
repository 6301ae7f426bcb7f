"""What the commands share: the home option, exit statuses, refusals, and reading a home."""

import json
import os
import sys
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

from cyclopts import Parameter

if TYPE_CHECKING:
    from omwatch.config.home import Home
    from omwatch.config.problems import ConfigError
    from omwatch.config.settings import Config
    from omwatch.watcher.discovery import Discovery


class ExitStatus(IntEnum):
    """What every command's exit status means."""

    FINE = 0
    UNHEALTHY = 1
    """Something is wrong out there, or the command refused to do what it was asked."""
    USAGE = 2
    CONFIG = 3


PIPE_CLOSED = 141
"""The exit status where a reader of the output has left early, as shells report it: 128 + SIGPIPE."""


class Refused(Exception):
    """The command will not do it; the message says why, and what to do instead."""


class Misused(Exception):
    """The command was called with words that make no sense; the message says what to write instead."""


HomeOption = Annotated[Path, Parameter(name="--home", negative=())]
"""The ``--home DIR`` of every command; give it ``Path()`` as its default: the working folder."""

AsOption = Annotated[str | None, Parameter(name="--as", negative=())]
"""The ``--as NAME`` of every command that decides; give it ``None`` as its default: the system's user."""

JsonOption = Annotated[bool, Parameter(name="--json", negative=())]
"""The ``--json`` of commands that print data; give it ``False`` as its default."""


def load_home(home_dir: Path, config_file: Path | None = None) -> "tuple[Home, Config, Discovery]":
    """Return a home with its checked configuration and its probes.

    Args:
        home_dir: the home.
        config_file: instead of its own config.toml.

    Raises:
        SystemExit: with status 3, after printing every problem to stderr.
    """
    from omwatch.config.home import Home  # noqa: PLC0415 - `omwatch --help` must not wait for pydantic
    from omwatch.config.load import load  # noqa: PLC0415
    from omwatch.config.problems import ConfigError  # noqa: PLC0415
    from omwatch.watcher.discovery import discover  # noqa: PLC0415

    home = Home(home_dir, config_file)
    discovery = discover(home.probes)
    try:
        return home, load(home, discovery.models), discovery
    except ConfigError as error:
        _exit_over(error)


def print_json(value: object) -> None:
    """Print one JSON document on stdout: data for scripts, a line of it."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    # Where the encoding lacks a character, JSON's own escape keeps it.
    print(json.dumps(value, ensure_ascii=encoding.lower() != "utf-8"))


def write_nowhere() -> None:
    """Let what is still to be written vanish: Python flushes once more when it ends, and would complain then."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _exit_over(error: "ConfigError") -> NoReturn:
    for problem in error.problems:
        print(problem, file=sys.stderr)
    raise SystemExit(int(ExitStatus.CONFIG))
