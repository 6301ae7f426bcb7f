"""E-mails routed into queues, each queue also a mailbox that IMAP can open."""

from dataclasses import dataclass, replace
from datetime import datetime

from omwatch.sandbox.shelf import Shelf

_MOST_MAILS = 2_000
_QUEUES = ("sales", "support", "billing")


@dataclass(frozen=True, slots=True)
class QueuedMail:
    """One e-mail waiting in a queue."""

    uid: int
    """Unique among all mails of this sandbox, growing."""
    queue: str
    """Where it was routed to."""
    mailbox: str
    """The local part of the address it was sent to."""
    subject: str
    raw: bytes
    """The message as it came, headers and body."""
    received_at: datetime
    flags: frozenset[str] = frozenset()
    r"""IMAP flags, such as ``\Deleted``."""


class Queues:
    """Every queue's mails, in memory; the oldest of all make room."""

    def __init__(self) -> None:
        """Start with empty queues."""
        self._mails: Shelf[int, QueuedMail] = Shelf(_MOST_MAILS)
        self._last_uid = 0

    def route(self, *, queue: str, mailbox: str, subject: str, raw: bytes, now: datetime) -> QueuedMail:
        """Put a mail into a queue and return it."""
        self._last_uid += 1
        mail = QueuedMail(self._last_uid, queue, mailbox, subject, raw, now)
        self._mails.put(mail.uid, mail)
        return mail

    def in_queue(self, queue: str) -> list[QueuedMail]:
        """Return the mails of a queue, oldest first."""
        return [mail for mail in self._mails if mail.queue == queue]

    def sent_to(self, mailbox: str) -> list[QueuedMail]:
        """Return the mails sent to a mailbox, wherever they were routed, oldest first."""
        return [mail for mail in self._mails if mail.mailbox == mailbox]

    def get(self, uid: int) -> QueuedMail | None:
        """Return the mail with this number, or None."""
        return self._mails.get(uid)

    def flag(self, mail: QueuedMail, flags: frozenset[str]) -> QueuedMail:
        """Give a mail these flags in place of its own and return it."""
        flagged = replace(mail, flags=flags)
        self._mails.put(mail.uid, flagged)
        return flagged

    def remove(self, uid: int) -> bool:
        """Remove a mail; return False when there is none."""
        return self._mails.take(uid) is not None


def another_queue(queue: str) -> str:
    """Return a queue that is not the given one: where things go that are routed wrongly."""
    return next(other for other in _QUEUES if other != queue)
