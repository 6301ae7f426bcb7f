"""What follows from clients rather than from attempts: an incident that they report, and a milder grade for an outage.

Both are suggestions like the judge's: one stands for each component, or outage, for as long as it is true, and a
dismissed one stays quiet until there is more to say: a client more, or a graver ticket; other clients affected.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from omwatch.domain.client import Client
from omwatch.domain.event import Event
from omwatch.domain.judge import Count, Interval, plural
from omwatch.domain.policy import Policy
from omwatch.domain.proposing import Move, Proposal, changed, put_away
from omwatch.domain.severity import Severity
from omwatch.domain.suggestion import Evidence, Suggestion, SuggestionKind, SuggestionState
from omwatch.domain.ticket import Ticket

_NOUN = "client"
_CERTAIN = Interval(100.0, 100.0)  # all who are counted say so; nothing is estimated
_MOST_LISTED = 10


@dataclass(frozen=True, slots=True)
class Affected:
    """An incident that goes on, and the clients that it affects."""

    incident: Event
    clients: tuple[Client, ...]


def folded(component: str) -> str:
    """Return the name of a component as names are compared: neither case nor spacing makes another one."""
    return " ".join(component.split()).casefold()


def counts_as_report(ticket: Ticket) -> bool:
    """Tell whether a ticket may be behind an incident that nobody has opened yet."""
    return ticket.status.open and ticket.nature.may_be_incident and ticket.incident is None and bool(ticket.component)


def by_reports(
    tickets: Sequence[Ticket],
    suggestions: Sequence[Suggestion],
    taken: Iterable[str],
    policy: Policy,
    now: datetime,
    names: Iterable[str] = (),
) -> list[Proposal]:
    """Return the moves that follow from what clients report.

    Enough clients who report one component within the policy's time suggest an incident of it. Once that is suggested,
    its tickets count for as long as they are open: a suggestion must not go away because nobody has looked at it.

    Args:
        tickets: every one that counts as a report, and those behind the suggestions.
        suggestions: the reported ones: the open, and the dismissed ones that are not settled.
        taken: the components that need no suggestion: an open incident covers them, the judge suggests them, or they
            are under maintenance.
        policy: how many clients it takes, and within which time.
        now: aware UTC.
        names: the components as the page writes them.
    """
    spelled = {folded(name): name for name in names}
    excluded = {folded(name) for name in taken}
    authors = {ticket.id: ticket.client for ticket in tickets}
    reports = _grouped(tickets)
    olds: dict[str, list[Suggestion]] = {}
    for old in suggestions:
        olds.setdefault(folded(old.components[0]), []).append(old)
    moves: list[Proposal] = []
    for key in sorted({*reports, *olds}):
        theirs, mine = reports.get(key, []), olds.get(key, [])
        standing = next((old for old in mine if old.state is SuggestionState.OPEN), None)
        recent = {ticket.id for ticket in theirs if now - ticket.reported_at <= policy.reports_within}
        kept = standing.behind if standing else frozenset()
        counted = [ticket for ticket in theirs if ticket.id in recent | kept]
        enough = len({ticket.client for ticket in counted}) >= policy.reports_needed
        fresh = _reported(counted, spelled.get(key), now) if enough and key not in excluded else None
        quiet = [old for old in mine if old.state is SuggestionState.DISMISSED]
        moves += [put_away(old) for old in quiet if not recent]
        if standing:
            moves += _kept_up(standing, fresh)
        elif fresh and all(_says_more(fresh, old, authors) for old in quiet):
            moves.append(Proposal(Move.OPEN, fresh))
    return moves


def under_plans(affected: Sequence[Affected], suggestions: Sequence[Suggestion], now: datetime) -> list[Proposal]:
    """Return the moves that follow from the continuity plans of the clients that outages affect.

    Brief: "Based and dependent on our clients' business continuity plan, severity 1 tickets may be reevaluated and
    potentially regraded to a severity 2 ticket."

    Args:
        affected: the incidents that go on, with their clients.
        suggestions: the continuity ones: the open, and the dismissed ones that are not settled.
        now: aware UTC.
    """
    outages = {item.incident.id: item for item in affected if item.incident.severity is Severity.OUTAGE}
    moves = [put_away(old) for old in suggestions if old.incident not in outages]
    for number, outage in outages.items():
        mine = [old for old in suggestions if old.incident == number]
        standing = next((old for old in mine if old.state is SuggestionState.OPEN), None)
        planned = bool(outage.clients) and all(client.continuity_plan for client in outage.clients)
        fresh = _planned(outage, now) if planned else None
        if standing:
            moves += _kept_up(standing, fresh)
        elif fresh and all(old.behind != fresh.behind for old in mine):
            moves.append(Proposal(Move.OPEN, fresh))
    return moves


def _grouped(tickets: Iterable[Ticket]) -> dict[str, list[Ticket]]:
    """Return the reports of every component, oldest first."""
    groups: dict[str, list[Ticket]] = {}
    for ticket in sorted(tickets, key=lambda ticket: (ticket.reported_at, ticket.id)):
        if counts_as_report(ticket):
            groups.setdefault(folded(ticket.component), []).append(ticket)
    return groups


def _kept_up(standing: Suggestion, fresh: Suggestion | None) -> list[Proposal]:
    if fresh is None:
        return [put_away(standing)]
    return changed(standing, replace(fresh, id=standing.id, opened_at=standing.opened_at))


def _says_more(fresh: Suggestion, dismissed: Suggestion, authors: Mapping[int, str]) -> bool:
    """Tell whether a graver ticket has come, or a client who was not behind what was dismissed."""
    heard = {authors[number] for number in dismissed.behind if number in authors}
    return fresh.severity < dismissed.severity or bool({authors[number] for number in fresh.behind} - heard)


def _reported(tickets: Sequence[Ticket], spelled: str | None, now: datetime) -> Suggestion:
    """Return the suggestion of an incident that these tickets report, oldest first."""
    component = spelled or " ".join(tickets[0].component.split())
    # Nobody suggests an incident of no loss: what many report is a minor loss at least.
    severity = min(Severity.MINOR, *(ticket.grade for ticket in tickets))
    clients = len({ticket.client for ticket in tickets})
    numbers = tuple(sorted(ticket.id for ticket in tickets))
    report = "reports" if clients == 1 else "report"
    reason = f"{clients} {plural(_NOUN, clients)} {report} {component} ({_listed(numbers)})"
    evidence = _evidence(component, severity, clients, reason, tickets[0].reported_at, numbers)
    return _suggestion(SuggestionKind.REPORTED, severity, [evidence], now, tickets[0].reported_at)


def _planned(outage: Affected, now: datetime) -> Suggestion:
    """Return the suggestion to regrade an outage under the plans of its clients."""
    incident, severity = outage.incident, Severity.IMPAIRMENT
    clients = sorted(outage.clients, key=lambda client: client.name.casefold())
    whose = "the one affected client has" if len(clients) == 1 else f"all {len(clients)} affected clients have"
    reason = f"{whose} a business continuity plan: {', '.join(client.name for client in clients)}"
    numbers = tuple(sorted(client.id for client in clients))
    evidence = [
        _evidence(component, severity, len(clients), reason, incident.started_at, numbers)
        for component in incident.components
    ]
    fresh = _suggestion(SuggestionKind.CONTINUITY, severity, evidence, now, incident.started_at)
    return replace(fresh, incident=incident.id)


def _evidence(
    component: str, severity: Severity, clients: int, reason: str, since: datetime, behind: tuple[int, ...]
) -> Evidence:
    return Evidence(component, severity, Count(clients, clients), _CERTAIN, _NOUN, reason, since, behind=behind)


def _suggestion(
    kind: SuggestionKind, severity: Severity, evidence: Sequence[Evidence], now: datetime, since: datetime
) -> Suggestion:
    return Suggestion(0, SuggestionState.OPEN, severity, tuple(evidence), now, since, kind=kind)


def _listed(numbers: Sequence[int]) -> str:
    """Return "ticket 3", or "tickets 3, 4 and 5" cut after so many."""
    told, rest = ", ".join(map(str, numbers[:_MOST_LISTED])), len(numbers) - _MOST_LISTED
    return f"{plural('ticket', len(numbers))} {told}{f' and {rest} more' if rest > 0 else ''}"
