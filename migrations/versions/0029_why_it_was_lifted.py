"""Why staff wrote to a number or address again that had been left alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Make it so. Of what was lifted before, nobody said why."""
    op.add_column("suppression", sa.Column("why_ended", sa.String(length=200), nullable=False, server_default=""))


def downgrade() -> None:
    """Take it back. What is paused, which older code does not know, is left alone as if staff had been asked to, unless
    they were asked anyway; so nobody is texted who may not want it.
    """
    op.execute(
        "UPDATE suppression SET reason = 'staff' WHERE reason = 'paused' AND (ended_at IS NOT NULL OR NOT EXISTS "
        "(SELECT 1 FROM suppression AS other WHERE other.practice_id = suppression.practice_id "
        "AND other.channel = suppression.channel AND other.address = suppression.address "
        "AND other.reason = 'staff' AND other.ended_at IS NULL))"
    )
    op.execute("DELETE FROM suppression WHERE reason = 'paused'")
    op.execute("UPDATE consent SET source = 'phone' WHERE source = 'staff'")
    op.drop_column("suppression", "why_ended")
