"""Who never came to our own video room is proposed as a no-show."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import UTCDateTime

revision = "0097"
down_revision = "0096"

PROPOSED = sa.text("absence_proposed_at IS NOT NULL AND absence_answered_at IS NULL")


def upgrade() -> None:
    """Make it so."""
    op.add_column("attendee", sa.Column("absence_proposed_at", UTCDateTime(timezone=True), nullable=True))
    op.add_column("attendee", sa.Column("absence_answered_at", UTCDateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_attendee_absence", "attendee", ["practice_id"], sqlite_where=PROPOSED, postgresql_where=PROPOSED
    )
    op.add_column("practice", sa.Column("no_show_minutes", sa.Integer(), nullable=False, server_default="15"))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("practice", "no_show_minutes", server_default=None)


def downgrade() -> None:
    """Take it back, with the lines of the audit that older code cannot read."""
    op.execute("DELETE FROM appointment_event WHERE action IN ('absence_proposed', 'absence_put_away')")
    op.drop_column("practice", "no_show_minutes")
    op.drop_index("ix_attendee_absence", "attendee")
    op.drop_column("attendee", "absence_answered_at")
    op.drop_column("attendee", "absence_proposed_at")
