"""What occupies a therapist stands beside the time it takes: limits are counted without looking anywhere else."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0015"
down_revision = "0014"

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

INDEX = ["resource_id", "ends_at", "starts_at", "expires_at"]
CORE = ["core_starts_at", "core_ends_at", "service_id"]

OWNERS = {
    "appointment": "SELECT starts_at, ends_at, service_id FROM appointment WHERE id = occupancy.appointment_id",
    "hold": "SELECT starts_at, ends_at, service_id FROM hold WHERE id = occupancy.hold_id",
    "occurrence": "SELECT occurrence.starts_at, CAST(NULL AS {instant}), series.service_id FROM occurrence "
    "JOIN series ON series.id = occurrence.series_id WHERE occurrence.id = occupancy.occurrence_id",
}
OF_THERAPISTS = "resource_id IN (SELECT resource_id FROM therapist)"


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
    """Make it so, also for what is booked, held and standing already."""
    _drop_triggers()
    with op.batch_alter_table("occupancy") as batch_op:
        batch_op.add_column(sa.Column("core_starts_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("core_ends_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("service_id", BigId, nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_occupancy_service_id_service"), "service", ["service_id"], ["id"])
        batch_op.drop_index(batch_op.f("ix_occupancy_resource_id_ends_at_starts_at_expires_at"))
    instant = "timestamptz" if op.get_bind().dialect.name == "postgresql" else "bigint"
    for owner, its_core in OWNERS.items():
        op.execute(
            f"UPDATE occupancy SET (core_starts_at, core_ends_at, service_id) = ({its_core.format(instant=instant)}) "  # noqa: S608
            f"WHERE {owner}_id IS NOT NULL AND {OF_THERAPISTS}"
        )
    op.create_index("ix_occupancy_calendar", "occupancy", [*INDEX, *CORE])
    _make_triggers()


def downgrade() -> None:
    """Take it back."""
    _drop_triggers()
    with op.batch_alter_table("occupancy") as batch_op:
        batch_op.drop_index("ix_occupancy_calendar")
        batch_op.drop_constraint(batch_op.f("fk_occupancy_service_id_service"), type_="foreignkey")
        for name in reversed(CORE):
            batch_op.drop_column(name)
        batch_op.create_index(batch_op.f("ix_occupancy_resource_id_ends_at_starts_at_expires_at"), INDEX)
    _make_triggers()
