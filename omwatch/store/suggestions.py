"""Suggestions: proposed by the judge, decided by the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.judge import Count, Interval
from omwatch.domain.severity import Severity
from omwatch.domain.suggestion import Evidence, Suggestion, SuggestionKind, SuggestionState
from omwatch.store.tables import suggestions

_columns = suggestions.c


_DISMISSED = and_(_columns.state == SuggestionState.DISMISSED, _columns.settled.is_(False))
_PENDING = or_(_columns.state == SuggestionState.OPEN, _DISMISSED)
_JUDGED = _columns.kind.in_([kind for kind in SuggestionKind if kind.judged])


@dataclass(frozen=True, slots=True)
class Dismissal:
    """A suggestion that an operator set aside."""

    suggestion: Suggestion
    by: str
    at: datetime
    why: str


async def pending(connection: AsyncConnection) -> list[Suggestion]:
    """Return what the judge has to know: its open ones, and its dismissed ones whose trouble is not over."""
    return await _select(connection, and_(_PENDING, _JUDGED))


async def from_clients(connection: AsyncConnection) -> list[Suggestion]:
    """Return the same of what follows from clients, which the judge neither sees nor withdraws."""
    return await _select(connection, and_(_PENDING, ~_JUDGED))


async def open_ones(connection: AsyncConnection) -> list[Suggestion]:
    """Return the suggestions that wait for an operator, newest first."""
    return await _select(connection, _columns.state == SuggestionState.OPEN)


async def get(connection: AsyncConnection, number: int) -> Suggestion | None:
    """Return one suggestion, or None."""
    found = await _select(connection, _columns.id == number)
    return found[0] if found else None


async def add(connection: AsyncConnection, suggestion: Suggestion) -> int:
    """Write a new suggestion and return its number."""
    result = await connection.execute(insert(suggestions).values(_row(suggestion)).returning(_columns.id))
    return int(result.scalar_one())


async def change(connection: AsyncConnection, suggestion: Suggestion) -> bool:
    """Overwrite a suggestion that nobody has decided since; return whether it was still so."""
    same = and_(_columns.id == suggestion.id, _columns.decided_at.is_(None))
    result = await connection.execute(update(suggestions).where(same).values(_row(suggestion)))
    return result.rowcount == 1


async def settle(connection: AsyncConnection, number: int) -> None:
    """Note that the trouble behind a dismissed suggestion is over."""
    await connection.execute(update(suggestions).where(_columns.id == number).values(settled=True))


async def decide(
    connection: AsyncConnection, number: int, state: SuggestionState, operator: str, why: str, now: datetime
) -> bool:
    """Note an operator's decision on an open suggestion; return whether it was still open."""
    still_open = and_(_columns.id == number, _columns.state == SuggestionState.OPEN)
    decision = {"state": state, "decided_at": now, "decided_by": operator, "why": why}
    result = await connection.execute(update(suggestions).where(still_open).values(decision))
    return result.rowcount == 1


async def dismissals(connection: AsyncConnection, since: datetime) -> list[Dismissal]:
    """Return what was dismissed at an instant or later, or before it and its trouble goes on; the newest first."""
    fresh = and_(_columns.state == SuggestionState.DISMISSED, _columns.decided_at >= since)
    newest_first = (_columns.decided_at.desc(), _columns.id.desc())
    rows = await connection.execute(select(suggestions).where(or_(fresh, _DISMISSED)).order_by(*newest_first))
    return [Dismissal(_suggestion(row), row.decided_by or "", row.decided_at, row.why or "") for row in rows]


async def reopen(connection: AsyncConnection, number: int) -> None:
    """Take the decision on a suggestion back; it waits for an operator again."""
    undecided = {"state": SuggestionState.OPEN, "decided_at": None, "decided_by": None, "why": None}
    await connection.execute(update(suggestions).where(_columns.id == number).values(undecided))


async def _select(connection: AsyncConnection, condition: Any) -> list[Suggestion]:  # noqa: ANN401 - an SQL expression
    rows = await connection.execute(select(suggestions).where(condition).order_by(_columns.id.desc()))
    return [_suggestion(row) for row in rows]


def _row(suggestion: Suggestion) -> dict[str, object]:
    return {
        "state": suggestion.state,
        "severity": suggestion.severity,
        "evidence": [_evidence_row(item) for item in suggestion.evidence],
        "opened_at": suggestion.opened_at,
        "first_failed_at": suggestion.first_failed_at,
        "settled": suggestion.settled,
        "kind": suggestion.kind,
        "incident": suggestion.incident,
    }


def _evidence_row(item: Evidence) -> dict[str, object]:
    return {
        "component": item.component,
        "severity": int(item.severity),
        "failing": item.count.failing,
        "tried": item.count.tried,
        "low": item.interval.low,
        "high": item.interval.high,
        "noun": item.noun,
        "reason": item.reason,
        "first_failed_at": item.first_failed_at.isoformat(),
        "errors": [list(error) for error in item.errors],
        "behind": list(item.behind),
    }


def _suggestion(row: Row[Any]) -> Suggestion:
    return Suggestion(
        id=row.id,
        state=row.state,
        severity=row.severity,
        evidence=_evidence(row.evidence),
        opened_at=row.opened_at,
        first_failed_at=row.first_failed_at,
        settled=row.settled,
        kind=row.kind,
        incident=row.incident,
    )


def _evidence(rows: Sequence[dict[str, Any]]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            component=row["component"],
            severity=Severity(row["severity"]),
            count=Count(row["failing"], row["tried"]),
            interval=Interval(row["low"], row["high"]),
            noun=row["noun"],
            reason=row["reason"],
            first_failed_at=datetime.fromisoformat(row["first_failed_at"]).astimezone(UTC),
            errors=tuple((error, count) for error, count in row["errors"]),
            behind=tuple(row.get("behind", ())),  # evidence that was written before there were tickets has none
        )
        for row in rows
    )
