"""What a booking and a move ask of the database, counted: no noise can blur a count, and only this keeps it small."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.words import ServiceKind
from tests.api.caller import Caller, booking_of, path_of
from tests.factories import Office, make_office, make_rule, make_therapist
from tests.moments import at
from tests.statements import listening

MOVES = {"start": at(9, days=3).isoformat(), "mode": "virtual"}
CLIENT = {"text_consent": True, "phone": "+13035550123"}


@pytest.fixture
def flushes() -> Any:
    """How often a session wrote what had changed."""
    seen: list[Session] = []

    def note(session: Session, _context: object) -> None:
        seen.append(session)

    event.listen(Session, "after_flush", note)
    yield seen
    event.remove(Session, "after_flush", note)


def booked(api: Caller, office: Office, **given: Any) -> Any:
    asked = booking_of(office, **given)
    asked["client"] |= CLIENT
    return api.post(path_of(office, "/appointments"), asked)


def asked(office: Office, day: int = 2, **given: Any) -> tuple[str, dict[str, Any]]:
    """Where and what, so that nothing but the request is counted."""
    wish = booking_of(office, start=at(14, days=day).isoformat())
    wish["client"] |= {**CLIENT, **given}
    return path_of(office, "/appointments"), wish


def test_a_booking_takes_eleven_statements(api: Caller, office: Office, flushes: list[Session]) -> None:
    """Three reads (rows that were chosen, calendars, files of the clients), and eight writes (resource, client,
    appointment, seat, time, audit, agreement, messages); each row once.
    """
    make_rule(office.practice)
    path, wish = asked(office)
    flushes.clear()
    with listening() as statements:
        api.post(path, wish)
    assert len(statements) <= 11, statements
    assert not [each for each in statements if each.startswith("UPDATE")]
    assert flushes == []


def test_whoever_comes_again_costs_three_less(api: Caller, office: Office) -> None:
    booked(api, office, start=at(9, days=2).isoformat())
    path, wish = asked(office)
    with listening() as statements:
        api.post(path, wish)
    assert len(statements) <= 8, statements  # Agreed in these words for this number before, too.


def test_more_therapists_and_more_people_cost_nothing_more(api: Caller, office: Office) -> None:
    couple = make_office(service={"kind": ServiceKind.COUPLE, "capacity": 2})
    for _ in range(5):
        make_therapist(couple.practice, couple.service)
    path = path_of(couple, "/appointments")
    wish = booking_of(couple, start=at(14, days=2).isoformat(), therapist=couple.therapist.public_id)
    wish["client"] |= CLIENT
    wish["others"] = [{**wish["client"], "name": "Another One", "email": "another@example.com", "jurisdiction": "CO"}]
    with listening() as statements:
        api.post(path, wish)
    assert len(statements) <= 11, statements


def test_whoever_comes_too_late_costs_two(api: Caller, office: Office) -> None:
    """Nothing is written before it is sure that the slot is offered."""
    start = at(14, days=2).isoformat()
    booked(api, office, start=start)
    late = booking_of(office, start=start)
    late["client"] |= {**CLIENT, "email": "late@example.com"}
    path = path_of(office, "/appointments")
    with listening() as statements:
        api.refused("slot_taken", "POST", path, json=late)
    assert [each.split()[0] for each in statements] == ["SELECT"] * 2, statements


def test_a_move_takes_thirteen_statements(api: Caller, office: Office, flushes: list[Session]) -> None:
    """Five reads (lock, appointment, calendars, audit, files), what was said so far, and the writes: time given
    back, noted as free and taken, appointment, audit, messages taken back and planned.
    """
    made = booked(api, office, start=at(14, days=2).isoformat())
    wish = {**MOVES, "therapist": office.therapist.public_id}
    flushes.clear()
    with listening() as statements:
        moved = api.post(f"/appointments/{made['manage_token']}/move", wish, status=200)
    assert moved["start"] != made["start"]
    assert len(statements) <= 13, [each[:70] for each in statements]
    assert len(flushes) == 1


def test_whoever_moves_too_late_costs_three(api: Caller, office: Office) -> None:
    """Lock, appointment, calendars: nothing is given back or planned before it is sure that the slot is offered."""
    booked(api, office, start=MOVES["start"])
    made = booked(api, office, start=at(14, days=2).isoformat())
    wish = {**MOVES, "therapist": office.therapist.public_id}
    with listening() as statements:
        api.refused("slot_taken", "POST", f"/appointments/{made['manage_token']}/move", json=wish)
    assert [each.split()[0] for each in statements] == ["SELECT"] * 3, statements


@contextmanager
def connecting() -> Iterator[list[object]]:
    """How often a connection is taken: each is a savepoint here."""
    taken: list[object] = []

    def note(connection: object, *_: object) -> None:
        taken.append(connection)

    db.session.rollback()
    event.listen(db.engine, "savepoint", note)
    yield taken
    event.remove(db.engine, "savepoint", note)


def test_one_connection_is_taken_for_a_booking(api: Caller, office: Office) -> None:
    """On PostgreSQL taking one asks whether it still lives, which is a round trip."""
    with connecting() as taken:
        booked(api, office, start=at(14, days=2).isoformat())
    assert len(taken) == 1


@pytest.mark.parametrize("what", ["move", "confirm", "cancel"])
def test_one_is_taken_for_what_a_client_changes_by_link(api: Caller, office: Office, what: str) -> None:
    made = booked(api, office, start=at(14, days=2).isoformat())
    with connecting() as taken:
        api.post(f"/appointments/{made['manage_token']}/{what}", MOVES if what == "move" else {}, status=200)
    assert len(taken) == 1
