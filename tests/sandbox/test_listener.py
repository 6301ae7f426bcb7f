"""Listeners that go down and come back."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from omwatch.sandbox.listener import Listener, reset


class Parrot(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    made = Listener(Parrot)
    await made.open()
    yield made
    made.close()


async def say(listener: Listener, text: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(text)
    try:
        return await reader.read(100)
    finally:
        writer.close()


async def test_connections_reach_their_protocol(listener: Listener) -> None:
    assert await say(listener, b"hello") == b"hello"


async def test_a_shut_listener_refuses_and_keeps_its_port(listener: Listener) -> None:
    port = listener.port
    listener.shut()
    assert not listener.is_open
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            await say(listener, b"hello")
    await listener.open()
    assert listener.port == port
    assert await say(listener, b"back") == b"back"


async def test_shutting_cuts_living_connections(listener: Listener) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(b"hello")
    await reader.read(100)
    listener.shut()
    assert await reader.read(100) == b""
    writer.close()


async def test_shutting_and_opening_twice_is_harmless(listener: Listener) -> None:
    await listener.open()
    listener.shut()
    listener.shut()
    await listener.open()
    await listener.open()
    assert await say(listener, b"hello") == b"hello"


async def test_the_wanted_port_is_taken_when_free_and_another_when_not(listener: Listener) -> None:
    other = Listener(Parrot, listener.port)
    assert other.port != listener.port
    other.close()
    again = Listener(Parrot, other.port)
    assert again.port == other.port
    again.close()


async def test_a_reset_is_seen_as_one(listener: Listener) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(b"hello")
    await reader.read(100)
    reset(listener.transport_of(writer.get_extra_info("sockname")))
    with pytest.raises(ConnectionResetError):
        await reader.read(100)
    writer.close()


async def test_resetting_what_is_gone_is_harmless(listener: Listener) -> None:
    assert listener.transport_of(("127.0.0.1", 1)) is None
    reset(None)
