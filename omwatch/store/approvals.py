"""Approvals: what waits for a second person."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, case, insert, or_, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain import plain
from omwatch.domain.approval import Approval, ApprovalState
from omwatch.domain.event import EventStatus
from omwatch.domain.notice import Draft
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.suggestion import SuggestionState
from omwatch.store.tables import approvals, suggestions

_columns = approvals.c
# The judge withdraws suggestions without a word to anybody; what waited for one of these has gone with it.
_ABOUT = select(suggestions.c.id).where(suggestions.c.state == SuggestionState.OPEN)
_STANDS = or_(_columns.suggestion_id.is_(None), _columns.suggestion_id.in_(_ABOUT))
_WAITS = and_(_columns.state == ApprovalState.WAITING, _STANDS)
_GONE = and_(_columns.state == ApprovalState.WAITING, ~_STANDS)
_STATE = type_coerce(case((_GONE, ApprovalState.VOID.value), else_=_columns.state), _columns.state.type)


async def add(connection: AsyncConnection, approval: Approval) -> int:
    """Write a new approval and return its number."""
    row = {
        "state": approval.state,
        "suggestion_id": approval.suggestion,
        "event_id": approval.event,
        "draft": plain.draft(approval.draft),
        "reason": approval.reason,
        "clients": list(approval.clients),
        "asked_by": approval.asked_by,
        "asked_at": approval.asked_at,
    }
    return int((await connection.execute(insert(approvals).values(row).returning(_columns.id))).scalar_one())


async def get(connection: AsyncConnection, number: int) -> Approval | None:
    """Return one approval, or None."""
    found = await _select(connection, _columns.id == number)
    return found[0] if found else None


async def open_ones(connection: AsyncConnection) -> list[Approval]:
    """Return those that wait, the oldest first."""
    return await _select(connection, _WAITS)


async def waiting_for(
    connection: AsyncConnection, suggestion: int | None = None, event: int | None = None
) -> Approval | None:
    """Return what waits about a suggestion, or about regrading an incident; None when nothing does."""
    about = _columns.suggestion_id == suggestion if event is None else _columns.event_id == event
    found = await _select(connection, and_(_WAITS, about))
    return found[0] if found else None


async def decide(connection: AsyncConnection, number: int, state: ApprovalState, operator: str, now: datetime) -> None:
    """Note what became of a waiting approval."""
    decision = {"state": state, "decided_by": operator, "decided_at": now}
    await connection.execute(update(approvals).where(_columns.id == number, _WAITS).values(decision))


async def _select(connection: AsyncConnection, condition: Any) -> list[Approval]:  # noqa: ANN401 - an SQL expression
    statement = select(approvals, _STATE.label("stands")).where(condition).order_by(_columns.id)
    rows = await connection.execute(statement)
    return [_approval(row) for row in rows]


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        id=row.id,
        state=row.stands,
        draft=_draft(row.draft),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        suggestion=row.suggestion_id,
        event=row.event_id,
        reason=row.reason,
        clients=tuple(row.clients or ()),
    )


def _draft(stored: dict[str, Any]) -> Draft:
    return Draft(
        title=stored["title"],
        text=stored["text"],
        severity=Severity(stored["severity"]),
        status=EventStatus(stored["status"]),
        components={name: ComponentStatus(status) for name, status in stored["components"].items()},
        started_at=datetime.fromisoformat(stored["started_at"]),
        under_plan=stored["under_plan"],
    )
