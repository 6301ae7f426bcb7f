"""``omwatch sandbox``: run a simulated contact centre, break it on purpose, read the notices it received."""

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from omwatch.cli.common import ExitStatus, HomeOption, Refused, print_json
from omwatch.cli.options import SomeNumber

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omwatch.sandbox.fault import Fault, JourneyName, Kind
    from omwatch.sandbox.remote import RemoteSandbox

app = App(name="sandbox")

_Flag = Parameter(negative=())
_WHAT = "--subjects, --attempts, --latency, --status, --hang, --reset, --wrong, --down or --clear"


class _Usage(ValueError):
    """The options make no sense together."""


@app.default
async def run(
    *,
    home: HomeOption = Path(),
    until_stdin_closes: Annotated[bool, Parameter(negative=(), show=False)] = False,
) -> None:
    """Run a simulated contact centre on this machine, until Ctrl+C; its addresses are recorded in the home.

    Args:
        home: The folder with config.toml, probes and data.
        until_stdin_closes: End with the parent process, for a parent that holds our standard input.
    """
    from omwatch.clock import SystemClock  # noqa: PLC0415 - `omwatch --help` must not wait for uvicorn
    from omwatch.config.home import Home  # noqa: PLC0415
    from omwatch.sandbox.process import serve  # noqa: PLC0415
    from omwatch.sandbox.sandbox import SandboxRunning  # noqa: PLC0415

    try:
        await serve(Home(home), SystemClock(), _announce, until_stdin_closes=until_stdin_closes)
    except SandboxRunning as error:
        raise Refused(f"{error}; end that one first, or give this one a home of its own with --home") from error


@app.command
def fault(  # noqa: PLR0913 - one argument per option
    journey: str = "",
    /,
    *,
    subjects: float | None = None,
    attempts: float | None = None,
    latency: str | None = None,
    status: SomeNumber = None,
    hang: Annotated[bool, _Flag] = False,
    reset: Annotated[bool, _Flag] = False,
    wrong: Annotated[bool, _Flag] = False,
    down: Annotated[bool, _Flag] = False,
    clear: Annotated[bool, _Flag] = False,
    home: HomeOption = Path(),
) -> int:
    """Make a journey of the running sandbox fail, or show what fails now; a new fault takes the place of the former.

    Args:
        journey: agent-login, screen-pop, chat-routing or email-routing.
        subjects: The share of subjects it hits, such as 0.4; always the same ones. Everyone unless told.
        attempts: The share of attempts it hits, such as 0.4; at random. Every one unless told.
        latency: Answer this much later, such as 2s or 500ms.
        status: Answer with this error status, such as 503.
        hang: Take the connection and never answer.
        reset: Cut the connection.
        wrong: Give a wrong answer: not ready, wrong record, wrong queue.
        down: Refuse connections.
        clear: Make the journey healthy again, or all of them when none is named.
        home: The folder with config.toml, probes and data.
    """
    from omwatch.sandbox.fault import Kind  # noqa: PLC0415 - as above

    flags = {Kind.HANG: hang, Kind.RESET: reset, Kind.WRONG: wrong, Kind.DOWN: down}
    kinds = [kind for kind, on in flags.items() if on]
    asked = any(option is not None for option in (subjects, attempts, latency, status)) or bool(kinds)
    try:
        name = _journey(journey)
        if clear and asked:
            raise _Usage("--clear goes alone, with or without a journey")
        wanted = _fault(kinds, subjects, attempts, latency, status) if asked else None
        if wanted and name is None:
            raise _Usage("name the journey that should fail: agent-login, screen-pop, chat-routing or email-routing")
        if name and not wanted and not clear:
            raise _Usage(f"say how {name} should fail: {_WHAT}")
    except ValueError as error:
        print(f"omwatch sandbox fault: {error}", file=sys.stderr)
        return ExitStatus.USAGE
    with _running(home) as sandbox:
        print("\n".join(_change(sandbox, name, wanted, clear=clear)))
    return ExitStatus.FINE


@app.command
def mail(*, json: Annotated[bool, _Flag] = False, home: HomeOption = Path()) -> None:
    """Show the notices that the running sandbox has received.

    Args:
        json: Print a JSON array of to, subject, text, html, headers and received_at.
        home: The folder with config.toml, probes and data.
    """
    from omwatch.domain.safetext import clean  # noqa: PLC0415 - as above

    with _running(home) as sandbox:
        notices = sandbox.mail()
    if json:
        print_json(notices)
        return
    if not notices:
        print("no notices yet", file=sys.stderr)
        return
    rows = [("RECEIVED", "TO", "SUBJECT")]
    rows += [(clean(n["received_at"])[:19], clean(n["to"], 60), clean(n["subject"], 120)) for n in notices]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for received, to, subject in rows:
        print(f"{received:<{widths[0]}}  {to:<{widths[1]}}  {subject}")


def _announce(addresses: dict[str, str]) -> None:
    for name, address in addresses.items():
        print(f"{name:<13} {address}", flush=True)
    print("the sandbox is ready; Ctrl+C ends it", file=sys.stderr, flush=True)


def _journey(name: str) -> "JourneyName | None":
    from omwatch.config.problems import suggest  # noqa: PLC0415 - as above
    from omwatch.sandbox.fault import JourneyName  # noqa: PLC0415

    if name and name not in set(JourneyName):
        raise _Usage(f"no journey {name!r}{suggest(name, JourneyName)}")
    return JourneyName(name) if name else None


def _fault(
    kinds: "list[Kind]", subjects: float | None, attempts: float | None, latency: str | None, status: int | None
) -> "Fault":
    from omwatch.config.units import duration  # noqa: PLC0415 - as above
    from omwatch.sandbox.fault import Fault, Kind  # noqa: PLC0415

    if len(kinds) > 1:
        raise _Usage(f"choose one of {' and '.join(f'--{kind}' for kind in kinds)}")
    try:
        seconds = 0.0 if latency is None else duration(latency)
    except ValueError as error:
        raise _Usage(f"--latency {latency!r} {error}") from error
    slow = latency is not None and status is None
    return Fault(
        kind=kinds[0] if kinds else Kind.SLOW if slow else Kind.REFUSE,
        status=status,
        latency=seconds,
        subjects=1.0 if subjects is None else subjects,
        attempts=1.0 if attempts is None else attempts,
    )


@contextmanager
def _running(home: Path) -> "Iterator[RemoteSandbox]":
    from omwatch.config.home import Home  # noqa: PLC0415 - as above
    from omwatch.sandbox.remote import NoSandbox, RemoteSandbox  # noqa: PLC0415

    try:
        yield RemoteSandbox(Home(home))
    except NoSandbox as error:
        raise Refused(str(error)) from error


def _change(
    sandbox: "RemoteSandbox", journey: "JourneyName | None", wanted: "Fault | None", *, clear: bool
) -> list[str]:
    """Do what was asked and return what is now in force, in sentences."""
    if clear:
        sandbox.clear(journey)
        return [f"{journey} is healthy again" if journey else "every journey is healthy again"]
    if journey and wanted:
        sandbox.inject(journey, wanted)
        return [f"{journey}: {wanted.describe()}"]
    faults = sandbox.faults()
    return [f"{name}: {found.describe()}" for name, found in faults.items()] or ["every journey is healthy"]
