"""Sending by command: paused, resumed, looked into, tried again and previewed, as lines and as JSON."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from omwatch.cli import main
from omwatch.clock import SystemClock
from omwatch.config.home import Home
from omwatch.domain.delivery import DeliveryState
from omwatch.store import Store, outbox
from omwatch.store.outbox import Settled
from tests.cli.running import Out, data, rule, run

UNKNOWN = "550 5.1.1 <{}> unknown"


@pytest.fixture
def home(tmp_path: Path, capsys: Out) -> str:
    """A home with three subscribers, of whom one wants to hear of chats alone."""
    assert main(["init", str(tmp_path)]) == 0
    main(["subscriber", "add", "ada@example.com", "bob@example.com", "--home", str(tmp_path)])
    main(["subscriber", "add", "chat@example.com", "--component", "Chat routing", "--home", str(tmp_path)])
    capsys.readouterr()
    return str(tmp_path)


def told(capsys: Out, home: str, component: str = "Chat routing") -> int:
    """Open an incident, and return the number of its update."""
    words = ("--text", "We look into it.", "--severity", "1", "--component", component)
    return int(data(capsys, home, "incident", "open", "It does not work", *words)["update"])


def settle(home: str, *states: DeliveryState) -> None:
    """Let the oldest deliveries come to this."""

    async def write() -> None:
        store = await Store.open(Home(Path(home)).database)
        now = SystemClock().now()
        async with store.writing() as connection:
            claimed = await outbox.claim(connection, "courier", len(states), now, now + timedelta(minutes=3))
            results = [
                Settled(item, state, "" if state is DeliveryState.SENT else UNKNOWN.format(item.address))
                for item, state in zip(claimed, states, strict=True)
            ]
            await outbox.settle(connection, "courier", results, now)
        await store.close()

    asyncio.run(write())


def test_an_empty_home_stands_still(home: str, capsys: Out) -> None:
    assert run(capsys, home, "broadcast", "status").splitlines() == [
        "notices leave",
        "0 queued, 0 sending, 0 sent, 0 failed, 0 dead (sent and dead: in the last 24 hours)",
    ]
    assert data(capsys, home, "broadcast", "status") == {
        "paused": None,
        "counts": {"queued": 0, "sending": 0, "sent": 0, "failed": 0, "dead": 0},
        "errors": [],
        "oldest_waiting": None,
    }
    assert run(capsys, home, "broadcast", "list") == "no such notices\n"
    assert run(capsys, home, "broadcast", "retry") == "nothing can be queued again\n"


def test_broadcasting_is_paused_with_a_reason_and_resumed(home: str, capsys: Out) -> None:
    said = run(capsys, home, "broadcast", "pause", "--why", "a storm")
    assert said == "broadcasting is paused; 'omwatch broadcast resume' lets notices leave again\n"
    assert "paused already, by" in run(capsys, home, "broadcast", "pause", "--why", "another")
    status = run(capsys, home, "broadcast", "status").splitlines()[0]
    assert status.startswith("paused since ")
    assert status.endswith(": a storm")
    assert data(capsys, home, "broadcast", "status")["paused"]["why"] == "a storm"
    assert data(capsys, home, "broadcast", "pause", "--why", "x")["paused"] is True
    assert run(capsys, home, "broadcast", "resume") == "notices leave again\n"
    assert run(capsys, home, "broadcast", "resume") == "broadcasting is not paused; nothing was changed\n"
    assert data(capsys, home, "broadcast", "resume") == {"paused": False, "was_paused": False}
    resumed, paused = run(capsys, home, "audit", "--noun", "broadcast").splitlines()
    assert "resume broadcast: " in resumed
    assert "pause broadcast: " in paused
    assert "a storm" in paused


def test_pausing_needs_a_reason(home: str, capsys: Out) -> None:
    assert "--why is missing" in run(capsys, home, "broadcast", "pause", status=2)
    assert "the reason is empty" in run(capsys, home, "broadcast", "pause", "--why", " ", status=1)


def test_a_viewer_looks_and_does_nothing(home: str, capsys: Out) -> None:
    rule(home, 'allow_as = true\nviewers = ["eve"]')
    for words in (("pause", "--why", "x"), ("resume",), ("retry",)):
        assert "eve is a viewer here" in run(capsys, home, "broadcast", *words, "--as", "eve", status=1)


def test_what_does_not_arrive_is_told_by_reason_and_tried_again(home: str, capsys: Out) -> None:
    update = told(capsys, home)
    settle(home, DeliveryState.DEAD, DeliveryState.DEAD, DeliveryState.SENT)
    first, counts, reason = run(capsys, home, "broadcast", "status").splitlines()
    assert first == "notices leave"
    assert counts.startswith("0 queued, 0 sending, 1 sent, 0 failed, 2 dead ")
    assert reason == "      2  550 5.1.1 <…> unknown"
    found = data(capsys, home, "broadcast", "status")
    assert found["errors"] == [{"error": "550 5.1.1 <…> unknown", "deliveries": 2}]
    assert run(capsys, home, "broadcast", "retry", "--error", "no such") == "nothing can be queued again\n"
    assert "there is no update 99" in run(capsys, home, "broadcast", "retry", "--update", "99", status=1)
    assert data(capsys, home, "broadcast", "retry", "--update", str(update), "--error", "550 5.1.1 <…> unknown") == {
        "update": update,
        "error": "550 5.1.1 <…> unknown",
        "deliveries": 2,
    }
    settle(home, DeliveryState.DEAD)
    assert run(capsys, home, "broadcast", "retry") == "1 notice queued again\n"
    assert "the oldest that waits was to leave at " in run(capsys, home, "broadcast", "status")


def test_notices_are_listed_newest_first_by_update_and_by_state(home: str, capsys: Out) -> None:
    first = told(capsys, home)
    settle(home, DeliveryState.SENT, DeliveryState.DEAD)
    second = told(capsys, home, "Agent login")
    assert [row["update"] for row in data(capsys, home, "broadcast", "list")] == [second] * 2 + [first] * 3
    (dead,) = data(capsys, home, "broadcast", "list", "--state", "dead")
    assert (dead["address"], dead["event"], dead["kind"], dead["tries"]) == ("bob@example.com", 1, "incident", 1)
    assert dead["error"] == "550 5.1.1 <bob@example.com> unknown"
    (line,) = run(capsys, home, "broadcast", "list", "--update", str(first), "--state", "sent").splitlines()
    assert line.endswith("update    1  incident 1 identified  ada@example.com  sent")
    assert len(run(capsys, home, "broadcast", "list", "--limit", "1").splitlines()) == 1
    assert "--state must be" in run(capsys, home, "broadcast", "list", "--state", "lost", status=2)


def test_a_dry_run_lists_exactly_who_would_get_a_notice(home: str, capsys: Out) -> None:
    words = ("broadcast", "dry-run", "--severity", "2", "--component", "Chat routing")
    first, *people, last = run(capsys, home, *words).splitlines()
    assert first == "incident, severity 2, Chat routing"
    assert [line.split()[1] for line in people] == ["ada@example.com", "bob@example.com", "chat@example.com"]
    assert last == "would reach 3 subscribers; nothing was sent"
    found = data(capsys, home, "broadcast", "dry-run", "--topic", "maintenance", "--component", "Agent login")
    assert [row["address"] for row in found] == ["ada@example.com", "bob@example.com"]
    assert data(capsys, home, "broadcast", "dry-run", "--topic", "subprocessor") == []
    assert run(capsys, home, "broadcast", "dry-run", "--topic", "subprocessor").splitlines() == [
        "subprocessor",
        "would reach 0 subscribers; nothing was sent",
    ]
    assert data(capsys, home, "broadcast", "list") == [], "nothing is queued for it"


def test_a_dry_run_of_an_update_is_for_whom_it_concerns_now(home: str, capsys: Out) -> None:
    update = told(capsys, home, "Agent login")
    first, *people, last = run(capsys, home, "broadcast", "dry-run", "--update", str(update)).splitlines()
    assert first == "update 1, incident 1 identified: It does not work"
    assert len(people) == 2
    assert last == "would reach 2 subscribers; nothing was sent"
    assert "there is no update 99" in run(capsys, home, "broadcast", "dry-run", "--update", "99", status=1)
    words = ("broadcast", "dry-run", "--update", str(update), "--severity", "1")
    assert "--update says all of a notice" in run(capsys, home, *words, status=2)
