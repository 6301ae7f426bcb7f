"""A transaction is all or nothing, whoever else writes and whenever it is cancelled."""

import asyncio

import pytest
from sqlalchemy import event

from omwatch.clock import FakeClock
from omwatch.domain.attempt import Outcome
from omwatch.store import Store, attempts, leases, subscribers
from omwatch.store.leases import Lease
from tests.conftest import OpenStore
from tests.domain.builders import after, an_attempt


class Sudden(Exception):
    """Something that goes wrong in the middle of a transaction."""


async def addresses(store: Store) -> list[str]:
    async with store.reading() as connection:
        return [item.address for item in await subscribers.every(connection)]


async def add(store: Store, address: str) -> None:
    async with store.writing() as connection:
        await subscribers.add(connection, address, "ada", after(0))


async def test_a_transaction_that_raises_leaves_nothing_behind(store: Store) -> None:
    async def write_and_fail() -> None:
        async with store.writing() as connection:
            await attempts.record(connection, [an_attempt()])
            await subscribers.add(connection, "ada@example.com", "ada", after(0))
            raise Sudden

    with pytest.raises(Sudden):
        await write_and_fail()
    async with store.reading() as connection:
        assert await attempts.since(connection, after(0)) == []
        assert await attempts.minutes_since(connection, after(0)) == []
        assert await subscribers.count(connection) == 0
    await add(store, "bob@example.com")
    assert await addresses(store) == ["bob@example.com"]


async def test_a_reader_sees_one_instant_whatever_is_written_meanwhile(store: Store, open_store: OpenStore) -> None:
    other = open_store()
    async with store.reading() as connection:
        before = await subscribers.count(connection)
        await add(other, "ada@example.com")
        assert await subscribers.count(connection) == before
    async with store.reading() as connection:
        assert await subscribers.count(connection) == before + 1


async def test_nobody_sees_what_is_not_committed(store: Store, open_store: OpenStore) -> None:
    other = open_store()
    async with store.writing() as connection:
        await subscribers.add(connection, "ada@example.com", "ada", after(0))
        assert await addresses(other) == []
        assert await addresses(store) == []
    assert await addresses(other) == ["ada@example.com"]


async def test_two_writers_never_lose_an_update(store: Store, open_store: OpenStore) -> None:
    other = open_store()

    async def increase(writer: Store, holder: str) -> None:
        for _ in range(25):
            async with writer.writing() as connection:  # reads the fence, then writes it one higher
                await leases.take(connection, Lease("counter", holder, 1, 0, after(0), after(10), {}))

    await asyncio.gather(*(increase(writer, f"{index}") for index, writer in enumerate([store, other] * 2)))
    async with store.reading() as connection:
        lease = await leases.get(connection, "counter")
    assert lease is not None
    assert lease.fence == 100


async def test_what_a_writer_reads_stays_true_until_it_commits(
    store: Store, open_store: OpenStore, clock: FakeClock
) -> None:
    other = open_store()
    async with store.writing() as connection:
        assert await subscribers.count(connection) == 0
        waiting = asyncio.create_task(add(other, "eve@example.com"))
        for _ in range(50):
            await clock.sleep(0)
        assert await subscribers.count(connection) == 0
        assert not waiting.done()
    await waiting
    assert await addresses(store) == ["eve@example.com"]


async def test_a_cancelled_transaction_is_there_whole_or_not_at_all(
    store: Store, open_store: OpenStore, clock: FakeClock
) -> None:
    other = open_store()
    acknowledged = set[str]()

    async def write(name: str) -> None:
        async with store.writing() as connection:
            await attempts.record(connection, [an_attempt(name, outcome=Outcome.FAILED) for _ in range(3)])
        acknowledged.add(name)

    names = [f"agent-{index:03}" for index in range(120)]
    for index, name in enumerate(names):
        task = asyncio.create_task(write(name))
        for _ in range(index * 3):
            await clock.sleep(0)
        task.cancel()
        await asyncio.wait({task})
    await add(other, "ada@example.com")  # no cancelled one still holds the lock
    async with other.reading() as connection:
        rows = await attempts.since(connection, after(0))
        minutes = await attempts.minutes_since(connection, after(0))
    written = {name: sum(item.subject == name for item in rows) for name in names}
    assert set(written.values()) <= {0, 3}
    assert acknowledged <= {name for name, number in written.items() if number}
    assert sum(minute.failed for minute in minutes) == len(rows)


@pytest.mark.parametrize("times", [1, 2, 5])
async def test_a_cancellation_during_the_commit_is_raised_once_the_commit_is_over(
    store: Store, open_store: OpenStore, times: int
) -> None:
    other = open_store()
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    async def write() -> None:
        try:
            await add(store, "ada@example.com")
        finally:
            ended.set()

    def cancel_soon(left: int) -> None:
        task.cancel()
        if left > 1:
            loop.call_soon(cancel_soon, left - 1)

    commits = list[bool]()

    @event.listens_for(store._writer.sync_engine, "commit")
    def _while_committing(_: object) -> None:
        commits.append(True)
        loop.call_soon(cancel_soon, times)

    task = asyncio.create_task(write())
    with pytest.raises(asyncio.CancelledError):
        await task
    assert commits == [True]
    assert ended.is_set()
    assert await addresses(other) == ["ada@example.com"]
    event.remove(store._writer.sync_engine, "commit", _while_committing)
    await add(store, "bob@example.com")
    assert await addresses(other) == ["ada@example.com", "bob@example.com"]


async def test_a_cancellation_while_waiting_for_the_lock_leaves_the_lock_free(
    store: Store, open_store: OpenStore, clock: FakeClock
) -> None:
    other = open_store()
    async with other.writing() as connection:
        await subscribers.add(connection, "ada@example.com", "ada", after(0))
        task = asyncio.create_task(add(store, "eve@example.com"))
        for _ in range(200):
            await clock.sleep(0)
        task.cancel()
        # The driver is inside SQLite's own wait by now, and notices once it has the lock.
    await asyncio.wait({task})
    assert task.cancelled()
    await add(other, "bob@example.com")
    await add(store, "cleo@example.com")
    assert await addresses(other) == ["ada@example.com", "bob@example.com", "cleo@example.com"]


async def test_a_statement_cancelled_under_way_gives_the_lock_back_though_its_traceback_lives_on(
    store: Store, open_store: OpenStore
) -> None:
    other = open_store()
    loop = asyncio.get_running_loop()
    kept: list[BaseException] = []

    async def write_and_be_cancelled() -> None:
        try:
            async with store.writing() as connection:
                await subscribers.add(connection, "ada@example.com", "ada", after(0))
                event.listen(
                    connection.sync_connection, "before_cursor_execute", lambda *_: loop.call_soon(task.cancel)
                )
                await subscribers.add(connection, "eve@example.com", "ada", after(0))
        except asyncio.CancelledError as cancelled:
            kept.append(cancelled)
            raise

    for _ in range(3):
        task = asyncio.create_task(write_and_be_cancelled())
        await asyncio.wait({task})
        assert task.cancelled()
        async with asyncio.timeout(4):  # shorter than SQLite would wait
            await add(other, f"s{len(kept)}@example.com")
    assert await addresses(store) == ["s1@example.com", "s2@example.com", "s3@example.com"]
