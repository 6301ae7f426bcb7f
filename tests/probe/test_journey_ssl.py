"""Whom TLS trusts in the protocols that are not HTTP."""

import asyncio
import ssl
from pathlib import Path

from omwatch.clock import SystemClock
from omwatch.domain.attempt import Outcome
from omwatch.probe import HttpSettings, Journey, Settings, probe
from tests.probe.loopback import answer, reply, serving
from tests.probe.walking import NOWHERE, walk


def journey(settings: Settings) -> Journey:
    return Journey("sales", "marker-1", SystemClock(), settings, 1024)


def test_it_is_shared_by_all_attempts_that_trust_the_same(certificate: Path) -> None:
    with_ca = HttpSettings(base_url=NOWHERE, ca_file=certificate)
    without = HttpSettings(base_url=NOWHERE)
    assert journey(with_ca).ssl is journey(with_ca).ssl
    assert journey(without).ssl is journey(Settings()).ssl
    assert journey(with_ca).ssl is not journey(without).ssl


def test_authorities_that_cannot_be_read_break_the_probe(tmp_path: Path) -> None:
    @probe(HttpSettings, unit="subject")
    async def chat(journey: Journey, _settings: HttpSettings) -> None:
        """Use TLS."""
        async with journey.step("open the chat"):
            assert journey.ssl is not None

    attempt = asyncio.run(walk(chat, ca_file=tmp_path / "authorities.pem"))
    assert attempt.outcome is Outcome.BROKEN
    assert "authorities.pem" in attempt.error


async def test_only_http_says_that_it_is_http(tls: ssl.SSLContext, certificate: Path) -> None:
    said: list[str | None] = []

    @probe(HttpSettings, unit="subject")
    async def both(journey: Journey, settings: HttpSettings) -> None:
        """Use HTTP, then another protocol."""
        response = await journey.http.get("/")
        said.append(response.extensions["network_stream"].get_extra_info("ssl_object").selected_alpn_protocol())
        port = int(settings.base_url.rpartition(":")[2])
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=journey.ssl)
        said.append(writer.get_extra_info("ssl_object").selected_alpn_protocol())
        writer.close()

    tls.set_alpn_protocols(["http/1.1", "imap"])
    async with serving(answer(reply(200)), tls) as server:
        attempt = await walk(both, server.base_url, ca_file=certificate)
    assert (attempt.outcome, attempt.error) == (Outcome.PASSED, "")
    assert said == ["http/1.1", None]
