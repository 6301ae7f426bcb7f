"""A mail server on loopback of which a test decides every word, connection by connection."""

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto


class Act(Enum):
    """What a server may do instead of answering."""

    HANG_UP = auto()
    FALL_SILENT = auto()


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Script = Callable[[int, str], str | Act | None]
"""Connection (from 1) and verb (CONNECT, EHLO, … and END for a whole message) → its answer; None: as usual."""
_USUAL = {"CONNECT": "220 hello", "DATA": "354 go on", "QUIT": "221 bye", "STARTTLS": "220 go on"}


def as_usual(_connection: int, _verb: str) -> None:
    """Answer everything as a friendly server does."""


def once(connection: int, verb: str, answer: str | Act) -> Script:
    """Answer one thing in one connection, the first time only."""
    left = [answer]

    def script(number: int, said: str) -> str | Act | None:
        return left.pop() if left and (number, said) == (connection, verb) else None

    return script


@dataclass
class ScriptedServer:
    """Where it listens, and what it has heard and taken."""

    script: Script
    extensions: tuple[str, ...]
    context: ssl.SSLContext | None
    port: int = 0
    heard: list[list[str]] = field(default_factory=list)
    """Verbs, connection by connection."""
    mails: Counter[str] = field(default_factory=Counter)
    """Recipient → messages that were taken, whether or not the client heard of it."""

    @property
    def address(self) -> str:
        return f"mailto://127.0.0.1:{self.port}"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard.append([])
        await _Talk(self, len(self.heard), reader, writer).hold()


@dataclass
class _Talk:
    server: ScriptedServer
    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    recipient: str = ""

    async def hold(self) -> None:
        said = await self._answer("CONNECT")
        while said and not said.startswith(("221", "421")):
            line = (await self.reader.readuntil(b"\r\n")).decode("ascii").strip()
            verb = line.split(" ")[0].upper()
            self.server.heard[self.number - 1].append(verb)
            if verb == "RCPT":
                self.recipient = line.removeprefix("RCPT TO:<").removesuffix(">")
            said = await self._answer(verb)
            if verb == "STARTTLS" and said.startswith("2"):
                assert self.server.context
                await self.writer.start_tls(self.server.context)
            if verb == "DATA" and said.startswith("354"):
                said = await self._take_message()

    async def _take_message(self) -> str:
        await self.reader.readuntil(b"\r\n.\r\n")
        self.server.heard[self.number - 1].append("END")
        answer = self.server.script(self.number, "END")
        if not isinstance(answer, str) or answer.startswith("2"):
            self.server.mails[self.recipient] += 1
        return await self._say("END", answer)

    async def _answer(self, verb: str) -> str:
        return await self._say(verb, self.server.script(self.number, verb))

    async def _say(self, verb: str, answer: str | Act | None) -> str:
        if answer is Act.FALL_SILENT:
            await self.reader.read()  # until the client has had enough
        if isinstance(answer, Act):
            return ""
        usual = _hello(self.server.extensions) if verb == "EHLO" else _USUAL.get(verb, "250 fine")
        said = usual if answer is None else answer
        self.writer.write(f"{said}\r\n".encode())
        await self.writer.drain()
        return said


def _hello(extensions: tuple[str, ...]) -> str:
    return "".join(f"250-{line}\r\n" for line in ("mail.test", *extensions)) + "250 HELP"


@asynccontextmanager
async def scripted(
    script: Script = as_usual, *extensions: str, context: ssl.SSLContext | None = None
) -> AsyncIterator[ScriptedServer]:
    """Serve; over TLS from the first byte where there is a context, or once STARTTLS is said if that is offered."""
    server = ScriptedServer(script, extensions, context)
    async with talking(server.talk, None if "STARTTLS" in extensions else context) as server.port:
        yield server


@asynccontextmanager
async def talking(talk: Talk, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve whatever a test likes, and yield the port; whoever still talks in the end is cut off."""
    tasks: set[asyncio.Task[None]] = set()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError):  # a client may go at any time
                await talk(reader, writer)
        finally:
            writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(0.2):  # TLS waits for the client's farewell
                    await writer.wait_closed()
            writer.transport.abort()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(hold(reader, writer)))

    listening = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    yield listening.sockets[0].getsockname()[1]
    listening.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await listening.wait_closed()
