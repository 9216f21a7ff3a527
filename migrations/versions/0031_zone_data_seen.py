"""By which release of the zone data the times of what is booked were last looked through."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """None yet: until now the system's data were used, so everything is looked through once."""
    op.add_column("practice", sa.Column("zone_data", sa.String(10), nullable=False, server_default=""))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("practice", "zone_data", server_default=None)


def downgrade() -> None:
    """Nobody looks any more."""
    op.drop_column("practice", "zone_data")
