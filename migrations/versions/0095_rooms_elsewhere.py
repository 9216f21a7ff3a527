"""Rooms that are made for single appointments at video services elsewhere."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0095"
down_revision = "0094"

CHOOSING = ("practice", "therapist", "service", "appointment")


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "room_elsewhere",
        sa.Column("id", BigId, nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("appointment_id", BigId, nullable=False),
        sa.Column("connection_id", BigId, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("opens_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("closes_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("wanted_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("remote_id", sa.String(length=200), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(length=20), nullable=True),
        sa.Column("told_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("due_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("worker", sa.String(length=40), nullable=True),
        sa.Column("leased_until", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_room_elsewhere_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["video_connection.id"], name=op.f("fk_room_elsewhere_connection_id_video_connection")
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_room_elsewhere_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_elsewhere")),
        sa.UniqueConstraint(
            "appointment_id", "connection_id", name=op.f("uq_room_elsewhere_appointment_id_connection_id")
        ),
    )
    op.create_index(op.f("ix_room_elsewhere_practice_id"), "room_elsewhere", ["practice_id"])
    op.create_index(op.f("ix_room_elsewhere_connection_id"), "room_elsewhere", ["connection_id"])
    op.create_index(op.f("ix_room_elsewhere_state_due_at"), "room_elsewhere", ["state", "due_at"])


def downgrade() -> None:
    """Take it back: older code does not know the words. Whoever was to meet there meets in our own room."""
    op.drop_table("room_elsewhere")
    op.execute("DELETE FROM video_connection WHERE kind IN ('daily', 'zoom')")
    for table in CHOOSING:
        op.execute(f"UPDATE {table} SET video_kind = 'built_in' WHERE video_kind IN ('daily', 'zoom')")  # noqa: S608 -- our own names
    op.execute("UPDATE task SET kind = 'call' WHERE kind = 'video_room'")
