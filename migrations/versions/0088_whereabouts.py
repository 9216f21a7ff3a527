"""Where clients say they are before a video appointment, and what therapists without a licence there decide."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0088"
down_revision = "0087"

TABLE = "whereabouts"


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        TABLE,
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("attendee_id", BigId, nullable=False),
        sa.Column("companion_id", BigId, nullable=True),
        sa.Column("jurisdiction", sa.String(length=40), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("cannot_speak", sa.Boolean(), nullable=False),
        sa.Column("said_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("decided_by_id", BigId, nullable=True),
        sa.Column("decided_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["attendee_id"], ["attendee.id"], name=op.f("fk_whereabouts_attendee_id_attendee")),
        sa.ForeignKeyConstraint(["companion_id"], ["companion.id"], name=op.f("fk_whereabouts_companion_id_companion")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_whereabouts_decided_by_id_user")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_whereabouts_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_whereabouts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_whereabouts_public_id")),
    )
    op.create_index(op.f("ix_whereabouts_attendee_id"), TABLE, ["attendee_id"])
    op.create_index(op.f("ix_whereabouts_practice_id_said_at"), TABLE, ["practice_id", "said_at"])


def downgrade() -> None:
    """Take it back, with the lines of the audit that older code cannot read."""
    op.execute("DELETE FROM appointment_event WHERE action IN ('where_said', 'licence_decided')")
    op.drop_table(TABLE)
