"""A message is written three times on its way: what nobody asks by is in no index any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

TOLD = sa.text("told_by_id IS NOT NULL")


def upgrade() -> None:
    """Make it so: the log's index begins with the practice, too, and hardly any message is told by another."""
    op.drop_index("ix_message_practice_id", "message")
    op.drop_index("ix_message_provider_id", "message")
    op.drop_index("ix_message_told_by_id", "message")
    op.create_index("ix_message_told_by", "message", ["told_by_id"], sqlite_where=TOLD, postgresql_where=TOLD)


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_message_told_by", "message")
    op.create_index("ix_message_told_by_id", "message", ["told_by_id"])
    op.create_index("ix_message_provider_id", "message", ["provider_id"])
    op.create_index("ix_message_practice_id", "message", ["practice_id"])
