"""The overlap guard tests what is not flagged against every row: a deliberate overlap takes time like anything else.

Only a new row that is flagged itself passes. On SQLite the trigger says so; it has one writer, so it sees everything.
On PostgreSQL the exclusion constraint goes on deciding between rows without a flag. It is symmetrical, so it cannot say
"flagged ones may come, and nothing else after them": a trigger does, with an advisory lock on the resource. A row with
a flag holds it alone, the others share it, until their transactions end. So whoever looks sees every flagged row that
came before, nobody waits for anybody as long as no flag is in play, and a flagged row gets its number after it has the
lock: numbers say in which order they came.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

FLAGGED = sa.text("overlap_allowed")
GUARDED = "resource_id, starts_at, ends_at, overlap_allowed"

FUNCTION = """
CREATE FUNCTION guard_occupancy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.overlap_allowed THEN
        PERFORM pg_advisory_xact_lock(NEW.resource_id);
        IF TG_OP = 'INSERT' THEN
            NEW.id := nextval(pg_get_serial_sequence('occupancy', 'id'));
        END IF;
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(NEW.resource_id);
    IF EXISTS (
        SELECT FROM occupancy AS other
        WHERE other.overlap_allowed
          AND other.resource_id = NEW.resource_id
          AND other.ends_at > NEW.starts_at
          AND other.starts_at < NEW.ends_at
          AND other.id <> NEW.id
    ) THEN
        IF TG_OP = 'INSERT' THEN
            RETURN NULL;
        END IF;
        RAISE EXCEPTION 'occupancy overlaps' USING ERRCODE = 'exclusion_violation';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = f"""
CREATE TRIGGER occupancy_guard BEFORE INSERT OR UPDATE OF {GUARDED} ON occupancy
FOR EACH ROW EXECUTE FUNCTION guard_occupancy()
"""

OVERLAPS = """
    NOT NEW.overlap_allowed AND EXISTS (
        SELECT 1 FROM occupancy AS other
        WHERE other.resource_id = NEW.resource_id
          AND other.ends_at > NEW.starts_at
          AND other.starts_at < NEW.ends_at
          {but}
          AND other.id IS NOT NEW.id
    )
"""
ALL, UNFLAGGED = OVERLAPS.format(but=""), OVERLAPS.format(but="AND NOT other.overlap_allowed")


def put_up(overlaps: str, *, of: str) -> None:
    """Put SQLite's triggers in the place of those that are there."""
    for name in ("occupancy_no_overlap", "occupancy_no_overlap_update"):
        op.execute(f"DROP TRIGGER {name}")
    op.execute(
        f"CREATE TRIGGER occupancy_no_overlap BEFORE INSERT ON occupancy WHEN {overlaps}"
        " BEGIN SELECT RAISE(IGNORE); END"
    )
    op.execute(
        f"CREATE TRIGGER occupancy_no_overlap_update BEFORE UPDATE {of} ON occupancy WHEN {overlaps}"
        " BEGIN SELECT RAISE(ABORT, 'occupancy overlaps'); END"
    )


def upgrade() -> None:
    """Let the guard see all rows. What lies over each other already stays as it is, and may change hands."""
    op.create_index(
        "ix_occupancy_flagged", "occupancy", ["resource_id", "ends_at"], sqlite_where=FLAGGED, postgresql_where=FLAGGED
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)
        op.execute(TRIGGER)
    else:
        put_up(ALL, of=f"OF {GUARDED}")


def downgrade() -> None:
    """Let it see only rows without a flag, as before."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER occupancy_guard ON occupancy")
        op.execute("DROP FUNCTION guard_occupancy")
    else:
        put_up(UNFLAGGED, of="")
    op.drop_index("ix_occupancy_flagged", "occupancy")
