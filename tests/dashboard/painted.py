"""Stores painted by hand: each state that a screen must show, at one fixed instant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.assessment import Assessment, CheckState, Trouble
from omwatch.domain.deadline import next_update
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.event import Event, EventKind, EventStatus, Maintenance, MaintenanceKind, Update, Window
from omwatch.domain.judge import Count, wilson
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.sla import BRIEF
from omwatch.domain.subscriber import Audience, Topic
from omwatch.domain.suggestion import Evidence, Suggestion, SuggestionKind, SuggestionState
from omwatch.store import Store, assessments, deadlines, deliveries, events, leases, outbox, subscribers, suggestions
from omwatch.store.leases import Lease
from omwatch.store.outbox import Settled
from omwatch.store.tables import attempt_minutes

NOW = datetime(2026, 11, 23, 14, 14, 31, tzinfo=UTC)
FAILED_AT = NOW - timedelta(minutes=12, seconds=20)
CHECKS = (
    ("agent-login", "Agent login", "agent", 50),
    ("screen-pop", "Screen pop", "pop", 120),
    ("chat-routing", "Chat routing", "chat", 96),
    ("email-routing", "E-mail routing", "e-mail", 60),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """How one check stands."""

    failing: int = 0
    severity: Severity | None = Severity.NONE
    tried: int | None = None
    trouble: str = ""


WELL = Figures()
OUTAGE = Figures(20, Severity.OUTAGE)
BROKEN = Figures(0, None, 0, "email_routing.py:31: KeyError: 'queue' (our own probe)")


async def paint(store: Store, figures: Sequence[Figures], now: datetime = NOW) -> None:
    """Write a watcher that lives, every check's state, and half an hour of minutes."""
    async with store.writing() as connection:
        await _watcher(connection, now)
        await assessments.keep(connection, [_state(*pair, now) for pair in zip(CHECKS, figures, strict=True)], now)
        rows = [row for pair in zip(CHECKS, figures, strict=True) for row in _minutes(*pair, now)]
        await connection.execute(insert(attempt_minutes), rows)


async def suggest(store: Store, *checks: int, severity: Severity = Severity.OUTAGE, failing: int = 20) -> int:
    """Write a suggestion about some checks and return its number."""
    return await _propose(store, _suggestion(checks, severity, failing))


async def suggest_resolving(store: Store, incident: int, *checks: int) -> int:
    """Write that an incident looks recovered and return the suggestion's number."""
    item = _suggestion(checks, Severity.NONE, 0)
    return await _propose(store, replace(item, kind=SuggestionKind.RESOLVE, incident=incident))


def _suggestion(checks: tuple[int, ...], severity: Severity, failing: int) -> Suggestion:
    evidence = tuple(_evidence(CHECKS[place], severity, failing) for place in checks)
    return Suggestion(0, SuggestionState.OPEN, severity, evidence, FAILED_AT, FAILED_AT)


async def _propose(store: Store, item: Suggestion) -> int:
    async with store.writing() as connection:
        return await suggestions.add(connection, item)


async def withdraw(store: Store, number: int) -> None:
    """Take a suggestion back, as the judge does when its evidence is gone."""
    async with store.writing() as connection:
        found = await suggestions.get(connection, number)
        assert found is not None
        await suggestions.change(connection, replace(found, state=SuggestionState.WITHDRAWN))


async def subscribe(store: Store, *addresses: str) -> None:
    """Write subscribers."""
    async with store.writing() as connection:
        for address in addresses:
            await subscribers.add(connection, address, "ada", NOW - timedelta(days=3))


async def incident(store: Store, title: str, states: Iterable[tuple[DeliveryState, str]] = ()) -> int:
    """Write an open incident whose notices stand as told, with their errors."""
    at = NOW - timedelta(minutes=4)
    status = {"Agent login": Severity.OUTAGE.component_status}
    text = "We have identified a system outage."
    update = Update(0, EventStatus.IDENTIFIED, text, "ada", at, Severity.OUTAGE, status)
    item = Event(0, EventKind.INCIDENT, title, Severity.OUTAGE, EventStatus.IDENTIFIED, status, FAILED_AT, at)
    async with store.writing() as connection:
        number = await events.add(connection, item, "ada")
        update_number = await events.add_update(connection, number, update)
        await deliveries.queue(connection, update_number, Audience(number, Topic.INCIDENT), "example.com", at, at)
        claimed = await outbox.claim(connection, "painter", 100, at, at + timedelta(minutes=3))
        results = [Settled(mine, state, error) for mine, (state, error) in zip(claimed, states, strict=False)]
        await outbox.settle(connection, "painter", results, at + timedelta(seconds=2))
    return number


