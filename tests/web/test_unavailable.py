"""A database that cannot be used for the moment: who asks is told so, when to ask again, and what is known of what they
sent. Nothing is half done.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.test import TestResponse

from telehealth.database import db, explain_failure, transaction
from telehealth.domain.errors import OutcomeUnknown, Unavailable
from telehealth.domain.message_words import Channel, MessageStatus
from telehealth.models import Appointment, Message, Task
from tests import databases
from tests.api.caller import Caller, booking_of, path_of
from tests.factories import book, make_contact, make_office
from tests.moments import NOW, at
from tests.web.conftest import Served
from tests.web.staff import as_owner, words_of
from tests.web.visitor import Visitor
from tests.webhooks.test_mail import PATH, SAMPLES, THEIRS

NOT_NOW = "We cannot do this at the moment. Nothing was booked or changed."
NOBODY_KNOWS = "so we do not know whether this was saved"

Trouble = Callable[[Served], AbstractContextManager[None]]


def locked(served: Served) -> AbstractContextManager[None]:
    return served.held("BEGIN IMMEDIATE", "LOCK TABLE appointment, message, task IN EXCLUSIVE MODE")


def read_only(served: Served) -> AbstractContextManager[None]:
    return served.read_only()


@pytest.fixture(params=[locked, read_only])
def trouble(request: pytest.FixtureRequest, served: Served) -> Trouble:
    return request.param  # type: ignore[no-any-return]


def is_unavailable(answer: TestResponse, says: str = NOT_NOW) -> bool:
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60"), answer.text
    return says in answer.text


def made() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Appointment)) or 0


def test_a_booking_page_says_that_nothing_was_booked(served: Served, trouble: Trouble) -> None:
    office = make_office()
    visitor = Visitor(served.browser, office)
    review = visitor.review()
    with trouble(served):
        answer = visitor.send(review, "Confirm")
        assert is_unavailable(answer)
        assert "Appointments that you already have are not affected." in words_of(answer)
    assert made() == 0
    assert visitor.send(review, "Confirm").status_code == 303, "the same form works afterwards"
    assert made() == 1


def test_the_api_says_so_by_a_code(served: Served, trouble: Trouble) -> None:
    office = make_office()
    api = Caller(served.app, served.browser)
    with trouble(served):
        problem = api.refused("unavailable", "POST", path_of(office, "/appointments"), json=booking_of(office))
        assert problem["detail"].startswith(NOT_NOW)
    assert made() == 0
    api.post(path_of(office, "/appointments"), json=booking_of(office))


def test_a_webhook_is_told_to_come_again(served: Served, trouble: Trouble) -> None:
    book(make_office(), contact=make_contact(email="jane@example.com"))
    with transaction() as session:
        mails = select(Message).where(Message.channel == Channel.EMAIL, Message.attendee_id.is_not(None))
        message = session.scalars(mails).first()
        assert message is not None
        message.status, message.sent_to, message.sent_at = MessageStatus.SENT, "jane@example.com", NOW
        message.provider_id = f"<{message.public_id}@riverside.example>"
    bounce = (SAMPLES / "postfix.eml").read_bytes().replace(THEIRS.encode(), message.public_id.encode())
    token = {"Authorization": f"Bearer {served.app.config['BOUNCE_TOKEN']}"}
    with trouble(served):
        assert is_unavailable(served.browser.post(PATH, data=bounce, headers=token))
    db.session.rollback()
    assert db.session.scalars(select(Task)).all() == []
    assert served.browser.post(PATH, data=bounce, headers=token).status_code == 204
    assert len(db.session.scalars(select(Task)).all()) == 1


def test_pages_that_only_read_go_on(served: Served) -> None:
    office = make_office()
    path = f"/{office.practice.slug}"
    with served.read_only():
        assert served.browser.get(path).status_code == 200
    with served.held("BEGIN IMMEDIATE", "LOCK TABLE appointment IN EXCLUSIVE MODE"):
        assert served.browser.get(path).status_code == 200


def test_the_desk_is_told_without_asking_who_is_signed_in(served: Served) -> None:
    staff = as_owner(served.app, make_office())
    assert staff.get("/desk/week").status_code == 200
    with served.held("BEGIN IMMEDIATE", 'LOCK TABLE "user" IN ACCESS EXCLUSIVE MODE'):
        if served.is_sqlite:  # Whose readers nobody holds up.
            assert is_unavailable(staff.post("/desk/account/sign-ins/end"))
        else:
            assert is_unavailable(staff.get("/desk/week"))


@contextmanager
def full(served: Served) -> Iterator[None]:
    """No page of the file may be added."""
    with served.connecting("PRAGMA max_page_count=1"):
        yield


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_full_disk_keeps_whole_bookings_and_nothing_else(served: Served) -> None:
    office = make_office(practice={"texts_a_day": 20})
    api, kept = Caller(served.app, served.browser), 0
    with full(served):
        for number in range(200):
            day, hour = divmod(number, 7)
            wish = booking_of(office, at(9 + hour, days=day + 1).isoformat(), client={"name": f"Ana {'x' * number}"})
            answer = api.ask("POST", path_of(office, "/appointments"), json=wish)
            if answer.status_code == 503:
                assert answer.get_json()["code"] == "unavailable"
                break
            kept += answer.status_code == 201
        assert answer.status_code == 503
        assert served.browser.get(f"/{office.practice.slug}").status_code == 200
    assert made() == kept


# A connection that breaks


@contextmanager
def cut(served: Served, name: str, when: Callable[..., bool]) -> Iterator[None]:
    """PostgreSQL ends our connection at such an event."""

    def end(connection: Any, *given: Any) -> None:
        if when(*given):
            ours = connection.connection.driver_connection.info.backend_pid
            with psycopg.connect(served.url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [ours])

    event.listen(db.engine, name, end)
    try:
        yield
    finally:
        event.remove(db.engine, name, end)


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
def test_nobody_claims_to_know_what_became_of_a_commit(served: Served) -> None:
    office = make_office()
    visitor = Visitor(served.browser, office)
    review = visitor.review()
    api = Caller(served.app, served.browser)
    databases.close(served.app)
    with cut(served, "commit", lambda: True):
        assert is_unavailable(visitor.send(review, "Confirm"), NOBODY_KNOWS)
        path = path_of(office, "/appointments")
        assert NOBODY_KNOWS in api.refused("outcome_unknown", "POST", path, json=booking_of(office))["detail"]


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
def test_before_that_everybody_knows(served: Served) -> None:
    office = make_office()
    api = Caller(served.app, served.browser)
    databases.close(served.app)
    with cut(served, "before_cursor_execute", lambda _cursor, said, *_: said.startswith("INSERT INTO occupancy")):
        api.refused("unavailable", "POST", path_of(office, "/appointments"), json=booking_of(office))
    assert made() == 0
    api.post(path_of(office, "/appointments"), json=booking_of(office))


# What a connection has prepared


def prepared() -> int:
    found: int = db.session.scalars(text("SELECT count(*) FROM pg_prepared_statements WHERE NOT from_sql")).one()
    return found


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
def test_what_is_prepared_outlives_reads_and_refusals(served: Served) -> None:
    office = make_office()
    api, path = Caller(served.app, served.browser), path_of(office, "/appointments")
    wish = booking_of(office)
    api.post(path, wish)
    for _ in range(8):  # The library prepares what comes for the sixth time.
        api.refused("slot_taken", "POST", path, json=wish)
    assert prepared() >= 2
    db.session.rollback()
    assert prepared() >= 2
    assert made() == 1  # What was refused was taken back all the same.


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
def test_what_does_not_fit_any_more_is_forgotten_after_one_error(served: Served) -> None:
    def ask() -> Any:
        try:
            return db.session.execute(text("SELECT kept FROM changing")).scalars().all()
        finally:
            db.session.rollback()

    with psycopg.connect(served.url, autocommit=True) as other:
        other.execute("CREATE TABLE changing (kept integer)")
        try:
            for _ in range(8):
                assert ask() == []
            other.execute("ALTER TABLE changing ALTER kept TYPE text")
            with pytest.raises(DBAPIError, match="must not change result type"):
                ask()
            assert ask() == []
        finally:
            db.session.rollback()
            other.execute("DROP TABLE changing")


# What is known


def failure(code: int | None = None, state: str | None = None) -> DBAPIError:
    problem: Any = sqlite3.OperationalError("no") if code is not None else psycopg.OperationalError("no")
    if code is not None:
        problem.sqlite_errorcode = code
    elif state is not None:
        problem.sqlstate = state
    return OperationalError("COMMIT", {}, problem)


@pytest.mark.parametrize(
    ("error", "at_commit"),
    [
        (failure(sqlite3.SQLITE_FULL), Unavailable),
        (failure(sqlite3.SQLITE_BUSY_SNAPSHOT), Unavailable),
        (failure(sqlite3.SQLITE_IOERR_FSYNC), OutcomeUnknown),
        (failure(state="53100"), Unavailable),
        (failure(state="40P01"), Unavailable),
        (failure(state="57P01"), OutcomeUnknown),
        (failure(), OutcomeUnknown),
        (failure(sqlite3.SQLITE_CORRUPT), None),
        (failure(sqlite3.SQLITE_ERROR), None),
        (ValueError(), None),
    ],
)
def test_what_is_known_depends_on_when_it_happened(
    served: Served, error: Exception, at_commit: type[Exception] | None
) -> None:
    def said() -> type[Exception] | None:
        found = explain_failure(error)
        return type(found) if found is not None else None

    assert said() == (Unavailable if at_commit else None)

    def fail(_connection: Any) -> None:
        raise error

    event.listen(db.engine, "commit", fail)
    try:
        with pytest.raises(type(error)), transaction():
            pass
    finally:
        event.remove(db.engine, "commit", fail)
    assert said() == at_commit
    db.session.remove()
    with transaction():
        pass
    assert said() == (OutcomeUnknown if at_commit else None), "something was kept before"
    db.session.remove()
