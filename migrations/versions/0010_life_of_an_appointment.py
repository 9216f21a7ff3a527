"""What an appointment needs for its whole life: terms, a second therapist, a yes that is waited for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make it so."""
    with op.batch_alter_table("appointment") as batch_op:
        batch_op.add_column(sa.Column("co_therapist_id", BigId, nullable=True))
        batch_op.add_column(sa.Column("policy_id", BigId, nullable=True))
        batch_op.add_column(sa.Column("expires_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("answer", sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("overrides", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
        batch_op.add_column(sa.Column("override_reason", sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.create_index(batch_op.f("ix_appointment_co_therapist_id"), ["co_therapist_id"])
        batch_op.create_index(
            "ix_appointment_pending",
            ["expires_at"],
            sqlite_where=sa.text("status = 'pending'"),
            postgresql_where=sa.text("status = 'pending'"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_appointment_co_therapist_id_therapist"), "therapist", ["co_therapist_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_appointment_policy_id_policy"), "policy", ["policy_id"], ["id"])
    with op.batch_alter_table("attendee") as batch_op:
        batch_op.add_column(
            sa.Column("status", sa.String(length=20), nullable=False, server_default=sa.text("'booked'"))
        )
        batch_op.add_column(sa.Column("late_cancel", sa.Boolean(), nullable=False, server_default=sa.text("FALSE")))
        batch_op.add_column(sa.Column("cancel_reason", sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("cancelled_at", UTCDateTime(), nullable=True))
    with op.batch_alter_table("appointment_event") as batch_op:
        batch_op.add_column(sa.Column("via", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("remote_address", sa.String(length=40), nullable=True))
    for column in ("status", "cancelled_at"):
        op.execute(
            f"UPDATE attendee SET {column} = "  # noqa: S608 -- the two words above
            f"(SELECT appointment.{column} FROM appointment WHERE appointment.id = attendee.appointment_id)"
        )


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("appointment_event") as batch_op:
        batch_op.drop_column("remote_address")
        batch_op.drop_column("via")
    with op.batch_alter_table("attendee") as batch_op:
        batch_op.drop_column("cancelled_at")
        batch_op.drop_column("cancel_reason")
        batch_op.drop_column("late_cancel")
        batch_op.drop_column("status")
    with op.batch_alter_table("appointment") as batch_op:
        batch_op.drop_constraint(op.f("fk_appointment_policy_id_policy"), type_="foreignkey")
        batch_op.drop_constraint(op.f("fk_appointment_co_therapist_id_therapist"), type_="foreignkey")
        batch_op.drop_index(op.f("ix_appointment_pending"))
        batch_op.drop_index(op.f("ix_appointment_co_therapist_id"))
        batch_op.drop_column("override_reason")
        batch_op.drop_column("overrides")
        batch_op.drop_column("answer")
        batch_op.drop_column("expires_at")
        batch_op.drop_column("policy_id")
        batch_op.drop_column("co_therapist_id")
