"""What the dashboard knows at one instant, and the values that each widget gets of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from omwatch.dashboard.trend import Trend, trend
from omwatch.dashboard.wording import Wall
from omwatch.domain.assessment import CheckState
from omwatch.domain.deadline import About, Deadline
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.event import Event
from omwatch.domain.severity import ComponentStatus

if TYPE_CHECKING:
    # The store's modules load SQLAlchemy, and the first paint must not wait for that.
    from omwatch.store.overview import Overview


@dataclass(frozen=True, slots=True)
class Reading:
    """What the last look at the store brought."""

    overview: "Overview | None" = None
    """The last one that could be had; None before the first."""
    lost: str = ""
    """Why the store is out of reach; empty while it is not."""
    lost_since: datetime | None = None

    def calls_for_attention(self, before: "Reading") -> bool:
        """Tell whether this must be seen at once; mere figures wait for the next tick of the clock."""
        old, new = before.overview, self.overview
        if old is None or new is None or self.lost != before.lost:
            return True
        known = (old.suggestions, old.incidents, old.maintenances, old.deliveries, old.checks == ())
        return known != (new.suggestions, new.incidents, new.maintenances, new.deliveries, new.checks == ())


@dataclass(frozen=True, slots=True)
class View:
    """The last look at the store, as of now."""

    wall: Wall
    reading: Reading = Reading()
    organisation: str = ""
    outage_percent: int = 30
    troubles: tuple[str, ...] = ()
    """What is wrong with the processes that the dashboard started, in words."""

    may_decide: bool = True
    """Whether the operator at this screen may decide anything."""

    starting: bool = False
    """True for the first moments of a watcher that the dashboard has started."""

    @property
    def overview(self) -> "Overview | None":
        """The last look, with its times judged by this instant's clock: a watcher grows stale without any write."""
        known = self.reading.overview
        return replace(known, at=self.wall.now) if known else None


@dataclass(frozen=True, slots=True)
class ComponentValue:
    """One line of the components: a check's state and its last half hour."""

    state: CheckState
    trend: Trend
    maintenance_until: datetime | None = None
    """When the maintenance window that holds it now is to end; None where none does."""


@dataclass(frozen=True, slots=True)
class IncidentValue:
    """One open incident, with what became of its notices."""

    incident: Event
    sums: Mapping[DeliveryState, int]
    owed: Deadline | None = None
    """The next update that is owed."""

    @property
    def author(self) -> str:
        """Who confirmed it."""
        return self.incident.updates[0].author if self.incident.updates else ""


def component_values(view: View) -> tuple[ComponentValue, ...]:
    """Return what the list of components shows."""
    look = view.overview
    if look is None:
        return ()
    now = view.wall.now
    return tuple(
        ComponentValue(
            state,
            trend(look.trends.get(state.assessment.check, ()), now),
            _maintenance_until(look, state.assessment.component),
        )
        for state in look.checks
    )


def incident_values(view: View) -> tuple[IncidentValue, ...]:
    """Return what the list of open incidents shows."""
    look = view.overview
    if look is None:
        return ()
    owed = {item.about_id: item for item in look.deadlines if item.about is About.INCIDENT}
    return tuple(IncidentValue(item, _sums(item, look.counts_by_update), owed.get(item.id)) for item in look.incidents)


def failing_deliveries(counts: Mapping[DeliveryState, int]) -> int:
    """Return how many deliveries wait for another try, or were given up."""
    return counts.get(DeliveryState.FAILED, 0) + counts.get(DeliveryState.DEAD, 0)


def _maintenance_until(look: "Overview", component: str) -> datetime | None:
    ends = [
        event.window.ends_at
        for event in look.maintenances
        if event.window and event.components.get(component) is ComponentStatus.UNDER_MAINTENANCE
    ]
    return max(ends, default=None)


def _sums(incident: Event, by_update: Mapping[int, Mapping[DeliveryState, int]]) -> dict[DeliveryState, int]:
    found: Sequence[Mapping[DeliveryState, int]] = [by_update.get(update.id, {}) for update in incident.updates]
    return {state: total for state in DeliveryState if (total := sum(each.get(state, 0) for each in found))}


@runtime_checkable
class Follower(Protocol):
    """A screen that shows what the store says."""

    def follow(self, view: View) -> None:
        """Show another view."""
        ...
