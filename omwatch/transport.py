"""The HTTP client of one attempt: a fresh connection, measured phases, and guards against hostile replies.

One client per attempt over one shared SSL context: a shared connection pool can break for good when attempts
are cancelled (httpcore issue 1093), and building an SSL context costs more than a whole request.
"""

import functools
import ssl
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpcore
import httpx

from omwatch.clock import Clock
from omwatch.domain.attempt import OurFault, Phases, Unmet
from omwatch.resolver import resolve_host

MAX_REDIRECTS = 3
_DECODABLE = frozenset({"gzip", "x-gzip", "deflate"})
_ZLIB_OR_GZIP = 47  # zlib's window bits that accept both headers
_LAST_PORT = 65_535
_MILLISECONDS = 1000.0


@functools.cache
def shared_ssl_context(ca_file: Path | None = None, *, for_http: bool = True) -> ssl.SSLContext:
    """Return the process-wide SSL context that trusts the system's authorities, or only those in ``ca_file``.

    The one for HTTP says so to the server (ALPN; httpcore would see to that by itself), and a mail server may hang up
    on whoever says that. So all other protocols have a second one.

    Raises:
        OurFault: the file cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise OurFault(f"no certificate authorities can be read from ca_file {str(ca_file)!r}: {error}") from error
    if for_http:
        context.set_alpn_protocols(["http/1.1"])
    return context


class PhaseWatch:
    """Adds up the network time of the requests of one step."""

    def __init__(self, clock: Clock) -> None:
        """Start with no phase seen."""
        self.clock = clock
        self.resolving = ""
        """The host whose look-up has not ended, or was cut off."""
        self._seconds: dict[str, float] = {}

    def add(self, phase: str, seconds: float) -> None:
        """Count ``seconds`` towards a phase named like the fields of :class:`Phases`, without the unit."""
        self._seconds[phase] = self._seconds.get(phase, 0.0) + seconds

    def spent(self) -> float:
        """Return all seconds counted so far."""
        return sum(self._seconds.values())

    def take(self) -> Phases:
        """Return what was counted and start again from nothing, for the next step."""
        counted, self._seconds = self._seconds, {}
        return Phases(**{f"{phase}_ms": seconds * _MILLISECONDS for phase, seconds in counted.items()})


class AttemptTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport with a bounded resolver beneath it and a body cap above it."""

    def __init__(self, watch: PhaseWatch, context: ssl.SSLContext, max_body_bytes: int) -> None:
        """Prepare a pool of its own; nothing is connected yet."""
        super().__init__(verify=context, trust_env=False)
        # httpx offers no way to hand its pool a network backend; this is the pool it would have built itself.
        self._network = _MeasuredNetwork(watch)
        self._pool = httpcore.AsyncConnectionPool(ssl_context=context, network_backend=self._network)
        self._watch = watch
        self._max_body_bytes = max_body_bytes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and return its reply with a body that is decoded and capped.

        Raises:
            httpx.TransportError: the service could not be reached or broke off.
            OurFault: the resolver failed us.
        """
        clock = self._watch.clock
        started, spent_before = clock.monotonic(), self._watch.spent()
        request.extensions["trace"] = self._trace_tls
        response = await super().handle_async_request(request)
        elsewhere = self._watch.spent() - spent_before
        self._watch.add("first_byte", max(0.0, clock.monotonic() - started - elsewhere))
        return self._guarded(request, response)

    async def aclose(self) -> None:
        """Close every connection, also one that httpcore forgot when it was cut off in its TLS handshake."""
        await super().aclose()
        await self._network.aclose()

    def _guarded(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - an async transport streams so
        decode = encoding in _DECODABLE
        what = f"{request.method} {request.url.path}"
        headers = response.headers
        if response.has_redirect_location:
            _refuse_garbled(headers["location"], what, request.url.host)
        if "content-encoding" in headers:
            # httpx would decode by this header without bounds, also what we left alone because nobody asked for it.
            del headers["content-encoding"]
            headers.pop("content-length", None)
        stream = _CappedStream(response.stream, self._max_body_bytes, what, decode=decode)
        reply = _Reply(response.status_code, headers=headers, stream=stream, extensions=response.extensions)
        reply.encoding = "utf-8"  # whatever the reply says: Python knows charsets that decompress, or crash
        return reply

    async def _trace_tls(self, event: str, _info: object) -> None:
        if event == "connection.start_tls.started":
            self._tls_started = self._watch.clock.monotonic()
        elif event in {"connection.start_tls.complete", "connection.start_tls.failed"}:
            self._watch.add("tls", self._watch.clock.monotonic() - self._tls_started)


def _refuse_garbled(location: str, what: str, host: str) -> None:
    """Refuse a redirect that httpx, which looks at it even when it shall not follow, would take for our mistake.

    Raises:
        Unmet: with where the redirect leads.
    """
    try:
        url = httpx.URL(location)
        if url.scheme and not url.host:
            url.copy_with(host=host)
    except httpx.InvalidURL as error:
        raise Unmet(f"{what} redirected to {location!r}, which is no address") from error


class _Reply(httpx.Response):
    """A reply whose body blames the service for whatever it holds, however it was meant to be read."""

    def json(self, **options: Any) -> Any:  # noqa: ANN401 - httpx's signature
        """Return the body as JSON.

        Raises:
            Unmet: it is none, or such that no parser should be asked to read it.
        """
        try:
            return super().json(**options)
        except (ValueError, RecursionError) as error:
            what = f"{self.request.method} {self.request.url.path}"
            raise Unmet(f"{what} answered with something other than JSON: {error}") from error


class _CappedStream(httpx.AsyncByteStream):
    """A body that ends in a failure once more than the cap has been decoded: a gzip bomb stays small here."""

    def __init__(self, inner: httpx.AsyncByteStream, cap: int, what: str, *, decode: bool) -> None:
        self._inner = inner
        self._cap = cap
        self._what = what
        self._decoder = zlib.decompressobj(_ZLIB_OR_GZIP) if decode else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left, came = self._cap, False
        async with aclosing(_iterate(self._inner)) as chunks:
            async for raw in chunks:
                came = came or bool(raw)
                chunk = self._decode(raw, left + 1)
                left -= len(chunk)
                if left < 0:
                    raise Unmet(f"{self._what} answered with a body larger than {self._cap:,} bytes")
                yield chunk
        if self._decoder is not None and came and not self._decoder.eof:
            raise Unmet(f"{self._what} answered with a compressed body that ends too early")

    def _decode(self, raw: bytes, limit: int) -> bytes:
        if self._decoder is None:
            return raw
        try:
            return self._decoder.decompress(raw, limit)
        except zlib.error as error:
            raise Unmet(f"{self._what} answered with a body that cannot be decompressed: {error}") from error

    async def aclose(self) -> None:
        await self._inner.aclose()


async def _iterate(stream: httpx.AsyncByteStream) -> AsyncGenerator[bytes, None]:
    async for chunk in stream:
        yield chunk


class _MeasuredNetwork(httpcore.AnyIOBackend):
    """Resolves in a bounded pool of our own, then connects, timing both."""

    def __init__(self, watch: PhaseWatch) -> None:
        self._watch = watch
        self._opened: list[httpcore.AsyncNetworkStream] = []

    async def aclose(self) -> None:
        for stream in self._opened:
            await stream.aclose()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        clock = self._watch.clock
        started = clock.monotonic()
        addresses = await self._resolve(host)
        resolved = clock.monotonic()
        self._watch.add("dns", resolved - started)
        if port > _LAST_PORT:
            raise httpcore.ConnectError(f"there is no port {port}")
        try:
            stream = await self._connect_any(addresses, port, timeout, local_address, socket_options)
        finally:
            self._watch.add("connect", clock.monotonic() - resolved)
        self._opened.append(stream)
        return stream

    async def _resolve(self, host: str) -> list[str]:
        self._watch.resolving = host
        try:
            addresses = await resolve_host(host)
        except Exception:
            self._watch.resolving = ""
            raise
        self._watch.resolving = ""
        return addresses

    async def _connect_any(
        self,
        addresses: list[str],
        port: int,
        timeout: float | None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None,
    ) -> httpcore.AsyncNetworkStream:
        for address in addresses[:-1]:
            try:
                return await super().connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError:
                continue
        return await super().connect_tcp(addresses[-1], port, timeout, local_address, socket_options)
