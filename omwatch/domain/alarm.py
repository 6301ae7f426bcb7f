"""Alarms: what on-call is told, and nobody else."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing to tell on-call, once."""

    key: str
    """What it is about; the same thing is never told twice under the same key."""
    subject: str
    text: str
    raised_at: datetime


def place_of(address: str) -> str:
    """Return the fingerprint under which the store knows an on-call address, which may hold a password."""
    return sha256(address.encode()).hexdigest()[:_LENGTH]
