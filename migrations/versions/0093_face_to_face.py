"""When a client and a therapist met, as staff say it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import UTCDateTime

revision = "0093"
down_revision = "0092"


def upgrade() -> None:
    """Make it so."""
    op.add_column("attendee", sa.Column("met_from", UTCDateTime(timezone=True), nullable=True))
    op.add_column("attendee", sa.Column("met_until", UTCDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take it back, with the lines of the audit that older code cannot read."""
    op.execute("DELETE FROM appointment_event WHERE action = 'met_said'")
    op.drop_column("attendee", "met_until")
    op.drop_column("attendee", "met_from")
