"""Recorded attempts: one JSON object a line, so that history can be judged again by other rules.

{"at": "2026-11-23T14:02:11.25Z", "check": "agent-login", "subject": "agent-07", "outcome": "failed",
 "ms": 512.4, "error": "log in: POST /login answered 503, expected 200"}
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from omwatch.domain.attempt import Attempt, Outcome
from omwatch.domain.plain import instant
from omwatch.domain.safetext import MAX_LENGTH, clean

_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_LONGEST_NAME = 60
_LONGEST_MS = 86_400_000  # a day
_YEARS = range(1970, 9000)
_SHOWN = 40
_INSTANT = 'must be an instant in RFC 3339 with its time zone, such as "2026-11-23T14:02:11Z"'


class BadLine(ValueError):
    """A line is no attempt; the message says where it is and what to write instead."""


def line_of(attempt: Attempt) -> str:
    """Return the line that records an attempt."""
    row = {
        "at": instant(attempt.at),
        "check": attempt.check,
        "subject": attempt.subject,
        "outcome": attempt.outcome,
        "ms": round(attempt.duration_ms, 3),
        "error": attempt.error,
    }
    return json.dumps(row, ensure_ascii=False)


def attempts_of(lines: Iterable[str], name: str) -> Iterator[Attempt]:
    """Return the attempts that lines record; blank lines mean nothing.

    Args:
        lines: in the order of the instants at which the attempts started.
        name: what to call the file in a complaint.

    Raises:
        BadLine: a line is no attempt, or is out of order.
    """
    before = datetime.min.replace(tzinfo=UTC)
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            attempt = _attempt(row)
        except (ValueError, RecursionError, KeyError, TypeError, AttributeError, OverflowError):
            if not line.strip():
                continue
            raise BadLine(f"{name}:{number}: {_complaint(line)}") from None
        if attempt.at < before:
            order = f"at {instant(attempt.at)} is before {instant(before)} of the line above; sort the lines by 'at'"
            raise BadLine(f"{name}:{number}: {order}")
        before = attempt.at
        yield attempt


def _attempt(row: dict[str, Any]) -> Attempt:
    """Return the attempt of a row that is in order; any other raises something, and :func:`_complaint` says why."""
    at = datetime.fromisoformat(row["at"])
    if at.tzinfo is not UTC:
        at = _in_utc(at)
    check, subject, took = _text(row["check"], _LONGEST_NAME), _text(row["subject"], _LONGEST_NAME), row.get("ms", 0.0)
    if not check.strip() or not subject.strip() or not 0 <= took <= _LONGEST_MS or at.year not in _YEARS:
        raise ValueError
    return Attempt(check, subject, at, took, _OUTCOMES[row["outcome"]], _text(row.get("error") or ""))


def _in_utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError
    return at.astimezone(UTC)


def _text(value: str, limit: int = MAX_LENGTH) -> str:
    # Nearly every text is plain, and this is asked three times a line.
    if value.isascii() and value.isprintable() and len(value) <= limit:
        return value
    return clean(value, limit)


def _complaint(line: str) -> str:
    """Return what is wrong with a line; slow and thorough, as it is asked once."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        return f"is not JSON: {clean(error.msg)} in column {error.colno}"
    except (ValueError, RecursionError):
        return "is not JSON that can be read"
    if not isinstance(row, dict):
        return f"must be one JSON object a line, found {_found(row)}"
    missing = [key for key in ("at", "check", "subject", "outcome") if key not in row]
    return f"has no '{missing[0]}'; write for example {_EXAMPLE}" if missing else _wrong(row)


def _wrong(row: dict[str, Any]) -> str:
    for key in ("check", "subject"):
        if not isinstance(row[key], str) or not row[key].strip():
            return f"{key} must be text, and not empty, found {_found(row[key])}"
    if not isinstance(row.get("error") or "", str):
        return f"error must be text, found {_found(row['error'])}"
    if not isinstance(row["outcome"], str) or row["outcome"] not in _OUTCOMES:
        return f"outcome must be passed, failed or broken, found {_found(row['outcome'])}"
    took = row.get("ms", 0)
    if not isinstance(took, int | float) or not 0 <= took <= _LONGEST_MS:
        return f"ms must be a number of milliseconds from 0 to {_LONGEST_MS}, found {_found(took)}"
    return f"at {_INSTANT}, found {_found(row['at'])}"


def _found(value: object) -> str:
    return clean(json.dumps(value, ensure_ascii=False), _SHOWN)


_EXAMPLE = line_of(
    Attempt("agent-login", "agent-07", datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC), 512.4, Outcome.PASSED)
)
