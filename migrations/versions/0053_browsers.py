"""Which browser signed in, and a name for every sign-in that may stand in a form."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

from telehealth.database import UTCDateTime

revision = "0053"
down_revision = "0052"

ABOUT = "(SELECT id FROM message WHERE login_letter_id IN (SELECT id FROM login_letter WHERE kind = 'new_browser'))"


def upgrade() -> None:
    """Make it so."""
    op.add_column("login_letter", sa.Column("browser", sa.String(length=40), nullable=True))
    op.add_column("user", sa.Column("first_sign_in_at", UTCDateTime(timezone=True), nullable=True))
    first = 'SELECT min(started_at) FROM sign_in WHERE sign_in.user_id = "user".id'
    op.execute(f'UPDATE "user" SET first_sign_in_at = ({first})')  # noqa: S608 -- words of ours
    op.add_column("sign_in", sa.Column("browser", sa.String(length=40), nullable=False, server_default=""))
    op.add_column("sign_in", sa.Column("public_id", sa.String(length=36), nullable=True))
    sign_in = sa.table("sign_in", sa.column("id"), sa.column("public_id"))
    for (known,) in op.get_bind().execute(sa.select(sign_in.c.id)).all():
        op.execute(sign_in.update().where(sign_in.c.id == known).values(public_id=str(uuid.uuid4())))
    with op.batch_alter_table("sign_in") as batch_op:
        batch_op.alter_column("public_id", existing_type=sa.String(length=36), nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_sign_in_public_id"), ["public_id"])


def downgrade() -> None:
    """Take it back, and the letters of it with it: older code cannot read such a row."""
    op.execute(f"DELETE FROM message_event WHERE message_id IN {ABOUT}")  # noqa: S608
    op.execute(f"DELETE FROM task WHERE message_id IN {ABOUT}")  # noqa: S608
    op.execute(f"UPDATE message SET instead_of_id = NULL WHERE id IN {ABOUT}")  # noqa: S608
    op.execute(f"DELETE FROM message WHERE id IN {ABOUT}")  # noqa: S608
    op.execute("DELETE FROM login_letter WHERE kind = 'new_browser'")
    with op.batch_alter_table("sign_in") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_sign_in_public_id"), type_="unique")
        batch_op.drop_column("public_id")
        batch_op.drop_column("browser")
    op.drop_column("user", "first_sign_in_at")
    op.drop_column("login_letter", "browser")
