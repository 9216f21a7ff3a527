"""The network that keeps a slot, so that nobody keeps too many. Those from before the update belong to nobody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Make it so."""
    op.add_column("hold", sa.Column("network", sa.String(length=40), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("hold", "network")
