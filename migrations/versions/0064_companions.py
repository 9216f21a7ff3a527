"""People who act for a client."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0064"
down_revision = "0063"


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "companion",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("client_id", BigId, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("relationship", sa.String(20), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("phone", sa.String(40), nullable=True),
        sa.Column("locale", sa.String(10), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_companion_practice_id_practice")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_companion_client_id_client")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companion")),
        sa.UniqueConstraint("public_id", name=op.f("uq_companion_public_id")),
    )
    for each in ("practice_id", "client_id", "phone"):
        op.create_index(op.f(f"ix_companion_{each}"), "companion", [each])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER companion_of_client BEFORE INSERT ON companion"
            " FOR EACH ROW WHEN (NEW.client_id IS NOT NULL) EXECUTE FUNCTION refuse_merged_client()"
        )


def downgrade() -> None:
    """Take it back, with the lines of audit about them, which older code cannot read. What clients are found by keeps
    them until it is next written.
    """
    op.execute("DELETE FROM practice_event WHERE subject = 'companion'")
    op.drop_table("companion")
