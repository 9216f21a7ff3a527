"""Passkeys of logins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0047"
down_revision = "0046"

LETTERS = "('passkey_added', 'passkey_removed', 'passkey_copied', 'second_step_ended')"
ABOUT = f"(SELECT id FROM message WHERE login_letter_id IN (SELECT id FROM login_letter WHERE kind IN {LETTERS}))"  # noqa: S608


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "passkey",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("used_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_passkey_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_passkey_public_id")),
    )
    op.create_index(op.f("ix_passkey_user_id"), "passkey", ["user_id"])


def downgrade() -> None:
    """Take it back, and the letters and lines of it with it: older code cannot read such a row."""
    op.execute(f"DELETE FROM message_event WHERE message_id IN {ABOUT}")  # noqa: S608
    op.execute(f"DELETE FROM task WHERE message_id IN {ABOUT}")  # noqa: S608
    op.execute(f"UPDATE message SET instead_of_id = NULL WHERE id IN {ABOUT}")  # noqa: S608
    op.execute(f"DELETE FROM message WHERE id IN {ABOUT}")  # noqa: S608
    op.execute(f"DELETE FROM login_letter WHERE kind IN {LETTERS}")  # noqa: S608
    op.execute("DELETE FROM practice_event WHERE subject = 'passkey'")
    op.drop_table("passkey")
