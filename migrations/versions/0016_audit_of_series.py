"""Who did what to a standing slot as a whole, and how long each of its dates lasts: as long as was agreed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0016"
down_revision = "0015"

# Clients and rooms are taken without buffers, so they know for how long; without them it is as long as the service
# lasts. Never longer than the time of the therapist that is kept: who joined later may have been taken for longer.
LENGTHS = """
    UPDATE occurrence SET duration_minutes = {least}(
        COALESCE(
            (SELECT MIN({minutes}) FROM occupancy
             WHERE occupancy.occurrence_id = occurrence.id AND occupancy.service_id IS NULL),
            {service}
        ),
        COALESCE((SELECT MIN({minutes}) FROM occupancy WHERE occupancy.occurrence_id = occurrence.id), {service})
    )
"""
SERVICE = """
    (SELECT service.duration_minutes FROM service JOIN series ON series.service_id = service.id
     WHERE series.id = occurrence.series_id)
"""
ENDS = """
    UPDATE occupancy SET core_ends_at = core_starts_at + {a_minute} * (
        SELECT occurrence.duration_minutes FROM occurrence WHERE occurrence.id = occupancy.occurrence_id
    )
    WHERE occurrence_id IS NOT NULL AND core_starts_at IS NOT NULL
"""
DIALECTS = {
    "sqlite": {
        "minutes": "(ends_at - COALESCE(core_starts_at, starts_at)) / 60000000",
        "least": "MIN",
        "a_minute": "60000000",
    },
    "postgresql": {
        "minutes": "CAST(EXTRACT(EPOCH FROM ends_at - COALESCE(core_starts_at, starts_at)) / 60 AS integer)",
        "least": "LEAST",
        "a_minute": "INTERVAL '1 minute'",
    },
}


def upgrade() -> None:
    """Make it so, also for the dates that are kept already."""
    op.create_table(
        "series_event",
        sa.Column("id", BigId, nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("series_id", BigId, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=20), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("via", sa.String(length=20), nullable=True),
        sa.Column("remote_address", sa.String(length=40), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_series_event_practice_id_practice")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_series_event_series_id_series")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_series_event_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series_event")),
    )
    op.create_index(op.f("ix_series_event_practice_id"), "series_event", ["practice_id"])
    op.create_index(op.f("ix_series_event_series_id"), "series_event", ["series_id"])
    op.add_column(
        "occurrence", sa.Column("duration_minutes", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    here = DIALECTS[op.get_bind().dialect.name]
    if op.get_bind().dialect.name == "postgresql":  # Whoever still writes dates as before must fail, not write none.
        op.alter_column("occurrence", "duration_minutes", server_default=None)
    op.execute(LENGTHS.format(service=SERVICE, **here))
    op.execute(ENDS.format(**here))


def downgrade() -> None:
    """Take it back."""
    op.execute("UPDATE occupancy SET core_ends_at = NULL WHERE occurrence_id IS NOT NULL")
    op.drop_column("occurrence", "duration_minutes")
    op.drop_table("series_event")
