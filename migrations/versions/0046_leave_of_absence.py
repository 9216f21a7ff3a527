"""Why a therapist is away, and whether the practice's page says until when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    """Make it so."""
    op.add_column("time_off", sa.Column("kind", sa.String(length=20), nullable=False, server_default="time_off"))
    op.add_column("time_off", sa.Column("is_shown", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("time_off", "is_shown")
    op.drop_column("time_off", "kind")
