"""Domain values for tests, each with everything filled in but what the test is about."""

from datetime import UTC, datetime, timedelta

from omwatch.domain.assessment import Assessment
from omwatch.domain.attempt import Attempt, Outcome, Phases, Step
from omwatch.domain.client import Client, Support
from omwatch.domain.event import Event, EventKind, EventStatus, Update
from omwatch.domain.judge import Count, wilson
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.suggestion import Evidence, Suggestion, SuggestionState
from omwatch.domain.ticket import Ticket, TicketNature, TicketStatus

T0 = datetime(2026, 1, 5, 15, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """Return the instant that many seconds after the test's beginning."""
    return T0 + timedelta(seconds=seconds)


def an_attempt(
    subject: str = "agent-001",
    seconds: float = 0.0,
    outcome: Outcome = Outcome.PASSED,
    check: str = "agent-login",
    duration_ms: float = 12.5,
) -> Attempt:
    error = "" if outcome is Outcome.PASSED else "log in: answered 503"
    step = Step("log in", 0.0, duration_ms, Phases(dns_ms=0.5, connect_ms=1.25), error)
    return Attempt(check, subject, after(seconds), duration_ms, outcome, error, (step,))


def an_assessment(
    component: str = "Agent login",
    severity: Severity | None = Severity.OUTAGE,
    failing: int = 20,
    tried: int = 50,
    check: str | None = None,
    first_failed: float = 0.0,
) -> Assessment:
    unhealthy = severity is not None and severity < Severity.NONE
    count = Count(failing, tried) if unhealthy else Count(0, tried)
    return Assessment(
        check=check or component.lower().replace(" ", "-"),
        component=component,
        severity=severity,
        count=count,
        interval=wilson(count),
        since=after(5),
        first_failed_at=after(first_failed) if unhealthy else None,
        reason=f"{count.failing} of {count.tried} agents failed",
        unit_noun="agent",
    )


def an_evidence(
    component: str = "Agent login", severity: Severity = Severity.OUTAGE, failing: int = 20, first_failed: float = 0.0
) -> Evidence:
    count = Count(failing, 50)
    return Evidence(
        component=component,
        severity=severity,
        count=count,
        interval=wilson(count),
        noun="agent",
        reason=f"{failing} of 50 agents failed",
        first_failed_at=after(first_failed),
    )


def a_suggestion(
    *evidence: Evidence,
    number: int = 1,
    state: SuggestionState = SuggestionState.OPEN,
    settled: bool = False,
) -> Suggestion:
    parts = evidence or (an_evidence(),)
    return Suggestion(
        id=number,
        state=state,
        severity=min(item.severity for item in parts),
        evidence=parts,
        opened_at=after(10),
        first_failed_at=min(item.first_failed_at for item in parts),
        settled=settled,
    )


def an_incident(
    title: str = "Agent login: system outage",
    text: str = "We have identified a system outage.",
    status: EventStatus = EventStatus.IDENTIFIED,
) -> tuple[Event, Update]:
    components = {"Agent login": ComponentStatus.MAJOR_OUTAGE, "Screen pop": ComponentStatus.PARTIAL_OUTAGE}
    update = Update(1, status, text, "ada", after(30), Severity.OUTAGE, components)
    incident = Event(
        id=1,
        kind=EventKind.INCIDENT,
        title=title,
        severity=Severity.OUTAGE,
        status=status,
        components=components,
        started_at=after(0),
        created_at=after(30),
        updates=(update,),
    )
    return incident, update


def a_client(name: str = "Acme", number: int = 1, *, continuity_plan: bool = True) -> Client:
    return Client(number, name, Support.STANDARD, continuity_plan, after(0))


def a_ticket(
    number: int = 1,
    client: str = "Acme",
    seconds: float = 0.0,
    grade: Severity = Severity.IMPAIRMENT,
    component: str = "Chat routing",
) -> Ticket:
    return Ticket(
        id=number,
        client=client,
        support=Support.STANDARD,
        nature=TicketNature.FAULT,
        component=component,
        grade=grade,
        title="Chats wait",
        text="",
        status=TicketStatus.WAITING,
        reported_at=after(seconds),
    )
