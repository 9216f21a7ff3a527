"""How often the links of a seat, a wait or a client were ended. Those from before the update work until then."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

LINKED = ("attendee", "waitlist_entry", "client")


def upgrade() -> None:
    """Make it so."""
    for table in LINKED:
        op.add_column(table, sa.Column("links_version", sa.Integer(), nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    """Take it back."""
    for table in reversed(LINKED):
        op.drop_column(table, "links_version")
