"""Instants, transactions and the overlap guard, as the database itself keeps them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError, StatementError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_dict

from telehealth.database import attempt, db, dry_run, normalise_url, transaction
from telehealth.domain import walltime
from telehealth.models import Appointment, Location, Occupancy, Practice
from telehealth.queries.epoch_seconds import epoch_seconds
from telehealth.services.inserting import insert_objects, insert_those_free, insert_unless_taken
from tests.factories import Office, book, make_office, make_practice
from tests.moments import NOW, at

pytestmark = pytest.mark.usefixtures("database")


# Instants


@pytest.mark.parametrize(
    "instant",
    [
        NOW,
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 11, 1, 7, 30, tzinfo=UTC),
        datetime(9998, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_instants_come_back_as_they_were(instant: datetime) -> None:
    practice = make_practice(created_at=instant)
    db.session.expire_all()
    assert practice.created_at == instant
    assert practice.created_at.tzinfo is UTC


def test_any_zone_is_the_same_instant(database: Session) -> None:
    make_practice(created_at=NOW.astimezone(walltime.zone("Asia/Kathmandu")))
    assert database.scalars(select(Practice.created_at)).one() == NOW
    assert database.scalars(
        select(Practice).where(Practice.created_at == NOW.astimezone(walltime.zone("Asia/Tokyo")))
    ).one()


def test_a_naive_instant_is_a_mistake(database: Session) -> None:
    with pytest.raises(StatementError, match="aware"):
        make_practice(created_at=NOW.replace(tzinfo=None))


@given(offset=st.integers(-(10**10), 10**10))
def test_the_database_computes_the_same_seconds(database: Session, offset: int) -> None:
    instant = NOW + timedelta(seconds=offset % (10**9))
    make_practice(created_at=instant)
    found = database.scalars(select(epoch_seconds(Practice.created_at)).order_by(Practice.id.desc()).limit(1)).one()
    assert found == int(instant.timestamp())
    database.rollback()


# Transactions


def test_everything_is_kept_or_nothing(database: Session) -> None:
    def half() -> None:
        with transaction() as session:
            session.add(Practice(**columns("half")))
            session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        half()
    assert database.scalars(select(Practice)).all() == []


def test_what_is_tried_is_seen_inside_and_not_kept(database: Session) -> None:
    with dry_run() as session:
        session.add(Practice(**columns("tried")))
        session.flush()
        assert session.scalars(select(Practice.slug)).all() == ["tried"]
    assert database.scalars(select(Practice)).all() == []
    with pytest.raises(RuntimeError, match="already open"), transaction(), dry_run():
        pass


def test_transactions_do_not_nest(database: Session) -> None:
    with pytest.raises(RuntimeError, match="already open"), transaction(), transaction():
        pass
    with transaction() as session:  # The refusal leaves nothing behind.
        session.add(Practice(**columns("whole")))
    assert len(database.scalars(select(Practice)).all()) == 1


def columns(slug: str) -> dict[str, Any]:
    line = dict.fromkeys(["name", "sender_name", "email", "phone"], "x")
    return {**line, "slug": slug, "timezone": "UTC", "created_at": NOW}


def test_what_a_test_keeps_is_gone_in_the_next(database: Session) -> None:
    assert database.scalars(select(Practice)).all() == []


def test_addresses_of_databases_are_read_as_providers_write_them() -> None:
    for url in ("postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"):
        assert normalise_url(url) == "postgresql+psycopg://u@h/d"
    assert normalise_url("sqlite:///x.db") == "sqlite:///x.db"


# What is new


def test_new_objects_are_whole_and_ones_own(database: Session) -> None:
    """Defaults are there as after a flush, and what is changed later is written; others wait for their own flush."""
    practice = make_practice()
    facts = {"practice_id": practice.id, "address": "1 Main St", "jurisdiction": "CO", "timezone": "America/Denver"}
    with transaction() as session:
        waiting = Location(name="waits", **facts)
        session.add(waiting)
        new = [Location(name="one", **facts), Location(name="two", **{**facts, "jurisdiction": "UT"})]
        insert_objects(session, new)
        found = session.scalars(select(Location).order_by(Location.id)).all()
        assert sorted(each.name for each in found) == ["one", "two"]
        assert all(session.get(Location, each.id) is each for each in new)
        assert waiting in session.new
        new[1].name = "Another"
    database.expire_all()
    again = {each.name: each for each in database.scalars(select(Location))}
    assert set(again) == {"one", "Another", "waits"}
    assert again["Another"].jurisdiction == "UT"
    same = [each.key for each in Location.__table__.columns if each.key not in {"id", "public_id", "name"}]
    assert all(getattr(again["one"], each) == getattr(again["waits"], each) for each in same), "as a flush writes it"


@pytest.mark.parametrize("how", ["refused", "tried", "savepoint"])
def test_what_was_taken_back_is_out_of_the_session(database: Session, how: str) -> None:
    """SQLite gives the number of a row that was taken back to the next one, and somebody may hold on to the object."""
    practice = make_practice()
    kept: list[Location] = []

    def put(name: str) -> Location:
        facts = {"address": "1 Main St", "jurisdiction": "CO", "timezone": "America/Denver"}
        kept.append(Location(practice_id=practice.id, name=name, **facts))
        insert_objects(db.session(), kept[-1:])
        return kept[-1]

    def refuse() -> None:
        with transaction():
            put("taken back")
            raise LookupError

    if how == "refused":
        with pytest.raises(LookupError):
            refuse()
    elif how == "tried":
        with dry_run():
            put("taken back")
    with transaction() as session:
        if how == "savepoint":
            put("before")
            with attempt(session) as part:
                put("taken back")
                part.rollback()
        assert [each.name for each in kept if each in session] == ["before"] * (how == "savepoint")
        made = put("kept")
        assert made in session
    assert [each.name for each in kept if each in database] == ["before"] * (how == "savepoint") + ["kept"]
    assert "taken back" not in database.scalars(select(Location.name)).all()


def test_columns_of_what_is_inserted_have_their_defaults_in_python() -> None:
    """Whoever inserts objects sees to them: one that only the database knew would be written as nothing."""
    columns_of_all = [column for table in db.metadata.tables.values() for column in table.columns]
    assert [str(each) for each in columns_of_all if each.server_default is not None] == []


def test_nothing_is_inserted_for_nothing(database: Session) -> None:
    with transaction() as session:
        insert_objects(session, [])
        assert insert_those_free(session, Practice, [], "slug") == {}
    assert database.scalars(select(Practice)).all() == []


def test_those_that_are_free_are_inserted_and_named(database: Session) -> None:
    with transaction() as session:
        first = insert_those_free(session, Practice, [columns("one"), columns("two")], "slug")
        second = insert_those_free(session, Practice, [columns("two"), columns("three")], "slug")
    assert (set(first), set(second)) == ({("one",), ("two",)}, {("three",)})
    assert {(row.slug,): row.id for row in database.execute(select(Practice.slug, Practice.id))} == first | second


def test_a_savepoint_is_there_before_the_first_statement(database: Session) -> None:
    """What goes through the connection of a transaction is taken back with it, too."""
    with transaction() as session:
        connection = session.connection()
        with attempt(session) as part:
            insert_those_free(session, Practice, [columns("taken-back")], "slug")
            part.rollback()
        assert session.connection() is connection
        insert_those_free(session, Practice, [columns("kept")], "slug")
    assert database.scalars(select(Practice.slug)).all() == ["kept"]


def test_a_read_that_failed_is_in_nobodys_way(database: Session) -> None:
    with pytest.raises(SQLAlchemyError):
        database.execute(text("SELECT nothing FROM nowhere"))
    with transaction() as session:
        insert_those_free(session, Practice, [columns("kept")], "slug")
    assert database.scalars(select(Practice.slug)).all() == ["kept"]


def test_what_was_read_before_a_transaction_is_read_anew_in_it(database: Session) -> None:
    practice = make_practice(name="Before")
    database.expire_all()
    assert database.get_one(Practice, practice.id).name == "Before"
    with transaction() as session:
        assert "name" not in instance_dict(practice), "it is old now"
        assert session.get_one(Practice, practice.id) is practice


# The guard


@pytest.fixture
def appointment() -> Appointment:
    """Tomorrow from ten to ten to eleven."""
    return book(make_office(with_rules=False))


def another(
    appointment: Appointment, starts_at: datetime, ends_at: datetime, *, overlap_allowed: bool = False
) -> dict[str, Any]:
    """A row that takes the therapist once more."""
    return {
        "practice_id": appointment.practice_id,
        "resource_id": appointment.therapist.resource_id,
        "appointment_id": appointment.id,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "overlap_allowed": overlap_allowed,
    }


@pytest.mark.parametrize(
    ("begins", "ends", "is_taken"),
    [
        (at(9), at(10), False),
        (at(10, 50), at(11), False),
        (at(9), at(10) + timedelta(microseconds=1), True),
        (at(10, 50) - timedelta(microseconds=1), at(11), True),
        (at(10), at(10, 50), True),
        (at(10, 10), at(10, 20), True),
        (at(9), at(12), True),
    ],
)
def test_the_database_refuses_overlaps_and_nothing_else(
    database: Session, appointment: Appointment, begins: datetime, ends: datetime, is_taken: bool
) -> None:
    made = insert_unless_taken(database, Occupancy, another(appointment, begins, ends))
    assert (made is None) == is_taken


def test_a_deliberate_overlap_is_flagged(database: Session, appointment: Appointment) -> None:
    row = another(appointment, at(10), at(10, 50), overlap_allowed=True)
    assert insert_unless_taken(database, Occupancy, row) is not None


@pytest.mark.parametrize(("begins", "ends", "is_taken"), [(at(12, 30), at(14), True), (at(13), at(14), False)])
def test_a_deliberate_overlap_takes_time_like_anything_else(
    database: Session, appointment: Appointment, begins: datetime, ends: datetime, is_taken: bool
) -> None:
    first = insert_unless_taken(database, Occupancy, another(appointment, at(12), at(13), overlap_allowed=True))
    plain = insert_unless_taken(database, Occupancy, another(appointment, begins, ends))
    assert (plain is None) == is_taken
    flagged = insert_unless_taken(database, Occupancy, another(appointment, begins, ends, overlap_allowed=True))
    assert first is not None
    assert flagged is not None
    assert flagged > first


def test_what_a_deliberate_overlap_lies_over_may_change_hands_and_not_grow(
    database: Session, appointment: Appointment
) -> None:
    insert_unless_taken(database, Occupancy, another(appointment, at(10, 30), at(11, 30), overlap_allowed=True))
    below = update(Occupancy).where(Occupancy.starts_at == at(10), Occupancy.service_id.is_not(None))
    assert database.connection().execute(below.values(expires_at=NOW)).rowcount == 1
    with pytest.raises(SQLAlchemyError, match="overlap"):
        database.connection().execute(below.values(ends_at=at(11)))
    database.rollback()


def test_resources_do_not_stand_in_each_others_way(database: Session, appointment: Appointment) -> None:
    other: Office = make_office()
    row = another(appointment, at(10), at(10, 50))
    row["resource_id"] = other.therapist.resource_id
    assert insert_unless_taken(database, Occupancy, row) is not None


def test_an_update_cannot_slip_past_the_guard(database: Session, appointment: Appointment) -> None:
    made = insert_unless_taken(database, Occupancy, another(appointment, at(12), at(13)))
    move = update(Occupancy).where(Occupancy.id == made).values(starts_at=at(10, 30))
    with pytest.raises(SQLAlchemyError, match="overlap"):
        database.execute(move)
    database.rollback()


@pytest.mark.parametrize(("begins", "ends"), [(at(12), at(12)), (at(13), at(12))])
def test_time_does_not_run_backwards(
    database: Session, appointment: Appointment, begins: datetime, ends: datetime
) -> None:
    with pytest.raises(SQLAlchemyError):
        database.execute(insert(Occupancy).values(**another(appointment, begins, ends)))
    database.rollback()


def test_references_are_checked(database: Session, appointment: Appointment) -> None:
    nowhere = {**another(appointment, at(12), at(13)), "resource_id": 10**9}
    with pytest.raises(IntegrityError):
        database.execute(insert(Occupancy).values(**nowhere))
    database.rollback()


def test_old_names_of_zones_are_one_with_the_present_ones(database: Session) -> None:
    practice = make_practice(timezone="US/Pacific")
    kept = text("SELECT timezone FROM practice")
    assert database.scalar(kept) == "America/Los_Angeles"
    assert database.scalars(select(Practice.id).where(Practice.timezone == "US/Pacific")).one() == practice.id
    database.execute(text("UPDATE practice SET timezone = 'America/Indianapolis'"))
    assert database.scalar(select(Practice.timezone)) == "America/Indiana/Indianapolis"
