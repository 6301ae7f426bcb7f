"""Every table, once. Migrations bring a database here; a test holds the two together."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from omwatch.domain.approval import ApprovalState
from omwatch.domain.attempt import Outcome
from omwatch.domain.client import Support
from omwatch.domain.deadline import About, Duty
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.event import ByClock, EventKind, EventStatus, MaintenanceKind
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.subscriber import Channel, SubscriberState, Topic
from omwatch.domain.suggestion import SuggestionKind, SuggestionState
from omwatch.domain.ticket import TicketNature, TicketStatus
from omwatch.store.columns import Choice, Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("check_name", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("duration_ms", Float, nullable=False),
    Column("outcome", Choice(Outcome), nullable=False),
    Column("error", Text, nullable=False),
    Column("steps", JSON, nullable=False),
    Index(None, "check_name", "at"),
    Index(None, "at"),
)

attempt_minutes = Table(
    "attempt_minutes",
    metadata,
    # The minute first: screens ask for the last minutes of every check, and must not read all of history for it.
    Column("minute", Instant, primary_key=True),
    Column("check_name", Text, primary_key=True),
    Column("passed", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("broken", Integer, nullable=False),
    Column("total_ms", Float, nullable=False),
    Column("longest_ms", Float, nullable=False),
)

assessments = Table(
    "assessments",
    metadata,
    Column("check_name", Text, primary_key=True),
    Column("component", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("noun", Text, nullable=False),
    Column("severity", Choice(Severity)),
    Column("failing", Integer, nullable=False),
    Column("tried", Integer, nullable=False),
    Column("low", Float, nullable=False),
    Column("high", Float, nullable=False),
    Column("since", Instant, nullable=False),
    Column("first_failed_at", Instant),
    Column("clear_since", Instant),
    Column("reason", Text, nullable=False),
    Column("trouble", Text, nullable=False),
    Column("trouble_since", Instant),
    Column("errors", JSON, nullable=False),
    Column("judged_at", Instant, nullable=False),
)

suggestions = Table(
    "suggestions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", Choice(SuggestionState), nullable=False, index=True),
    Column("severity", Choice(Severity), nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("first_failed_at", Instant, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("kind", Choice(SuggestionKind), nullable=False),
    Column("incident", Integer),
    Column("decided_at", Instant),
    Column("decided_by", Text),
    Column("why", Text),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Choice(EventKind), nullable=False),
    Column("title", Text, nullable=False),
    Column("severity", Choice(Severity), nullable=False),
    Column("status", Choice(EventStatus), nullable=False, index=True),
    Column("started_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("suggestion_id", Integer, ForeignKey("suggestions.id"), unique=True),
    Column("ends_at", Instant),
    Column("maintenance_kind", Choice(MaintenanceKind)),
    Column("by_clock", Choice(ByClock)),
    Column("remind_before", JSON),
    Column("corrects", Integer, ForeignKey("events.id")),
    Column("series_id", Integer, ForeignKey("series.id")),
    Column("subprocessor", JSON),
    Column("withdrawn_at", Instant),
)

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("components", JSON, nullable=False),
    Column("kind", Choice(MaintenanceKind), nullable=False),
    Column("by_clock", Choice(ByClock), nullable=False),
    Column("remind_before", JSON, nullable=False),
    Column("rule", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("duration_seconds", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("ended_at", Instant),
)

event_clients = Table(
    "event_clients",
    metadata,
    Column("event_id", Integer, ForeignKey("events.id"), primary_key=True),
    Column("client_id", Integer, ForeignKey("clients.id"), primary_key=True),
)

event_components = Table(
    "event_components",
    metadata,
    Column("event_id", Integer, ForeignKey("events.id"), primary_key=True),
    Column("component", Text, primary_key=True),
    Column("status", Choice(ComponentStatus), nullable=False),
)

updates = Table(
    "updates",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", Integer, ForeignKey("events.id"), nullable=False, index=True),
    Column("status", Choice(EventStatus), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("author", Text, nullable=False),
    Column("severity", Choice(Severity)),
    Column("components", JSON),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    Column("reason", Text),
    Column("under_plan", Boolean),
    Column("publish_at", Instant),
    Column("edited_at", Instant),
    Column("withdrawn_at", Instant),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address", Text, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("client_id", Integer, ForeignKey("clients.id")),
    Column("channel", Choice(Channel)),
    Column("sealed", Text),
    Column("fingerprint", Text, index=True, unique=True),
    Column("name", Text),
    Column("least_severity", Choice(Severity)),
    Column("state", Choice(SubscriberState)),
    Column("refusals", Integer),
    Column("changed_at", Instant),
)

subscriber_components = Table(
    "subscriber_components",
    metadata,
    Column("subscriber_id", Integer, ForeignKey("subscribers.id"), primary_key=True),
    Column("component", Text, primary_key=True),
)

switches = Table(
    "switches",
    metadata,
    Column("name", Text, primary_key=True),
    Column("is_on", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("why", Text, nullable=False),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("topic", Choice(Topic), primary_key=True),
    Column("subscriber_id", Integer, ForeignKey("subscribers.id"), primary_key=True, index=True),
)

clients = Table(
    "clients",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("support", Choice(Support), nullable=False),
    Column("continuity_plan", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("client_id", Integer, ForeignKey("clients.id"), nullable=False),
    Column("nature", Choice(TicketNature), nullable=False),
    Column("component", Text, nullable=False),
    Column("grade", Choice(Severity), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("status", Choice(TicketStatus), nullable=False, index=True),
    Column("reported_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("assignee", Text, nullable=False),
    Column("event_id", Integer, ForeignKey("events.id")),
    Column("closed_at", Instant),
)

_ENDED_LATE = text("(met_at > due_at OR void_at > due_at) AND breached_at IS NULL")
deadlines = Table(
    "deadlines",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("duty", Choice(Duty), nullable=False),
    Column("about", Choice(About), nullable=False),
    Column("about_id", Integer, nullable=False),
    Column("severity", Choice(Severity), nullable=False),
    Column("since", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("met_at", Instant),
    Column("void_at", Instant),
    Column("breached_at", Instant),
    Column("snoozed_until", Instant),
    # The updates that began and ended it, so that an undo can take back both.
    Column("begun_by", Integer, ForeignKey("updates.id")),
    Column("met_by", Integer, ForeignKey("updates.id")),
    Index(None, "about", "about_id"),
    Index(None, "met_at", "void_at"),
    Index(None, "due_at"),
    # Those whose breach waits to be written down, few at any time; the clock looks for them every second.
    Index("ix_deadlines_ended_late", "due_at", sqlite_where=_ENDED_LATE, postgresql_where=_ENDED_LATE),
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("state", Choice(DeliveryState), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", Instant, nullable=False),
    Column("lease_holder", Text),
    Column("lease_until", Instant),
    Column("error", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("key", "place"),
    Index(None, "state", "next_try_at"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", Choice(ApprovalState), nullable=False, index=True),
    Column("suggestion_id", Integer, ForeignKey("suggestions.id")),
    Column("event_id", Integer, ForeignKey("events.id")),
    Column("draft", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("clients", JSON),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", Instant),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("update_id", Integer, ForeignKey("updates.id"), nullable=False),
    Column("subscriber_id", Integer, ForeignKey("subscribers.id"), nullable=False),
    Column("state", Choice(DeliveryState), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", Instant, nullable=False),
    Column("lease_holder", Text),
    Column("lease_until", Instant),
    Column("message_id", Text, nullable=False, unique=True),
    Column("error", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("event_id", Integer, ForeignKey("events.id")),
    Column("carrier_id", Integer, ForeignKey("deliveries.id")),
    UniqueConstraint("update_id", "subscriber_id"),
    Index(None, "state", "next_try_at"),
    Index(None, "subscriber_id", "event_id"),
    Index(None, "carrier_id"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("operator", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("noun", Text, nullable=False),
    Column("noun_id", Integer, nullable=False),
    Column("before", JSON),
    Column("after", JSON),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("process", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("renewed_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("notes", JSON, nullable=False),
)
