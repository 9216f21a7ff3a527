"""What can be booked, and with whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "service",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_before_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_after_minutes", sa.Integer(), nullable=False),
        sa.Column("step_minutes", sa.Integer(), nullable=False),
        sa.Column("notice_minutes", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("modes", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "buffer_before_minutes >= 0 AND buffer_after_minutes >= 0",
            name=op.f("ck_service_buffers_not_negative"),
        ),
        sa.CheckConstraint("duration_minutes > 0", name=op.f("ck_service_duration_positive")),
        sa.CheckConstraint("step_minutes > 0", name=op.f("ck_service_step_positive")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_service_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
        sa.UniqueConstraint("public_id", name=op.f("uq_service_public_id")),
    )
    op.create_index(op.f("ix_service_practice_id"), "service", ["practice_id"])
    op.create_table(
        "therapist",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("resource_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("credential", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("modalities", sa.JSON(), nullable=False),
        sa.Column("specialties", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("video_url", sa.String(length=500), nullable=True),
        sa.Column("daily_cap", sa.Integer(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_therapist_practice_id_practice")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_therapist_resource_id_resource")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_therapist_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_therapist")),
        sa.UniqueConstraint("public_id", name=op.f("uq_therapist_public_id")),
        sa.UniqueConstraint("resource_id", name=op.f("uq_therapist_resource_id")),
        sa.UniqueConstraint("user_id", name=op.f("uq_therapist_user_id")),
    )
    op.create_index(op.f("ix_therapist_practice_id"), "therapist", ["practice_id"])
    op.create_table(
        "therapist_service",
        sa.Column("therapist_id", BigId, nullable=False),
        sa.Column("service_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_therapist_service_service_id_service")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapist.id"], name=op.f("fk_therapist_service_therapist_id_therapist")
        ),
        sa.PrimaryKeyConstraint("therapist_id", "service_id", name=op.f("pk_therapist_service")),
    )
    op.create_index(op.f("ix_therapist_service_service_id"), "therapist_service", ["service_id"])
    op.create_table(
        "licence",
        sa.Column("id", BigId, nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("therapist_id", BigId, nullable=False),
        sa.Column("jurisdiction", sa.String(length=40), nullable=False),
        sa.Column("basis", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_licence_practice_id_practice")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], name=op.f("fk_licence_therapist_id_therapist")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence")),
    )
    op.create_index(op.f("ix_licence_practice_id"), "licence", ["practice_id"])
    op.create_index(op.f("ix_licence_therapist_id"), "licence", ["therapist_id"])
    op.create_table(
        "calendar_feed",
        sa.Column("id", BigId, nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("therapist_id", BigId, nullable=False),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.String(length=20), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_calendar_feed_practice_id_practice")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapist.id"], name=op.f("fk_calendar_feed_therapist_id_therapist")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("secret_digest", name=op.f("uq_calendar_feed_secret_digest")),
        sa.UniqueConstraint("therapist_id", name=op.f("uq_calendar_feed_therapist_id")),
    )
    op.create_index(op.f("ix_calendar_feed_practice_id"), "calendar_feed", ["practice_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("calendar_feed")
    op.drop_table("licence")
    op.drop_table("therapist_service")
    op.drop_table("therapist")
    op.drop_table("service")
