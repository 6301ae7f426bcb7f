"""What the shipped probes make of services that answer anything at all: failed, never broken."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from omwatch.domain.attempt import Attempt, Outcome
from omwatch.sandbox.web import WebListener

Walk = Callable[..., Awaitable[Attempt]]

SESSION = b'{"session": "s", "state": "%s"}'
NESTED = "[" * 20_000
HUGE = "9" * 5_000
ODD = [
    NESTED.encode(),
    HUGE.encode(),
    b"\xff\xff",
    b"",
    b"null",
    b"[]",
    b"3",
    b'"text"',
    b"{}",
    b"<html>",
    b'{"session": 5, "state": []}',
    b'{"interaction": null}',
]


class Service:
    """A service that answers each method with whatever a test wants, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.frames: list[str | bytes] = []
        self.asked: list[str] = []
        routes = [
            WebSocketRoute("/chat", self._chat),
            Route("/{path:path}", self._answer, methods=["GET", "POST", "DELETE"]),
        ]
        self.listener = WebListener(routes)

    async def _answer(self, request: Request) -> Response:
        self.asked.append(f"{request.method} {request.url.path}")
        status, body = self.answers[request.method]
        return Response(body, status_code=status)

    async def _chat(self, chat: WebSocket) -> None:
        await chat.accept()
        for frame in self.frames:
            await (chat.send_text(frame) if isinstance(frame, str) else chat.send_bytes(frame))
        await chat.close()


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    made = Service()
    await made.listener.open()
    yield made
    made.listener.close()
    if made.listener.requests:
        await asyncio.wait(made.listener.requests)


@pytest.mark.parametrize("body", ODD)
@pytest.mark.parametrize(("name", "status"), [("agent_login", 200), ("screen_pop", 202)])
async def test_an_odd_answer_fails(walk: Walk, service: Service, name: str, status: int, body: bytes) -> None:
    service.answers["POST"] = (status, body)
    attempt = await walk(name, "agent-01", base_url=service.listener.url)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error


@pytest.mark.parametrize("body", [*ODD, b'{"flow": {"name": 1, "state": 2}, "pop": 3}', b'{"flow": [], "pop": {}}'])
async def test_an_odd_flow_fails(walk: Walk, service: Service, body: bytes) -> None:
    service.answers = {"POST": (202, b'{"interaction": "i"}'), "GET": (200, body)}
    attempt = await walk("screen_pop", "caller-03", base_url=service.listener.url)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error.startswith("run the flow: ")


@pytest.mark.parametrize("pop", [None, [], 3, {"record": None}, {"record": {"name": "crm-caller-03"}}])
async def test_an_odd_pop_fails(walk: Walk, service: Service, pop: object) -> None:
    flow = {"flow": {"name": "inbound-voice", "state": "completed"}, "pop": pop}
    service.answers = {"POST": (202, b'{"interaction": "i"}'), "GET": (200, json.dumps(flow).encode())}
    attempt = await walk("screen_pop", "caller-03", base_url=service.listener.url)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error.startswith("pop the record: ")
    assert "expected record 'crm-caller-03'" in attempt.error


@pytest.mark.parametrize("state", ["stuck", "failed"])
async def test_a_flow_that_does_not_complete_fails(walk: Walk, service: Service, state: str) -> None:
    flow = {"flow": {"name": "inbound-voice", "state": state}, "pop": None}
    service.answers = {"POST": (202, b'{"interaction": "i"}'), "GET": (200, json.dumps(flow).encode())}
    attempt = await walk("screen_pop", "caller-03", base_url=service.listener.url)
    assert (
        attempt.error == f"run the flow: flow 'inbound-voice' is '{state}', expected 'inbound-voice' to be 'completed'"
    )


@pytest.mark.parametrize("session", ["../../admin", "a b", "\x00\x1b[31m", "\ud800", "ü", "?x=#y"])
async def test_an_odd_session_name_stays_one_part_of_the_path(walk: Walk, service: Service, session: str) -> None:
    body = json.dumps({"session": session, "state": "ready"}).encode()
    service.answers = {"POST": (200, body), "GET": (200, body), "DELETE": (204, b"")}
    attempt = await walk("agent_login", "agent-01", base_url=service.listener.url)
    assert (attempt.outcome, attempt.error) == (Outcome.PASSED, "")
    assert service.asked[-1].startswith("DELETE /media-bar/login/")


