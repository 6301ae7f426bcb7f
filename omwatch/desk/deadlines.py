"""What the clock does about deadlines: begins, regrades and voids them, reminds on-call, and writes breaches down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.desk.session import NotPossible, Session
from omwatch.domain import plain
from omwatch.domain.alarm import Alarm
from omwatch.domain.deadline import About, Deadline, DeadlineState, regraded, response
from omwatch.domain.reminder import Reminder, alarm, latest
from omwatch.domain.role import Role
from omwatch.domain.sla import in_words
from omwatch.domain.suggestion import Suggestion
from omwatch.store import alarms, deadlines, suggestions

LONGEST_SNOOZE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Owed:
    """An open deadline, with the name of what it is about."""

    deadline: Deadline
    title: str
    """An incident's title, a suggestion's components, a ticket's title and client."""
    state: DeadlineState


@dataclass(frozen=True, slots=True)
class _Work:
    """What the clock has to write now."""

    begun: Sequence[Deadline]
    regraded: Sequence[tuple[Deadline, Deadline]]
    """As they were, and as they are."""
    gone: Sequence[Deadline]
    broken: Sequence[Deadline]
    alarms: Sequence[Alarm]

    def __bool__(self) -> bool:
        return any((self.begun, self.regraded, self.gone, self.broken, self.alarms))


async def by_clock(session: Session) -> None:
    """Bring the deadlines to the present: those of suggestions, reminders to on-call, breaches.

    The monitoring process calls it every second; it writes only when there is something to write.

    Raises:
        NotAllowed: somebody other than the clock or an admin calls it.
    """
    async with session.store.reading() as connection:
        if not await _work(connection, session):
            return
    async with session.deciding(Role.ADMIN) as connection:
        await _do(connection, session, await _work(connection, session))


async def snooze(session: Session, number: int, span: timedelta) -> Deadline:
    """Leave on-call alone about a deadline for a while; return it as it is now.

    Raises:
        NotPossible: there is no such deadline, it is not open any more, or the span is none, or longer than a day.
    """
    if not timedelta(0) < span <= LONGEST_SNOOZE:
        raise NotPossible(
            f"a deadline can be snoozed for up to {in_words(LONGEST_SNOOZE)}, such as 30m; nothing was changed"
        )
    async with session.deciding() as connection:
        found = await deadlines.get(connection, number)
        if found is None:
            raise NotPossible(f"there is no deadline {number}; 'omwatch deadline list' shows those that are open")
        if not found.open:
            became = "met" if found.met_at else "void"
            raise NotPossible(f"deadline {number} is {became} already, and on-call is not reminded of it any more")
        after = replace(found, snoozed_until=session.now + span)
        await deadlines.snooze(connection, number, session.now + span)
        before_and_after = (plain.deadline(item, session.now) for item in (found, after))
        await session.note(connection, "snooze", "deadline", number, *before_and_after)
    return after


async def owed(connection: AsyncConnection, now: datetime) -> list[Owed]:
    """Return all that is owed now, by name, the earliest first."""
    found = await deadlines.open_ones(connection)
    titles = await deadlines.titles(connection, found)
    return [Owed(item, _title(titles, item), item.state(now)) for item in found]


async def _work(connection: AsyncConnection, session: Session) -> _Work:
    waiting = {item.id: item for item in await suggestions.open_ones(connection) if item.incident is None}
    open_ones = await deadlines.open_ones(connection)
    of_suggestions = [item for item in open_ones if item.about is About.SUGGESTION]
    gone = [item for item in of_suggestions if item.about_id not in waiting]
    changed = [
        (item, regraded(item, waiting[item.about_id].severity, session.now, session.policy.levels))
        for item in of_suggestions
        if item.about_id in waiting and waiting[item.about_id].severity is not item.severity
    ]
    standing = {item.id: item for item in open_ones if item not in gone} | {after.id: after for _, after in changed}
    return _Work(
        begun=await _begun(connection, session, waiting),
        regraded=changed,
        gone=gone,
        broken=await deadlines.unrecorded_breaches(connection, session.now),
        alarms=await _alarms(connection, session, list(standing.values())),
    )


async def _begun(connection: AsyncConnection, session: Session, waiting: Mapping[int, Suggestion]) -> list[Deadline]:
    known = {item.about_id for item in await deadlines.of_all(connection, About.SUGGESTION, list(waiting))}
    return [
        response(About.SUGGESTION, number, item.severity, item.opened_at, session.policy.levels)
        for number, item in waiting.items()
        if number not in known
    ]


async def _alarms(connection: AsyncConnection, session: Session, standing: Sequence[Deadline]) -> list[Alarm]:
    """Return what on-call has not been told yet; for each deadline the latest reminder alone."""
    policy = session.policy
    due = [(item, latest(item, session.now, policy.remind_before, policy.repeat_alarms)) for item in standing]
    come: list[tuple[Deadline, Reminder]] = [(item, reminder) for item, reminder in due if reminder]
    told = await alarms.sounded(connection, [reminder.key for _, reminder in come])
    untold = [one for one in come if any((one[1].key, place) not in told for place in policy.oncall)]
    titles = await deadlines.titles(connection, [item for item, _ in untold])
    return [alarm(reminder, item, _title(titles, item), session.now, policy.levels) for item, reminder in untold]


async def _do(connection: AsyncConnection, session: Session, work: _Work) -> None:
    for begun in work.begun:
        await deadlines.add(connection, begun)
    for before, after in work.regraded:
        await deadlines.regrade(connection, after)
        pair = (plain.deadline(item, session.now) for item in (before, after))
        await session.note(connection, "regrade", "deadline", after.id, *pair)
    for gone in work.gone:
        await deadlines.void(connection, gone.id, session.now)
    for broken in work.broken:
        await _write_down(connection, session, broken)
    for one in work.alarms:
        await alarms.sound(connection, one, session.policy.oncall)


async def _write_down(connection: AsyncConnection, session: Session, broken: Deadline) -> None:
    late = broken.late(session.now)
    await deadlines.record_breach(connection, broken.id, session.now)
    what = {"late_seconds": late.total_seconds(), "late": in_words(late)}
    after = {**plain.deadline(broken, session.now), **what}
    await session.note(connection, "breach", "deadline", broken.id, None, after)


def _title(titles: Mapping[tuple[About, int], str], item: Deadline) -> str:
    return titles.get((item.about, item.about_id), "")
