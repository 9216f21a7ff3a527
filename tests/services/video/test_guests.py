"""Inviting somebody to one video appointment: by a link of their own, until that is ended."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from telehealth.database import db
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound, OpenElsewhere, RoomClosed
from telehealth.domain.video.calls import CallerRole, CallerState, GuestKind, say_whom
from telehealth.domain.video.guests import MOST_EVER_INVITED, MOST_GUESTS, GuestFacts
from telehealth.domain.words import Mode
from telehealth.models import Appointment, AppointmentEvent, Caller, CallGuest
from telehealth.queries.video.guests import list_guests, list_invited
from telehealth.services.audit import ActedBy
from telehealth.services.video.coming import Came, Comer, come
from telehealth.services.video.exchanging import exchange
from telehealth.services.video.inviting import end_guest, invite_guest
from tests.factories import BY_CLIENT, BY_STAFF, Office, book, cancel, make_office
from tests.factories.rows import change
from tests.moments import at

pytestmark = pytest.mark.usefixtures("database")

STARTS = at(10, days=3)
NOW = STARTS - timedelta(minutes=5)
ANA = GuestFacts("Ana Gómez", GuestKind.INTERPRETER, locale="es")


@pytest.fixture
def office() -> Office:
    return make_office()


@pytest.fixture
def appointment(office: Office) -> Appointment:
    return book(office, STARTS)


def invite(
    appointment: Appointment, facts: GuestFacts = ANA, *, by: ActedBy = BY_STAFF, now: datetime = NOW
) -> CallGuest:
    return invite_guest(practice_id=appointment.practice_id, appointment_id=appointment.id, facts=facts, by=by, now=now)


def end(appointment: Appointment, guest: CallGuest, *, by: ActedBy = BY_STAFF) -> CallGuest:
    return end_guest(
        practice_id=appointment.practice_id, appointment_id=appointment.id, guest_public_id=guest.public_id,
        by=by, now=NOW,
    )  # fmt: skip


def comes(guest: CallGuest) -> Came:
    whom = say_whom(CallerRole.GUEST, guest.public_id)
    comer = Comer(whom, CallerRole.GUEST, guest.name, guest_kind=guest.kind)
    return come(practice_id=guest.practice_id, appointment_id=guest.appointment_id, comer=comer, by=BY_STAFF, now=NOW)


def lines(appointment: Appointment) -> list[tuple[AuditAction, dict[str, object]]]:
    found = db.session.query(AppointmentEvent).filter_by(appointment_id=appointment.id).order_by(AppointmentEvent.id)
    return [(each.action, {k: v for k, v in each.details.items() if k != "sequence"}) for each in found][1:]


def test_a_guest_is_invited_once_and_it_is_on_record_without_their_name(appointment: Appointment) -> None:
    made = invite(appointment)
    assert invite(appointment, GuestFacts("  Ana   Gómez ", GuestKind.INTERPRETER, locale="es")).id == made.id
    assert (made.name, made.kind, made.locale, made.email) == ("Ana Gómez", GuestKind.INTERPRETER, "es", "")
    about = {"guest": made.public_id, "guest_kind": "interpreter"}
    assert lines(appointment) == [(AuditAction.GUEST_INVITED, about)]
    end(appointment, made)
    end(appointment, made)
    assert lines(appointment)[1:] == [(AuditAction.GUEST_ENDED, about)]
    assert [each.name for each in list_guests(appointment)] == ["Ana Gómez"]
    assert list_invited(appointment) == []


def test_only_staff_invite_and_end(appointment: Appointment) -> None:
    with pytest.raises(NotAllowed):
        invite(appointment, by=BY_CLIENT)
    made = invite(appointment)
    with pytest.raises(NotAllowed):
        end(appointment, made, by=BY_CLIENT)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (GuestFacts("  ", GuestKind.OTHER), "name"),
        (GuestFacts("Win at www.example.com", GuestKind.OTHER), "name"),
        (GuestFacts("Ana", GuestKind.OTHER, email="nowhere"), "email"),
        (GuestFacts("Ana", GuestKind.OTHER, locale="xx"), "locale"),
    ],
)
def test_what_cannot_be_used_is_said_by_field(appointment: Appointment, facts: GuestFacts, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        invite(appointment, facts)
    assert list(refusal.value.fields) == [field]
    assert list_guests(appointment) == []


def test_nobody_is_invited_to_what_has_no_room(office: Office, appointment: Appointment) -> None:
    with pytest.raises(InvalidInput):
        invite(appointment, now=appointment.ends_at + timedelta(hours=12))
    change(appointment, mode=Mode.PHONE)
    with pytest.raises(InvalidInput):
        invite(appointment)
    other = book(office, at(12, days=3))
    cancel(other)
    with pytest.raises(InvalidInput):
        invite(other)


def test_there_are_only_so_many(appointment: Appointment) -> None:
    for number in range(MOST_EVER_INVITED):
        made = invite(appointment, GuestFacts(f"Guest {number}", GuestKind.OTHER))
        if number >= MOST_GUESTS - 1:
            if number == MOST_GUESTS - 1:
                with pytest.raises(InvalidInput) as refusal:
                    invite(appointment)
                assert "end one" in refusal.value.fields["name"]
            end(appointment, made)
    with pytest.raises(InvalidInput) as refusal:
        invite(appointment)
    assert "as many as can be" in refusal.value.fields["name"]


def test_another_practices_appointment_and_guest_are_not_found(appointment: Appointment) -> None:
    other = book(make_office(), STARTS)
    made = invite(appointment)
    with pytest.raises(NotFound):
        invite_guest(practice_id=other.practice_id, appointment_id=appointment.id, facts=ANA, by=BY_STAFF, now=NOW)
    with pytest.raises(NotFound):
        end(other, made)


def test_a_guest_who_is_ended_is_out_at_once_and_their_key_opens_nothing(appointment: Appointment) -> None:
    made = invite(appointment)
    came = comes(made)
    who = {"caller_public_id": came.caller_public_id, "key": came.key}
    assert exchange(**who, after=0, now=NOW).caller.state == CallerState.WAITING
    end(appointment, made)
    caller = db.session.query(Caller).filter_by(public_id=came.caller_public_id).one()
    assert (caller.state, caller.guest_kind, caller.attendee_id) == (CallerState.REMOVED, GuestKind.INTERPRETER, None)
    with pytest.raises((RoomClosed, OpenElsewhere)):
        exchange(**who, after=0, now=NOW)


def test_what_lets_a_guest_stay_ends_with_the_appointment(appointment: Appointment) -> None:
    came = comes(invite(appointment))
    cancel(appointment)
    with pytest.raises(RoomClosed):
        exchange(caller_public_id=came.caller_public_id, key=came.key, after=0, now=NOW)
