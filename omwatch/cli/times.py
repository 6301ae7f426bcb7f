"""Instants and spans as operators write them in commands."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from omwatch.cli.common import Misused
from omwatch.domain.safetext import clean
from omwatch.domain.sla import time_zone

_FORMS = (
    'write "2026-11-24 22:00" in the local time of {zone}, or with its offset as 2026-11-24T22:00-05:00, or "now", '
    '"+2h" from now, or "-20m" before now'
)
_A_SPAN = '"90m", "2h" or "1d"'
_DATE_ALONE = re.compile(r"[0-9-]{8,10}")
_FIRST_YEAR = 1970  # an earlier one is a slip of the pen
_WEEK = re.compile(r"[0-9]{4}-?W", re.IGNORECASE)


def instant(text: str, zone: str, now: datetime) -> datetime:
    """Return the instant that an operator's words stand for, in UTC.

    Args:
        text: ISO 8601 with an offset; or a date and a time, local in ``zone``; or "now"; or "+2h" or "-20m" from now.
        zone: the name of the operators' time zone.
        now: aware.

    Raises:
        Misused: it is none of these, or a local time that a daylight-saving change skips or repeats.
    """
    said = text.strip()
    if said.lower() == "now":
        return now.astimezone(UTC)
    try:
        if said.startswith("+"):
            return now.astimezone(UTC) + _length(said[1:])
        if said.startswith("-"):
            return now.astimezone(UTC) - _length(said[1:])
        read = _read(said)
        return read.astimezone(UTC) if read.tzinfo else _local(read, time_zone(zone))
    except (ValueError, OverflowError):
        raise Misused(f"{clean(text)!r} is no time that can be used here; {_FORMS.format(zone=zone)}") from None


def span(text: str) -> timedelta:
    """Return how long "2h", "90m" or "1d" is.

    Raises:
        Misused: it is no such span, or longer than 366 days.
    """
    if text.strip()[-1:].isdigit():
        raise Misused(f"{clean(text)!r} does not say its unit; write {_A_SPAN}")
    try:
        return _length(text)
    except ValueError:
        raise Misused(f"{clean(text)!r} is no span of time of up to 366 days; write {_A_SPAN}") from None


def shown(at: datetime, zone: str) -> str:
    """Return an instant as lists print it, in UTC and in a zone: "2026-11-25 03:00 UTC (22:00 EST on 24 Nov)"."""
    return _shown(at, at, zone)


def shown_window(since: datetime, until: datetime, zone: str) -> str:
    """Return from when to when, of one day "2026-11-24 15:00–16:30 UTC (10:00–11:30 EST)", else both instants."""
    both = [(at.astimezone(UTC), at.astimezone(time_zone(zone))) for at in (since, until)]
    days = {(utc.date(), local.date(), local.tzname()) for utc, local in both}
    return _shown(since, until, zone) if len(days) == 1 else f"{shown(since, zone)} – {shown(until, zone)}"


def _shown(since: datetime, until: datetime, zone: str) -> str:
    utc, utc_until = (at.astimezone(UTC) for at in (since, until))
    local, local_until = (at.astimezone(time_zone(zone)) for at in (since, until))
    told = f"{utc:%Y-%m-%d %H:%M}{f'–{utc_until:%H:%M}' if until != since else ''} UTC"
    if local.utcoffset() == timedelta(0):
        return told
    day = f" on {local.day} {local:%b}" if local.date() != utc.date() else ""
    return f"{told} ({local:%H:%M}{f'–{local_until:%H:%M}' if until != since else ''} {local:%Z}{day})"


def _length(text: str) -> timedelta:
    from omwatch.config.units import duration  # noqa: PLC0415 - needs pydantic, and not every command reads a span

    if text.strip()[-1:].isdigit():
        raise ValueError(text)
    return timedelta(seconds=duration(text))


def _read(said: str) -> datetime:
    """Return what ISO 8601 says; a date alone says no time, and a week's number is too easily misread."""
    if _DATE_ALONE.fullmatch(said) or _WEEK.match(said):
        raise ValueError(said)
    read = datetime.fromisoformat(said)
    if read.year < _FIRST_YEAR:
        raise ValueError(said)
    return read


def _local(read: datetime, zone: ZoneInfo) -> datetime:
    # The two readings of PEP 495 differ around a change only; a time that is skipped comes back as another one.
    first, second = (read.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    skipped = first.astimezone(zone).replace(tzinfo=None) != read
    why = "is skipped by a daylight-saving change" if skipped else "comes twice, at a daylight-saving change"
    readings = [at.astimezone(zone).isoformat(timespec="minutes") for at in sorted((first, second))]
    raise Misused(f"{read:%Y-%m-%d %H:%M} {why} in {zone.key}; write {' or '.join(readings)}")
