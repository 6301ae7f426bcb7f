"""``omwatch undo``: a notice that is still held is taken back."""

from pathlib import Path

from omwatch.cli.common import AsOption, HomeOption, JsonOption, print_json
from omwatch.cli.opened import at_desk
from omwatch.domain import plain


async def undo(update: int, /, *, json: JsonOption = False, as_: AsOption = None, home: HomeOption = Path()) -> None:
    """Take back an update whose notices are still held, with all that it did; nobody gets them.

    Args:
        update: The update's number, as the command that published it said.
        json: Print one JSON object.
        as_: Who decides, where config.toml allows to say so.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home, as_) as session:
        from omwatch.desk import publishing  # noqa: PLC0415 - needs SQLAlchemy, which other commands do not

        event = await publishing.undo(session, update)
    gone = any(item.id == update for item in event.updates)
    if json:
        print_json({"update": update, "event": None if gone else plain.event(event)})
    elif gone:
        print(f"update {update}: taken back, and {event.kind} {event.id} with it; nobody gets a notice of it")
    else:
        stands = f"{event.kind} {event.id} is {event.status.label}, severity {event.severity:d}, as before"
        print(f"update {update}: taken back; {stands}")
