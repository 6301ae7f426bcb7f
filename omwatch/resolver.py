"""Host names to addresses, in threads of our own and with an end to every wait.

A resolver that fails is our own fault and says nothing about the service; a name that does not exist is the service's.
"""

import asyncio
import functools
import socket
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

import httpcore

from omwatch.domain.attempt import OurFault, Unresolved

RESOLVE_WITHIN_SECONDS = 5.0
NO_SUCH_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})
"""What a resolver that works says of a name that leads nowhere."""
_THREADS = 16


class _Resolver:
    """Looks names up in threads of its own, each name once at a time however many ask.

    A hung name server would otherwise fill the event loop's threads, where every other name waits too; and the
    attempts of one check, which all ask for the same name, would fill any number of threads.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="resolver")
        self._lock = threading.Lock()
        self._under_way: dict[str, Future[list[Any]]] = {}

    def look_up(self, host: str) -> "Future[list[Any]]":
        with self._lock:
            known = self._under_way.get(host)
            if known is None or known.done():
                look_up = functools.partial(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
                known = self._under_way[host] = self._threads.submit(look_up)
            return known


_resolver = functools.cache(_Resolver)


async def resolve_host(host: str) -> list[str]:
    """Return the addresses of a host, in the system's order of preference; an address is its own answer.

    Raises:
        httpcore.ConnectError: the name does not exist; that is for the service's owners to mend.
        OurFault: the resolver did not answer, which says nothing about the service.
    """
    with suppress(ValueError):
        return [str(ip_address(host))]
    try:
        async with asyncio.timeout(RESOLVE_WITHIN_SECONDS):
            found = await asyncio.shield(asyncio.wrap_future(_resolver().look_up(host)))
    except TimeoutError:
        raise Unresolved(f"the resolver did not answer for {host!r} within {RESOLVE_WITHIN_SECONDS:g} s") from None
    except socket.gaierror as error:
        if error.errno in NO_SUCH_NAME:
            raise httpcore.ConnectError(f"the name {host!r} does not resolve") from error
        raise Unresolved(f"the resolver failed for {host!r}: {error.strerror}") from error
    except UnicodeError as error:
        raise OurFault(f"{host!r} is not a host name: {error}") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
