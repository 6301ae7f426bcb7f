"""Work hours and promises as operators write them, and what they mean in the domain."""

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Annotated, TypeVar

from pydantic import BeforeValidator

from omwatch.config.units import duration, time_of_day
from omwatch.domain.sla import Remediation, ResponseTime

ON_PROGRESS = "on progress"
"""Written for an update that is owed, as the brief says, "when material updates or progress is made"."""

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS_LIST = 'must be a list of days in square brackets, such as ["mon", "tue"]'
_END_OF_DAY = "24:00"
_SHORTEST, _LONGEST = timedelta(minutes=1).total_seconds(), timedelta(days=30).total_seconds()

T = TypeVar("T")


def days(value: object) -> frozenset[int]:
    """Return the days that ["mon", "tue"] stand for; Monday is 0.

    Raises:
        ValueError: it is no list of days, is empty, or names one twice.
    """
    if isinstance(value, frozenset):
        return value
    if not isinstance(value, list | tuple):
        raise ValueError(_DAYS_LIST)  # noqa: TRY004 - pydantic reports ValueErrors
    if not value:
        raise ValueError("must name at least one day")
    found: list[int] = []
    for place, entry in enumerate(value, start=1):
        day = _day(entry)
        if day is None:
            raise ValueError(f"{_DAYS_LIST}; entry {place} is none")
        if day in found:
            raise ValueError(f"must name each day once; entry {place} repeats entry {found.index(day) + 1}")
        found.append(day)
    return frozenset(found)


def closing(value: object) -> time:
    """Return the time at which work ends; "24:00" is the midnight at the end of the day.

    Raises:
        ValueError: it is no time of a day.
    """
    if isinstance(value, str) and value.strip() == _END_OF_DAY:
        return time(0)
    try:
        return time_of_day(value)
    except ValueError:
        raise ValueError(f'must be a time of day from "00:00" to "{_END_OF_DAY}", in quotes') from None


def promised(value: object) -> float:
    """Return the seconds that a duration stands for, in the bounds of a promise.

    Raises:
        ValueError: it is no duration, or too short or too long for one.
    """
    seconds = duration(value)
    if not _SHORTEST <= seconds <= _LONGEST:
        raise ValueError("must be from 1 minute to 30 days")
    return seconds


def cadence(value: object) -> float | None:
    """Return the seconds that a duration stands for, or None for "on progress".

    Raises:
        ValueError: it is neither.
    """
    if value is None or (isinstance(value, str) and value.strip().lower() == ON_PROGRESS):
        return None
    try:
        return promised(value)
    except ValueError as error:
        raise ValueError(f'{error}, or "{ON_PROGRESS}"') from None


def _remediation(value: object) -> Remediation:
    return _one_of({"24/7": Remediation.ROUND_THE_CLOCK, "work hours": Remediation.WORK_HOURS}, value)


def _response_time(value: object) -> ResponseTime:
    return _one_of({"always": ResponseTime.ALWAYS, "work hours": ResponseTime.WORK_HOURS}, value)


def _one_of(meanings: Mapping[str, T], value: object) -> T:
    if value in meanings.values():
        return value  # type: ignore[return-value] # it is one of them
    if not isinstance(value, str) or value.strip().lower() not in meanings:
        raise ValueError("must be " + " or ".join(f'"{word}"' for word in meanings))
    return meanings[value.strip().lower()]


def _day(entry: object) -> int | None:
    word = entry.strip().lower() if isinstance(entry, str) else None
    return next((day for day, name in enumerate(_DAYS) if word in {name, name[:3]}), None)


Days = Annotated[frozenset[int], BeforeValidator(days)]
"""Days of the week, written ["mon", "tue"]."""
Closing = Annotated[time, BeforeValidator(closing)]
"""The end of work hours, written "16:00" or "24:00"."""
Promised = Annotated[float, BeforeValidator(promised)]
"""Seconds from a minute to 30 days, written as a duration."""
Cadence = Annotated[float | None, BeforeValidator(cadence)]
"""How often an update is owed: a duration, or "on progress"."""
RemediatedIn = Annotated[Remediation, BeforeValidator(_remediation)]
"""When people work on it, written "24/7" or "work hours"."""
RespondedIn = Annotated[ResponseTime, BeforeValidator(_response_time)]
"""When the response clock runs, written "always" or "work hours"."""
