"""Recurring windows: RRULE of RFC 5545, by python-dateutil, on the clock of the operators' zone.

A window that begins at 02:00 does so before and after a daylight-saving change. Where the change skips its time, it
begins as zoneinfo reads such a time: an hour later, so 02:30 becomes 03:30 on that day. A time that comes twice is the
first one. How long a window lasts is real time.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

from dateutil.rrule import rrule, rrulestr

from omwatch.desk.session import NotPossible
from omwatch.domain.safetext import clean
from omwatch.domain.sla import in_words, time_zone

_EXAMPLE = 'write a rule of RFC 5545 such as "FREQ=WEEKLY;BYDAY=SU" or "FREQ=MONTHLY;BYDAY=2SU"'
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_MORE_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
_TIMES = ("BYSECOND", "BYMINUTE", "BYHOUR")
_HIGHEST = {
    "INTERVAL": 1000,
    "COUNT": 10_000,
    "BYMONTH": 12,
    "BYMONTHDAY": 31,
    "BYYEARDAY": 366,
    "BYWEEKNO": 53,
    "BYSETPOS": 366,
}
_POSITIVE = ("INTERVAL", "COUNT", "BYMONTH")
_ALONE = ("INTERVAL", "COUNT")
_NUMBER = re.compile(r"[+-]?[0-9]{1,5}", re.ASCII)
_DAY = re.compile(r"(?P<place>[+-]?[1-9][0-9]?)?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_LAST_WEEK = 53
_UNTIL = re.compile(r"(?P<day>[0-9]{8})(?:T(?P<time>[0-9]{6})(?P<utc>Z?))?", re.ASCII)
_LONGEST = 300
# Dates come again after 400 years, weekdays and all. So a rule is evaluated as late as the calendar goes, where one
# that never comes true has run out of years soon; dateutil looks for its dates until the year 9999.
_CYCLE = 400
_YEARS_LOOKED_AT = 100
_LAST_YEAR = 9999
_DATES_COMPARED = 400


def checked(rule: str, starts_at: datetime, duration: timedelta, zone: str) -> str:
    """Return a rule as it is stored, upper case and without its "RRULE:".

    Args:
        rule: as an operator wrote it.
        starts_at: of the first window, which must be a date of the rule.
        duration: of each window.
        zone: on whose clock it recurs.

    Raises:
        NotPossible: it cannot be read, yields no date, comes more often than daily or before its last window is over.
    """
    kept = ";".join(f"{name}={value}" for name, value in _parts(rule).items())
    dates = list(islice(_dates(kept, zone, starts_at), _DATES_COMPARED))
    if not dates:
        raise NotPossible(f"{kept} yields no date from the start on; {_EXAMPLE}")
    if dates[0] != starts_at.replace(microsecond=0):
        local = dates[0].astimezone(time_zone(zone))
        first = f"the first one is {local:%Y-%m-%d %H:%M} in {zone}"
        raise NotPossible(f"the start is no date of {kept}; {first}: let it start then, or choose another rule")
    for earlier, later in pairwise(dates):
        if later - earlier < duration:
            apart = f"{earlier:%Y-%m-%d %H:%M} and {later:%Y-%m-%d %H:%M} UTC are {in_words(later - earlier)} apart"
            raise NotPossible(
                f"windows of {in_words(duration)} would overlap: {apart}; shorten them, or repeat less often"
            )
    return kept


def following(rule: str, zone: str, starts_at: datetime, after: datetime) -> datetime | None:
    """Return the first date of a checked rule later than an instant; None when it has ended.

    Args:
        rule: as :func:`checked` returned it.
        zone: on whose clock it recurs.
        starts_at: of its first window.
        after: aware.
    """
    return next((at for at in _dates(rule, zone, starts_at) if at > after), None)


def _dates(rule: str, zone: str, starts_at: datetime) -> Iterator[datetime]:
    """Yield the instants of a rule from its start on."""
    its = time_zone(zone)
    start = starts_at.astimezone(its).replace(tzinfo=None, microsecond=0, fold=0)
    years = max(0, (_LAST_YEAR - _YEARS_LOOKED_AT - start.year) // _CYCLE) * _CYCLE
    late = start.replace(year=start.year + years)
    for date in _rrule(rule, late, zone, years):
        shown = date.replace(year=date.year - years)
        # The first window begins when it was said to, even at a time that comes twice.
        yield starts_at.replace(microsecond=0) if shown == start else shown.replace(tzinfo=its).astimezone(UTC)


def _rrule(rule: str, start: datetime, zone: str, years: int) -> rrule:
    parts = dict(part.split("=") for part in rule.split(";"))
    until = _until(parts.pop("UNTIL", ""), zone)
    if until is not None and until.year + years <= _LAST_YEAR:
        parts["UNTIL"] = f"{until.replace(year=until.year + years):%Y%m%dT%H%M%S}"
    read = rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=start)
    if not isinstance(read, rrule):
        raise NotPossible(f"{rule} is more than one rule; {_EXAMPLE}")
    return read


def _until(value: str, zone: str) -> datetime | None:
    """Return the zone's local time of an UNTIL; a date alone is the whole day."""
    found = _UNTIL.fullmatch(value)
    if found is None:
        return None
    read = datetime.strptime(found["day"] + (found["time"] or "235959"), "%Y%m%d%H%M%S")  # noqa: DTZ007 - local
    if not found["utc"]:
        return read
    return read.replace(tzinfo=UTC).astimezone(time_zone(zone)).replace(tzinfo=None)


