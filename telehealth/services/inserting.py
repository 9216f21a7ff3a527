"""Writing what is new, whole and once: rows and objects, through statements that are built once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any

from sqlalchemy import Executable, Insert, event, inspect
from sqlalchemy import insert as insert_into
from sqlalchemy.orm import Session, SessionTransaction, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict, set_committed_value

from telehealth.database import Base, RowValues

INSERTED = "inserted"
"""What a session knows of the objects that were inserted since it last committed, with the transaction they came in."""


def insert_unless_taken(session: Session, model: type[Base], values: RowValues) -> int | None:
    """Insert one row and return its id; None when a unique key, or the overlap guard, says that it is taken.

    Both databases wait for a transaction under way that may take it, and neither raises. On PostgreSQL this also
    avoids the deadlocks that plain concurrent inserts into an exclusion constraint run into.
    """
    connection = session.connection()
    made: int | None = connection.scalar(_insert_unless_taken(model, connection.dialect.name), values)
    return made


def insert_those_free(
    session: Session, model: type[Base], rows: Sequence[RowValues], *key: str
) -> dict[tuple[object, ...], int]:
    """The same for many rows in one statement: the ids of those that were made, by what tells them apart (``key``)."""
    if not rows:
        return {}
    connection = session.connection()
    made = connection.execute(_insert_unless_taken(model, connection.dialect.name, *key), rows)
    return {tuple(rest): made_id for made_id, *rest in made}


@cache
def _insert_unless_taken(model: type[Base], dialect_name: str, *more: str) -> Executable:
    table: Any = model.__table__
    columns = (table.c[each] for each in ("id", *more))
    statement: Executable = insert_in(dialect_name, model).on_conflict_do_nothing().returning(*columns)
    return statement


def insert_in(dialect_name: str, model: type[Base]) -> Any:  # Either database's own class of INSERT.
    """An INSERT that can say what to do on a conflict: both databases have the same words for it, in classes of their
    own. Only those of the one at hand are loaded.
    """
    return import_module(f"sqlalchemy.dialects.{dialect_name}").insert(model.__table__)


def insert_objects(session: Session, objects: Sequence[Base]) -> None:
    """Insert new objects of one table, which has public ids, in one statement, and make them the session's own.

    A flush walks through everything that the session has loaded first, which takes longer than a booking's statements.
    What they refer to has its id already: nothing else that is pending is written. What is not set gets its default.
    """
    if not objects:
        return
    model = type(objects[0])
    key, columns, statement = _insert_objects(model)
    held = [instance_dict(each) for each in objects]
    for given in held:
        more = {name: default for name, default in columns.items() if name not in given}
        given.update({name: default(None) if callable(default) else default for name, default in more.items()})
    rows = [{name: given[name] for name in columns} for given in held]
    made: RowValues = dict(session.connection().execute(statement, rows).all())  # In an order of the database's own.
    for each, row in zip(objects, rows, strict=True):
        set_committed_value(each, key, made[row["public_id"]])
        make_transient_to_detached(each)
    session.add_all(objects)
    here = session.get_nested_transaction() or session.get_transaction()
    session.info.setdefault(INSERTED, []).extend((here, each) for each in objects)


@event.listens_for(Session, "after_soft_rollback")
def _forget_taken_back(session: Session, ended: SessionTransaction) -> None:
    """What was inserted in a transaction, or a savepoint, that was taken back is nobody's any more, as after a flush:
    SQLite gives its number to the next row.
    """
    known = session.info.get(INSERTED, [])
    gone = [each for here, each in known if _is_within(here, ended)]
    session.info[INSERTED] = [(here, each) for here, each in known if not _is_within(here, ended)]
    for each in gone:
        if each in session:
            session.expunge(each)


@event.listens_for(Session, "after_commit")
def _keep_inserted(session: Session) -> None:
    session.info.pop(INSERTED, None)


def _is_within(here: SessionTransaction | None, ended: SessionTransaction) -> bool:
    while here is not None and here is not ended:
        here = here.parent
    return here is ended


@cache
def _insert_objects(model: type[Base]) -> tuple[str, RowValues, Insert]:
    """The attribute of the key; those of the other columns, with their defaults or what makes one; the statement."""
    mapper = inspect(model)
    (primary,) = mapper.primary_key
    columns = {each.key: each.columns[0] for each in mapper.column_attrs if each.columns[0] is not primary}
    defaults = {name: column.default.arg if column.default is not None else None for name, column in columns.items()}
    key = mapper.get_property_by_column(primary).key
    return key, defaults, insert_into(model).returning(mapper.columns["public_id"], primary)
