"""Lists of subscribers as CSV files of omwatch's own."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from omwatch.domain.csv_table import Cells, Mistake, Table, Unreadable, line_of
from omwatch.domain.safetext import clean
from omwatch.domain.severity import Severity
from omwatch.domain.subscriber import Subscriber, SubscriberState, Topic
from omwatch.domain.subscriber_change import Changes

COLUMNS = ("address", "name", "topics", "components", "least_severity", "state", "client")
"""The columns of a list; all but the first may be missing."""
BETWEEN = ";"
"""What stands between several topics or components in one cell."""

_ADDRESS = ("address", "email", "e_mail")
_STATES = tuple(state for state in SubscriberState if state is not SubscriberState.REMOVED)
_BETWEEN_WORDS = re.compile(r"[\s;,|]+")
_WORD = re.compile(r"[A-Za-z ]{1,20}")


@dataclass(frozen=True, slots=True)
class Row:
    """One row that can be read."""

    line: int
    """Where it stands in the file, from 1."""
    address: str
    """As it is written there; it may be a secret."""
    changes: Changes = field(default_factory=Changes)
    state: SubscriberState | None = None
    """The state of somebody who was no subscriber before."""


def header() -> str:
    """Return the first line of a list, with its end."""
    return line_of(COLUMNS)


def row_of(subscriber: Subscriber) -> str:
    """Return the line of a subscriber, with its end; of an Apprise URL it holds only what may be shown."""
    wishes = subscriber.wishes
    topics, components = (f"{BETWEEN} ".join(sorted(each)) for each in (wishes.topics, wishes.components))
    severity = f"{wishes.least_severity:d}"
    known = (subscriber.address, subscriber.name, topics, components, severity, subscriber.state, subscriber.client)
    return line_of(known)


def rows(lines: Iterable[str]) -> Iterator[Row | Mistake]:
    """Return the rows of a list in their order, and those that are not taken with the reason.

    Args:
        lines: the file's lines, without a byte order mark.

    Raises:
        Unreadable: the first line does not name the columns.
    """
    table = Table(lines)
    _refuse_columns(table.columns)
    for found in table:
        if isinstance(found, Mistake):
            yield found
            continue
        try:
            yield _row(found)
        except ValueError as error:
            yield Mistake(found.line, str(error))


def components_of(cell: str) -> frozenset[str]:
    """Return the components that a cell names."""
    return frozenset(filter(None, (clean(name) for name in cell.split(BETWEEN))))


def _refuse_columns(columns: list[str]) -> None:
    known = {*COLUMNS, *_ADDRESS}
    if not set(_ADDRESS) & set(columns):
        raise Unreadable(f"has no column 'address'; its first line must name columns, of {', '.join(COLUMNS)}")
    strange = [f"'{clean(name, 40)}'" for name in columns if name not in known]
    twice = [f"'{name}'" for name in known if columns.count(name) > 1]
    if strange or twice:
        what = f"has unknown columns: {', '.join(strange)}" if strange else f"names {', '.join(twice)} twice"
        raise Unreadable(f"{what}; a list has the columns {', '.join(COLUMNS)}, all but address if you like")


def _row(found: Cells) -> Row:
    address = found.get(*_ADDRESS)
    if not address:
        raise ValueError("has no address")
    components, name, client = (found.get(column) for column in ("components", "name", "client"))
    changes = Changes(
        topics=_topics(found.get("topics") or ""),
        components=None if components is None else components_of(components),
        least_severity=_severity(found.get("least_severity") or ""),
        name=None if name is None else clean(name),
        client=None if client is None else clean(client),
    )
    return Row(found.line, address, changes, _state(found.get("state") or ""))


def _topics(cell: str) -> frozenset[Topic] | None:
    words = [word.lower() for word in _BETWEEN_WORDS.split(cell) if word]
    try:
        return frozenset(map(Topic, words)) or None
    except ValueError:
        strange = next(word for word in words if word not in set(Topic))
        raise ValueError(f"{_quoted(strange)} is no topic; write {', '.join(Topic)}") from None


def _severity(cell: str) -> Severity | None:
    if not cell:
        return None
    if cell not in {f"{severity:d}" for severity in Severity}:
        raise ValueError(f"the least severity is {_quoted(cell)}; write 1, 2, 3 or 4")
    return Severity(int(cell))


def _state(cell: str) -> SubscriberState | None:
    if not cell:
        return None
    if cell.lower() not in _STATES:
        raise ValueError(f"the state is {_quoted(cell)}; write {', '.join(_STATES)}")
    return SubscriberState(cell.lower())


def _quoted(cell: str) -> str:
    """Return a cell that is a word; what else may stand where columns have slipped might be a secret."""
    return f"'{cell}'" if _WORD.fullmatch(cell) else "something else"
