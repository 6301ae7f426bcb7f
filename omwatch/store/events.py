"""Events, their components and their timelines."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, insert, literal, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.event import (
    Event,
    EventKind,
    EventStatus,
    Maintenance,
    Present,
    Subprocessor,
    Update,
    Window,
)
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.store.tables import event_clients, event_components, events, updates

_OPEN = tuple(status for status in EventStatus if status.open)
_STANDS = events.c.withdrawn_at.is_(None)


async def add(connection: AsyncConnection, event: Event, operator: str, suggestion: int | None = None) -> int:
    """Write an event with its components and return its number; its updates are added on their own."""
    row = {**_row(event), "created_by": operator, "suggestion_id": suggestion}
    number = int((await connection.execute(insert(events).values(row).returning(events.c.id))).scalar_one())
    await _keep_components(connection, number, event.components)
    return number


async def add_update(connection: AsyncConnection, event: int, statement: Update) -> int:
    """Write one update of an event and return its number; :func:`keep` brings the event there."""
    row = {
        "event_id": event,
        "status": statement.status,
        "text": statement.text,
        "at": statement.at,
        "author": statement.author,
        "severity": statement.severity,
        "components": dict(statement.components),
        "starts_at": statement.window.starts_at if statement.window else None,
        "ends_at": statement.window.ends_at if statement.window else None,
        "reason": statement.reason or None,
        "under_plan": statement.under_plan,
        "publish_at": statement.publish_at,
    }
    return int((await connection.execute(insert(updates).values(row).returning(updates.c.id))).scalar_one())


async def keep(connection: AsyncConnection, number: int, present: Present) -> None:
    """Write where an event stands now, as its timeline says."""
    values: dict[str, object] = {"status": present.status, "severity": present.severity}
    if present.window:
        values |= {"started_at": present.window.starts_at, "ends_at": present.window.ends_at}
    await connection.execute(update(events).where(events.c.id == number).values(values))
    await _keep_components(connection, number, present.components)


async def keep_maintenance(connection: AsyncConnection, number: int, maintenance: Maintenance) -> None:
    """Write what a maintenance leaves to the clock."""
    await connection.execute(update(events).where(events.c.id == number).values(_maintenance_row(maintenance)))


async def edit(connection: AsyncConnection, number: int, text: str, now: datetime) -> None:
    """Correct the text of an update."""
    await connection.execute(update(updates).where(updates.c.id == number).values(text=text, edited_at=now))


async def withdraw_update(connection: AsyncConnection, number: int, now: datetime) -> None:
    """Take an update off its timeline; its row stays."""
    await connection.execute(update(updates).where(updates.c.id == number).values(withdrawn_at=now))


async def withdraw(connection: AsyncConnection, number: int, now: datetime) -> None:
    """Take an event out of every list; its row stays, and its suggestion may be confirmed anew."""
    values = {"withdrawn_at": now, "suggestion_id": None}
    await connection.execute(update(events).where(events.c.id == number).values(values))


async def suggestion_of(connection: AsyncConnection, number: int) -> int | None:
    """Return the suggestion that an event came from."""
    found: int | None = (
        await connection.execute(select(events.c.suggestion_id).where(events.c.id == number))
    ).scalar_one()
    return found


async def get(connection: AsyncConnection, number: int) -> Event | None:
    """Return one event, or None."""
    found = await _events(connection, events.c.id == number)
    return found[0] if found else None


async def of_update(connection: AsyncConnection, number: int) -> tuple[Event, Update] | None:
    """Return an update with the event it belongs to; None when it is not there, or not any more."""
    statement = select(updates.c.event_id).where(updates.c.id == number)
    event = (await connection.execute(statement)).scalar_one_or_none()
    for found in [] if event is None else await _events(connection, events.c.id == event):
        for item in found.updates:
            if item.id == number:
                return found, item
    return None


async def open_incidents(connection: AsyncConnection) -> list[Event]:
    """Return the incidents that go on, newest first."""
    return await _events(connection, and_(events.c.kind == EventKind.INCIDENT, events.c.status.in_(_OPEN)))


async def maintenances(connection: AsyncConnection) -> list[Event]:
    """Return the maintenances that go on or lie ahead, the earliest first."""
    waiting = events.c.status.in_([*_OPEN, EventStatus.SCHEDULED])
    found = await _events(connection, and_(events.c.kind == EventKind.MAINTENANCE, waiting))
    return sorted(found, key=lambda event: (event.started_at, event.id))


async def newest(connection: AsyncConnection, kind: EventKind, limit: int) -> list[Event]:
    """Return the newest events of a kind, newest first."""
    numbers = select(events.c.id).where(events.c.kind == kind, _STANDS).order_by(events.c.id.desc()).limit(limit)
    return await _events(connection, events.c.id.in_(numbers))


async def between(connection: AsyncConnection, since: datetime, until: datetime) -> list[Event]:
    """Return the events that began before ``until`` and had an update at ``since`` or later, or still go on."""
    spoken = select(updates.c.event_id).where(updates.c.at >= since, updates.c.withdrawn_at.is_(None))
    touched = events.c.status.in_(_OPEN) | events.c.id.in_(spoken)
    return await _events(connection, and_(events.c.started_at < until, touched))


async def correcting(connection: AsyncConnection, incident: int) -> list[Event]:
    """Return the maintenances that correct an incident, newest first."""
    return await _events(connection, events.c.corrects == incident)


async def of_series(connection: AsyncConnection, series: int) -> list[Event]:
    """Return the maintenances of a recurring series, newest first."""
    return await _events(connection, events.c.series_id == series)


async def under_maintenance(connection: AsyncConnection) -> frozenset[str]:
    """Return the components that a maintenance window holds now; what fails there is not suggested."""
    # By their status, for those that go on are few, and this is asked every second.
    running = and_(events.c.kind == EventKind.MAINTENANCE, events.c.status.in_(_OPEN), _STANDS)
    held = event_components.c.status == ComponentStatus.UNDER_MAINTENANCE
    statement = select(event_components.c.component).join(events, events.c.id == event_components.c.event_id)
    return frozenset((await connection.execute(statement.where(running, held))).scalars())


async def add_client(connection: AsyncConnection, event: int, client: int) -> None:
    """Note that an incident affects a client; saying so twice changes nothing."""
    row = upsert(event_clients).values(event_id=event, client_id=client)
    await connection.execute(row.on_conflict_do_nothing())


async def clients_of(connection: AsyncConnection, event: int) -> frozenset[int]:
    """Return the numbers of the clients that an incident affects."""
    statement = select(event_clients.c.client_id).where(event_clients.c.event_id == event)
    return frozenset((await connection.execute(statement)).scalars())


async def remove_client(connection: AsyncConnection, event: int, client: int) -> None:
    """Note that an incident does not affect a client after all."""
    mine = and_(event_clients.c.event_id == event, event_clients.c.client_id == client)
    await connection.execute(delete(event_clients).where(mine))


async def affecting(connection: AsyncConnection, client: int, limit: int) -> list[Event]:
    """Return the newest incidents that affect a client, or did, newest first."""
    its = select(event_clients.c.event_id).where(event_clients.c.client_id == client)
    numbers = select(events.c.id).where(events.c.id.in_(its), _STANDS).order_by(events.c.id.desc()).limit(limit)
    return await _events(connection, events.c.id.in_(numbers))


async def _keep_components(connection: AsyncConnection, number: int, components: Mapping[str, ComponentStatus]) -> None:
    rows = [{"event_id": number, "component": name, "status": status} for name, status in components.items()]
    if rows:
        statement = upsert(event_components)
        overwrite = statement.on_conflict_do_update(
            index_elements=["event_id", "component"], set_={"status": statement.excluded.status}
        )
        await connection.execute(overwrite, rows)


async def _events(connection: AsyncConnection, condition: Any) -> list[Event]:  # noqa: ANN401 - an SQL expression
    rows = (await connection.execute(select(events).where(condition, _STANDS).order_by(events.c.id.desc()))).all()
    numbers = select(events.c.id).where(condition, _STANDS) if rows else literal(0)
    components = await _components(connection, numbers)
    timelines = await _timelines(connection, numbers)
    return [_event(row, components.get(row.id, {}), tuple(timelines.get(row.id, ()))) for row in rows]


async def _components(
    connection: AsyncConnection,
    numbers: Any,  # noqa: ANN401 - an SQL expression
) -> dict[int, dict[str, ComponentStatus]]:
    found: dict[int, dict[str, ComponentStatus]] = {}
    statement = select(event_components).where(event_components.c.event_id.in_(numbers))
    for row in await connection.execute(statement):
        found.setdefault(row.event_id, {})[row.component] = row.status
    return found


async def _timelines(
    connection: AsyncConnection,
    numbers: Any,  # noqa: ANN401 - an SQL expression
) -> dict[int, list[Update]]:
    its = and_(updates.c.event_id.in_(numbers), updates.c.withdrawn_at.is_(None))
    found: dict[int, list[Update]] = {}
    for row in await connection.execute(select(updates).where(its).order_by(updates.c.id)):
        found.setdefault(row.event_id, []).append(_update(row))
    return found


def _row(event: Event) -> dict[str, object]:
    return {
        "kind": event.kind,
        "title": event.title,
        "severity": event.severity,
        "status": event.status,
        "started_at": event.started_at,
        "created_at": event.created_at,
        "ends_at": event.window.ends_at if event.window else None,
        "subprocessor": _subprocessor_row(event.subprocessor),
        **(_maintenance_row(event.maintenance) if event.maintenance else {}),
    }


def _maintenance_row(maintenance: Maintenance) -> dict[str, object]:
    return {
        "maintenance_kind": maintenance.kind,
        "by_clock": maintenance.by_clock,
        "remind_before": [int(before.total_seconds()) for before in maintenance.remind_before],
        "corrects": maintenance.corrects,
        "series_id": maintenance.series,
    }


def _subprocessor_row(item: Subprocessor | None) -> dict[str, str] | None:
    if item is None:
        return None
    return {
        "name": item.name,
        "purpose": item.purpose,
        "effective_on": item.effective_on.isoformat(),
        "location": item.location,
        "replaces": item.replaces,
    }


def _event(row: Row[Any], components: Mapping[str, ComponentStatus], timeline: Sequence[Update]) -> Event:
    return Event(
        id=row.id,
        kind=row.kind,
        title=row.title,
        severity=row.severity,
        status=row.status,
        components=components,
        started_at=row.started_at,
        created_at=row.created_at,
        updates=tuple(timeline),
        window=Window(row.started_at, row.ends_at) if row.ends_at else None,
        maintenance=_maintenance(row) if row.maintenance_kind else None,
        subprocessor=_subprocessor(row.subprocessor),
    )


def _maintenance(row: Row[Any]) -> Maintenance:
    return Maintenance(
        kind=row.maintenance_kind,
        by_clock=row.by_clock,
        remind_before=tuple(timedelta(seconds=seconds) for seconds in row.remind_before or ()),
        corrects=row.corrects,
        series=row.series_id,
    )


def _subprocessor(stored: Mapping[str, str] | None) -> Subprocessor | None:
    if stored is None:
        return None
    return Subprocessor(
        stored["name"],
        stored["purpose"],
        date.fromisoformat(stored["effective_on"]),
        stored["location"],
        stored["replaces"],
    )


def _update(row: Row[Any]) -> Update:
    changes = {name: ComponentStatus(status) for name, status in (row.components or {}).items()}
    return Update(
        id=row.id,
        status=row.status,
        text=row.text,
        author=row.author,
        at=row.at,
        severity=None if row.severity is None else Severity(row.severity),
        components=changes,
        window=Window(row.starts_at, row.ends_at) if row.starts_at and row.ends_at else None,
        reason=row.reason or "",
        under_plan=bool(row.under_plan),
        publish_at=row.publish_at,
        edited_at=row.edited_at,
    )
