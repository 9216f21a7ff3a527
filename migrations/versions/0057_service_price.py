"""What a service costs, whether everybody reads it, and a note on it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"

COLUMNS = (
    ("price_minor", sa.BigInteger(), True, None),
    ("price_currency", sa.String(length=3), True, None),
    ("price_shown", sa.Boolean(), False, sa.true()),
    ("fee_note", sa.String(length=200), False, ""),
)


def upgrade() -> None:
    """Make it so."""
    for name, kind, may_be_empty, usual in COLUMNS:
        op.add_column("service", sa.Column(name, kind, nullable=may_be_empty, server_default=usual))


def downgrade() -> None:
    """Take it back."""
    for name, *_ in reversed(COLUMNS):
        op.drop_column("service", name)
