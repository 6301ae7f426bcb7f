"""``omwatch audit``: who decided what and when."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omwatch.cli.common import HomeOption, JsonOption, Misused, print_json
from omwatch.cli.opened import at_desk
from omwatch.cli.options import Number, SomeNumber, SomeWhen
from omwatch.cli.times import instant
from omwatch.cli.wrapping import say
from omwatch.domain import plain
from omwatch.domain.difference import difference
from omwatch.domain.safetext import clean

if TYPE_CHECKING:
    from omwatch.store.audit import Entry

_HANG = 4
_LONGEST = 200  # characters of what has changed
_UNTOLD = frozenset({"created_at", "kind", "publish_at", "recipients", "state"})
"""What a new thing need not say of itself in a line."""
_FOLLOWS = "impact "
"""What follows from the severity, and says nothing more."""


async def audit(
    *,
    limit: Number = 50,
    since: SomeWhen = None,
    operator: str | None = None,
    noun: str | None = None,
    number: SomeNumber = None,
    json: JsonOption = False,
    home: HomeOption = Path(),
) -> None:
    """Show who decided what and when, newest first, with what each decision changed.

    Args:
        limit: How many at most.
        since: Those of then or later, such as "2026-11-24 06:00" in local time, or -8h.
        operator: Those of one operator; "omwatch" is the clock.
        noun: Those on one kind of thing, such as incident, suggestion, maintenance, ticket, subscriber.
        number: Those on the thing of that number.
        json: Print one JSON object a line, with everything before and after.
        home: The folder with config.toml, probes and data.
    """
    if limit < 1:
        raise Misused(f"--limit must be at least 1, found {limit}")
    async with at_desk(home) as session:
        from omwatch.store.audit import Wanted, latest  # noqa: PLC0415 - needs SQLAlchemy, which other commands do not

        start = None if since is None else instant(since, session.policy.zone, session.now)
        async with session.store.reading() as connection:
            found = await latest(connection, limit, Wanted(start, operator, noun, number))
    for entry in found:
        if json:
            print_json(_plain(entry))
        else:
            say(_line(entry), _HANG)
    if not found and not json:
        print("no decisions yet" if (start, operator, noun, number) == (None,) * 4 else "no such decisions")


def _plain(entry: "Entry") -> dict[str, Any]:
    return {
        "at": plain.instant(entry.at),
        "operator": entry.operator,
        "action": entry.action,
        "noun": entry.noun,
        "number": entry.noun_id,
        "before": entry.before,
        "after": entry.after,
    }


def _line(entry: "Entry") -> str:
    what = f"{entry.noun} {entry.noun_id}" if entry.noun_id else entry.noun  # 0 is all of them
    said = f"{entry.at:%Y-%m-%d %H:%M:%S} UTC  {entry.operator}  {entry.action} {what}"
    changed = clean(", ".join(_changes(entry)), _LONGEST)
    return f"{said}: {changed}" if changed else said


def _changes(entry: "Entry") -> Iterator[str]:
    before, after = entry.before, entry.after
    if before is not None and "event" in before:
        before = before["event"]  # what a confirmed suggestion changes is an event
    if before is None and after is not None:
        after = {key: value for key, value in after.items() if key not in _UNTOLD and value not in (None, "", [], {})}
    yield from (told for told in difference(before, after) if not told.startswith(_FOLLOWS))
