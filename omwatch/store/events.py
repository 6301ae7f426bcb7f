"""Events and their updates."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.event import EventKind, Incident, IncidentStatus, Update
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.store.tables import event_components, events, updates

_OPEN = tuple(status for status in IncidentStatus if status.open)


async def add_incident(connection: AsyncConnection, incident: Incident, operator: str, suggestion: int | None) -> int:
    """Write an incident with its components and return its number; its updates are added on their own."""
    row = {
        "kind": EventKind.INCIDENT,
        "title": incident.title,
        "severity": incident.severity,
        "status": incident.status,
        "started_at": incident.started_at,
        "created_at": incident.created_at,
        "created_by": operator,
        "suggestion_id": suggestion,
    }
    number = int((await connection.execute(insert(events).values(row).returning(events.c.id))).scalar_one())
    components = [
        {"event_id": number, "component": name, "status": status} for name, status in incident.components.items()
    ]
    await connection.execute(insert(event_components), components)
    return number


async def add_update(connection: AsyncConnection, event: int, statement: Update) -> int:
    """Write one update of an event and return its number."""
    row = {
        "event_id": event,
        "status": statement.status,
        "text": statement.text,
        "at": statement.at,
        "author": statement.author,
    }
    return int((await connection.execute(insert(updates).values(row).returning(updates.c.id))).scalar_one())


async def open_incidents(connection: AsyncConnection) -> list[Incident]:
    """Return the incidents that go on, newest first."""
    return await _incidents(connection, and_(events.c.kind == EventKind.INCIDENT, events.c.status.in_(_OPEN)))


async def under_maintenance(connection: AsyncConnection) -> frozenset[str]:
    """Return the components that a maintenance window holds now; what fails there is not suggested."""
    held = and_(events.c.kind == EventKind.MAINTENANCE, event_components.c.status == ComponentStatus.UNDER_MAINTENANCE)
    statement = select(event_components.c.component).join(events, events.c.id == event_components.c.event_id)
    return frozenset((await connection.execute(statement.where(held))).scalars())


async def incident(connection: AsyncConnection, number: int) -> Incident | None:
    """Return one incident, or None."""
    found = await _incidents(connection, events.c.id == number)
    return found[0] if found else None


async def incident_of_update(connection: AsyncConnection, number: int) -> tuple[Incident, Update]:
    """Return an update with the incident it belongs to."""
    event = (await connection.execute(select(updates.c.event_id).where(updates.c.id == number))).scalar_one()
    (found,) = await _incidents(connection, events.c.id == event)
    return found, next(item for item in found.updates if item.id == number)


async def regrade(
    connection: AsyncConnection, number: int, severity: Severity, components: Mapping[str, ComponentStatus]
) -> None:
    """Give an incident another severity, and its components the status that goes with what is known of them."""
    await connection.execute(update(events).where(events.c.id == number).values(severity=severity))
    for component, status in components.items():
        its = and_(event_components.c.event_id == number, event_components.c.component == component)
        await connection.execute(update(event_components).where(its).values(status=status))


async def set_status(connection: AsyncConnection, number: int, status: IncidentStatus) -> None:
    """Note where an incident stands now."""
    await connection.execute(update(events).where(events.c.id == number).values(status=status))


async def _incidents(connection: AsyncConnection, condition: Any) -> list[Incident]:  # noqa: ANN401 - an SQL expression
    rows = (await connection.execute(select(events).where(condition).order_by(events.c.id.desc()))).all()
    numbers = [row.id for row in rows]
    components = await _components(connection, numbers)
    timelines = await _timelines(connection, numbers)
    return [_incident(row, components.get(row.id, {}), timelines.get(row.id, ())) for row in rows]


async def _components(connection: AsyncConnection, numbers: list[int]) -> dict[int, dict[str, ComponentStatus]]:
    statement = select(event_components).where(event_components.c.event_id.in_(numbers))
    found: dict[int, dict[str, ComponentStatus]] = {}
    for row in await connection.execute(statement):
        found.setdefault(row.event_id, {})[row.component] = row.status
    return found


async def _timelines(connection: AsyncConnection, numbers: list[int]) -> dict[int, tuple[Update, ...]]:
    statement = select(updates).where(updates.c.event_id.in_(numbers)).order_by(updates.c.id)
    found: dict[int, tuple[Update, ...]] = {}
    for row in await connection.execute(statement):
        statement_made = Update(row.id, row.status, row.text, row.author, row.at)
        found[row.event_id] = (*found.get(row.event_id, ()), statement_made)
    return found


def _incident(row: Row[Any], components: Mapping[str, ComponentStatus], timeline: tuple[Update, ...]) -> Incident:
    created: datetime = row.created_at
    return Incident(
        id=row.id,
        title=row.title,
        severity=row.severity,
        status=row.status,
        components=dict(components),
        started_at=row.started_at,
        created_at=created,
        updates=timeline,
    )
