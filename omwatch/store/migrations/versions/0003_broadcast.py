"""Broadcast: channels and wishes of subscribers, the order of deliveries, switches."""

import sqlalchemy as sa
from alembic import op

revision = "0003_broadcast"
down_revision = "0002_desk"


def upgrade() -> None:
    """Add what broadcasting needs, and fill in what is known of the subscribers and deliveries there are."""
    op.create_table(
        "subscriber_components",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_subscriber_components_subscriber_id")
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "component", name=op.f("pk_subscriber_components")),
    )
    op.create_table(
        "switches",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_switches")),
    )
    op.add_column("subscribers", sa.Column("channel", sa.Text(), nullable=True))
    op.add_column("subscribers", sa.Column("sealed", sa.Text(), nullable=True))
    op.add_column("subscribers", sa.Column("fingerprint", sa.Text(), nullable=True))
    op.add_column("subscribers", sa.Column("name", sa.Text(), nullable=True))
    op.add_column("subscribers", sa.Column("least_severity", sa.Integer(), nullable=True))
    op.add_column("subscribers", sa.Column("state", sa.Text(), nullable=True))
    op.add_column("subscribers", sa.Column("refusals", sa.Integer(), nullable=True))
    op.add_column("subscribers", sa.Column("changed_at", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_subscriptions_subscriber_id"), "subscriptions", ["subscriber_id"])
    op.create_index(op.f("ix_subscribers_fingerprint"), "subscribers", ["fingerprint"], unique=True)
    event = sa.Column("event_id", sa.Integer(), sa.ForeignKey("events.id"), nullable=True)
    carrier = sa.Column("carrier_id", sa.Integer(), sa.ForeignKey("deliveries.id"), nullable=True)
    op.add_column("deliveries", event, inline_references=True)
    op.add_column("deliveries", carrier, inline_references=True)
    op.create_index(op.f("ix_deliveries_subscriber_id_event_id"), "deliveries", ["subscriber_id", "event_id"])
    op.create_index(op.f("ix_deliveries_carrier_id"), "deliveries", ["carrier_id"])
    op.execute("UPDATE subscribers SET channel = 'email', state = 'active', least_severity = 4, refusals = 0")
    op.execute(
        "UPDATE deliveries SET event_id = (SELECT event_id FROM updates WHERE updates.id = deliveries.update_id)"
    )
