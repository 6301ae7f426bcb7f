"""All that a probe file may import: ``from omwatch.probe import HttpSettings, Journey, expect, probe, …``.

A probe is an async function that walks one synthetic journey, once, for one subject::

    @probe(Settings, unit="subject", noun="agent")
    async def agent_login(journey: Journey, settings: Settings) -> None:
        async with journey.step("log in", within=3.0):
            expect(await journey.http.post("/login", json=settings.credentials(journey.subject)), 200)

It passes by returning. It **fails**, which counts against the service, by raising :class:`Unmet`, by a transport error
or by running out of time. Anything else it raises is **broken**: our own mistake, shown to operators, never counted.
"""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import httpx
from pydantic import SecretStr

from omwatch.domain.attempt import OurFault, Unit, Unmet
from omwatch.domain.safetext import clean
from omwatch.journey import HttpSettings, Journey, Settings
from omwatch.mailbox import Mailbox

__all__ = [
    "HttpSettings",
    "Journey",
    "Mailbox",
    "OurFault",
    "Probe",
    "SecretStr",
    "Settings",
    "Unmet",
    "expect",
    "probe",
]

_EXCERPT = 120
S = TypeVar("S", bound=Settings)


@dataclass(frozen=True, slots=True)
class Probe:
    """The code of one synthetic journey, with what the watcher needs to know about it."""

    name: str
    """The function's name, as ``probe = "…"`` in config.toml says it."""
    walk: Callable[[Journey, Any], Awaitable[None]]
    settings: type[Settings]
    unit: Unit
    noun: str
    """What is counted, in the singular: "agent", "chat". Also names numbered subjects: agent-01, agent-02."""
    summary: str
    """The first line of its docstring."""
    failures: tuple[type[Exception], ...] = ()
    """Exceptions of its libraries that are the service's fault."""


def probe(
    settings: type[S],
    *,
    unit: Literal["subject", "interaction"],
    noun: str = "subject",
    failures: tuple[type[Exception], ...] = (),
) -> Callable[[Callable[[Journey, S], Awaitable[None]]], Probe]:
    """Make an ``async def name(journey, settings)`` a probe.

    Args:
        settings: the model of its keys in ``[checks.*]``.
        unit: ``"subject"`` counts subjects whose latest attempt failed; ``"interaction"`` counts every attempt.
        noun: what is counted, in the singular.
        failures: exceptions of the libraries it uses that mean the service failed, such as a closed WebSocket.
    """

    def make(walk: Callable[[Journey, S], Awaitable[None]]) -> Probe:
        if not inspect.iscoroutinefunction(walk):
            raise TypeError(f"probe {walk.__name__}: write it as 'async def {walk.__name__}(journey, settings)'")
        summary = clean((walk.__doc__ or "").strip().split("\n")[0])
        return Probe(walk.__name__, walk, settings, Unit(unit), noun, summary, failures)

    return make


def expect(response: httpx.Response, *statuses: int) -> httpx.Response:
    """Return the response if its status is one of those named.

    Raises:
        Unmet: it is not; the message quotes the request, both statuses and the beginning of the body.
    """
    if response.status_code in statuses:
        return response
    wanted = " or ".join(map(str, statuses))
    request = f"{response.request.method} {response.request.url.path}"
    raise Unmet(f"{request} answered {response.status_code}, expected {wanted}{_excerpt(response)}")


def _excerpt(response: httpx.Response) -> str:
    try:
        body = response.content[: _EXCERPT * 4].decode("utf-8", errors="replace")
    except httpx.ResponseNotRead:  # it is being streamed
        return ""
    return f": {clean(body, _EXCERPT)!r}" if body.strip() else ""
