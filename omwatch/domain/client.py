"""Clients: the organisations that use the platform, and what was agreed with them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Support(StrEnum):
    """What a client pays for. Brief: "tickets for clients with Premium Support are prioritized"."""

    STANDARD = "standard"
    PREMIUM = "premium"


@dataclass(frozen=True, slots=True)
class Client:
    """A customer organisation."""

    id: int
    name: str
    support: Support
    continuity_plan: bool
    """Whether it has a business continuity plan, under which severity 1 may become severity 2."""
    created_at: datetime
    contacts: tuple[str, ...] = ()
    """The addresses of its subscribers."""
