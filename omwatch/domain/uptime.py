"""Uptime: which part of a span of time a component worked, as the published timelines say.

Counted as Atlassian Statuspage counts it (its support page "Display historical uptime of components"): a major outage
is downtime, a partial outage is downtime for 30 % of its time, and degraded performance is none. Time under maintenance
counts neither as up nor as down: here it is taken out of the span, too.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from omwatch.domain.event import Event, EventKind
from omwatch.domain.month import Day, Span
from omwatch.domain.severity import ComponentStatus

_TENTHS_MAJOR, _TENTHS_PARTIAL = 10, 3
_MICROSECOND = timedelta(microseconds=1)
_NONE = timedelta(0)

# Where several hold at once: maintenance takes its time out of the count, and else the worst one holds.
_HOLDS = (
    ComponentStatus.UNDER_MAINTENANCE,
    ComponentStatus.MAJOR_OUTAGE,
    ComponentStatus.PARTIAL_OUTAGE,
    ComponentStatus.DEGRADED_PERFORMANCE,
)
_WORST_FIRST = (*_HOLDS[1:], ComponentStatus.UNDER_MAINTENANCE)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span in which a component had one status, and not the operational one."""

    span: Span
    status: ComponentStatus


@dataclass(frozen=True, slots=True)
class Uptime:
    """How long a component had which status in a span of time, whole microseconds."""

    span: timedelta
    major: timedelta = _NONE
    partial: timedelta = _NONE
    degraded: timedelta = _NONE
    maintenance: timedelta = _NONE

    @property
    def thousandths(self) -> int | None:
        """The uptime in thousandths of a percent; None where there is no time but maintenance.

        It is rounded down, so that what was down for a moment never reads as 100 %.
        """
        counted = _TENTHS_MAJOR * ((self.span - self.maintenance) // _MICROSECOND)
        if not counted:
            return None
        lost = _TENTHS_MAJOR * (self.major // _MICROSECOND) + _TENTHS_PARTIAL * (self.partial // _MICROSECOND)
        return 100_000 * (counted - lost) // counted

    @property
    def percent(self) -> float | None:
        """The uptime in percent, to three decimals; None where there is no time but maintenance."""
        return None if self.thousandths is None else self.thousandths / 1000

    @property
    def in_words(self) -> str:
        """Such as "99.872 %", or "–" where there is none."""
        if self.thousandths is None:
            return "–"
        whole, rest = divmod(self.thousandths, 1000)
        return f"{whole}.{rest:03d} %"


def history(events: Iterable[Event], span: Span) -> dict[str, tuple[Stretch, ...]]:
    """Return for every component that the events name when it was not operational: in order, without overlaps.

    Args:
        events: incidents and maintenances with their timelines, in whatever order; others change no component.
        span: what lies outside of it is cut off; what still goes on lasts until its end.
    """
    pieces: dict[str, list[Stretch]] = {}
    for event in events:
        for name in event.components:
            pieces.setdefault(name, [])
        for name, piece in _of_event(event, span):
            pieces.setdefault(name, []).append(piece)
    return {name: tuple(_holding(found)) for name, found in pieces.items()}


def uptime(stretches: Sequence[Stretch], span: Span) -> Uptime:
    """Return a component's uptime in a span, from its history there."""
    lasted = dict.fromkeys(_HOLDS, _NONE)
    for stretch in stretches:
        part = stretch.span.within(span)
        lasted[stretch.status] += part.duration if part else _NONE
    return Uptime(
        span=span.duration,
        major=lasted[ComponentStatus.MAJOR_OUTAGE],
        partial=lasted[ComponentStatus.PARTIAL_OUTAGE],
        degraded=lasted[ComponentStatus.DEGRADED_PERFORMANCE],
        maintenance=lasted[ComponentStatus.UNDER_MAINTENANCE],
    )


def days(stretches: Sequence[Stretch], of: Sequence[Day], now: datetime) -> tuple[ComponentStatus | None, ...]:
    """Return the worst status of each day; None where a day has not begun."""
    return tuple(None if day.span.since >= now else _worst(stretches, day.span) for day in of)


def _worst(stretches: Sequence[Stretch], span: Span) -> ComponentStatus:
    had = {stretch.status for stretch in stretches if stretch.span.within(span)}
    return next((status for status in _WORST_FIRST if status in had), ComponentStatus.OPERATIONAL)


def _of_event(event: Event, span: Span) -> Iterator[tuple[str, Stretch]]:
    """Yield what one event says of each component, cut to a span."""
    ends: tuple[datetime, Mapping[str, ComponentStatus]] = (span.until, {})
    for (since, components), (until, _) in pairwise([*_states(event), ends]):
        part = Span(since, until).within(span)
        for name, status in components.items() if part else ():
            if part and status is not ComponentStatus.OPERATIONAL:
                yield name, Stretch(part, status)


def _states(event: Event) -> Iterator[tuple[datetime, Mapping[str, ComponentStatus]]]:
    """Yield from when an event gives its components which status; none while it does not go on."""
    at: datetime | None = None
    components: dict[str, ComponentStatus] = {}
    for update in event.updates:
        if at is None:
            # An incident began with the first failed attempt, not when somebody wrote of it.
            at = min(event.started_at, update.at) if event.kind is EventKind.INCIDENT else update.at
        else:
            at = max(at, update.at)
        components = {**components, **update.components}
        yield at, components if update.status.open else {}


def _holding(pieces: Sequence[Stretch]) -> Iterator[Stretch]:
    """Yield which status holds when, out of pieces that may overlap."""
    changes: dict[datetime, list[tuple[ComponentStatus, int]]] = {}
    for piece in pieces:
        changes.setdefault(piece.span.since, []).append((piece.status, 1))
        changes.setdefault(piece.span.until, []).append((piece.status, -1))
    standing: Counter[ComponentStatus] = Counter()
    for instant, following in pairwise(sorted(changes)):
        for status, change in changes[instant]:
            standing[status] += change
        holds = next((status for status in _HOLDS if standing[status]), None)
        if holds:
            yield Stretch(Span(instant, following), holds)
