"""E-mails to staff about their logins, and what the links in them are worth."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0036"
down_revision = "0035"

ABOUT = ("appointment_id", "offer_id", "inbound_id", "day")
LETTER = "login_letter_id"
UNIQUE = "uq_message_login_letter_id_copy"
FOREIGN = "fk_message_login_letter_id_login_letter"
CHECK = "ck_message_about_one_thing"


def _about_one(*things: str) -> str:
    return " + ".join(f"CASE WHEN {thing} IS NULL THEN 0 ELSE 1 END" for thing in things) + " = 1"


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "login_letter",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_login_letter_practice_id_practice")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_login_letter_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_letter")),
        sa.UniqueConstraint("public_id", name=op.f("uq_login_letter_public_id")),
    )
    for name in ("practice_id", "user_id"):
        op.create_index(op.f(f"ix_login_letter_{name}"), "login_letter", [name])
    with op.batch_alter_table("message") as batch_op:
        batch_op.add_column(sa.Column(LETTER, BigId, nullable=True))
        batch_op.drop_constraint(op.f(CHECK), type_="check")
        batch_op.create_unique_constraint(batch_op.f(UNIQUE), [LETTER, "copy"])
        batch_op.create_foreign_key(batch_op.f(FOREIGN), "login_letter", [LETTER], ["id"])
        batch_op.create_check_constraint(op.f(CHECK), _about_one(*ABOUT, LETTER))


def downgrade() -> None:
    """Take it back, and the letters with it: older code cannot read such a row."""
    op.execute("DELETE FROM message_event WHERE message_id IN (SELECT id FROM message WHERE kind = 'login')")
    op.execute("DELETE FROM task WHERE message_id IN (SELECT id FROM message WHERE kind = 'login')")
    op.execute("UPDATE message SET instead_of_id = NULL WHERE kind = 'login'")
    op.execute("DELETE FROM message WHERE kind = 'login'")
    op.execute("DELETE FROM practice_event WHERE action = 'link_sent'")
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_constraint(op.f(CHECK), type_="check")
        batch_op.drop_constraint(batch_op.f(FOREIGN), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f(UNIQUE), type_="unique")
        batch_op.drop_column(LETTER)
        batch_op.create_check_constraint(op.f(CHECK), _about_one(*ABOUT))
    op.drop_table("login_letter")
