"""``omwatch suggestion``: what the dashboard's keys do, for scripts and for operators without a dashboard."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from omwatch.cli.common import HomeOption, print_json
from omwatch.cli.opened import opened

app = App(name="suggestion", help="List, confirm or dismiss suggestions.")


@app.command(name="list")
async def list_(*, json: Annotated[bool, Parameter(negative=())] = False, home: HomeOption = Path()) -> None:
    """List the suggestions that wait for an operator.

    Args:
        json: Print a JSON array.
        home: The folder with config.toml, probes and data.
    """
    async with opened(home) as (_, store):
        from omwatch.domain import plain  # noqa: PLC0415 - needed by this command only
        from omwatch.store import suggestions  # noqa: PLC0415

        async with store.reading() as connection:
            found = await suggestions.open_ones(connection)
    if json:
        print_json([plain.suggestion(item) for item in found])
        return
    for item in found:
        about = f" incident {item.incident}" if item.incident else ""
        print(f"{item.id:>4}  {item.kind}{about}  severity {item.severity:d} {item.severity.label}  {item.reason}")
    if not found:
        print("no open suggestions")


@app.command
async def confirm(
    number: int, /, *, title: str | None = None, text: str | None = None, home: HomeOption = Path()
) -> None:
    """Do what a suggestion proposes (open, regrade or resolve an incident) and notify every subscriber.

    Args:
        number: The suggestion's number, from 'omwatch suggestion list'.
        title: Instead of the drafted title.
        text: Instead of the drafted text.
        home: The folder with config.toml, probes and data.
    """
    async with opened(home) as (config, store):
        from omwatch import desk  # noqa: PLC0415
        from omwatch.clock import SystemClock  # noqa: PLC0415

        drafted = (await desk.preview(store, number)).draft
        wanted = replace(
            drafted,
            title=drafted.title if title is None else title,
            text=drafted.text if text is None else text,
        )
        now, operator = SystemClock().now(), desk.operator_name()
        done = await desk.confirm(store, number, wanted, operator, config.broadcast.mail_domain, now)
    print(f"incident {done.incident}: {wanted.title}; {done.recipients} notices queued")


@app.command
async def dismiss(number: int, /, *, why: str, home: HomeOption = Path()) -> None:
    """Set a suggestion aside until its evidence is worse.

    Args:
        number: The suggestion's number, from 'omwatch suggestion list'.
        why: The reason, for whoever has the next shift.
        home: The folder with config.toml, probes and data.
    """
    async with opened(home) as (_, store):
        from omwatch import desk  # noqa: PLC0415
        from omwatch.clock import SystemClock  # noqa: PLC0415

        await desk.dismiss(store, number, why, desk.operator_name(), SystemClock().now())
    print(f"suggestion {number}: dismissed")
