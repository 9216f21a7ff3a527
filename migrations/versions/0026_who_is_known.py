"""Since when the practice knows that a client's name belongs to their address. Until then messages do not name them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import UTCDateTime

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Make it so. Of the clients so far, those are known who came."""
    op.add_column("client", sa.Column("known_at", UTCDateTime(), nullable=True))
    op.execute(
        "UPDATE client SET known_at = created_at WHERE EXISTS (SELECT 1 FROM attendee "
        "WHERE attendee.client_id = client.id AND attendee.status IN ('arrived', 'fulfilled'))"
    )


def downgrade() -> None:
    """Take it back."""
    op.execute("ALTER TABLE client DROP COLUMN known_at")
