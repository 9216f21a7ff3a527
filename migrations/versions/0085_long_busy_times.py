"""Times in own calendars that last longer than a day are found by themselves: there are few of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0085"
down_revision = "0084"

INDEX, TABLE = "ix_busy_interval_long", "busy_interval"


def upgrade() -> None:
    """Make it so."""
    op.create_index(
        INDEX,
        TABLE,
        ["therapist_id", "ends_at", "starts_at"],
        sqlite_where=sa.text("ends_at - starts_at > 86400000000"),
        postgresql_where=sa.text("ends_at - starts_at > INTERVAL '24 hours'"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index(INDEX, TABLE)
