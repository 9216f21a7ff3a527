"""Connections to calendars that therapists keep elsewhere, and of each busy interval in which one it was read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0070"
down_revision = "0069"

BUSY, CONNECTION, CALENDAR, ENTRY = "busy_interval", "calendar_connection", "connected_calendar", "remote_entry"
OF = {"calendar_id": CALENDAR, "entry_id": ENTRY}


def upgrade() -> None:
    """Make it so. What programs have reported stays as it is."""
    op.create_table(
        CONNECTION,
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("therapist_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("username", sa.String(length=320), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("failure", sa.String(length=20), nullable=True),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("due_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("worker", sa.String(length=40), nullable=True),
        sa.Column("leased_until", UTCDateTime(timezone=True), nullable=True),
        sa.Column("tried_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("synced_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("failing_since", UTCDateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("warned_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_calendar_connection_practice_id_practice")
        ),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapist.id"], name=op.f("fk_calendar_connection_therapist_id_therapist")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_connection")),
        sa.UniqueConstraint("public_id", name=op.f("uq_calendar_connection_public_id")),
    )
    op.create_index("ix_calendar_connection_due", CONNECTION, ["state", "due_at"])
    for name in ("practice_id", "therapist_id"):
        op.create_index(op.f(f"ix_calendar_connection_{name}"), CONNECTION, [name])
    op.create_table(
        CALENDAR,
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("connection_id", BigId, nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("remote_digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=True),
        sa.Column("can_write", sa.Boolean(), nullable=False),
        sa.Column("blocks", sa.Boolean(), nullable=False),
        sa.Column("is_written", sa.Boolean(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("modified", sa.String(length=200), nullable=True),
        sa.Column("read_whole_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_connected_calendar_practice_id_practice")
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["calendar_connection.id"],
            name=op.f("fk_connected_calendar_connection_id_calendar_connection"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connected_calendar")),
        sa.UniqueConstraint("public_id", name=op.f("uq_connected_calendar_public_id")),
        sa.UniqueConstraint(
            "connection_id", "remote_digest", name=op.f("uq_connected_calendar_connection_id_remote_digest")
        ),
    )
    for name in ("practice_id", "connection_id"):
        op.create_index(op.f(f"ix_connected_calendar_{name}"), CALENDAR, [name])
    op.create_table(
        ENTRY,
        sa.Column("id", BigId, nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("calendar_id", BigId, nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("remote_digest", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_remote_entry_practice_id_practice")),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["connected_calendar.id"], name=op.f("fk_remote_entry_calendar_id_connected_calendar")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remote_entry")),
        sa.UniqueConstraint("calendar_id", "remote_digest", name=op.f("uq_remote_entry_calendar_id_remote_digest")),
    )
    for name in ("practice_id", "calendar_id"):
        op.create_index(op.f(f"ix_remote_entry_{name}"), ENTRY, [name])
    with op.batch_alter_table(BUSY) as batch_op:
        for name, table in OF.items():
            batch_op.add_column(sa.Column(name, BigId, nullable=True))
            batch_op.create_foreign_key(batch_op.f(f"fk_busy_interval_{name}_{table}"), table, [name], ["id"])
    for name in OF:
        op.create_index(op.f(f"ix_busy_interval_{name}"), BUSY, [name])


def downgrade() -> None:
    """Take it back, with what was read in calendars elsewhere."""
    op.execute(sa.text("DELETE FROM busy_interval WHERE calendar_id IS NOT NULL"))
    for name in OF:
        op.drop_index(op.f(f"ix_busy_interval_{name}"), BUSY)
    with op.batch_alter_table(BUSY) as batch_op:
        for name, table in OF.items():
            batch_op.drop_constraint(batch_op.f(f"fk_busy_interval_{name}_{table}"), type_="foreignkey")
            batch_op.drop_column(name)
    for table in (ENTRY, CALENDAR, CONNECTION):
        op.drop_table(table)
