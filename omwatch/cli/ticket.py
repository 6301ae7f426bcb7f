"""``omwatch ticket``: what clients report, in the order in which it is worked on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from omwatch.cli.common import AsOption, HomeOption, JsonOption, print_json
from omwatch.cli.opened import at_desk
from omwatch.cli.ticket_words import line, lines, owed, standing
from omwatch.cli.times import instant
from omwatch.domain import plain
from omwatch.domain.severity import Severity
from omwatch.domain.ticket import Ticket, TicketNature, queue

if TYPE_CHECKING:
    from omwatch.desk.session import Session

Grade = Literal[1, 2, 3, 4]

app = App(name="ticket", help="Report, answer, grade, link, close or list clients' tickets.")


@app.command
async def report(  # noqa: PLR0913 - one for each option
    client: str,
    title: str,
    /,
    *,
    grade: Grade | None = None,
    component: str = "",
    nature: TicketNature = TicketNature.FAULT,
    text: str = "",
    at: str = "now",
    json: JsonOption = False,
    as_: AsOption = None,
    home: HomeOption = Path(),
) -> None:
    """Write down what a client reports; a first response is owed as its grade says.

    Args:
        client: The client's name, in whichever case.
        title: What it is, in one line.
        grade: 1 system outage, 2 major impairment, 3 minor loss of service, 4 no loss of service. Only a fault needs
            it; the rest is always 4.
        component: What it is about, as the page calls it.
        nature: fault, enhancement or question.
        text: All that the client says.
        at: When it was reported, such as "2026-11-24 09:30", in local time, or with its offset.
        json: Print one JSON object.
        as_: Who decides, where config.toml allows to say so.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home, as_) as session:
        from omwatch.desk import tickets  # noqa: PLC0415 - needs SQLAlchemy, which `omwatch --help` must not wait for

        reported_at = instant(at, session.policy.zone, session.now)
        severity = None if grade is None else Severity(grade)
        said = tickets.Report(client, title, severity, nature, component, text, reported_at)
        done = await tickets.report(session, said)
    _tell(session, done, f"reported, severity {done.grade:d}; {owed(done, session.policy.zone)}", json=json)


@app.command(name="list")
async def list_(
    *,
    all_: Annotated[bool, Parameter(name="--all", negative=())] = False,
    json: JsonOption = False,
    home: HomeOption = Path(),
) -> None:
    """List the open tickets in the order of work: severity, premium before standard, then the deadline.

    Args:
        all_: The closed ones, too, after the open ones, newest first.
        json: Print a JSON array.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home) as session:
        from omwatch.store import tickets  # noqa: PLC0415 - as above

        async with session.store.reading() as connection:
            found = await (tickets.every(connection) if all_ else tickets.open_ones(connection))
    closed = sorted((item for item in found if not item.status.open), key=lambda item: -item.id)
    ordered = [*queue([item for item in found if item.status.open]), *closed]
    if json:
        print_json([plain.ticket(item, session.now) for item in ordered])
        return
    for item in ordered:
        print(line(item, session.now))
    if not ordered:
        print("no tickets yet" if all_ else "no open tickets")


@app.command
async def show(number: int, /, *, json: JsonOption = False, home: HomeOption = Path()) -> None:
    """Show one ticket.

    Args:
        number: The ticket's number, from 'omwatch ticket list'.
        json: Print one JSON object.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home) as session:
        from omwatch.desk import tickets  # noqa: PLC0415 - as above

        async with session.store.reading() as connection:
            found = await tickets.known(connection, number)
    if json:
        print_json(plain.ticket(found, session.now))
    else:
        print("\n".join(lines(found, session.now, session.policy.zone)))


@app.command
async def respond(
    number: int, /, *, text: str, json: JsonOption = False, as_: AsOption = None, home: HomeOption = Path()
) -> None:
    """Note what the client was answered; the first answer meets the response deadline.

    Args:
        number: The ticket's number, from 'omwatch ticket list'.
        text: The answer; it is kept in the audit log.
        json: Print one JSON object.
        as_: Who decides, where config.toml allows to say so.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home, as_) as session:
        from omwatch.desk import tickets  # noqa: PLC0415 - as above

        done = await tickets.respond(session, number, text)
    _tell(session, done, standing(done, session.now), json=json)


@app.command
async def assign(
    number: int, name: str, /, *, json: JsonOption = False, as_: AsOption = None, home: HomeOption = Path()
) -> None:
    """Give a ticket to an operator; no clock is touched.

    Args:
        number: The ticket's number, from 'omwatch ticket list'.
        name: Who works on it.
        json: Print one JSON object.
        as_: Who decides, where config.toml allows to say so.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home, as_) as session:
        from omwatch.desk import tickets  # noqa: PLC0415 - as above

        done = await tickets.assign(session, number, name)
    _tell(session, done, f"assigned to {done.assignee}", json=json)


