"""``omwatch handover``: what a new shift must know."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from omwatch.cli.common import print_json
from omwatch.cli.opened import at_desk
from omwatch.cli.options import READ, Reading
from omwatch.domain import plain

if TYPE_CHECKING:
    from omwatch.desk.handover import Handover


async def handover(*, how: Reading = READ) -> None:
    """Print what a new shift must know: incidents, clocks, suggestions, maintenances, tickets, and what failed.

    Args:
        how: What is read, and in which form.
    """
    async with at_desk(how.home) as session:
        from omwatch.cli.handover_text import text  # noqa: PLC0415 - needed by this command only
        from omwatch.desk.handover import handover as read  # noqa: PLC0415 - needs SQLAlchemy, as at_desk does

        found = await read(session)
    if how.json:
        print_json(_as_dict(found, session.now))
    else:
        print(text(found, session.policy.zone))


def _as_dict(found: "Handover", now: datetime) -> dict[str, Any]:
    return {
        "at": plain.instant(found.at),
        "watcher": {
            "state": found.watcher,
            "renewed_at": plain.instant(found.watcher_seen_at),
            "blind_since": plain.instant(found.blind_since),
        },
        "incidents": [plain.event(item) for item in found.incidents],
        "deadlines": [{**plain.deadline(item.deadline, now), "title": item.title} for item in found.owed],
        "suggestions": [plain.suggestion(item) for item in found.suggestions],
        "dismissed": [
            {
                **plain.suggestion(item.suggestion),
                "dismissed_by": item.by,
                "dismissed_at": plain.instant(item.at),
                "why": item.why,
                "goes_on": not item.suggestion.settled,
            }
            for item in found.dismissals
        ],
        "approvals": [plain.approval(item) for item in found.approvals],
        "maintenances": [plain.event(item) for item in found.maintenances],
        "tickets": [plain.ticket(item, now) for item in found.tickets],
        "dead_deliveries": [{"error": error, "count": count} for error, count in found.dead],
        "failed_alarms": {state.value: count for state, count in found.alarms.items()},
    }
