"""What we wrote into a calendar may be taken up under the UID that another program gave its copy."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"

WRITTEN = "written_appointment"
OURS, THEIRS = 36, 255


def upgrade() -> None:
    """Make it so."""
    with op.batch_alter_table(WRITTEN) as batch_op:
        batch_op.alter_column("uid", type_=sa.String(THEIRS), existing_type=sa.String(OURS), existing_nullable=False)


def downgrade() -> None:
    """Take it back, with what stands under a longer UID: nobody could be told apart any more."""
    op.execute(sa.text(f"DELETE FROM {WRITTEN} WHERE length(uid) > {OURS}"))  # noqa: S608 -- our own words
    with op.batch_alter_table(WRITTEN) as batch_op:
        batch_op.alter_column("uid", type_=sa.String(OURS), existing_type=sa.String(THEIRS), existing_nullable=False)
