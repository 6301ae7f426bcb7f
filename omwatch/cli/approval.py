"""``omwatch approval``: what waits for a second person."""

from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from omwatch.cli.common import AsOption, HomeOption, JsonOption, Refused, print_json
from omwatch.cli.deciding import AT_ONCE, Deciding, decide
from omwatch.cli.opened import at_desk
from omwatch.cli.times import shown
from omwatch.domain import plain
from omwatch.domain.judge import plural

if TYPE_CHECKING:
    from omwatch.domain.approval import Approval

app = App(name="approval", help="Agree to what waits for a second person, or refuse it.")


@app.command(name="list")
async def list_(*, json: JsonOption = False, home: HomeOption = Path()) -> None:
    """List what waits for a second person, the oldest first.

    Args:
        json: Print a JSON array.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home) as session:
        from omwatch.store import approvals  # noqa: PLC0415 - needs SQLAlchemy, which other commands do not

        async with session.store.reading() as connection:
            found = await approvals.open_ones(connection)
    if json:
        print_json([plain.approval(item) for item in found])
        return
    for item in found:
        asked = f"asked by {item.asked_by} {shown(item.asked_at, session.policy.zone)}"
        print(f"{item.id:>4}  severity {item.draft.severity:d}  {_about(item)}: {item.draft.title}  {asked}")
    if not found:
        print("nothing waits for a second person")


@app.command
async def show(number: int, /, *, json: JsonOption = False, home: HomeOption = Path()) -> None:
    """Show the notice that waits, and how many people would get it.

    Args:
        number: The approval's number, from 'omwatch approval list'.
        json: Print one JSON object.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home) as session:
        from omwatch.domain.subscriber import Topic  # noqa: PLC0415 - as above
        from omwatch.store import approvals, deliveries  # noqa: PLC0415

        async with session.store.reading() as connection:
            found = await approvals.get(connection, number)
            reached = await deliveries.audience(connection, Topic.INCIDENT)
        if found is None:
            raise Refused(f"there is no approval {number}; 'omwatch approval list' shows those that wait")
    if json:
        print_json({**plain.approval(found), "recipients": reached})
        return
    draft = found.draft
    print(f"approval {number}: {found.state}; {_about(found)}, severity {draft.severity:d} {draft.severity.label}")
    print(f"  asked by {found.asked_by} {shown(found.asked_at, session.policy.zone)}")
    if found.reason:
        print(f"  because {found.reason}")
    if found.clients:
        print(f"  affects {', '.join(found.clients)}")
    print("\n".join(f"  {name}: {status.label}" for name, status in draft.components.items()))
    print(f"\n{draft.title}\n\n{draft.text}\n\nwould reach {reached:,} {plural('subscriber', reached)}")


@app.command
async def give(number: int, /, *, how: Deciding = AT_ONCE) -> None:
    """Agree as the second person: publish what waits, as the first one drafted it.

    Args:
        number: The approval's number, from 'omwatch approval list'.
        how: Who decides where, and whether it is only to be shown.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import approving  # noqa: PLC0415 - as above

        await decide(session, how, lambda at: approving.give(at, number), "incident")


@app.command
async def refuse(
    number: int, /, *, why: str, json: JsonOption = False, as_: AsOption = None, home: HomeOption = Path()
) -> None:
    """Refuse what waits, or take back what you have asked for.

    Args:
        number: The approval's number, from 'omwatch approval list'.
        why: The reason; it is kept in the audit log.
        json: Print one JSON object.
        as_: Who decides, where config.toml allows to say so.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home, as_) as session:
        from omwatch.desk import approvals  # noqa: PLC0415 - as above

        await approvals.refuse(session, number, why)
    if json:
        print_json({"approval": number, "state": "refused"})
    else:
        print(f"approval {number}: refused; nothing is published")


def _about(item: "Approval") -> str:
    if item.suggestion is not None:
        return f"confirms suggestion {item.suggestion}"
    return f"regrades incident {item.event}" if item.event is not None else "opens an incident"
