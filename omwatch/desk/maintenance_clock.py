"""What the clock does about maintenance: reminders, starts and completions, and alarms for what waits for a hand.

Each is a transaction of its own that looks at the maintenance again, so two processes at once, or one that dies between
two of them, do nothing twice.
"""

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.desk import maintenance, occurrences
from omwatch.desk.planning import worded_anyway
from omwatch.desk.session import NotPossible, Session
from omwatch.domain import announcement
from omwatch.domain.alarm import Alarm
from omwatch.domain.event import Event
from omwatch.domain.maintenance import Due, alarm, due
from omwatch.domain.role import Role
from omwatch.domain.wording import Wording
from omwatch.store import alarms, events


async def by_clock(session: Session) -> None:
    """Do what is due about maintenance.

    The monitoring process calls it every second; it writes only when there is something to write.

    Raises:
        NotPossible: something of it could not be done; the rest was.
    """
    async with session.store.reading() as connection:
        ahead = await events.maintenances(connection)
        waiting = [planned.id for planned in ahead if await _wanted(connection, session, planned)]
    failed = []
    for number in waiting:
        try:
            await _attend(session, number)
        except NotPossible as reason:
            failed.append(str(reason))
    if failed:
        raise NotPossible("; ".join(failed))


async def _attend(session: Session, number: int) -> None:
    async with session.deciding(Role.ADMIN) as connection:
        planned = await events.get(connection, number)
        wanted = await _wanted(connection, session, planned) if planned else None
        if planned and wanted:
            await _do(connection, session, planned, wanted)


async def _wanted(connection: AsyncConnection, session: Session, planned: Event) -> Due | None:
    """Return what is due and not done yet."""
    found = due(planned, session.now)
    if found is None or not found.is_alarm:
        return found
    if found is Due.MISSED and await occurrences.must_go_on(connection, session, planned):
        return found
    places = {(_alarm(session, planned, found).key, place) for place in session.policy.oncall}
    told = await alarms.sounded(connection, [key for key, _ in places]) if places else frozenset()
    return found if places - told else None


async def _do(connection: AsyncConnection, session: Session, planned: Event, wanted: Due) -> None:
    zone = session.policy.zone
    if wanted is Due.REMIND:
        default = announcement.reminder_text(planned, zone)
        text = worded_anyway(session, Wording.MAINTENANCE_REMINDER, default, planned)
        await maintenance.remind(connection, session, planned, text)
    elif wanted is Due.START:
        default = announcement.begun_text(planned, zone)
        text = worded_anyway(session, Wording.MAINTENANCE_IN_PROGRESS, default, planned)
        await maintenance.begin_work(connection, session, planned, text)
    elif wanted is Due.COMPLETE:
        default = announcement.completed_text(planned)
        text = worded_anyway(session, Wording.MAINTENANCE_COMPLETED, default, planned)
        await maintenance.end_work(connection, session, planned, text)
    else:
        await alarms.sound(connection, _alarm(session, planned, wanted), session.policy.oncall)
        if wanted is Due.MISSED:
            await occurrences.go_on(connection, session, planned)


def _alarm(session: Session, planned: Event, what: Due) -> Alarm:
    return alarm(planned, what, session.now, session.policy.repeat_alarms, session.policy.zone)
