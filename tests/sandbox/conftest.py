"""A sandbox in the test's own event loop, and clients to talk to it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from omwatch.clock import SystemClock
from omwatch.config.home import Home
from omwatch.sandbox.sandbox import Sandbox
from omwatch.transport import shared_ssl_context

Http = Callable[[str], httpx.AsyncClient]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
async def sandbox(home: Home) -> AsyncIterator[Sandbox]:
    async with Sandbox(home, SystemClock()) as running:
        yield running


@pytest.fixture
async def http(sandbox: Sandbox) -> AsyncIterator[Http]:
    """Give a client for the HTTP listener with a name."""
    clients: list[httpx.AsyncClient] = []
    context = shared_ssl_context()  # each client would build its own, which takes longer than most tests

    def client(name: str) -> httpx.AsyncClient:
        address = sandbox.addresses[name]
        clients.append(httpx.AsyncClient(base_url=address, verify=context, trust_env=False, timeout=10))
        return clients[-1]

    yield client
    for opened in clients:
        await opened.aclose()
