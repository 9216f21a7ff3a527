"""The terms of a whole practice, and which services have them. What services have stays theirs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"

COLUMNS = (
    ("window_minutes", sa.Integer(), "1440"),
    ("when_late", sa.Enum("call", "mark", native_enum=False, length=20), "mark"),
    ("terms", sa.Text(), ""),
)


def upgrade() -> None:
    """Make it so."""
    for name, kind, usual in COLUMNS:
        op.add_column("practice", sa.Column(name, kind, nullable=False, server_default=usual))
    kept = sa.Column("has_practice_terms", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("service", kept)


def downgrade() -> None:
    """Take it back."""
    op.drop_column("service", "has_practice_terms")
    for name, _, _ in reversed(COLUMNS):
        op.drop_column("practice", name)
