"""What calendars answered to invites, and the last of it with each seat."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0074"
down_revision = "0073"

ANSWER = "invite_answer"
ASKS = "(SELECT id FROM message WHERE kind IN ('invite_declined', 'invite_countered'))"


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        ANSWER,
        sa.Column("id", BigId, nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("attendee_id", BigId, nullable=False),
        sa.Column("companion_id", BigId, nullable=True),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("stamped_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("proposed_start", UTCDateTime(timezone=True), nullable=True),
        sa.Column("proposed_end", UTCDateTime(timezone=True), nullable=True),
        sa.Column("is_proved", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("received_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_invite_answer_practice_id_practice")),
        sa.ForeignKeyConstraint(["attendee_id"], ["attendee.id"], name=op.f("fk_invite_answer_attendee_id_attendee")),
        sa.ForeignKeyConstraint(
            ["companion_id"], ["companion.id"], name=op.f("fk_invite_answer_companion_id_companion")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invite_answer")),
        sa.UniqueConstraint("attendee_id", "digest", name=op.f("uq_invite_answer_attendee_id_digest")),
    )
    for name in ("practice_id", "companion_id"):
        op.create_index(op.f(f"ix_invite_answer_{name}"), ANSWER, [name])
    op.add_column("attendee", sa.Column("calendar_answer", sa.String(length=20), nullable=True))


def downgrade() -> None:
    """Take it back, with the mails and tasks that nothing else knows."""
    op.execute(f"DELETE FROM message_event WHERE message_id IN {ASKS}")  # noqa: S608
    op.execute(f"UPDATE message SET instead_of_id = NULL WHERE instead_of_id IN {ASKS}")  # noqa: S608
    op.execute(f"DELETE FROM task WHERE kind IN ('invite', 'mail') OR message_id IN {ASKS}")  # noqa: S608
    op.execute("DELETE FROM message WHERE kind IN ('invite_declined', 'invite_countered')")
    op.execute("DELETE FROM appointment_event WHERE action = 'answered_invite' OR via = 'mail'")
    op.drop_column("attendee", "calendar_answer")
    op.drop_table(ANSWER)
