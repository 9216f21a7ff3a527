"""Who booked a seat for its client; and since when a practice knows that somebody acts for one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0075"
down_revision = "0074"

FOREIGN = "fk_attendee_booked_by_id_companion"


def upgrade() -> None:
    """Make it so. Whoever is there was written down by staff."""
    op.add_column("companion", sa.Column("known_at", UTCDateTime(timezone=True), nullable=True))
    op.execute("UPDATE companion SET known_at = created_at")
    with op.batch_alter_table("attendee") as batch_op:
        batch_op.add_column(sa.Column("booked_by_id", BigId, nullable=True))
        batch_op.create_foreign_key(batch_op.f(FOREIGN), "companion", ["booked_by_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_attendee_booked_by_id"), ["booked_by_id"])


def downgrade() -> None:
    """Take it back. Older code would tell strangers of everything about a client: they are told of nothing. It does not
    know the newer words.
    """
    op.execute("UPDATE task SET kind = 'call' WHERE kind = 'booker'")
    op.execute("UPDATE companion SET relationship = 'other' WHERE relationship = 'child'")
    op.execute("UPDATE companion SET messages_to = 'client' WHERE known_at IS NULL")
    with op.batch_alter_table("attendee") as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendee_booked_by_id"))
        batch_op.drop_constraint(batch_op.f(FOREIGN), type_="foreignkey")
        batch_op.drop_column("booked_by_id")
    op.drop_column("companion", "known_at")
