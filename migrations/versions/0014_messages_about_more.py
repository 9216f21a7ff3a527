"""Messages about a text that we got or about a day; copies, catch-ups, and where each one went."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId

ABOUT_ONE = " + ".join(
    f"CASE WHEN {thing} IS NULL THEN 0 ELSE 1 END" for thing in ("appointment_id", "offer_id", "inbound_id", "day")
)

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make it so."""
    with op.batch_alter_table("message") as batch_op:
        batch_op.add_column(sa.Column("inbound_id", BigId, nullable=True))
        batch_op.add_column(sa.Column("day", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("template", sa.String(length=40), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("copy", sa.Integer(), nullable=False, server_default=sa.text("0")))
        batch_op.add_column(sa.Column("instead_of_id", BigId, nullable=True))
        batch_op.add_column(sa.Column("told_by_id", BigId, nullable=True))
        batch_op.add_column(sa.Column("sent_to", sa.String(length=320), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("segments", sa.Integer(), nullable=True))
        batch_op.drop_constraint(
            op.f("uq_message_appointment_id_kind_minutes_before_channel_recipient_version"), type_="unique"
        )
        batch_op.drop_constraint(batch_op.f("uq_message_offer_id_kind_channel_version"), type_="unique")
        batch_op.drop_constraint(op.f("ck_message_about_one_thing"), type_="check")
        batch_op.alter_column(
            "minutes_before", new_column_name="minutes", existing_type=sa.Integer(), existing_nullable=False
        )
    # Another pass, because what is made in the same one does not know the new name.
    with op.batch_alter_table("message") as batch_op:
        batch_op.create_index(batch_op.f("ix_message_attendee_id"), ["attendee_id"])
        batch_op.create_index("ix_message_log", ["practice_id", "due_at"])
        batch_op.create_index("ix_message_sent_to", ["sent_to", "sent_at"])
        batch_op.create_index(batch_op.f("ix_message_told_by_id"), ["told_by_id"])
        batch_op.create_unique_constraint(
            batch_op.f("uq_message_appointment_id_kind_minutes_channel_recipient_version_copy"),
            ["appointment_id", "kind", "minutes", "channel", "recipient", "version", "copy"],
        )
        batch_op.create_unique_constraint(batch_op.f("uq_message_inbound_id_kind_copy"), ["inbound_id", "kind", "copy"])
        batch_op.create_unique_constraint(
            batch_op.f("uq_message_offer_id_kind_channel_version_copy"),
            ["offer_id", "kind", "channel", "version", "copy"],
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_message_therapist_id_day_kind_channel_copy"),
            ["therapist_id", "day", "kind", "channel", "copy"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_message_instead_of_id_message"), "message", ["instead_of_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_message_told_by_id_message"), "message", ["told_by_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_message_inbound_id_inbound_text"), "inbound_text", ["inbound_id"], ["id"]
        )
        batch_op.create_check_constraint(op.f("ck_message_about_one_thing"), f"{ABOUT_ONE} = 1")


def downgrade() -> None:
    """Take it back. What the old table cannot hold goes."""
    gone = "inbound_id IS NOT NULL OR day IS NOT NULL OR copy > 0 OR kind IN ('follow_up', 'catch_up')"
    op.execute(f"DELETE FROM message_event WHERE message_id IN (SELECT id FROM message WHERE {gone})")  # noqa: S608
    op.execute("UPDATE message SET told_by_id = NULL, instead_of_id = NULL")
    op.execute("UPDATE task SET message_id = NULL")
    op.execute(f"DELETE FROM message WHERE {gone}")  # noqa: S608
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_constraint(op.f("ck_message_about_one_thing"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_message_inbound_id_inbound_text"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_message_told_by_id_message"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_message_instead_of_id_message"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_message_therapist_id_day_kind_channel_copy"), type_="unique")
        batch_op.drop_constraint(batch_op.f("uq_message_offer_id_kind_channel_version_copy"), type_="unique")
        batch_op.drop_constraint(batch_op.f("uq_message_inbound_id_kind_copy"), type_="unique")
        batch_op.drop_constraint(
            batch_op.f("uq_message_appointment_id_kind_minutes_channel_recipient_version_copy"), type_="unique"
        )
        batch_op.drop_index(batch_op.f("ix_message_told_by_id"))
        batch_op.drop_index("ix_message_sent_to")
        batch_op.drop_index("ix_message_log")
        batch_op.drop_index(batch_op.f("ix_message_attendee_id"))
        batch_op.alter_column(
            "minutes", new_column_name="minutes_before", existing_type=sa.Integer(), existing_nullable=False
        )
    with op.batch_alter_table("message") as batch_op:
        batch_op.create_unique_constraint(
            batch_op.f("uq_message_offer_id_kind_channel_version"), ["offer_id", "kind", "channel", "version"]
        )
        batch_op.create_unique_constraint(
            op.f("uq_message_appointment_id_kind_minutes_before_channel_recipient_version"),
            ["appointment_id", "kind", "minutes_before", "channel", "recipient", "version"],
        )
        batch_op.drop_column("segments")
        batch_op.drop_column("sent_to")
        batch_op.drop_column("told_by_id")
        batch_op.drop_column("instead_of_id")
        batch_op.drop_column("copy")
        batch_op.drop_column("template")
        batch_op.drop_column("day")
        batch_op.drop_column("inbound_id")
        batch_op.create_check_constraint(
            op.f("ck_message_about_one_thing"), "(appointment_id IS NULL) <> (offer_id IS NULL)"
        )
