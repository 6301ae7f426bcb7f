"""A mailbox over IMAP: what it makes of servers that keep silent, drip, or talk nonsense."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

import pytest

from omwatch.mailbox import Mailbox, _Line
from omwatch.probe import OurFault, Unmet
from omwatch.transport import shared_ssl_context
from tests.probe.loopback import Exchange, Loopback, serving

GREETING = b"* OK ready\r\n"
HEALTHY = {
    "CAPABILITY": "* CAPABILITY IMAP4rev1\r\n{tag} OK these",
    "LOGIN": "{tag} OK logged in",
    "SELECT": "* 2 EXISTS\r\n{tag} OK selected",
    "SEARCH": "* SEARCH 1 2\r\n{tag} OK searched",
    "STORE": "{tag} OK stored",
    "EXPUNGE": "{tag} OK expunged",
}
CONTEXT = shared_ssl_context(for_http=False)


def talk(
    answers: Mapping[str, str] = MappingProxyType({}), commands: list[str] | None = None
) -> Callable[[Exchange], Awaitable[None]]:
    """Return a responder that answers IMAP commands, and remembers them; after one without an answer it is silent."""

    async def respond(exchange: Exchange) -> None:
        await exchange.send(GREETING)
        while line := (await exchange._reader.readline()).decode().strip():
            tag, _, command = line.partition(" ")
            if commands is not None:
                commands.append(command)
            template = {**HEALTHY, **answers}[command.split(" ")[0]]
            if not template:
                await exchange.hang()
                return
            await exchange.send(f"{template}\r\n".replace("{tag}", tag).encode("latin-1"))

    return respond


@asynccontextmanager
async def opened(server: Loopback, context: ssl.SSLContext = CONTEXT, *, tls: bool = False) -> AsyncIterator[Mailbox]:
    async with Mailbox(f"127.0.0.1:{server.port}", context, timeout=10, tls=tls) as mailbox:
        yield mailbox


async def walk_through(server: Loopback) -> list[str]:
    async with opened(server) as mailbox:
        await mailbox.log_in("sales", "secret")
        places = await mailbox.find("marker-1")
        await mailbox.remove(places)
        return places


async def test_it_says_what_it_was_asked_to() -> None:
    commands: list[str] = []
    async with serving(talk(commands=commands)) as server, opened(server) as mailbox:
        await mailbox.log_in(r'EU\sal"es', r'pass"\word')
        assert await mailbox.find("marker-1") == ["1", "2"]
        await mailbox.remove(["1", "2"])
    assert commands == [
        "CAPABILITY",
        r'LOGIN "EU\\sal\"es" "pass\"\\word"',
        "SELECT INBOX",
        'SEARCH SUBJECT "marker-1"',
        r"STORE 1,2 +FLAGS (\Deleted)",
        "EXPUNGE",
    ]


@pytest.mark.parametrize("command", HEALTHY)
async def test_a_server_that_falls_silent_is_hung_up_on_at_once(command: str) -> None:
    async with serving(talk({command: ""})) as server:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await walk_through(server)
        async with asyncio.timeout(2):  # far less than the patience of the socket
            await server.hung_up.wait()


async def test_a_server_that_drips_is_hung_up_on_at_once() -> None:
    ended = asyncio.Event()

    async def drip(exchange: Exchange) -> None:
        try:
            while True:
                await exchange.send(b"*")
                await asyncio.sleep(0.01)  # noqa: TID251 - real sockets, real time
        finally:
            ended.set()

    async with serving(drip) as server:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await walk_through(server)
        async with asyncio.timeout(2):
            await ended.wait()


async def test_silence_in_a_handshake_ends_at_once(certificate: Path) -> None:
    async with serving(Exchange.hang) as server:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), opened(server, shared_ssl_context(certificate, for_http=False), tls=True):
                pass
        async with asyncio.timeout(2):
            await server.hung_up.wait()


async def test_a_line_that_is_cut_before_it_is_there_never_opens() -> None:
    async with serving(Exchange.hang) as server:
        line = _Line("127.0.0.1", server.port, None, 1)
        line.cut()
        with pytest.raises(ConnectionAbortedError, match="given up"):
            await asyncio.to_thread(line.use, line.open)
        await server.hung_up.wait()


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n",
        b"* BYE too busy\r\n",
        b"* PREAUTH come in\r\n",
        b"\xff\xff\r\n",
        b"* OK {99999999999}\r\n",
        b"* OK {" + b"9" * 5_000 + b"}\r\n",
        b"*" * 1_100_000 + b"\r\n",
        b"",
    ],
)
async def test_an_odd_greeting_is_unmet(raw: bytes) -> None:
    async def greet(exchange: Exchange) -> None:
        await exchange.send(raw)

    async with serving(greet) as server:
        with pytest.raises((Unmet, ConnectionError), match=r"."):
            await walk_through(server)


@pytest.mark.parametrize("command", HEALTHY)
@pytest.mark.parametrize(
    "said",
    ["{tag} NO not today", "{tag} BAD what?", "* BYE\r\n{tag} OK", "{tag} OK\xff", "\xff\xfe", "zzz1 OK", "* \xff"],
)
async def test_an_odd_answer_is_unmet_or_harmless(command: str, said: str) -> None:
    async with serving(talk({command: said})) as server:
        try:
            async with asyncio.timeout(0.2):
                await walk_through(server)
        except (Unmet, TimeoutError, ConnectionError):
            pass


async def test_a_refusal_is_told_in_the_servers_words() -> None:
    async with serving(talk({"LOGIN": "{tag} NO [AUTHENTICATIONFAILED] user or password is wrong"})) as server:
        with pytest.raises(Unmet, match=r"^IMAP login failed: \[AUTHENTICATIONFAILED\] user or password is wrong$"):
            await walk_through(server)
    async with serving(talk({"STORE": "{tag} NO not today"})) as server:
        with pytest.raises(Unmet, match=r"^IMAP store answered NO: not today$"):
            await walk_through(server)


async def test_nothing_found_is_nothing() -> None:
    async with serving(talk({"SEARCH": "{tag} OK searched"})) as server:
        assert await walk_through(server) == []


@pytest.mark.parametrize("address", ["", "imap.example.com", ":993", "imap.example.com:imap"])
def test_an_address_without_its_parts_is_our_fault(address: str) -> None:
    with pytest.raises(OurFault, match="write host:port"):
        Mailbox(address, CONTEXT, timeout=1)


async def test_words_that_imaplib_cannot_say_are_our_fault() -> None:
    async with serving(talk()) as server, opened(server) as mailbox:
        with pytest.raises(OurFault, match="ASCII"):
            await mailbox.log_in("sales", "müde")


async def test_tls_trusts_the_authorities_it_is_given(tls: ssl.SSLContext, certificate: Path) -> None:
    async with serving(talk(), tls) as server:
        async with opened(server, shared_ssl_context(certificate, for_http=False), tls=True) as mailbox:
            await mailbox.log_in("sales", "secret")
            assert await mailbox.find("marker-1") == ["1", "2"]
        with pytest.raises(ssl.SSLCertVerificationError):
            async with opened(server, tls=True):
                pass
