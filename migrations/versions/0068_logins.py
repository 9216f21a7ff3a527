"""What somebody signs in with becomes a row of its own, which several practices may let in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from telehealth.database import BigId, UTCDateTime

revision = "0068"
down_revision = "0067"

KEPT = "email, password, fs_uniquifier, authenticator_secret, authenticator_step, first_sign_in_at"
"""What moves between the two tables, under the same names."""
OWN = ("passkey", "recovery_code")
"""Tables of what belongs to a login, wherever it is let in."""
LAST = 'SELECT max(sign_in.seen_at) FROM sign_in WHERE sign_in.user_id = "user".id'
LOGIN_OF = 'SELECT login_id FROM "user" WHERE "user".id = {table}.user_id'
USER_OF = (
    "SELECT coalesce(min(CASE WHEN other.public_id = login.public_id THEN other.id END), min(other.id)) "
    'FROM "user" AS other JOIN login ON login.id = other.login_id WHERE other.login_id = {table}.login_id'
)
"""Who a login was first: whoever gave it its public id, if it is one of before, as nobody else may have that; or else
whoever has the lowest id.
"""
FIRST = f"""id = ({USER_OF.format(table='"user"')})"""

INVITED_FIRST = (
    'id = (SELECT min(other.id) FROM "user" AS other WHERE other.invited_email = "user".invited_email) '
    "AND invited_email NOT IN (SELECT email FROM login)"
)


def _kept_columns(*, are_nullable: bool) -> list[sa.Column[object]]:
    columns: list[sa.Column[object]] = [
        sa.Column("email", sa.String(length=320), nullable=are_nullable),
        sa.Column("password", sa.String(length=255), nullable=are_nullable),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=are_nullable),
        sa.Column("authenticator_secret", sa.String(length=255), nullable=True),
        sa.Column("authenticator_step", sa.BigInteger(), nullable=True),
        sa.Column("first_sign_in_at", UTCDateTime(timezone=True), nullable=True),
    ]
    return columns


def upgrade() -> None:
    """Make it so. Whoever never chose a password has no login yet, and is invited."""
    op.create_table(
        "login",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        *_kept_columns(are_nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login")),
        sa.UniqueConstraint("email", name=op.f("uq_login_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_login_fs_uniquifier")),
        sa.UniqueConstraint("public_id", name=op.f("uq_login_public_id")),
    )
    made = f'INSERT INTO login (id, public_id, {KEPT}) SELECT id, public_id, {KEPT} FROM "user"'  # noqa: S608 -- words of ours
    op.execute(f"{made} WHERE password IS NOT NULL")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('login', 'id'), (SELECT max(id) FROM login))")
    with op.batch_alter_table("user") as batch_op:
        batch_op.add_column(sa.Column("login_id", BigId, nullable=True))
        batch_op.add_column(sa.Column("invited_email", sa.String(length=320), nullable=True))
        batch_op.add_column(sa.Column("opened_at", UTCDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("signed_out_at", UTCDateTime(timezone=True), nullable=True))
    op.execute(f'UPDATE "user" SET login_id = id, opened_at = ({LAST}) WHERE password IS NOT NULL')  # noqa: S608
    op.execute('UPDATE "user" SET invited_email = email WHERE password IS NULL')
    with op.batch_alter_table("user") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_user_email"), type_="unique")
        batch_op.drop_constraint(batch_op.f("uq_user_fs_uniquifier"), type_="unique")
        for name in KEPT.split(", "):
            batch_op.drop_column(name)
        batch_op.create_foreign_key(batch_op.f("fk_user_login_id_login"), "login", ["login_id"], ["id"])
        batch_op.create_unique_constraint(batch_op.f("uq_user_login_id_practice_id"), ["login_id", "practice_id"])
        check = "(login_id IS NULL) <> (invited_email IS NULL)"
        batch_op.create_check_constraint(batch_op.f("ck_user_login_or_invited"), check)
    for table in OWN:
        _add_reference(table, "login", LOGIN_OF.format(table=table))
        _drop_reference(table, "user")
    _add_reference("sign_in", "login", LOGIN_OF.format(table="sign_in"))


def downgrade() -> None:
    """Take it back. Older code knows one practice of a login: the first in which it was; the others are switched off,
    with an address that cannot be one, and their sign-ins end.
    """
    for table in OWN:
        _add_reference(table, "user", USER_OF.format(table=table))
        _drop_reference(table, "login")
    op.execute(f"DELETE FROM sign_in WHERE user_id <> ({USER_OF.format(table='sign_in')})")  # noqa: S608
    _drop_reference("sign_in", "login")
    with op.batch_alter_table("user") as batch_op:
        for column in _kept_columns(are_nullable=True):
            batch_op.add_column(column)
    for name in ("public_id", *KEPT.split(", ")):  # By the public id of a login passkeys know whose they are.
        kept = f'SELECT login.{name} FROM login WHERE login.id = "user".login_id'  # noqa: S608
        op.execute(f'UPDATE "user" SET {name} = ({kept}) WHERE login_id IS NOT NULL AND {FIRST}')  # noqa: S608
    op.execute(f'UPDATE "user" SET email = invited_email WHERE {INVITED_FIRST}')  # noqa: S608
    nobody = "email = public_id || '@switched-off.invalid', active = (1 = 0)"
    op.execute(f'UPDATE "user" SET {nobody} WHERE email IS NULL')  # noqa: S608
    op.execute('UPDATE "user" SET fs_uniquifier = public_id WHERE fs_uniquifier IS NULL')
    with op.batch_alter_table("user") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_user_login_or_invited"), type_="check")
        batch_op.drop_constraint(batch_op.f("uq_user_login_id_practice_id"), type_="unique")
        batch_op.drop_constraint(batch_op.f("fk_user_login_id_login"), type_="foreignkey")
        for name in ("login_id", "invited_email", "opened_at", "signed_out_at"):
            batch_op.drop_column(name)
        batch_op.alter_column("email", existing_type=sa.String(length=320), nullable=False)
        batch_op.alter_column("fs_uniquifier", existing_type=sa.String(length=64), nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_user_email"), ["email"])
        batch_op.create_unique_constraint(batch_op.f("uq_user_fs_uniquifier"), ["fs_uniquifier"])
    op.drop_table("login")


def _add_reference(table: str, target: str, found: str) -> None:
    """A column that names a row of another table, and is filled in."""
    column = f"{target}_id"
    op.add_column(table, sa.Column(column, BigId, nullable=True))
    op.execute(f"UPDATE {table} SET {column} = ({found})")  # noqa: S608
    with op.batch_alter_table(table) as batch_op:
        batch_op.alter_column(column, existing_type=BigId, nullable=False)
        batch_op.create_foreign_key(batch_op.f(f"fk_{table}_{column}_{target}"), target, [column], ["id"])
        batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column])


def _drop_reference(table: str, target: str) -> None:
    column = f"{target}_id"
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_index(batch_op.f(f"ix_{table}_{column}"))
        batch_op.drop_constraint(batch_op.f(f"fk_{table}_{column}_{target}"), type_="foreignkey")
        batch_op.drop_column(column)
