"""The media bar, flows and chats, without and with faults."""

import json
from collections.abc import Callable

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidMessage, InvalidStatus

from omwatch.sandbox.fault import Fault, JourneyName, Kind
from omwatch.sandbox.sandbox import Sandbox

Http = Callable[[str], httpx.AsyncClient]


async def test_an_agent_logs_in_becomes_ready_and_logs_out(http: Http) -> None:
    bar = http("agent-login")
    reply = await bar.post("/media-bar/login", json={"user": "agent-01", "password": "any"})
    assert reply.status_code == 200
    session = reply.json()
    assert (session["user"], session["state"]) == ("agent-01", "connecting")
    here = f"/media-bar/login/{session['session']}"
    assert (await bar.get(here)).json()["state"] == "ready"
    assert (await bar.delete(here)).status_code == 204
    assert (await bar.get(here)).status_code == 404
    assert (await bar.delete(here)).status_code == 404


async def test_the_password_wrong_is_wrong(http: Http) -> None:
    reply = await http("agent-login").post("/media-bar/login", json={"user": "agent-01", "password": "wrong"})
    assert reply.status_code == 401


async def test_a_wrong_login_never_becomes_ready(sandbox: Sandbox, http: Http) -> None:
    await sandbox.inject(JourneyName.AGENT_LOGIN, Fault(Kind.WRONG))
    bar = http("agent-login")
    session = (await bar.post("/media-bar/login", json={"user": "agent-01"})).json()["session"]
    assert (await bar.get(f"/media-bar/login/{session}")).json()["state"] == "aux"


async def test_an_interaction_runs_its_flow_and_pops_the_callers_record(http: Http) -> None:
    flows = http("screen-pop")
    reply = await flows.post("/interactions", json={"caller": "caller-03"})
    assert reply.status_code == 202
    here = f"/interactions/{reply.json()['interaction']}"
    assert (await flows.get(here)).json() == {"flow": {"name": "inbound-voice", "state": "running"}, "pop": None}
    assert (await flows.get(here)).json() == {
        "flow": {"name": "inbound-voice", "state": "completed"},
        "pop": {"record": "crm-caller-03", "caller": "caller-03"},
    }
    assert (await flows.get("/interactions/unknown")).status_code == 404


async def test_a_wrong_pop_shows_somebody_elses_record(sandbox: Sandbox, http: Http) -> None:
    await sandbox.inject(JourneyName.SCREEN_POP, Fault(Kind.WRONG))
    flows = http("screen-pop")
    token = (await flows.post("/interactions", json={"caller": "caller-03"})).json()["interaction"]
    await flows.get(f"/interactions/{token}")
    assert (await flows.get(f"/interactions/{token}")).json()["pop"]["record"] == "crm-somebody-else"


def chat_address(sandbox: Sandbox, query: str = "queue=sales&customer=ada") -> str:
    return f"{sandbox.addresses['chat-routing'].replace('http', 'ws', 1)}/chat?{query}"


async def test_a_chat_is_offered_to_its_queue_and_answered(sandbox: Sandbox) -> None:
    async with connect(chat_address(sandbox), proxy=None) as chat:
        assert json.loads(await chat.recv()) == {"event": "offered", "queue": "sales", "agent": "agent-07"}
        for text in ("hello", "still there?"):
            await chat.send(json.dumps({"text": text}))
            assert json.loads(await chat.recv())["text"] == f"You wrote: {text}"


@pytest.mark.parametrize("message", ["hello", "[]", "3", '{"words": 1}'])
async def test_a_message_without_text_is_answered_with_what_to_send(sandbox: Sandbox, message: str) -> None:
    async with connect(chat_address(sandbox), proxy=None) as chat:
        await chat.recv()
        await chat.send(message)
        assert json.loads(await chat.recv())["event"] == "error"


@pytest.mark.parametrize("query", ["", "queue=", "queue=" + "x" * 201])
async def test_a_chat_names_its_queue(sandbox: Sandbox, query: str) -> None:
    with pytest.raises(InvalidStatus, match="HTTP 400"):
        await connect(chat_address(sandbox, query), proxy=None)


async def test_a_refused_chat_is_no_chat(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    await sandbox.inject(JourneyName.CHAT_ROUTING, Fault(status=502))
    with pytest.raises(InvalidStatus, match="HTTP 502"):
        await connect(chat_address(sandbox), proxy=None)
    assert "handshake" not in caplog.text


async def test_a_chat_can_be_reset_before_it_opens(sandbox: Sandbox) -> None:
    await sandbox.inject(JourneyName.CHAT_ROUTING, Fault(Kind.RESET))
    with pytest.raises((InvalidMessage, OSError)):
        await connect(chat_address(sandbox), proxy=None)


async def test_a_hung_chat_never_opens_and_may_be_given_up(sandbox: Sandbox) -> None:
    await sandbox.inject(JourneyName.CHAT_ROUTING, Fault(Kind.HANG))
    with pytest.raises(TimeoutError):
        await connect(chat_address(sandbox), proxy=None, open_timeout=0.1)


async def test_a_wrong_chat_is_offered_elsewhere(sandbox: Sandbox) -> None:
    await sandbox.inject(JourneyName.CHAT_ROUTING, Fault(Kind.WRONG))
    async with connect(chat_address(sandbox), proxy=None) as chat:
        assert json.loads(await chat.recv())["queue"] == "support"


async def test_the_share_of_queues_is_the_same_for_every_chat(sandbox: Sandbox) -> None:
    await sandbox.inject(JourneyName.CHAT_ROUTING, Fault(Kind.WRONG, subjects=0.4))
    offered = {}
    for number in range(1, 6):
        async with connect(chat_address(sandbox, f"queue=queue-{number}"), proxy=None) as chat:
            offered[number] = json.loads(await chat.recv())["queue"]
    assert [number for number, queue in offered.items() if queue != f"queue-{number}"] == [2, 5]
