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

from telehealth.database import db, dry_run, insert_unless_taken, normalise_url, transaction
from telehealth.domain import walltime
from telehealth.models import Appointment, Occupancy, Practice
from telehealth.queries.epoch_seconds import epoch_seconds
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
