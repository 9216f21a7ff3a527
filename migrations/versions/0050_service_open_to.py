"""Who may book a service, and the word in the address of one that is on no list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    """Make it so."""
    op.add_column("service", sa.Column("open_to", sa.String(length=20), nullable=False, server_default="everybody"))
    op.add_column("service", sa.Column("link_word", sa.String(length=40), nullable=True))
    op.create_index(op.f("ix_service_link_word"), "service", ["link_word"], unique=True)


def downgrade() -> None:
    """Take it back."""
    op.drop_index(op.f("ix_service_link_word"), table_name="service")
    op.drop_column("service", "link_word")
    op.drop_column("service", "open_to")
