"""``omwatch incident``: open, update, regrade, resolve and explain incidents."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cyclopts import App

from omwatch.cli import incident_record
from omwatch.cli.common import Misused
from omwatch.cli.incident_record import Grade, Several, When, drafted
from omwatch.cli.publishing import USUALLY, Publishing, TextOption, publish, said
from omwatch.domain.event import EventStatus
from omwatch.domain.safetext import clean
from omwatch.domain.severity import ComponentStatus, Severity

if TYPE_CHECKING:
    from omwatch.desk.approvals import Waiting
    from omwatch.desk.publishing import Published
    from omwatch.desk.session import Session

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
    how: Publishing = USUALLY,
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
        how: What all commands that publish understand.
    """
    spoken = said(text)

    async def decide(session: "Session") -> "Published | Waiting":
        from omwatch.desk import incidents  # noqa: PLC0415 - needs SQLAlchemy, which `omwatch --help` must not wait for
        from omwatch.desk.approvals import Waiting  # noqa: PLC0415

        draft = await drafted(session, (title, spoken), Severity(severity), status, component, since)
        done = await incidents.open_(session, draft, names=client)
        if client and isinstance(done, Waiting):
            print("no client is noted yet; once it is open, note them with 'omwatch incident affects'", file=sys.stderr)
        return done

    await publish(how, "incident", decide)


@app.command
async def update(
    number: int,
    /,
    *,
    text: TextOption,
    status: EventStatus | None = None,
    component: Several = (),
    how: Publishing = USUALLY,
) -> None:
    """Say something about an incident, and move it on.

    Args:
        number: The incident's number, from 'omwatch incident list'.
        text: What subscribers read; "-" reads it from standard input.
        status: What it becomes; it stays as it is unless told.
        component: A component that has changed, such as "Chat routing=operational"; several times for several. The
            others are degraded_performance, partial_outage, major_outage and under_maintenance.
        how: What all commands that publish understand.
    """
    spoken, changes = said(text), dict(map(_change, component))

    async def decide(session: "Session") -> "Published":
        from omwatch.desk import incidents  # noqa: PLC0415 - as above

        return await incidents.update(session, number, incidents.Statement(spoken, status, changes))

    await publish(how, "incident", decide)


@app.command
async def regrade(
    number: int, severity: Grade, /, *, why: str, text: TextOption = "", how: Publishing = USUALLY
) -> None:
    """Give an incident another severity; old and new stand in its timeline.

    Args:
        number: The incident's number, from 'omwatch incident list'.
        severity: 1 system outage, 2 major impairment, 3 minor loss of service, 4 no loss of service.
        why: The reason, for operators.
        text: What subscribers read instead of the draft; "-" reads it from standard input.
        how: What all commands that publish understand.
    """
    spoken = said(text)

    async def decide(session: "Session") -> "Published | Waiting":
        from omwatch.desk import incidents  # noqa: PLC0415 - as above

        return await incidents.regrade(session, number, Severity(severity), why, spoken)

    await publish(how, "incident", decide)


@app.command
async def continuity(number: int, /, *, client: Several, text: TextOption = "", how: Publishing = USUALLY) -> None:
    """Regrade a system outage to a major impairment under the business continuity plans of clients.

    Args:
        number: The incident's number, from 'omwatch incident list'.
        client: A client whose plan allows it; several times for several.
        text: What subscribers read instead of the draft; "-" reads it from standard input.
        how: What all commands that publish understand.
    """
    spoken = said(text)

    async def decide(session: "Session") -> "Published | Waiting":
        from omwatch.desk import incidents  # noqa: PLC0415 - as above

        return await incidents.regrade_under_plan(session, number, client, spoken)

    await publish(how, "incident", decide)


@app.command
async def resolve(number: int, /, *, text: TextOption = "", how: Publishing = USUALLY) -> None:
    """Say that an incident is over; its components work again.

    Args:
        number: The incident's number, from 'omwatch incident list'.
        text: What subscribers read instead of the draft; "-" reads it from standard input.
        how: What all commands that publish understand.
    """
    spoken = said(text)

    async def decide(session: "Session") -> "Published":
        from omwatch.desk import incidents  # noqa: PLC0415 - as above

        return await incidents.resolve(session, number, spoken)

    await publish(how, "incident", decide)


@app.command
async def reopen(number: int, /, *, text: TextOption, how: Publishing = USUALLY) -> None:
    """Say that an incident is not over after all; its components fail as before.

    Args:
        number: The incident's number, from 'omwatch incident list --all'.
        text: What subscribers read; "-" reads it from standard input.
        how: What all commands that publish understand.
    """
    spoken = said(text)

    async def decide(session: "Session") -> "Published":
        from omwatch.desk import incidents  # noqa: PLC0415 - as above

        return await incidents.reopen(session, number, spoken)

    await publish(how, "incident", decide)


@app.command
async def postmortem(number: int, /, *, text: TextOption, how: Publishing = USUALLY) -> None:
    """Publish what was learnt from an incident that is over.

    Args:
        number: The incident's number, from 'omwatch incident list --all'.
        text: What subscribers read; "-" reads it from standard input.
        how: What all commands that publish understand.
    """
    spoken = said(text)

    async def decide(session: "Session") -> "Published":
        from omwatch.desk import incidents  # noqa: PLC0415 - as above

        return await incidents.postmortem(session, number, spoken)

    await publish(how, "incident", decide)


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
