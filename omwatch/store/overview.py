"""The state of everything on one screen: what the dashboard shows and ``omwatch status`` prints.

It reads a handful of rows and the last minutes' rollups, so its cost does not grow with history.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from omwatch.domain.assessment import CheckState
from omwatch.domain.deadline import Deadline
from omwatch.domain.delivery import Delivery, DeliveryState
from omwatch.domain.event import Event
from omwatch.domain.severity import ComponentStatus
from omwatch.domain.suggestion import Suggestion
from omwatch.store import assessments, attempts, deadlines, deliveries, events, leases, subscribers, suggestions
from omwatch.store.attempts import Minute
from omwatch.store.engine import Store
from omwatch.store.leases import Lease

TREND = timedelta(minutes=30)
"""How far back the trend of a component reaches."""
_DELIVERIES_SHOWN = 50


class WatcherState(StrEnum):
    """Whether anybody is watching."""

    ALIVE = "alive"
    STALE = "stale"
    """A watcher holds the lease and has not renewed it in time."""
    ABSENT = "absent"
    """No watcher ever ran here, or the last one ended properly."""


@dataclass(frozen=True, slots=True)
class Overview:
    """One consistent look at the store."""

    at: datetime
    checks: tuple[CheckState, ...]
    trends: Mapping[str, tuple[Minute, ...]]
    """Check → its minutes of the last half hour that had attempts, oldest first."""
    suggestions: tuple[Suggestion, ...]
    """Those that wait for an operator, newest first."""
    incidents: tuple[Event, ...]
    """Those that go on, newest first."""
    maintenances: tuple[Event, ...]
    """Those that go on or lie ahead, the earliest first."""
    deadlines: tuple[Deadline, ...]
    """What is owed now, the earliest first."""
    deliveries: tuple[Delivery, ...]
    """The newest ones, newest first."""
    counts_by_update: Mapping[int, Mapping[DeliveryState, int]]
    """Update → how many of its deliveries are in which state, for the updates of the open incidents."""
    subscriber_count: int
    watcher: Lease | None

    @property
    def delivery_counts(self) -> dict[DeliveryState, int]:
        """How many deliveries of the open incidents are in which state."""
        total: Counter[DeliveryState] = Counter()
        for counts in self.counts_by_update.values():
            total.update(counts)
        return dict(total)

    @property
    def under_maintenance(self) -> frozenset[str]:
        """The components that a maintenance holds now."""
        running = (event.components.items() for event in self.maintenances if event.status.open)
        return frozenset(
            name for items in running for name, status in items if status is ComponentStatus.UNDER_MAINTENANCE
        )

    @property
    def watcher_state(self) -> WatcherState:
        """Tell whether the watcher lives, as of this look."""
        if self.watcher is None or self.watcher.expires_at <= self.watcher.renewed_at:
            return WatcherState.ABSENT
        return WatcherState.ALIVE if self.watcher.expires_at > self.at else WatcherState.STALE

    @property
    def blind_since(self) -> datetime | None:
        """Since when the site of the living watcher is blind; None when it sees, or when nobody watches."""
        since = self.watcher.notes.get("blind_since") if self.watcher else None
        return datetime.fromisoformat(since) if since and self.watcher_state is WatcherState.ALIVE else None


async def overview(store: Store, now: datetime) -> Overview:
    """Read everything in one consistent view."""
    async with store.reading() as connection:
        incidents = await events.open_incidents(connection)
        maintenances = await events.maintenances(connection)
        update_ids = [update.id for event in (*incidents, *maintenances) for update in event.updates]
        return Overview(
            at=now,
            checks=tuple(await assessments.every(connection)),
            trends=_by_check(await attempts.minutes_since(connection, now - TREND)),
            suggestions=tuple(await suggestions.open_ones(connection)),
            incidents=tuple(incidents),
            maintenances=tuple(maintenances),
            deadlines=tuple(await deadlines.open_ones(connection)),
            deliveries=tuple(await deliveries.latest(connection, _DELIVERIES_SHOWN)),
            counts_by_update=await deliveries.counts_by_update(connection, update_ids),
            subscriber_count=await subscribers.count(connection),
            watcher=await leases.get(connection, "watcher"),
        )


def _by_check(minutes: list[Minute]) -> dict[str, tuple[Minute, ...]]:
    found: dict[str, list[Minute]] = {}
    for minute in minutes:
        found.setdefault(minute.check, []).append(minute)
    return {check: tuple(items) for check, items in found.items()}
