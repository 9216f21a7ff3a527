"""Which lengths a service allows beside its usual one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"


def upgrade() -> None:
    """Make it so."""
    op.add_column("service", sa.Column("other_lengths", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))


def downgrade() -> None:
    """Take it back. What is booked keeps its length."""
    op.drop_column("service", "other_lengths")
