"""Specimens: a notice of each kind and status, to try templates on before there is anything to tell."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain

from omwatch.domain.event import TRANSITIONS, Event, EventKind, EventStatus, Subprocessor, Update, Window
from omwatch.domain.notice import Notice, notice
from omwatch.domain.severity import ComponentStatus, Severity

_AT = datetime(2026, 1, 5, 15, tzinfo=UTC)
_WINDOW = Window(_AT + timedelta(hours=9), _AT + timedelta(hours=13))
_TEXT = "What has happened, and whom it concerns.\n\nWhat comes next:\n- one thing\n- and another"
_SUBPROCESSOR = Subprocessor("Example Ltd", "Storage of call recordings", date(2026, 3, 1), "Ireland", "Another Ltd")


def specimens() -> Iterator[Notice]:
    """Return a notice of each kind and status."""
    for kind, after in TRANSITIONS.items():
        reachable = set(chain.from_iterable(after.values()))
        yield from (_specimen(kind, status) for status in EventStatus if status in reachable)


def _specimen(kind: EventKind, status: EventStatus) -> Notice:
    incident = kind is EventKind.INCIDENT
    severity = Severity.OUTAGE if incident else Severity.NONE
    failing = incident and status.open
    works = ComponentStatus.UNDER_MAINTENANCE if status.open else ComponentStatus.OPERATIONAL
    components = {
        "Agent login": ComponentStatus.MAJOR_OUTAGE if failing else works,
        "Screen pop": ComponentStatus.PARTIAL_OUTAGE if failing else works,
    }
    update = Update(1, status, _TEXT, "", _AT + timedelta(minutes=5), severity, components)
    event = Event(
        id=1,
        kind=kind,
        title="What it is about",
        severity=severity,
        status=status,
        components={} if kind is EventKind.SUBPROCESSOR else components,
        started_at=_AT,
        created_at=update.at,
        updates=(update,),
        window=_WINDOW if kind is EventKind.MAINTENANCE else None,
        subprocessor=_SUBPROCESSOR if kind is EventKind.SUBPROCESSOR else None,
    )
    return notice(event, update, "Example", "https://status.example.com")
