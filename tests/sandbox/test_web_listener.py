"""What every HTTP listener of the sandbox does with faults and with odd requests."""

import asyncio
from collections.abc import Callable

import httpx
import pytest

from omwatch.clock import SystemClock
from omwatch.sandbox.fault import Fault, JourneyName, Kind
from omwatch.sandbox.sandbox import Sandbox

Http = Callable[[str], httpx.AsyncClient]

LOGIN = JourneyName.AGENT_LOGIN


async def log_in(client: httpx.AsyncClient, user: str = "agent-01") -> httpx.Response:
    return await client.post("/media-bar/login", json={"user": user, "password": "x"})


@pytest.mark.parametrize("status", [None, 500, 404, 429])
async def test_a_refusal_is_an_error_status(sandbox: Sandbox, http: Http, status: int | None) -> None:
    await sandbox.inject(LOGIN, Fault(status=status))
    assert (await log_in(http("agent-login"))).status_code == (status or 503)


async def test_latency_is_added(sandbox: Sandbox, http: Http) -> None:
    clock = SystemClock()
    await sandbox.inject(LOGIN, Fault(Kind.SLOW, latency=0.05))
    started = clock.monotonic()
    assert (await log_in(http("agent-login"))).status_code == 200
    assert clock.monotonic() - started >= 0.05


async def test_a_hang_never_answers_until_the_fault_is_cleared(sandbox: Sandbox, http: Http) -> None:
    await sandbox.inject(LOGIN, Fault(Kind.HANG))
    hung = asyncio.ensure_future(log_in(http("agent-login")))
    done, _ = await asyncio.wait([hung], timeout=0.1)
    assert not done
    await sandbox.clear()
    assert (await hung).status_code == 200


async def test_hung_clients_that_give_up_leave_nothing_behind(sandbox: Sandbox, http: Http) -> None:
    await sandbox.inject(LOGIN, Fault(Kind.HANG))
    client = http("agent-login")
    hung = [asyncio.ensure_future(log_in(client, f"agent-{number}")) for number in range(50)]
    await asyncio.wait(hung, timeout=0.2)
    for call in hung:
        call.cancel()
    await asyncio.gather(*hung, return_exceptions=True)
    await sandbox.inject(LOGIN, Fault(Kind.WRONG))
    assert (await log_in(client)).json()["state"] == "aux"


async def test_many_hung_connections_do_not_keep_others_waiting(sandbox: Sandbox, http: Http) -> None:
    await sandbox.inject(LOGIN, Fault(Kind.HANG))
    hung = [asyncio.ensure_future(log_in(http("agent-login"))) for _ in range(100)]
    await asyncio.wait(hung, timeout=0.2)
    async with asyncio.timeout(2):
        assert (await http("screen-pop").post("/interactions", json={"caller": "caller-03"})).status_code == 202
    await sandbox.clear()
    assert {(await call).status_code for call in hung} == {200}


async def test_a_reset_breaks_the_connection(sandbox: Sandbox, http: Http) -> None:
    await sandbox.inject(LOGIN, Fault(Kind.RESET))
    with pytest.raises(httpx.ReadError):
        await log_in(http("agent-login"))


async def test_down_refuses_connections_and_comes_back_on_the_same_port(sandbox: Sandbox, http: Http) -> None:
    client = http("agent-login")
    await log_in(client)
    await sandbox.inject(LOGIN, Fault(Kind.DOWN))
    with pytest.raises(httpx.TransportError):  # the connection kept alive was cut
        await log_in(client)
    with pytest.raises(httpx.ConnectError):
        await log_in(client)
    await sandbox.clear(LOGIN)
    assert (await log_in(client)).status_code == 200


async def test_another_fault_brings_a_journey_up_again(sandbox: Sandbox, http: Http) -> None:
    await sandbox.inject(LOGIN, Fault(Kind.DOWN))
    await sandbox.inject(LOGIN, Fault(status=500))
    assert (await log_in(http("agent-login"))).status_code == 500


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b'{"user": ""}', 400),
        (b'{"user": 5}', 400),
        (b'{"user": "%s"}' % (b"x" * 201), 400),
        (b"x" * 70_000, 413),
    ],
)
async def test_odd_bodies_are_refused(http: Http, body: bytes, status: int) -> None:
    assert (await http("agent-login").post("/media-bar/login", content=body)).status_code == status


async def test_other_host_names_are_refused(http: Http) -> None:
    reply = await http("control").get("/mail", headers={"Host": "evil.example"})
    assert reply.status_code == 400
