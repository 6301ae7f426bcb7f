"""Giving an approval: the second person does what the first one asked for."""

from omwatch.desk import incidents, regrading, suggestions
from omwatch.desk.approvals import Waiting, waiting
from omwatch.desk.publishing import Published
from omwatch.desk.session import Session


async def give(session: Session, number: int) -> Published | Waiting:
    """Publish what waits for a second person, as the first one drafted it.

    Raises:
        NotPossible: nothing of that number waits, this operator has asked for it, or it does not fit any more.
    """
    async with session.store.reading() as connection:
        asked = await waiting(connection, number)
    if asked.suggestion is not None:
        return await suggestions.confirm(session, asked.suggestion, asked.draft, number)
    if asked.event is not None:
        return await regrading.agreed(session, asked, asked.event)
    return await incidents.open_(session, asked.draft, number, asked.clients)
