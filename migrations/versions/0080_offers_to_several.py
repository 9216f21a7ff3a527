"""An offer may be told to somebody who waits, and to whoever acts for them."""

from __future__ import annotations

from alembic import op

revision = "0080"
down_revision = "0079"

NEW = "uq_message_offer_id_kind_channel_recipient_version_copy"
OLD = "uq_message_offer_id_kind_channel_version_copy"
TO_COMPANIONS = "SELECT id FROM message WHERE offer_id IS NOT NULL AND companion_id IS NOT NULL"


def upgrade() -> None:
    """Make it so."""
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_constraint(batch_op.f(OLD), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f(NEW), ["offer_id", "kind", "channel", "recipient", "version", "copy"]
        )


def downgrade() -> None:
    """Take it back, and what was told to companions: the old table holds one message on each channel."""
    op.execute(f"DELETE FROM message_event WHERE message_id IN ({TO_COMPANIONS})")  # noqa: S608
    op.execute(f"DELETE FROM task WHERE message_id IN ({TO_COMPANIONS})")  # noqa: S608
    op.execute(f"UPDATE message SET instead_of_id = NULL WHERE id IN ({TO_COMPANIONS})")  # noqa: S608
    op.execute("DELETE FROM message WHERE offer_id IS NOT NULL AND companion_id IS NOT NULL")
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_constraint(batch_op.f(NEW), type_="unique")
        batch_op.create_unique_constraint(batch_op.f(OLD), ["offer_id", "kind", "channel", "version", "copy"])
