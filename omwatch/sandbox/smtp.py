"""SMTP in: aiosmtpd's protocol on our own loop and our own sockets."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiosmtpd.smtp import SMTP, Envelope, Session

from omwatch.sandbox.listener import ProtocolFactory, reset

ACCEPTED = "250 2.0.0 taken"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it arrived, with the addresses on its envelope."""

    recipients: tuple[str, ...]
    raw: bytes


class StreamLine:
    """The connection behind an SMTP or IMAP talk, for :class:`omwatch.sandbox.switchboard.Line`."""

    def __init__(self, transport: asyncio.BaseTransport | None) -> None:
        """Wrap a connection."""
        self._transport = transport

    def reset(self) -> None:
        """Cut the connection by TCP RST."""
        reset(self._transport)

    async def gone(self) -> None:
        """Wait for ever: the protocol cancels whoever talks as soon as the client hangs up."""
        await asyncio.get_running_loop().create_future()


Deliver = Callable[[Letter, StreamLine], Awaitable[str]]
"""Takes a letter and returns the SMTP reply, such as ``250 2.0.0 taken``."""


def smtp_factory(deliver: Deliver, *, largest: int) -> ProtocolFactory:
    """Return a factory of SMTP protocols that give each letter, of at most ``largest`` bytes, to ``deliver``."""
    handler = _Handler(deliver)

    def make() -> SMTP:
        # A host name of our own, because aiosmtpd would ask the resolver for one and stop the loop meanwhile.
        return SMTP(
            handler,
            loop=asyncio.get_running_loop(),
            hostname="sandbox.test",
            ident="omwatch sandbox",
            data_size_limit=largest,
            enable_SMTPUTF8=True,
        )

    return make


class _Handler:
    """The hook that aiosmtpd calls by name."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002 - aiosmtpd's name
        """Take one letter."""
        content = envelope.original_content or b""
        return await self._deliver(Letter(tuple(envelope.rcpt_tos), content), StreamLine(server.transport))
