"""What a token was made for, when it was used, and when it ends by itself. Those of before may do what they could."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import UTCDateTime

revision = "0059"
down_revision = "0058"

EVERYTHING = '["read", "book", "desk", "settings"]'


def upgrade() -> None:
    """Make it so."""
    op.add_column("api_token", sa.Column("scopes", sa.JSON(), nullable=False, server_default=EVERYTHING))
    op.add_column("api_token", sa.Column("used_at", UTCDateTime(timezone=True), nullable=True))
    op.add_column("api_token", sa.Column("ends_at", UTCDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take it back. A token that could do less, or ends, would do all for ever: it works no more."""
    is_less = f"ends_at IS NOT NULL OR CAST(scopes AS VARCHAR(200)) <> '{EVERYTHING}'"
    op.execute(f"UPDATE api_token SET ended_at = created_at WHERE ended_at IS NULL AND ({is_less})")  # noqa: S608
    for name in ("ends_at", "used_at", "scopes"):
        op.drop_column("api_token", name)
