"""Subscribers: an address, and what it wants to hear of."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from omwatch.domain.severity import Severity

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# A name whose last label is a number would be an IP address, which is a machine and no mailbox.
_ADDR_SPEC = re.compile(rf"(?P<local>{_LOCAL})@(?P<domain>(?!.*\.[0-9]+\Z){_LABEL}(?:\.{_LABEL})+)")
_MAX_LOCAL, _MAX_ADDRESS = 64, 254


class Topic(StrEnum):
    """What one may subscribe to: one topic for each kind of event."""

    INCIDENT = "incident"
    HOTFIX = "hotfix"
    MAINTENANCE = "maintenance"
    SUBPROCESSOR = "subprocessor"


USUAL_TOPICS = frozenset({Topic.INCIDENT, Topic.HOTFIX, Topic.MAINTENANCE})
"""What a subscriber gets unless told. Brief: of subprocessors, "only customers who subscribe will be notified"."""


class Channel(StrEnum):
    """The way to a subscriber."""

    EMAIL = "email"
    """Through the one e-mail service of the home."""
    APPRISE = "apprise"
    """An Apprise URL of its own, sealed."""


class SubscriberState(StrEnum):
    """Whether a subscriber gets anything."""

    ACTIVE = "active"
    UNVERIFIED = "unverified"
    """Nobody has confirmed the address yet."""
    PAUSED = "paused"
    """By its own wish, or an operator's."""
    QUARANTINED = "quarantined"
    """Refused for good several times in a row; an operator may activate it again."""
    REMOVED = "removed"
    """It has unsubscribed, or an operator removed it; nothing is known of it any more."""


QUARANTINE_AFTER = 3
"""So many refusals in a row put a subscriber into quarantine."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a subscriber wants to hear of."""

    topics: frozenset[Topic] = USUAL_TOPICS
    components: frozenset[str] = frozenset()
    """Only events that touch one of these; empty for all."""
    least_severity: Severity = Severity.NONE
    """Only incidents of this severity or a graver one."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One address that gets notices."""

    id: int
    address: str
    """An e-mail address, or what may be shown of an Apprise URL."""
    created_at: datetime
    wishes: Wishes = field(default_factory=Wishes)
    channel: Channel = Channel.EMAIL
    state: SubscriberState = SubscriberState.ACTIVE
    name: str = ""
    client: str = ""
    """The client whose contact it is."""

    @property
    def topics(self) -> frozenset[Topic]:
        """The topics it gets."""
        return self.wishes.topics


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a notice is for: what must fit a subscriber's wishes."""

    event: int
    topic: Topic
    severity: Severity = Severity.OUTAGE
    """Asked of incidents only."""
    components: frozenset[str] = frozenset()
    ends: bool = False
    """Whether the notice says that it is over; then whoever got an earlier one gets it, whatever they wish for now."""


def email_address(text: str) -> str:
    """Return an e-mail address in its stored form: surrounding space gone, domain in lower case.

    Only the plain ASCII addr-spec of RFC 5322 (dot-atoms, no quotes, no comments) passes: an address from outside
    must never be able to mean anything but one mailbox.

    Raises:
        ValueError: it is not such an address; the message says what is wrong.
    """
    address = text.strip()
    if "@" not in address:
        raise ValueError("an e-mail address has an @ between a name and a domain")
    found = _ADDR_SPEC.fullmatch(address)
    if found is None or len(found["local"]) > _MAX_LOCAL or len(address) > _MAX_ADDRESS:
        raise ValueError("write it like name@example.com: plain ASCII, no spaces, no quotes, a domain with a dot")
    return f"{found['local']}@{found['domain'].lower()}"
