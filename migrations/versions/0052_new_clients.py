"""Whether a therapist takes new clients, and from which date on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    """Make it so."""
    op.add_column("therapist", sa.Column("new_clients", sa.String(length=20), nullable=False, server_default="yes"))
    op.add_column("therapist", sa.Column("new_clients_from", sa.Date(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("therapist", "new_clients_from")
    op.drop_column("therapist", "new_clients")
