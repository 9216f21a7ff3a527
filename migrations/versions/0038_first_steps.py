"""When an owner put the list of first steps away; practices that are there already have done theirs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import UTCDateTime

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """Make it so."""
    op.add_column("practice", sa.Column("first_steps_put_away_at", UTCDateTime(timezone=True), nullable=True))
    op.execute("UPDATE practice SET first_steps_put_away_at = created_at")


def downgrade() -> None:
    """Take it back."""
    op.drop_column("practice", "first_steps_put_away_at")
