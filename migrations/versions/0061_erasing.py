"""How long records of clients are kept, who agreed that one is erased, and that nobody writes for one that was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0061"
down_revision = "0060"

YEARS = {"kept_years": "7", "kept_years_of_minors": "3"}
REPLACED = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    leads_to bigint;
    {declared}
BEGIN
    SELECT merged_into_id{asked} FROM client WHERE {which} FOR KEY SHARE;
    IF leads_to IS NOT NULL{gone} THEN
        RAISE EXCEPTION 'client was merged' USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN NEW;
END $$
"""
GUARDS = (
    ("refuse_merged_client", "id = NEW.client_id"),
    ("refuse_time_of_merged_client", "resource_id = NEW.resource_id"),
)


def guard(*, with_erased: bool) -> None:
    """Whoever read a record before it was erased begins again, and finds nobody."""
    if op.get_bind().dialect.name != "postgresql":
        return
    more = ("erased timestamptz;", ", erased_at INTO leads_to, erased", " OR erased IS NOT NULL")
    declared, asked, gone = more if with_erased else ("", " INTO leads_to", "")
    for name, which in GUARDS:
        op.execute(REPLACED.format(name=name, which=which, declared=declared, asked=asked, gone=gone))


def upgrade() -> None:
    """Make it so."""
    op.add_column("client", sa.Column("erased_at", UTCDateTime(timezone=True), nullable=True))
    for name, years in YEARS.items():
        op.add_column("practice", sa.Column(name, sa.Integer(), nullable=False, server_default=years))
    op.create_table(
        "client_erasure",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        *(sa.Column(name, BigId, nullable=False) for name in ("practice_id", "client_id", "asked_by_id")),
        sa.Column("agreed_by_id", BigId, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("erased_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_client_erasure_practice_id_practice")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_client_erasure_client_id_client")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f("fk_client_erasure_asked_by_id_user")),
        sa.ForeignKeyConstraint(["agreed_by_id"], ["user.id"], name=op.f("fk_client_erasure_agreed_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_erasure")),
        sa.UniqueConstraint("public_id", name=op.f("uq_client_erasure_public_id")),
    )
    for name in ("practice_id", "client_id"):
        op.create_index(op.f(f"ix_client_erasure_{name}"), "client_erasure", [name])
    guard(with_erased=True)


def downgrade() -> None:
    """Take it back. What was erased stays erased."""
    guard(with_erased=False)
    op.drop_table("client_erasure")
    for name in YEARS:
        op.drop_column("practice", name)
    op.drop_column("client", "erased_at")
