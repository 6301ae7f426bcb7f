"""The shipped probes, walked by the watcher's own runner against a sandbox over real sockets."""

import importlib.util
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from omwatch.clock import SystemClock
from omwatch.config.home import Home
from omwatch.domain.attempt import Attempt
from omwatch.probe import Probe
from omwatch.sandbox.sandbox import Sandbox
from omwatch.watcher.runner import Guards, run_attempt
from tests.transport.conftest import certificate, tls

__all__ = ["certificate", "tls"]

PROBES = Path(__file__).parents[2] / "probes"

GUARDS = Guards(deadline_seconds=3)  # whatever a limit of the probe's own does not end, this does
Walk = Callable[..., Awaitable[Attempt]]


def load_probe(name: str) -> Probe:
    spec = importlib.util.spec_from_file_location(f"probes_{name}", PROBES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Probe = getattr(module, name)
    return found


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with Sandbox(Home(tmp_path), SystemClock()) as running:
        yield running


@pytest.fixture
def walk(sandbox: Sandbox) -> Walk:
    """Walk one probe once, pointed at the sandbox; keyword arguments are further settings."""

    async def once(name: str, subject: str, **settings: object) -> Attempt:
        probe = load_probe(name)
        addresses = sandbox.addresses
        given: dict[str, object] = {"base_url": addresses[name.replace("_", "-")], **settings}
        if name == "email_routing":
            given = {"smtp": addresses["smtp"], "imap": addresses["imap"], **given}
        return await run_attempt(name, subject, probe, probe.settings.model_validate(given), GUARDS, SystemClock())

    return once
