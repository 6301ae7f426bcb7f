"""The record of incidents: what is written down, corrected or read, and of which nobody is notified."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from omwatch.cli.common import print_json
from omwatch.cli.components import note_strangers
from omwatch.cli.listing import listed
from omwatch.cli.opened import at_desk
from omwatch.cli.options import ACT, NEWEST, READ, Acting, AllOption, Grade, Number, Reading, Several, When
from omwatch.cli.texts import TextOption, said
from omwatch.cli.times import instant
from omwatch.cli.wrapping import say
from omwatch.domain.event import EventKind, EventStatus
from omwatch.domain.severity import Severity

if TYPE_CHECKING:
    from omwatch.desk.session import Session
    from omwatch.domain.notice import Draft

Begins = Literal[EventStatus.INVESTIGATING, EventStatus.IDENTIFIED, EventStatus.MONITORING]


async def edit(update: Number, /, *, text: TextOption, how: Acting = ACT) -> None:
    """Correct the text of an update, of whatever event; nobody is notified again.

    Args:
        update: The update's number, from 'omwatch incident show' or 'omwatch maintenance show'.
        text: The corrected text; "-" reads it from standard input.
        how: Who does it where.
    """
    spoken = said(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import incidents  # noqa: PLC0415 - needs SQLAlchemy, which `omwatch --help` must not wait for
        from omwatch.domain import plain  # noqa: PLC0415

        event = await incidents.edit(session, update, spoken)
    if how.json:
        print_json(plain.event(event))
    else:
        print(f"update {update} of {event.kind} {event.id}: corrected; nobody is notified again")


async def affects(number: Number, client: str, /, *clients: str, how: Acting = ACT) -> None:
    """Note which clients an incident affects.

    Args:
        number: The incident's number, from 'omwatch incident list'.
        client: A client, in whichever case.
        clients: More of them.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import incidents  # noqa: PLC0415 - as above

        await incidents.affects(session, number, (client, *clients))
        async with session.store.reading() as connection:
            names = await incidents.affected(connection, number)
    if how.json:
        print_json({"event": number, "clients": names})
    else:
        print(f"incident {number} affects {', '.join(names)}")


async def backfill(  # noqa: PLR0913 - one for each option
    title: str,
    /,
    *,
    text: TextOption,
    severity: Grade,
    component: Several,
    since: When,
    until: When,
    resolution: str | None = None,
    status: Begins = EventStatus.IDENTIFIED,
    how: Acting = ACT,
) -> None:
    """Write down an incident of the past, for the record and the page; nobody is notified.

    Args:
        title: What it was, in one line.
        text: What its first update says; "-" reads it from standard input.
        severity: 1 system outage, 2 major impairment, 3 minor loss of service, 4 no loss of service.
        component: What failed, as the page calls it; several times for several.
        since: When it began, such as "2026-11-20 09:30" in local time, or -3h.
        until: When it ended.
        resolution: What its last update says, instead of the draft.
        status: What it began as.
        how: Who does it where.
    """
    spoken = said(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import incidents  # noqa: PLC0415 - as above

        draft = drafted(session, (title, spoken), Severity(severity), status, component, since)
        ended_at = instant(until, session.policy.zone, session.now)
        await note_strangers(session, component)
        number = await incidents.backfill(session, draft, ended_at, resolution or "")
    if how.json:
        print_json({"event": number})
    else:
        print(f"incident {number}: written down; nobody is notified")


async def list_(*, all_: AllOption = False, how: Reading = READ) -> None:
    """List the incidents that go on.

    Args:
        all_: The newest hundred, those that are over included.
        how: What is read, and in which form.
    """
    async with at_desk(how.home) as session:
        from omwatch.cli.incident_words import line  # noqa: PLC0415 - needed by this command only
        from omwatch.domain import plain  # noqa: PLC0415
        from omwatch.store import events  # noqa: PLC0415 - as above

        async with session.store.reading() as connection:
            kind = EventKind.INCIDENT
            newest = events.newest(connection, kind, NEWEST) if all_ else events.open_incidents(connection)
            found = sorted(await newest, key=lambda item: (item.started_at, item.id), reverse=True)
    nothing = "no incidents yet" if all_ else "no open incidents"
    listed(found, plain.event, lambda item: line(item, session.policy.zone), nothing, json=how.json)


async def show(number: Number, /, *, how: Reading = READ) -> None:
    """Show an incident: its timeline, clients, tickets, deadlines, deliveries, and the maintenance that corrects it.

    Args:
        number: The incident's number, from 'omwatch incident list --all'.
        how: What is read, and in which form.
    """
    async with at_desk(how.home) as session:
        from omwatch.cli.incident_words import as_dict, lines  # noqa: PLC0415 - needed by this command only
        from omwatch.desk.dossier import dossier  # noqa: PLC0415 - as above

        found = await dossier(session, number)
    if how.json:
        print_json(as_dict(found, session.now))
    else:
        say("\n".join(lines(found, session.now, session.policy.zone)))


def drafted(
    session: "Session",
    words: tuple[str, str],
    severity: Severity,
    status: EventStatus,
    components: Sequence[str],
    since: str,
) -> "Draft":
    """Return the draft of an incident, of its title and text, as an operator's words describe it."""
    from omwatch.domain.notice import Draft  # noqa: PLC0415 - needed by these commands only

    began = instant(since, session.policy.zone, session.now)
    return Draft(*words, severity, status, dict.fromkeys(components, severity.component_status), began)
