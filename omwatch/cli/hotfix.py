"""``omwatch hotfix``: fixes that were applied without downtime."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from omwatch.cli.common import HomeOption, JsonOption, print_json
from omwatch.cli.deciding import AT_ONCE, Deciding, decide
from omwatch.cli.opened import at_desk
from omwatch.cli.times import shown
from omwatch.domain import plain
from omwatch.domain.event import EventKind

_NEWEST = 100

app = App(name="hotfix", help="Publish or list hotfixes without downtime.")


@app.command
async def publish(
    title: str,
    /,
    *,
    text: str,
    component: Annotated[Sequence[str], Parameter(negative=())] = (),
    how: Deciding = AT_ONCE,
) -> None:
    """Publish a hotfix that needed no downtime, at once, as a postmortem, and notify every subscriber of the topic.

    Args:
        title: What it is, in one line.
        text: What it fixes.
        component: What it touched, as the page calls it; several times for several.
        how: Who decides where, and whether it is only to be shown.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import hotfixes  # noqa: PLC0415 - needs SQLAlchemy, which `omwatch --help` must not wait for

        await decide(session, how, lambda at: hotfixes.publish(at, title, text, component), "hotfix")


@app.command(name="list")
async def list_(*, json: JsonOption = False, home: HomeOption = Path()) -> None:
    """List the newest hundred hotfixes, newest first.

    Args:
        json: Print a JSON array.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home) as session:
        from omwatch.store import events  # noqa: PLC0415 - as above

        async with session.store.reading() as connection:
            found = await events.newest(connection, EventKind.HOTFIX, _NEWEST)
    if json:
        print_json([plain.event(item) for item in found])
        return
    for item in found:
        names = ", ".join(item.components)
        said = [f"{item.id:>4}", shown(item.created_at, session.policy.zone), *([names] if names else []), item.title]
        print("  ".join(said))
    if not found:
        print("no hotfixes yet")
