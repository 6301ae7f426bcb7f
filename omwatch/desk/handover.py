"""The hand-over: what a new shift must know, read and never decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from omwatch.desk.deadlines import Owed, owed
from omwatch.desk.session import Session
from omwatch.domain.approval import Approval
from omwatch.domain.deadline import About, Deadline, Duty
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.event import Event
from omwatch.domain.suggestion import Suggestion
from omwatch.domain.ticket import Ticket, queue
from omwatch.store import alarms, approvals, deliveries, suggestions, tickets
from omwatch.store.overview import Overview, WatcherState, overview
from omwatch.store.suggestions import Dismissal

_A_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Handover:
    """What a new shift must know."""

    at: datetime
    watcher: WatcherState
    watcher_seen_at: datetime | None
    """When the watcher was last heard of; None when none ever was."""
    blind_since: datetime | None
    incidents: tuple[Event, ...]
    """Those that go on, the gravest first, then the oldest."""
    owed: tuple[Owed, ...]
    """The earliest first."""
    suggestions: tuple[Suggestion, ...]
    """Those that wait for an operator, the gravest first, then the oldest."""
    dismissals: tuple[Dismissal, ...]
    """What was dismissed within a day, or before that and its trouble goes on; the newest first."""
    approvals: tuple[Approval, ...]
    """What waits for a second person, the oldest first."""
    maintenances: tuple[Event, ...]
    """Those that go on, or begin within a day, the earliest first."""
    tickets: tuple[Ticket, ...]
    """The open ones, in the order of work."""
    dead: tuple[tuple[str, int], ...]
    """Why notices were given up within a day, and how many for each reason."""
    alarms: Mapping[DeliveryState, int]
    """How many alarms of a day on-call has not got: failed, which will be tried again, and dead."""

    def next_update(self, incident: int) -> Deadline | None:
        """Return by when an incident's next update is owed; None where one is owed on progress only."""
        for item in self.owed:
            about = item.deadline
            if (about.duty, about.about, about.about_id) == (Duty.UPDATE, About.INCIDENT, incident):
                return about
        return None


async def handover(session: Session) -> Handover:
    """Return what a new shift must know."""
    now, yesterday = session.now, session.now - _A_DAY
    look = await overview(session.store, now)
    async with session.store.reading() as connection:
        return Handover(
            at=now,
            watcher=look.watcher_state,
            watcher_seen_at=look.watcher.renewed_at if look.watcher else None,
            blind_since=look.blind_since,
            incidents=tuple(sorted(look.incidents, key=lambda item: (item.severity, item.started_at, item.id))),
            owed=tuple(await owed(connection, now)),
            suggestions=tuple(sorted(look.suggestions, key=lambda item: (item.severity, item.opened_at, item.id))),
            dismissals=tuple(await suggestions.dismissals(connection, yesterday)),
            approvals=tuple(await approvals.open_ones(connection)),
            maintenances=_soon(look),
            tickets=tuple(queue(await tickets.open_ones(connection))),
            dead=tuple(await deliveries.dead_by_error(connection, yesterday)),
            alarms=await alarms.failed_counts(connection, yesterday),
        )


def _soon(look: Overview) -> tuple[Event, ...]:
    return tuple(item for item in look.maintenances if item.status.open or item.started_at <= look.at + _A_DAY)
