"""The desk: maintenance, clients, tickets, deadlines, alarms, approvals, topics; updates say all they change."""

import sqlalchemy as sa
from alembic import op

revision = "0002_desk"
down_revision = "0001_first_tables"


def upgrade() -> None:
    """Add the tables and columns of the desk, and fill in what is known of the events there are."""
    _create_tables()
    _add_columns()
    _fill_in()
    _make_audit_append_only()


def _create_tables() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_holder", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
        sa.UniqueConstraint("key", "place", name=op.f("uq_alarms_key_place")),
    )
    op.create_index(op.f("ix_alarms_state_next_try_at"), "alarms", ["state", "next_try_at"], unique=False)
    op.create_table(
        "clients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("support", sa.Text(), nullable=False),
        sa.Column("continuity_plan", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
        sa.UniqueConstraint("name", name=op.f("uq_clients_name")),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("components", sa.JSON(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by_clock", sa.Text(), nullable=False),
        sa.Column("remind_before", sa.JSON(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("duration_seconds", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("suggestion_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("clients", sa.JSON(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_approvals_event_id")),
        sa.ForeignKeyConstraint(["suggestion_id"], ["suggestions.id"], name=op.f("fk_approvals_suggestion_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index(op.f("ix_approvals_state"), "approvals", ["state"], unique=False)
    op.create_table(
        "event_clients",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_event_clients_client_id")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_event_clients_event_id")),
        sa.PrimaryKeyConstraint("event_id", "client_id", name=op.f("pk_event_clients")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_subscriptions_subscriber_id")),
        sa.PrimaryKeyConstraint("topic", "subscriber_id", name=op.f("pk_subscriptions")),
    )
    op.create_table(
        "tickets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("nature", sa.Text(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_tickets_client_id")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_tickets_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
    )
    op.create_index(op.f("ix_tickets_status"), "tickets", ["status"], unique=False)
    op.create_table(
        "deadlines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("about_id", sa.Integer(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("met_at", sa.BigInteger(), nullable=True),
        sa.Column("void_at", sa.BigInteger(), nullable=True),
        sa.Column("breached_at", sa.BigInteger(), nullable=True),
        sa.Column("snoozed_until", sa.BigInteger(), nullable=True),
        sa.Column("begun_by", sa.Integer(), nullable=True),
        sa.Column("met_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["begun_by"], ["updates.id"], name=op.f("fk_deadlines_begun_by")),
        sa.ForeignKeyConstraint(["met_by"], ["updates.id"], name=op.f("fk_deadlines_met_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadlines")),
    )
    op.create_index(op.f("ix_deadlines_about_about_id"), "deadlines", ["about", "about_id"], unique=False)
    op.create_index(op.f("ix_deadlines_due_at"), "deadlines", ["due_at"], unique=False)
    op.create_index(op.f("ix_deadlines_met_at_void_at"), "deadlines", ["met_at", "void_at"], unique=False)
    late = sa.text("(met_at > due_at OR void_at > due_at) AND breached_at IS NULL")
    op.create_index("ix_deadlines_ended_late", "deadlines", ["due_at"], sqlite_where=late, postgresql_where=late)


def _add_columns() -> None:
    op.add_column("events", sa.Column("ends_at", sa.BigInteger(), nullable=True))
    op.add_column("events", sa.Column("maintenance_kind", sa.Text(), nullable=True))
    op.add_column("events", sa.Column("by_clock", sa.Text(), nullable=True))
    op.add_column("events", sa.Column("remind_before", sa.JSON(), nullable=True))
    op.add_column(
        "events", sa.Column("corrects", sa.Integer(), sa.ForeignKey("events.id"), nullable=True), inline_references=True
    )
    op.add_column(
        "events",
        sa.Column("series_id", sa.Integer(), sa.ForeignKey("series.id"), nullable=True),
        inline_references=True,
    )
    op.add_column("events", sa.Column("subprocessor", sa.JSON(), nullable=True))
    op.add_column("events", sa.Column("withdrawn_at", sa.BigInteger(), nullable=True))
    op.add_column(
        "subscribers",
        sa.Column("client_id", sa.Integer(), sa.ForeignKey("clients.id"), nullable=True),
        inline_references=True,
    )
    op.add_column("updates", sa.Column("severity", sa.Integer(), nullable=True))
    op.add_column("updates", sa.Column("components", sa.JSON(), nullable=True))
    op.add_column("updates", sa.Column("starts_at", sa.BigInteger(), nullable=True))
    op.add_column("updates", sa.Column("ends_at", sa.BigInteger(), nullable=True))
    op.add_column("updates", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("updates", sa.Column("under_plan", sa.Boolean(), nullable=True))
    op.add_column("updates", sa.Column("publish_at", sa.BigInteger(), nullable=True))
    op.add_column("updates", sa.Column("edited_at", sa.BigInteger(), nullable=True))
    op.add_column("updates", sa.Column("withdrawn_at", sa.BigInteger(), nullable=True))


def _fill_in() -> None:
    # A timeline must lead to the present state: the first update says how bad it was, and the one that resolved it
    # that everything works again. What an incident did in between was not written down.
    op.execute(
        """
        UPDATE updates SET
            severity = (SELECT severity FROM events WHERE events.id = updates.event_id),
            components = (
                SELECT json_group_object(component, CASE
                    WHEN events.status <> 'resolved' THEN event_components.status
                    WHEN events.severity = 1 THEN 'major_outage'
                    WHEN events.severity = 2 THEN 'partial_outage'
                    WHEN events.severity = 3 THEN 'degraded_performance'
                    ELSE 'operational' END)
                FROM event_components JOIN events ON events.id = event_components.event_id
                WHERE event_components.event_id = updates.event_id
            )
        WHERE id IN (SELECT min(id) FROM updates GROUP BY event_id)
        """
    )
    op.execute(
        """
        UPDATE updates SET components = (
            SELECT json_group_object(component, 'operational') FROM event_components
            WHERE event_components.event_id = updates.event_id
        )
        WHERE status = 'resolved' AND severity IS NULL
        """
    )
    for topic in ("incident", "hotfix", "maintenance"):
        op.execute(f"INSERT INTO subscriptions (topic, subscriber_id) SELECT '{topic}', id FROM subscribers")  # noqa: S608 - our own words


def _make_audit_append_only() -> None:
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_refuses_{what.lower()} BEFORE {what} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        )
    # INSERT OR REPLACE removes the old row without a word to the triggers of DELETE.
    op.execute(
        "CREATE TRIGGER audit_refuses_replace BEFORE INSERT ON audit "
        "WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
    )
