"""The database: one handle, one naming convention, one type for instants, one way to commit.

``transaction()`` is the only place in the project that commits. Reads need no ceremony: they use ``db.session`` and end
with the request, tick or command.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    create_engine,
    event,
)
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import CoreExecuteOptionsParameter
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeDecorator, TypeEngine

from telehealth.domain.errors import OutcomeUnknown, Unavailable
from telehealth.late import postponed

UNUSED = ("postgresql.asyncpg", "postgresql.pg8000", "postgresql.psycopg2", "postgresql.psycopg2cffi",
          "sqlite.aiosqlite", "sqlite.pysqlcipher")  # fmt: skip
with postponed("asyncio", *(f"sqlalchemy.dialects.{driver}" for driver in UNUSED)):
    # Indexes of both databases are declared, and each would bring all its drivers.
    from sqlalchemy.dialects import postgresql, sqlite  # noqa: F401

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
QUICK = 2
"""In seconds: for so long a health check waits for the database. PostgreSQL's library waits no shorter to connect."""
DEADLOCK, BEGIN_AGAIN = "40P01", "40001"
DEADLOCKS_BORNE = 3

SOMETHING_ELSE, CONFLICT, UNUSABLE, AWAY = range(4)
CONNECTION, UNANSWERED, KEPT = "connection", "unanswered", "kept"
"""What a session knows of its transactions: the connection of the one that is open, whether a commit got no answer, and
whether one was kept.
"""

RowValues = dict[str, Any]
"""What a row holds, or is to hold, by column: each column has a type of its own."""

Given = ParamSpec("Given")
Result = TypeVar("Result")

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The parent of every table."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


class OurSession(FlaskSession):
    """A session that knows the connection of the transaction that is open: to find it takes as long as a small
    statement, and most statements are not about objects.
    """

    def connection(
        self,
        bind_arguments: dict[str, Any] | None = None,
        execution_options: CoreExecuteOptionsParameter | None = None,
    ) -> Connection:
        """The connection that everything of the transaction goes through."""
        known: Connection | None = self.info.get(CONNECTION)
        return known or super().connection(bind_arguments, execution_options)

    def begin_nested(self) -> SessionTransaction:
        """A savepoint, made at once: what goes through the known connection would not make it."""
        part = super().begin_nested()
        super().connection()
        return part


db = SQLAlchemy(model_class=Base, session_options={"class_": OurSession, "autoflush": False, "expire_on_commit": False})

