"""Guests of one video appointment: as what they come, where their link goes, and the language they read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0098"
down_revision = "0097"


def upgrade() -> None:
    """Make it so: nobody was ever invited before."""
    op.execute("DELETE FROM call_guest")
    with op.batch_alter_table("call_guest") as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(20), nullable=False))
        batch_op.add_column(sa.Column("email", sa.String(320), nullable=False))
        batch_op.add_column(sa.Column("locale", sa.String(10), nullable=False))
    op.add_column("caller", sa.Column("guest_kind", sa.String(20), nullable=True))


def downgrade() -> None:
    """Take it back: older code does not know the words."""
    op.execute("DELETE FROM appointment_event WHERE action IN ('guest_invited', 'guest_ended')")
    op.drop_column("caller", "guest_kind")
    with op.batch_alter_table("call_guest") as batch_op:
        for name in ("locale", "email", "kind"):
            batch_op.drop_column(name)
