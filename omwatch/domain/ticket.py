"""Tickets: what clients report, graded with the four severities, in the order in which they are worked on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from omwatch.domain.client import Support
from omwatch.domain.deadline import Deadline
from omwatch.domain.severity import Severity


class TicketNature(StrEnum):
    """What a ticket asks for. Brief, severity 4: "an enhancement request, a request for information"."""

    FAULT = "fault"
    ENHANCEMENT = "enhancement request"
    QUESTION = "question"

    @property
    def may_be_incident(self) -> bool:
        """Tell whether it can be part of an incident; what only asks for something never is."""
        return self is TicketNature.FAULT


class TicketStatus(StrEnum):
    """Where a ticket stands."""

    WAITING = "waiting"
    """For a first response."""
    RESPONDED = "responded"
    CLOSED = "closed"

    @property
    def open(self) -> bool:
        """Tell whether it is still worked on."""
        return self is not TicketStatus.CLOSED


@dataclass(frozen=True, slots=True)
class Ticket:
    """One report of one client."""

    id: int
    client: str
    support: Support
    nature: TicketNature
    component: str
    """What it is about, as the page calls it; empty where that is unknown."""
    grade: Severity
    title: str
    text: str
    status: TicketStatus
    reported_at: datetime
    assignee: str = ""
    incident: int | None = None
    """The incident that it is part of."""
    response: Deadline | None = None
    """By when the first response is owed, or was."""
    closed_at: datetime | None = None


def grade_refusal(nature: TicketNature, grade: Severity) -> str:
    """Return why a ticket cannot have that grade; empty when it can.

    Brief: an enhancement request, or a request for information, is a severity 4.
    """
    if nature.may_be_incident or grade is Severity.NONE:
        return ""
    article = "an" if nature is TicketNature.ENHANCEMENT else "a"
    return f"{article} {nature} is always severity 4, no loss of service; report what fails as a fault"


def queue(tickets: Sequence[Ticket]) -> list[Ticket]:
    """Return the tickets in the order of work: severity, then premium, then the deadline, then age.

    Brief: severities apply to standard and premium alike, "though tickets for clients with Premium Support are
    prioritized for remediation work". A ticket that has had its response keeps its place by that response's deadline.
    """
    return sorted(tickets, key=_place)


def _place(ticket: Ticket) -> tuple[Severity, bool, datetime, int]:
    due = ticket.response.due_at if ticket.response else ticket.reported_at
    return ticket.grade, ticket.support is not Support.PREMIUM, due, ticket.id
