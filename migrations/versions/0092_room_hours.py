"""When a practice's virtual rooms can be entered: minutes before the start and after the end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0092"
down_revision = "0091"

COLUMNS = (("room_opens_minutes", "15"), ("room_stays_minutes", "30"))


def upgrade() -> None:
    """Make it so. Rooms open and close as they did."""
    for name, usual in COLUMNS:
        op.add_column("practice", sa.Column(name, sa.Integer(), nullable=False, server_default=usual))
        if op.get_bind().dialect.name == "postgresql":
            op.alter_column("practice", name, server_default=None)


def downgrade() -> None:
    """Take it back."""
    for name, _usual in reversed(COLUMNS):
        op.drop_column("practice", name)
