"""What is said when and in which words; what people agreed to; what they answer, and who looks at it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "sender_budget",
        sa.Column("sender", sa.String(length=60), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("refilled_at", UTCDateTime(), nullable=False),
        sa.Column("day_began_at", UTCDateTime(), nullable=False),
        sa.Column("sent_today", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sender", name=op.f("pk_sender_budget")),
    )
    op.create_table(
        "message_template",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_message_template_practice_id_practice")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_template")),
        sa.UniqueConstraint(
            "practice_id",
            "kind",
            "channel",
            "locale",
            "name",
            name=op.f("uq_message_template_practice_id_kind_channel_locale_name"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_message_template_public_id")),
    )
    with op.batch_alter_table("message_template") as batch_op:
        batch_op.create_index(batch_op.f("ix_message_template_practice_id"), ["practice_id"])
    op.create_table(
        "suppression",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_suppression_practice_id_practice")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_suppression_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppression")),
        sa.UniqueConstraint("public_id", name=op.f("uq_suppression_public_id")),
    )
    with op.batch_alter_table("suppression") as batch_op:
        batch_op.create_index(batch_op.f("ix_suppression_practice_id"), ["practice_id"])
        batch_op.create_index(
            "uq_suppression_in_force",
            ["practice_id", "channel", "address", "reason"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
    op.create_table(
        "consent",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("client_id", BigId, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_consent_client_id_client")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_consent_practice_id_practice")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_consent_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("public_id", name=op.f("uq_consent_public_id")),
    )
    with op.batch_alter_table("consent") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_consent_client_id_channel_purpose_id"), ["client_id", "channel", "purpose", "id"]
        )
        batch_op.create_index(batch_op.f("ix_consent_practice_id"), ["practice_id"])
    op.create_table(
        "message_rule",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("service_id", BigId, nullable=True),
        sa.Column("client_id", BigId, nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("modes", sa.JSON(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_message_rule_not_negative")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_message_rule_client_id_client")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_message_rule_practice_id_practice")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_message_rule_service_id_service")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_rule")),
        sa.UniqueConstraint("public_id", name=op.f("uq_message_rule_public_id")),
    )
    with op.batch_alter_table("message_rule") as batch_op:
        batch_op.create_index(batch_op.f("ix_message_rule_client_id"), ["client_id"])
        batch_op.create_index(batch_op.f("ix_message_rule_practice_id"), ["practice_id"])
        batch_op.create_index(batch_op.f("ix_message_rule_service_id"), ["service_id"])
    op.create_table(
        "inbound_text",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("provider_id", sa.String(length=120), nullable=False),
        sa.Column("sender", sa.String(length=40), nullable=False),
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("meaning", sa.String(length=20), nullable=False),
        sa.Column("client_id", BigId, nullable=True),
        sa.Column("attendee_id", BigId, nullable=True),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["attendee_id"], ["attendee.id"], name=op.f("fk_inbound_text_attendee_id_attendee")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_inbound_text_client_id_client")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_inbound_text_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_text")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_inbound_text_provider_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_inbound_text_public_id")),
    )
    with op.batch_alter_table("inbound_text") as batch_op:
        batch_op.create_index(batch_op.f("ix_inbound_text_client_id"), ["client_id"])
        batch_op.create_index(batch_op.f("ix_inbound_text_practice_id"), ["practice_id"])
        batch_op.create_index(
            batch_op.f("ix_inbound_text_practice_id_sender_received_at"), ["practice_id", "sender", "received_at"]
        )
    op.create_table(
        "task",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("inbound_id", BigId, nullable=True),
        sa.Column("message_id", BigId, nullable=True),
        sa.Column("client_id", BigId, nullable=True),
        sa.Column("appointment_id", BigId, nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("done_by_id", BigId, nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_task_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_task_client_id_client")),
        sa.ForeignKeyConstraint(["done_by_id"], ["user.id"], name=op.f("fk_task_done_by_id_user")),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound_text.id"], name=op.f("fk_task_inbound_id_inbound_text")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_task_message_id_message")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_task_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("kind", "inbound_id", name=op.f("uq_task_kind_inbound_id")),
        sa.UniqueConstraint("kind", "message_id", name=op.f("uq_task_kind_message_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_task_public_id")),
    )
    with op.batch_alter_table("task") as batch_op:
        batch_op.create_index(batch_op.f("ix_task_appointment_id"), ["appointment_id"])
        batch_op.create_index(batch_op.f("ix_task_client_id"), ["client_id"])
        batch_op.create_index(
            "ix_task_open",
            ["practice_id", "opened_at"],
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_task_practice_id"), ["practice_id"])
    with op.batch_alter_table("appointment") as batch_op:
        batch_op.add_column(sa.Column("plan_version", sa.Integer(), nullable=False, server_default=sa.text("0")))
    with op.batch_alter_table("attendee") as batch_op:
        batch_op.add_column(sa.Column("confirmed_at", UTCDateTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_attendee_phone"), ["phone"])
    with op.batch_alter_table("client") as batch_op:
        batch_op.add_column(sa.Column("locale", sa.String(length=10), nullable=False, server_default=sa.text("'en'")))
        batch_op.add_column(sa.Column("code_name", sa.String(length=200), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("safe_email", sa.String(length=320), nullable=True))
        batch_op.add_column(sa.Column("safe_phone", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("contact_note", sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.create_index(batch_op.f("ix_client_phone"), ["phone"])
        batch_op.create_index(batch_op.f("ix_client_safe_phone"), ["safe_phone"])
    with op.batch_alter_table("practice") as batch_op:
        batch_op.add_column(sa.Column("texts_from", sa.Integer(), nullable=False, server_default=sa.text("480")))
        batch_op.add_column(sa.Column("texts_until", sa.Integer(), nullable=False, server_default=sa.text("1260")))
        batch_op.add_column(sa.Column("texts_a_day", sa.Integer(), nullable=False, server_default=sa.text("6")))
        batch_op.add_column(sa.Column("text_sender", sa.String(length=40), nullable=True))
        batch_op.add_column(
            sa.Column("discretion", sa.String(length=20), nullable=False, server_default=sa.text("'discreet'"))
        )
        batch_op.add_column(sa.Column("plan_version", sa.Integer(), nullable=False, server_default=sa.text("0")))
    _bring_over()


def _bring_over() -> None:
    """What was said in the old tables."""
    op.execute(
        "INSERT INTO message_rule (public_id, practice_id, kind, channel, minutes, modes, is_on, template) "
        "SELECT public_id, practice_id, kind, channel, minutes_before, modes, TRUE, '' FROM reminder_rule"
    )
    # A practice that had deleted all of its reminders, or links, said something by it: it gets none now either.
    for kind in ("reminder", "join_link"):
        op.execute(
            "INSERT INTO message_rule (public_id, practice_id, kind, channel, minutes, modes, is_on, template) "  # noqa: S608
            f"SELECT '{kind}-off-' || id, id, '{kind}', 'email', 1440, '[]', FALSE, '' FROM practice "
            f"WHERE id NOT IN (SELECT practice_id FROM reminder_rule WHERE kind = '{kind}')"
        )
    op.drop_table("reminder_rule")
    op.execute(
        "INSERT INTO consent "
        "(public_id, practice_id, client_id, channel, purpose, is_given, source, wording, address, at) "
        "SELECT attendee.public_id, attendee.practice_id, attendee.client_id, 'text', 'appointments', TRUE, 'form', "
        "COALESCE(attendee.text_consent_wording, ''), COALESCE(attendee.phone, ''), attendee.text_consent_at "
        "FROM attendee WHERE attendee.text_consent_at IS NOT NULL ORDER BY attendee.text_consent_at, attendee.id"
    )


def downgrade() -> None:
    """Take it back."""
    op.create_table(
        "reminder_rule",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("minutes_before", sa.Integer(), nullable=False),
        sa.Column("modes", sa.JSON(), nullable=False),
        sa.CheckConstraint("minutes_before > 0", name=op.f("ck_reminder_rule_before_the_start")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_reminder_rule_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_rule")),
        sa.UniqueConstraint(
            "practice_id",
            "kind",
            "channel",
            "minutes_before",
            name=op.f("uq_reminder_rule_practice_id_kind_channel_minutes_before"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_reminder_rule_public_id")),
    )
    op.create_index(op.f("ix_reminder_rule_practice_id"), "reminder_rule", ["practice_id"])
    op.execute(
        "INSERT INTO reminder_rule (public_id, practice_id, kind, channel, minutes_before, modes) "
        "SELECT public_id, practice_id, kind, channel, minutes, modes FROM message_rule "
        "WHERE service_id IS NULL AND client_id IS NULL AND is_on AND kind IN ('reminder', 'join_link') AND minutes > 0"
    )
    with op.batch_alter_table("practice") as batch_op:
        batch_op.drop_column("plan_version")
        batch_op.drop_column("discretion")
        batch_op.drop_column("text_sender")
        batch_op.drop_column("texts_a_day")
        batch_op.drop_column("texts_until")
        batch_op.drop_column("texts_from")
    with op.batch_alter_table("client") as batch_op:
        batch_op.drop_index(batch_op.f("ix_client_safe_phone"))
        batch_op.drop_index(batch_op.f("ix_client_phone"))
        batch_op.drop_column("contact_note")
        batch_op.drop_column("safe_phone")
        batch_op.drop_column("safe_email")
        batch_op.drop_column("code_name")
        batch_op.drop_column("locale")
    with op.batch_alter_table("attendee") as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendee_phone"))
        batch_op.drop_column("confirmed_at")
    with op.batch_alter_table("appointment") as batch_op:
        batch_op.drop_column("plan_version")
    op.drop_table("message_template")
    op.drop_table("suppression")
    op.drop_table("consent")
    op.drop_table("message_rule")
    op.drop_table("sender_budget")
    op.drop_table("task")
    op.drop_table("inbound_text")
