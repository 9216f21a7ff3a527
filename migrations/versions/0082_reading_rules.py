"""By which rules a calendar elsewhere was read, so that all of it is read anew by others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0082"
down_revision = "0081"

CALENDAR = "connected_calendar"


def upgrade() -> None:
    """Make it so. Nobody knows by which rules was read so far: all of each calendar is read once more."""
    op.add_column(CALENDAR, sa.Column("read_by", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Take it back, and that an account is too slow: older code does not know that word."""
    failure = sa.table("calendar_connection", sa.column("failure", sa.String))
    op.execute(sa.update(failure).where(failure.c.failure == "too_slow").values(failure="timed_out"))
    with op.batch_alter_table(CALENDAR) as batch_op:
        batch_op.drop_column("read_by")
