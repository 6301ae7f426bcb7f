"""``omwatch subprocessor``: who processes personal data for us, told to those who subscribe to it."""

from datetime import date

from cyclopts import App

from omwatch.cli.common import Misused
from omwatch.cli.deciding import decide
from omwatch.cli.listing import listed
from omwatch.cli.opened import at_desk
from omwatch.cli.options import DECIDE, NEWEST, READ, Deciding, Reading
from omwatch.cli.texts import OwnTextOption, instead
from omwatch.domain import plain
from omwatch.domain.event import Event, EventKind, Subprocessor
from omwatch.domain.safetext import clean

app = App(name="subprocessor")


@app.command
async def announce(
    name: str,
    /,
    *,
    purpose: str,
    effective: str,
    location: str = "",
    replaces: str = "",
    text: OwnTextOption = None,
    how: Deciding = DECIDE,
) -> None:
    """Announce a new or replacement subprocessor, and notify only those who subscribe to the topic.

    Args:
        name: The subprocessor.
        purpose: What it processes personal data for.
        effective: From which day on, such as 2026-12-24; today in local time, or later.
        location: Where it does so.
        replaces: The subprocessor whose place it takes.
        text: What subscribers read instead of the draft; "-" reads it from standard input.
        how: Who decides where, and whether it is only to be shown.
    """
    item, spoken = Subprocessor(name, purpose, _day(effective), location, replaces), instead(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import subprocessors  # noqa: PLC0415 - needs SQLAlchemy, as above

        await decide(session, how, lambda at: subprocessors.announce(at, item, spoken), "subprocessor notice")


@app.command(name="list")
async def list_(*, how: Reading = READ) -> None:
    """List the newest hundred subprocessor notices, newest first.

    Args:
        how: What is read, and in which form.
    """
    async with at_desk(how.home) as session:
        from omwatch.store import events  # noqa: PLC0415 - as above

        async with session.store.reading() as connection:
            found = await events.newest(connection, EventKind.SUBPROCESSOR, NEWEST)
    listed(found, plain.event, _line, "no subprocessor notices yet", json=how.json)


def _line(notice: Event) -> str:
    item = notice.subprocessor
    if item is None:
        return f"{notice.id:>4}  {notice.title}"
    parts = [item.name, item.purpose, item.location, item.replaces and f"replaces {item.replaces}"]
    return "  ".join([f"{notice.id:>4}", f"from {item.effective_on}", *(part for part in parts if part)])


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Misused(f"--effective {clean(text)!r} is no day; write it like 2026-12-24") from None
