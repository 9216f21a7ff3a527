"""Jobs say that they live, so that a health check can tell when they do not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "heartbeat",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("beat_at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heartbeat")),
        sa.UniqueConstraint("name", name=op.f("uq_heartbeat_name")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("heartbeat")
