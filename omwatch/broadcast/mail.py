"""E-mail through Apprise: one message per recipient, our Message-ID, and the server's own answer kept.

Apprise's e-mail notifier answers only yes or no and makes up a Message-ID each time. This subclass keeps Apprise's
reading of the service's address, its connection and its sending path, and adds what the ledger needs.
"""

import smtplib
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from typing import Any

from apprise import Apprise, AppriseAsset
from apprise.plugins.email.base import NotifyEmail
from apprise.plugins.email.smtp import SMTP_DEFAULT_PORTS, AppriseSMTPController, SMTPSecureMode

from omwatch.broadcast.rendering import Rendered
from omwatch.clock import Clock
from omwatch.domain.safetext import clean

SOCKET_TIMEOUT_SECONDS = 15
_PERMANENT_FROM = 500
_SCHEMAS = frozenset({"mailto", "mailtos"})
_CONNECTING = frozenset(
    {"schema", "host", "port", "smtp_host", "user", "password", "secure", "secure_mode", "verify", "cto", "rto"}
)
"""What a service's address may say: how to connect. The rest would change, repeat or multiply what we send."""
_POLICY = SMTP.clone(cte_type="7bit")  # not every server takes 8-bit bodies


class Verdict(StrEnum):
    """What the mail server said in the end."""

    ACCEPTED = "accepted"
    TRY_LATER = "try later"
    REFUSED = "refused"
    """For good; trying again would only annoy."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of handing one message over."""

    verdict: Verdict
    error: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one person."""

    to: str
    message_id: str
    content: Rendered


class MailService:
    """One configured e-mail service, reached by its Apprise address."""

    def __init__(self, address: str, sender: str, clock: Clock) -> None:
        """Read the service's address.

        Raises:
            ValueError: Apprise does not understand it.
        """
        parsed = NotifyEmail.parse_url(address)
        if not parsed or parsed["schema"] not in _SCHEMAS or not (parsed["host"] or parsed["smtp_host"]):
            raise ValueError("Apprise does not understand the e-mail service's address in [broadcast] email")
        # service_timeout=0 keeps Apprise from moving the send into its own shared pool, where hung servers pile up.
        self._asset = AppriseAsset(service_timeout=0, http_redirects=False)
        self._parsed = {key: value for key, value in parsed.items() if key in _CONNECTING}
        self._sender = sender
        self._clock = clock

    def send(self, letter: Letter) -> Answer:
        """Hand one letter over; blocks up to a few socket timeouts, so call it in an executor thread."""
        values: dict[str, Any] = {
            **self._parsed,
            "targets": [letter.to],
            "from_addr": self._sender,
            "asset": self._asset,
        }
        mail = _Mail(letter, self._sender, self._clock, **values)
        carrier = Apprise(asset=self._asset)
        carrier.add(mail)
        carrier.notify(body=letter.content.text, title=letter.content.subject)
        return mail.answer


class _Mail(NotifyEmail):
    """Apprise's e-mail notifier for exactly one letter."""

    socket_connect_timeout = SOCKET_TIMEOUT_SECONDS
    request_rate_per_sec = 0  # the ledger paces retries; Apprise's pause would only hold a thread

    def __init__(self, letter: Letter, sender: str, clock: Clock, **parsed: Any) -> None:  # noqa: ANN401 - Apprise's own
        super().__init__(**parsed)
        self.answer = Answer(Verdict.TRY_LATER, "Apprise did not hand the message over")
        self._letter = letter
        self._sender = sender
        self._clock = clock

    def send(self, *_: object, **__: object) -> bool:
        """Send the letter as it was rendered and keep the server's answer."""
        self.answer = self._hand_over()
        return self.answer.verdict is Verdict.ACCEPTED

    def _hand_over(self) -> Answer:
        try:
            message = self._message().as_bytes()
            connection = self._connection()
            with connection:
                connection.submit(parseaddr(self._sender)[1], self._letter.to, message)
        except smtplib.SMTPRecipientsRefused as refused:
            return _answer(*next(iter(refused.recipients.values())))
        except smtplib.SMTPDataError as refused:
            return _answer(refused.smtp_code, refused.smtp_error)
        except smtplib.SMTPResponseException as refused:
            # The greeting, the log-in or the sender was refused: that is about us, and may be put right.
            return Answer(Verdict.TRY_LATER, _said(refused.smtp_code, refused.smtp_error))
        except Exception as error:  # noqa: BLE001 - Apprise would keep it to itself, and operators must read it
            return Answer(Verdict.TRY_LATER, clean(f"{type(error).__name__}: {error}"))
        return Answer(Verdict.ACCEPTED)

    def _connection(self) -> "_Connection":
        mode: str = self.secure_mode or SMTPSecureMode.INSECURE
        return _Connection(
            host=self.smtp_host,
            port=self.port or SMTP_DEFAULT_PORTS[mode],
            secure_mode=mode,
            user=self.user,
            password=self.password,
            verify_certificate=self.verify_certificate,
            socket_connect_timeout=self.socket_connect_timeout,
        )

    def _message(self) -> EmailMessage:
        name, address = parseaddr(self._sender)
        message = EmailMessage(policy=_POLICY)
        message["Subject"] = _header(self._letter.content.subject)
        message["From"] = Address(_header(name), addr_spec=address)
        message["To"] = Address(addr_spec=self._letter.to)
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = self._letter.message_id
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self._letter.content.text)
        message.add_alternative(self._letter.content.html, subtype="html")
        return message


class _Connection(AppriseSMTPController):
    """Apprise's SMTP connection, which would turn the server's answer into a bare False."""

    def submit(self, sender: str, recipient: str, message: bytes) -> None:
        connected: smtplib.SMTP | None = self._socket
        assert connected is not None  # noqa: S101 - entering the context connects or raises
        connected.sendmail(sender, [recipient], message)


def _answer(code: int, reply: bytes | str) -> Answer:
    return Answer(Verdict.REFUSED if code >= _PERMANENT_FROM else Verdict.TRY_LATER, _said(code, reply))


def _said(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", errors="replace") if isinstance(reply, bytes) else reply
    return clean(f"{code} {text}")


def _header(text: str) -> str:
    # Python's parser decodes an encoded word, and before 3.11.10 writes line breaks in it into the head as they are.
    return clean(text).replace("=?", "= ?")
