"""One attempt under way: the settings it runs with, its HTTP client, and its steps."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from omwatch.clock import Clock
from omwatch.describing import describe, family
from omwatch.domain.attempt import OurFault, Step, TooLate, Unmet, Unresolved
from omwatch.domain.safetext import clean, is_clean
from omwatch.transport import MAX_REDIRECTS, AttemptTransport, PhaseWatch, shared_ssl_context

_BLOT = "•••"
_SHORTEST_SECRET = 4
"""Hiding anything shorter would blot out half of every sentence, and hide nothing."""
_MILLISECONDS = 1000.0
_SANDBOX = re.compile(r"sandbox:[a-z-]+")


class Settings(BaseModel):
    """The keys a probe adds to its ``[checks.*]`` tables; subclass it, one annotated field per key.

    A string below a field says in the reference what it is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class HttpSettings(Settings):
    """The keys of every probe that speaks HTTP."""

    base_url: str = Field(description="where the service answers: http://, https:// or sandbox:NAME")
    user: str = Field(default="", description="log in as this user; empty means the subject's own name")
    password: SecretStr = Field(default=SecretStr(""), description="keep it in the environment or the secrets folder")
    ca_file: Path | None = Field(default=None, description="trust only the certificate authorities in this file")

    @field_validator("base_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        if _SANDBOX.fullmatch(value):
            return value
        if not value.startswith(("http://", "https://")) or not all(map(is_clean, value)) or " " in value:
            raise ValueError("must start with http:// or https://, or be sandbox:NAME")
        try:
            url = httpx.URL(value)
        except httpx.InvalidURL:  # its words would quote a part of what may be a password
            raise ValueError("must be an address such as https://media-bar.test:8443/eu") from None
        if not url.host or (url.port or 1) not in range(1, 65_536):
            raise ValueError("must name a host, and a port if it is not the usual one: https://media-bar.test:8443")
        if url.userinfo:
            raise ValueError("must not hold a user or a password: addresses are shown, and both have their own keys")
        if url.query or url.fragment:
            raise ValueError("must end before any '?' or '#'; what a request asks for is up to the probe")
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
        self._ended_by: BaseException | None = None
        self._client: httpx.AsyncClient | None = None

    @property
    def http(self) -> httpx.AsyncClient:
        """The HTTP client of this attempt alone: its own connections and cookies, bodies capped, redirects few."""
        if self._client is None:
            self._client = self._new_client()
        return self._client

    @property
    def ssl(self) -> ssl.SSLContext:
        """Whom TLS trusts in other protocols than HTTP: those in the settings' ``ca_file``, or whom the system trusts.

        Shared by all attempts, so don't change it, and there whether TLS is spoken or not.
        """
        ca_file = self._settings.ca_file if isinstance(self._settings, HttpSettings) else None
        return shared_ssl_context(ca_file, for_http=False)

    @asynccontextmanager
    async def step(self, name: str, within: float | None = None) -> AsyncIterator[None]:
        """Name and time a part of the journey; ``within`` bounds it in seconds.

        Raises:
            Unmet: the step took longer than ``within``.
        """
        started = self._clock.monotonic()
        error = ""
        try:
            async with self._limit(within):
                yield
        except asyncio.CancelledError as cut:
            error, self._ended_by = "cut off", cut
            raise
        except BaseException as trouble:
            error, self._ended_by = describe(trouble), trouble
            raise
        finally:
            self.steps.append(self._finished(name, started, error))

    @asynccontextmanager
    async def _limit(self, within: float | None) -> AsyncIterator[None]:
        late: TimeoutError | None = None
        try:
            async with asyncio.timeout(within) as limit:
                yield
        except TimeoutError as timeout:
            if not limit.expired():
                raise
            late = timeout
        # Seen here as well when the probe swallowed what should have stopped it.
        if limit.expired():
            raise self.too_late(f"took longer than {within:g} s") from late

    async def sleep(self, seconds: float) -> None:
        """Wait between two looks at something that takes its time."""
        await self._clock.sleep(seconds)

    def too_late(self, what: str) -> Unmet | OurFault:
        """Return whose fault it is that time ran out: the service's, unless a name was still being looked up."""
        host = self._watch.resolving
        return Unresolved(f"the resolver did not answer for {host!r} in time") if host else TooLate(what)

    def left_by(self, trouble: BaseException) -> str:
        """Return the name of the last step if it was this trouble that ended it, else nothing."""
        ended = self._ended_by is not None and any(link is self._ended_by for link in family(trouble))
        return self.steps[-1].name if ended else ""

    def told(self, text: str) -> str:
        """Return text about this attempt as it may be kept: the secrets among its settings are blotted out."""
        secrets = [value.get_secret_value() for _, value in self._settings if isinstance(value, SecretStr)]
        for secret in sorted(filter(_worth_hiding, secrets), key=len, reverse=True):
            text = text.replace(secret, _BLOT)
        return clean(text)

    async def aclose(self) -> None:
        """Close the client's connections, if it ever opened any."""
        if self._client is not None:
            await self._client.aclose()

    def _finished(self, name: str, started: float, error: str) -> Step:
        now = self._clock.monotonic()
        return Step(
            name=self.told(name),
            started_ms=(started - self._started) * _MILLISECONDS,
            total_ms=(now - started) * _MILLISECONDS,
            phases=self._watch.take(),
            error=self.told(error),
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


def _worth_hiding(secret: str) -> bool:
    return len(secret) >= _SHORTEST_SECRET
