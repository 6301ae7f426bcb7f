"""The judged state of every check now: one row each, overwritten in place."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.assessment import Assessment, CheckState, Trouble
from omwatch.domain.judge import Count, Interval
from omwatch.store.tables import assessments


async def keep(connection: AsyncConnection, states: Sequence[CheckState], now: datetime) -> None:
    """Write the state of every check there is, in the order of the screen; rows of other checks are removed."""
    names = [state.assessment.check for state in states]
    await connection.execute(delete(assessments).where(assessments.c.check_name.not_in(names)))
    if not states:
        return
    rows = upsert(assessments)
    overwrite = {column.name: rows.excluded[column.name] for column in assessments.c if not column.primary_key}
    statement = rows.on_conflict_do_update(index_elements=[assessments.c.check_name], set_=overwrite)
    await connection.execute(statement, [_row(state, position, now) for position, state in enumerate(states)])


async def every(connection: AsyncConnection) -> list[CheckState]:
    """Return the state of every check, in the order of the screen."""
    rows = await connection.execute(select(assessments).order_by(assessments.c.position))
    return [_state(row) for row in rows]


def _row(state: CheckState, position: int, now: datetime) -> dict[str, object]:
    item = state.assessment
    return {
        "check_name": item.check,
        "component": item.component,
        "position": position,
        "noun": item.unit_noun,
        "severity": item.severity,
        "failing": item.count.failing,
        "tried": item.count.tried,
        "low": item.interval.low,
        "high": item.interval.high,
        "since": item.since,
        "first_failed_at": item.first_failed_at,
        "clear_since": item.clear_since,
        "reason": item.reason,
        "trouble": state.trouble.error if state.trouble else "",
        "trouble_since": state.trouble.since if state.trouble else None,
        "errors": [list(item) for item in state.errors],
        "judged_at": now,
    }


def _state(row: Row[Any]) -> CheckState:
    assessment = Assessment(
        check=row.check_name,
        component=row.component,
        severity=row.severity,
        count=Count(row.failing, row.tried),
        interval=Interval(row.low, row.high),
        since=row.since,
        first_failed_at=row.first_failed_at,
        reason=row.reason,
        unit_noun=row.noun,
        clear_since=row.clear_since,
    )
    trouble = Trouble(row.trouble, row.trouble_since) if row.trouble else None
    return CheckState(assessment, trouble, tuple((error, count) for error, count in row.errors))
