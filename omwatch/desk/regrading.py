"""Regrading incidents: by hand, as a second person agrees, or under clients' business continuity plans."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.desk.approvals import Matter, Waiting, second_person
from omwatch.desk.drafting import worded
from omwatch.desk.incidents import client_of, incident, note, refuse_ended, statement
from omwatch.desk.publishing import Published, add
from omwatch.desk.session import NotPossible, Session, line, words
from omwatch.domain.approval import Approval
from omwatch.domain.event import Event, Update
from omwatch.domain.notice import Draft, continuity_text, regraded_text
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.wording import Wording
from omwatch.store import events


async def regrade(
    session: Session, number: int, severity: Severity, reason: str, text: str = ""
) -> Published | Waiting:
    """Upgrade or downgrade an incident, for a reason that operators read; old and new stand in its timeline.

    Raises:
        NotPossible: it has that severity already, does not go on, or no reason was given.
    """
    because = line(reason, "the reason")
    async with session.deciding() as connection:
        event = await incident(connection, number)
        refuse_ended(event)
        if event.severity is severity:
            raise NotPossible(f"incident {number} has severity {severity:d} already; nothing was changed")
        default = regraded_text(event, severity, session.policy.levels)
        as_graded = replace(event, severity=severity)
        spoken = words(text or worded(session, Wording.INCIDENT_REGRADED, default, as_graded), "the text")
        draft = _draft(event, severity, spoken)
        asked = await second_person(connection, session, Matter(draft, incident=event, reason=because))
        if asked is not None:
            return asked
        done = await add(connection, session, event, of_regrade(session, draft, because))
        await note(connection, session, "regrade", event, number)
    return done


async def agreed(session: Session, asked: Approval, number: int) -> Published | Waiting:
    """Regrade an incident as one operator has asked, now that this one agrees.

    Args:
        session: whose agreement it is.
        asked: what waits.
        number: the incident.

    Raises:
        NotPossible: it has that severity already, does not go on, or this operator has asked for it.
    """
    async with session.deciding() as connection:
        event = await incident(connection, number)
        refuse_ended(event)
        draft = replace(_draft(event, asked.draft.severity, asked.draft.text), under_plan=asked.draft.under_plan)
        matter = Matter(draft, incident=event, reason=asked.reason, approval=asked.id)
        still = await second_person(connection, session, matter)
        if still is not None:
            return still
        done = await add(connection, session, event, of_regrade(session, draft, asked.reason))
        await note(connection, session, "regrade", event, number)
    return done


async def regrade_under_plan(
    session: Session, number: int, names: Sequence[str], text: str = ""
) -> Published | Waiting:
    """Regrade a system outage to a major impairment under the business continuity plan of these clients.

    Brief: "severity 1 tickets may be reevaluated and potentially regraded to a severity 2 ticket".

    Raises:
        NotPossible: it is no system outage, no client was named, or one of them has no plan.
    """
    if not names:
        raise NotPossible("name the clients whose business continuity plan allows it; nothing was changed")
    async with session.deciding() as connection:
        event = await incident(connection, number)
        draft, reason = await _planned(connection, session, event, names, text)
        asked = await second_person(connection, session, Matter(draft, incident=event, reason=reason))
        if asked is not None:
            return asked
        done = await add(connection, session, event, of_regrade(session, draft, reason))
        await note(connection, session, "regrade under a continuity plan", event, number)
    return done


async def under_plan(
    connection: AsyncConnection, session: Session, event: Event, names: Sequence[str], text: str
) -> Published:
    """Regrade a system outage under the plans of these clients, as a part of a decision.

    Raises:
        NotPossible: it is no system outage that goes on, or one of them is no client, or has no plan.
    """
    draft, reason = await _planned(connection, session, event, names, text)
    return await add(connection, session, event, of_regrade(session, draft, reason))


async def _planned(
    connection: AsyncConnection, session: Session, event: Event, names: Sequence[str], text: str
) -> tuple[Draft, str]:
    refuse_ended(event)
    if event.severity is not Severity.OUTAGE:
        what = f"incident {event.id} has severity {event.severity:d}; a continuity plan regrades severity 1"
        raise NotPossible(f"{what}; nothing was changed")
    agreed = {}
    for name in names:
        client = await client_of(connection, name)
        if not client.continuity_plan:
            raise NotPossible(f"{client.name} has no business continuity plan; nothing was changed")
        await events.add_client(connection, event.id, client.id)
        agreed[client.id] = client.name
    severity = Severity.IMPAIRMENT
    default, as_graded = continuity_text(event, session.policy.levels), replace(event, severity=severity)
    spoken = words(text or worded(session, Wording.INCIDENT_CONTINUITY, default, as_graded), "the text")
    draft = replace(_draft(event, severity, spoken), under_plan=True)
    return draft, f"business continuity plan of {', '.join(agreed.values())}"


def of_regrade(session: Session, draft: Draft, reason: str) -> Update:
    """Return the update that gives an incident the severity and the components of a draft."""
    said = statement(session, draft.status, draft.text, draft.components, reason)
    return replace(said, severity=draft.severity, under_plan=draft.under_plan)


def regraded_components(event: Event, severity: Severity) -> dict[str, ComponentStatus]:
    """Return the status that each failing component has under another severity.

    Those that have recovered stay so. Under "no loss of service" all of them are operational, and none has recovered.
    """
    failing = [
        name
        for name, status in event.components.items()
        if status is not ComponentStatus.OPERATIONAL or event.severity is Severity.NONE
    ]
    return dict.fromkeys(failing, severity.component_status)


def _draft(event: Event, severity: Severity, text: str) -> Draft:
    return Draft(event.title, text, severity, event.status, regraded_components(event, severity), event.started_at)
