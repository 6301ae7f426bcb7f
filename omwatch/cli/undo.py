"""``omwatch undo``: a notice that is still held is taken back."""

from omwatch.cli.common import print_json
from omwatch.cli.opened import at_desk
from omwatch.cli.options import ACT, Acting, Number
from omwatch.domain import plain


async def undo(update: Number, /, *, how: Acting = ACT) -> None:
    """Take back an update whose notices are still held, with all that it did; nobody gets them.

    Args:
        update: The update's number, as the command that published it said.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import publishing  # noqa: PLC0415 - needs SQLAlchemy, which other commands do not

        event = await publishing.undo(session, update)
    gone = any(item.id == update for item in event.updates)
    if how.json:
        print_json({"event": event.id, "update": update, "stands": None if gone else plain.event(event)})
    elif gone:
        print(f"update {update}: taken back, and {event.kind} {event.id} with it; nobody gets a notice of it")
    else:
        stands = f"{event.kind} {event.id} is {event.status.label}, severity {event.severity:d}, as before"
        print(f"update {update}: taken back; {stands}")
