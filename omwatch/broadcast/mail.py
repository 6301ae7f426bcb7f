"""E-mail through Apprise: one message per recipient, our Message-ID, and the server's own answer kept.

Apprise's e-mail notifier answers only yes or no, renders every message anew and makes up a Message-ID each time. This
subclass keeps Apprise's reading of the service's address and its connection, and adds what the ledger needs.
"""

import functools
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr

from apprise import AppriseAsset, PersistentStoreMode
from apprise.exception import AppriseImproperlyConfigured
from apprise.plugins.email.base import NotifyEmail
from apprise.plugins.email.smtp import SMTP_DEFAULT_PORTS, SMTPSecureMode

from omwatch.broadcast.answers import Answer, Verdict
from omwatch.broadcast.connection import GONE, Connection, Lost, Reply, Step
from omwatch.broadcast.message import Mould
from omwatch.broadcast.patience import Patience
from omwatch.broadcast.rendering import Rendered
from omwatch.clock import Clock
from omwatch.domain.safetext import clean
from omwatch.domain.subscriber import email_address

__all__ = ["Answer", "Letter", "MailLine", "MailService", "Verdict"]

SOCKET_TIMEOUT_SECONDS = 15
"""How long a server may take over one step; the service's address may say less (``cto``)."""
LIMIT_SECONDS = 50
"""How long one letter takes at most, connecting included; only several addresses that all hang add to it."""
LETTERS_PER_CONNECTION = 500
IDLE_SECONDS = 30
"""After this, a connection is renewed; servers and firewalls forget idle ones without a word."""
_PERMANENT_FROM = 500
_ABOUT_US = frozenset({503, 530, 534, 535, 538})
"""What a server says for good, but of a sequence of commands or a log-in, never of a recipient."""
_MOULDS = 32
_NOT_UNDERSTOOD = "Apprise does not understand the e-mail service's address in [broadcast] email"
_SCHEMAS = frozenset({"mailto", "mailtos"})
_CONNECTING = frozenset(
    {"schema", "host", "port", "smtp_host", "user", "password", "secure", "secure_mode", "verify", "cto", "rto"}
)
"""What a service's address may say: how to connect. The rest would change, repeat or multiply what we send."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one person."""

    to: str
    message_id: str
    content: Rendered
    unsubscribe_url: str = ""
    """The recipient's own link, which takes the place of the placeholder in the content."""


class MailService:
    """One configured e-mail service, reached by its Apprise address."""

    def __init__(self, address: str, sender: str, clock: Clock) -> None:
        """Read the service's address.

        Raises:
            ValueError: Apprise does not understand it, or the sender is no address.
        """
        parsed = NotifyEmail.parse_url(address)
        if not parsed or parsed["schema"] not in _SCHEMAS or not (parsed["host"] or parsed["smtp_host"]):
            raise ValueError(_NOT_UNDERSTOOD)
        try:
            self._envelope_sender = email_address(parseaddr(sender)[1])
        except ValueError as reason:
            raise ValueError(f"[broadcast] sender is no address: {reason}") from None
        # service_timeout=0 keeps Apprise from moving the send into its own shared pool, where hung servers pile up.
        asset = AppriseAsset(service_timeout=0, http_redirects=False, storage_mode=PersistentStoreMode.MEMORY)
        self._described = {key: value for key, value in parsed.items() if key in _CONNECTING} | {
            "from_addr": self._envelope_sender,
            "asset": asset,
        }
        self._clock = clock
        self._context = functools.cache(_context)
        self._mould = functools.lru_cache(_MOULDS)(functools.partial(Mould, sender=sender))
        try:
            self.line()
        except AppriseImproperlyConfigured:
            raise ValueError(_NOT_UNDERSTOOD) from None

    def line(self) -> "MailLine":
        """Return a line of its own to the service, for any thread; nothing is connected yet."""
        notifier = _Notifier(**self._described)
        return MailLine(notifier, self._envelope_sender, self._clock, self._context, self._mould)

    def send(self, letter: Letter) -> Answer:
        """Hand one letter over by a line of its own; blocks, so call it in a thread."""
        line = self.line()
        try:
            return line.send(letter)
        finally:
            line.close()


