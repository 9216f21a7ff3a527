"""The number of the last signal that was taken from a device in a call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0089"


def upgrade() -> None:
    """Make it so. On SQLite the ids of signals are never used again, as on PostgreSQL."""
    with op.batch_alter_table("caller") as batch_op:
        batch_op.add_column(sa.Column("last_number", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("caller") as batch_op:
        batch_op.alter_column("last_number", existing_type=sa.Integer(), server_default=None)
    _renew_signals(is_counting=True)


def downgrade() -> None:
    """Take it back."""
    _renew_signals(is_counting=False)
    with op.batch_alter_table("caller") as batch_op:
        batch_op.drop_column("last_number")


def _renew_signals(*, is_counting: bool) -> None:
    if op.get_bind().dialect.name == "sqlite":
        kind = {"sqlite_autoincrement": is_counting}
        with op.batch_alter_table("call_signal", recreate="always", table_kwargs=kind):
            pass
