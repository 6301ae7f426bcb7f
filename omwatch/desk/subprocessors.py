"""Subprocessor notices: only their own topic's subscribers get them.

Brief, "Data Processing Agreement": "new or replacement subprocessors. Only customers who subscribe will be notified".
"""

from dataclasses import replace

from omwatch.desk.drafting import worded
from omwatch.desk.publishing import Published, begin
from omwatch.desk.session import NotPossible, Session, line, words
from omwatch.domain import plain
from omwatch.domain.announcement import subprocessor_text
from omwatch.domain.event import Event, EventKind, EventStatus, Subprocessor
from omwatch.domain.notice import day_in_words
from omwatch.domain.safetext import clean
from omwatch.domain.severity import Severity
from omwatch.domain.sla import time_zone
from omwatch.domain.wording import Wording
from omwatch.store import events


async def announce(session: Session, item: Subprocessor, text: str = "") -> Published:
    """Tell those who subscribe to it of a new or replacement subprocessor.

    Args:
        session: who announces it, and when.
        item: the subprocessor.
        text: what is said; empty for a draft.

    Raises:
        NotPossible: it has no name or no purpose, or is effective already.
    """
    named = replace(
        item,
        name=line(item.name, "the subprocessor's name"),
        purpose=line(item.purpose, "the purpose").rstrip("."),
        location=clean(item.location),
        replaces=clean(item.replaces),
    )
    today = session.now.astimezone(time_zone(session.policy.zone)).date()
    if named.effective_on < today:
        raise NotPossible(
            f"{day_in_words(named.effective_on)} lies in the past; write {today.isoformat()} or later; "
            "nothing was changed"
        )
    async with session.deciding() as connection:
        default = subprocessor_text(named)
        announced = _event(session, named)
        spoken = text or worded(session, Wording.SUBPROCESSOR_ANNOUNCED, default, announced)
        done = await begin(connection, session, announced, words(spoken, "the text"))
        after = await events.get(connection, done.event)
        await session.note(
            connection, "announce", "subprocessor", done.event, None, plain.event(after) if after else None
        )
    return done


def _event(session: Session, item: Subprocessor) -> Event:
    role = f"replaces {item.replaces}" if item.replaces else "a new subprocessor"
    return Event(
        id=0,
        kind=EventKind.SUBPROCESSOR,
        title=line(f"{item.name}: {role}", "the title"),
        severity=Severity.NONE,
        status=EventStatus.ANNOUNCED,
        components={},
        started_at=session.now,
        created_at=session.now,
        subprocessor=item,
    )
