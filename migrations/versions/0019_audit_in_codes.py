"""What was done is a code of a vocabulary, not a few words; and what a practice sets has an audit of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0019"
down_revision = "0018"

CODES = {
    "moved to an offered time": "moved_to_offer",
    "seat cancelled": "seat_cancelled",
    "room changed": "room_changed",
    "contact changed": "contact_changed",
    "message sent again": "message_resent",
    "texts on": "texts_on",
    "texts off": "texts_off",
}
CORRECTED = ("pending", "booked", "arrived", "fulfilled", "cancelled", "noshow")


def upgrade() -> None:
    """Make it so. What a mistake was corrected to moves from the action into the details."""
    for table in ("appointment_event", "series_event"):
        event = sa.table(table, sa.column("action", sa.String), sa.column("details", sa.JSON), sa.column("id", BigId))
        for said, code in CODES.items():
            op.execute(event.update().where(event.c.action == said).values(action=code))
        for status in CORRECTED:
            _rewrite(event, f"corrected to {status}", "corrected", {"to": status})
    op.create_table(
        "practice_event",
        sa.Column("id", BigId, nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("subject_public_id", sa.String(length=40), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=20), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("via", sa.String(length=20), nullable=True),
        sa.Column("remote_address", sa.String(length=40), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_practice_event_practice_id_practice")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_practice_event_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_event")),
    )
    with op.batch_alter_table("practice_event") as batch_op:
        batch_op.create_index("ix_practice_event_practice_id_at", ["practice_id", "at"], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_table("practice_event")
    for table in ("appointment_event", "series_event"):
        event = sa.table(table, sa.column("action", sa.String), sa.column("details", sa.JSON), sa.column("id", BigId))
        for said, code in CODES.items():
            op.execute(event.update().where(event.c.action == code).values(action=said))
        bind = op.get_bind()
        for row in bind.execute(sa.select(event).where(event.c.action == "corrected")).all():
            details = dict(row.details)
            said = f"corrected to {details.pop('to')}"
            bind.execute(event.update().where(event.c.id == row.id).values(action=said, details=details))


def _rewrite(event: sa.TableClause, said: str, code: str, more: dict[str, str]) -> None:
    bind = op.get_bind()
    for row in bind.execute(sa.select(event).where(event.c.action == said)).all():
        bind.execute(event.update().where(event.c.id == row.id).values(action=code, details={**row.details, **more}))
