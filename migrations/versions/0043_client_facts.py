"""What a practice keeps of a client beside how they are reached, and how they may book."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"

COLUMNS = {
    "pronouns": (sa.String(length=40), ""),
    "tags": (sa.JSON(), "[]"),
    "emergency_contact": (sa.String(length=200), ""),
    "desk_note": (sa.Text(), ""),
    "may_book": (sa.String(length=20), "online"),
}


def upgrade() -> None:
    """Make it so."""
    op.add_column("client", sa.Column("born_on", sa.Date(), nullable=True))
    for name, (kind, usual) in COLUMNS.items():
        op.add_column("client", sa.Column(name, kind, nullable=False, server_default=usual))


def downgrade() -> None:
    """Take it back."""
    for name in ("born_on", *COLUMNS):
        op.drop_column("client", name)
