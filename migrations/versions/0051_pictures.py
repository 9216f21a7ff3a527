"""Pictures: the logo of a practice and the photos of its therapists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0051"
down_revision = "0050"

NAMED_BY = (("practice", "logo"), ("therapist", "photo"))


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "picture",
        sa.Column("id", BigId, nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_picture_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
        sa.UniqueConstraint("digest", "practice_id", name=op.f("uq_picture_digest_practice_id")),
    )
    op.create_index(op.f("ix_picture_practice_id"), "picture", ["practice_id"])
    for table, column in NAMED_BY:
        op.add_column(table, sa.Column(column, sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Take it back."""
    for table, column in NAMED_BY:
        op.drop_column(table, column)
    op.drop_table("picture")
