"""What waits, who is told of it, and who is on duty; who is in a video room; where staff want to be told."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0056"
down_revision = "0055"

ABOUT = ("appointment_id", "offer_id", "inbound_id", "day", "login_letter_id")
ALERT = "alert_id"
UNIQUE = "uq_message_alert_id_kind_minutes_channel_recipient_copy"
FOREIGN = "fk_message_alert_id_alert"
CHECK = "ck_message_about_one_thing"
UNSEEN = sa.text("seen_at IS NULL")
TABLES = ("alert", "alert_rule", "duty_turn")
MORE = (
    ("appointment", "therapist_entered_at", UTCDateTime(timezone=True)),
    ("attendee", "entered_at", UTCDateTime(timezone=True)),
    ("user", "alert_phone", sa.String(length=40)),
    ("user", "alert_way", sa.String(length=20)),
)


def _about_one(*things: str) -> str:
    return " + ".join(f"CASE WHEN {thing} IS NULL THEN 0 ELSE 1 END" for thing in things) + " = 1"


def upgrade() -> None:
    """Make it so. What staff were told of texts becomes alerts about the tasks that these texts are."""
    _make_alerts()
    _make_rules()
    for table, column, kind in MORE:
        op.add_column(table, sa.Column(column, kind, nullable=True))
    with op.batch_alter_table("message") as batch_op:
        batch_op.add_column(sa.Column(ALERT, BigId, nullable=True))
        batch_op.drop_constraint(op.f(CHECK), type_="check")
        batch_op.create_unique_constraint(
            batch_op.f(UNIQUE), [ALERT, "kind", "minutes", "channel", "recipient", "copy"]
        )
        batch_op.create_foreign_key(batch_op.f(FOREIGN), "alert", [ALERT], ["id"])
        batch_op.create_check_constraint(op.f(CHECK), _about_one(*ABOUT, ALERT))
    _carry_over()


def _make_alerts() -> None:
    op.create_table(
        "alert",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("task_id", BigId, nullable=True),
        sa.Column("appointment_id", BigId, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("began_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("seen_by_id", BigId, nullable=True),
        sa.Column("taken_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("taken_by_id", BigId, nullable=True),
        sa.CheckConstraint("(task_id IS NULL) <> (appointment_id IS NULL)", name=op.f("ck_alert_about_one_thing")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_alert_practice_id_practice")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_alert_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["seen_by_id"], ["user.id"], name=op.f("fk_alert_seen_by_id_user")),
        sa.ForeignKeyConstraint(["taken_by_id"], ["user.id"], name=op.f("fk_alert_taken_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("public_id", name=op.f("uq_alert_public_id")),
        sa.UniqueConstraint("task_id", name=op.f("uq_alert_task_id")),
        sa.UniqueConstraint("appointment_id", "reason", "version", name=op.f("uq_alert_appointment_id_reason_version")),
    )
    op.create_index(
        "ix_alert_unseen", "alert", ["practice_id", "began_at"], sqlite_where=UNSEEN, postgresql_where=UNSEEN
    )


def _make_rules() -> None:
    op.create_table(
        "alert_rule",
        sa.Column("id", BigId, nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("to", sa.String(length=20), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_alert_rule_not_negative")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_alert_rule_practice_id_practice")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_alert_rule_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_rule")),
    )
    op.create_index(op.f("ix_alert_rule_practice_id"), "alert_rule", ["practice_id"])
    op.create_table(
        "duty_turn",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_duty_turn_practice_id_practice")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_duty_turn_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_turn")),
        sa.UniqueConstraint("public_id", name=op.f("uq_duty_turn_public_id")),
    )
    op.create_index(op.f("ix_duty_turn_practice_id"), "duty_turn", ["practice_id"])


def _carry_over() -> None:
    """One alert for each text and reason, about the task that it led to; without one it stays about the text."""
    link = op.get_bind()
    told = link.exec_driver_sql("SELECT DISTINCT inbound_id, says FROM message WHERE kind = 'alert'").all()
    by_text = sa.text("SELECT max(id) FROM task WHERE inbound_id = :inbound")
    by_answer = sa.text(
        "SELECT max(t.id) FROM task t JOIN message m ON m.id = t.message_id"
        " WHERE m.inbound_id = :inbound AND m.kind <> 'alert'"
    )
    make = sa.text(
        "INSERT INTO alert (public_id, practice_id, reason, task_id, version, began_at)"
        " SELECT :public_id, practice_id, :reason, id, 0, opened_at FROM task WHERE id = :task RETURNING id"
    )
    move = sa.text(
        "UPDATE message SET alert_id = :alert, inbound_id = NULL"
        " WHERE kind = 'alert' AND inbound_id = :inbound AND says = :says"
    )
    for inbound, says in told:
        task = link.scalar(by_answer if says == "unanswered" else by_text, {"inbound": inbound})
        if task is None:
            continue
        alert = link.scalar(make, {"public_id": str(uuid.uuid4()), "reason": says, "task": task})
        link.execute(move, {"alert": alert, "inbound": inbound, "says": says})


def downgrade() -> None:
    """Take it back, and the alerts with it: older code cannot read such a row."""
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_constraint(op.f(CHECK), type_="check")
        batch_op.drop_constraint(batch_op.f(FOREIGN), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f(UNIQUE), type_="unique")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DELETE FROM message_event WHERE message_id IN (SELECT id FROM message WHERE alert_id IS NOT NULL)")
    op.execute("DELETE FROM task WHERE message_id IN (SELECT id FROM message WHERE alert_id IS NOT NULL)")
    op.execute("UPDATE message SET instead_of_id = NULL, told_by_id = NULL WHERE alert_id IS NOT NULL")
    op.execute("DELETE FROM message WHERE alert_id IS NOT NULL")
    op.execute("DELETE FROM practice_event WHERE subject = 'alerts'")
    op.execute("DELETE FROM appointment_event WHERE action = 'entered'")
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_column(ALERT)
        batch_op.create_check_constraint(op.f(CHECK), _about_one(*ABOUT))
    for table, column, _kind in reversed(MORE):
        op.drop_column(table, column)
