"""In which colour a service stands in the schedule."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"


def upgrade() -> None:
    """Make it so."""
    op.add_column("service", sa.Column("colour", sa.String(length=20), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("service", "colour")
