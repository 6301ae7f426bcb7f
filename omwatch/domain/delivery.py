"""A delivery: one update on its way to one subscriber."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DeliveryState(StrEnum):
    """Where one update to one subscriber stands."""

    QUEUED = "queued"
    SENDING = "sending"
    """Claimed by a courier, under a lease."""
    SENT = "sent"
    FAILED = "failed"
    """Will be tried again at the instant its row names."""
    DEAD = "dead"
    """Given up: a permanent error, or too many tries."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What operators see of one delivery."""

    id: int
    update_id: int
    address: str
    state: DeliveryState
    tries: int
    error: str
    changed_at: datetime
