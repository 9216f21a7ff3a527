"""Places and rooms that are closed, how a place is found, and a map of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import UTCDateTime

revision = "0035"
down_revision = "0034"

ENDED = ("location", "room")


def upgrade() -> None:
    """Make it so."""
    op.add_column("location", sa.Column("directions", sa.Text(), nullable=False, server_default=""))
    op.add_column("location", sa.Column("map_url", sa.String(length=320), nullable=False, server_default=""))
    for table in ENDED:
        op.add_column(table, sa.Column("ended_at", UTCDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take it back."""
    for table in ENDED:
        op.drop_column(table, "ended_at")
    op.drop_column("location", "map_url")
    op.drop_column("location", "directions")
