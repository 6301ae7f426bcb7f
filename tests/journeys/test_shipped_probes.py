"""The four probes that ship: they pass when all is well, and fail, never break, when the service does."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from omwatch.domain.attempt import Attempt, Outcome
from omwatch.sandbox.fault import Fault, JourneyName, Kind
from omwatch.sandbox.sandbox import Sandbox

Walk = Callable[..., Awaitable[Attempt]]

SUBJECTS = {
    "agent_login": "agent-01",
    "screen_pop": "caller-03",
    "chat_routing": "sales",
    "email_routing": "sales",
}
# Short limits, so that what never answers is found out soon.
LIMITS: dict[str, dict[str, object]] = {
    "agent_login": {"login_within": 0.3},
    "screen_pop": {"raised_within": 0.3},
    "chat_routing": {"open_within": 0.3},
    "email_routing": {"within": 0.5},
}
REFUSED = Fault()
STATUS = Fault(status=500)
SLOW = Fault(Kind.SLOW, latency=5)
HANG = Fault(Kind.HANG)
RESET = Fault(Kind.RESET)
WRONG = Fault(Kind.WRONG)
DOWN = Fault(Kind.DOWN)


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_probe_is_short_enough_to_be_understood_in_a_minute(name: str) -> None:
    probe = Path(__file__).parents[2] / "probes" / f"{name}.py"
    assert len(probe.read_text().splitlines()) <= 60


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("agent_login", ["log in", "become ready", "log out"]),
        ("screen_pop", ["raise an interaction", "run the flow", "pop the record"]),
        ("chat_routing", ["open the chat", "be offered to an agent", "exchange a message"]),
        ("email_routing", ["send the e-mail", "see it routed and remove it"]),
    ],
)
async def test_a_healthy_journey_passes_step_by_step(walk: Walk, name: str, steps: list[str]) -> None:
    attempt = await walk(name, SUBJECTS[name])
    assert (attempt.outcome, attempt.error) == (Outcome.PASSED, "")
    assert [step.name for step in attempt.steps] == steps


async def test_email_is_seen_by_imap_too(walk: Walk) -> None:
    attempt = await walk("email_routing", "sales", via="imap")
    assert (attempt.outcome, attempt.error) == (Outcome.PASSED, "")
    assert [step.name for step in attempt.steps] == ["send the e-mail", "see it in the mailbox and remove it"]


@pytest.mark.parametrize("via", ["http", "imap"])
async def test_no_email_is_left_behind(walk: Walk, via: str) -> None:
    for _ in range(2):
        attempt = await walk("email_routing", "sales", via=via)
        assert attempt.outcome is Outcome.PASSED
    other = "imap" if via == "http" else "http"
    assert (await walk("email_routing", "sales", via=other)).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("name", "fault", "error"),
    [
        ("agent_login", REFUSED, "log in: POST /media-bar/login answered 503, expected 200"),
        ("agent_login", STATUS, "log in: POST /media-bar/login answered 500, expected 200"),
        ("agent_login", SLOW, "log in: took longer than 0.3 s"),
        ("agent_login", HANG, "log in: took longer than 0.3 s"),
        ("agent_login", RESET, "log in: ReadError"),
        ("agent_login", WRONG, "become ready: logged in, but 'aux' instead of 'ready'"),
        ("agent_login", DOWN, "log in: ConnectError"),
        ("screen_pop", REFUSED, "raise an interaction: POST /interactions answered 503, expected 202"),
        ("screen_pop", STATUS, "raise an interaction: POST /interactions answered 500, expected 202"),
        ("screen_pop", SLOW, "raise an interaction: took longer than 0.3 s"),
        ("screen_pop", HANG, "raise an interaction: took longer than 0.3 s"),
        ("screen_pop", RESET, "raise an interaction: ReadError"),
        (
            "screen_pop",
            WRONG,
            "pop the record: {'record': 'crm-somebody-else', 'caller': 'caller-03'} popped up, expec",
        ),
        ("screen_pop", DOWN, "raise an interaction: ConnectError"),
        ("chat_routing", REFUSED, "open the chat: InvalidStatus: server rejected WebSocket connection: HTTP 503"),
        ("chat_routing", STATUS, "open the chat: InvalidStatus: server rejected WebSocket connection: HTTP 500"),
        ("chat_routing", SLOW, "open the chat: took longer than 0.3 s"),
        ("chat_routing", HANG, "open the chat: took longer than 0.3 s"),
        ("chat_routing", RESET, "open the chat: InvalidMessage: did not receive a valid HTTP response"),
        ("chat_routing", WRONG, "be offered to an agent: offered to an agent of queue 'support', expected 'sales'"),
        ("chat_routing", DOWN, "open the chat: ConnectionRefusedError"),
        ("email_routing", REFUSED, "see it routed and remove it: took longer than 0.5 s"),
        ("email_routing", STATUS, "send the e-mail: SMTPDataError: (500, "),
        ("email_routing", SLOW, "send the e-mail: SMTPReadTimeoutError"),
        ("email_routing", HANG, "send the e-mail: SMTPReadTimeoutError"),
        ("email_routing", RESET, "send the e-mail: SMTPServerDisconnected"),
        ("email_routing", WRONG, "see it routed and remove it: expected one e-mail in queue 'sales', got {'emails': "),
        ("email_routing", DOWN, "send the e-mail: SMTPConnectError"),
    ],
)
async def test_each_fault_fails_the_journey_with_a_telling_error(
    walk: Walk, sandbox: Sandbox, name: str, fault: Fault, error: str
) -> None:
    await sandbox.inject(JourneyName(name.replace("_", "-")), fault)
    attempt = await walk(name, SUBJECTS[name], **LIMITS[name])
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error.startswith(error)
    await sandbox.clear()
    assert (await walk(name, SUBJECTS[name])).outcome is Outcome.PASSED


@pytest.mark.parametrize("fault", [REFUSED, STATUS, SLOW, HANG, RESET, WRONG, DOWN])
async def test_each_fault_fails_the_journey_by_imap(walk: Walk, sandbox: Sandbox, fault: Fault) -> None:
    await sandbox.inject(JourneyName.EMAIL_ROUTING, fault)
    attempt = await walk("email_routing", "sales", via="imap", within=0.5)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error


async def test_forty_percent_of_fifty_agents_are_twenty(walk: Walk, sandbox: Sandbox) -> None:
    await sandbox.inject(JourneyName.AGENT_LOGIN, Fault(subjects=0.4))
    attempts = await asyncio.gather(*(walk("agent_login", f"agent-{number:02}") for number in range(1, 51)))
    outcomes = [attempt.outcome for attempt in attempts]
    assert (outcomes.count(Outcome.FAILED), outcomes.count(Outcome.PASSED)) == (20, 30)


@pytest.mark.parametrize("name", ["chat_routing", "email_routing"])
async def test_forty_percent_of_five_queues_are_two_every_time(walk: Walk, sandbox: Sandbox, name: str) -> None:
    await sandbox.inject(JourneyName(name.replace("_", "-")), Fault(status=500, subjects=0.4))
    queues = ["sales", "support", "billing", "returns", "press"]
    for _ in range(2):
        attempts = [await walk(name, queue) for queue in queues]
        assert [a.subject for a in attempts if a.outcome is Outcome.FAILED] == ["support", "press"]
