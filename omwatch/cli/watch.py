"""``omwatch watch``: the monitoring process on its own."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from omwatch.cli.common import ExitStatus, HomeOption, Refused, load_home, print_json

if TYPE_CHECKING:
    from omwatch.service import Installation
    from omwatch.watcher.watcher import Report


def watch(
    *,
    home: HomeOption = Path(),
    json: Annotated[bool, Parameter(negative=())] = False,
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
    status = asyncio.run(
        _until_told(installation, _print_json if json else _print_line, until_stdin_closes=until_stdin_closes)
    )
    # A probe that blocks its thread, or a hung look-up, must not keep an ended watcher alive.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _print_json(change: Mapping[str, Any]) -> None:
    print_json(change)
    sys.stdout.flush()


def _print_line(change: Mapping[str, Any]) -> None:
    subject = change["component"] if change["type"] == "assessment" else ", ".join(change["components"])
    what = change.get("move", change["name"])
    severity = f" (severity {change['severity']})" if change["severity"] else ""
    why = change.get("trouble") or change["reason"]
    print(f"{change['at']} {change['type']} {subject}: {what}{severity}: {why}", flush=True)


async def _until_told(installation: "Installation", report: "Report", *, until_stdin_closes: bool) -> int:
    from omwatch.clock import SystemClock  # noqa: PLC0415
    from omwatch.lifeline import stdin_closed  # noqa: PLC0415
    from omwatch.service import serve  # noqa: PLC0415

    serving = asyncio.ensure_future(serve(installation, SystemClock(), report))
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(signum, serving.cancel)
    ends = {serving, *([asyncio.ensure_future(stdin_closed())] if until_stdin_closes else [])}
    _, running = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    for task in running:
        task.cancel()
    return await _outcome(serving)


async def _outcome(serving: "asyncio.Future[None]") -> int:
    from omwatch.store.migrate import NewerDatabase  # noqa: PLC0415
    from omwatch.watcher.claim import AlreadyWatched, LeaseLost  # noqa: PLC0415

    try:
        await serving
    except asyncio.CancelledError:
        return ExitStatus.FINE
    except (AlreadyWatched, NewerDatabase) as reason:
        raise Refused(str(reason)) from None
    except ExceptionGroup as several:
        lost, others = several.split(LeaseLost)
        if lost is None or others is not None:
            raise
        raise Refused(str(lost.exceptions[0])) from None
    return ExitStatus.FINE
