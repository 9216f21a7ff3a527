"""What a therapist's profile says besides: pronouns, ages, and where it stands on the page, if it does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"

COLUMNS = (
    ("pronouns", sa.String(length=40), ""),
    ("ages", sa.JSON(), sa.text("'[]'")),
    ("position", sa.Integer(), "0"),
    ("is_hidden", sa.Boolean(), sa.false()),
)


def upgrade() -> None:
    """Make it so."""
    for name, kind, usual in COLUMNS:
        op.add_column("therapist", sa.Column(name, kind, nullable=False, server_default=usual))


def downgrade() -> None:
    """Take it back."""
    for name, _, _ in reversed(COLUMNS):
        op.drop_column("therapist", name)
