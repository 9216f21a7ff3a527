"""Since when a number for alerts is known to be its owner's. Those that there are count as proved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth import clock
from telehealth.database import UTCDateTime

revision = "0069"
down_revision = "0068"

NUMBERS = (("user", "alert_phone"), ("therapist", "phone"))


def upgrade() -> None:
    """Make it so. Whoever is texted today goes on being texted: silence would be worse than a doubt."""
    now = clock.now()
    for name, number in NUMBERS:
        op.add_column(name, sa.Column(f"{number}_proved_at", UTCDateTime(timezone=True), nullable=True))
        proved_at, given = sa.column(f"{number}_proved_at", UTCDateTime(timezone=True)), sa.column(number)
        op.execute(sa.table(name, proved_at, given).update().where(given.is_not(None)).values({proved_at.name: now}))


def downgrade() -> None:
    """Take it back: every number is texted again."""
    for name, number in NUMBERS:
        op.drop_column(name, f"{number}_proved_at")
