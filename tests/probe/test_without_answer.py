"""Which attempts ended without an answer, as all of them do at a site that is blind."""

import asyncio
import socket

import pytest

from omwatch.domain.attempt import Outcome
from omwatch.probe import HttpSettings, Journey, OurFault, Unmet, probe
from tests.probe.loopback import Exchange, answer, reply, serving
from tests.probe.walking import ask, ask_for_json, walk


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def test_a_refused_connection_is_no_answer() -> None:
    attempt = await walk(ask, f"http://127.0.0.1:{closed_port()}")
    assert (attempt.outcome, attempt.network) == (Outcome.FAILED, True)


async def test_neither_is_a_service_that_hangs_up_or_says_nothing() -> None:
    async def hang_up(exchange: Exchange) -> None:
        await exchange.head()

    async def say_nothing(exchange: Exchange) -> None:
        await exchange.head()
        await asyncio.Event().wait()

    for responder, deadline in ((hang_up, 10.0), (say_nothing, 0.1)):
        async with serving(responder) as server:
            attempt = await walk(ask, server.base_url, deadline=deadline)
        assert (attempt.outcome, attempt.network) == (Outcome.FAILED, True), attempt.error


async def test_nor_a_step_that_takes_too_long() -> None:
    @probe(HttpSettings, unit="subject")
    async def slow(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("be ready", within=0.01):
            await journey.sleep(5)

    attempt = await walk(slow)
    assert (attempt.outcome, attempt.network) == (Outcome.FAILED, True)


@pytest.mark.parametrize("responder", [answer(reply(503, b"down")), answer(reply(200, b"no json"))])
async def test_a_wrong_answer_is_one(responder: object) -> None:
    async with serving(responder) as server:  # type: ignore[arg-type] # a responder
        attempt = await walk(ask_for_json, server.base_url)
    assert (attempt.outcome, attempt.network) == (Outcome.FAILED, False)


async def test_so_is_a_right_one() -> None:
    async with serving(answer(reply(200, b"fine"))) as server:
        attempt = await walk(ask, server.base_url)
    assert (attempt.outcome, attempt.network) == (Outcome.PASSED, False)


async def test_what_a_library_says_of_the_network_counts_though_the_probe_says_it_otherwise() -> None:
    @probe(HttpSettings, unit="subject")
    async def translate(_journey: Journey, _settings: HttpSettings) -> None:
        try:
            await asyncio.open_connection("127.0.0.1", closed_port())
        except OSError as error:
            raise Unmet("the desk is closed") from error

    attempt = await walk(translate)
    assert (attempt.outcome, attempt.network) == (Outcome.FAILED, True)


async def test_a_resolver_that_fails_is_ours_and_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    attempt = await walk(ask, "http://media-bar.example.com")
    assert (attempt.outcome, attempt.network) == (Outcome.BROKEN, True)


async def test_our_other_faults_say_nothing_about_the_network() -> None:
    @probe(HttpSettings, unit="subject")
    async def faulty(_journey: Journey, _settings: HttpSettings) -> None:
        raise OurFault("no licence for this probe")

    attempt = await walk(faulty)
    assert (attempt.outcome, attempt.network) == (Outcome.BROKEN, False)
