"""Who called a seat off and what the practice wrote to its client, and of a move what its reader knew before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Of what was cancelled and moved before, nobody is told more."""
    op.add_column("attendee", sa.Column("cancelled_by", sa.String(length=20), nullable=True))
    op.add_column("attendee", sa.Column("cancel_message", sa.Text(), nullable=False, server_default=""))
    op.add_column("message", sa.Column("told_before", sa.String(length=200), nullable=False, server_default=""))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("attendee", "cancel_message", server_default=None)
        op.alter_column("message", "told_before", server_default=None)


def downgrade() -> None:
    """Take it back."""
    op.drop_column("message", "told_before")
    op.drop_column("attendee", "cancel_message")
    op.drop_column("attendee", "cancelled_by")
