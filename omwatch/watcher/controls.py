"""Tries the site's controls: independent addresses that answer unless this site's own network is at fault."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import httpx

from omwatch.clock import Clock
from omwatch.config.controls import Control, Way
from omwatch.resolver import resolve_host
from omwatch.transport import AttemptTransport, PhaseWatch, shared_ssl_context

_MOST_BYTES = 1  # of a reply's body; none is read

Reach = Callable[[Control], Awaitable[None]]
"""Tries one control; raises when it does not answer."""


class Controls:
    """The controls of one site."""

    def __init__(self, controls: Sequence[Control], within_seconds: float, reach: Reach) -> None:
        """Prepare to try them; ``reach`` tries one."""
        self._controls = tuple(controls)
        self._within_seconds = within_seconds
        self._reach = reach

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self._controls)

    async def answer(self) -> bool:
        """Try all at once and tell whether any answered in time; the first answer ends it."""
        tries = [asyncio.ensure_future(self._answers(control)) for control in self._controls]
        try:
            for finished in asyncio.as_completed(tries):
                if await finished:
                    return True
        finally:
            for one in tries:
                one.cancel()
            await asyncio.gather(*tries, return_exceptions=True)
        return False

    async def _answers(self, control: Control) -> bool:
        try:
            async with asyncio.timeout(self._within_seconds):
                await self._reach(control)
        except Exception:  # noqa: BLE001 - whatever kept it from answering, it has not answered
            return False
        return True


def reach_by(clock: Clock) -> Reach:
    """Return the function that tries one control over the network.

    Args:
        clock: what the HTTP transport measures with.
    """

    async def reach(control: Control) -> None:
        match control.way:
            case Way.DNS:
                await resolve_host(control.host)
            case Way.TCP:
                await _connect(control.host, control.port)
            case Way.HTTP | Way.HTTPS:
                await _request(control.address, clock)

    return reach


async def _connect(host: str, port: int) -> None:
    trouble: OSError | None = None
    for address in await resolve_host(host):
        try:
            _, writer = await asyncio.open_connection(address, port)
        except OSError as error:
            trouble = error
        else:
            writer.close()
            return
    raise trouble or OSError(f"{host!r} has no address")


async def _request(address: str, clock: Clock) -> None:
    transport = AttemptTransport(PhaseWatch(clock), shared_ssl_context(), _MOST_BYTES)
    async with (
        httpx.AsyncClient(transport=transport, timeout=None, trust_env=False) as client,  # noqa: S113 - a try has one
        client.stream("GET", address, headers={"User-Agent": "omwatch"}),
    ):
        return
