"""What clients are found by, folded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.domain.searching import make_search_text

revision = "0037"
down_revision = "0036"

FOLDED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
CLIENT = sa.table(
    "client", *map(sa.column, ("id", "name", "email", "safe_email", "phone", "safe_phone", "search_text"))
)


def upgrade() -> None:
    """Make it so, also for those who are there."""
    op.add_column("client", sa.Column("search_text", FOLDED, nullable=False, server_default=""))
    connection = op.get_bind()
    of_one = sa.update(CLIENT).where(CLIENT.c.id == sa.bindparam("which")).values(search_text=sa.bindparam("folded"))
    rows = [{"which": each.id, "folded": _folded(each)} for each in connection.execute(sa.select(CLIENT))]
    if rows:
        connection.execute(of_one, rows)


def _folded(row: sa.Row[tuple[object, ...]]) -> str:
    return make_search_text(name=row.name, emails=[row.email, row.safe_email], phones=[row.phone, row.safe_phone])


def downgrade() -> None:
    """Take it back."""
    op.drop_column("client", "search_text")
