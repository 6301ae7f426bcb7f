"""What operators do with what is sent: hold everything, try again, see who would get a notice, and hear of losses."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.desk.publishing import audience
from omwatch.desk.session import NotPossible, Session, line
from omwatch.domain.alarm import Alarm
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.event import Event, Update, present
from omwatch.domain.judge import plural
from omwatch.domain.role import Role
from omwatch.domain.subscriber import Audience, Subscriber
from omwatch.domain.undelivered import reason
from omwatch.store import alarms, deliveries, events, ledger, subscribers, switches
from omwatch.store.ledger import Losses
from omwatch.store.switches import PAUSED, Switch

FEWEST = 5
"""Of fewer notices that were tried, no share is taken."""
RECENT = timedelta(hours=24)
"""How far back it is told what was sent, and what was given up."""

_NOUN = "broadcast"
_EVER = datetime.min.replace(tzinfo=UTC)
_A_WHILE = timedelta(hours=1)
_PAGE = 500
_LONGEST_REASON = 500
_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Standing:
    """How sending stands."""

    paused: Switch | None
    """Who has paused it, and why; None while it goes on."""
    counts: Mapping[DeliveryState, int]
    """All that waits, and what came to its end of late."""
    errors: tuple[tuple[str, int], ...]
    """What keeps notices from arriving, or did of late, in short, the most frequent first."""
    oldest_waiting: datetime | None
    """When the oldest notice was to leave that has not reached everybody."""


async def pause(session: Session, why: str) -> Switch:
    """Let nothing leave any more, until somebody resumes it; return how it stands now.

    Raises:
        NotPossible: there is no reason, or the operator is a viewer.
    """
    because = line(why, "the reason", _LONGEST_REASON)
    async with session.deciding() as connection:
        before = await switches.get(connection, PAUSED)
        if before is not None and before.on:
            return before
        after = Switch(on=True, changed_at=session.now, changed_by=session.operator.name, why=because)
        await _turn(session, connection, "pause", after)
    return after


async def resume(session: Session) -> bool:
    """Let notices leave again; return whether they were paused.

    Raises:
        NotPossible: the operator is a viewer.
    """
    async with session.deciding() as connection:
        before = await switches.get(connection, PAUSED)
        if before is None or not before.on:
            return False
        after = Switch(on=False, changed_at=session.now, changed_by=session.operator.name, why="")
        await _turn(session, connection, "resume", after)
    return True


async def retry(session: Session, update: int | None = None, error: str | None = None) -> int:
    """Queue again what was given up, and return how much that is.

    Left as it is what a later update of the same event has overtaken, and what is for somebody who gets nothing now.

    Args:
        session: who decides.
        update: what is given up of this update alone.
        error: what was given up for this reason alone, in full or as :class:`Standing` tells it.

    Raises:
        NotPossible: there is no such update, or the operator is a viewer.
    """
    async with session.deciding() as connection:
        if update is not None and await events.of_update(connection, update) is None:
            raise NotPossible(f"there is no update {update}; nothing was changed")
        reasons = None
        if error is not None:
            known = await ledger.errors(connection, _EVER)
            reasons = [text for text, _ in known if error in {text, reason(text)}]
        number = await ledger.revive(connection, session.now, update, reasons)
        if number:
            asked = {"update": update, "error": error, "deliveries": number}
            await session.note(connection, "retry", _NOUN, 0, None, asked)
    return number


async def standing(session: Session) -> Standing:
    """Return how sending stands."""
    since = session.now - RECENT
    async with session.store.reading() as connection:
        switch = await switches.get(connection, PAUSED)
        errors: Counter[str] = Counter()
        for text, number in await ledger.errors(connection, since):
            errors[reason(text)] += number
        return Standing(
            paused=switch if switch and switch.on else None,
            counts=await ledger.counts(connection, since),
            errors=tuple(errors.most_common()),
            oldest_waiting=await ledger.oldest_waiting(connection),
        )


async def told(session: Session, update: int) -> tuple[Event, Update, Audience]:
    """Return an update with its event as it stood then, and whom its notice would be for now.

    Raises:
        NotPossible: there is no such update.
    """
    async with session.store.reading() as connection:
        found = await events.of_update(connection, update)
    if found is None:
        raise NotPossible(f"there is no update {update}; 'omwatch incident show' tells the numbers of an incident's")
    event, its = found
    until = [item for item in event.updates if item.id <= update]
    return event, its, audience(event, present(until))


async def recipients(session: Session, wanted: Audience) -> AsyncIterator[Subscriber]:
    """Return whom a notice would reach now, page by page, the oldest first."""
    after = 0
    while True:
        # A transaction of its own for each page: a reader that is slow must not keep the store from tidying up.
        async with session.store.reading() as connection:
            numbers = await deliveries.audience_of(connection, wanted, after, _PAGE)
            found = await subscribers.of_numbers(connection, numbers)
        for subscriber in found:
            yield subscriber
        if len(numbers) < _PAGE:
            return
        after = numbers[-1]


async def by_clock(session: Session) -> None:
    """Tell on-call, once for each update, when too great a share of its notices has not arrived.

    The monitoring process calls it every second; it writes only when there is something to write.

    Raises:
        NotPossible: somebody other than the clock or an admin calls it.
    """
    if not session.policy.oncall:
        return
    async with session.store.reading() as connection:
        found = await _alarms(connection, session)
    if found:
        async with session.deciding(Role.ADMIN) as connection:
            for alarm in found:
                await alarms.sound(connection, alarm, session.policy.oncall)


async def _alarms(connection: AsyncConnection, session: Session) -> list[Alarm]:
    failing = await ledger.failing(connection, session.now - _A_WHILE)
    known = {key for key, _ in await alarms.sounded(connection, [_key(update) for update in failing])}
    found = []
    for update in failing:
        if _key(update) not in known:
            losses = await ledger.losses(connection, update)
            if losses.tried >= FEWEST and losses.lost * _PERCENT > session.policy.alarm_percent * losses.tried:
                found.append(_alarm(session, update, failing[update], losses))
    return found


def _alarm(session: Session, update: int, event: int, losses: Losses) -> Alarm:
    share = losses.lost * _PERCENT // losses.tried
    notices = f"{losses.lost:,} of {losses.tried:,} {plural('notice', losses.tried)}"
    text = f"{notices} of update {update} (event {event}) have not arrived ({share} %). Why: omwatch broadcast status"
    return Alarm(_key(update), f"Notices do not arrive: {losses.lost:,} of {losses.tried:,}", text, session.now)


def _key(update: int) -> str:
    return f"broadcast:{update}"


async def _turn(session: Session, connection: AsyncConnection, action: str, after: Switch) -> None:
    await switches.turn(connection, PAUSED, on=after.on, operator=after.changed_by, why=after.why, now=after.changed_at)
    await session.note(connection, action, _NOUN, 0, None, {"paused": after.on, "why": after.why})
