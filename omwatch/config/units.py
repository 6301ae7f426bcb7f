"""Durations, sizes, shares, times and zones as operators write them, and what they stand for."""

import difflib
import math
import re
from dataclasses import dataclass
from datetime import time, timedelta
from fractions import Fraction
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import BeforeValidator

from omwatch.domain.sla import time_zone

_SECONDS = {"ms": Fraction(1, 1000), "s": Fraction(1), "m": Fraction(60), "h": Fraction(3600), "d": Fraction(86_400)}
_BYTES = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_MEASURE = re.compile(r"(?P<number>[0-9]{1,12}(?:\.[0-9]{1,12})?)\s*(?P<unit>[A-Za-z%]*)")
_TIME = re.compile(r"(?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])")
_NEAR = 0.75  # nearer than problems.suggest asks for: of 600 zones, some are always a little alike
_LONGEST = timedelta(days=366).total_seconds()
_MOST_BYTES = 1024**3
_PERCENT, _PER_MILLE = 100, 1000

_A_DURATION = 'must be a duration such as "10s", "500ms", "2m" or "1.5h", or a number of seconds'
_A_SIZE = 'must be a size such as "1 MiB" or "64 KiB", or a whole number of bytes'
_A_PERCENT = 'must be a whole number from 0 to 100, or text such as "30%"'
_A_NOISE = 'must be a share from 0 to 100 % in steps of 0.1, such as "1%" or "0.5%"'
_A_TIME = 'must be a time of day from "00:00" to "23:59", in quotes'
_A_ZONE = "must be the name of a time zone"


def duration(value: object) -> float:
    """Return the seconds that "10s", "500ms", "2m", "1.5h", "1d" or a bare number stand for.

    Raises:
        ValueError: it is none of these, or longer than 366 days.
    """
    number, unit = _measure(value, _A_DURATION)
    if unit and unit not in _SECONDS:
        raise ValueError(_A_DURATION)
    seconds = float(number * _SECONDS[unit or "s"])
    if seconds > _LONGEST:
        raise ValueError("must be at most 366 days")
    return seconds


def size(value: object) -> int:
    """Return the bytes that "1 MiB", "64 KiB" or a bare whole number stand for.

    Raises:
        ValueError: it is none of these, not a whole number of bytes, or more than 1 GiB.
    """
    number, unit = _measure(value, _A_SIZE)
    if unit and unit not in _BYTES:
        raise ValueError(_A_SIZE)
    count = number * _BYTES[unit or "B"]
    if count.denominator != 1:
        raise ValueError(_A_SIZE)
    if count > _MOST_BYTES:
        raise ValueError("must be at most 1 GiB")
    return int(count)


def percent(value: object) -> int:
    """Return the whole percentage that 30 or "30%" stand for.

    Raises:
        ValueError: it is neither, or not between 0 and 100.
    """
    share = _share(value, _A_PERCENT)
    if share.denominator != 1:
        raise ValueError(_A_PERCENT)
    return int(share)


def per_mille(value: object) -> int:
    """Return the whole per mille that "1%", "0.5%" or a bare number of percent stand for.

    Raises:
        ValueError: it is none of these, finer than 0.1 %, or not between 0 and 100 %.
    """
    share = _share(value, _A_NOISE) * _PER_MILLE / _PERCENT
    if share.denominator != 1:
        raise ValueError(_A_NOISE)
    return int(share)


def whole(value: object) -> int:
    """Return a whole number; environment variables give it as text.

    Raises:
        ValueError: it is no whole number; true and false are none either.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,12}", value.strip(), re.ASCII):
        return int(value)
    raise ValueError("must be a whole number")


def switch(value: object) -> bool:
    """Return true or false; environment variables give them as text.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in {"true", "false"}:
        return value.strip().lower() == "true"
    raise ValueError("must be true or false")


def time_of_day(value: object) -> time:
    """Return the time that "06:00" stands for.

    Raises:
        ValueError: it is no such time, or has seconds.
    """
    if isinstance(value, time) and value == time(value.hour, value.minute):
        return value
    if not isinstance(value, str) or not (found := _TIME.fullmatch(value.strip())):
        raise ValueError(_A_TIME)
    return time(int(found["hour"]), int(found["minute"]))


def zone(value: object) -> str:
    """Return the name of a time zone.

    Raises:
        ValueError: there is none of that name; the message says which comes close.
    """
    if not isinstance(value, str):
        raise ValueError(_A_ZONE)  # noqa: TRY004 - pydantic reports ValueErrors
    try:
        return time_zone(value.strip()).key
    except ValueError:
        raise ValueError(_A_ZONE + _nearest_zone(value.strip())) from None


def _nearest_zone(text: str) -> str:
    """Return ' (did you mean "Europe/Berlin"?)' for "Berlin" and the like; empty when nothing comes close."""
    names: dict[str, str] = {}
    for name in sorted(available_timezones()):
        names.setdefault(name.rpartition("/")[2].lower(), name)
        names[name.lower()] = name
    near = difflib.get_close_matches(text.lower().replace(" ", "_"), names, n=1, cutoff=_NEAR)
    return f' (did you mean "{names[near[0]]}"?)' if near else ""


def _measure(value: object, expected: str) -> tuple[Fraction, str]:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(expected)  # noqa: TRY004 - pydantic reports ValueErrors
    if isinstance(value, str):
        found = _MEASURE.fullmatch(value.strip())
        if found is None:
            raise ValueError(expected)
        return Fraction(found["number"]), found["unit"]
    if not math.isfinite(value) or value < 0:
        raise ValueError(expected)
    return Fraction(str(value)), ""


def _share(value: object, expected: str) -> Fraction:
    number, unit = _measure(value, expected)
    if unit not in {"", "%"} or number > _PERCENT:
        raise ValueError(expected)
    return number


@dataclass(frozen=True, slots=True)
class Unit:
    """What a field's number counts, for messages about its bounds."""

    name: str


Duration = Annotated[float, BeforeValidator(duration), Unit("s")]
"""Seconds, written "10s", "500ms", "2m", "1.5h" or as a bare number."""
ByteSize = Annotated[int, BeforeValidator(size), Unit("bytes")]
"""Bytes, written "1 MiB", "64 KiB" or as a bare number."""
Percent = Annotated[int, BeforeValidator(percent), Unit("%")]
"""Whole percent, written 30 or "30%"."""
PerMille = Annotated[int, BeforeValidator(per_mille)]
"""Whole per mille, written as a percentage: "1%", "0.5%"."""
Whole = Annotated[int, BeforeValidator(whole)]
"""A whole number."""
Switch = Annotated[bool, BeforeValidator(switch)]
"""true or false."""
TimeOfDay = Annotated[time, BeforeValidator(time_of_day)]
"""A time of day, written "06:00"."""
Zone = Annotated[str, BeforeValidator(zone)]
"""The name of a time zone, such as "America/New_York" or "EST"."""
