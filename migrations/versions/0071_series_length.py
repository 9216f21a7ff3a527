"""How long the dates of a standing slot last, where that is not as long as their service usually does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"


def upgrade() -> None:
    """Make it so. Every slot lasts as long as its service usually does, as it did."""
    op.add_column("series", sa.Column("duration_minutes", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take it back: dates that were written down stay as long as they are."""
    op.drop_column("series", "duration_minutes")
