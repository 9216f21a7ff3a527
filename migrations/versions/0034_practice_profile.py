"""What a practice shows of itself on its page: its links, and the languages spoken there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

COLUMNS = ("web_links", "languages")


def upgrade() -> None:
    """Make it so."""
    for name in COLUMNS:
        op.add_column("practice", sa.Column(name, sa.JSON(), nullable=False, server_default=sa.text("'[]'")))


def downgrade() -> None:
    """Take it back."""
    for name in COLUMNS:
        op.drop_column("practice", name)
