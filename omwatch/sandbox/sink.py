"""The mail sink: where the notices that omwatch sends arrive, decoded as a mail program would show them."""

from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Literal

from omwatch.clock import Clock
from omwatch.sandbox.smtp import ACCEPTED, Letter, StreamLine

MOST_NOTICES = 20_000
LARGEST_NOTICE = 1_048_576
MOST_BYTES = 256 * 1_048_576


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one recipient."""

    to: str
    """The recipient on the envelope, whatever the headers say."""
    subject: str
    text: str
    """The plain part, or empty."""
    html: str
    """The HTML part, or empty."""
    headers: dict[str, str]
    """Decoded; one that comes several times has its values on lines of their own."""
    received_at: str
    """RFC 3339, UTC."""

    def to_json(self) -> dict[str, Any]:
        """Return the notice as a JSON object."""
        return asdict(self)


class Sink:
    """The last notices, at most 20,000 and at most 256 MiB of them."""

    def __init__(self, clock: Clock) -> None:
        """Start empty."""
        self._clock = clock
        self._notices: deque[tuple[Notice, int]] = deque()
        self._bytes = 0

    async def deliver(self, letter: Letter, _: StreamLine) -> str:
        """Keep one notice for each recipient and return the SMTP reply."""
        for notice in open_letter(letter, self._clock.now()):
            self._notices.append((notice, len(letter.raw)))
            self._bytes += len(letter.raw)
        while len(self._notices) > MOST_NOTICES or self._bytes > MOST_BYTES:
            self._bytes -= self._notices.popleft()[1]
        return ACCEPTED

    def notices(self) -> list[Notice]:
        """Return what is held, oldest first."""
        return [notice for notice, _ in self._notices]

    def clear(self) -> None:
        """Throw everything away."""
        self._notices.clear()
        self._bytes = 0


def open_letter(letter: Letter, received: datetime) -> list[Notice]:
    """Decode a letter into one notice for each recipient."""
    message = message_from_bytes(letter.raw, policy=policy.default)
    headers = _headers(message)
    subject = next((value for name, value in headers.items() if name.lower() == "subject"), "")
    text, html = _part(message, "plain"), _part(message, "html")
    at = received.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return [Notice(to, subject, text, html, headers, at) for to in letter.recipients]


def _headers(message: EmailMessage) -> dict[str, str]:
    headers: dict[str, list[str]] = {}
    for name, raw in message.raw_items():
        headers.setdefault(name, []).append(_header(message, name, raw))
    return {name: "\n".join(values) for name, values in headers.items()}


def _header(message: EmailMessage, name: str, raw: object) -> str:
    try:
        return _readable(str(message.policy.header_fetch_parse(name, str(raw))))
    except Exception:  # noqa: BLE001 - the email package raises whatever it likes on a broken header
        return _readable(str(raw))


def _part(message: EmailMessage, kind: Literal["plain", "html"]) -> str:
    try:
        part = message.get_body((kind,))
        return _readable(str(part.get_content())) if part is not None else ""
    except Exception:  # noqa: BLE001 - an unknown charset, a broken encoding: show what bytes there are
        return _readable(message.as_string())


def _readable(text: str) -> str:
    return text.replace("\r\n", "\n").encode(errors="replace").decode()
