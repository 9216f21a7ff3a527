"""Dates on which a whole practice is closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "closure",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("yields_to_hours", sa.Boolean(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_closure_first_day_before_last")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_closure_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
        sa.UniqueConstraint("public_id", name=op.f("uq_closure_public_id")),
    )
    op.create_index(op.f("ix_closure_practice_id_last_day"), "closure", ["practice_id", "last_day"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("closure")
