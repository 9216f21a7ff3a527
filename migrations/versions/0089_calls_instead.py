"""Where clients ask to be called when video does not work for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import UTCDateTime

revision = "0089"
down_revision = "0088"


def upgrade() -> None:
    """Make it so."""
    op.add_column("attendee", sa.Column("call_phone", sa.String(40), nullable=True))
    op.add_column("attendee", sa.Column("call_asked_at", UTCDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take it back: older code does not know the words."""
    op.execute("UPDATE task SET kind = 'call' WHERE kind = 'call_back'")
    op.execute("UPDATE alert SET reason = 'to_do' WHERE reason = 'call_back'")
    op.execute("DELETE FROM alert_rule WHERE reason = 'call_back'")
    op.execute("DELETE FROM appointment_event WHERE action = 'call_asked'")
    op.drop_column("attendee", "call_asked_at")
    op.drop_column("attendee", "call_phone")
