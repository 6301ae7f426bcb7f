"""Subscribers: an address, and what it wants to hear of."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One address that gets notices."""

    id: int
    address: str
    created_at: datetime
    topics: frozenset[Topic] = USUAL_TOPICS


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
