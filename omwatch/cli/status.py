"""``omwatch status``: everything the dashboard's first screen says, in one go."""

from typing import TYPE_CHECKING, Any

from omwatch.cli.common import ExitStatus, print_json
from omwatch.cli.opened import opened
from omwatch.cli.options import READ, Reading
from omwatch.cli.wrapping import say

if TYPE_CHECKING:
    from datetime import datetime

    from omwatch.domain.deadline import Deadline
    from omwatch.domain.event import Event
    from omwatch.store.overview import Overview

_HANG = 4


async def status(*, how: Reading = READ) -> int:
    """Show components, open suggestions and events, and the watcher; exit status 1 when something is wrong.

    Args:
        how: What is read, and in which form.
    """
    async with opened(how.home) as (_, store):
        from omwatch.clock import SystemClock  # noqa: PLC0415 - needed by this command only
        from omwatch.store.overview import WatcherState, overview  # noqa: PLC0415

        look = await overview(store, SystemClock().now())
    if how.json:
        print_json(_as_dict(look))
    else:
        say("\n".join(_lines(look)), _HANG)
    sees = look.watcher_state is WatcherState.ALIVE and look.blind_since is None
    failing = [state for state in look.checks if state.assessment.unhealthy]
    well = sees and all(state.assessment.component in look.under_maintenance for state in failing)
    return ExitStatus.FINE if well and not look.suggestions and not look.incidents else ExitStatus.UNHEALTHY


def _as_dict(look: "Overview") -> dict[str, Any]:
    from omwatch.domain import plain  # noqa: PLC0415

    watcher = look.watcher
    return {
        "at": plain.instant(look.at),
        "watcher": {
            "state": look.watcher_state,
            "process": watcher.process if watcher else None,
            "renewed_at": plain.instant(watcher.renewed_at) if watcher else None,
            "missed": watcher.notes.get("missed", 0) if watcher else 0,
            "blind_since": plain.instant(look.blind_since),
        },
        "components": [plain.check_state(state) for state in look.checks],
        "suggestions": [plain.suggestion(item) for item in look.suggestions],
        "events": [plain.event(item) for item in (*look.incidents, *look.maintenances)],
        "under_maintenance": sorted(look.under_maintenance),
        "deadlines": [plain.deadline(item, look.at) for item in look.deadlines],
        "deliveries": {state.value: number for state, number in look.delivery_counts.items()},
        "subscribers": look.subscriber_count,
    }


def _lines(look: "Overview") -> list[str]:
    from omwatch.store.overview import WatcherState  # noqa: PLC0415 - as above

    watched = "" if look.watcher_state is WatcherState.ALIVE else "; nobody watches, 'omwatch watch' starts a watcher"
    lines = [f"watcher: {look.watcher_state}{watched}"]
    if look.blind_since:
        since = f"{look.blind_since:%Y-%m-%d %H:%M:%S} UTC"
        lines.append(f"this site is blind since {since}: no control answers, and nothing is judged")
    for state in look.checks:
        item = state.assessment
        name = item.severity.label if item.severity else "Gathering"
        if item.component in look.under_maintenance:
            name = f"Under maintenance ({name.lower()})"
        lines.append(
            f"{item.component:<24} {item.count.failing:>4} of {item.count.tried:<4} {item.count.percent:5.1f} %  "
            f"{name}, since {item.since:%Y-%m-%d %H:%M:%S} UTC"
        )
        if state.trouble:
            lines.append(f"{'':<24} broken since {state.trouble.since:%H:%M:%S} UTC: {state.trouble.error}")
    lines += [f"suggestion {item.id}: {item.severity.label}: {item.summary}" for item in look.suggestions]
    lines += [f"incident {item.id} ({item.status.label}): {item.title}" for item in look.incidents]
    lines += [_maintenance(item) for item in look.maintenances]
    return lines + [_owed(item, look.at) for item in look.deadlines]


def _maintenance(event: "Event") -> str:
    window = f", {event.window.starts_at:%Y-%m-%d %H:%M}–{event.window.ends_at:%H:%M} UTC" if event.window else ""
    return f"maintenance {event.id} ({event.status.label}{window}): {event.title}"


def _owed(deadline: "Deadline", now: "datetime") -> str:
    what = f"{deadline.duty} for {deadline.about} {deadline.about_id}"
    return f"deadline {deadline.id} ({deadline.state(now)}): {what} due {deadline.due_at:%Y-%m-%d %H:%M} UTC"
