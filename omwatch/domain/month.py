"""Months and days as a time zone's clock cuts them: a day of a daylight-saving change has 23 or 25 hours."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from omwatch.domain.sla import time_zone

_FORM = re.compile(r"(?P<year>[0-9]{4})-(?P<number>[0-9]{2})")
_FIRST_YEAR, _LAST_YEAR = 1970, 9998  # what every time zone's arithmetic can do
_DECEMBER = 12
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From an instant until before another; aware UTC."""

    since: datetime
    until: datetime

    @property
    def duration(self) -> timedelta:
        """How long it is; never negative."""
        return max(timedelta(0), self.until - self.since)

    def within(self, other: "Span") -> "Span | None":
        """Return what of it lies in another span; None where nothing does."""
        since, until = max(self.since, other.since), min(self.until, other.until)
        return Span(since, until) if since < until else None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of somebody's calendar, and when it really was."""

    date: date
    span: Span


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar."""

    year: int
    number: int
    """From 1 for January."""

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Return the month that a text such as "2026-11" says.

        Raises:
            ValueError: it says none.
        """
        found = _FORM.fullmatch(text.strip())
        month = cls(int(found["year"]), int(found["number"])) if found else None
        if month is None or not (_FIRST_YEAR <= month.year <= _LAST_YEAR and 1 <= month.number <= _DECEMBER):
            raise ValueError('write a month as its year and its number, such as "2026-11"')
        return month

    @classmethod
    def of(cls, instant: datetime, zone: str) -> "Month":
        """Return the month that a zone's calendar shows at an instant."""
        local = instant.astimezone(time_zone(zone))
        return cls(local.year, local.month)

    def __str__(self) -> str:
        """Return "2026-11"."""
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def label(self) -> str:
        """The words that people read: "November 2026"."""
        return f"{date(self.year, self.number, 1):%B} {self.year}"

    def span(self, zone: str) -> Span:
        """Return from when until when it is in a zone."""
        found = time_zone(zone)
        return Span(_midnight(found, self._first), _midnight(found, self._after))

    def days(self, zone: str) -> tuple[Day, ...]:
        """Return its days in a zone, the first one first."""
        return days_between(self._first, self._after - _DAY, zone)

    @property
    def _first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def _after(self) -> date:
        return date(self.year + self.number // _DECEMBER, self.number % _DECEMBER + 1, 1)


def days_between(first: date, last: date, zone: str) -> tuple[Day, ...]:
    """Return the days of a zone's calendar from the first to the last, both included.

    A day that a zone has left out, as islands do that change sides of the date line, is left out here, too.
    """
    found = time_zone(zone)
    borders = [(day, _midnight(found, day)) for day in _dates(first, last + _DAY)]
    return tuple(Day(day, Span(since, until)) for (day, since), (_, until) in pairwise(borders) if since < until)


def _dates(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY


def _midnight(zone: ZoneInfo, day: date) -> datetime:
    """Return when a day begins: at the first of two midnights, and at the change where midnight itself is skipped."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)