async def maintenance(store: Store, component: str) -> int:
    """Write a maintenance that goes on for another half hour."""
    window = Window(NOW - timedelta(minutes=30), NOW + timedelta(minutes=30))
    held = {component: ComponentStatus.UNDER_MAINTENANCE}
    kind, status = EventKind.MAINTENANCE, EventStatus.IN_PROGRESS
    work = Maintenance(MaintenanceKind.PLANNED)
    item = Event(
        0, kind, "Patches", Severity.NONE, status, held, window.starts_at, NOW, window=window, maintenance=work
    )
    update = Update(0, status, "It has begun.", "omwatch", window.starts_at, Severity.NONE, held, window)
    async with store.writing() as connection:
        number = await events.add(connection, item, "ada")
        await events.add_update(connection, number, update)
    return number


async def owe_update(store: Store, incident: int, since_minutes: int) -> None:
    """Write that the next update of an incident was, or is, owed an hour after the last."""
    since = NOW - timedelta(minutes=since_minutes)
    owed = next_update(incident, Severity.OUTAGE, since, BRIEF)
    assert owed is not None
    async with store.writing() as connection:
        await deadlines.add(connection, owed)


async def watcher_renewed(store: Store, at: datetime) -> None:
    """Write that the watcher renewed its lease at that instant and not since."""
    async with store.writing() as connection:
        await _watcher(connection, at)


def open_store(database: Path) -> "Store":
    """Return the store of a database that is there."""
    return Store(database)


async def _watcher(connection: AsyncConnection, at: datetime) -> None:
    notes = {"running": 3, "missed": 0}
    await leases.take(connection, Lease("watcher", "painter", 4711, 0, at, at + timedelta(seconds=10), notes))


def _state(check: tuple[str, str, str, int], figures: Figures, now: datetime) -> CheckState:
    name, component, noun, usual = check
    tried = usual if figures.tried is None else figures.tried
    count = Count(figures.failing, tried)
    interval = wilson(count)
    bad = figures.severity is not None and figures.severity < Severity.NONE
    reason = (
        f"{count.failing} of {count.tried} {noun}s failed in the last round; "
        f"95 % interval {interval.low:.0f}–{interval.high:.0f} %"
        if figures.severity
        else f"gathering: {tried} {noun}s tried in the last 5 minutes, 10 needed"
    )
    since = FAILED_AT if bad else now - timedelta(hours=3, minutes=4)
    item = Assessment(
        name, component, figures.severity, count, interval, since, FAILED_AT if bad else None, reason, noun
    )
    return CheckState(item, Trouble(figures.trouble, now - timedelta(minutes=2)) if figures.trouble else None)


def _evidence(check: tuple[str, str, str, int], severity: Severity, failing: int) -> Evidence:
    _, component, noun, tried = check
    count = Count(failing, tried)
    reason = f"{failing} of {tried} {noun}s failed in the last round"
    return Evidence(component, severity, count, wilson(count), noun, reason, FAILED_AT)


def _minutes(check: tuple[str, str, str, int], figures: Figures, now: datetime) -> Iterable[dict[str, object]]:
    name, _, _, usual = check
    for back in range(29):
        at = now.replace(second=0, microsecond=0) - timedelta(minutes=back)
        troubled = figures.failing and at >= FAILED_AT.replace(second=0)
        failed = figures.failing * max(3, 13 - back) // 13 if troubled else 0
        if figures.trouble and back < 2:
            continue
        yield {
            "check_name": name,
            "minute": at,
            "passed": usual - failed,
            "failed": failed,
            "broken": 0,
            "total_ms": usual * 80.0,
            "longest_ms": 200.0,
        }
