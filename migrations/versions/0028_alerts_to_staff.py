"""Which texts are told to staff at once, and a number of the practice's that hears of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Make it so: every practice is told, until it says otherwise."""
    op.add_column("practice", sa.Column("alerts", sa.String(length=20), nullable=False, server_default="near"))
    op.add_column("practice", sa.Column("alert_phone", sa.String(length=40), nullable=True))


def downgrade() -> None:
    """Take it back, and the alerts with it: older code cannot read such a row."""
    op.execute("DELETE FROM message_event WHERE message_id IN (SELECT id FROM message WHERE kind = 'alert')")
    op.execute("DELETE FROM task WHERE message_id IN (SELECT id FROM message WHERE kind = 'alert')")
    op.execute("UPDATE message SET instead_of_id = NULL WHERE kind = 'alert'")
    op.execute("DELETE FROM message WHERE kind = 'alert'")
    for name in ("alert_phone", "alerts"):
        op.drop_column("practice", name)
