"""SIGKILL a courier between sends, start another: nobody is left without a mail, and hardly anybody gets two."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from omwatch.broadcast import courier as courier_module
from omwatch.broadcast.courier import Courier
from omwatch.broadcast.mail import MailService
from omwatch.clock import SystemClock
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.subscriber import Topic
from omwatch.store import Store, deliveries, events, subscribers
from tests.broadcast.mail_server import MailServer, serving
from tests.domain.builders import an_incident

ROOT = Path(__file__).parents[2]
RECIPIENTS = [f"s{index:02}@example.com" for index in range(40)]
KILLED_AFTER = (1, 6, 1, 12)
"""The arrivals after which each courier dies: the server has the mail, the courier not its answer."""


class Telling(Courier):
    """A courier that says when it has finished a round."""

    async def round(self) -> bool:
        busy = await super().round()
        print("round", flush=True)  # noqa: T201 - the test reads it
        return busy


async def deliver(database: Path, address: str, at_once: int) -> None:
    """Be a courier with a short lease until killed."""
    courier_module.LEASE = timedelta(seconds=0.5)
    courier_module._AT_ONCE = at_once
    clock = SystemClock()
    service = MailService(address, "OpenMethods Status <status@openmethods.com>", clock)
    await Telling(Store(database), clock, lambda: service, "OpenMethods", "https://status.example.com").run()


def start(database: Path, address: str, at_once: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.test_courier_kill", str(database), address, str(at_once)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    async with serving() as server:
        yield server


async def queue(store: Store) -> None:
    now = SystemClock().now()
    incident, update = an_incident()
    async with store.writing() as connection:
        for address in RECIPIENTS:
            await subscribers.add(connection, address, "ada", now)
        event = await events.add(connection, incident, "ada")
        number = await events.add_update(connection, event, update)
        await deliveries.queue(connection, number, Topic.INCIDENT, "status.example.com", now, now)


async def all_sent(store: Store) -> bool:
    async with store.reading() as connection:
        return {item.state for item in await deliveries.latest(connection, 1000)} == {DeliveryState.SENT}


@pytest.mark.parametrize("at_once", [1, 4])
async def test_nobody_is_left_out_and_hardly_anybody_gets_two(
    store: Store, database: Path, mail_server: MailServer, at_once: int
) -> None:
    await queue(store)
    left = 0
    process: subprocess.Popen[str]

    async def kill_at_its_time(_recipient: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            process.kill()

    mail_server.on_data = kill_at_its_time
    for arrivals in KILLED_AFTER:
        with start(database, mail_server.address, at_once) as process:
            left = arrivals
            await asyncio.to_thread(process.communicate, timeout=60)
        assert process.returncode == -9
    with start(database, mail_server.address, at_once) as process:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            while not await all_sent(store):
                assert await asyncio.to_thread(process.stdout.readline) == "round\n"
        process.kill()
    doubled = mail_server.mails.total() - len(RECIPIENTS)
    assert set(mail_server.mails) == set(RECIPIENTS)
    assert len(KILLED_AFTER) <= doubled <= len(KILLED_AFTER) * at_once


if __name__ == "__main__":
    asyncio.run(deliver(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