def _parts(rule: str) -> dict[str, str]:
    """Return a rule's parts, each of which can be read."""
    said = rule.strip().upper()
    said = said.removeprefix("RRULE:")
    parts: dict[str, str] = {}
    for part in said.rstrip(";").split(";"):
        name, equals, value = part.partition("=")
        if not equals:
            raise NotPossible(f"{clean(rule, _LONGEST)!r} is no rule; {_EXAMPLE}")
        if name in parts:
            raise NotPossible(f"{clean(name)} is there twice; write it once")
        _check(name, value)
        parts[name] = value
    _check_together(parts)
    return parts


def _check(name: str, value: str) -> None:
    if name in _TIMES:
        raise NotPossible(f"leave {name} out: a window begins at the time of its start, once a day at most; {_EXAMPLE}")
    check = {"FREQ": _check_frequency, "BYDAY": _check_days, "WKST": _check_days, "UNTIL": _check_until}.get(name)
    if check is not None:
        check(name, value)
    elif name in _HIGHEST:
        _check_numbers(name, value)
    else:
        raise NotPossible(f"{clean(name)!r} is no part of a rule that can be used here; {_EXAMPLE}")


def _check_frequency(_name: str, value: str) -> None:
    if value in _MORE_OFTEN:
        raise NotPossible(f"FREQ={value} repeats more often than daily; {_EXAMPLE}")
    if value not in _FREQUENCIES:
        raise NotPossible(f"FREQ={clean(value)} is none of {', '.join(_FREQUENCIES)}; {_EXAMPLE}")


def _check_days(name: str, value: str) -> None:
    for day in value.split(","):
        found = _DAY.fullmatch(day)
        if found is None or abs(int(found["place"] or 0)) > _LAST_WEEK or (name == "WKST" and found["place"]):
            raise NotPossible(f"{name}={clean(value)} names no weekday such as SU; {_EXAMPLE}")


def _check_until(name: str, value: str) -> None:
    try:
        if _until(value, "UTC") is not None:
            return
    except ValueError:  # the 31st of November
        pass
    raise NotPossible(f"{name}={clean(value)} is no date; write it like 20271231 or 20271231T235959")


def _check_numbers(name: str, value: str) -> None:
    highest = _HIGHEST[name]
    numbers = value.split(",")
    readable = all(map(_NUMBER.fullmatch, numbers)) and (len(numbers) == 1 or name not in _ALONE)
    if not readable or not all(_within(int(number), name) for number in numbers):
        lowest = 1 if name in _POSITIVE else -highest
        raise NotPossible(f"{name}={clean(value)} is no number from {lowest} to {highest}, zero left out; {_EXAMPLE}")


def _within(number: int, name: str) -> bool:
    return number != 0 and abs(number) <= _HIGHEST[name] and (number > 0 or name not in _POSITIVE)


def _check_together(parts: dict[str, str]) -> None:
    if "FREQ" not in parts:
        raise NotPossible(f"the rule does not say how often, with FREQ=; {_EXAMPLE}")
    if "COUNT" in parts and "UNTIL" in parts:
        raise NotPossible("COUNT and UNTIL both end the rule; write one of them")
    placed = any(character.isdigit() for character in parts.get("BYDAY", ""))
    if placed and parts["FREQ"] not in {"MONTHLY", "YEARLY"}:
        days = f"BYDAY={parts['BYDAY']} counts days within a month or a year, and FREQ={parts['FREQ']} has none"
        raise NotPossible(f"{days}; {_EXAMPLE}")
