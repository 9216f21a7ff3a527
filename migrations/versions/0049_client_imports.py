"""Files of clients that are looked at, and then imported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "client_import",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("titles", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("day_first", sa.Boolean(), nullable=False),
        sa.Column("adds_alike", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_client_import_practice_id_practice")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_client_import_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_import")),
        sa.UniqueConstraint("public_id", name=op.f("uq_client_import_public_id")),
    )
    for column in ("practice_id", "status", "ends_at"):
        op.create_index(op.f(f"ix_client_import_{column}"), "client_import", [column])
    op.create_table(
        "import_line",
        sa.Column("import_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["client_import.id"], name=op.f("fk_import_line_import_id_client_import")
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_line")),
    )


def downgrade() -> None:
    """Take it back. Audit lines about imports and exports go too: older code does not know what they are about."""
    op.execute("DELETE FROM practice_event WHERE subject IN ('client_import', 'export')")
    op.drop_table("import_line")
    op.drop_table("client_import")
