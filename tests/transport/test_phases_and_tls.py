"""The phases of a request, plain and over TLS, and certificates that are not to be trusted."""

import asyncio
import ssl
from pathlib import Path

import pytest

from omwatch.domain.attempt import Attempt, Outcome
from omwatch.probe import HttpSettings, Journey, probe
from omwatch.transport import shared_ssl_context
from tests.probe.loopback import Exchange, answer, reply, serving
from tests.probe.walking import ask, walk


def _phases(attempt: Attempt) -> dict[str, float | None]:
    (step,) = attempt.steps
    phases = step.phases
    return {
        "dns": phases.dns_ms,
        "connect": phases.connect_ms,
        "tls": phases.tls_ms,
        "first byte": phases.first_byte_ms,
    }


async def test_a_plain_request_has_every_phase_but_tls_and_they_fit_into_the_step() -> None:
    async with serving(answer(reply(200))) as server:
        attempt = await walk(ask, server.base_url)
    phases = _phases(attempt)
    assert phases.pop("tls") is None
    spent = [value for value in phases.values() if value is not None]
    assert len(spent) == 3
    assert all(value >= 0 for value in spent)
    assert 0 < sum(spent) <= attempt.steps[0].total_ms <= attempt.duration_ms


async def test_a_request_over_tls_has_every_phase_and_they_fit_into_the_step(
    tls: ssl.SSLContext, certificate: Path
) -> None:
    async with serving(answer(reply(200)), tls) as server:
        attempt = await walk(ask, server.base_url, ca_file=certificate)
    assert attempt.outcome is Outcome.PASSED, attempt.error
    spent = [value for value in _phases(attempt).values() if value is not None]
    assert len(spent) == 4
    assert sum(spent) <= attempt.steps[0].total_ms
    tls_ms = attempt.steps[0].phases.tls_ms
    assert tls_ms is not None
    assert tls_ms > 0.1, "a handshake is work"


async def test_a_slow_first_byte_is_told_from_a_slow_body() -> None:
    async def slow_head(exchange: Exchange) -> None:
        await exchange.head()
        await asyncio.wait_for(asyncio.shield(asyncio.Event().wait()), 0.1)

    async def respond(exchange: Exchange) -> None:
        try:
            await slow_head(exchange)
        except TimeoutError:
            await exchange.send(reply(200, b"fine"))

    async with serving(respond) as server:
        attempt = await walk(ask, server.base_url)
    first_byte = attempt.steps[0].phases.first_byte_ms
    connect = attempt.steps[0].phases.connect_ms
    assert first_byte is not None
    assert connect is not None
    assert first_byte >= 95
    assert connect < 90


async def test_each_hop_of_a_redirect_adds_to_the_phases_of_its_step() -> None:
    @probe(HttpSettings, unit="subject")
    async def two_connections(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("ask"):
            await journey.http.get("/", headers={"Connection": "close"})

    async def respond(exchange: Exchange) -> None:
        head = await exchange.head()
        found = reply(302, b"", "Location: /here", "Connection: close")
        await exchange.send(reply(200, b"", "Connection: close") if head.startswith(b"GET /here ") else found)

    async with serving(respond) as server:
        attempt = await walk(two_connections, server.base_url)
    assert server.connections == 2
    spent = [value for value in _phases(attempt).values() if value is not None]
    assert sum(spent) <= attempt.steps[0].total_ms


async def test_a_connection_that_fails_still_tells_how_long_it_was_tried() -> None:
    attempt = await walk(ask, "http://127.0.0.1:9")
    assert attempt.outcome is Outcome.FAILED
    assert attempt.steps[0].phases.connect_ms is not None
    assert attempt.steps[0].phases.first_byte_ms is None


async def test_a_certificate_nobody_vouches_for_is_the_services_failure(tls: ssl.SSLContext) -> None:
    async with serving(answer(reply(200)), tls) as server:
        attempt = await walk(ask, server.base_url)
    assert attempt.outcome is Outcome.FAILED
    assert "certificate verify failed: self-signed certificate" in attempt.error
    assert attempt.steps[0].phases.tls_ms is not None


async def test_a_certificate_for_another_host_is_the_services_failure(tls: ssl.SSLContext, certificate: Path) -> None:
    async with serving(answer(reply(200)), tls) as server:
        elsewhere = server.base_url.replace("127.0.0.1", "127.0.0.2")
        async with serving(answer(reply(200)), tls):
            attempt = await walk(ask, elsewhere, ca_file=certificate)
    assert attempt.outcome is Outcome.FAILED


async def test_a_server_that_speaks_no_tls_is_the_services_failure() -> None:
    async def plain(exchange: Exchange) -> None:
        await exchange.send(b"220 smtp.test ready\r\n")

    async with serving(plain) as server:
        attempt = await walk(ask, server.base_url.replace("http:", "https:"), deadline=5)
    assert attempt.outcome is Outcome.FAILED
    assert "deadline" not in attempt.error


async def test_a_probe_of_another_protocol_blames_the_service_for_its_certificate_too(tls: ssl.SSLContext) -> None:
    @probe(HttpSettings, unit="subject")
    async def chat(journey: Journey, settings: HttpSettings) -> None:
        port = int(settings.base_url.rpartition(":")[2])
        async with journey.step("open the chat"):
            await asyncio.open_connection("127.0.0.1", port, ssl=shared_ssl_context())

    async with serving(answer(reply(200)), tls) as server:
        attempt = await walk(chat, server.base_url)
    assert attempt.outcome is Outcome.FAILED
    assert "certificate verify failed" in attempt.error


@pytest.mark.parametrize("content", [None, "", "no certificate"])
async def test_a_ca_file_that_cannot_be_used_is_ours_and_named(tmp_path: Path, content: str | None) -> None:
    ca_file = tmp_path / "authorities.pem"
    if content is not None:
        ca_file.write_text(content)
    attempt = await walk(ask, "https://127.0.0.1:9", ca_file=ca_file)
    assert attempt.outcome is Outcome.BROKEN
    assert "authorities.pem" in attempt.error


def test_the_context_is_built_once_per_ca_file(certificate: Path) -> None:
    assert shared_ssl_context() is shared_ssl_context()
    assert shared_ssl_context(certificate) is shared_ssl_context(certificate)
    assert shared_ssl_context(certificate) is not shared_ssl_context()
