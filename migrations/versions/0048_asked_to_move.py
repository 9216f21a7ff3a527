"""Appointments whose clients were asked to choose another time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import UTCDateTime

revision = "0048"
down_revision = "0047"

TABLE, INDEX = "appointment", "ix_appointment_desk_goes_on"
ASKS = "(SELECT id FROM message WHERE kind = 'choose_again')"
IS_ASKED = sa.text("desk_goes_on_at IS NOT NULL")


def upgrade() -> None:
    """Make it so."""
    op.add_column(TABLE, sa.Column("asked_to_move_at", UTCDateTime(timezone=True), nullable=True))
    op.add_column(TABLE, sa.Column("desk_goes_on_at", UTCDateTime(timezone=True), nullable=True))
    op.create_index(INDEX, TABLE, ["desk_goes_on_at"], sqlite_where=IS_ASKED, postgresql_where=IS_ASKED)


def downgrade() -> None:
    """Take it back, and the messages and lines of it with it: older code cannot read such a row."""
    op.execute(f"DELETE FROM message_event WHERE message_id IN {ASKS}")  # noqa: S608
    op.execute(f"UPDATE message SET instead_of_id = NULL WHERE instead_of_id IN {ASKS}")  # noqa: S608
    op.execute(f"DELETE FROM task WHERE message_id IN {ASKS}")  # noqa: S608
    op.execute("DELETE FROM message WHERE kind = 'choose_again'")
    op.execute("DELETE FROM message_rule WHERE kind = 'choose_again'")
    op.execute("DELETE FROM message_template WHERE kind = 'choose_again'")
    op.execute("DELETE FROM appointment_event WHERE action IN ('asked_to_move', 'kept_after_all')")
    op.drop_index(INDEX, TABLE)
    op.drop_column(TABLE, "desk_goes_on_at")
    op.drop_column(TABLE, "asked_to_move_at")
