"""SIGKILL couriers at random instants, two hundred times: everybody gets every update, and hardly anybody twice."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path

import pytest

from omwatch.clock import FakeClock, SystemClock
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.subscriber import Audience, Topic
from omwatch.store import Store, deliveries, events, subscribers
from tests.broadcast.mail_server import MailServer, serving
from tests.domain.builders import an_incident

ROOT = Path(__file__).parents[2]
RECIPIENTS = [f"s{index:03}@example.com" for index in range(150)]
UPDATES = 4
KILLS = 200
IN_HAND = 12


class Nursery:
    """Starts couriers, and kills them."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def start(self) -> int:
        return int(self._ask("start"))

    def kill(self, courier: int) -> None:
        os.kill(courier, signal.SIGKILL)
        assert self._ask("reap") == "reaped"

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()


@contextmanager
def nursery(database: Path, address: str) -> Iterator[Nursery]:
    command = [sys.executable, "-m", "tests.faults.courier_nursery", str(database), address, str(IN_HAND)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield Nursery(process)
        finally:
            process.kill()


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    async with serving() as server:
        yield server


async def publish(store: Store) -> list[int]:
    """Queue updates of incidents of their own for everybody and return their numbers."""
    now, numbers = SystemClock().now(), []
    incident, update = an_incident()
    async with store.writing() as connection:
        for address in RECIPIENTS:
            await subscribers.add(connection, address, "ada", now)
        for _ in range(UPDATES):
            event = await events.add(connection, incident, "ada")
            numbers.append(await events.add_update(connection, event, update))
            audience = Audience(event, Topic.INCIDENT)
            await deliveries.queue(connection, numbers[-1], audience, "status.example.com", now, now)
    return numbers


async def all_sent(store: Store) -> bool:
    async with store.reading() as connection:
        counts = Counter(item.state for item in await deliveries.latest(connection, 10_000))
    return set(counts) == {DeliveryState.SENT}


def message_ids(server: MailServer) -> "Counter[str]":
    return Counter(str(message_from_bytes(raw)["Message-ID"]) for _, raw in server.accepted)


async def test_whenever_couriers_die_everybody_gets_every_update_and_hardly_anybody_twice(
    store: Store, database: Path, mail_server: MailServer
) -> None:
    updates, dice = await publish(store), FakeClock(seed=7)
    with nursery(database, mail_server.address) as couriers:
        for _ in range(KILLS):
            courier = await asyncio.to_thread(couriers.start)
            await SystemClock().sleep(0.12 * dice.random())
            await asyncio.to_thread(couriers.kill, courier)
        last = await asyncio.to_thread(couriers.start)
        async with asyncio.timeout(60):
            while not await all_sent(store):
                await SystemClock().sleep(0.1)
        await asyncio.to_thread(couriers.kill, last)
    got = message_ids(mail_server)
    wanted = {
        f"<update-{update}-subscriber-{number}@status.example.com>"
        for update in updates
        for number in range(1, len(RECIPIENTS) + 1)
    }
    assert set(got) == wanted
    assert got.total() - len(wanted) <= KILLS * IN_HAND
