"""When therapists work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "weekly_hours",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("therapist_id", BigId, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("modes", sa.JSON(), nullable=False),
        sa.Column("location_id", BigId, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.Date(), nullable=True),
        sa.CheckConstraint("every_weeks >= 1", name=op.f("ck_weekly_hours_every_weeks_positive")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_weekly_hours_weekday_of_a_week")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_weekly_hours_location_id_location")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_weekly_hours_practice_id_practice")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapist.id"], name=op.f("fk_weekly_hours_therapist_id_therapist")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_hours")),
        sa.UniqueConstraint("public_id", name=op.f("uq_weekly_hours_public_id")),
    )
    op.create_index(op.f("ix_weekly_hours_practice_id"), "weekly_hours", ["practice_id"])
    op.create_index(op.f("ix_weekly_hours_therapist_id"), "weekly_hours", ["therapist_id"])
    op.create_table(
        "hours_override",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("therapist_id", BigId, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=True),
        sa.Column("ends", sa.Time(), nullable=True),
        sa.Column("modes", sa.JSON(), nullable=False),
        sa.Column("location_id", BigId, nullable=True),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_hours_override_location_id_location")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_hours_override_practice_id_practice")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapist.id"], name=op.f("fk_hours_override_therapist_id_therapist")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_override")),
        sa.UniqueConstraint("public_id", name=op.f("uq_hours_override_public_id")),
    )
    op.create_index(op.f("ix_hours_override_practice_id"), "hours_override", ["practice_id"])
    op.create_index(op.f("ix_hours_override_therapist_id"), "hours_override", ["therapist_id"])
    op.create_table(
        "time_off",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("therapist_id", BigId, nullable=False),
        sa.Column("starts_local", sa.DateTime(), nullable=False),
        sa.Column("ends_local", sa.DateTime(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint("starts_local < ends_local", name=op.f("ck_time_off_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_time_off_practice_id_practice")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], name=op.f("fk_time_off_therapist_id_therapist")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_off")),
        sa.UniqueConstraint("public_id", name=op.f("uq_time_off_public_id")),
    )
    op.create_index(op.f("ix_time_off_practice_id"), "time_off", ["practice_id"])
    op.create_index(op.f("ix_time_off_therapist_id"), "time_off", ["therapist_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("time_off")
    op.drop_table("hours_override")
    op.drop_table("weekly_hours")
