"""The command line: one module per command group, imported only when its command runs."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from cyclopts import App, CycloptsError, UnusedCliTokensError

from omwatch import __version__
from omwatch.cli.common import AsOption, ExitStatus, HomeOption, Misused, Refused
from omwatch.config.problems import suggest
from omwatch.domain.safetext import clean

_INTERRUPTED = 130  # what shells report for a process ended by Ctrl+C: 128 + SIGINT
_PIPE_CLOSED = 141  # 128 + SIGPIPE
_LONGEST = 2000  # characters of a message

app = App(
    name="omwatch",
    help="Watch a contact centre, judge what fails, and tell the people it concerns.",
    version=__version__,
    help_format="plaintext",
    suppress_keyboard_interrupt=False,
    result_action="return_int_as_exit_code_else_zero",
)

# Help stands here, not in the modules, so that `omwatch --help` imports none of them.
_COMMANDS = (
    ("dashboard", "omwatch.cli.dashboard:dashboard", "Open the dashboard, as omwatch without a command does."),
    ("init", "omwatch.cli.init:init", "Make a home: config.toml, probes and themes, pointed at the sandbox."),
    ("check", "omwatch.cli.check:check", "Check config.toml, probes and themes; show every mistake at once."),
    ("probe", "omwatch.cli.probe:app", "List probes, run one by hand, or start a new one."),
    ("judge", "omwatch.cli.judge:judge", "Answer what severity a count of failures is."),
    ("watch", "omwatch.cli.watch:watch", "Run the watcher alone, without a dashboard."),
    ("sandbox", "omwatch.cli.sandbox:app", "Run a simulated contact centre, and break it on purpose."),
    ("status", "omwatch.cli.status:status", "Show components, suggestions and events as they stand."),
    ("suggestion", "omwatch.cli.suggestion:app", "List, show, confirm or dismiss suggestions."),
    ("incident", "omwatch.cli.incident:app", "Open, update, regrade, resolve and explain incidents."),
    ("maintenance", "omwatch.cli.maintenance:app", "Schedule, start, complete or cancel maintenance windows."),
    ("hotfix", "omwatch.cli.hotfix:app", "Publish a hotfix that needed no downtime."),
    ("subprocessor", "omwatch.cli.subprocessor:app", "Announce a new or replacement subprocessor."),
    ("deadline", "omwatch.cli.deadline:app", "List what is owed by when, or snooze its reminders."),
    ("approval", "omwatch.cli.approval:app", "Agree to what waits for a second person, or refuse it."),
    ("undo", "omwatch.cli.undo:undo", "Take back a notice that is still held."),
    ("ticket", "omwatch.cli.ticket:app", "Keep what clients report, in the order of work."),
    ("client", "omwatch.cli.client:app", "Keep the clients: support, continuity plan, contacts."),
    ("subscriber", "omwatch.cli.subscriber:app", "Add or list the people who get notices."),
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
    who = [] if as_ is None else ["--as", as_]
    return int(app(["dashboard", "--home", str(home), *who]) or 0)


def main(tokens: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit status.

    Args:
        tokens: the words after ``omwatch``; those of the process unless told.
    """
    try:
        status = _run(sys.argv[1:] if tokens is None else list(tokens))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Python flushes once more when it ends; a reader that left early is no reason to complain then either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
    return status


def _run(tokens: list[str]) -> int:
    try:
        return int(app(tokens, exit_on_error=False, print_error=False))
    except CycloptsError as error:
        print(f"omwatch: {_usage_in_words(error)}", file=sys.stderr)
        return ExitStatus.USAGE
    except Misused as misused:
        print(f"omwatch: {clean(str(misused), _LONGEST)}", file=sys.stderr)
        return ExitStatus.USAGE
    except Refused as refused:
        print(f"omwatch: {clean(str(refused), _LONGEST)}", file=sys.stderr)
        return ExitStatus.UNHEALTHY


def _usage_in_words(error: CycloptsError) -> str:
    chain = error.command_chain or ()
    unused = error.unused_tokens or []
    if isinstance(error, UnusedCliTokensError) and unused and not chain:
        said = f"no command '{unused[0]}'{suggest(unused[0], [name for name, _, _ in _COMMANDS])}"
    elif isinstance(error, UnusedCliTokensError):
        said = f"too many words: {' '.join(unused)}"
    else:
        said = str(error).rstrip(".")
    return clean(f"{said}; see '{' '.join(['omwatch', *chain, '--help'])}'")
