"""A mailbox over IMAP, for one attempt: imaplib in a thread, with an end to every wait.

imaplib waits for its server and knows no cancelling. So it works in a thread, and leaving the block cuts the
connection: whatever the server keeps back, or drips, the thread comes back at once.
"""

import asyncio
import functools
import imaplib
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Self, TypeVar

from omwatch.domain.attempt import OurFault, Unmet

_TLS_PORT = 993
_THREADS = 64
_LARGEST_LITERAL = 1024 * 1024
T = TypeVar("T")
S = TypeVar("S", bound=socket.socket)


class Mailbox:
    """The inbox of one user, for as long as the ``async with`` block lasts.

    For example::

        async with Mailbox("imap.example.com:993", journey.ssl, timeout=5.0) as mailbox:
            await mailbox.log_in("sales", "secret")
            await mailbox.remove(await mailbox.find(journey.marker))

    Whatever the server does wrong is an :class:`Unmet`, an :class:`ssl.SSLError` or an :class:`OSError`.
    """

    def __init__(self, address: str, context: ssl.SSLContext, *, timeout: float, tls: bool = False) -> None:
        """Prepare for a server; nothing is connected yet.

        Args:
            address: host:port, where port 993 means TLS from the start.
            context: whom TLS trusts, see ``journey.ssl``.
            timeout: seconds that the server may be silent.
            tls: TLS from the start, whatever the port.
        """
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal():
            raise OurFault(f"{address!r} is not where an IMAP server can be: write host:port")
        self._line = _Line(host, int(port), context if tls or int(port) == _TLS_PORT else None, timeout)
        self._client: imaplib.IMAP4 | None = None

    async def __aenter__(self) -> Self:
        try:
            self._client = await self._wait_for("greeting", _Client, self._line)
        except BaseException:
            self._line.cut()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        # Without a LOGOUT: it would wait for an answer.
        self._client = None
        self._line.cut()

    async def log_in(self, user: str, password: str) -> None:
        """Identify as the user whose inbox it is.

        Raises:
            OurFault: imaplib cannot say these words.
        """
        if not f"{user}{password}".isascii():
            raise OurFault("only ASCII can be used to log in by IMAP")
        quoted = user.replace("\\", r"\\").replace('"', r"\"")  # imaplib does so with the password
        await self._ask("login", f'"{quoted}"', password)

    async def find(self, subject: str) -> list[str]:
        """Return the places of the e-mails with this text in their subjects, the newest among them."""
        await self._ask("select")  # each time, because this is when every server looks for new ones
        return (await self._ask("search", None, "SUBJECT", f'"{subject}"')).split()

    async def remove(self, places: list[str]) -> None:
        """Remove the e-mails that were just found in these places."""
        if places:
            await self._ask("store", ",".join(places), "+FLAGS", r"(\Deleted)")
            await self._ask("expunge")

    async def _ask(self, command: str, *arguments: str | None) -> str:
        status, lines = await self._wait_for(command, getattr(self._client, command), *arguments)
        text = b" ".join(line for line in lines if isinstance(line, bytes)).decode("ascii", errors="replace")
        if status != "OK":
            raise Unmet(f"IMAP {command} answered {status}: {text}")
        return text

    async def _wait_for(self, what: str, work: Callable[..., T], *arguments: object) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(_threads(), self._line.use, functools.partial(work, *arguments))
        except OSError:  # a certificate that fails is a ValueError too
            raise
        except (imaplib.IMAP4.error, ValueError) as error:  # ValueError: letters or numbers that are none
            raise Unmet(f"IMAP {what} failed: {_words_of(error)}") from error


class _Line:
    """A connection that can be cut at any time, even before it is there."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None, timeout: float) -> None:
        self._address = (host, port)
        self._tls = tls
        self._timeout = timeout
        self._socket: socket.socket | None = None
        self._in_use = threading.Lock()
        self._is_cut = False

    def use(self, work: Callable[[], T]) -> T:
        """Do something that waits for the other end."""
        try:
            with self._in_use:
                return work()
        finally:
            if self._is_cut:
                self._close_unless_in_use()

    def open(self) -> socket.socket:
        """Connect, to be called while the line is used."""
        connected = self._hold(socket.create_connection(self._address, self._timeout))
        if self._tls is not None:
            # The handshake waits as well; before it starts, the socket that it happens on must be known.
            wrap = functools.partial(self._tls.wrap_socket, server_hostname=self._address[0])
            connected = self._hold(wrap(connected, do_handshake_on_connect=False))
            connected.do_handshake()
        return connected

    def cut(self) -> None:
        """End every wait, now and later. The socket is closed by whoever uses it last: numbers of files are reused."""
        self._is_cut = True
        if self._socket is not None:
            with suppress(OSError):  # the other end was quicker
                self._socket.shutdown(socket.SHUT_RDWR)
        self._close_unless_in_use()

    def _hold(self, connected: S) -> S:
        self._socket = connected
        if self._is_cut:
            raise ConnectionAbortedError("given up before it was connected")
        return connected

    def _close_unless_in_use(self) -> None:
        if self._in_use.acquire(blocking=False):
            if self._socket is not None:
                self._socket.close()
            self._in_use.release()


class _Client(imaplib.IMAP4):
    """imaplib's client over a line, with a limit to what it reads in one go."""

    def __init__(self, line: _Line) -> None:
        self._line = line
        super().__init__()

    def _create_socket(self, _timeout: float | None) -> socket.socket:  # IMAP4_SSL puts its own sockets in here too
        return self._line.open()

    def read(self, size: int) -> bytes:
        if size > _LARGEST_LITERAL:
            raise self.error(f"answered with {size:,} bytes in one go")
        return super().read(size)


@functools.cache
def _threads() -> ThreadPoolExecutor:
    # More than attempts run at once, so that none waits for a thread and the service is blamed for it.
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="imap")


def _words_of(error: Exception) -> str:
    # imaplib quotes the server in bytes.
    return ": ".join(part.decode("ascii", "replace") if isinstance(part, bytes) else str(part) for part in error.args)
