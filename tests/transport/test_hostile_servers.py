"""Servers that refuse, break off, drip or say nothing: every attempt ends, in time, with the service to blame."""

import asyncio
import socket

import pytest

from omwatch.domain.attempt import Outcome
from tests.probe.loopback import Exchange, answer, reply, serving
from tests.probe.walking import ask, walk

_DEADLINE = 0.3


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


async def test_a_refused_connection_is_told_in_the_words_of_the_system() -> None:
    attempt = await walk(ask, f"http://127.0.0.1:{_free_port()}")
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error == "ask: ConnectError: All connection attempts failed: Connection refused"


async def test_a_reset_is_told_as_one() -> None:
    async def reset(exchange: Exchange) -> None:
        await exchange.head()
        exchange.reset()

    async with serving(reset) as server:
        attempt = await walk(ask, server.base_url)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error == "ask: ReadError: Connection reset by peer"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"\x00\x01\x02\x03\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 40_000 + b"\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
    ids=[
        "hangs up",
        "head cut",
        "body cut",
        "chunk cut",
        "chunk size garbled",
        "length garbled",
        "two lengths",
        "ssh",
        "status of four digits",
        "zeros",
        "zero in a header",
        "endless headers",
        "another protocol",
    ],
)
async def test_a_reply_against_the_rules_of_http_is_the_services_failure(raw: bytes) -> None:
    async with serving(answer(raw)) as server:
        attempt = await walk(ask, server.base_url, deadline=5)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error.startswith("ask: ")
    assert "deadline" not in attempt.error
    assert len(attempt.error) <= 300


async def _say_nothing(exchange: Exchange) -> None:
    await exchange.head()
    await exchange.hang()


async def _drip_headers(exchange: Exchange) -> None:
    await exchange.head()
    await exchange.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await exchange.drip(b"X-Drip: drop\r\n")


async def _drip_body(exchange: Exchange) -> None:
    await exchange.head()
    await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        await exchange.drip(b".")


async def _drip_chunks(exchange: Exchange) -> None:
    await exchange.head()
    await exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await exchange.drip(b"1\r\n.\r\n")


async def _interim_for_ever(exchange: Exchange) -> None:
    await exchange.head()
    while True:
        await exchange.drip(b"HTTP/1.1 102 Processing\r\n\r\n")


@pytest.mark.parametrize("respond", [_say_nothing, _drip_headers, _drip_body, _drip_chunks, _interim_for_ever])
async def test_a_server_that_never_comes_to_an_end_is_cut_off_at_the_deadline(respond: object) -> None:
    async with serving(respond) as server:  # type: ignore[arg-type] # parametrize tells no types
        attempt = await walk(ask, server.base_url, deadline=_DEADLINE)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error == f"ask: not finished within its deadline of {_DEADLINE} s"
    assert _DEADLINE * 1000 <= attempt.duration_ms < _DEADLINE * 1000 + 1000


async def test_a_port_that_accepts_and_never_handshakes_is_cut_off_too() -> None:
    async def mute(exchange: Exchange) -> None:
        await exchange.hang()

    async with serving(mute) as server:
        attempt = await walk(ask, server.base_url.replace("http:", "https:"), deadline=_DEADLINE)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error == f"ask: not finished within its deadline of {_DEADLINE} s"


async def test_after_the_deadline_nothing_of_the_attempt_is_left_behind() -> None:
    before = len(asyncio.all_tasks())
    async with serving(_say_nothing) as server:
        await walk(ask, server.base_url, deadline=0.05)
        async with asyncio.timeout(5):
            await server.hung_up.wait()
    assert len(asyncio.all_tasks()) == before


_ESCAPES = b"\x1b]0;owned\x07\x1b[31m\xe2\x80\xae\x9b2J"


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 503 " + _ESCAPES + b"\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 503 Busy\r\nX-" + _ESCAPES + b": 1\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 503 Busy\r\nServer: " + _ESCAPES + b"\r\nContent-Length: 0\r\n\r\n",
        reply(503, _ESCAPES),
        reply(503, "\u202etxt.exe\u200b\u2066".encode()),
        b"HTTP/1.1 302 Found\r\nLocation: " + _ESCAPES + b"\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: \x1b[31m://x\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://\x1b[31m/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: /%1b%5b31m\r\nContent-Length: 0\r\n\r\n",
        _ESCAPES + b"\r\n\r\n",
    ],
)
async def test_no_byte_of_a_reply_reaches_the_error_uncleaned(raw: bytes) -> None:
    async def respond(exchange: Exchange) -> None:
        while await exchange.head():
            await exchange.send(raw)

    async with serving(respond) as server:
        attempt = await walk(ask, server.base_url, deadline=5)
    assert attempt.outcome is Outcome.FAILED
    for text in (attempt.error, *(step.error for step in attempt.steps)):
        assert text.isprintable(), repr(text)
        assert not set(text) & set("\u202e\u200b\u2066\x1b\x07\x9b")
