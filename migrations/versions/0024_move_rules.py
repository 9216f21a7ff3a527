"""What clients may move by themselves: how often, and whether what needed a yes needs one again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Any number of moves as before; what needs the practice's yes needs it for the new time, too."""
    op.add_column("practice", sa.Column("most_moves", sa.Integer(), nullable=True))
    op.add_column("practice", sa.Column("moves_ask_again", sa.Boolean(), nullable=False, server_default=sa.true()))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("practice", "moves_ask_again", server_default=None)


def downgrade() -> None:
    """Clients move as often as they like, and nobody is asked."""
    op.drop_column("practice", "moves_ask_again")
    op.drop_column("practice", "most_moves")
