"""Tickets as commands print them."""

from datetime import datetime, timedelta

from omwatch.cli.listing import facts
from omwatch.cli.times import shown
from omwatch.domain.client import Support
from omwatch.domain.deadline import DeadlineState
from omwatch.domain.sla import in_words
from omwatch.domain.ticket import Ticket, TicketNature


def line(item: Ticket, now: datetime) -> str:
    """Return a ticket as lists print it."""
    premium = "premium" if item.support is Support.PREMIUM else ""
    about = [
        item.component,
        "" if item.nature is TicketNature.FAULT else item.nature,
        f"incident {item.incident}" if item.incident else "",
        item.assignee,
    ]
    more = ", ".join(filter(None, about))
    title = f"{item.title} ({more})" if more else item.title
    return f"{item.id:>5}  severity {item.grade:d}  {premium:<7}  {item.client:<20}  {standing(item, now):<19}  {title}"


def lines(item: Ticket, now: datetime, zone: str) -> list[str]:
    """Return all that is known of a ticket, its times told in a zone, too."""
    known: list[tuple[str, object]] = [
        ("client", f"{item.client}, {item.support} support"),
        ("nature", item.nature),
        ("component", item.component or "not named"),
        ("severity", f"{item.grade:d} {item.grade.label}"),
        ("reported", shown(item.reported_at, zone)),
        ("stands", f"{standing(item, now)}; {owed(item, zone)}"),
        ("assigned", item.assignee or "to nobody"),
        ("incident", item.incident or "none"),
    ]
    told = facts(f"ticket {item.id}: {item.title}", known)
    return [*told, "", item.text] if item.text else told


def standing(item: Ticket, now: datetime) -> str:
    """Return "due in 25 min", "late by 5 min", "responded", "responded late" or "closed"."""
    if not item.status.open:
        return "closed"
    response = item.response
    if response is None or not response.open:
        late = response is not None and response.state(now) is DeadlineState.BREACHED
        return "responded late" if late else "responded"
    left = response.due_at - now
    return f"due in {in_words(left)}" if left >= timedelta() else f"late by {in_words(-left)}"


def owed(item: Ticket, zone: str) -> str:
    """Return by when the first response is owed, or was given."""
    response = item.response
    if response is None:
        return "no response is owed"
    if response.met_at is not None:
        return f"responded at {shown(response.met_at, zone)}, owed by {shown(response.due_at, zone)}"
    return f"respond by {shown(response.due_at, zone)}"
