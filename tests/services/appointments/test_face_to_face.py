"""When clients and therapists met: counted from our own room, said by staff, taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.appointments.face_to_face import FaceToFace, Stay
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.errors import ImpossibleStatus, InvalidInput, NotAllowed, NotFound
from telehealth.domain.words import TimeSource
from telehealth.models import Appointment, AppointmentEvent
from telehealth.queries.appointments.face_to_face import find_face_to_face, list_face_to_face
from telehealth.services.appointments.face_to_face import say_met
from tests.factories import BY_CLIENT, BY_STAFF, book, cancel, make_contact, make_couple_office, make_office
from tests.factories.calls import make_visit
from tests.moments import at

pytestmark = pytest.mark.usefixtures("database")

STARTS = at(10, days=3)
OVER = STARTS + timedelta(hours=1)


@pytest.fixture
def appointment() -> Appointment:
    return book(make_office(), STARTS, contact=make_contact(name="Jane Doe"))


@pytest.fixture
def couple() -> Appointment:
    others = [make_contact(name="Ben Doe", email="ben@example.com")]
    return book(make_couple_office(), STARTS, contact=make_contact(name="Jane Doe"), others=others)


def says(appointment: Appointment, since: int, until: int, **given: Any) -> None:
    met = Stay(STARTS + timedelta(minutes=since), STARTS + timedelta(minutes=until))
    put(appointment, met, **given)


def put(appointment: Appointment, met: Stay | None, **given: Any) -> None:
    which = {"practice_id": appointment.practice_id, "appointment_id": appointment.id}
    say_met(**{**which, "met": met, "by": BY_STAFF, "now": OVER, **given})


def lines() -> list[AppointmentEvent]:
    said = select(AppointmentEvent).filter_by(action=AuditAction.MET_SAID).order_by(AppointmentEvent.id)
    return list(db.session.scalars(said))


def brief(met: FaceToFace | None) -> tuple[int, int, int, TimeSource] | None:
    def minute(instant: Any) -> int:
        return int((instant - STARTS) / timedelta(minutes=1))

    return met and (minute(met.starts_at), minute(met.ends_at), met.minutes, met.source)


def test_it_is_counted_from_who_was_inside_with_several_returns(appointment: Appointment) -> None:
    (jane,) = appointment.attendees
    make_visit(appointment, -2, 52)
    make_visit(appointment, 1, 20, seat=jane, name="Jane")
    make_visit(appointment, 23, 51, seat=jane, name="Jane")
    met = find_face_to_face(appointment)
    assert brief(met.seats[jane.id]) == (1, 51, 47, TimeSource.ROOM)
    assert met.together == met.seats[jane.id]
    assert [(each.name, len(each.stays)) for each in met.inside] == [("Dana", 1), ("Jane", 2)]
    assert {key: each.minutes for key, each in list_face_to_face([jane.id]).items()} == {jane.id: 47}


def test_who_is_still_inside_counts_up_to_when_they_were_last_heard_of(appointment: Appointment) -> None:
    (jane,) = appointment.attendees
    make_visit(appointment, 0, None, seen_at=STARTS + timedelta(minutes=30))
    make_visit(appointment, 5, None, seat=jane, name="Jane", seen_at=STARTS + timedelta(minutes=25))
    assert brief(find_face_to_face(appointment).seats[jane.id]) == (5, 25, 20, TimeSource.ROOM)


def test_each_of_a_couple_has_their_own_time(couple: Appointment) -> None:
    jane, ben = couple.attendees
    make_visit(couple, 0, 50)
    make_visit(couple, 0, 30, seat=jane, name="Jane")
    make_visit(couple, 20, 50, seat=ben, name="Ben")
    met = find_face_to_face(couple)
    assert [met.seats[each.id].minutes for each in (jane, ben)] == [30, 30]
    assert met.together is not None
    assert met.together.minutes == 50
    says(couple, 0, 45, attendee_id=ben.id, reason="He sat beside her.")
    met = find_face_to_face(couple)
    assert brief(met.seats[ben.id]) == (0, 45, 45, TimeSource.STAFF)
    assert brief(met.seats[jane.id]) == (0, 30, 30, TimeSource.ROOM)
    assert met.counted[ben.id].minutes == 30


def test_nothing_is_known_of_what_was_elsewhere_until_staff_say_it(appointment: Appointment) -> None:
    (jane,) = appointment.attendees
    assert find_face_to_face(appointment).seats == {}
    assert list_face_to_face([jane.id]) == {}
    says(appointment, 2, 51)
    assert brief(find_face_to_face(appointment).seats[jane.id]) == (2, 51, 49, TimeSource.STAFF)
    (line,) = lines()
    assert line.details["before"] == {"met_from": None, "met_until": None}
    assert line.details["after"]["met_from"] == (STARTS + timedelta(minutes=2)).isoformat()


def test_what_was_counted_is_put_right_with_a_reason_and_that_is_taken_back(appointment: Appointment) -> None:
    (jane,) = appointment.attendees
    make_visit(appointment, 0, 50)
    make_visit(appointment, 0, 30, seat=jane, name="Jane")
    with pytest.raises(InvalidInput, match="check"):
        says(appointment, 0, 50)
    says(appointment, 0, 50, reason="We went on by phone.")
    says(appointment, 0, 50, reason="We went on by phone.")  # Twice is once.
    assert find_face_to_face(appointment).seats[jane.id].minutes == 50
    put(appointment, None)
    assert brief(find_face_to_face(appointment).seats[jane.id]) == (0, 30, 30, TimeSource.ROOM)
    first, second = lines()
    assert first.details["reason"] == "We went on by phone."
    assert second.details["before"] == first.details["after"]


def test_nobody_met_in_what_was_cancelled_and_clients_say_nothing(appointment: Appointment) -> None:
    with pytest.raises(NotAllowed):
        says(appointment, 0, 50, by=BY_CLIENT)
    with pytest.raises(NotFound):
        says(appointment, 0, 50, attendee_id=0)
    with pytest.raises(NotFound):
        says(appointment, 0, 50, practice_id=0)
    cancel(appointment)
    with pytest.raises(ImpossibleStatus):
        says(appointment, 0, 50)
    assert lines() == []
