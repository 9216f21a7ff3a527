"""Several calendar addresses for each therapist, and such for clients, rooms, places and the practice."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0066"
down_revision = "0065"

TABLE = "calendar_feed"
NAMED = ("client", "room", "location")
MADE_BY = "fk_calendar_feed_made_by_id_user"
UNIQUE, ONE_EACH = "uq_calendar_feed_public_id", "uq_calendar_feed_therapist_id"
CHECK = "ck_calendar_feed_about_one"
OWNERS = ("therapist_id", "client_id", "room_id", "location_id")
ABOUT_ONE = " + ".join(f"CASE WHEN {each} IS NULL THEN 0 ELSE 1 END" for each in OWNERS) + " <= 1"
SHOWN = {"shows_place": sa.false(), "shows_time_off": sa.true(), "shows_standing": sa.true()}
ADDED = (
    *(f"{each}_id" for each in NAMED), "public_id", "name", *SHOWN, "made_by_id", "read_at", "read_by", "version",
    "version_since",
)  # fmt: skip


def upgrade() -> None:
    """Make it so. What there is shows what it showed, and the time that was missing."""
    with op.batch_alter_table(TABLE) as batch_op:
        batch_op.drop_constraint(op.f(ONE_EACH), type_="unique")
        batch_op.alter_column("therapist_id", existing_type=BigId, nullable=True)
        for each in NAMED:
            batch_op.add_column(sa.Column(f"{each}_id", BigId, nullable=True))
        batch_op.add_column(sa.Column("public_id", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("name", sa.String(length=200), nullable=False, server_default=""))
        for name, usual in SHOWN.items():
            batch_op.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=usual))
        batch_op.add_column(sa.Column("made_by_id", BigId, nullable=True))
        batch_op.add_column(sa.Column("read_at", UTCDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("read_by", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("version", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("version_since", UTCDateTime(timezone=True), nullable=True))
    _fill_in()
    with op.batch_alter_table(TABLE) as batch_op:
        batch_op.alter_column("public_id", existing_type=sa.String(length=36), nullable=False)
        batch_op.create_unique_constraint(batch_op.f(UNIQUE), ["public_id"])
        batch_op.create_check_constraint(op.f(CHECK), ABOUT_ONE)
        for each in NAMED:
            foreign = batch_op.f(f"fk_calendar_feed_{each}_id_{each}")
            batch_op.create_foreign_key(foreign, each, [f"{each}_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f(MADE_BY), "user", ["made_by_id"], ["id"])
    for name in OWNERS:
        op.create_index(op.f(f"ix_calendar_feed_{name}"), TABLE, [name])


def _fill_in() -> None:
    link = op.get_bind()
    for each in link.scalars(sa.text("SELECT id FROM calendar_feed")).all():
        given = {"id": each, "public_id": str(uuid.uuid4())}
        link.execute(sa.text("UPDATE calendar_feed SET public_id = :public_id WHERE id = :id"), given)
    op.execute(sa.text("UPDATE calendar_feed SET name = 'My calendar'"))
    op.execute(sa.text("UPDATE calendar_feed SET shows_place = (detail = 'full')"))


def downgrade() -> None:
    """Take it back. Each therapist keeps the newest address, and nobody else has one."""
    op.execute(sa.text("DELETE FROM calendar_feed WHERE therapist_id IS NULL"))
    newest = "SELECT max(id) FROM calendar_feed GROUP BY therapist_id"
    op.execute(sa.text(f"DELETE FROM calendar_feed WHERE id NOT IN ({newest})"))  # noqa: S608 -- our own words
    op.execute(sa.text("UPDATE calendar_feed SET detail = 'initials' WHERE detail = 'code_name'"))
    for name in OWNERS:
        op.drop_index(op.f(f"ix_calendar_feed_{name}"), TABLE)
    with op.batch_alter_table(TABLE) as batch_op:
        batch_op.drop_constraint(op.f(CHECK), type_="check")
        batch_op.drop_constraint(batch_op.f(UNIQUE), type_="unique")
        batch_op.drop_constraint(batch_op.f(MADE_BY), type_="foreignkey")
        for each in NAMED:
            batch_op.drop_constraint(batch_op.f(f"fk_calendar_feed_{each}_id_{each}"), type_="foreignkey")
        for name in ADDED:
            batch_op.drop_column(name)
        batch_op.alter_column("therapist_id", existing_type=BigId, nullable=False)
        batch_op.create_unique_constraint(batch_op.f(ONE_EACH), ["therapist_id"])
