"""Attempts share no cookie and no connection, and nothing of this machine's environment."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from omwatch.domain.attempt import Outcome
from omwatch.probe import HttpSettings, Journey, Unmet, expect, probe
from tests.probe.loopback import Exchange, answer, reply, serving
from tests.probe.walking import ask, walk


class MediaBar:
    """A small Starlette service that knows its visitors by a cookie."""

    def __init__(self) -> None:
        self.peers: list[tuple[str, int]] = []
        routes = [Route("/login", self._login, methods=["POST"]), Route("/me", self._me)]
        self.app = Starlette(routes=routes)
        self.base_url = ""

    async def _login(self, request: Request) -> Response:
        assert request.client is not None
        self.peers.append((request.client.host, request.client.port))
        if request.cookies:
            return PlainTextResponse(f"who are you, {request.cookies}?", 409)
        response = JSONResponse({"state": "ready"})
        response.set_cookie("agent", (await request.json())["user"])
        return response

    async def _me(self, request: Request) -> Response:
        return PlainTextResponse(request.cookies.get("agent", "nobody"))


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@pytest.fixture
async def media_bar() -> AsyncIterator[MediaBar]:
    service = MediaBar()
    config = uvicorn.Config(service.app, port=0, log_level="critical", lifespan="off", ws="none")
    server = _Server(config)
    running = asyncio.create_task(server.serve())
    await server.ready.wait()
    port = server.servers[0].sockets[0].getsockname()[1]
    service.base_url = f"http://127.0.0.1:{port}"
    yield service
    server.should_exit = True
    await running


@probe(HttpSettings, unit="subject", noun="agent")
async def log_in(journey: Journey, settings: HttpSettings) -> None:
    """Log in and be recognised."""
    async with journey.step("log in"):
        reply = await journey.http.post("/login", json=settings.credentials(journey.subject))
        assert expect(reply, 200).json() == {"state": "ready"}
    async with journey.step("be known"):
        if (name := (await journey.http.get("/me")).text) != journey.subject:
            raise Unmet(f"taken for {name}")


async def test_subjects_share_no_cookie_and_keep_their_own(media_bar: MediaBar) -> None:
    subjects = [f"agent-{number:02}" for number in range(1, 21)]
    attempts = await asyncio.gather(*(walk(log_in, media_bar.base_url, subject=subject) for subject in subjects))
    assert [attempt.error for attempt in attempts] == [""] * 20


async def test_one_subjects_next_attempt_starts_without_its_last_cookies(media_bar: MediaBar) -> None:
    for _ in range(3):
        attempt = await walk(log_in, media_bar.base_url)
        assert attempt.outcome is Outcome.PASSED, attempt.error


async def test_no_connection_serves_two_attempts(media_bar: MediaBar) -> None:
    for _ in range(5):
        await walk(log_in, media_bar.base_url)
    assert len(set(media_bar.peers)) == 5


async def test_a_finished_attempt_has_closed_its_connection() -> None:
    async def keep_alive(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.send(reply(200))
        await exchange.hang()

    async with serving(keep_alive) as server:
        assert (await walk(ask, server.base_url)).outcome is Outcome.PASSED
        async with asyncio.timeout(5):
            await server.hung_up.wait()


async def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with serving(answer(reply(200))) as server:
        assert (await walk(ask, server.base_url)).outcome is Outcome.PASSED


@pytest.mark.parametrize("value", ["agent=\x01\x02", 'agent="a;b"', "agent=" + "x" * 20_000, "=", ";;;", "\x7f"])
async def test_an_odd_cookie_is_never_taken_for_a_mistake_of_ours(value: str) -> None:
    @probe(HttpSettings, unit="subject")
    async def twice(journey: Journey, _settings: HttpSettings) -> None:
        expect(await journey.http.get("/"), 200)
        expect(await journey.http.get("/"), 200)

    async def keep_alive(exchange: Exchange) -> None:
        while await exchange.head():
            await exchange.send(reply(200, b"", f"Set-Cookie: {value}"))

    async with serving(keep_alive) as server:
        attempt = await walk(twice, server.base_url)
    assert attempt.outcome is not Outcome.BROKEN, attempt.error


async def test_a_cookie_that_our_client_cannot_send_back_is_ours_not_the_services() -> None:
    @probe(HttpSettings, unit="subject")
    async def twice(journey: Journey, _settings: HttpSettings) -> None:
        expect(await journey.http.get("/"), 200)
        expect(await journey.http.get("/"), 200)

    async with serving(answer(reply(200, b"", "Set-Cookie: agent=Zoë"))) as server:
        attempt = await walk(twice, server.base_url)
    assert attempt.outcome is Outcome.BROKEN
    assert attempt.error.startswith("UnicodeEncodeError: ")
