"""Where people meet by video: said for a practice, a therapist, a service or one appointment, and video services
elsewhere that a practice uses.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0087"
down_revision = "0086"

CHOOSING = ("practice", "therapist", "service", "appointment")


def upgrade() -> None:
    """Make it so. Nothing is said yet, so people meet where they did."""
    for table in CHOOSING:
        op.add_column(table, sa.Column("video_kind", sa.String(length=20), nullable=True))
    op.create_table(
        "video_connection",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_video_connection_practice_id_practice")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video_connection")),
        sa.UniqueConstraint("practice_id", "kind", name=op.f("uq_video_connection_practice_id_kind")),
        sa.UniqueConstraint("public_id", name=op.f("uq_video_connection_public_id")),
    )
    op.create_index(op.f("ix_video_connection_practice_id"), "video_connection", ["practice_id"])


def downgrade() -> None:
    """Take it back: whoever chose otherwise meets where the installation says, and secrets are forgotten. Older
    code cannot read the lines of the audit about it.
    """
    op.execute("DELETE FROM appointment_event WHERE action = 'video_changed'")
    op.execute("DELETE FROM practice_event WHERE subject = 'video_connection'")
    op.drop_table("video_connection")
    for table in CHOOSING:
        op.drop_column(table, "video_kind")
