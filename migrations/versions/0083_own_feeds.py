"""By whose link a seat was booked, and by which one a client's own calendar address was made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId

revision = "0083"
down_revision = "0082"

SEAT, FEED = "attendee", "calendar_feed"
FROM = "fk_attendee_booked_from_id_attendee"
BY = "fk_calendar_feed_attendee_id_attendee"


def upgrade() -> None:
    """Make it so. An address of before shows all that it showed, and cannot be shown again itself."""
    with op.batch_alter_table(SEAT) as batch_op:
        batch_op.add_column(sa.Column("booked_from_id", BigId, nullable=True))
        batch_op.create_foreign_key(batch_op.f(FROM), SEAT, ["booked_from_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_attendee_booked_from_id"), ["booked_from_id"])
    with op.batch_alter_table(FEED) as batch_op:
        batch_op.add_column(sa.Column("attendee_id", BigId, nullable=True))
        batch_op.add_column(sa.Column("links_version", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_foreign_key(batch_op.f(BY), SEAT, ["attendee_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_calendar_feed_attendee_id"), ["attendee_id"])
    with op.batch_alter_table(FEED) as batch_op:
        batch_op.alter_column("links_version", existing_type=sa.Integer(), server_default=None)


def downgrade() -> None:
    """Take it back. Older code would show everything of a client to whoever typed a name: those addresses end."""
    op.execute(sa.text("DELETE FROM calendar_feed WHERE attendee_id IS NOT NULL"))
    with op.batch_alter_table(FEED) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calendar_feed_attendee_id"))
        batch_op.drop_constraint(batch_op.f(BY), type_="foreignkey")
        batch_op.drop_column("attendee_id")
        batch_op.drop_column("links_version")
    with op.batch_alter_table(SEAT) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendee_booked_from_id"))
        batch_op.drop_constraint(batch_op.f(FROM), type_="foreignkey")
        batch_op.drop_column("booked_from_id")
