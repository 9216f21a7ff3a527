"""A name for every login that may stand in an address."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    """Make it so."""
    op.add_column("user", sa.Column("public_id", sa.String(length=36), nullable=True))
    user = sa.table("user", sa.column("id"), sa.column("public_id"))
    for (known,) in op.get_bind().execute(sa.select(user.c.id)).all():
        op.execute(user.update().where(user.c.id == known).values(public_id=str(uuid.uuid4())))
    with op.batch_alter_table("user") as batch_op:
        batch_op.alter_column("public_id", existing_type=sa.String(length=36), nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_user_public_id"), ["public_id"])


def downgrade() -> None:
    """Take it back; older code knows no roles that only look on."""
    for role in ("supervisor", "biller"):
        of_role = f"SELECT id FROM role WHERE name = '{role}'"  # noqa: S608 -- two words of ours
        op.execute(f"DELETE FROM user_role WHERE role_id IN ({of_role})")  # noqa: S608
        op.execute(f"DELETE FROM role WHERE name = '{role}'")  # noqa: S608
    with op.batch_alter_table("user") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_user_public_id"), type_="unique")
        batch_op.drop_column("public_id")
