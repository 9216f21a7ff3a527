"""Terms, limits and the settings of services; time in a therapist's own calendar; time that became free."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0009"
down_revision = "0008"


def _name_the_rooms() -> None:
    room = sa.table("room", sa.column("id"), sa.column("public_id"))
    connection = op.get_bind()
    for (key,) in connection.execute(sa.select(room.c.id)).all():
        connection.execute(room.update().where(room.c.id == key).values(public_id=str(uuid.uuid4())))


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "policy",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("window_minutes", sa.Integer(), nullable=False),
        sa.Column("when_late", sa.String(length=20), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("window_minutes >= 0", name=op.f("ck_policy_window_not_negative")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_policy_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
        sa.UniqueConstraint("public_id", name=op.f("uq_policy_public_id")),
    )
    op.create_index(op.f("ix_policy_practice_id"), "policy", ["practice_id"])
    with op.batch_alter_table("service") as batch_op:
        batch_op.add_column(sa.Column("capacity", sa.Integer(), nullable=False, server_default=sa.text("1")))
        batch_op.add_column(sa.Column("opened_by_staff", sa.Boolean(), nullable=False, server_default=sa.text("FALSE")))
        batch_op.add_column(
            sa.Column("when_one_cancels", sa.String(length=20), nullable=False, server_default=sa.text("'all_off'"))
        )
        batch_op.add_column(sa.Column("load_percent", sa.Integer(), nullable=False, server_default=sa.text("100")))
        batch_op.add_column(
            sa.Column("approval", sa.String(length=20), nullable=False, server_default=sa.text("'never'"))
        )
        batch_op.add_column(sa.Column("approval_minutes", sa.Integer(), nullable=False, server_default=sa.text("2880")))
        batch_op.add_column(sa.Column("room_kind", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("therapists_needed", sa.Integer(), nullable=False, server_default=sa.text("1")))
        batch_op.add_column(sa.Column("policy_id", BigId, nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_service_policy_id_policy"), "policy", ["policy_id"], ["id"])
        batch_op.create_check_constraint(op.f("ck_service_capacity_positive"), "capacity >= 1 AND load_percent >= 0")
        batch_op.create_check_constraint(op.f("ck_service_one_therapist_or_two"), "therapists_needed BETWEEN 1 AND 2")
        batch_op.create_check_constraint(op.f("ck_service_horizon_within_a_year"), "horizon_days <= 366")
    with op.batch_alter_table("practice") as batch_op:
        batch_op.add_column(sa.Column("grace_minutes", sa.Integer(), nullable=False, server_default=sa.text("3")))
        batch_op.add_column(sa.Column("hold_minutes", sa.Integer(), nullable=False, server_default=sa.text("10")))
        batch_op.add_column(sa.Column("offer_minutes", sa.Integer(), nullable=False, server_default=sa.text("120")))
        batch_op.add_column(sa.Column("quiet_minutes", sa.Integer(), nullable=False, server_default=sa.text("5")))
        batch_op.add_column(sa.Column("series_weeks", sa.Integer(), nullable=False, server_default=sa.text("10")))
    with op.batch_alter_table("room") as batch_op:
        batch_op.add_column(sa.Column("public_id", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("kind", sa.String(length=40), nullable=False, server_default=sa.text("''")))
    _name_the_rooms()
    with op.batch_alter_table("room") as batch_op:
        batch_op.alter_column("public_id", existing_type=sa.String(length=36), nullable=False)
        batch_op.create_unique_constraint(op.f("uq_room_public_id"), ["public_id"])
    with op.batch_alter_table("therapist") as batch_op:
        batch_op.add_column(sa.Column("weekly_cap", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("longest_run", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("break_minutes", sa.Integer(), nullable=False, server_default=sa.text("15")))
        batch_op.add_column(sa.Column("note_minutes", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_table(
        "busy_interval",
        sa.Column("id", BigId, nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("therapist_id", BigId, nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_busy_interval_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_busy_interval_practice_id_practice")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapist.id"], name=op.f("fk_busy_interval_therapist_id_therapist")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_interval")),
    )
    op.create_index(op.f("ix_busy_interval_practice_id"), "busy_interval", ["practice_id"])
    op.create_index(
        op.f("ix_busy_interval_therapist_id_ends_at_starts_at"),
        "busy_interval",
        ["therapist_id", "ends_at", "starts_at"],
    )
    op.create_table(
        "freed_time",
        sa.Column("id", BigId, nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("therapist_id", BigId, nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("look_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_freed_time_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_freed_time_practice_id_practice")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], name=op.f("fk_freed_time_therapist_id_therapist")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freed_time")),
    )
    op.create_index(op.f("ix_freed_time_look_at"), "freed_time", ["look_at"])
    op.create_index(op.f("ix_freed_time_practice_id"), "freed_time", ["practice_id"])
    op.create_index(op.f("ix_freed_time_therapist_id"), "freed_time", ["therapist_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("freed_time")
    op.drop_table("busy_interval")
    with op.batch_alter_table("therapist") as batch_op:
        batch_op.drop_column("note_minutes")
        batch_op.drop_column("break_minutes")
        batch_op.drop_column("longest_run")
        batch_op.drop_column("weekly_cap")
    with op.batch_alter_table("room") as batch_op:
        batch_op.drop_constraint(op.f("uq_room_public_id"), type_="unique")
        batch_op.drop_column("kind")
        batch_op.drop_column("public_id")
    with op.batch_alter_table("practice") as batch_op:
        batch_op.drop_column("series_weeks")
        batch_op.drop_column("quiet_minutes")
        batch_op.drop_column("offer_minutes")
        batch_op.drop_column("hold_minutes")
        batch_op.drop_column("grace_minutes")
    with op.batch_alter_table("service") as batch_op:
        batch_op.drop_constraint(op.f("fk_service_policy_id_policy"), type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_service_capacity_positive"), type_="check")
        batch_op.drop_constraint(op.f("ck_service_one_therapist_or_two"), type_="check")
        batch_op.drop_constraint(op.f("ck_service_horizon_within_a_year"), type_="check")
        batch_op.drop_column("policy_id")
        batch_op.drop_column("therapists_needed")
        batch_op.drop_column("room_kind")
        batch_op.drop_column("approval_minutes")
        batch_op.drop_column("approval")
        batch_op.drop_column("load_percent")
        batch_op.drop_column("when_one_cancels")
        batch_op.drop_column("opened_by_staff")
        batch_op.drop_column("capacity")
    op.drop_table("policy")
