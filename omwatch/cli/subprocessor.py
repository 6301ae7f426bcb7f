"""``omwatch subprocessor``: who processes personal data for us, told to those who subscribe to it."""

from datetime import date
from pathlib import Path

from cyclopts import App

from omwatch.cli.common import HomeOption, JsonOption, Misused, print_json
from omwatch.cli.deciding import AT_ONCE, Deciding, decide
from omwatch.cli.opened import at_desk
from omwatch.domain import plain
from omwatch.domain.event import EventKind, Subprocessor
from omwatch.domain.safetext import clean

_NEWEST = 100

app = App(name="subprocessor", help="Announce or list subprocessors.")


@app.command
async def announce(
    name: str,
    /,
    *,
    purpose: str,
    effective: str,
    location: str = "",
    replaces: str = "",
    text: str = "",
    how: Deciding = AT_ONCE,
) -> None:
    """Announce a new or replacement subprocessor, and notify only those who subscribe to the topic.

    Args:
        name: The subprocessor.
        purpose: What it processes personal data for.
        effective: From which day on, such as 2026-12-24; today in local time, or later.
        location: Where it does so.
        replaces: The subprocessor whose place it takes.
        text: What subscribers read, instead of the draft.
        how: Who decides where, and whether it is only to be shown.
    """
    item = Subprocessor(name, purpose, _day(effective), location, replaces)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import subprocessors  # noqa: PLC0415 - needs SQLAlchemy, as above

        await decide(session, how, lambda at: subprocessors.announce(at, item, text), "subprocessor notice")


@app.command(name="list")
async def list_(*, json: JsonOption = False, home: HomeOption = Path()) -> None:
    """List the newest hundred subprocessor notices, newest first.

    Args:
        json: Print a JSON array.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home) as session:
        from omwatch.store import events  # noqa: PLC0415 - as above

        async with session.store.reading() as connection:
            found = await events.newest(connection, EventKind.SUBPROCESSOR, _NEWEST)
    if json:
        print_json([plain.event(item) for item in found])
        return
    for notice in found:
        item = notice.subprocessor
        if item:
            parts = [item.name, item.purpose, item.location, item.replaces and f"replaces {item.replaces}"]
            print("  ".join([f"{notice.id:>4}", f"from {item.effective_on}", *(part for part in parts if part)]))
    if not found:
        print("no subprocessor notices yet")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Misused(f"--effective {clean(text)!r} is no day; write it like 2026-12-24") from None
