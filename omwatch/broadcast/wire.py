"""The web beneath destinations: one bounded request at a time over connections that are kept, and what each came to.

Apprise's plugins call the functions of ``requests`` and answer only yes or no. Plugins of ours find :data:`REQUESTS`
under that name. It follows no redirect, reads little of a reply, and remembers status and trouble for whoever listens.
It sends by urllib3, as requests does, and leaves out what takes requests a third of its time and plugins never use.
Every thread has its own connections, so threads share nothing here.
"""

import functools
import io
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers, get_environ_proxies, select_proxy
from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, Timeout, make_headers
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import parse_url

from omwatch.clock import Clock
from omwatch.transport import shared_ssl_context

CONNECT_SECONDS, READ_SECONDS = 10.0, 15.0
"""How long a connection, and each piece of a reply, may take."""
LARGEST_REPLY = 64 * 1024
_HOSTS_AT_ONCE = 16  # whose connections a thread keeps
_TO_PREPARE = ("params", "auth", "files", "json", "cookies")
_TROUBLES: tuple[tuple[type[Exception], str], ...] = (
    (NameResolutionError, "its host's name cannot be found"),
    (ProxyError, "the proxy that this machine's environment names lets nothing through"),
    (NewConnectionError, "no connection, or it was refused"),
    (ConnectTimeoutError, f"no connection within {CONNECT_SECONDS:g} s"),
    (ReadTimeoutError, f"no answer within {READ_SECONDS:g} s"),
    (SSLError, "no secure connection: its certificate, or its TLS, is not trusted"),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What one request came to."""

    status: int = 0
    """The HTTP status; 0 where there was no answer."""
    retry_after: str = ""
    """What the service said about the next try."""
    trouble: str = ""
    """Why there was no answer, in words that hold nothing of the address."""


class _Thread(threading.local):
    """What one thread keeps: its connections, and what is said while somebody listens."""

    def __init__(self) -> None:
        self.pools: dict[str, PoolManager] = {}
        """Proxy → the connections by it; those without one under an empty name."""
        self.said: list[Reply] = []
        self.headers: Mapping[str, str] = {}
        self.clock: Clock | None = None


_here = _Thread()


@contextmanager
def listening(clock: Clock, headers: Mapping[str, str]) -> Iterator[list[Reply]]:
    """Let this thread's requests through, with these headers, and collect what each comes to."""
    _here.said, _here.headers, _here.clock = [], headers, clock
    try:
        yield _here.said
    finally:
        _here.clock = None


class _Requests:
    """The functions of ``requests`` that send, as plugins call them; all other names are its own."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever requests has
        return getattr(requests, name)

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # noqa: ANN401 - requests' own
        return _carry(method, url, options)

    def get(self, url: str, params: Any = None, **options: Any) -> requests.Response:  # noqa: ANN401 - requests' own
        return _carry("GET", url, {**options, "params": params})

    def post(self, url: str, data: Any = None, json: Any = None, **options: Any) -> requests.Response:  # noqa: ANN401 - requests' own
        return _carry("POST", url, {**options, "data": data, "json": json})

    def put(self, url: str, data: Any = None, **options: Any) -> requests.Response:  # noqa: ANN401 - requests' own
        return _carry("PUT", url, {**options, "data": data})

    def patch(self, url: str, data: Any = None, **options: Any) -> requests.Response:  # noqa: ANN401 - requests' own
        return _carry("PATCH", url, {**options, "data": data})

    def delete(self, url: str, **options: Any) -> requests.Response:  # noqa: ANN401 - requests' own
        return _carry("DELETE", url, options)


REQUESTS = _Requests()
"""What a plugin finds under the name ``requests``."""


def _carry(method: str, url: str, options: Mapping[str, Any]) -> requests.Response:
    """Send one request as its options say, but for those about time, trust and redirects, which are ours.

    Raises:
        requests.RequestException: there was no answer, or nobody listens.
    """
    if _here.clock is None:
        raise requests.ConnectionError("nobody listens")  # a plugin that is cleared away would log out somewhere
    if _here.said and _here.said[-1].status == HTTPStatus.TOO_MANY_REQUESTS:
        raise requests.ConnectionError("the service asked us to wait")  # some plugins would try again at once
    url, headers, body = _formed(method, url, options)
    try:
        raw = _pool(url).urlopen(
            method.upper(),
            url,
            body=body,
            headers={**headers, **_here.headers},
            redirect=False,
            preload_content=False,
        )
    except (HTTPError, OSError) as error:
        _here.said.append(Reply(trouble=_in_words(error)))
        raise requests.ConnectionError("no answer") from None  # its own words hold the address
    _here.said.append(Reply(raw.status, raw.headers.get("Retry-After", "")))
    return _reply(url, raw, _here.clock)


def _formed(method: str, url: str, options: Mapping[str, Any]) -> tuple[str, Mapping[str, Any], Any]:
    """Return address, headers and body as they go out; requests forms what is not formed yet."""
    headers, body = options.get("headers") or {}, options.get("data")
    if isinstance(body, str | bytes) and not any(options.get(name) for name in _TO_PREPARE):
        return url, headers, body
    given = {name: options[name] for name in _TO_PREPARE if options.get(name)}
    prepared = requests.Request(method.upper(), url, headers=headers, data=body, **given).prepare()
    return prepared.url or url, prepared.headers, prepared.body


def _reply(url: str, raw: BaseHTTPResponse, clock: Clock) -> requests.Response:
    reply = requests.Response()
    reply.status_code, reply.url, reply.reason = raw.status, url, raw.reason or ""
    reply.headers = CaseInsensitiveDict(raw.headers)
    reply.encoding = get_encoding_from_headers(reply.headers)
    reply.raw = io.BytesIO(_body(raw, clock))
    return reply


def _body(raw: BaseHTTPResponse, clock: Clock) -> bytes:
    """Return as much of a reply as counts; what is left, late or broken off is given up with its connection."""
    body = bytearray()
    until = clock.monotonic() + READ_SECONDS
    try:
        while len(body) < LARGEST_REPLY and clock.monotonic() <= until:
            piece = raw.read1(LARGEST_REPLY - len(body), decode_content=True)
            if not piece:
                return bytes(body)
            body += piece
    except (HTTPError, OSError):
        pass  # its status came before that, and says what came of the message
    raw.close()
    return bytes(body)


def _pool(url: str) -> PoolManager:
    parts = urlsplit(url)
    proxy = _proxy(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}")
    if proxy not in _here.pools:
        _here.pools[proxy] = _new_pool(proxy)
    return _here.pools[proxy]


def _new_pool(proxy: str) -> PoolManager:
    how: dict[str, Any] = {
        "num_pools": _HOSTS_AT_ONCE,
        "maxsize": 1,
        "timeout": Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        "retries": False,
        "ssl_context": shared_ssl_context(),  # which trusts the authorities that the probes trust: the system's
    }
    if not proxy:
        return PoolManager(**how)
    auth = parse_url(proxy).auth
    return ProxyManager(proxy, proxy_headers=make_headers(proxy_basic_auth=auth) if auth else None, **how)


@functools.lru_cache(maxsize=1024)
def _proxy(origin: str) -> str:
    """Return the proxy by which this machine's environment says to reach an address; empty for none."""
    return select_proxy(origin, get_environ_proxies(origin)) or ""


def _in_words(error: Exception) -> str:
    return next((words for kind, words in _TROUBLES if isinstance(error, kind)), "the connection broke off")
