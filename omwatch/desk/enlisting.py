"""Taking a list of subscribers in: many at once, in one transaction, and what is wrong with a row costs no other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.config.keyring import Keyring
from omwatch.desk.components import alike
from omwatch.desk.people import GAP, LONGEST_NAME, Way, refuse, seal, way_of
from omwatch.desk.session import NotPossible, Session
from omwatch.domain import plain
from omwatch.domain.csv_table import Mistake
from omwatch.domain.role import Role
from omwatch.domain.safetext import clean
from omwatch.domain.subscriber import Subscriber, SubscriberState
from omwatch.domain.subscriber_list import Row
from omwatch.store import assessments, audit, clients, enrolling, subscribers

_AT_ONCE = 400
"""Rows to a statement; SQLite takes some thousand values in one."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a list."""

    added: int
    changed: int
    unchanged: int
    components: frozenset[str]
    """All that its rows name, as it is spelled here."""
    mistakes: tuple[Mistake, ...]
    """The rows that were not taken, in the order of the list."""


async def enlist(
    session: Session,
    rows: Iterable[Row | Mistake],
    source: str,
    keyring: Keyring | None = None,
    *,
    dry_run: bool = False,
) -> Taken:
    """Take a list in: add who is new, change who is known already, and tell which rows were not taken.

    What the list does not say of somebody stays as it is, and so does the state of whoever is known.

    Args:
        session: who takes it in.
        rows: what the list says; all of it is read before anything is written.
        source: whose list it is, for the audit log.
        keyring: the home's; needed for Apprise URLs.
        dry_run: only tell what would come of it.

    Raises:
        NotPossible: the operator is no admin, or the home's key cannot be used.
        omwatch.domain.csv_table.Unreadable: the list makes no sense as a whole.
    """
    mistakes: list[Mistake] = []
    wanted = list(_sensible(rows, keyring, mistakes))
    async with session.store.reading() as connection:
        newest = await audit.newest(connection)
        found = await _sort(connection, session, wanted)
    if not dry_run:
        async with session.deciding(Role.ADMIN) as connection:
            # Looked at beforehand, as that takes longer than writing, and all others who write would wait for it.
            if await audit.newest(connection) != newest:
                found = await _sort(connection, session, wanted)
            await _write(connection, session, found, keyring)
            came = {"added": len(found.new), "changed": len(found.changed)}
            if any(came.values()):
                left_out = len(mistakes) + len(found.mistakes)
                noted = {"from": source, **came, "left_out": left_out}
                await session.note(connection, "import", "subscriber", 0, None, noted)
    return Taken(
        added=len(found.new),
        changed=len(found.changed),
        unchanged=found.unchanged,
        components=frozenset(found.components),
        mistakes=tuple(sorted([*mistakes, *found.mistakes], key=lambda mistake: mistake.line)),
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A row whose address makes sense."""

    row: Row
    way: Way


@dataclass(slots=True)
class _Sorted:
    """What rows come to, held against the subscribers that there are."""

    new: list[tuple[Subscriber, Way]] = field(default_factory=list)
    changed: list[tuple[Subscriber, Subscriber]] = field(default_factory=list)
    """As they were, and as they become."""
    unchanged: int = 0
    components: set[str] = field(default_factory=set)
    mistakes: list[Mistake] = field(default_factory=list)
    clients: dict[str, int] = field(default_factory=dict)
    """The numbers of all clients, by name."""


@dataclass(frozen=True, slots=True)
class _Names:
    """What rows may name, as it is spelled here."""

    watched: Sequence[str]
    clients: Mapping[str, str]
    """By their names in small letters."""


def _sensible(rows: Iterable[Row | Mistake], keyring: Keyring | None, mistakes: list[Mistake]) -> Iterator[_Wanted]:
    lines: dict[str, int] = {}
    for row in rows:
        if isinstance(row, Mistake):
            mistakes.append(row)
            continue
        try:
            # What lists show of an Apprise URL finds it again, and can be nobody new.
            way = Way(row.address) if GAP in row.address else way_of(row.address, keyring)
            refuse(row.changes)
        except NotPossible as reason:
            mistakes.append(Mistake(row.line, str(reason).removesuffix("; nothing was changed")))
            continue
        first = lines.setdefault(way.address, row.line)
        if first == row.line:
            yield _Wanted(row, way)
        else:
            mistakes.append(Mistake(row.line, f"{clean(way.address)} stands in line {first} already"))


async def _sort(connection: AsyncConnection, session: Session, wanted: Sequence[_Wanted]) -> _Sorted:
    found = _Sorted(clients={client.name: client.id for client in await clients.every(connection)})
    watched = [state.assessment.component for state in await assessments.every(connection)]
    names = _Names(watched, {name.casefold(): name for name in found.clients})
    for first in range(0, len(wanted), _AT_ONCE):
        part = wanted[first : first + _AT_ONCE]
        known = await subscribers.by_addresses(connection, [item.way.address for item in part])
        for item in part:
            try:
                _sort_in(found, item, known.get(item.way.address), names, session)
            except NotPossible as reason:
                found.mistakes.append(Mistake(item.row.line, str(reason)))
    return found


def _sort_in(found: _Sorted, item: _Wanted, before: Subscriber | None, names: _Names, session: Session) -> None:
    after = _after(before or _fresh(item, session), item.row, names)
    found.components |= after.wishes.components
    if before is None:
        found.new.append((after, item.way))
    elif after != before:
        found.changed.append((before, after))
    else:
        found.unchanged += 1


def _fresh(item: _Wanted, session: Session) -> Subscriber:
    if GAP in item.way.address and not item.way.url:
        raise NotPossible("is what a list shows of an Apprise URL; add it with 'omwatch subscriber add'")
    state = item.row.state or SubscriberState.ACTIVE
    return Subscriber(0, item.way.address, session.now, channel=item.way.channel, state=state)


def _after(before: Subscriber, row: Row, names: _Names) -> Subscriber:
    changes = row.changes
    components, client = changes.components, changes.client
    if components:
        components = {alike(name, names.watched) for name in components}
    if client:
        known = names.clients.get(client.casefold())
        if known is None:
            raise NotPossible(f"there is no client {clean(client)!r}; add it with 'omwatch client add'")
        client = known
    name = changes.name if changes.name is None else clean(changes.name, LONGEST_NAME)
    return replace(changes, components=components, client=client, name=name).of(before)


async def _write(connection: AsyncConnection, session: Session, found: _Sorted, keyring: Keyring | None) -> None:
    who, now = session.operator.name, session.now
    for first in range(0, len(found.new), _AT_ONCE):
        part = [(subscriber, seal(way, keyring)) for subscriber, way in found.new[first : first + _AT_ONCE]]
        await enrolling.enrol_all(connection, part, who, found.clients)
    for first in range(0, len(found.changed), _AT_ONCE):
        changed = found.changed[first : first + _AT_ONCE]
        await enrolling.change_all(connection, [after for _, after in changed], found.clients, now)
        entries = [
            audit.Entry(now, who, "edit", "subscriber", after.id, plain.subscriber(before), plain.subscriber(after))
            for before, after in changed
        ]
        await audit.note_all(connection, entries)
