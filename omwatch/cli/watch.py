"""``omwatch watch``: the monitoring process on its own."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

from cyclopts import Parameter

from omwatch.cli.common import (
    PIPE_CLOSED,
    ExitStatus,
    HomeOption,
    JsonOption,
    Refused,
    load_home,
    print_json,
    write_nowhere,
)

if TYPE_CHECKING:
    from omwatch.service import Installation
    from omwatch.watcher.watcher import Report

_WIND_UP_SECONDS = 1.5


def watch(
    *,
    home: HomeOption = Path(),
    json: JsonOption = False,
    until_stdin_closes: Annotated[bool, Parameter(negative=(), show=False)] = False,
) -> None:
    """Run the watcher until it is ended (Ctrl+C or SIGTERM), printing each change of an assessment or a suggestion.

    Args:
        home: The folder with config.toml, probes and data.
        json: Print one JSON object a line instead of words.
        until_stdin_closes: End when standard input closes; for parents that must never leave a child behind.
    """
    from omwatch.service import Installation  # noqa: PLC0415 - other commands must not wait for it

    installation = Installation(*load_home(home))
    _refuse_viewers(installation)
    _log_to_stderr()
    report = _put(print_json if json else _print_line)
    try:
        asyncio.run(_until_told(installation, report, until_stdin_closes=until_stdin_closes))
    except Refused as refused:
        print(f"omwatch: {refused}", file=sys.stderr)
        _end_at_once(ExitStatus.UNHEALTHY)
    except BrokenPipeError:
        write_nowhere()
        _end_at_once(PIPE_CLOSED)


def _refuse_viewers(installation: "Installation") -> None:
    from omwatch.config.policy import operator_of  # noqa: PLC0415 - other commands must not wait for it
    from omwatch.domain.role import Role  # noqa: PLC0415

    operator = operator_of(installation.config)
    if not operator.role.at_least(Role.OPERATOR):
        who = f"{operator.name} is a viewer here, and watching writes"
        raise Refused(f"{who}; an admin makes {operator.name} an operator in [desk] of config.toml")


def _log_to_stderr() -> None:
    import structlog  # noqa: PLC0415 - other commands must not wait for it

    # stdout is data; structlog would print there.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))


def _end_at_once(status: int) -> NoReturn:
    """End without waiting for threads: a probe that blocks, a hung look-up, a store that somebody else holds locked."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, AttributeError):  # a stream may be full, or closed from the start
            stream.flush()
    os._exit(status)


def _put(printing: Callable[[Mapping[str, Any]], None]) -> "Report":
    """Return what prints a change at once; a disk that is full below the output is no reason to stop watching."""

    def put(change: Mapping[str, Any]) -> None:
        try:
            printing(change)
            print(end="", flush=True)
        except BrokenPipeError:
            raise
        except OSError:
            return

    return put


def _print_line(change: Mapping[str, Any]) -> None:
    if change["type"] == "site":
        since = change["blind_since"]
        said = f"blind since {since}: no control answers, and nothing is judged" if since else "sees again"
        print(f"{change['at']} site: {said}")
        return
    subject = change["component"] if change["type"] == "assessment" else ", ".join(change["components"])
    what = change.get("move", change["name"])
    severity = f" (severity {change['severity']})" if change["severity"] else ""
    why = change.get("trouble") or change["reason"]
    print(f"{change['at']} {change['type']} {subject}: {what}{severity}: {why}")


async def _until_told(installation: "Installation", report: "Report", *, until_stdin_closes: bool) -> NoReturn:
    from omwatch.clock import SystemClock  # noqa: PLC0415
    from omwatch.lifeline import stdin_closed  # noqa: PLC0415
    from omwatch.service import serve  # noqa: PLC0415

    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(signum, told.set)
    serving = asyncio.ensure_future(serve(installation, SystemClock(), report))
    ends = {serving, asyncio.ensure_future(told.wait())}
    if until_stdin_closes:
        ends.add(asyncio.ensure_future(stdin_closed()))
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        _raise_reason(serving)
    serving.cancel()
    await asyncio.wait({serving}, timeout=_WIND_UP_SECONDS)
    _end_at_once(ExitStatus.FINE)


def _raise_reason(serving: "asyncio.Future[None]") -> None:
    """Raise why the service ended by itself, as a refusal where there is nothing to mend in the program."""
    from omwatch.store.migrate import NewerDatabase  # noqa: PLC0415
    from omwatch.watcher.claim import AlreadyWatched, LeaseLost  # noqa: PLC0415

    try:
        serving.result()
    except (AlreadyWatched, NewerDatabase) as reason:
        raise Refused(str(reason)) from None
    except ExceptionGroup as several:
        closed, others = several.split(BrokenPipeError)
        if closed is not None and others is None:
            raise BrokenPipeError from None
        lost, others = several.split(LeaseLost)
        if lost is None or others is not None:
            raise
        raise Refused(str(lost.exceptions[0])) from None
