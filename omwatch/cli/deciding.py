"""Decisions by command: made, or only shown; and what is said of them."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from omwatch.cli.common import print_json
from omwatch.cli.options import Deciding
from omwatch.cli.outcome import tell, would_reach
from omwatch.cli.wrapping import say
from omwatch.domain import plain
from omwatch.domain.notice import notice

if TYPE_CHECKING:
    from omwatch.desk.approvals import Waiting
    from omwatch.desk.publishing import Published
    from omwatch.desk.session import Session


async def decide(
    session: "Session", how: Deciding, decision: "Callable[[Session], Awaitable[Published | Waiting]]", what: str
) -> None:
    """Make a decision and say what it has set going, or only show what it would publish.

    Args:
        session: whose decision it is.
        how: whether it is only to be shown, and in which form.
        decision: makes it, in the session that it is given.
        what: the kind of event, such as "maintenance".

    Raises:
        omwatch.desk.session.NotPossible: it was refused, or would be.
    """
    if how.preview:
        await preview(session, decision, json=how.json)
    else:
        tell(session, await decision(session), what, json=how.json)


async def preview(session: "Session", decision: "Callable[[Session], Awaitable[object]]", *, json: bool) -> None:
    """Show the notice that a decision would publish, and how many people would get it; nothing is written.

    Args:
        session: whose decision it would be.
        decision: makes it, in the session that it is given.
        json: print one JSON object instead.

    Raises:
        omwatch.desk.session.NotPossible: it would be refused, or publishes nothing.
    """
    from omwatch.desk.rehearsing import rehearse  # noqa: PLC0415 - `omwatch --help` must not wait for SQLAlchemy

    reached = await rehearse(session, decision)
    event, update = reached.event, reached.update
    two = update.severity in session.policy.two_person
    if json:
        drafted = {"event": plain.event(event), "update": plain.update(update)}
        print_json({"preview": drafted, "recipients": reached.recipients, "two_persons": two})
        return
    read = notice(event, update, "", "")
    facts = "\n".join(f"{name}: {value}" for name, value in [*read.facts, *read.components])
    say("\n\n".join(part for part in (read.heading, read.title, facts, read.text) if part))
    if two:
        say(f"\nseverity {event.severity:d} needs two operators: one publishes, another agrees")
    say(f"\n{would_reach(reached.recipients)}; nothing was published")
