"""Codes that prove a number, the texts that carry them, and whether people book online by phone only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0065"
down_revision = "0064"

ABOUT = ("appointment_id", "offer_id", "inbound_id", "day", "login_letter_id", "alert_id")
CODE = "number_code_id"
UNIQUE = "uq_message_number_code_id_copy"
FOREIGN = "fk_message_number_code_id_number_code"
CHECK = "ck_message_about_one_thing"
BY_CODE = "SELECT id FROM message WHERE number_code_id IS NOT NULL"


def _about_one(*things: str) -> str:
    return " + ".join(f"CASE WHEN {thing} IS NULL THEN 0 ELSE 1 END" for thing in things) + " = 1"


def upgrade() -> None:
    """Make it so."""
    op.add_column("practice", sa.Column("books_phone_only", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "number_code",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=40), nullable=False),
        sa.Column("network", sa.String(length=40), nullable=True),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("proved_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_number_code_practice_id_practice")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_number_code_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_number_code_public_id")),
    )
    op.create_index("ix_number_code_phone", "number_code", ["phone", "created_at"])
    op.create_index("ix_number_code_practice", "number_code", ["practice_id", "created_at"])
    op.create_index("ix_number_code_network", "number_code", ["network", "created_at"])
    with op.batch_alter_table("message") as batch_op:
        batch_op.add_column(sa.Column(CODE, BigId, nullable=True))
        batch_op.drop_constraint(op.f(CHECK), type_="check")
        batch_op.create_unique_constraint(batch_op.f(UNIQUE), [CODE, "copy"])
        batch_op.create_foreign_key(batch_op.f(FOREIGN), "number_code", [CODE], ["id"])
        batch_op.create_check_constraint(op.f(CHECK), _about_one(*ABOUT, CODE))


def downgrade() -> None:
    """Take it back, and the texts with the codes: older code cannot read such a row."""
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_constraint(op.f(CHECK), type_="check")
        batch_op.drop_constraint(batch_op.f(FOREIGN), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f(UNIQUE), type_="unique")
    op.execute(f"DELETE FROM message_event WHERE message_id IN ({BY_CODE})")  # noqa: S608
    op.execute(f"DELETE FROM task WHERE message_id IN ({BY_CODE})")  # noqa: S608
    op.execute(f"UPDATE message SET instead_of_id = NULL WHERE id IN ({BY_CODE})")  # noqa: S608
    op.execute("DELETE FROM message WHERE number_code_id IS NOT NULL")
    op.drop_table("number_code")
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_column(CODE)
        batch_op.create_check_constraint(op.f(CHECK), _about_one(*ABOUT))
    op.drop_column("practice", "books_phone_only")
