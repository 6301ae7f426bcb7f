"""Approvals: a decision that waits for a second person."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from omwatch.domain.notice import Draft


class ApprovalState(StrEnum):
    """What became of it."""

    WAITING = "waiting"
    GIVEN = "given"
    REFUSED = "refused"
    VOID = "void"
    """What it was about has gone."""


@dataclass(frozen=True, slots=True)
class Approval:
    """A notice that one operator wants to publish and another must agree to."""

    id: int
    state: ApprovalState
    draft: Draft
    asked_by: str
    asked_at: datetime
    suggestion: int | None = None
    """The suggestion that it would confirm."""
    event: int | None = None
    """The incident that it would regrade."""
    reason: str = ""
    clients: tuple[str, ...] = ()
    """The names of the clients that the incident it would open affects."""
