"""The command line: one module per command group, imported only when its command runs."""

import io
import sys
from collections.abc import Sequence
from pathlib import Path

from cyclopts import App, CycloptsError, Parameter

from omwatch import __version__
from omwatch.cli.common import (
    PIPE_CLOSED,
    AsOption,
    ExitStatus,
    HomeOption,
    Misused,
    Refused,
    write_nowhere,
)
from omwatch.domain.safetext import clean

_INTERRUPTED = 130  # what shells report for a process ended by Ctrl+C: 128 + SIGINT
_LONGEST = 2000  # characters of a message


def _default_in_words(default: object) -> str | None:
    """Return a default as help tells it; None where it says nothing: a switch that is off, a text that is empty."""
    if default is False or default in (None, "", ()):
        return None
    return ", ".join(map(str, default)) if isinstance(default, tuple) else str(default)


app = App(
    name="omwatch",
    help="Watch a contact centre, judge what fails, and tell the people it concerns.",
    version=__version__,
    help_format="plaintext",
    default_parameter=Parameter(show_default=_default_in_words),
    suppress_keyboard_interrupt=False,
    result_action="return_int_as_exit_code_else_zero",
)

# Help stands here, not in the modules, so that `omwatch --help` imports none of them.
_COMMANDS = (
    ("dashboard", "omwatch.cli.dashboard:dashboard", "Open the dashboard, as omwatch without a command does."),
    ("init", "omwatch.cli.init:init", "Make a home: config.toml, probes and themes, pointed at the sandbox."),
    (
        "check",
        "omwatch.cli.check:check",
        "Check config.toml, probes, templates and themes; show every mistake at once.",
    ),
    ("probe", "omwatch.cli.probe:app", "List probes, run one by hand, or start a new one."),
    ("judge", "omwatch.cli.judge:judge", "Answer what severity a count of failures is, and what is owed for it."),
    ("watch", "omwatch.cli.watch:watch", "Run the watcher alone, without a dashboard, until Ctrl+C or SIGTERM."),
    ("sandbox", "omwatch.cli.sandbox:app", "Run a simulated contact centre, and break it on purpose."),
    ("status", "omwatch.cli.status:status", "Show how all stands; exit status 1 when something is wrong."),
    ("suggestion", "omwatch.cli.suggestion:app", "List, show, confirm or dismiss suggestions."),
    ("incident", "omwatch.cli.incident:app", "Open, update, regrade, resolve and explain incidents."),
    (
        "maintenance",
        "omwatch.cli.maintenance:app",
        "Schedule maintenance, and start, verify, complete, move or cancel it.",
    ),
    ("hotfix", "omwatch.cli.hotfix:app", "Publish or list hotfixes that needed no downtime."),
    ("subprocessor", "omwatch.cli.subprocessor:app", "Announce or list new and replacement subprocessors."),
    ("deadline", "omwatch.cli.deadline:app", "List what is owed by when, or snooze its reminders."),
    ("approval", "omwatch.cli.approval:app", "Agree to what waits for a second person, or refuse it."),
    ("undo", "omwatch.cli.undo:undo", "Take back a notice that is still held."),
    ("ticket", "omwatch.cli.ticket:app", "Report, answer, grade, link, close or list clients' tickets."),
    ("client", "omwatch.cli.client:app", "Add, change, list or show clients."),
    ("subscriber", "omwatch.cli.subscriber:app", "Keep the people and places that get notices."),
    ("broadcast", "omwatch.cli.broadcast:app", "Pause, preview, retry and look into what is sent."),
    ("handover", "omwatch.cli.handover:handover", "Print what a new shift must know."),
    ("report", "omwatch.cli.report:report", "Sum up a month: uptime, incidents, service levels."),
    ("audit", "omwatch.cli.audit:audit", "Show who decided what, and when."),
    ("attempts", "omwatch.cli.attempts:app", "Write the history of attempts, one JSON object a line."),
    ("replay", "omwatch.cli.replay:replay", "Judge recorded attempts again, by these rules or others."),
)
for _place, (_name, _path, _help) in enumerate(_COMMANDS):
    app.command(_path, name=_name, help=_help, sort_key=_place)


@app.default
def _without_command(*, as_: AsOption = None, home: HomeOption = Path()) -> int:
    """Open the dashboard.

    Args:
        as_: Who sits there, where config.toml allows to say so.
        home: The folder with config.toml, probes and data.
    """
    who = [] if as_ is None else ["--as", as_]
    return int(app(["dashboard", "--home", str(home), *who]) or 0)


def main(tokens: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit status.

    Args:
        tokens: the words after ``omwatch``; those of the process unless told.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that lacks a character shows the others
    try:
        status = _run(sys.argv[1:] if tokens is None else list(tokens))
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        write_nowhere()
        return PIPE_CLOSED
    except OSError as error:
        where = f"{error.filename} cannot be used" if error.filename else "the output cannot be written"
        _complain(f"{where}: {error.strerror or error}")
        write_nowhere()
        return ExitStatus.UNHEALTHY
    return status


def _run(tokens: list[str]) -> int:
    try:
        return int(app(tokens, exit_on_error=False, print_error=False))
    except CycloptsError as error:
        from omwatch.cli.usage import in_words  # noqa: PLC0415 - needed by whoever mistypes only

        _complain(in_words(error, [name for name, _, _ in _COMMANDS]))
        return ExitStatus.USAGE
    except Misused as misused:
        _complain(str(misused))
        return ExitStatus.USAGE
    except Refused as refused:
        _complain(str(refused))
        return ExitStatus.UNHEALTHY


def _complain(message: str) -> None:
    print(f"omwatch: {clean(message, _LONGEST)}", file=sys.stderr)
