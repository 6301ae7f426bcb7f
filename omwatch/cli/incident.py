"""``omwatch incident``: open, update, regrade, resolve and explain incidents."""

from collections.abc import Mapping

from cyclopts import App

from omwatch.cli import incident_record
from omwatch.cli.common import Misused
from omwatch.cli.deciding import AT_ONCE, Deciding, decide
from omwatch.cli.incident_record import Grade, Several, When, drafted
from omwatch.cli.maintenance_words import note_strangers
from omwatch.cli.opened import at_desk
from omwatch.cli.texts import TextOption, said
from omwatch.domain.event import EventStatus
from omwatch.domain.safetext import clean
from omwatch.domain.severity import ComponentStatus, Severity

app = App(name="incident", help="Open, update, regrade, resolve and explain incidents.")


@app.command(name="open")
async def open_(  # noqa: PLR0913 - one for each option
    title: str,
    /,
    *,
    text: TextOption,
    severity: Grade,
    component: Several,
    since: When = "now",
    status: EventStatus = EventStatus.IDENTIFIED,
    client: Several = (),
    how: Deciding = AT_ONCE,
) -> None:
    """Open an incident and notify every subscriber; its components get the status of its severity.

    Args:
        title: What it is, in one line.
        text: What subscribers read; "-" reads it from standard input.
        severity: 1 system outage, 2 major impairment, 3 minor loss of service, 4 no loss of service.
        component: What fails, as the page calls it; several times for several.
        since: When it began, such as "2026-11-24 09:30" in local time, or -20m.
        status: What it begins as: investigating, identified or monitoring.
        client: A client that it affects; several times for several.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = said(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import incidents  # noqa: PLC0415 - `omwatch --help` must not wait for SQLAlchemy

        await note_strangers(session, component)
        draft = drafted(session, (title, spoken), Severity(severity), status, component, since)
        await decide(session, how, lambda at: incidents.open_(at, draft, names=client), "incident")


@app.command
async def update(
    number: int,
    /,
    *,
    text: TextOption,
    status: EventStatus | None = None,
    component: Several = (),
    how: Deciding = AT_ONCE,
) -> None:
    """Say something about an incident, and move it on.

    Args:
        number: The incident's number, from 'omwatch incident list'.
        text: What subscribers read; "-" reads it from standard input.
        status: What it becomes; it stays as it is unless told.
        component: A component that has changed, such as "Chat routing=operational"; several times for several. The
            others are degraded_performance, partial_outage, major_outage and under_maintenance.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken, changes = said(text), dict(map(_change, component))
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import incidents  # noqa: PLC0415 - as above

        statement = incidents.Statement(spoken, status, changes)
        await decide(session, how, lambda at: incidents.update(at, number, statement), "incident")


@app.command
async def regrade(number: int, severity: Grade, /, *, why: str, text: TextOption = "", how: Deciding = AT_ONCE) -> None:
    """Give an incident another severity; old and new stand in its timeline.

    Args:
        number: The incident's number, from 'omwatch incident list'.
        severity: 1 system outage, 2 major impairment, 3 minor loss of service, 4 no loss of service.
        why: The reason, for operators.
        text: What subscribers read instead of the draft; "-" reads it from standard input.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = said(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import regrading  # noqa: PLC0415 - as above

        await decide(
            session, how, lambda at: regrading.regrade(at, number, Severity(severity), why, spoken), "incident"
        )


@app.command
async def continuity(number: int, /, *, client: Several, text: TextOption = "", how: Deciding = AT_ONCE) -> None:
    """Regrade a system outage to a major impairment under the business continuity plans of clients.

    Args:
        number: The incident's number, from 'omwatch incident list'.
        client: A client whose plan allows it; several times for several.
        text: What subscribers read instead of the draft; "-" reads it from standard input.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = said(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import regrading  # noqa: PLC0415 - as above

        await decide(session, how, lambda at: regrading.regrade_under_plan(at, number, client, spoken), "incident")


@app.command
async def resolve(number: int, /, *, text: TextOption = "", how: Deciding = AT_ONCE) -> None:
    """Say that an incident is over; its components work again.

    Args:
        number: The incident's number, from 'omwatch incident list'.
        text: What subscribers read instead of the draft; "-" reads it from standard input.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = said(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import incidents  # noqa: PLC0415 - as above

        await decide(session, how, lambda at: incidents.resolve(at, number, spoken), "incident")


@app.command
async def reopen(number: int, /, *, text: TextOption, how: Deciding = AT_ONCE) -> None:
    """Say that an incident is not over after all; its components fail as before.

    Args:
        number: The incident's number, from 'omwatch incident list --all'.
        text: What subscribers read; "-" reads it from standard input.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = said(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import incidents  # noqa: PLC0415 - as above

        await decide(session, how, lambda at: incidents.reopen(at, number, spoken), "incident")


@app.command
async def postmortem(number: int, /, *, text: TextOption, how: Deciding = AT_ONCE) -> None:
    """Publish what was learnt from an incident that is over.

    Args:
        number: The incident's number, from 'omwatch incident list --all'.
        text: What subscribers read; "-" reads it from standard input.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = said(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import incidents  # noqa: PLC0415 - as above

        await decide(session, how, lambda at: incidents.postmortem(at, number, spoken), "incident")


for _silent in (incident_record.edit, incident_record.affects, incident_record.backfill, incident_record.show):
    app.command(_silent)
app.command(incident_record.list_, name="list")


def _change(words: str) -> tuple[str, ComponentStatus]:
    name, _, status = words.rpartition("=")
    known: Mapping[str, ComponentStatus] = {item.label: item for item in ComponentStatus}
    found = known.get(status.strip().lower().replace("_", " ").replace("-", " "))
    if not name.strip() or found is None:
        choices = ", ".join(ComponentStatus)
        raise Misused(f'--component {clean(words)!r} must be like "Chat routing=operational"; there are {choices}')
    return name.strip(), found
