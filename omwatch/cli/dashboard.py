"""``omwatch`` and ``omwatch dashboard``: the screen that operators look at, with its watcher beside it."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from omwatch.cli.common import AsOption, ExitStatus, HomeOption, Misused, Refused, load_home

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omwatch.children import Job
    from omwatch.config.home import Home
    from omwatch.config.settings import Config
    from omwatch.config.themes import Theme
    from omwatch.dashboard.app import Dashboard
    from omwatch.dashboard.setup import Setup
    from omwatch.domain.role import Operator

_LAST_RESORT = 10
"""Seconds after a signal until the kernel ends us, should our own ending hang."""


def dashboard(*, as_: AsOption = None, home: HomeOption = Path()) -> int:
    """Open the dashboard; it starts a watcher (and the sandbox, where that is enabled) unless one runs already.

    Args:
        as_: Who sits there, where config.toml allows to say so; a viewer looks on, and starts nothing.
        home: The folder with config.toml, probes and data.
    """
    from omwatch.domain.role import Role  # noqa: PLC0415 - `omwatch --help` must not wait for any of this

    place, config, _ = load_home(home)
    operator = _operator(config, as_)
    themes = _themes(place)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Refused("the dashboard needs a terminal; 'omwatch watch' watches and 'omwatch status' tells without one")
    place.make_data()
    jobs = _jobs(place, config) if operator.role.at_least(Role.OPERATOR) else []
    return asyncio.run(_run(_setup(place, config, themes, operator), jobs))


def _operator(config: "Config", name: str | None) -> "Operator":
    from omwatch.config.policy import operator_of  # noqa: PLC0415 - as above

    try:
        return operator_of(config, name)
    except ValueError as error:
        raise Misused(str(error)) from None


async def _run(setup: "Setup", jobs: "list[Job]") -> int:
    from omwatch.children import Crew  # noqa: PLC0415 - `omwatch --help` must not wait for any of this
    from omwatch.clock import SystemClock  # noqa: PLC0415
    from omwatch.dashboard.app import Dashboard  # noqa: PLC0415

    clock = SystemClock()
    crew = Crew(jobs, clock)
    app = Dashboard(setup, clock, crew)
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(signum, _end, app, signum)
    try:
        await app.run_async()
    finally:
        await crew.end()
    return app.return_code or ExitStatus.FINE


def _end(app: "Dashboard", signum: signal.Signals) -> None:
    signal.alarm(_LAST_RESORT)
    if signum is signal.SIGHUP:
        # The terminal is gone; what is still written must not fail and keep us from ending our children.
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (1, 2):
            os.dup2(nowhere, descriptor)
    app.exit()


def _themes(home: "Home") -> "Mapping[str, Theme]":
    from omwatch.config.themes import read_themes  # noqa: PLC0415 - as above

    themes, problems = read_themes(home)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        raise SystemExit(int(ExitStatus.CONFIG))
    return themes


def _setup(home: "Home", config: "Config", themes: "Mapping[str, Theme]", operator: "Operator") -> "Setup":
    from omwatch.config.policy import policy_of  # noqa: PLC0415 - as above
    from omwatch.dashboard.setup import Setup  # noqa: PLC0415

    return Setup(
        database=home.database,
        organisation=config.page.name,
        page_url=config.page.url,
        outage_percent=config.judge.outage_percent,
        themes=themes,
        theme=config.dashboard.theme,
        operator=operator,
        policy=policy_of(config, home),
    )


def _jobs(home: "Home", config: "Config") -> "list[Job]":
    """Return what shall run beside the dashboard, in the order of starting."""
    from omwatch.children import Job  # noqa: PLC0415 - as above
    from omwatch.config.addresses import read_record  # noqa: PLC0415
    from omwatch.config.lockfile import is_locked  # noqa: PLC0415

    def command(name: str) -> tuple[str, ...]:
        return (sys.executable, "-m", "omwatch", name, "--home", str(home.root), "--until-stdin-closes")

    def sandbox_there() -> bool:
        return read_record(home) is not None

    watcher = Job(
        "watcher",
        command("watch"),
        home.data / "watcher.log",
        taken=lambda: is_locked(home.watcher_lock),
        ready=sandbox_there if config.sandbox.enabled else lambda: True,
    )
    sandbox = Job("sandbox", command("sandbox"), home.data / "sandbox.log", taken=sandbox_there)
    return [sandbox, watcher] if config.sandbox.enabled else [watcher]
