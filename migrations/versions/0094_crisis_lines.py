"""A practice's own number for crises, beside those that everybody may call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0094"
down_revision = "0093"

PRACTICE = "practice"


def upgrade() -> None:
    """Make it so."""
    op.add_column(PRACTICE, sa.Column("crisis_phone", sa.String(length=40), nullable=True))
    op.add_column(PRACTICE, sa.Column("crisis_about", sa.String(length=200), nullable=False, server_default=""))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column(PRACTICE, "crisis_about", server_default=None)


def downgrade() -> None:
    """Take it back."""
    op.drop_column(PRACTICE, "crisis_about")
    op.drop_column(PRACTICE, "crisis_phone")
