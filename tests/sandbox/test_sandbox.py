"""The sandbox as a whole: addresses, ports, the lock and the record."""

import asyncio
from pathlib import Path

import httpx
import pytest

from omwatch.clock import SystemClock
from omwatch.config.addresses import read_record, resolve
from omwatch.config.home import Home
from omwatch.sandbox.fault import Fault, JourneyName, Kind
from omwatch.sandbox.sandbox import Sandbox, SandboxRunning


async def test_every_address_is_recorded_in_the_home(sandbox: Sandbox, home: Home) -> None:
    record = read_record(home)
    assert record is not None
    assert record.addresses == sandbox.addresses
    assert list(record.addresses) == [
        "agent-login",
        "screen-pop",
        "chat-routing",
        "email-routing",
        "control",
        "smtp",
        "imap",
        "sink",
    ]
    assert resolve(home, "sandbox:agent-login").startswith("http://127.0.0.1:")
    assert resolve(home, "sandbox:smtp").startswith("127.0.0.1:")


async def test_a_home_has_one_sandbox(sandbox: Sandbox, home: Home) -> None:
    with pytest.raises(SandboxRunning, match=r"a sandbox runs in .* already"):
        await Sandbox(home, SystemClock()).start()
    assert read_record(home) is not None
    assert sandbox.addresses


async def test_two_homes_never_collide(tmp_path: Path) -> None:
    async with (
        Sandbox(Home(tmp_path / "one"), SystemClock()) as one,
        Sandbox(Home(tmp_path / "two"), SystemClock()) as two,
    ):
        assert not set(one.addresses.values()) & set(two.addresses.values())


async def test_a_restart_keeps_the_ports(home: Home) -> None:
    async with Sandbox(home, SystemClock()) as first:
        addresses = first.addresses
    assert read_record(home) is None
    assert not home.sandbox_record.exists()
    async with Sandbox(home, SystemClock()) as second:
        assert second.addresses == addresses


async def test_ports_are_kept_after_a_crash_too(home: Home) -> None:
    async with Sandbox(home, SystemClock()) as first:
        addresses = first.addresses
        left_behind = home.sandbox_record.read_text()
    home.sandbox_record.write_text(left_behind)
    async with Sandbox(home, SystemClock()) as second:
        assert second.addresses == addresses


@pytest.mark.parametrize("record", ["", "[]", '{"addresses": []}', '{"addresses": {"smtp": "x"}}', '{"addresses": 3}'])
async def test_an_unreadable_record_is_no_obstacle(home: Home, record: str) -> None:
    home.make_data()
    home.sandbox_record.write_text(record)
    async with Sandbox(home, SystemClock()) as started:
        assert len(started.addresses) == 8


async def test_stopping_ends_hung_requests_at_once(home: Home) -> None:
    clock = SystemClock()
    sandbox = Sandbox(home, clock)
    await sandbox.start()
    await sandbox.inject(JourneyName.AGENT_LOGIN, Fault(Kind.HANG))
    async with httpx.AsyncClient(base_url=sandbox.addresses["agent-login"], trust_env=False) as client:
        hung = asyncio.ensure_future(client.post("/media-bar/login", json={"user": "agent-01"}))
        await asyncio.wait([hung], timeout=0.1)
        started = clock.monotonic()
        await sandbox.stop()
        assert clock.monotonic() - started < 0.4
        with pytest.raises(httpx.TransportError):
            await hung


async def test_stopping_twice_or_never_started_is_harmless(home: Home) -> None:
    sandbox = Sandbox(home, SystemClock())
    await sandbox.stop()
    await sandbox.start()
    await sandbox.stop()
    await sandbox.stop()
