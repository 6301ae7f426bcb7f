"""``omwatch ticket``: what clients report, in the order in which it is worked on."""

from typing import TYPE_CHECKING

from cyclopts import App

from omwatch.cli.common import print_json
from omwatch.cli.components import note_strangers
from omwatch.cli.listing import listed
from omwatch.cli.opened import at_desk
from omwatch.cli.options import ACT, READ, Acting, AllOption, Grade, Number, Reading, Switch, When
from omwatch.cli.texts import TextOption, said
from omwatch.cli.ticket_words import line, lines, owed, standing
from omwatch.cli.times import instant
from omwatch.cli.wrapping import say
from omwatch.domain import plain
from omwatch.domain.severity import Severity
from omwatch.domain.ticket import Ticket, TicketNature, queue

if TYPE_CHECKING:
    from omwatch.desk.session import Session

app = App(name="ticket")


@app.command
async def report(  # noqa: PLR0913 - one for each option
    client: str,
    title: str,
    /,
    *,
    grade: Grade | None = None,
    component: str = "",
    nature: TicketNature = TicketNature.FAULT,
    text: TextOption = "",
    at: When = "now",
    how: Acting = ACT,
) -> None:
    """Write down what a client reports; a first response is owed as its grade says.

    Args:
        client: The client's name, in whichever case.
        title: What it is, in one line.
        grade: 1 system outage, 2 major impairment, 3 minor loss of service, 4 no loss of service. A fault needs it.
        component: What it is about, as the page calls it.
        nature: What kind of report it is.
        text: All that the client says; "-" reads it from standard input.
        at: When it was reported, such as "2026-11-24 09:30" in local time, or -20m.
        how: Who does it where.
    """
    spoken = said(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import tickets  # noqa: PLC0415 - needs SQLAlchemy, which `omwatch --help` must not wait for

        reported_at = instant(at, session.policy.zone, session.now)
        severity = None if grade is None else Severity(grade)
        await note_strangers(session, [component])
        reported = tickets.Report(client, title, severity, nature, component, spoken, reported_at)
        done = await tickets.report(session, reported)
    _tell(session, done, f"reported, severity {done.grade:d}; {owed(done, session.policy.zone)}", json=how.json)


@app.command(name="list")
async def list_(*, all_: AllOption = False, how: Reading = READ) -> None:
    """List the open tickets in the order of work: severity, premium before standard, then the deadline.

    Args:
        all_: The closed ones, too, after the open ones, newest first.
        how: What is read, and in which form.
    """
    async with at_desk(how.home) as session:
        from omwatch.store import tickets  # noqa: PLC0415 - as above

        async with session.store.reading() as connection:
            found = await (tickets.every(connection) if all_ else tickets.open_ones(connection))
    closed = sorted((item for item in found if not item.status.open), key=lambda item: -item.id)
    ordered = [*queue([item for item in found if item.status.open]), *closed]
    listed(
        ordered,
        lambda item: plain.ticket(item, session.now),
        lambda item: line(item, session.now),
        "no tickets yet" if all_ else "no open tickets",
        json=how.json,
    )


@app.command
async def show(number: Number, /, *, how: Reading = READ) -> None:
    """Show one ticket.

    Args:
        number: The ticket's number, from 'omwatch ticket list'.
        how: What is read, and in which form.
    """
    async with at_desk(how.home) as session:
        from omwatch.desk import tickets  # noqa: PLC0415 - as above

        async with session.store.reading() as connection:
            found = await tickets.known(connection, number)
    if how.json:
        print_json(plain.ticket(found, session.now))
    else:
        say("\n".join(lines(found, session.now, session.policy.zone)))


@app.command
async def respond(number: Number, /, *, text: TextOption, how: Acting = ACT) -> None:
    """Note what the client was answered; the first answer meets the response deadline.

    Args:
        number: The ticket's number, from 'omwatch ticket list'.
        text: The answer, which is kept in the audit log; "-" reads it from standard input.
        how: Who does it where.
    """
    spoken = said(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import tickets  # noqa: PLC0415 - as above

        done = await tickets.respond(session, number, spoken)
    _tell(session, done, standing(done, session.now), json=how.json)


@app.command
async def assign(number: Number, name: str, /, *, how: Acting = ACT) -> None:
    """Give a ticket to an operator; no clock is touched.

    Args:
        number: The ticket's number, from 'omwatch ticket list'.
        name: Who works on it.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import tickets  # noqa: PLC0415 - as above

        done = await tickets.assign(session, number, name)
    _tell(session, done, f"assigned to {done.assignee}", json=how.json)


@app.command
async def regrade(
    number: Number,
    grade: Grade,
    /,
    *,
    why: str,
    how: Acting = ACT,
) -> None:
    """Give a ticket another severity; a response that is still owed is owed as that severity says.

    Args:
        number: The ticket's number, from 'omwatch ticket list'.
        grade: 1 system outage, 2 major impairment, 3 minor loss of service, 4 no loss of service.
        why: The reason; it is kept in the audit log.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import tickets  # noqa: PLC0415 - as above

        done = await tickets.regrade(session, number, Severity(grade), why)
    _tell(session, done, f"severity {done.grade:d}; {owed(done, session.policy.zone)}", json=how.json)


@app.command
async def link(number: Number, incident: Number, /, *, how: Acting = ACT) -> None:
    """Make a ticket part of an incident; its client counts as affected from then on.

    Args:
        number: The ticket's number, from 'omwatch ticket list'.
        incident: The incident's number.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import linking  # noqa: PLC0415 - as above

        done = await linking.link(session, number, incident)
    _tell(session, done, f"part of incident {done.incident}, which affects {done.client}", json=how.json)


@app.command
async def unlink(
    number: Number,
    /,
    *,
    unaffected: Switch = False,
    how: Acting = ACT,
) -> None:
    """Take a ticket out of its incident.

    Args:
        number: The ticket's number, from 'omwatch ticket list'.
        unaffected: The incident does not affect the client after all; unless told, it still counts as affected.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import linking  # noqa: PLC0415 - as above

        done = await linking.unlink(session, number, unaffected=unaffected)
    counts = "does not count as affected any more" if unaffected else "still counts as affected"
    _tell(session, done, f"part of no incident; {done.client} {counts}", json=how.json)


@app.command
async def close(number: Number, /, *, text: TextOption, how: Acting = ACT) -> None:
    """Close a ticket; one that had no answer yet counts as answered by that.

    Args:
        number: The ticket's number, from 'omwatch ticket list'.
        text: What the client was told, which is kept in the audit log; "-" reads it from standard input.
        how: Who does it where.
    """
    spoken = said(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import tickets  # noqa: PLC0415 - as above

        done = await tickets.close(session, number, spoken)
    _tell(session, done, standing(done, session.now), json=how.json)


@app.command
async def reopen(number: Number, /, *, how: Acting = ACT) -> None:
    """Work on a closed ticket again.

    Args:
        number: The ticket's number, from 'omwatch ticket list --all'.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import tickets  # noqa: PLC0415 - as above

        done = await tickets.reopen(session, number)
    _tell(session, done, "open again", json=how.json)


def _tell(session: "Session", done: Ticket, what: str, *, json: bool) -> None:
    if json:
        print_json(plain.ticket(done, session.now))
    else:
        print(f"ticket {done.id}: {what}")
