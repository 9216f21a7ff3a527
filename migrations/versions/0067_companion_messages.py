"""Messages to whoever acts for a client, and what they may do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0067"
down_revision = "0066"

GONE = (
    "DELETE FROM message_event WHERE message_id IN (SELECT id FROM message WHERE companion_id IS NOT NULL)",
    "UPDATE task SET message_id = NULL WHERE message_id IN (SELECT id FROM message WHERE companion_id IS NOT NULL)",
    "UPDATE message SET told_by_id = NULL WHERE told_by_id IN (SELECT id FROM message WHERE companion_id IS NOT NULL)",
    (
        "UPDATE message SET instead_of_id = NULL"
        " WHERE instead_of_id IN (SELECT id FROM message WHERE companion_id IS NOT NULL)"
    ),
)
"""Before what companions were sent."""
FOREIGN = "fk_message_companion_id_companion"


def upgrade() -> None:
    """Make it so."""
    with op.batch_alter_table("companion") as batch_op:
        batch_op.add_column(sa.Column("links_version", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("messages_to", sa.String(20), nullable=False, server_default="client"))
        batch_op.add_column(sa.Column("may_change", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("text_consent_at", UTCDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("text_consent_wording", sa.Text(), nullable=True))
    with op.batch_alter_table("message") as batch_op:
        batch_op.add_column(sa.Column("companion_id", BigId, nullable=True))
        batch_op.create_foreign_key(batch_op.f(FOREIGN), "companion", ["companion_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_message_companion_id"), ["companion_id"])


def downgrade() -> None:
    """Take it back, with what companions were sent: older code would take it for the client's."""
    for gone in GONE:
        op.execute(gone)
    op.execute("DELETE FROM message WHERE companion_id IS NOT NULL")
    op.execute("UPDATE message SET reason = 'unreachable' WHERE reason = 'not_theirs'")
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_companion_id"))
        batch_op.drop_constraint(batch_op.f(FOREIGN), type_="foreignkey")
        batch_op.drop_column("companion_id")
    with op.batch_alter_table("companion") as batch_op:
        for name in ("links_version", "messages_to", "may_change", "text_consent_at", "text_consent_wording"):
            batch_op.drop_column(name)
