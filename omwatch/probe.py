"""All that a probe file may import: ``from omwatch.probe import HttpSettings, Journey, expect, probe, …``.

A probe is an async function that walks one synthetic journey, once, for one subject::

    @probe(Settings, unit="subject", noun="agent")
    async def agent_login(journey: Journey, settings: Settings) -> None:
        async with journey.step("log in", within=3.0):
            expect(await journey.http.post("/login", json=settings.credentials(journey.subject)), 200)

It passes by returning. It **fails**, which counts against the service, by raising :class:`Unmet`, by a transport error
or by running out of time. Anything else it raises is **broken**: our own mistake, shown to operators, never counted.
"""

import asyncio
import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from omwatch.clock import Clock
from omwatch.domain.attempt import OurFault, Step, Unit, Unmet
from omwatch.domain.safetext import clean
from omwatch.transport import MAX_REDIRECTS, AttemptTransport, PhaseWatch, shared_ssl_context

__all__ = [
    "HttpSettings",
    "Journey",
    "OurFault",
    "Probe",
    "SecretStr",
    "Settings",
    "Unmet",
    "expect",
    "probe",
]

_EXCERPT = 120
_MILLISECONDS = 1000.0
_ADDRESS = re.compile(r"(https?://[^\s/]+(/\S*)?|sandbox:[a-z-]+)\Z")


class Settings(BaseModel):
    """The keys a probe adds to its ``[checks.*]`` tables; subclass it, one annotated field per key."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class HttpSettings(Settings):
    """The keys of every probe that speaks HTTP."""

    base_url: str = Field(description="where the service answers: http://, https:// or sandbox:NAME")
    user: str = Field("", description="log in as this user; empty means the subject's own name")
    password: SecretStr = Field(SecretStr(""), description="keep it in the environment or the secrets folder")
    ca_file: Path | None = Field(None, description="trust only the certificate authorities in this file")

    @field_validator("base_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        if not _ADDRESS.match(value):
            raise ValueError("must start with http:// or https://, or be sandbox:NAME")
        return value.rstrip("/")

    def credentials(self, subject: str) -> dict[str, str]:
        """Return ``{"user": …, "password": …}`` for one subject, ready to be sent as JSON."""
        return {"user": self.user or subject, "password": self.password.get_secret_value()}


class Journey:
    """One attempt under way: who is tried, the HTTP client, and the steps so far."""

    def __init__(self, subject: str, marker: str, clock: Clock, settings: Settings, max_body_bytes: int) -> None:
        """Prepare an attempt; :mod:`omwatch.watcher.runner` does this, and the tests of a probe may."""
        self.subject = subject
        self.marker = marker
        """Text that no other attempt has, to find this attempt's own e-mail or chat again."""
        self.steps: list[Step] = []
        self._clock = clock
        self._settings = settings
        self._max_body_bytes = max_body_bytes
        self._watch = PhaseWatch(clock)
        self._started = clock.monotonic()
        self._client: httpx.AsyncClient | None = None

    @property
    def http(self) -> httpx.AsyncClient:
        """The HTTP client of this attempt alone: its own connections and cookies, bodies capped, redirects few."""
        if self._client is None:
            self._client = self._new_client()
        return self._client

    @asynccontextmanager
    async def step(self, name: str, within: float | None = None) -> AsyncIterator[None]:
        """Name and time a part of the journey; ``within`` bounds it in seconds.

        Raises:
            Unmet: the step took longer than ``within``.
        """
        started = self._clock.monotonic()
        error = ""
        try:
            async with asyncio.timeout(within) as limit:
                yield
        except TimeoutError as late:
            unmet = Unmet(f"took longer than {within:g} s") if limit.expired() else late
            error = describe(unmet)
            raise unmet from late
        except asyncio.CancelledError:
            error = "cut off"
            raise
        except Exception as trouble:
            error = describe(trouble)
            raise
        finally:
            self.steps.append(self._finished(name, started, error))

    async def sleep(self, seconds: float) -> None:
        """Wait between two looks at something that takes its time."""
        await self._clock.sleep(seconds)

    async def aclose(self) -> None:
        """Close the client's connections, if it ever opened any."""
        if self._client is not None:
            await self._client.aclose()

    def _finished(self, name: str, started: float, error: str) -> Step:
        now = self._clock.monotonic()
        return Step(
            name=clean(name),
            started_ms=(started - self._started) * _MILLISECONDS,
            total_ms=(now - started) * _MILLISECONDS,
            phases=self._watch.take(),
            error=error,
        )

    def _new_client(self) -> httpx.AsyncClient:
        if not isinstance(self._settings, HttpSettings):
            raise TypeError("journey.http needs the probe's settings to be a subclass of HttpSettings")
        context = shared_ssl_context(self._settings.ca_file)
        return httpx.AsyncClient(
            base_url=self._settings.base_url,
            transport=AttemptTransport(self._watch, context, self._max_body_bytes),
            headers={"Accept-Encoding": "identity", "User-Agent": "omwatch"},
            follow_redirects=True,
            max_redirects=MAX_REDIRECTS,
            timeout=None,  # noqa: S113 - a dripping reply outlives httpx's timeouts; the attempt's deadline bounds all
            trust_env=False,
        )


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
    body = response.content[: _EXCERPT * 4].decode("utf-8", errors="replace")
    quoted = f": {clean(body, _EXCERPT)!r}" if body.strip() else ""
    request = f"{response.request.method} {response.request.url.path}"
    raise Unmet(f"{request} answered {response.status_code}, expected {wanted}{quoted}")


def describe(error: BaseException) -> str:
    """Return one clean line about an exception, always saying something."""
    if isinstance(error, Unmet | OurFault):
        return clean(str(error))
    text = str(error).strip()
    name = type(error).__name__
    return clean(f"{name}: {text}" if text else name)
