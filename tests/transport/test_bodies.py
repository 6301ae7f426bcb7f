"""Bodies: capped as they are decoded, so that no reply can fill the memory."""

import gzip
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest

from omwatch.domain.attempt import Attempt, Outcome
from omwatch.probe import HttpSettings, Journey, Unmet, expect, probe
from tests.probe.loopback import Exchange, answer, reply, serving
from tests.probe.walking import ask, walk

_MEBIBYTE = 2**20
_TOO_LARGE = "ask: GET / answered with a body larger than 1,048,576 bytes"


@probe(HttpSettings, unit="subject")
async def read(journey: Journey, _settings: HttpSettings) -> None:
    """Read the whole answer and fail with it."""
    raise Unmet(expect(await journey.http.get("/"), 200).text)


async def _answered(raw: bytes, max_body: int = _MEBIBYTE) -> Attempt:
    async with serving(answer(raw)) as server:
        return await walk(read, server.base_url, max_body=max_body)


@pytest.fixture(scope="module")
def bombs() -> dict[str, bytes]:
    """64 MiB of nothing, packed small."""
    bombs = {}
    for encoding, window in (("gzip", 31), ("deflate", 15)):
        packer = zlib.compressobj(wbits=window)
        packed = [packer.compress(bytes(_MEBIBYTE)) for _ in range(64)]
        bombs[encoding] = b"".join([*packed, packer.flush()])
    return bombs


@pytest.fixture
def small(bombs: dict[str, bytes]) -> Iterator[None]:  # noqa: ARG001 - packed before anything is measured
    """Fails the test when it held more than a few MiB at once."""
    tracemalloc.start()
    yield
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 * _MEBIBYTE, f"{peak / _MEBIBYTE:.0f} MiB"


async def _endless_plain(exchange: Exchange) -> None:
    await exchange.head()
    await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 400000000\r\n\r\n")
    while True:
        await exchange.send(b"x" * 65_536)


async def _endless_chunked(exchange: Exchange) -> None:
    await exchange.head()
    await exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await exchange.send(b"10000\r\n" + b"x" * 65_536 + b"\r\n")


async def _until_close(exchange: Exchange) -> None:
    await exchange.head()
    await exchange.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        await exchange.send(b"x" * 65_536)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("respond", [_endless_plain, _endless_chunked, _until_close])
async def test_reading_stops_at_the_cap(respond: object) -> None:
    async with serving(respond) as server:  # type: ignore[arg-type] # parametrize tells no types
        attempt = await walk(ask, server.base_url)
        assert server.sent < 16 * _MEBIBYTE
    assert (attempt.outcome, attempt.error) == (Outcome.FAILED, _TOO_LARGE)


@pytest.mark.parametrize(("size", "outcome"), [(1000, Outcome.PASSED), (1001, Outcome.FAILED)])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_the_cap_is_exact(size: int, outcome: Outcome, encoding: str) -> None:
    body = gzip.compress(b"x" * size) if encoding == "gzip" else b"x" * size
    async with serving(answer(reply(200, body, f"Content-Encoding: {encoding}"))) as server:
        attempt = await walk(ask, server.base_url, max_body=1000)
    assert attempt.outcome is outcome, attempt.error


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("status", [200, 503])
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "x-gzip", "GZIP", " gzip "])
async def test_a_compressed_bomb_goes_off_small(bombs: dict[str, bytes], encoding: str, status: int) -> None:
    bomb = bombs.get(encoding, bombs["gzip"])
    async with serving(answer(reply(status, bomb, f"Content-Encoding: {encoding}"))) as server:
        attempt = await walk(ask, server.base_url)
    assert (attempt.outcome, attempt.error) == (Outcome.FAILED, _TOO_LARGE)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Encoding: gzip, identity",),
        ("Content-Encoding: identity,gzip",),
        ("Content-Encoding: gzip", "Content-Encoding: identity"),
        ("Content-Encoding: gzip, gzip",),
        ("Content-Encoding: deflate, gzip",),
    ],
)
async def test_a_bomb_behind_several_encodings_is_not_unpacked_at_all(
    bombs: dict[str, bytes], headers: tuple[str, ...]
) -> None:
    attempt = await _answered(reply(200, bombs["gzip"], *headers))
    assert attempt.outcome is Outcome.FAILED
    assert "\ufffd" in attempt.error, "the packed bytes as they came"


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("charset", ["zlib", "bz2", "hex", "base64", "rot13", "idna", "undefined", "utf-7", "nonsense"])
async def test_a_charset_that_python_should_not_know_does_nothing(bombs: dict[str, bytes], charset: str) -> None:
    attempt = await _answered(reply(200, bombs["deflate"], f"Content-Type: text/plain; charset={charset}"))
    assert attempt.outcome is Outcome.FAILED, attempt.error
    assert "\ufffd" in attempt.error


async def test_text_is_utf_8_and_what_is_not_is_replaced() -> None:
    attempt = await _answered(reply(200, b"caf\xc3\xa9 \xff", "Content-Type: text/plain; charset=latin-1"))
    assert attempt.error == "café \ufffd"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_compressed_answer_nobody_asked_for_is_read_all_the_same(encoding: str) -> None:
    body = zlib.compress(b"hello") if encoding == "deflate" else gzip.compress(b"hello")
    attempt = await _answered(reply(200, body, f"Content-Encoding: {encoding}"))
    assert attempt.error == "hello"


@pytest.mark.parametrize(
    "body",
    [b"not gzip at all", gzip.compress(b"hello" * 100)[:-20], gzip.compress(b"hello")[:-8] + bytes(8)],
    ids=["no gzip", "cut", "wrong checksum"],
)
async def test_a_corrupt_compressed_body_is_the_services_failure(body: bytes) -> None:
    async with serving(answer(reply(200, body, "Content-Encoding: gzip"))) as server:
        attempt = await walk(ask, server.base_url)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error.startswith("ask: GET / answered with a ")


async def test_an_empty_body_may_call_itself_compressed() -> None:
    async with serving(answer(reply(200, b"", "Content-Encoding: gzip"))) as server:
        attempt = await walk(ask, server.base_url)
    assert attempt.outcome is Outcome.PASSED


async def test_no_compression_is_asked_for() -> None:
    async with serving(answer(reply(200))) as server:
        await walk(ask, server.base_url)
    assert b"\r\naccept-encoding: identity\r\n" in server.heads[0].lower()


async def test_a_streamed_body_is_capped_too() -> None:
    @probe(HttpSettings, unit="subject")
    async def stream(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("ask"), journey.http.stream("GET", "/") as response:
            async for _ in response.aiter_bytes():
                pass

    async with serving(_endless_chunked) as server:
        attempt = await walk(stream, server.base_url)
    assert (attempt.outcome, attempt.error) == (Outcome.FAILED, _TOO_LARGE)
