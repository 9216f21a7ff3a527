"""Calls in our own virtual room: who is in them, what their browsers tell each other, and guests with own links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0084"
down_revision = "0083"


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "call_guest",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("appointment_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("invited_by_id", BigId, nullable=True),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("links_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_call_guest_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["invited_by_id"], ["user.id"], name=op.f("fk_call_guest_invited_by_id_user")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_call_guest_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_guest")),
        sa.UniqueConstraint("public_id", name=op.f("uq_call_guest_public_id")),
    )
    op.create_index(op.f("ix_call_guest_appointment_id"), "call_guest", ["appointment_id"])
    op.create_index(op.f("ix_call_guest_practice_id"), "call_guest", ["practice_id"])
    op.create_table(
        "video_call",
        sa.Column("id", BigId, nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("appointment_id", BigId, nullable=False),
        sa.Column("is_locked", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("noted_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("timer_ends_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("is_timer_shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_video_call_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_video_call_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video_call")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_video_call_appointment_id")),
    )
    op.create_index(op.f("ix_video_call_practice_id"), "video_call", ["practice_id"])
    op.create_table(
        "caller",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("call_id", BigId, nullable=False),
        sa.Column("whom", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("attendee_id", BigId, nullable=True),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("device", sa.Integer(), nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("came_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("admitted_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("seen_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("left_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("hand_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("cannot_speak", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["attendee_id"], ["attendee.id"], name=op.f("fk_caller_attendee_id_attendee")),
        sa.ForeignKeyConstraint(["call_id"], ["video_call.id"], name=op.f("fk_caller_call_id_video_call")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_caller_practice_id_practice")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_caller_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caller")),
        sa.UniqueConstraint("call_id", "whom", name=op.f("uq_caller_call_id_whom")),
        sa.UniqueConstraint("public_id", name=op.f("uq_caller_public_id")),
    )
    op.create_index(op.f("ix_caller_attendee_id"), "caller", ["attendee_id"])
    op.create_index(op.f("ix_caller_practice_id"), "caller", ["practice_id"])
    op.create_table(
        "call_signal",
        sa.Column("id", BigId, nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("sender_id", BigId, nullable=False),
        sa.Column("sender_device", sa.Integer(), nullable=False),
        sa.Column("recipient_id", BigId, nullable=False),
        sa.Column("recipient_device", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_call_signal_practice_id_practice")),
        sa.ForeignKeyConstraint(["recipient_id"], ["caller.id"], name=op.f("fk_call_signal_recipient_id_caller")),
        sa.ForeignKeyConstraint(["sender_id"], ["caller.id"], name=op.f("fk_call_signal_sender_id_caller")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_signal")),
        sa.UniqueConstraint(
            "sender_id", "sender_device", "number", name=op.f("uq_call_signal_sender_id_sender_device_number")
        ),
    )
    op.create_index(op.f("ix_call_signal_practice_id"), "call_signal", ["practice_id"])
    op.create_index(op.f("ix_call_signal_recipient_id_id"), "call_signal", ["recipient_id", "id"])
    op.create_table(
        "call_visit",
        sa.Column("id", BigId, nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("caller_id", BigId, nullable=False),
        sa.Column("began_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["caller_id"], ["caller.id"], name=op.f("fk_call_visit_caller_id_caller")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_call_visit_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_visit")),
    )
    op.create_index(op.f("ix_call_visit_caller_id"), "call_visit", ["caller_id"])
    op.create_index(op.f("ix_call_visit_practice_id"), "call_visit", ["practice_id"])


def downgrade() -> None:
    """Take it back, with the lines of the audit that older code cannot read."""
    deeds = "('let_in', 'put_out', 'locked', 'unlocked', 'call_ended')"
    op.execute(f"DELETE FROM appointment_event WHERE action IN {deeds}")  # noqa: S608
    for table in ("call_visit", "call_signal", "caller", "video_call", "call_guest"):
        op.drop_table(table)
