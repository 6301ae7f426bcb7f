"""What is asked every second does not read what was written years ago."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event, text

from omwatch.desk import clients, incidents, maintenance, tickets
from omwatch.desk.automation import by_clock
from omwatch.desk.planning import Plan
from omwatch.desk.publishing import Published
from omwatch.desk.session import Session
from omwatch.domain.client import Support
from omwatch.domain.event import EventStatus, Window
from omwatch.domain.notice import Draft
from omwatch.domain.policy import Policy
from omwatch.domain.role import MACHINE
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.store import Store, approvals, events, suggestions
from tests.domain.builders import a_suggestion, after
from tests.sitting import sit

HISTORY = (
    *("alarms", "approvals", "attempts", "audit", "deadlines", "deliveries", "event_clients", "event_components"),
    *("events", "suggestions", "tickets", "updates"),
)
OUTAGE = Draft(
    title="Log-in fails",
    text="We have identified a system outage.",
    severity=Severity.OUTAGE,
    status=EventStatus.IDENTIFIED,
    components={"Agent login": ComponentStatus.MAJOR_OUTAGE},
    started_at=after(0),
)


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """Collect every statement with its values."""
    found: list[tuple[str, Any]] = []

    def collect(_connection: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        found.append((statement, values))

    event.listen(Engine, "before_cursor_execute", collect)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", collect)


async def a_day_with_all_of_it(store: Store) -> None:
    session = sit(store, after(0))
    await clients.add(session, "Globex", Support.PREMIUM)
    done = await incidents.open_(session, OUTAGE, names=["Globex"])
    assert isinstance(done, Published)
    said = tickets.Report("Globex", "Chats wait", Severity.MINOR, component="Chat")
    await tickets.report(session, said)
    window = Window(after(0), after(7200))
    await maintenance.schedule(session, Plan("Upgrade", ("Screen pop",), window, repeat="FREQ=WEEKLY"))
    async with store.writing() as connection:
        await suggestions.add(connection, a_suggestion())


async def test_a_look_every_second_searches_what_goes_on_and_scans_no_history(store: Store) -> None:
    await a_day_with_all_of_it(store)
    clerk = Session(store, MACHINE, after(120), Policy(oncall=("phone",), remind_before=(timedelta(minutes=29),)))
    for _ in range(2):  # what begins with the first look is reminded of at the second
        await by_clock(clerk)
    with asked() as found:
        await by_clock(clerk)
        async with store.reading() as connection:
            await suggestions.pending(connection)
            await events.under_maintenance(connection)
            await approvals.open_ones(connection)
    assert {statement.split()[0] for statement, _ in found} == {"BEGIN", "SELECT"}, "an idle look writes nothing"
    async with store.reading() as connection:
        for statement, values in (one for one in found if one[0].startswith("SELECT")):
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            steps = [row.detail.split() for row in rows]
            assert not [step for step in steps if step[0] == "SCAN" and step[1] in HISTORY], statement
        assert (await connection.execute(text("SELECT count(*) FROM alarms"))).scalar_one() > 0
