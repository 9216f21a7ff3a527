"""Which countries a practice texts (none chosen means its own), and where strangers asked for texts from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

INDEX = "ix_attendee_text_network_text_consent_at"


def upgrade() -> None:
    """Make it so."""
    op.add_column("practice", sa.Column("text_countries", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
    op.add_column("attendee", sa.Column("text_network", sa.String(length=40), nullable=True))
    op.create_index(INDEX, "attendee", ["text_network", "text_consent_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index(INDEX, "attendee")
    op.drop_column("attendee", "text_network")
    op.drop_column("practice", "text_countries")