@pytest.mark.parametrize("delete", [(204, b""), (500, b"no")])
async def test_an_agent_who_is_not_ready_is_logged_out_without_hiding_why(
    walk: Walk, service: Service, delete: tuple[int, bytes]
) -> None:
    service.answers = {"POST": (200, SESSION % b"after-call"), "DELETE": delete}
    attempt = await walk("agent_login", "agent-01", base_url=service.listener.url)
    assert attempt.error == "become ready: logged in, but 'after-call' instead of 'ready'"
    assert service.asked[-1] == "DELETE /media-bar/login/s"


async def test_an_agent_who_stays_connecting_is_not_ready_in_time_and_logged_out(walk: Walk, service: Service) -> None:
    connecting = (200, SESSION % b"connecting")
    service.answers = {"POST": connecting, "GET": connecting, "DELETE": (204, b"")}
    attempt = await walk("agent_login", "agent-01", base_url=service.listener.url, ready_within=0.3)
    assert attempt.error == "become ready: took longer than 0.3 s"
    assert service.asked[-1] == "DELETE /media-bar/login/s"


async def test_a_log_out_that_fails_fails_the_journey(walk: Walk, service: Service) -> None:
    service.answers = {"POST": (200, SESSION % b"ready"), "DELETE": (500, b"cannot")}
    attempt = await walk("agent_login", "agent-01", base_url=service.listener.url)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error == "log out: DELETE /media-bar/login/s answered 500, expected 204: 'cannot'"


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [NESTED],
        [HUGE],
        [""],
        ["null"],
        ["[]"],
        ["hello"],
        [b"\xff\xfe"],
        ['{"event": "offered"}'],
        ['{"event": "offered", "queue": []}'],
        ['{"event": "offered", "queue": "sales"}'],
        ['{"event": "offered", "queue": "sales"}', "null"],
        ['{"event": "offered", "queue": "sales"}', '{"event": "message", "text": 3}'],
        ['{"event": "offered", "queue": "sales"}', '{"event": "message", "text": "somebody else\'s chat"}'],
    ],
)
async def test_an_odd_chat_fails(walk: Walk, service: Service, frames: list[str | bytes]) -> None:
    service.frames = frames
    attempt = await walk("chat_routing", "sales", base_url=service.listener.url)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error.startswith(("be offered to an agent: ", "exchange a message: "))


@pytest.mark.parametrize("body", [*ODD, b'{"emails": [{}]}', b'{"emails": 3}', b'{"emails": [{"id": 1, "queue": {}}]}'])
async def test_an_odd_list_of_emails_fails(walk: Walk, service: Service, body: bytes) -> None:
    service.answers = {"GET": (200, body)}
    attempt = await walk("email_routing", "sales", base_url=service.listener.url)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error.startswith("see it routed and remove it: ")


async def talk_nonsense(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"nonsense\r\n* OK nonsense\r\n\xff\xff\r\n")
    writer.close()


@pytest.mark.parametrize("listener", ["smtp", "imap"])
async def test_a_mail_server_that_talks_nonsense_fails(walk: Walk, listener: str) -> None:
    server = await asyncio.start_server(talk_nonsense, "127.0.0.1", 0)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    attempt = await walk("email_routing", "sales", via="imap", within=0.3, **{listener: address})
    server.close()
    await server.wait_closed()
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error


async def test_a_mailbox_that_greets_and_falls_silent_fails_in_time_and_is_hung_up_on(walk: Walk) -> None:
    hung_up = asyncio.Event()

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        await reader.read()  # until the client has gone, whatever it says before
        hung_up.set()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    attempt = await walk("email_routing", "sales", via="imap", imap=address, within=0.3)
    assert (attempt.outcome, attempt.error) == (
        Outcome.FAILED,
        "see it in the mailbox and remove it: took longer than 0.3 s",
    )
    assert attempt.steps[-1].total_ms < 1000
    async with asyncio.timeout(1):
        await hung_up.wait()
    server.close()
    await server.wait_closed()
