"""Slots that are kept for a while, and standing ones; both take time in the same guard as appointments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0011"
down_revision = "0010"


TAKEN_BY_ONE = (
    "CASE WHEN appointment_id IS NULL THEN 0 ELSE 1 END + CASE WHEN hold_id IS NULL THEN 0 ELSE 1 END + "
    "CASE WHEN occurrence_id IS NULL THEN 0 ELSE 1 END = 1"
)

OVERLAPS = """
    NOT NEW.overlap_allowed AND EXISTS (
        SELECT 1 FROM occupancy AS other
        WHERE other.resource_id = NEW.resource_id
          AND other.ends_at > NEW.starts_at
          AND other.starts_at < NEW.ends_at
          AND NOT other.overlap_allowed
          AND other.id IS NOT NEW.id
    )
"""

TRIGGERS = {
    "occupancy_no_overlap": f"BEFORE INSERT ON occupancy WHEN {OVERLAPS} BEGIN SELECT RAISE(IGNORE); END",
    "occupancy_no_overlap_update": f"""BEFORE UPDATE ON occupancy WHEN {OVERLAPS}
    BEGIN SELECT RAISE(ABORT, 'occupancy overlaps'); END""",
}


def _drop_triggers() -> None:
    """SQLite makes the table anew, and its triggers would be lost on the way."""
    if op.get_bind().dialect.name == "sqlite":
        for name in TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")


def _make_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, body in TRIGGERS.items():
            op.execute(f"CREATE TRIGGER {name} {body}")


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "hold",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("service_id", BigId, nullable=False),
        sa.Column("therapist_id", BigId, nullable=False),
        sa.Column("co_therapist_id", BigId, nullable=True),
        sa.Column("location_id", BigId, nullable=True),
        sa.Column("appointment_id", BigId, nullable=True),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_hold_starts_before_it_ends")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_hold_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["co_therapist_id"], ["therapist.id"], name=op.f("fk_hold_co_therapist_id_therapist")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_hold_location_id_location")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_hold_practice_id_practice")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_hold_service_id_service")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], name=op.f("fk_hold_therapist_id_therapist")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint("public_id", name=op.f("uq_hold_public_id")),
    )
    op.create_index(op.f("ix_hold_appointment_id"), "hold", ["appointment_id"])
    op.create_index(op.f("ix_hold_expires_at"), "hold", ["expires_at"])
    op.create_index(op.f("ix_hold_practice_id"), "hold", ["practice_id"])
    op.create_table(
        "series",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("service_id", BigId, nullable=False),
        sa.Column("therapist_id", BigId, nullable=False),
        sa.Column("co_therapist_id", BigId, nullable=True),
        sa.Column("location_id", BigId, nullable=True),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("local_time", sa.Time(), nullable=False),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("known_until", sa.Date(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("every_weeks >= 1", name=op.f("ck_series_every_weeks_positive")),
        sa.ForeignKeyConstraint(
            ["co_therapist_id"], ["therapist.id"], name=op.f("fk_series_co_therapist_id_therapist")
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_series_location_id_location")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_series_practice_id_practice")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_series_service_id_service")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], name=op.f("fk_series_therapist_id_therapist")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("public_id", name=op.f("uq_series_public_id")),
    )
    op.create_index(op.f("ix_series_co_therapist_id"), "series", ["co_therapist_id"])
    op.create_index(op.f("ix_series_practice_id"), "series", ["practice_id"])
    op.create_index(op.f("ix_series_therapist_id"), "series", ["therapist_id"])
    op.create_table(
        "series_member",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("series_id", BigId, nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("jurisdiction", sa.String(length=40), nullable=True),
        sa.Column("text_consent_at", UTCDateTime(), nullable=True),
        sa.Column("text_consent_wording", sa.Text(), nullable=True),
        sa.Column("client_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_series_member_client_id_client")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_series_member_practice_id_practice")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_series_member_series_id_series")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series_member")),
        sa.UniqueConstraint("public_id", name=op.f("uq_series_member_public_id")),
    )
    op.create_index(op.f("ix_series_member_client_id"), "series_member", ["client_id"])
    op.create_index(op.f("ix_series_member_practice_id"), "series_member", ["practice_id"])
    op.create_index(op.f("ix_series_member_series_id"), "series_member", ["series_id"])
    op.create_table(
        "occurrence",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("series_id", BigId, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("appointment_id", BigId, nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_occurrence_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_occurrence_practice_id_practice")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_occurrence_series_id_series")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrence")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_occurrence_appointment_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_occurrence_public_id")),
        sa.UniqueConstraint("series_id", "day", name=op.f("uq_occurrence_series_id_day")),
    )
    op.create_index(op.f("ix_occurrence_practice_id"), "occurrence", ["practice_id"])
    planned = sa.text("status = 'planned'")
    op.create_index(
        "ix_occurrence_planned", "occurrence", ["starts_at"], sqlite_where=planned, postgresql_where=planned
    )
    _drop_triggers()
    with op.batch_alter_table("occupancy") as batch_op:
        batch_op.add_column(sa.Column("hold_id", BigId, nullable=True))
        batch_op.add_column(sa.Column("occurrence_id", BigId, nullable=True))
        batch_op.add_column(sa.Column("expires_at", UTCDateTime(), nullable=True))
        batch_op.alter_column("appointment_id", existing_type=BigId, nullable=True)
        batch_op.create_index(batch_op.f("ix_occupancy_hold_id"), ["hold_id"])
        # Every question about free time reads these four columns and no more: the index answers it alone.
        batch_op.drop_index(op.f("ix_occupancy_resource_id_ends_at_starts_at"))
        batch_op.create_index(
            op.f("ix_occupancy_resource_id_ends_at_starts_at_expires_at"),
            ["resource_id", "ends_at", "starts_at", "expires_at"],
        )
        batch_op.create_index(batch_op.f("ix_occupancy_occurrence_id"), ["occurrence_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_occupancy_occurrence_id_occurrence"), "occurrence", ["occurrence_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_occupancy_hold_id_hold"), "hold", ["hold_id"], ["id"])
        batch_op.create_check_constraint(op.f("ck_occupancy_taken_by_one"), TAKEN_BY_ONE)
    _make_triggers()


def downgrade() -> None:
    """Take it back."""
    op.execute("DELETE FROM occupancy WHERE appointment_id IS NULL")
    _drop_triggers()
    with op.batch_alter_table("occupancy") as batch_op:
        batch_op.drop_constraint(op.f("fk_occupancy_hold_id_hold"), type_="foreignkey")
        batch_op.drop_constraint(op.f("fk_occupancy_occurrence_id_occurrence"), type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_occupancy_taken_by_one"), type_="check")
        batch_op.drop_index(op.f("ix_occupancy_occurrence_id"))
        batch_op.drop_index(op.f("ix_occupancy_hold_id"))
        batch_op.drop_index(op.f("ix_occupancy_resource_id_ends_at_starts_at_expires_at"))
        batch_op.create_index(
            op.f("ix_occupancy_resource_id_ends_at_starts_at"), ["resource_id", "ends_at", "starts_at"]
        )
        batch_op.drop_column("expires_at")
        batch_op.drop_column("occurrence_id")
        batch_op.drop_column("hold_id")
        batch_op.alter_column("appointment_id", existing_type=BigId, nullable=False)
    _make_triggers()
    for table in ("occurrence", "series_member", "series", "hold"):
        op.drop_table(table)
