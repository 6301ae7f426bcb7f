"""When something is, in as few words as a short message has room for."""

from datetime import UTC, datetime


def since_in_short(begins: datetime) -> str:
    """Return since when something lasts: "since 15:00 UTC 5 Jan"."""
    utc = begins.astimezone(UTC)
    return f"since {utc:%H:%M} UTC {_day(utc)}"


def span_in_short(begins: datetime, ends: datetime) -> str:
    """Return from when to when: "15:00-15:42 UTC 5 Jan", or "15:00 5 Jan - 02:00 UTC 6 Jan" over midnight."""
    first, last = begins.astimezone(UTC), ends.astimezone(UTC)
    if first.date() == last.date():
        return f"{first:%H:%M}-{last:%H:%M} UTC {_day(last)}"
    return f"{first:%H:%M} {_day(first)} - {last:%H:%M} UTC {_day(last)}"


def _day(utc: datetime) -> str:
    return f"{utc.day} {utc:%b}"
