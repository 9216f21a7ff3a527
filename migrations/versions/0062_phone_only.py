"""Whether a practice takes clients without an e-mail address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"


def upgrade() -> None:
    """Make it so."""
    op.add_column("practice", sa.Column("takes_phone_only", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take it back. Clients without an address stay: older code texts them, and finds no address to write to."""
    op.execute("UPDATE message SET reason = 'unreachable' WHERE reason = 'by_a_person'")
    op.drop_column("practice", "takes_phone_only")
