"""How many events of what stands in a calendar elsewhere could not be read, so that its page can say it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0079"
down_revision = "0078"

ENTRY = "remote_entry"


def upgrade() -> None:
    """Make it so. What was read before is counted when it is read again, within a day."""
    op.add_column(ENTRY, sa.Column("unread_events", sa.Integer(), nullable=False, server_default="0"))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column(ENTRY, "unread_events", server_default=None)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table(ENTRY) as batch_op:
        batch_op.drop_column("unread_events")
