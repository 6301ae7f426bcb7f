"""Names: one that leads nowhere is the service's, a resolver that fails is ours."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from omwatch import resolver as resolving
from omwatch.clock import SystemClock
from omwatch.domain.attempt import Outcome
from omwatch.probe import HttpSettings, Journey, expect, probe
from omwatch.resolver import resolve_host
from tests.probe.loopback import answer, reply, serving
from tests.probe.walking import ask, walk

_real = socket.getaddrinfo
_NAME = "media-bar.test"
_URL = f"http://{_NAME}"

Resolve = Callable[[], list[str]]
Resolver = Callable[[Resolve], None]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Resolver:
    """Lets a test answer for media-bar.test, in a resolver's thread."""

    def install(resolve: Resolve) -> None:
        def getaddrinfo(host: str, port: object, *args: object, **named: object) -> object:
            if host != _NAME:
                return _real(host, port, *args, **named)  # type: ignore[arg-type] # passed on as it came
            family = {True: socket.AF_INET6, False: socket.AF_INET}
            return [(family[":" in it], socket.SOCK_STREAM, 6, "", (it, 0)) for it in resolve()]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    return install


@pytest.fixture
def hung(resolver: Resolver) -> Iterator[None]:
    """A resolver that never answers, until the test is over."""
    over = threading.Event()

    def hang() -> list[str]:
        over.wait(30)
        return []

    resolver(hang)
    yield
    over.set()


def _raising(code: int, words: str) -> Resolve:
    def resolve() -> list[str]:
        raise socket.gaierror(code, words)

    return resolve


@pytest.mark.parametrize("code", [socket.EAI_NONAME, socket.EAI_NODATA])
async def test_a_name_that_does_not_resolve_is_the_services_failure(resolver: Resolver, code: int) -> None:
    resolver(_raising(code, "Name or service not known"))
    attempt = await walk(ask, _URL)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error == "ask: ConnectError: the name 'media-bar.test' does not resolve"


@pytest.mark.parametrize("code", [socket.EAI_AGAIN, socket.EAI_FAIL, socket.EAI_MEMORY, socket.EAI_SYSTEM])
async def test_a_resolver_that_fails_is_ours(resolver: Resolver, code: int) -> None:
    resolver(_raising(code, "Temporary failure in name resolution"))
    attempt = await walk(ask, _URL)
    assert attempt.outcome is Outcome.BROKEN
    assert attempt.error == "ask: the resolver failed for 'media-bar.test': Temporary failure in name resolution"


@pytest.mark.usefixtures("hung")
async def test_a_resolver_that_does_not_answer_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "RESOLVE_WITHIN_SECONDS", 0.05)
    attempt = await walk(ask, _URL)
    assert attempt.outcome is Outcome.BROKEN
    assert attempt.error == "ask: the resolver did not answer for 'media-bar.test' within 0.05 s"


@pytest.mark.usefixtures("hung")
async def test_a_hung_resolver_is_ours_even_when_the_deadline_comes_first() -> None:
    attempt = await walk(ask, _URL, deadline=0.05)
    assert attempt.outcome is Outcome.BROKEN
    assert attempt.error == "ask: the resolver did not answer for 'media-bar.test' in time"


@pytest.mark.usefixtures("hung")
async def test_a_hung_resolver_is_ours_even_when_the_steps_limit_comes_first() -> None:
    @probe(HttpSettings, unit="subject")
    async def impatient(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("log in", within=0.05):
            expect(await journey.http.get("/"), 200)

    attempt = await walk(impatient, _URL)
    assert attempt.outcome is Outcome.BROKEN
    assert attempt.error == "log in: the resolver did not answer for 'media-bar.test' in time"


async def test_slowness_after_the_name_was_found_is_the_services(resolver: Resolver) -> None:
    async with serving(answer(b"")) as server:
        hangs = server.base_url.replace("127.0.0.1", _NAME)
        resolver(lambda: ["127.0.0.1"])

        @probe(HttpSettings, unit="subject")
        async def slow(journey: Journey, _settings: HttpSettings) -> None:
            await journey.http.get("/", headers={"X": "1"})
            await asyncio.Event().wait()

        attempt = await walk(slow, hangs, deadline=0.2)
    assert attempt.outcome is Outcome.FAILED


@pytest.mark.usefixtures("hung")
async def test_hung_look_ups_of_one_name_do_not_hold_up_another() -> None:
    async with serving(answer(reply(200))) as server:
        stuck = [asyncio.create_task(walk(ask, _URL, deadline=2)) for _ in range(40)]
        await SystemClock().sleep(0)
        attempt = await walk(ask, server.base_url.replace("127.0.0.1", "localhost"), deadline=2)
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)
    assert attempt.outcome is Outcome.PASSED, attempt.error


@pytest.mark.usefixtures("hung")
async def test_hung_look_ups_do_not_hold_up_an_address_that_needs_none() -> None:
    async with serving(answer(reply(200))) as server:
        stuck = [asyncio.create_task(walk(ask, _URL, deadline=2)) for _ in range(40)]
        await SystemClock().sleep(0)
        attempt = await walk(ask, server.base_url, deadline=2)
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)
    assert attempt.outcome is Outcome.PASSED, attempt.error


async def test_every_address_of_a_name_is_tried_in_turn(resolver: Resolver) -> None:
    async with serving(answer(reply(200))) as server:
        resolver(lambda: ["127.0.0.2", "127.0.0.1"])
        attempt = await walk(ask, server.base_url.replace("127.0.0.1", _NAME))
    assert attempt.outcome is Outcome.PASSED, attempt.error


async def test_when_every_address_refuses_the_service_has_failed(resolver: Resolver) -> None:
    resolver(lambda: ["127.0.0.2", "127.0.0.3"])
    attempt = await walk(ask, f"{_URL}:9")
    assert attempt.outcome is Outcome.FAILED
    assert "Connection refused" in attempt.error


async def test_an_address_is_its_own_answer() -> None:
    assert await resolve_host("127.0.0.1") == ["127.0.0.1"]
    assert await resolve_host("::1") == ["::1"]


async def test_addresses_are_named_once_and_in_the_systems_order(resolver: Resolver) -> None:
    resolver(lambda: ["192.0.2.2", "192.0.2.1", "192.0.2.2"])
    assert await resolve_host(_NAME) == ["192.0.2.2", "192.0.2.1"]


@pytest.mark.parametrize("host", ["a" * 64 + ".test", "a..test"])
async def test_a_name_no_resolver_takes_is_a_mistake_in_our_settings(host: str) -> None:
    attempt = await walk(ask, f"http://{host}")
    assert attempt.outcome is Outcome.BROKEN, attempt.error
