"""Words for an own calendar that was emptied, and for one of somebody who cannot sign in."""

from __future__ import annotations

from alembic import op

revision = "0086"
down_revision = "0085"


def upgrade() -> None:
    """Make it so. What was asked about an emptied calendar so far stays as it was said."""


def downgrade() -> None:
    """Take it back: older code does not know the words."""
    op.execute("UPDATE task SET kind = 'calendar' WHERE kind = 'emptied'")
    op.execute("UPDATE login_letter SET kind = 'calendar_silent' WHERE kind = 'calendar_of_other'")
