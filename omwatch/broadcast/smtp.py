"""Python's SMTP client, with bounds: on the time an answer takes from its first byte to its last, and on its length.

Its own bound holds for each byte only, so a server that drips could hold a thread for ever.
"""

import functools
import io
import smtplib
import socket
from typing import Any

from omwatch.broadcast.patience import Patience


class Smtp(smtplib.SMTP):
    """Python's client, with patience."""

    def __init__(
        self,
        patience: Patience,
        host: str,
        port: int,
        own_name: str,
        timeout: float,
        **more: Any,  # noqa: ANN401 - Python's own
    ) -> None:
        """Connect, as Python's does."""
        self._patience = patience
        super().__init__(host, port, own_name, timeout=timeout, **more)

    def send(self, s: Any) -> None:  # noqa: ANN401 - Python's own
        """Send a command or a message."""
        self._patience.expect()
        if self.sock:
            self.sock.settimeout(self._patience.seconds())
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """Return the server's next answer."""
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Answers(self.sock, self._patience))
        return super().getreply()


class SmtpOverTls(Smtp, smtplib.SMTP_SSL):
    """The same, over TLS from the first byte."""


class _Answers(io.RawIOBase):
    """What the server says, read with patience."""

    def __init__(self, connected: socket.socket, patience: Patience) -> None:
        self._socket = connected
        self._file = connected.makefile("rb", buffering=0)
        self._patience = patience

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - Python's own
        self._socket.settimeout(self._patience.seconds())
        number = self._file.readinto(buffer)
        self._patience.heard(number or 0)
        return number

    def close(self) -> None:
        self._file.close()
        super().close()


@functools.cache
def own_name() -> str:
    """Return what this machine calls itself; asked once, since the answer may take its time."""
    return smtplib.SMTP().local_hostname
