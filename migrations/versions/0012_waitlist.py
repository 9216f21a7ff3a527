"""Who waits, what they are offered, and messages about it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "waitlist_entry",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("service_id", BigId, nullable=False),
        sa.Column("location_id", BigId, nullable=True),
        sa.Column("modes", sa.JSON(), nullable=False),
        sa.Column("therapist_ids", sa.JSON(), nullable=False),
        sa.Column("windows", sa.JSON(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("replaces_id", BigId, nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("jurisdiction", sa.String(length=40), nullable=True),
        sa.Column("text_consent_at", UTCDateTime(), nullable=True),
        sa.Column("text_consent_wording", sa.Text(), nullable=True),
        sa.Column("client_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_waitlist_entry_client_id_client")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_waitlist_entry_location_id_location")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_waitlist_entry_practice_id_practice")),
        sa.ForeignKeyConstraint(["replaces_id"], ["attendee.id"], name=op.f("fk_waitlist_entry_replaces_id_attendee")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_waitlist_entry_service_id_service")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_entry")),
        sa.UniqueConstraint("public_id", name=op.f("uq_waitlist_entry_public_id")),
    )
    op.create_index(op.f("ix_waitlist_entry_client_id"), "waitlist_entry", ["client_id"])
    op.create_index(op.f("ix_waitlist_entry_practice_id"), "waitlist_entry", ["practice_id"])
    op.create_index(
        "ix_waitlist_entry_waiting",
        "waitlist_entry",
        ["practice_id", "service_id", "created_at"],
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "offer",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("entry_id", BigId, nullable=False),
        sa.Column("hold_id", BigId, nullable=True),
        sa.Column("appointment_id", BigId, nullable=True),
        sa.Column("therapist_id", BigId, nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_offer_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["waitlist_entry.id"], name=op.f("fk_offer_entry_id_waitlist_entry")),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_offer_hold_id_hold")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_offer_practice_id_practice")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], name=op.f("fk_offer_therapist_id_therapist")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("public_id", name=op.f("uq_offer_public_id")),
    )
    op.create_index(op.f("ix_offer_entry_id"), "offer", ["entry_id"])
    op.create_index(op.f("ix_offer_expires_at"), "offer", ["expires_at"])
    op.create_index(op.f("ix_offer_practice_id"), "offer", ["practice_id"])
    op.create_index(
        "uq_offer_open",
        "offer",
        ["entry_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    with op.batch_alter_table("message") as batch_op:
        batch_op.add_column(sa.Column("offer_id", BigId, nullable=True))
        batch_op.add_column(sa.Column("therapist_id", BigId, nullable=True))
        batch_op.add_column(sa.Column("says", sa.String(length=200), nullable=False, server_default=sa.text("''")))
        batch_op.alter_column("appointment_id", existing_type=BigId, nullable=True)
        batch_op.create_unique_constraint(
            batch_op.f("uq_message_offer_id_kind_channel_version"), ["offer_id", "kind", "channel", "version"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_message_therapist_id_therapist"), "therapist", ["therapist_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_message_offer_id_offer"), "offer", ["offer_id"], ["id"])
        batch_op.create_check_constraint(
            op.f("ck_message_about_one_thing"), "(appointment_id IS NULL) <> (offer_id IS NULL)"
        )
    op.execute(
        "UPDATE message SET therapist_id = "
        "(SELECT appointment.therapist_id FROM appointment WHERE appointment.id = message.appointment_id) "
        "WHERE recipient = 'therapist'"
    )
    op.execute(
        "UPDATE message SET recipient = 'therapist:' || "
        "(SELECT therapist.public_id FROM therapist WHERE therapist.id = message.therapist_id) "
        "WHERE recipient = 'therapist'"
    )


def downgrade() -> None:
    """Take it back."""
    op.execute("DELETE FROM message_event WHERE message_id IN (SELECT id FROM message WHERE appointment_id IS NULL)")
    op.execute("DELETE FROM message WHERE appointment_id IS NULL")
    op.execute("UPDATE message SET recipient = 'therapist' WHERE therapist_id IS NOT NULL")
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_constraint(op.f("fk_message_offer_id_offer"), type_="foreignkey")
        batch_op.drop_constraint(op.f("fk_message_therapist_id_therapist"), type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_message_about_one_thing"), type_="check")
        batch_op.drop_constraint(op.f("uq_message_offer_id_kind_channel_version"), type_="unique")
        batch_op.drop_column("says")
        batch_op.drop_column("therapist_id")
        batch_op.drop_column("offer_id")
        batch_op.alter_column("appointment_id", existing_type=BigId, nullable=False)
    op.drop_table("offer")
    op.drop_table("waitlist_entry")
