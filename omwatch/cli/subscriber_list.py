"""Lists of subscribers: shown, written to a file, and read from one."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

from cyclopts import Parameter

from omwatch.cli.common import ExitStatus, HomeOption, Refused, print_json
from omwatch.cli.components import note_strangers
from omwatch.cli.destinations import keyring, problem
from omwatch.cli.opened import at_desk
from omwatch.cli.options import ACT, READ, Acting, Number, Reading, Switch
from omwatch.cli.subscriber_words import entry_as_dict, line, lines
from omwatch.cli.wrapping import say
from omwatch.domain import plain
from omwatch.domain.judge import plural
from omwatch.domain.subscriber import Subscriber, SubscriberState

if TYPE_CHECKING:
    from omwatch.desk.enlisting import Taken
    from omwatch.desk.session import Session
    from omwatch.domain.csv_table import Mistake
    from omwatch.domain.subscriber_list import Row

_PAGE = 1000
_HANG = 6
_ENCODING = "utf-8-sig"  # spreadsheets write a mark before the first letter
_FILE = Annotated[Path | None, Parameter(negative=())]


class Source(StrEnum):
    """Whose list it is."""

    OMWATCH = "omwatch"
    STATUSPAGE = "statuspage"


_FROM = Annotated[Source, Parameter(name="--from")]


async def list_(*, state: SubscriberState | None = None, how: Reading = READ) -> None:
    """List subscribers, the oldest first.

    Args:
        state: Those alone that are active, unverified, paused or quarantined.
        how: In which form, and of which home.
    """
    between = "["
    async with at_desk(how.home) as session:
        async for subscriber in _every(session, state):
            if how.json:
                print(between)
                print_json(plain.subscriber(subscriber))
            else:
                say(line(subscriber), _HANG)
            between = ","
    none = between == "["
    if how.json:
        print("[]" if none else "]")
    elif none:
        print("no such subscribers" if state else "no subscribers yet; add one with 'omwatch subscriber add ADDRESS'")


async def show(address: str, /, *, limit: Number = 20, how: Reading = READ) -> None:
    """Show what a subscriber gets, and what came of its notices.

    Args:
        address: The subscriber's address, or its number from 'omwatch subscriber list'.
        limit: So many notices at most.
        how: In which form, and of which home.
    """
    async with at_desk(how.home) as session:
        from omwatch.desk import people  # noqa: PLC0415 - needs SQLAlchemy, which `omwatch --help` must not wait for
        from omwatch.store import ledger  # noqa: PLC0415

        async with session.store.reading() as connection:
            found = await people.known(connection, address, keyring(how.home))
            history = await ledger.history(connection, found.id, limit)
    if how.json:
        print_json({**plain.subscriber(found), "deliveries": list(map(entry_as_dict, history))})
    else:
        say("\n".join(lines(found, history, session.policy.zone)), _HANG)


async def export(*, output: _FILE = None, home: HomeOption = Path()) -> None:
    """Write all subscribers as CSV; of an Apprise URL it holds only what may be shown.

    Args:
        output: Into this file, which its owner alone may read, instead of to standard output.
        home: The folder with config.toml, probes and data.
    """
    from omwatch.domain.subscriber_list import header, row_of  # noqa: PLC0415 - this command's alone

    number = 0
    async with at_desk(home) as session:
        with _written(output) as file:
            file.write(header())
            async for subscriber in _every(session):
                file.write(row_of(subscriber))
                number += 1
    if output is not None:
        print(f"{number:,} {plural('subscriber', number)} written to {output}")


async def import_(file: Path, /, *, from_: _FROM = Source.OMWATCH, dry_run: Switch = False, how: Acting = ACT) -> int:
    """Take in a list of subscribers as CSV: add who is new, change who is known, and tell which rows were not taken.

    Args:
        file: The list, in UTF-8; its first line names the columns address, name, topics, components, least_severity,
            state and client, of which all but the first may be missing.
        from_: Whose list it is: omwatch, or statuspage for what Statuspage gives out.
        dry_run: Only tell what would come of it.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk.enlisting import enlist  # noqa: PLC0415 - as above

        rows = list(_rows(file, from_))
        taken = await enlist(session, rows, from_, keyring(how.home), dry_run=dry_run)
        await note_strangers(session, sorted(taken.components))
    if how.json:
        _tell_json(taken, dry_run=dry_run)
    else:
        _tell(taken, file, dry_run=dry_run)
    return ExitStatus.UNHEALTHY if taken.mistakes else ExitStatus.FINE


async def _every(session: "Session", state: SubscriberState | None = None) -> AsyncIterator[Subscriber]:
    from omwatch.store import subscribers  # noqa: PLC0415 - as above

    after, more = 0, True
    while more:
        # A transaction of its own for each page: a reader that is slow must not keep the store from tidying up.
        async with session.store.reading() as connection:
            page = await subscribers.page(connection, after, _PAGE, state)
        for subscriber in page:
            yield subscriber
        more = len(page) == _PAGE
        after = page[-1].id if page else after


@contextmanager
def _written(path: Path | None) -> Iterator[TextIO]:
    """Open a file that is there whole or not at all; standard output where none is named."""
    if path is None:
        yield sys.stdout
        return
    aside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                yield file
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise Refused(f"--output: {path} cannot be written: {error.strerror}; nothing was written") from None


def _rows(path: Path, source: Source) -> "Iterator[Row | Mistake]":
    """Return the rows of a file, and those that are not taken; a destination that cannot be used is one of them."""
    from omwatch.domain import statuspage_list, subscriber_list  # noqa: PLC0415 - this command's alone
    from omwatch.domain.csv_table import Mistake, Unreadable  # noqa: PLC0415

    read = subscriber_list.rows if source is Source.OMWATCH else statuspage_list.rows
    try:
        with path.open(encoding=_ENCODING) as lines:
            for row in read(lines):
                why = "" if isinstance(row, Mistake) else problem(row.address)
                yield Mistake(row.line, why) if why else row
    except Unreadable as why_not:
        raise Refused(f"{path} {why_not}; nothing was changed") from None
    except UnicodeDecodeError:
        raise Refused(f"{path} is not in UTF-8; save it as 'CSV UTF-8'; nothing was changed") from None
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}; nothing was changed") from None


def _tell_json(taken: "Taken", *, dry_run: bool) -> None:
    left_out = [{"line": mistake.line, "why": mistake.why} for mistake in taken.mistakes]
    came = {"added": taken.added, "changed": taken.changed, "unchanged": taken.unchanged, "left_out": left_out}
    print_json({**came, "dry_run": dry_run})


def _tell(taken: "Taken", file: Path, *, dry_run: bool) -> None:
    for mistake in taken.mistakes:
        print(f"{file}:{mistake.line}: {mistake.why}", file=sys.stderr)
    left_out = f", {len(taken.mistakes):,} left out" if taken.mistakes else ""
    came = f"{taken.added:,} added, {taken.changed:,} changed, {taken.unchanged:,} unchanged{left_out}"
    print(f"would be {came}; nothing was changed" if dry_run else came)
