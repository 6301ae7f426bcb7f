"""What the courier needs of its surroundings: how to reach the services, and how notices look."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from omwatch.broadcast.mail import MailService
from omwatch.broadcast.rendering import Renderer

Connect = Callable[[], MailService]
"""Returns the e-mail service to send by, looked up afresh, since a sandbox's address may change; may raise ValueError
or LookupError with the reason why there is none now."""


def _sealed_shut(_sealed: str) -> str:
    raise LookupError("no key is at hand to open sealed addresses")


def _no_link(_subscriber: int) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Ways:
    """How to reach subscribers."""

    connect: Connect
    organisation: str
    page_url: str
    renderer: Renderer = field(default_factory=Renderer)
    open_sealed: Callable[[str], str] = _sealed_shut
    """Returns the URL behind a sealed one; may raise ValueError or LookupError with the reason why it cannot."""
    unsubscribe_url: Callable[[int], str] = _no_link
    """Returns a subscriber's own link to unsubscribe; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast, and how much."""

    connections: int = 4
    """To the e-mail service, at once."""
    destinations: int = 16
    """Other destinations at once."""
    per_second: float = 0
    """At most so many messages a second by the e-mail service, and as many to all other destinations; 0: no bound."""
    per_hour: int = 0
    """At most so many messages an hour to one subscriber; what is over waits and is folded; 0: no bound."""
    in_hand: int = 400
    """So many deliveries are claimed at once, at most."""
    limit: timedelta = timedelta(seconds=60)
    """A send that takes longer is left behind, and tried again."""
