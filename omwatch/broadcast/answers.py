"""What came of handing one message over, whichever way it went."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What the other side said in the end."""

    ACCEPTED = "accepted"
    TRY_LATER = "try later"
    REFUSED = "refused"
    """For good; trying again would only annoy."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of handing one message over."""

    verdict: Verdict
    error: str = ""
    """In words of ours: never a URL, a token or a reply, which may repeat one."""
    retry_after_seconds: float | None = None
    """How long the other side asked us to wait before the next try; None where it did not say."""
