"""Hotfixes without downtime. Brief: they are "documented as a POSTMORTEM event", at once."""

from collections.abc import Sequence
from dataclasses import replace

from omwatch.desk.components import spelled
from omwatch.desk.publishing import Published, begin
from omwatch.desk.session import Session, line, words
from omwatch.domain import plain
from omwatch.domain.event import Event, EventKind, EventStatus
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.store import events


async def publish(session: Session, title: str, text: str, components: Sequence[str] = ()) -> Published:
    """Tell everybody of a hotfix that was applied without downtime; its components have worked all the time.

    Args:
        session: who publishes it, and when.
        title: what it is, in one line.
        text: what it fixes.
        components: what it touched; may be empty.

    Raises:
        NotPossible: the title, the text or a component's name is empty.
    """
    hotfix = Event(
        id=0,
        kind=EventKind.HOTFIX,
        title=line(title, "the title"),
        severity=Severity.NONE,
        status=EventStatus.POSTMORTEM,
        components={},
        started_at=session.now,
        created_at=session.now,
    )
    spoken = words(text, "the text")
    async with session.deciding() as connection:
        touched = dict.fromkeys(await spelled(connection, components), ComponentStatus.OPERATIONAL)
        done = await begin(connection, session, replace(hotfix, components=touched), spoken)
        after = await events.get(connection, done.event)
        await session.note(connection, "publish", "hotfix", done.event, None, plain.event(after) if after else None)
    return done
