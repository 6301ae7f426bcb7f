"""One SMTP connection that is kept open from letter to letter, and that tells what the server said and how far it got.

Apprise's own makes a context for TLS each time, turns the server's answers into yes or no, and waits for as long as a
byte comes now and then. This subclass keeps its way of describing a connection and of making it, and mends these three.
"""

import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from apprise.plugins.email.smtp import AppriseSMTPController, SMTPSecureMode

from omwatch.broadcast.patience import Patience
from omwatch.broadcast.smtp import Smtp, SmtpOverTls, own_name

GOODBYE_SECONDS = 2.0
"""How long an ending connection waits for the server's farewell."""
GONE = 421
"""What a server says that hangs up."""
_REPLIES = range(200, 600)
_REFUSALS_FROM = 400


class Step(StrEnum):
    """One step of a letter's way, in their order."""

    RESET = "RSET"
    SENDER = "MAIL FROM"
    RECIPIENT = "RCPT TO"
    DATA = "DATA"
    BODY = "sending the message"
    END = "the end of the message"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said to one step."""

    step: Step
    code: int
    text: bytes

    def is_good(self) -> bool:
        """Tell whether the letter may go on, or has been taken."""
        return self.code // 100 == (3 if self.step is Step.DATA else 2)


class Lost(Exception):
    """The connection is gone, and the server did not say what becomes of the letter."""

    def __init__(self, step: Step, why: str, *, hung_up: bool) -> None:
        """Tell at which step, and whether the server has hung up (or else fell silent, or talked nonsense)."""
        arrived = " (it may have arrived)" if step is Step.END else ""
        super().__init__(f"the mail server was lost at {step}{arrived}: {why}")
        self.step = step
        self.hung_up = hung_up


class Connection(AppriseSMTPController):
    """A connection as Apprise describes it, opened and closed as often as needed."""

    def __init__(self, patience: Patience, context: Callable[[bool], ssl.SSLContext], **described: Any) -> None:  # noqa: ANN401 - Apprise's own
        """Prepare.

        Args:
            patience: how long the server may take.
            context: returns the context for TLS, from whether the server's certificate must be good.
            described: what Apprise's own class takes.
        """
        super().__init__(**described)
        self._patience = patience
        self._context = context
        self._smtp: Smtp | None = None
        self._begun = False

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self._smtp is not None

    def __enter__(self) -> Self:
        """Open it for a while."""
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def open(self) -> None:
        """Connect, secure and log in.

        Raises:
            OSError: there is no way to the server, or it is not who it should be.
            smtplib.SMTPException: the server will not have us, or went away.
        """
        args: tuple[Any, ...] = (self._patience, self.host, self.port, own_name(), self._patience.seconds())
        context = None if self.secure_mode == SMTPSecureMode.INSECURE else self._context(self.verify_certificate)
        smtp = SmtpOverTls(*args, context=context) if self.secure_mode == SMTPSecureMode.SSL else Smtp(*args)
        try:
            if self.secure_mode == SMTPSecureMode.STARTTLS:
                smtp.starttls(context=context)
            if self.user and self.password:
                smtp.login(self.user, self.password)
            smtp.ehlo_or_helo_if_needed()
        except BaseException:
            smtp.close()
            raise
        self._smtp, self._begun = smtp, False

    def close(self) -> None:
        """Say goodbye, if there is anybody."""
        if self._smtp is None:
            return
        self._patience.begin(GOODBYE_SECONDS)
        with suppress(OSError):
            self._smtp.quit()
        self._drop()

    def submit(self, sender: str, to: str, message: bytes) -> Reply:
        """Hand one message over; return the reply that decided: the first refusal, or the one to the whole message.

        Raises:
            Lost: the connection did not last, and is closed.
        """
        commands = list(self._commands(sender, to, len(message)))
        together = self._has("pipelining")
        if together:
            self._say(commands[0][0], b"".join(command for _, command in commands))
        self._begun = True
        for place, (step, command) in enumerate(commands, start=1):
            if not together:
                self._say(step, command)
            reply = self._hear(step)
            if not reply.is_good():
                self._pass_over([later for later, _ in commands[place:]] if together else [])
                return reply
        self._say(Step.BODY, message.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        reply = self._hear(Step.END)
        self._begun = not reply.is_good()
        return reply

    def _commands(self, sender: str, to: str, size: int) -> Iterator[tuple[Step, bytes]]:
        if self._begun:
            yield Step.RESET, b"RSET\r\n"
        yield Step.SENDER, f"MAIL FROM:<{sender}>{f' SIZE={size}' if self._has('size') else ''}\r\n".encode("ascii")
        yield Step.RECIPIENT, f"RCPT TO:<{to}>\r\n".encode("ascii")
        yield Step.DATA, b"DATA\r\n"

    def _has(self, extension: str) -> bool:
        return self._smtp is not None and self._smtp.has_extn(extension)

    def _say(self, step: Step, words: bytes) -> None:
        try:
            self._here().send(words)
        except OSError as error:
            raise self._lost(step, error) from error

    def _hear(self, step: Step) -> Reply:
        self._patience.expect(longer=step is Step.END)
        try:
            reply = Reply(step, *self._here().getreply())
        except OSError as error:
            raise self._lost(step, error) from error
        if reply.code not in _REPLIES or (step is Step.RESET and not reply.is_good()):
            self._drop()
            said = reply.text.decode("utf-8", errors="replace")
            raise Lost(step, f"it said {reply.code} {said}", hung_up=step is Step.RESET)
        if reply.code == GONE or not (reply.is_good() or reply.code >= _REFUSALS_FROM):
            self._drop()
        return reply

    def _pass_over(self, steps: Sequence[Step]) -> None:
        """Read the answers to what was said together with a refused step."""
        with suppress(Lost):
            for step in steps:
                if self._hear(step).is_good() and step is Step.DATA:
                    self._drop()  # it waits for a message now, and must not get any

    def _here(self) -> Smtp:
        if self._smtp is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        return self._smtp

    def _lost(self, step: Step, error: Exception) -> Lost:
        self._drop()
        cause = error.__context__ or error  # Python's client hides why it was disconnected
        silent = isinstance(cause, TimeoutError)
        return Lost(step, "timed out" if silent else str(cause), hung_up=not silent)

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()