class MailLine:
    """One way to the service, for one thread at a time: a connection kept open from letter to letter."""

    def __init__(
        self,
        notifier: "_Notifier",
        sender: str,
        clock: Clock,
        context: Callable[[bool], ssl.SSLContext],
        mould: Callable[[Rendered], Mould],
    ) -> None:
        """Prepare; the context for TLS and the moulds are shared by a service's lines."""
        each = min(notifier.socket_connect_timeout, SOCKET_TIMEOUT_SECONDS)
        self._patience = Patience(clock, each)
        self._connection = notifier.connection(self._patience, context)
        self._secrets = notifier.secrets()
        self._sender = sender
        self._clock = clock
        self._mould = mould
        self._letters = 0
        self._used_at = clock.monotonic()

    def send(self, letter: Letter) -> Answer:
        """Hand one letter over once and return what came of it; blocks, and never raises."""
        try:
            email_address(letter.to)
        except ValueError as reason:
            return Answer(Verdict.REFUSED, f"this is no e-mail address: {reason}")
        try:
            return self._answer(self._hand_over(letter))
        except Lost as lost:
            return Answer(Verdict.TRY_LATER, self._inert(str(lost)))
        except smtplib.SMTPResponseException as refused:
            # The greeting or the log-in was refused: that is about us, and may be put right.
            return Answer(Verdict.TRY_LATER, self._said(refused.smtp_code, refused.smtp_error))
        except Exception as error:  # noqa: BLE001 - a letter that cannot be sent must not hold up those behind it
            return Answer(Verdict.TRY_LATER, self._inert(f"{type(error).__name__}: {error}"))

    def close(self) -> None:
        """Say goodbye to the server; the next letter would connect anew."""
        self._connection.close()

    def abandon(self) -> None:
        """Let nothing more be sent, a letter under way included if it is not too late; any thread may call this."""
        self._patience.end()

    def _hand_over(self, letter: Letter) -> Reply:
        message = self._mould(letter.content).cast(
            letter.to, letter.message_id, self._clock.now(), letter.unsubscribe_url
        )
        idle = self._clock.monotonic() - self._used_at
        if idle > IDLE_SECONDS or self._letters >= LETTERS_PER_CONNECTION:
            self.close()
        self._patience.begin(LIMIT_SECONDS)
        reply = self._by_kept_connection(letter.to, message)
        if reply is None:
            self._connection.open()
            self._letters = 0
            reply = self._submit(letter.to, message)
        return reply

    def _by_kept_connection(self, to: str, message: bytes) -> Reply | None:
        """Return None where there is no connection, or the server hung up before anything was said of the letter."""
        if not self._connection.is_open:
            return None
        try:
            reply = self._submit(to, message)
        except Lost as lost:
            if lost.hung_up and lost.step in {Step.RESET, Step.SENDER}:
                return None
            raise
        return None if reply.step is Step.SENDER and reply.code == GONE else reply

    def _submit(self, to: str, message: bytes) -> Reply:
        reply = self._connection.submit(self._sender, to, message)
        self._letters += 1
        self._used_at = self._clock.monotonic()
        return reply

    def _answer(self, reply: Reply) -> Answer:
        if reply.step is Step.END and reply.is_good():
            return Answer(Verdict.ACCEPTED)
        # A refused sender is about us, and may be put right.
        final = reply.code >= _PERMANENT_FROM and reply.code not in _ABOUT_US and reply.step is not Step.SENDER
        return Answer(Verdict.REFUSED if final else Verdict.TRY_LATER, self._said(reply.code, reply.text))

    def _said(self, code: int, text: bytes | str) -> str:
        return self._inert(f"{code} {text.decode('utf-8', errors='replace') if isinstance(text, bytes) else text}")

    def _inert(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return clean(text)


class _Notifier(NotifyEmail):
    """Apprise's e-mail notifier, asked how to connect."""

    def connection(self, patience: Patience, context: Callable[[bool], ssl.SSLContext]) -> Connection:
        mode: str = self.secure_mode or SMTPSecureMode.INSECURE
        return Connection(
            patience,
            context,
            host=self.smtp_host,
            port=self.port or SMTP_DEFAULT_PORTS[mode],
            secure_mode=mode,
            user=self.user,
            password=self.password,
            verify_certificate=self.verify_certificate,
        )

    def secrets(self) -> tuple[str, ...]:
        """Return what a server that repeats a log-in would give away."""
        if not self.password:
            return ()
        whole = f"\0{self.user}\0{self.password}"
        return (*(b64encode(text.encode()).decode("ascii") for text in (whole, self.password)), self.password)


def _context(verify: bool) -> ssl.SSLContext:  # noqa: FBT001 - the one thing it is asked
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
