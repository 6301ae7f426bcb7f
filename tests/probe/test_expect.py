"""The words of expect(), as operators read them."""

import httpx
import pytest

from omwatch.domain.attempt import Outcome
from omwatch.probe import HttpSettings, Journey, Unmet, expect, probe
from tests.probe.loopback import answer, reply, serving
from tests.probe.walking import walk


def _answered(status: int, body: bytes = b"", method: str = "POST", path: str = "/login") -> httpx.Response:
    return httpx.Response(status, content=body, request=httpx.Request(method, f"http://media-bar.test{path}"))


def test_the_expected_reply_is_handed_back() -> None:
    response = _answered(200)
    assert expect(response, 200) is response


def test_any_of_several_statuses_will_do() -> None:
    response = _answered(204)
    assert expect(response, 200, 204) is response


@pytest.mark.parametrize(
    ("response", "wanted", "said"),
    [
        (
            _answered(503, b"upstream connect error"),
            (200,),
            "POST /login answered 503, expected 200: 'upstream connect error'",
        ),
        (_answered(404, b"", "GET", "/agents/7"), (200, 204), "GET /agents/7 answered 404, expected 200 or 204"),
        (_answered(500, b" \r\n "), (200,), "POST /login answered 500, expected 200"),
        (_answered(500, b"one\ntwo"), (200,), "POST /login answered 500, expected 200: 'one two'"),
        (_answered(500, b"caf\xe9"), (200,), "POST /login answered 500, expected 200: 'caf\ufffd'"),
        (_answered(500, b"x" * 500), (200,), f"POST /login answered 500, expected 200: '{'x' * 119}…'"),
        (_answered(500, "é".encode() * 500), (200,), f"POST /login answered 500, expected 200: '{'é' * 119}…'"),
    ],
    ids=["quoted", "no body", "blank body", "lines", "not utf-8", "long", "long and not ascii"],
)
def test_an_unexpected_reply_is_told_in_one_line(response: httpx.Response, wanted: tuple[int, ...], said: str) -> None:
    with pytest.raises(Unmet) as unmet:
        expect(response, *wanted)
    assert str(unmet.value) == said


def test_a_query_is_not_told_because_it_may_hold_a_token() -> None:
    with pytest.raises(Unmet) as unmet:
        expect(_answered(403, path="/login?token=0123456789"), 200)
    assert "0123456789" not in str(unmet.value)


async def test_a_reply_that_is_still_streamed_can_be_judged_by_its_status() -> None:
    @probe(HttpSettings, unit="interaction")
    async def stream(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("ask"), journey.http.stream("GET", "/") as response:
            expect(response, 200)

    async with serving(answer(reply(503, b"busy"))) as server:
        attempt = await walk(stream, server.base_url)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error == "ask: GET / answered 503, expected 200"
