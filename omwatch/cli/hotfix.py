"""``omwatch hotfix``: fixes that were applied without downtime."""

from cyclopts import App

from omwatch.cli.components import note_strangers
from omwatch.cli.deciding import decide
from omwatch.cli.listing import listed
from omwatch.cli.opened import at_desk
from omwatch.cli.options import DECIDE, NEWEST, READ, Deciding, Reading, Several
from omwatch.cli.texts import TextOption, said
from omwatch.cli.times import shown
from omwatch.domain import plain
from omwatch.domain.event import Event, EventKind

app = App(name="hotfix")


@app.command
async def publish(title: str, /, *, text: TextOption, component: Several = (), how: Deciding = DECIDE) -> None:
    """Publish a hotfix that needed no downtime, at once, as a postmortem, and notify every subscriber of the topic.

    Args:
        title: What it is, in one line.
        text: What it fixes; "-" reads it from standard input.
        component: What it touched, as the page calls it; several times for several.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = said(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import hotfixes  # noqa: PLC0415 - needs SQLAlchemy, which `omwatch --help` must not wait for

        await note_strangers(session, component)
        await decide(session, how, lambda at: hotfixes.publish(at, title, spoken, component), "hotfix")


@app.command(name="list")
async def list_(*, how: Reading = READ) -> None:
    """List the newest hundred hotfixes, newest first.

    Args:
        how: What is read, and in which form.
    """
    async with at_desk(how.home) as session:
        from omwatch.store import events  # noqa: PLC0415 - as above

        async with session.store.reading() as connection:
            found = await events.newest(connection, EventKind.HOTFIX, NEWEST)
    listed(found, plain.event, lambda item: _line(item, session.policy.zone), "no hotfixes yet", json=how.json)


def _line(item: Event, zone: str) -> str:
    names = ", ".join(item.components)
    return "  ".join([f"{item.id:>4}", shown(item.created_at, zone), *([names] if names else []), item.title])
