"""Clients, appointments, and what they take."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "client",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("resource_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("match_key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_client_practice_id_practice")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_client_resource_id_resource")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_client_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("public_id", name=op.f("uq_client_public_id")),
        sa.UniqueConstraint("resource_id", name=op.f("uq_client_resource_id")),
        sa.UniqueConstraint("user_id", name=op.f("uq_client_user_id")),
    )
    op.create_index(op.f("ix_client_practice_id"), "client", ["practice_id"])
    op.create_index(op.f("ix_client_practice_id_match_key"), "client", ["practice_id", "match_key"], unique=True)
    op.create_table(
        "appointment",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("service_id", BigId, nullable=False),
        sa.Column("therapist_id", BigId, nullable=False),
        sa.Column("location_id", BigId, nullable=True),
        sa.Column("room_id", BigId, nullable=True),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("local_start", sa.DateTime(), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("organizer_email", sa.String(length=320), nullable=False),
        sa.Column("video_name", sa.String(length=60), nullable=False),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.Column("cancelled_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_appointment_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_appointment_location_id_location")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_appointment_practice_id_practice")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_appointment_room_id_room")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_appointment_service_id_service")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], name=op.f("fk_appointment_therapist_id_therapist")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_appointment_public_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_appointment_uid")),
        sa.UniqueConstraint("video_name", name=op.f("uq_appointment_video_name")),
    )
    op.create_index(op.f("ix_appointment_practice_id_starts_at"), "appointment", ["practice_id", "starts_at"])
    op.create_index(op.f("ix_appointment_therapist_id_starts_at"), "appointment", ["therapist_id", "starts_at"])
    op.create_table(
        "attendee",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("appointment_id", BigId, nullable=False),
        sa.Column("client_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("jurisdiction", sa.String(length=40), nullable=True),
        sa.Column("text_consent_at", UTCDateTime(), nullable=True),
        sa.Column("text_consent_wording", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_attendee_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_attendee_client_id_client")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_attendee_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendee")),
        sa.UniqueConstraint("public_id", name=op.f("uq_attendee_public_id")),
    )
    op.create_index(op.f("ix_attendee_appointment_id"), "attendee", ["appointment_id"])
    op.create_index(op.f("ix_attendee_client_id"), "attendee", ["client_id"])
    op.create_index(op.f("ix_attendee_practice_id"), "attendee", ["practice_id"])
    op.create_table(
        "occupancy",
        sa.Column("id", BigId, nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("resource_id", BigId, nullable=False),
        sa.Column("appointment_id", BigId, nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("overlap_allowed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_occupancy_starts_before_it_ends")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_occupancy_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_occupancy_practice_id_practice")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_occupancy_resource_id_resource")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occupancy")),
    )
    op.create_index(op.f("ix_occupancy_appointment_id"), "occupancy", ["appointment_id"])
    op.create_index(op.f("ix_occupancy_practice_id"), "occupancy", ["practice_id"])
    op.create_index(
        op.f("ix_occupancy_resource_id_ends_at_starts_at"),
        "occupancy",
        ["resource_id", "ends_at", "starts_at"],
    )
    op.create_table(
        "appointment_event",
        sa.Column("id", BigId, nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("appointment_id", BigId, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=20), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_appointment_event_appointment_id_appointment"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_appointment_event_practice_id_practice")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_appointment_event_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_event")),
    )
    op.create_index(op.f("ix_appointment_event_appointment_id"), "appointment_event", ["appointment_id"])
    op.create_index(op.f("ix_appointment_event_practice_id"), "appointment_event", ["practice_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("appointment_event")
    op.drop_table("occupancy")
    op.drop_table("attendee")
    op.drop_table("appointment")
    op.drop_table("client")
