"""Who wrote to a number or address again: a member of staff, or the client with START."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make it so. Of what has ended already, only what is certain is said."""
    with op.batch_alter_table("suppression") as batch_op:
        batch_op.add_column(sa.Column("ended_by", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("ended_by_id", BigId, nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_suppression_ended_by_id_user"), "user", ["ended_by_id"], ["id"])
    op.execute(
        "UPDATE suppression SET ended_by = CASE reason WHEN 'staff' THEN 'staff' ELSE 'client' END "
        "WHERE ended_at IS NOT NULL AND reason <> 'bad_address'"
    )


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("suppression") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_suppression_ended_by_id_user"), type_="foreignkey")
        batch_op.drop_column("ended_by_id")
        batch_op.drop_column("ended_by")
