"""The audit log keeps every decision for ever, and finds it again."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import IntegrityError

from omwatch.store import Store, audit
from omwatch.store.audit import Entry, Wanted
from omwatch.store.tables import audit as table
from tests.domain.builders import after

ENTRIES = [
    Entry(after(0), "ada", "open", "incident", 3, None, {"severity": 2, "components": {"Chat": "partial_outage"}}),
    Entry(
        after(10), "bob", "regrade", "incident", 3, {"severity": 2}, {"severity": 1, "reason": "half of them – 50 %"}
    ),
    Entry(after(10), "ada", "dismiss", "suggestion", 3, {"state": "open"}, {"state": "dismissed", "why": "a drill"}),
    Entry(after(20), "omwatch", "start", "maintenance", 4, {"status": "scheduled"}, {"status": "in_progress"}),
]


@pytest.fixture(autouse=True)
async def _written(store: Store) -> None:
    for entry in ENTRIES:
        async with store.writing() as connection:
            await audit.note(connection, entry)


async def found(store: Store, limit: int = 99, **wanted: Any) -> list[Entry]:  # noqa: ANN401 - any field of Wanted
    async with store.reading() as connection:
        return await audit.latest(connection, limit, Wanted(**wanted))


async def test_entries_come_back_as_they_were_newest_first(store: Store) -> None:
    assert await found(store) == ENTRIES[::-1]
    assert await found(store, limit=2) == ENTRIES[:1:-1]


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        ({"operator": "ada"}, [2, 0]),
        ({"noun": "incident"}, [1, 0]),
        ({"number": 3}, [2, 1, 0]),
        ({"noun": "incident", "number": 3, "operator": "bob"}, [1]),
        ({"since": after(10)}, [3, 2, 1]),
        ({"since": after(20.001)}, []),
        ({"operator": "ADA"}, []),
    ],
)
async def test_entries_are_found_by_who_what_and_when(store: Store, wanted: dict[str, Any], places: list[int]) -> None:
    assert await found(store, **wanted) == [ENTRIES[place] for place in places]


@pytest.mark.parametrize(
    "statement",
    [
        update(table).values(operator="eve"),
        update(table).where(table.c.id == 1).values(after=None),
        delete(table),
        delete(table).where(table.c.id == 1),
        insert(table)
        .prefix_with("OR REPLACE")
        .values(id=1, at=after(0), operator="eve", action="open", noun="incident", noun_id=3),
        text("UPDATE OR REPLACE audit SET id = 99 WHERE id = 1"),
        text("DELETE FROM audit WHERE id IN (SELECT id FROM audit ORDER BY id DESC LIMIT 1)"),
    ],
)
async def test_no_statement_changes_or_removes_an_entry(store: Store, statement: Any) -> None:  # noqa: ANN401 - of any kind
    with pytest.raises(IntegrityError, match="the audit log is append-only"):
        async with store.writing() as connection:
            await connection.execute(statement)
    assert await found(store) == ENTRIES[::-1]
