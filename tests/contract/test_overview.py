"""One look at everything: complete, of one instant, and no dearer for a long history."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import event, insert
from sqlalchemy.util import await_only

from omwatch.domain.assessment import CheckState
from omwatch.domain.attempt import Outcome
from omwatch.domain.delivery import DeliveryState
from omwatch.store import Store, assessments, attempts, leases, subscribers, suggestions
from omwatch.store.leases import Lease
from omwatch.store.overview import WatcherState, overview
from omwatch.store.tables import attempt_minutes
from tests.conftest import OpenStore
from tests.contract.conftest import Claim, Queue, settle
from tests.domain.builders import a_suggestion, after, an_assessment, an_attempt


async def test_an_empty_store_has_an_empty_overview(store: Store) -> None:
    view = await overview(store, after(0))
    assert (view.checks, view.suggestions, view.incidents, view.deliveries) == ((), (), (), ())
    assert (view.trends, view.delivery_counts, view.subscriber_count) == ({}, {}, 0)
    assert view.watcher_state is WatcherState.ABSENT


async def test_everything_there_is_stands_in_it(store: Store, queue: Queue, claim: Claim) -> None:
    state = CheckState(an_assessment())
    await queue(3)
    async with store.writing() as connection:
        await assessments.keep(connection, [state], after(0))
        await attempts.record(connection, [an_attempt(seconds=second, outcome=Outcome.FAILED) for second in (0, 61)])
        await suggestions.add(connection, a_suggestion())
    sent, *_ = await claim(store, "courier", 0)
    await settle(store, sent, "courier")
    view = await overview(store, after(100))
    assert view.checks == (state,)
    assert [item.components for item in view.suggestions] == [("Agent login",)]
    assert [item.title for item in view.incidents] == ["Agent login: system outage"]
    assert [minute.failed for minute in view.trends["agent-login"]] == [1, 1]
    assert view.subscriber_count == 3
    assert view.delivery_counts == {DeliveryState.SENT: 1, DeliveryState.SENDING: 2}
    assert sum(view.delivery_counts.values()) == len(view.deliveries)


@pytest.mark.parametrize(
    ("seconds", "state"), [(0, WatcherState.ALIVE), (9.9, WatcherState.ALIVE), (10, WatcherState.STALE)]
)
async def test_a_watcher_lives_until_its_lease_has_run_out(store: Store, seconds: float, state: WatcherState) -> None:
    async with store.writing() as connection:
        await leases.take(connection, Lease("watcher", "first", 4711, 0, after(0), after(10), {}))
    assert (await overview(store, after(seconds))).watcher_state is state


async def test_a_watcher_that_ended_properly_is_absent_rather_than_stale(store: Store) -> None:
    async with store.writing() as connection:
        lease = await leases.take(connection, Lease("watcher", "first", 4711, 0, after(0), after(10), {}))
        await leases.release(connection, lease, after(5))
    assert (await overview(store, after(6))).watcher_state is WatcherState.ABSENT


async def test_it_is_of_one_instant_though_others_write_between_its_queries(
    store: Store, open_store: OpenStore, run_between_queries: Callable[[Store, Callable[[], Awaitable[None]]], None]
) -> None:
    other = open_store()
    written = 0

    async def add_a_subscriber_and_a_suggestion() -> None:
        nonlocal written
        async with other.writing() as connection:
            await subscribers.add(connection, f"s{written}@example.com", "ada", after(0))
            await suggestions.add(connection, a_suggestion())
        written += 1

    run_between_queries(store, add_a_subscriber_and_a_suggestion)
    view = await overview(store, after(0))
    assert written > 3
    assert len(view.suggestions) == view.subscriber_count


@pytest.fixture
def run_between_queries() -> Callable[[Store, Callable[[], Awaitable[None]]], None]:
    """Run something after each query that a store's readers make."""

    def install(store: Store, act: Callable[[], Awaitable[None]]) -> None:
        @event.listens_for(store._readers.sync_engine, "after_cursor_execute")
        def _after(*_: object) -> None:
            await_only(act())

    return install


async def test_a_look_costs_no_more_after_a_long_history(store: Store) -> None:
    async def cost() -> int:
        steps = 0

        def count() -> None:
            nonlocal steps
            steps += 1

        async with store.reading() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            await driver.set_progress_handler(count, 10)
        await overview(store, after(86_400))
        return steps

    recent = [after(86_400) - timedelta(minutes=back) for back in range(30)]
    days = [after(86_400) - timedelta(minutes=back) for back in range(60, 20_000)]
    row = {"check_name": "agent-login", "passed": 1, "failed": 0, "broken": 0, "total_ms": 1.0, "longest_ms": 1.0}
    async with store.writing() as connection:
        await connection.execute(insert(attempt_minutes), [{**row, "minute": minute} for minute in recent])
    before = await cost()
    async with store.writing() as connection:
        await connection.execute(insert(attempt_minutes), [{**row, "minute": minute} for minute in days])
    assert before > 10
    assert await cost() <= before * 1.2
