"""From which date on a therapist is not with the practice any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    """Make it so."""
    op.add_column("therapist", sa.Column("leaves_on", sa.Date(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("therapist", "leaves_on")
