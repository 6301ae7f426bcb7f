"""A mail server on loopback, in the test's own loop."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class MailServer:
    """A mail server that answers as a test tells it to, and keeps what it accepted."""

    port: int = 0
    accepted: list[tuple[str, bytes]] = field(default_factory=list)
    """Recipient and message, as they came over the wire."""
    answers_to_rcpt: dict[str, str] = field(default_factory=dict)
    answers_to_data: dict[str, list[str]] = field(default_factory=dict)
    """Recipient → answers, one each time; then it accepts."""
    on_data: Callable[[str], Awaitable[None]] | None = None

    @property
    def address(self) -> str:
        return f"mailto://127.0.0.1:{self.port}"

    @property
    def mails(self) -> Counter[str]:
        return Counter(recipient for recipient, _ in self.accepted)

    def message(self) -> EmailMessage:
        """Return the only message there is."""
        ((_, raw),) = self.accepted
        message = message_from_bytes(raw, policy=default)
        assert isinstance(message, EmailMessage)
        return message

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.answers_to_rcpt.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        (recipient,) = envelope.rcpt_tos
        if self.on_data:
            await self.on_data(recipient)
        answers = self.answers_to_data.get(recipient)
        if answers:
            return answers.pop(0)
        assert isinstance(envelope.content, bytes)
        self.accepted.append((recipient, envelope.content))
        return "250 OK"


@asynccontextmanager
async def serving() -> AsyncIterator[MailServer]:
    server, loop = MailServer(), asyncio.get_running_loop()
    listening = await loop.create_server(lambda: SMTP(server, loop=loop, hostname="mail.test"), "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    yield server
    listening.close()
    await listening.wait_closed()
