"""Redirects: few, to HTTP only, and the last reply is the one that counts."""

import pytest

from omwatch.domain.attempt import Outcome
from omwatch.probe import HttpSettings, Journey, expect, probe
from tests.probe.loopback import Exchange, answer, reply, serving
from tests.probe.walking import ask, walk


async def test_a_redirect_is_followed() -> None:
    async def respond(exchange: Exchange) -> None:
        while head := await exchange.head():
            found = reply(302, b"", "Location: /here")
            await exchange.send(reply(200, b"fine") if head.startswith(b"GET /here ") else found)

    async with serving(respond) as server:
        attempt = await walk(ask, server.base_url)
    assert attempt.outcome is Outcome.PASSED
    assert len(server.heads) == 2


async def test_a_redirect_loop_ends_after_three() -> None:
    async def respond(exchange: Exchange) -> None:
        while await exchange.head():
            await exchange.send(reply(302, b"", "Location: /"))

    async with serving(respond) as server:
        attempt = await walk(ask, server.base_url)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error == "ask: TooManyRedirects: Exceeded maximum allowed redirects."
    assert len(server.heads) == 4


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://media-bar.test/", "gopher://media-bar.test/", "file://media-bar.test/"]
)
async def test_a_redirect_away_from_http_is_not_followed(location: str) -> None:
    async with serving(answer(reply(302, b"", f"Location: {location}"))) as server:
        attempt = await walk(ask, server.base_url)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error.startswith("ask: UnsupportedProtocol: ")


@pytest.mark.parametrize(
    "location",
    [
        "http://[::1",
        "http://127.0.0.1:99999/",
        "http://",
        "http:///login",
        "//",
        "",
        "javascript:alert(1)",
        "http://[\xe9",
    ],
)
async def test_a_garbled_location_is_the_services_failure(location: str) -> None:
    async def respond(exchange: Exchange) -> None:
        while await exchange.head():
            await exchange.send(reply(302, b"", f"Location: {location}"))

    async with serving(respond) as server:
        attempt = await walk(ask, server.base_url, deadline=5)
    assert attempt.outcome is Outcome.FAILED, attempt.error


async def test_a_redirect_to_another_host_takes_no_credentials_along() -> None:
    @probe(HttpSettings, unit="subject")
    async def with_password(journey: Journey, _settings: HttpSettings) -> None:
        journey.http.cookies.set("session", "secret", domain="127.0.0.1")
        headers = {"Authorization": "Bearer secret"}
        expect(await journey.http.get("/", headers=headers), 200)

    async with serving(answer(reply(200))) as elsewhere:
        away = elsewhere.base_url.replace("127.0.0.1", "localhost")
        async with serving(answer(reply(302, b"", f"Location: {away}/"))) as server:
            attempt = await walk(with_password, server.base_url)
    assert attempt.outcome is Outcome.PASSED, attempt.error
    assert b"secret" in server.heads[0]
    assert b"secret" not in elsewhere.heads[0]


async def test_every_hop_is_within_the_deadline_of_the_whole() -> None:
    async def respond(exchange: Exchange) -> None:
        while head := await exchange.head():
            if head.startswith(b"GET /slow "):
                await exchange.hang()
            await exchange.send(reply(302, b"", "Location: /slow"))

    async with serving(respond) as server:
        attempt = await walk(ask, server.base_url, deadline=0.2)
    assert attempt.error == "ask: not finished within its deadline of 0.2 s"
