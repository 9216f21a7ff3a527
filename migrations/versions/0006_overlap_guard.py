"""The overlap guard: the database itself refuses to give one resource away twice.

PostgreSQL: an exclusion constraint; ``int8range(id, id, '[]')`` stands for equality, so no extension is needed.
SQLite: a trigger before the insert. It has one writer at a time, so the trigger sees everything that was committed,
which makes it just as strong. ``RAISE(IGNORE)`` leaves the row out, as ``ON CONFLICT DO NOTHING`` does on PostgreSQL:
on both, ``INSERT … RETURNING`` gives no row for what overlaps.
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

EXCLUSION = """
ALTER TABLE occupancy ADD CONSTRAINT ex_occupancy_overlap EXCLUDE USING gist (
    int8range(resource_id, resource_id, '[]') WITH &&,
    tstzrange(starts_at, ends_at) WITH &&
) WHERE (NOT overlap_allowed)
"""

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

TRIGGERS = (
    f"CREATE TRIGGER occupancy_no_overlap BEFORE INSERT ON occupancy WHEN {OVERLAPS} BEGIN SELECT RAISE(IGNORE); END",
    # Nothing updates occupancy today. If something ever does, it must not slip past the guard.
    f"""CREATE TRIGGER occupancy_no_overlap_update BEFORE UPDATE ON occupancy WHEN {OVERLAPS}
    BEGIN SELECT RAISE(ABORT, 'occupancy overlaps'); END""",
)


def upgrade() -> None:
    """Put the guard up."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(EXCLUSION)
        return
    for trigger in TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    """Take the guard down."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE occupancy DROP CONSTRAINT ex_occupancy_overlap")
        return
    op.execute("DROP TRIGGER occupancy_no_overlap")
    op.execute("DROP TRIGGER occupancy_no_overlap_update")
