"""``omwatch approval``: what waits for a second person."""

from typing import TYPE_CHECKING

from cyclopts import App

from omwatch.cli.common import Refused, print_json
from omwatch.cli.deciding import decide
from omwatch.cli.listing import listed
from omwatch.cli.opened import at_desk
from omwatch.cli.options import ACT, DECIDE, READ, Acting, Deciding, Number, Reading
from omwatch.cli.outcome import would_reach
from omwatch.cli.times import shown
from omwatch.cli.wrapping import say
from omwatch.domain import plain
from omwatch.domain.safetext import clean

if TYPE_CHECKING:
    from omwatch.domain.approval import Approval

app = App(name="approval")


@app.command(name="list")
async def list_(*, how: Reading = READ) -> None:
    """List what waits for a second person, the oldest first.

    Args:
        how: What is read, and in which form.
    """
    async with at_desk(how.home) as session:
        from omwatch.store import approvals  # noqa: PLC0415 - needs SQLAlchemy, which other commands do not

        async with session.store.reading() as connection:
            found = await approvals.open_ones(connection)
    nothing = "nothing waits for a second person"
    listed(found, plain.approval, lambda item: _line(item, session.policy.zone), nothing, json=how.json)


@app.command
async def show(number: Number, /, *, how: Reading = READ) -> None:
    """Show the notice that waits, and how many people would get it.

    Args:
        number: The approval's number, from 'omwatch approval list'.
        how: What is read, and in which form.
    """
    async with at_desk(how.home) as session:
        from omwatch.desk.publishing import audience_of  # noqa: PLC0415 - as above
        from omwatch.store import approvals, deliveries, events  # noqa: PLC0415

        async with session.store.reading() as connection:
            found = await approvals.get(connection, number)
            if found is None:
                raise Refused(f"there is no approval {number}; 'omwatch approval list' shows those that wait")
            about = None if found.event is None else await events.get(connection, found.event)
            reached = await deliveries.audience_size(connection, audience_of(found.draft, about))
    if how.json:
        print_json({**plain.approval(found), "recipients": reached})
    else:
        say("\n".join([*_facts(found, session.policy.zone), "", would_reach(reached)]))


@app.command
async def give(number: Number, /, *, how: Deciding = DECIDE) -> None:
    """Agree as the second person: publish what waits, as the first one drafted it.

    Args:
        number: The approval's number, from 'omwatch approval list'.
        how: Who decides where, and whether it is only to be shown.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import approving  # noqa: PLC0415 - as above

        await decide(session, how, lambda at: approving.give(at, number), "incident")


@app.command
async def refuse(number: Number, /, *, why: str, how: Acting = ACT) -> None:
    """Refuse what waits, or take back what you have asked for.

    Args:
        number: The approval's number, from 'omwatch approval list'.
        why: The reason; it is kept in the audit log.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import approvals  # noqa: PLC0415 - as above

        await approvals.refuse(session, number, why)
    if how.json:
        print_json({"approval": number, "state": "refused", "why": clean(why)})
    else:
        print(f"approval {number}: refused; nothing is published")


def _line(item: "Approval", zone: str) -> str:
    asked = f"asked by {item.asked_by} {shown(item.asked_at, zone)}"
    return f"{item.id:>4}  severity {item.draft.severity:d}  {_about(item)}: {item.draft.title}  {asked}"


def _facts(item: "Approval", zone: str) -> list[str]:
    draft = item.draft
    about = f"{_about(item)}, severity {draft.severity:d} {draft.severity.label}"
    return [
        f"approval {item.id}: {item.state}; {about}",
        f"  asked by {item.asked_by} {shown(item.asked_at, zone)}",
        *([f"  because {item.reason}"] if item.reason else []),
        *([f"  affects {', '.join(item.clients)}"] if item.clients else []),
        *(f"  {name}: {status.label}" for name, status in draft.components.items()),
        "",
        draft.title,
        "",
        draft.text,
    ]


def _about(item: "Approval") -> str:
    if item.suggestion is not None:
        return f"confirms suggestion {item.suggestion}"
    return f"regrades incident {item.event}" if item.event is not None else "opens an incident"
