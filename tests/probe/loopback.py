"""Real servers on loopback whose every byte is written by hand."""

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

_CONTENT_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


class Loopback:
    """A running server, and what it saw."""

    def __init__(self) -> None:
        self.base_url = ""
        self.heads: list[bytes] = []
        """The request heads, in the order of their arrival."""
        self.connections = 0
        self.sent = 0
        """Bytes that clients have taken."""
        self.hung_up = asyncio.Event()
        """Set once a client has closed a connection for which a responder waited."""

    @property
    def port(self) -> int:
        return int(self.base_url.rpartition(":")[2])


class Exchange:
    """One connection, as a responder sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Loopback) -> None:
        self._reader = reader
        self._writer = writer
        self._seen = seen

    async def head(self) -> bytes:
        """Return the next request's head, with its body read and dropped; empty when there is none."""
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return b""
        if length := _CONTENT_LENGTH.search(head):
            await self._reader.readexactly(int(length[1]))
        self._seen.heads.append(head)
        return head

    async def send(self, raw: bytes) -> None:
        self._writer.write(raw)
        await self._writer.drain()
        self._seen.sent += len(raw)

    async def drip(self, raw: bytes) -> None:
        """Send a drop, and wait a moment for the client to hang up."""
        await self.send(raw)
        with suppress(TimeoutError):
            async with asyncio.timeout(0.02):
                await self.hang()

    async def hang(self) -> None:
        """Say nothing more until the client hangs up."""
        await self._reader.read()
        self._seen.hung_up.set()

    def reset(self) -> None:
        """Break the connection off with a TCP reset."""
        raw: socket.socket = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


Respond = Callable[[Exchange], Awaitable[None]]


@asynccontextmanager
async def serving(respond: Respond, tls: ssl.SSLContext | None = None) -> AsyncIterator[Loopback]:
    """Answer every connection with ``respond`` until the block ends; connections close when it returns."""
    seen = Loopback()
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        seen.connections += 1
        with suppress(ConnectionError, asyncio.CancelledError):
            await respond(Exchange(reader, writer, seen))
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    host, port = server.sockets[0].getsockname()
    seen.base_url = f"{'https' if tls else 'http'}://{host}:{port}"
    try:
        yield seen
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def answer(raw: bytes) -> Respond:
    """Return a responder that answers one request with exactly these bytes and closes."""

    async def respond(exchange: Exchange) -> None:
        if await exchange.head():
            await exchange.send(raw)

    return respond


def reply(status: int = 200, body: bytes = b"", *headers: str, reason: str = "Whatever") -> bytes:
    """Return a well-formed reply, length and all."""
    lines = [f"HTTP/1.1 {status} {reason}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
