"""``omwatch incident``: open, update, regrade, resolve and explain incidents."""

from collections.abc import Mapping
from typing import Literal

from cyclopts import App

from omwatch.cli import incident_record
from omwatch.cli.common import Misused
from omwatch.cli.components import note_strangers
from omwatch.cli.deciding import decide
from omwatch.cli.incident_record import Begins, drafted
from omwatch.cli.opened import at_desk
from omwatch.cli.options import DECIDE, Deciding, Grade, Number, Several, When
from omwatch.cli.texts import OwnTextOption, TextOption, instead, said
from omwatch.domain.event import EventStatus
from omwatch.domain.safetext import clean
from omwatch.domain.severity import ComponentStatus, Severity

Becomes = Literal[Begins, EventStatus.RESOLVED, EventStatus.POSTMORTEM]

app = App(name="incident")


@app.command(name="open")
async def open_(  # noqa: PLR0913 - one for each option
    title: str,
    /,
    *,
    text: TextOption,
    severity: Grade,
    component: Several,
    since: When = "now",
    status: Begins = EventStatus.IDENTIFIED,
    client: Several = (),
    how: Deciding = DECIDE,
) -> None:
    """Open an incident and notify every subscriber; its components get the status of its severity.

    Args:
        title: What it is, in one line.
        text: What subscribers read; "-" reads it from standard input.
        severity: 1 system outage, 2 major impairment, 3 minor loss of service, 4 no loss of service.
        component: What fails, as the page calls it; several times for several.
        since: When it began, such as "2026-11-24 09:30" in local time, or -20m.
        status: What it begins as.
        client: A client that it affects; several times for several.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = said(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import incidents  # noqa: PLC0415 - `omwatch --help` must not wait for SQLAlchemy

        draft = drafted(session, (title, spoken), Severity(severity), status, component, since)
        await note_strangers(session, component)
        await decide(session, how, lambda at: incidents.open_(at, draft, names=client), "incident")


@app.command
async def update(
    number: Number,
    /,
    *,
    text: TextOption,
    status: Becomes | None = None,
    component: Several = (),
    how: Deciding = DECIDE,
) -> None:
    """Say something about an incident, and move it on.

    Args:
        number: The incident's number, from 'omwatch incident list'.
        text: What subscribers read; "-" reads it from standard input.
        status: What it becomes; it stays as it is unless told.
        component: One that has changed, such as "Chat routing=degraded_performance"; several times for several.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken, changes = said(text), dict(map(_change, component))
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import incidents  # noqa: PLC0415 - as above

        statement = incidents.Statement(spoken, status, changes)
        await decide(session, how, lambda at: incidents.update(at, number, statement), "incident")


@app.command
async def regrade(
    number: Number, severity: Grade, /, *, why: str, text: OwnTextOption = None, how: Deciding = DECIDE
) -> None:
    """Give an incident another severity; old and new stand in its timeline.

    Args:
        number: The incident's number, from 'omwatch incident list'.
        severity: 1 system outage, 2 major impairment, 3 minor loss of service, 4 no loss of service.
        why: The reason, for operators.
        text: What subscribers read instead of the draft; "-" reads it from standard input.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = instead(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import regrading  # noqa: PLC0415 - as above

        grade = Severity(severity)
        await decide(session, how, lambda at: regrading.regrade(at, number, grade, why, spoken), "incident")


@app.command
async def continuity(number: Number, /, *, client: Several, text: OwnTextOption = None, how: Deciding = DECIDE) -> None:
    """Regrade a system outage to a major impairment under the business continuity plans of clients.

    Args:
        number: The incident's number, from 'omwatch incident list'.
        client: A client whose plan allows it; several times for several.
        text: What subscribers read instead of the draft; "-" reads it from standard input.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = instead(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import regrading  # noqa: PLC0415 - as above

        await decide(session, how, lambda at: regrading.regrade_under_plan(at, number, client, spoken), "incident")


@app.command
async def resolve(number: Number, /, *, text: OwnTextOption = None, how: Deciding = DECIDE) -> None:
    """Say that an incident is over; its components work again.

    Args:
        number: The incident's number, from 'omwatch incident list'.
        text: What subscribers read instead of the draft; "-" reads it from standard input.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = instead(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import incidents  # noqa: PLC0415 - as above

        await decide(session, how, lambda at: incidents.resolve(at, number, spoken), "incident")


@app.command
async def reopen(number: Number, /, *, text: TextOption, how: Deciding = DECIDE) -> None:
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
async def postmortem(number: Number, /, *, text: TextOption, how: Deciding = DECIDE) -> None:
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
