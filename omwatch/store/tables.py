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
)

from omwatch.domain.attempt import Outcome
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.event import EventKind, IncidentStatus
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.suggestion import SuggestionKind, SuggestionState
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
    Column("status", Choice(IncidentStatus), nullable=False, index=True),
    Column("started_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("suggestion_id", Integer, ForeignKey("suggestions.id"), unique=True),
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
    Column("status", Choice(IncidentStatus), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("author", Text, nullable=False),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address", Text, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
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
    UniqueConstraint("update_id", "subscriber_id"),
    Index(None, "state", "next_try_at"),
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
