"""The outbox and what providers reported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "reminder_rule",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("minutes_before", sa.Integer(), nullable=False),
        sa.Column("modes", sa.JSON(), nullable=False),
        sa.CheckConstraint("minutes_before > 0", name=op.f("ck_reminder_rule_before_the_start")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_reminder_rule_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_rule")),
        sa.UniqueConstraint(
            "practice_id",
            "kind",
            "channel",
            "minutes_before",
            name=op.f("uq_reminder_rule_practice_id_kind_channel_minutes_before"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_reminder_rule_public_id")),
    )
    op.create_index(op.f("ix_reminder_rule_practice_id"), "reminder_rule", ["practice_id"])
    op.create_table(
        "message",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("appointment_id", BigId, nullable=False),
        sa.Column("attendee_id", BigId, nullable=True),
        sa.Column("recipient", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("minutes_before", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("planned_for", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("not_after", UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.Boolean(), nullable=False),
        sa.Column("worker", sa.String(length=80), nullable=True),
        sa.Column("lease_until", UTCDateTime(), nullable=True),
        sa.Column("provider_id", sa.String(length=120), nullable=True),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("first_tried_at", UTCDateTime(), nullable=True),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_message_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["attendee_id"], ["attendee.id"], name=op.f("fk_message_attendee_id_attendee")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_message_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "appointment_id",
            "kind",
            "minutes_before",
            "channel",
            "recipient",
            "version",
            name=op.f("uq_message_appointment_id_kind_minutes_before_channel_recipient_version"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_message_public_id")),
    )
    op.create_index(
        "ix_message_due",
        "message",
        ["due_at"],
        sqlite_where=sa.text("status IN ('planned', 'sending')"),
        postgresql_where=sa.text("status IN ('planned', 'sending')"),
    )
    op.create_index(op.f("ix_message_practice_id"), "message", ["practice_id"])
    op.create_index(op.f("ix_message_provider_id"), "message", ["provider_id"])
    op.create_table(
        "message_event",
        sa.Column("id", BigId, nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("message_id", BigId, nullable=False),
        sa.Column("provider_id", sa.String(length=120), nullable=False),
        sa.Column("provider_status", sa.String(length=40), nullable=False),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_event_message_id_message")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_message_event_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_event")),
        sa.UniqueConstraint(
            "message_id",
            "provider_id",
            "provider_status",
            name=op.f("uq_message_event_message_id_provider_id_provider_status"),
        ),
    )
    op.create_index(op.f("ix_message_event_practice_id"), "message_event", ["practice_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("message_event")
    op.drop_table("message")
    op.drop_table("reminder_rule")
