"""Attempts and their per-minute rollups: written together, so that screens never need the raw rows."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, and_, case, insert, or_, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.attempt import Attempt, Outcome, Phases, Step
from omwatch.store.tables import attempt_minutes, attempts

Place = tuple[datetime, int]
"""Where an attempt stands in the history of all: its start, and its number among those of one instant."""
START: Place = (datetime.min.replace(tzinfo=UTC), 0)


@dataclass(frozen=True, slots=True)
class Minute:
    """One check's attempts of one minute, by the instants at which they started."""

    check: str
    minute: datetime
    passed: int = 0
    failed: int = 0
    broken: int = 0
    total_ms: float = 0.0
    """Sum of the durations of passed and failed attempts."""
    longest_ms: float = 0.0

    def plus(self, attempt: Attempt) -> "Minute":
        """Return this minute with one attempt more."""
        counted = attempt.outcome is not Outcome.BROKEN
        return replace(
            self,
            passed=self.passed + (attempt.outcome is Outcome.PASSED),
            failed=self.failed + (attempt.outcome is Outcome.FAILED),
            broken=self.broken + (attempt.outcome is Outcome.BROKEN),
            total_ms=self.total_ms + (attempt.duration_ms if counted else 0.0),
            longest_ms=max(self.longest_ms, attempt.duration_ms if counted else 0.0),
        )


async def record(connection: AsyncConnection, batch: Sequence[Attempt]) -> None:
    """Write attempts and add them to their minutes."""
    if not batch:
        return
    await connection.execute(insert(attempts), [_row(attempt) for attempt in batch])
    rows = upsert(attempt_minutes)
    added = rows.excluded
    columns = attempt_minutes.c
    statement = rows.on_conflict_do_update(
        index_elements=[columns.check_name, columns.minute],
        set_={
            **{name: columns[name] + added[name] for name in ("passed", "failed", "broken", "total_ms")},
            "longest_ms": case((columns.longest_ms > added.longest_ms, columns.longest_ms), else_=added.longest_ms),
        },
    )
    await connection.execute(statement, [_minute_row(minute) for minute in rolled_up(batch)])


def rolled_up(batch: Iterable[Attempt]) -> list[Minute]:
    """Return one :class:`Minute` per check and minute that the attempts touch."""
    minutes: dict[tuple[str, datetime], Minute] = {}
    for attempt in batch:
        minute = attempt.at.replace(second=0, microsecond=0)
        known = minutes.get((attempt.check, minute), Minute(attempt.check, minute))
        minutes[attempt.check, minute] = known.plus(attempt)
    return list(minutes.values())


async def since(connection: AsyncConnection, earliest: datetime) -> list[Attempt]:
    """Return every attempt that started at ``earliest`` or later, oldest first."""
    rows = await connection.execute(select(attempts).where(attempts.c.at >= earliest).order_by(attempts.c.at))
    return [_attempt(row) for row in rows]


async def page(
    connection: AsyncConnection, earliest: datetime, latest: datetime, place: Place, size: int
) -> tuple[list[Attempt], Place]:
    """Return the next attempts of a history that is too long to be read at once, without their steps, oldest first.

    Args:
        connection: any.
        earliest: the start of the oldest attempt wanted.
        latest: the start of the newest one.
        place: where the last page ended; :data:`START` before the first.
        size: how many at most; fewer come only at the end.

    Returns:
        The attempts, and where this page ends.
    """
    at, number = place
    columns = attempts.c
    further = and_(columns.at >= max(earliest, at), columns.at <= latest, or_(columns.at > at, columns.id > number))
    wanted = (columns.id, columns.check_name, columns.subject, columns.at, columns.duration_ms, columns.outcome)
    query = select(*wanted, columns.error).where(further).order_by(columns.at, columns.id).limit(size)
    rows = (await connection.execute(query)).all()
    found = [Attempt(row.check_name, row.subject, row.at, row.duration_ms, row.outcome, row.error) for row in rows]
    return found, (rows[-1].at, rows[-1].id) if rows else place


async def minutes_since(connection: AsyncConnection, earliest: datetime) -> list[Minute]:
    """Return the rollups from the minute of ``earliest`` on, oldest first."""
    columns = attempt_minutes.c
    rows = await connection.execute(
        select(attempt_minutes)
        .where(columns.minute >= earliest.replace(second=0, microsecond=0))
        .order_by(columns.minute)
    )
    return [
        Minute(row.check_name, row.minute, row.passed, row.failed, row.broken, row.total_ms, row.longest_ms)
        for row in rows
    ]


def _row(attempt: Attempt) -> dict[str, object]:
    return {
        "check_name": attempt.check,
        "subject": attempt.subject,
        "at": attempt.at,
        "duration_ms": attempt.duration_ms,
        "outcome": attempt.outcome,
        "error": attempt.error,
        "steps": [asdict(step) for step in attempt.steps],
    }


def _minute_row(minute: Minute) -> dict[str, object]:
    row = asdict(minute)
    row["check_name"] = row.pop("check")
    return row


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        check=row.check_name,
        subject=row.subject,
        at=row.at,
        duration_ms=row.duration_ms,
        outcome=row.outcome,
        error=row.error,
        steps=tuple(Step(**{**step, "phases": Phases(**step["phases"])}) for step in row.steps),
    )