@app.command
async def regrade(
    number: int,
    grade: Grade,
    /,
    *,
    why: str,
    json: JsonOption = False,
    as_: AsOption = None,
    home: HomeOption = Path(),
) -> None:
    """Give a ticket another severity; a response that is still owed is owed as that severity says.

    Args:
        number: The ticket's number, from 'omwatch ticket list'.
        grade: 1 system outage, 2 major impairment, 3 minor loss of service, 4 no loss of service.
        why: The reason; it is kept in the audit log.
        json: Print one JSON object.
        as_: Who decides, where config.toml allows to say so.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home, as_) as session:
        from omwatch.desk import tickets  # noqa: PLC0415 - as above

        done = await tickets.regrade(session, number, Severity(grade), why)
    _tell(session, done, f"severity {done.grade:d}; {owed(done, session.policy.zone)}", json=json)


@app.command
async def link(
    number: int, incident: int, /, *, json: JsonOption = False, as_: AsOption = None, home: HomeOption = Path()
) -> None:
    """Make a ticket part of an incident; its client counts as affected from then on.

    Args:
        number: The ticket's number, from 'omwatch ticket list'.
        incident: The incident's number.
        json: Print one JSON object.
        as_: Who decides, where config.toml allows to say so.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home, as_) as session:
        from omwatch.desk import linking  # noqa: PLC0415 - as above

        done = await linking.link(session, number, incident)
    _tell(session, done, f"part of incident {done.incident}, which affects {done.client}", json=json)


@app.command
async def unlink(
    number: int,
    /,
    *,
    unaffected: Annotated[bool, Parameter(negative=())] = False,
    json: JsonOption = False,
    as_: AsOption = None,
    home: HomeOption = Path(),
) -> None:
    """Take a ticket out of its incident.

    Args:
        number: The ticket's number, from 'omwatch ticket list'.
        unaffected: The incident does not affect the client after all; unless told, it still counts as affected.
        json: Print one JSON object.
        as_: Who decides, where config.toml allows to say so.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home, as_) as session:
        from omwatch.desk import linking  # noqa: PLC0415 - as above

        done = await linking.unlink(session, number, unaffected=unaffected)
    counts = "does not count as affected any more" if unaffected else "still counts as affected"
    _tell(session, done, f"part of no incident; {done.client} {counts}", json=json)


@app.command
async def close(
    number: int, /, *, text: str, json: JsonOption = False, as_: AsOption = None, home: HomeOption = Path()
) -> None:
    """Close a ticket; one that had no answer yet counts as answered by that.

    Args:
        number: The ticket's number, from 'omwatch ticket list'.
        text: What the client was told; it is kept in the audit log.
        json: Print one JSON object.
        as_: Who decides, where config.toml allows to say so.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home, as_) as session:
        from omwatch.desk import tickets  # noqa: PLC0415 - as above

        done = await tickets.close(session, number, text)
    _tell(session, done, standing(done, session.now), json=json)


@app.command
async def reopen(number: int, /, *, json: JsonOption = False, as_: AsOption = None, home: HomeOption = Path()) -> None:
    """Work on a closed ticket again.

    Args:
        number: The ticket's number, from 'omwatch ticket list --all'.
        json: Print one JSON object.
        as_: Who decides, where config.toml allows to say so.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home, as_) as session:
        from omwatch.desk import tickets  # noqa: PLC0415 - as above

        done = await tickets.reopen(session, number)
    _tell(session, done, "open again", json=json)


def _tell(session: "Session", done: Ticket, what: str, *, json: bool) -> None:
    if json:
        print_json(plain.ticket(done, session.now))
    else:
        print(f"ticket {done.id}: {what}")
