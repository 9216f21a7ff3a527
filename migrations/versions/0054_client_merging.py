"""Two records of one client can be made into one. Whoever read a record before it was given up, and writes for it after
that, is told by PostgreSQL to begin again: on SQLite one writes at a time, and reads within it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0054"
down_revision = "0053"

WRITTEN = ("attendee", "series_member", "waitlist_entry", "consent", "inbound_text", "task", "message_rule")
FOREIGN = "fk_client_merged_into_id_client"
MERGED = sa.text("merged_into_id IS NOT NULL")
FUNCTION = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    leads_to bigint;
BEGIN
    SELECT merged_into_id INTO leads_to FROM client WHERE {which} FOR KEY SHARE;
    IF leads_to IS NOT NULL THEN
        RAISE EXCEPTION 'client was merged' USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN NEW;
END $$
"""
"""Who gives a record up holds it alone until the end, so this waits for it, and sees what became of it. Without the
lock somebody else's rows would be written for a record that is just being given up.
"""
OF_ROWS = ("refuse_merged_client", "id = NEW.client_id")
OF_TIME = ("refuse_time_of_merged_client", "resource_id = NEW.resource_id")


def upgrade() -> None:
    """Make it so."""
    with op.batch_alter_table("client") as batch_op:
        batch_op.add_column(sa.Column("merged_into_id", BigId, nullable=True))
        batch_op.create_foreign_key(batch_op.f(FOREIGN), "client", ["merged_into_id"], ["id"])
        batch_op.create_index("ix_client_merged", ["merged_into_id"], sqlite_where=MERGED, postgresql_where=MERGED)
    op.create_table(
        "client_merge",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("kept_id", BigId, nullable=False),
        sa.Column("merged_id", BigId, nullable=False),
        *(sa.Column(each, sa.JSON(), nullable=False) for each in ("moved", "refusals", "before", "after")),
        sa.Column("is_told", sa.Boolean(), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("undone_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_client_merge_practice_id_practice")),
        sa.ForeignKeyConstraint(["kept_id"], ["client.id"], name=op.f("fk_client_merge_kept_id_client")),
        sa.ForeignKeyConstraint(["merged_id"], ["client.id"], name=op.f("fk_client_merge_merged_id_client")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_merge")),
        sa.UniqueConstraint("public_id", name=op.f("uq_client_merge_public_id")),
    )
    for each in ("practice_id", "kept_id", "merged_id"):
        op.create_index(op.f(f"ix_client_merge_{each}"), "client_merge", [each])
    if op.get_bind().dialect.name == "postgresql":
        put_up()


def put_up() -> None:
    """Let the database refuse what is written for a record that was given up."""
    for name, which in (OF_ROWS, OF_TIME):
        op.execute(FUNCTION.format(name=name, which=which))
    for table in WRITTEN:
        op.execute(
            f"CREATE TRIGGER {table}_of_client BEFORE INSERT ON {table}"
            f" FOR EACH ROW WHEN (NEW.client_id IS NOT NULL) EXECUTE FUNCTION {OF_ROWS[0]}()"
        )
    # What a therapist gives has a core; what rooms and clients take has none.
    op.execute(
        "CREATE TRIGGER occupancy_of_client BEFORE INSERT ON occupancy"
        f" FOR EACH ROW WHEN (NEW.core_starts_at IS NULL) EXECUTE FUNCTION {OF_TIME[0]}()"
    )


def downgrade() -> None:
    """Take it back. Records that were given up stand on their own again."""
    if op.get_bind().dialect.name == "postgresql":
        for table in (*WRITTEN, "occupancy"):
            op.execute(f"DROP TRIGGER {table}_of_client ON {table}")
        for name, _ in (OF_ROWS, OF_TIME):
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("client_merge")
    with op.batch_alter_table("client") as batch_op:
        batch_op.drop_index("ix_client_merged")
        batch_op.drop_constraint(batch_op.f(FOREIGN), type_="foreignkey")
        batch_op.drop_column("merged_into_id")