BigId = BigInteger().with_variant(Integer, "sqlite")
"""Primary keys: 64 bits, and on SQLite the INTEGER that makes a column the row id."""


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. Python sees aware UTC only; a naive value is a programming error and raises ValueError.

    PostgreSQL stores ``timestamptz``. SQLite has no such type: it stores microseconds since 1970 as an integer, which
    is exact, sorts and compares as time does, and needs no parsing when thousands of rows are read.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the database at hand."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Python to database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must be aware; this one has no zone")
        return (value - EPOCH) // MICROSECOND if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Database to Python."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return EPOCH + timedelta(microseconds=value)
        return value.astimezone(UTC)  # type: ignore[no-any-return]


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Give SQLite foreign keys, readers that do not wait for the writer, and a BEGIN that SQLAlchemy owns."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    for pragma in (
        "foreign_keys=ON",
        "journal_mode=WAL",
        "synchronous=FULL",  # A confirmed appointment must outlive a power cut; with NORMAL the last ones would not.
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at the start of a writing transaction.

    A transaction that reads first and asks for the lock later can be refused at once with "database is locked",
    whatever the busy timeout, because its snapshot may be stale.
    """
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@event.listens_for(Engine, "rollback")
def _keep_prepared(connection: Connection) -> None:
    """Take back on PostgreSQL without its library, which would forget all statements that the connection has prepared.

    It does so because a table may have been made and taken back with the rest, but the server looks by itself whether a
    plan still fits. Every read and every refusal ends by being taken back, and planning a large statement anew takes
    longer than running it. What the library finds then is a transaction that has ended. After an error it is its own to
    do: a statement that cannot be used any more, because a column has changed its type, has to be forgotten.
    """
    if connection.dialect.name != "postgresql" or connection.invalidated or connection.closed:
        return
    library, server = cast("Any", connection.dialect.dbapi), cast("Any", connection.connection.driver_connection).pgconn
    if server.transaction_status == library.pq.TransactionStatus.INTRANS:
        with suppress(library.Error):  # A lost connection is noticed, and reported, by the library.
            server.exec_(b"ROLLBACK")


@contextmanager
def transaction(own: Session | None = None) -> Iterator[Session]:
    """Everything inside is kept, or nothing is. The only commit in the project.

    Transactions do not nest: a use case owns its transaction, and one that needs another is a design fault, so it
    raises RuntimeError. Never call the network inside. It is of the session of the request, tick or command, unless
    one's ``own`` is given.
    """
    with _writing(own) as session:
        yield session
        session.info[UNANSWERED] = True
        session.commit()
        session.info[UNANSWERED], session.info[KEPT] = False, True


@contextmanager
def quick_session() -> Iterator[Session]:
    """A session with a connection of its own that waits for nobody longer than ``QUICK`` seconds at a time: it asks how
    the database is while everybody else may be waiting for it.
    """
    with Session(_quick_engine(current_app.config["SQLALCHEMY_DATABASE_URI"])) as session:
        yield session


@cache
def _quick_engine(url: str) -> Engine:
    options = engine_options(url, 1, QUICK)
    given = options["connect_args"]
    if not url.startswith("sqlite"):
        given = {**given, "options": f"{given['options']} -c statement_timeout={QUICK}s", "connect_timeout": QUICK}
    return create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=given)


@contextmanager
def dry_run() -> Iterator[Session]:
    """The same, and nothing is kept: what a use case would do is known because it was done, and taken back.

    It takes the locks that the use case takes, and rows that were read or written inside are stale afterwards: answer
    with plain values. PostgreSQL does not give back the numbers of rows that were never kept.
    """
    with _writing() as session:
        yield session
        session.rollback()


@contextmanager
def _writing(own: Session | None = None) -> Iterator[Session]:
    """The session in a transaction of its own, for whoever ends it; it is taken back when anything is raised."""
    session = own or db.session()
    if session.info.get("in_transaction"):
        raise RuntimeError("a transaction is already open; services own theirs and do not call each other inside")
    # The read that a door may have begun ends, also one that failed, so that the write lock is taken first.
    session.rollback()
    session.info["in_transaction"] = True
    try:
        session.info[CONNECTION] = session.connection(execution_options={"writes": True})
        yield session
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["in_transaction"], session.info[CONNECTION] = False, None


@contextmanager
def attempt(session: Session) -> Iterator[SessionTransaction]:
    """A part of a transaction that can be taken back alone: when it raises, or on ``rollback()`` of what is given."""
    with session.begin_nested() as part:
        yield part


def retry_on_conflict(use_case: Callable[Given, Result]) -> Callable[Given, Result]:
    """Run a use case again when PostgreSQL gave it up, to break a deadlock or because what it had read is not so any
    more: nothing of it was kept, so nothing is done twice. Locks are taken in one order almost everywhere; two moves
    onto each other's places are the exception.
    """

    @wraps(use_case)
    def run_again(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        for _ in range(DEADLOCKS_BORNE):
            try:
                return use_case(*args, **kwargs)
            except OperationalError as problem:
                if getattr(problem.orig, "sqlstate", None) not in {DEADLOCK, BEGIN_AGAIN}:
                    raise
        return use_case(*args, **kwargs)

    return run_again


def explain_failure(error: Exception) -> Unavailable | None:
    """What to say when the database could not be used, and that is no fault of ours; None for any other error.

    Nothing was kept, except when the connection was lost after a commit had been asked for, or an earlier transaction
    of the same request was kept: then nobody knows, or not all is as it was.
    """
    why = _kind_of(error)
    if why == SOMETHING_ELSE:
        return None
    known = db.session().info
    is_unknown = known.get(KEPT) or (known.get(UNANSWERED) and why == AWAY)
    return OutcomeUnknown() if is_unknown else Unavailable()


# Primary result codes of SQLite. A file that is broken (NOTADB, CORRUPT) does not mend itself.
_SQLITE = {
    sqlite3.SQLITE_BUSY: CONFLICT,
    sqlite3.SQLITE_LOCKED: CONFLICT,
    sqlite3.SQLITE_READONLY: UNUSABLE,
    sqlite3.SQLITE_FULL: UNUSABLE,
    sqlite3.SQLITE_IOERR: AWAY,
    sqlite3.SQLITE_CANTOPEN: AWAY,
}
# SQLSTATEs of PostgreSQL, or the classes that they begin with.
_POSTGRESQL = {
    "25006": UNUSABLE,  # It is read-only: a standby, or an operator said so.
    "40": CONFLICT,  # A deadlock, again and again.
    "53": UNUSABLE,  # Disk, memory or connections are used up.
    "55P03": CONFLICT,  # A lock was waited for as long as we wait.
    "57014": CONFLICT,  # The same for a statement.
    "08": AWAY,
    "57P": AWAY,  # It is being shut down, has crashed, or begins.
}


def _kind_of(error: Exception) -> int:
    if isinstance(error, PoolTimeout):
        return CONFLICT
    if not isinstance(error, DBAPIError):
        return SOMETHING_ELSE
    if isinstance(error.orig, sqlite3.Error):
        return _SQLITE.get(getattr(error.orig, "sqlite_errorcode", 0) & 0xFF, SOMETHING_ELSE)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # Nobody answered.
        return AWAY if isinstance(error, OperationalError) or error.connection_invalidated else SOMETHING_ELSE
    return next((kind for begins, kind in _POSTGRESQL.items() if state.startswith(begins)), SOMETHING_ELSE)


def normalise_url(url: str) -> str:
    """A database address as SQLAlchemy wants it: providers still hand out ``postgres://``."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def engine_options(url: str, pool_size: int, timeout: int) -> dict[str, Any]:
    """How to connect to the database at hand, and for how many seconds to wait for whoever has locked what is needed.

    A server that does not answer at all is given up after as long, as far as the network knows of it.
    """
    options: dict[str, Any] = {"hide_parameters": True}  # What is bound holds names and numbers; traces are logged.
    if url.startswith("sqlite"):
        return options | {"connect_args": {"timeout": timeout}}
    waits = {"connect_timeout": min(timeout, 10), "tcp_user_timeout": timeout * 1000}
    # What it guesses to be a long statement PostgreSQL compiles first (JIT), which takes longer than any of ours.
    return options | {
        "pool_size": pool_size,
        "pool_pre_ping": True,
        "connect_args": {"options": f"-c timezone=UTC -c jit=off -c lock_timeout={timeout}s", **waits},
    }
