"""The colour of a practice's own pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    """Make it so."""
    op.add_column("practice", sa.Column("accent", sa.String(length=7), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("practice", "accent")
