"""What therapists' own calendars mean for what is offered: minutes around busy time, and what holds for an old one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0075"

LETTERS = "('calendar_silent', 'calendar_refused')"
ABOUT = f"(SELECT id FROM message WHERE login_letter_id IN (SELECT id FROM login_letter WHERE kind IN {LETTERS}))"  # noqa: S608
COLUMNS = (
    ("busy_before_minutes", sa.Integer(), "0"),
    ("busy_after_minutes", sa.Integer(), "0"),
    ("tentative_is_busy", sa.Boolean(), sa.true()),
    ("unread_hours", sa.Integer(), "24"),
    ("when_unread", sa.String(length=20), "go_on"),
)


def upgrade() -> None:
    """Make it so. Everything goes on as it was."""
    for name, kind, usual in COLUMNS:
        op.add_column("practice", sa.Column(name, kind, nullable=False, server_default=usual))
        if op.get_bind().dialect.name == "postgresql":
            op.alter_column("practice", name, server_default=None)


def downgrade() -> None:
    """Take it back, and the letters about calendars with it: older code cannot read such a row."""
    op.execute(f"DELETE FROM message_event WHERE message_id IN {ABOUT}")  # noqa: S608 -- words of ours
    op.execute(f"DELETE FROM task WHERE message_id IN {ABOUT}")  # noqa: S608
    op.execute(f"UPDATE message SET instead_of_id = NULL WHERE id IN {ABOUT}")  # noqa: S608
    op.execute(f"DELETE FROM message WHERE id IN {ABOUT}")  # noqa: S608
    op.execute(f"DELETE FROM login_letter WHERE kind IN {LETTERS}")  # noqa: S608
    for name, _kind, _usual in reversed(COLUMNS):
        op.drop_column("practice", name)
