"""Journeys over TLS to services whose certificates only a private authority vouches for."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from omwatch.domain.attempt import Attempt, Outcome
from omwatch.sandbox.sandbox import Sandbox

Walk = Callable[..., Awaitable[Attempt]]


@pytest.fixture
async def chat_server(tls: ssl.SSLContext) -> AsyncIterator[str]:
    """An agent of the sales queue who repeats what customers say, behind TLS."""

    async def talk(chat: ServerConnection) -> None:
        await chat.send(json.dumps({"event": "offered", "queue": "sales"}))
        await chat.send(json.dumps({"event": "message", "text": json.loads(await chat.recv())["text"]}))

    async with serve(talk, "127.0.0.1", 0, ssl=tls) as server:
        yield f"https://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


async def test_a_chat_trusts_the_authorities_of_its_ca_file(walk: Walk, chat_server: str, certificate: Path) -> None:
    attempt = await walk("chat_routing", "sales", base_url=chat_server, ca_file=certificate)
    assert (attempt.outcome, attempt.error) == (Outcome.PASSED, "")


async def test_a_chat_trusts_nobody_else(walk: Walk, chat_server: str) -> None:
    attempt = await walk("chat_routing", "sales", base_url=chat_server)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error.startswith("open the chat: SSLCertVerificationError")


@asynccontextmanager
async def relayed(address: str, tls: ssl.SSLContext) -> AsyncIterator[str]:
    """Offer a plain service over TLS."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await reader.read(65_536):
                writer.write(chunk)
                await writer.drain()
        writer.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind = await asyncio.open_connection(*address.split(":"))
        await asyncio.gather(copy(reader, behind[1]), copy(behind[0], writer))

    server = await asyncio.start_server(relay, "127.0.0.1", 0, ssl=tls)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    await server.wait_closed()


async def test_a_mailbox_over_tls(walk: Walk, sandbox: Sandbox, tls: ssl.SSLContext, certificate: Path) -> None:
    async with relayed(sandbox.addresses["imap"], tls) as imap:
        attempt = await walk("email_routing", "sales", via="imap", imap=imap, imap_tls=True, ca_file=certificate)
        assert (attempt.outcome, attempt.error) == (Outcome.PASSED, "")
        attempt = await walk("email_routing", "sales", via="imap", imap=imap, imap_tls=True)
        assert attempt.outcome is Outcome.FAILED
        assert attempt.error.startswith("see it in the mailbox and remove it: SSLCertVerificationError")


ANSWERS = {
    "EHLO": "250-mail.test\r\n250 AUTH PLAIN",
    "AUTH": "235 welcome",
    "MAIL": "250 fine",
    "RCPT": "250 fine",
    "DATA": "354 go on",
    ".": "250 taken",
    "QUIT": "221 bye",
}


async def test_an_email_handed_in_over_tls_after_logging_in(walk: Walk, tls: ssl.SSLContext, certificate: Path) -> None:
    said: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test\r\n")
        while line := (await reader.readline()).decode():
            said.append(line.strip())
            if answer := ANSWERS.get(line.split()[0] if line.strip() else ""):
                writer.write(f"{answer}\r\n".encode())
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
    smtp = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    options = {"smtp": smtp, "smtp_tls": True, "password": "secret", "within": 0.5}
    trusting = await walk("email_routing", "sales", **options, ca_file=certificate)
    doubting = await walk("email_routing", "sales", **options)
    server.close()
    await server.wait_closed()
    assert [step.error for step in trusting.steps][:1] == [""]
    assert said[1] == "AUTH PLAIN AHNhbGVzAHNlY3JldA=="  # "\0sales\0secret"
    assert doubting.outcome is Outcome.FAILED
    assert doubting.error.startswith("send the e-mail: ")
    assert "certificate verify failed" in doubting.error
