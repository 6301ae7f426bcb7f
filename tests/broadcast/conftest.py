"""A mail server on loopback, in the test's own loop, and a courier that sends by it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.broadcast.courier import Courier
from omwatch.broadcast.mail import MailService
from omwatch.broadcast.ways import Ways
from omwatch.clock import FakeClock
from omwatch.domain.delivery import Delivery
from omwatch.domain.subscriber import Audience, Topic
from omwatch.store import Store, deliveries, events, subscribers
from tests.broadcast.mail_server import MailServer, serving
from tests.domain.builders import an_incident

SENDER = "OpenMethods Status <status@openmethods.com>"


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    """A mail server that takes everything, unless told otherwise."""
    async with serving() as server:
        yield server


@pytest.fixture
async def scripted_server() -> AsyncIterator[Callable[[dict[str, str]], Awaitable[int]]]:
    """Start a mail server that says one thing to each command (and CONNECT), and return its port."""
    listening: list[asyncio.Server] = []

    async def start(answers: dict[str, str]) -> int:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(f"{answers.get('CONNECT', '220 hello')}\r\n".encode())
            async for line in reader:
                verb = line.split(b" ")[0].strip().upper().decode()
                writer.write(f"{answers.get(verb, '250 OK')}\r\n".encode())
                await writer.drain()
                if verb == "QUIT":
                    break
            writer.close()
            await writer.wait_closed()

        listening.append(await asyncio.start_server(talk, "127.0.0.1", 0))
        port: int = listening[-1].sockets[0].getsockname()[1]
        return port

    yield start
    for server in listening:
        server.close()
        await server.wait_closed()


@pytest.fixture
async def silent_server() -> AsyncIterator[int]:
    """The port of a server that takes connections and never says a word."""
    over = asyncio.Event()

    async def hold(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    listening = await asyncio.start_server(hold, "127.0.0.1", 0)
    yield listening.sockets[0].getsockname()[1]
    over.set()
    listening.close()
    await listening.wait_closed()


@pytest.fixture
async def closed_port() -> int:
    """A port of loopback at which nobody listens."""
    listening = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port: int = listening.sockets[0].getsockname()[1]
    listening.close()
    await listening.wait_closed()
    return port


MakeCourier = Callable[..., Courier]
Notify = Callable[..., Awaitable[int]]


@pytest.fixture
async def make_courier(store: Store, clock: FakeClock) -> AsyncIterator[MakeCourier]:
    """Make a courier that sends to an Apprise address."""
    made: list[Courier] = []

    def make(address: str, way: Store | None = None, sender: str = SENDER) -> Courier:
        ways = Ways(lambda: MailService(address, sender, clock), "OpenMethods", "https://status.example.com")
        courier = Courier(way or store, clock, ways)
        made.append(courier)
        return courier

    yield make
    for courier in made:
        await courier.close()


@pytest.fixture
def notify(store: Store, clock: FakeClock) -> Notify:
    """Queue an update for subscribers and return its number."""

    async def queue(*addresses: str, title: str = "Agent login: system outage", text: str = "We know.") -> int:
        incident, update = an_incident(title, text)
        async with store.writing() as connection:
            for address in addresses:
                await subscribers.add(connection, address, "ada", clock.now())
            event = await events.add(connection, incident, "ada")
            number = await events.add_update(connection, event, update)
            await _queue(connection, number, event, clock.now())
        return number

    return queue


async def _queue(connection: AsyncConnection, update: int, event: int, now: datetime) -> None:
    await deliveries.queue(connection, update, Audience(event, Topic.INCIDENT), "status.example.com", now, now)


@pytest.fixture
def ledger(store: Store) -> Callable[[], Awaitable[dict[str, Delivery]]]:
    """Read where each address's newest delivery stands."""

    async def read() -> dict[str, Delivery]:
        async with store.reading() as connection:
            return {item.address: item for item in reversed(await deliveries.latest(connection, 1000))}

    return read


async def empty(courier: Courier, rounds: int = 100) -> None:
    """Let a courier work until nothing is due."""
    for _ in range(rounds):
        if not await courier.round():
            return
    pytest.fail(f"still deliveries due after {rounds} rounds")
