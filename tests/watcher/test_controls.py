"""Controls over real connections on loopback: what counts as reached, and how long it may take."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from omwatch.clock import SystemClock
from omwatch.config.controls import Control, control
from omwatch.watcher.controls import Controls, reach_by
from tests.probe.loopback import Exchange, answer, reply, serving

REACH = reach_by(SystemClock())
WITHIN = 1.0


def controls(*addresses: str, within: float = WITHIN) -> Controls:
    return Controls([control(address) for address in addresses], within, REACH)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def _never(exchange: Exchange) -> None:
    await exchange.head()
    await asyncio.Event().wait()


@pytest.mark.parametrize("status", [200, 302, 404, 503])
async def test_any_http_reply_is_an_answer(status: int) -> None:
    async with serving(answer(reply(status, b"x", "Location: /elsewhere"))) as server:
        assert await controls(server.base_url).answer()
        assert len(server.heads) == 1, "a redirect is an answer already"


async def test_a_connection_is_an_answer_to_tcp() -> None:
    async with serving(_never) as server:
        assert await controls(f"tcp://127.0.0.1:{server.port}").answer()


async def test_a_name_that_resolves_is_an_answer_to_dns() -> None:
    assert await controls("dns://localhost").answer()
    assert not await controls("dns://no-such-name.invalid").answer()


@pytest.mark.parametrize("way", ["http", "tcp"])
async def test_a_port_where_nobody_listens_is_none(way: str) -> None:
    assert not await controls(f"{way}://127.0.0.1:{closed_port()}").answer()


async def test_a_server_that_hangs_up_without_a_reply_is_none() -> None:
    async def hang_up(exchange: Exchange) -> None:
        await exchange.head()

    async with serving(hang_up) as server:
        assert not await controls(server.base_url).answer()


async def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    async with serving(_never) as server:
        clock = SystemClock()
        started = clock.monotonic()
        assert not await controls(server.base_url, within=0.1).answer()
        assert clock.monotonic() - started < WITHIN


async def test_one_that_answers_is_enough_and_nobody_waits_for_the_others() -> None:
    async with serving(_never) as silent, serving(answer(reply(200, b"here"))) as server:
        clock = SystemClock()
        started = clock.monotonic()
        dead = f"tcp://127.0.0.1:{closed_port()}"
        assert await controls(silent.base_url, dead, server.base_url, within=30).answer()
        assert clock.monotonic() - started < 5


async def test_a_control_that_raises_whatever_it_likes_has_not_answered() -> None:
    def raising(error: Exception) -> Callable[[Control], Awaitable[None]]:
        async def reach(_control: Control) -> None:
            raise error

        return reach

    for error in (OSError("no route to host"), RuntimeError("a bug"), ValueError("odd")):
        assert not await Controls([control("dns://example.org")], WITHIN, raising(error)).answer()


def test_no_controls_are_none() -> None:
    assert not controls()
    assert controls("dns://example.org")
