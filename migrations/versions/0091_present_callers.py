"""Whoever is at the door of a call or inside is found without reading all who ever came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0090"

PRESENT = sa.text("state IN ('waiting', 'admitted')")


def upgrade() -> None:
    """Make it so."""
    op.create_index("ix_caller_present", "caller", ["seen_at"], sqlite_where=PRESENT, postgresql_where=PRESENT)


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_caller_present", "caller")
