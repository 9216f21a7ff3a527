"""How far the mailbox that answers come to was read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0077"
down_revision = "0076"

TABLE = "mailbox_bookmark"


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        TABLE,
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("worker", sa.String(length=40), nullable=True),
        sa.Column("leased_until", UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_bookmark")),
        sa.UniqueConstraint("name", name=op.f("uq_mailbox_bookmark_name")),
    )


def downgrade() -> None:
    """Take it back: the mailbox is read anew, and what was taken before is known again."""
    op.drop_table(TABLE)
