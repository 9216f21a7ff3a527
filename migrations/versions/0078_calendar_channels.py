"""Channels by which providers tell us that something in a connected calendar is new."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0078"
down_revision = "0077"

TABLE = "calendar_channel"
INSTANT = UTCDateTime(timezone=True)


def upgrade() -> None:
    """Make it so. None is open yet."""
    op.create_table(
        TABLE,
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("calendar_id", BigId, nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=True),
        sa.Column("remote_name", sa.String(length=200), nullable=True),
        sa.Column("resource", sa.String(length=200), nullable=True),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("worker", sa.String(length=40), nullable=True),
        sa.Column("leased_until", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f(f"fk_{TABLE}_practice_id_practice")),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["connected_calendar.id"], name=op.f(f"fk_{TABLE}_calendar_id_connected_calendar")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_channel")),
        sa.UniqueConstraint("public_id", name=op.f("uq_calendar_channel_public_id")),
        sa.UniqueConstraint("calendar_id", name=op.f("uq_calendar_channel_calendar_id")),
    )
    op.create_index(op.f("ix_calendar_channel_practice_id"), TABLE, ["practice_id"])


def downgrade() -> None:
    """Take it back. What is open ends by itself within days, and what it says is not heard."""
    op.drop_table(TABLE)
