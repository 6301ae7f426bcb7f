"""Faults over the control port."""

from collections.abc import Callable

import httpx
import pytest

from omwatch.sandbox.fault import Fault, JourneyName, Kind
from omwatch.sandbox.sandbox import Sandbox

Http = Callable[[str], httpx.AsyncClient]


async def test_faults_are_injected_listed_and_cleared(sandbox: Sandbox, http: Http) -> None:
    control = http("control")
    assert (await control.get("/faults")).json() == {}
    reply = await control.put("/faults/agent-login", json={"kind": "refuse", "subjects": 0.4})
    assert reply.status_code == 200
    await control.put("/faults/screen-pop", json={"kind": "down"})
    assert sandbox.faults() == {
        JourneyName.AGENT_LOGIN: Fault(subjects=0.4),
        JourneyName.SCREEN_POP: Fault(Kind.DOWN),
    }
    assert (await control.get("/faults")).json()["agent-login"]["subjects"] == 0.4
    assert (await control.delete("/faults/agent-login")).status_code == 204
    assert list(sandbox.faults()) == [JourneyName.SCREEN_POP]
    assert (await control.delete("/faults")).status_code == 204
    assert sandbox.faults() == {}


async def test_an_unknown_journey_is_answered_with_the_known_ones(http: Http) -> None:
    reply = await http("control").put("/faults/agent-logn", json={})
    assert reply.status_code == 404
    assert "agent-login, screen-pop, chat-routing, email-routing" in reply.json()["error"]


@pytest.mark.parametrize("body", [{"subjects": 2}, {"kind": "explode"}, {"subjects": None}, {"colour": 1}])
async def test_an_impossible_fault_changes_nothing(sandbox: Sandbox, http: Http, body: dict[str, object]) -> None:
    assert (await http("control").put("/faults/agent-login", json=body)).status_code == 400
    assert sandbox.faults() == {}
