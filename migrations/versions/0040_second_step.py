"""A second step when staff sign in: an app that makes codes, recovery codes, and a practice that asks for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0040"
down_revision = "0039"

LETTERS = "('second_step_on', 'second_step_off', 'recovery_code_used')"
ABOUT = f"(SELECT id FROM message WHERE login_letter_id IN (SELECT id FROM login_letter WHERE kind IN {LETTERS}))"  # noqa: S608


def upgrade() -> None:
    """Make it so."""
    op.add_column("user", sa.Column("authenticator_secret", sa.String(length=255), nullable=True))
    op.add_column("user", sa.Column("authenticator_step", sa.BigInteger(), nullable=True))
    op.add_column("practice", sa.Column("second_step_since", UTCDateTime(timezone=True), nullable=True))
    op.create_table(
        "recovery_code",
        sa.Column("id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_recovery_code_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_user_id"), "recovery_code", ["user_id"])


def downgrade() -> None:
    """Take it back, and the letters and lines of it with it: older code cannot read such a row."""
    op.execute(f"DELETE FROM message_event WHERE message_id IN {ABOUT}")  # noqa: S608
    op.execute(f"DELETE FROM task WHERE message_id IN {ABOUT}")  # noqa: S608
    op.execute(f"UPDATE message SET instead_of_id = NULL WHERE id IN {ABOUT}")  # noqa: S608
    op.execute(f"DELETE FROM message WHERE id IN {ABOUT}")  # noqa: S608
    op.execute(f"DELETE FROM login_letter WHERE kind IN {LETTERS}")  # noqa: S608
    op.execute("DELETE FROM practice_event WHERE action = 'used' OR subject IN ('second_step', 'recovery_codes')")
    op.drop_table("recovery_code")
    op.drop_column("practice", "second_step_since")
    op.drop_column("user", "authenticator_step")
    op.drop_column("user", "authenticator_secret")
