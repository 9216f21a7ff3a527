"""When sign-ins of staff end is for each practice to say; an hour without a click unless it says so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"

USUAL = {"idle_minutes": "60", "sign_in_hours": "12"}


def upgrade() -> None:
    """Make it so."""
    for name, usual in USUAL.items():
        op.add_column("practice", sa.Column(name, sa.Integer(), nullable=False, server_default=usual))


def downgrade() -> None:
    """Take it back."""
    for name in USUAL:
        op.drop_column("practice", name)
