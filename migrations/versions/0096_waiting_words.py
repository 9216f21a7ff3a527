"""What whoever waits for a video appointment reads, in a practice's own words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0096"
down_revision = "0095"

COLUMNS = ("waiting_words", "waiting_words_spanish")


def upgrade() -> None:
    """Make it so."""
    with op.batch_alter_table("practice") as batch_op:
        for name in COLUMNS:
            batch_op.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("practice") as batch_op:
        for name in COLUMNS:
            batch_op.alter_column(name, existing_type=sa.Text(), server_default=None)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("practice") as batch_op:
        for name in COLUMNS:
            batch_op.drop_column(name)
