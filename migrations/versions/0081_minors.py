"""Whether minors are booked by, or with, whoever acts for them."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0081"
down_revision = "0080"

PRACTICE = "practice"
NO_GUARDIAN = "no_guardian"
_APPOINTMENT = sa.table("appointment", sa.column("id", sa.BigInteger), sa.column("overrides", sa.JSON))


def upgrade() -> None:
    """Make it so. It goes on being told, as before."""
    op.add_column(PRACTICE, sa.Column("when_minor", sa.String(length=20), nullable=False, server_default="tell"))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column(PRACTICE, "when_minor", server_default=None)


def downgrade() -> None:
    """Take it back, and that it was set aside: older code does not know that it could be."""
    connection, overrides = op.get_bind(), _APPOINTMENT.c.overrides
    said = sa.select(_APPOINTMENT).where(sa.cast(overrides, sa.Text).like(f"%{json.dumps(NO_GUARDIAN)}%"))
    for row in connection.execute(said).all():
        others = [each for each in row.overrides if each != NO_GUARDIAN]
        connection.execute(sa.update(_APPOINTMENT).where(_APPOINTMENT.c.id == row.id).values(overrides=others))
    with op.batch_alter_table(PRACTICE) as batch_op:
        batch_op.drop_column("when_minor")
