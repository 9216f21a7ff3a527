"""Whether a practice names the crisis line in every answer to a text, or only to whoever may be in a crisis."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Whoever writes of a crisis is told of it as before."""
    op.add_column("practice", sa.Column("names_988", sa.Boolean(), nullable=False, server_default=sa.false()))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("practice", "names_988", server_default=None)


def downgrade() -> None:
    """Every answer names it again."""
    op.drop_column("practice", "names_988")
