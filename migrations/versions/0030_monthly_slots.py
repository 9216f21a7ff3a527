"""Standing slots that come once a month, on the same weekday of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Those there are come every so many weeks, as before."""
    op.add_column("series", sa.Column("week_of_month", sa.String(20), nullable=True))


def downgrade() -> None:
    """Monthly ones become those of every fourth week, which is as near as it gets."""
    op.execute("UPDATE series SET every_weeks = 4 WHERE week_of_month IS NOT NULL")
    op.drop_column("series", "week_of_month")
