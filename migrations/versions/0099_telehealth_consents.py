"""What clients are told before they meet by video, and what they answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0099"
down_revision = "0098"

PRACTICE, TEXT, CONSENT = "practice", "telehealth_text", "telehealth_consent"
ASKS = "asks_telehealth_consent"


def upgrade() -> None:
    """Make it so: everybody is asked, with the text that is ready, unless the practice wants otherwise."""
    op.add_column(PRACTICE, sa.Column(ASKS, sa.Boolean(), nullable=False, server_default=sa.true()))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column(PRACTICE, ASKS, server_default=None)
    op.create_table(
        TEXT,
        sa.Column("id", BigId, nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_telehealth_text_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telehealth_text")),
        sa.UniqueConstraint("practice_id", "version", name=op.f("uq_telehealth_text_practice_id_version")),
    )
    op.create_index(op.f("ix_telehealth_text_practice_id"), TEXT, ["practice_id"])
    op.create_table(
        CONSENT,
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("practice_id", BigId, nullable=False),
        sa.Column("client_id", BigId, nullable=False),
        sa.Column("text_id", BigId, nullable=False),
        sa.Column("locale", sa.String(length=40), nullable=False),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("signature", sa.String(length=200), nullable=False),
        sa.Column("companion_id", BigId, nullable=True),
        sa.Column("attendee_id", BigId, nullable=True),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("answered_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_{CONSENT}_{column}_{table}"))
            for column, table in (
                ("practice_id", PRACTICE),
                ("client_id", "client"),
                ("text_id", TEXT),
                ("companion_id", "companion"),
                ("attendee_id", "attendee"),
                ("user_id", "user"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telehealth_consent")),
        sa.UniqueConstraint("public_id", name=op.f("uq_telehealth_consent_public_id")),
    )
    op.create_index(op.f("ix_telehealth_consent_practice_id"), CONSENT, ["practice_id"])
    op.create_index(op.f("ix_telehealth_consent_text_id"), CONSENT, ["text_id"])
    op.create_index(op.f("ix_telehealth_consent_client_id_id"), CONSENT, ["client_id", "id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {CONSENT}_of_client BEFORE INSERT ON {CONSENT}"
            " FOR EACH ROW WHEN (NEW.client_id IS NOT NULL) EXECUTE FUNCTION refuse_merged_client()"
        )


def downgrade() -> None:
    """Take it back, with the answers."""
    op.drop_table(CONSENT)
    op.drop_table(TEXT)
    op.drop_column(PRACTICE, ASKS)
