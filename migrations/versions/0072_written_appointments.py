"""Appointments as they are written into calendars elsewhere, and what each of these is told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0072"
down_revision = "0071"

CALENDAR, WRITTEN = "connected_calendar", "written_appointment"
INSTANT = UTCDateTime(timezone=True)
INDEXED = ("practice_id", "calendar_id")


def upgrade() -> None:
    """Make it so. Nothing is written anywhere yet."""
    with op.batch_alter_table(CALENDAR) as batch_op:
        batch_op.add_column(sa.Column("writes_detail", sa.String(20), nullable=False, server_default="busy"))
        batch_op.add_column(sa.Column("writes_place", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("writes_link", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("writes_requests", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("writes_category", sa.String(40), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("compared_at", INSTANT, nullable=True))
        batch_op.add_column(sa.Column("write_failure", sa.String(20), nullable=True))
        batch_op.add_column(sa.Column("write_failures", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("write_after", INSTANT, nullable=True))
        batch_op.add_column(sa.Column("missing_since", INSTANT, nullable=True))
    op.create_table(
        WRITTEN,
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("appointment_id", BigId, nullable=False),
        sa.Column("calendar_id", BigId, nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("worker", sa.String(length=40), nullable=True),
        sa.Column("leased_until", INSTANT, nullable=True),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("wanted", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("starts_at", INSTANT, nullable=True),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("tried", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(length=20), nullable=True),
        sa.Column("writes", sa.Integer(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=True),
        sa.Column("seen", sa.String(length=20), nullable=True),
        sa.Column("seen_starts_at", INSTANT, nullable=True),
        sa.Column("seen_ends_at", INSTANT, nullable=True),
        sa.Column("asked_at", INSTANT, nullable=True),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.Column("copied_to", sa.JSON(), nullable=True),
        sa.Column("is_adopted", sa.Boolean(), nullable=False),
        *(
            sa.ForeignKeyConstraint([f"{table}_id"], [f"{name}.id"], name=op.f(f"fk_{WRITTEN}_{table}_id_{name}"))
            for table, name in (("practice", "practice"), ("appointment", "appointment"), ("calendar", CALENDAR))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{WRITTEN}")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{WRITTEN}_public_id")),
        sa.UniqueConstraint("uid", name=op.f(f"uq_{WRITTEN}_uid")),
        sa.UniqueConstraint("appointment_id", "calendar_id", name=op.f(f"uq_{WRITTEN}_appointment_id_calendar_id")),
    )
    op.create_index(f"ix_{WRITTEN}_due", WRITTEN, ["state", "due_at"])
    for name in INDEXED:
        op.create_index(op.f(f"ix_{WRITTEN}_{name}"), WRITTEN, [name])


def downgrade() -> None:
    """Take it back. What stands in calendars elsewhere stays there."""
    op.drop_table(WRITTEN)
    with op.batch_alter_table(CALENDAR) as batch_op:
        for name in (
            "writes_detail",
            "writes_place",
            "writes_link",
            "writes_requests",
            "writes_category",
            "compared_at",
            "write_failure",
            "write_failures",
            "write_after",
            "missing_since",
        ):
            batch_op.drop_column(name)
