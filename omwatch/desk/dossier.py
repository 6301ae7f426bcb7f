"""All that is known of one incident: its timeline, and what hangs on it."""

from collections.abc import Mapping
from dataclasses import dataclass

from omwatch.desk.incidents import affected, incident
from omwatch.desk.session import Session
from omwatch.domain.deadline import About, Deadline
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.event import Event
from omwatch.domain.ticket import Ticket
from omwatch.store import deadlines, deliveries, events, tickets


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is known of one incident."""

    incident: Event
    clients: tuple[str, ...]
    """The names of those that it affects."""
    tickets: tuple[Ticket, ...]
    deadlines: tuple[Deadline, ...]
    """All that was or is owed for it: its response, and its updates."""
    deliveries: Mapping[int, Mapping[DeliveryState, int]]
    """Update → how many of its deliveries are in which state."""
    maintenances: tuple[Event, ...]
    """Those that correct it, newest first."""


async def dossier(session: Session, number: int) -> Dossier:
    """Return all that is known of an incident.

    Raises:
        NotPossible: there is none of that number.
    """
    async with session.store.reading() as connection:
        event = await incident(connection, number)
        owed = await deadlines.of(connection, About.INCIDENT, number)
        came_from = await events.suggestion_of(connection, number)
        if came_from is not None:
            # Its response was owed from the suggestion on, before there was an incident.
            owed = [*await deadlines.of(connection, About.SUGGESTION, came_from), *owed]
        return Dossier(
            incident=event,
            clients=tuple(await affected(connection, number)),
            tickets=tuple(await tickets.of_incident(connection, number)),
            deadlines=tuple(owed),
            deliveries=await deliveries.counts_by_update(connection, [item.id for item in event.updates]),
            maintenances=tuple(await events.correcting(connection, number)),
        )
