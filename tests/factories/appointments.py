from __future__ import annotations

from datetime import datetime
from typing import Any

from telehealth.domain.audit_words import Actor
from telehealth.domain.words import Mode
from telehealth.models import Appointment, Hold
from telehealth.services.appointments.booking import BookingWish, book_appointment
from telehealth.services.appointments.cancelling import cancel_appointment
from telehealth.services.appointments.holding import HoldWish, keep_slot
from telehealth.services.appointments.moving import Destination, move_appointment
from telehealth.services.audit import ActedBy
from tests.factories.contacts import make_contact
from tests.factories.offices import Office
from tests.factories.rows import number
from tests.moments import NOW, at

BY_CLIENT = ActedBy(Actor.CLIENT)
BY_STAFF = ActedBy(Actor.STAFF)


def make_wish(office: Office, starts_at: datetime | None = None, **given: Any) -> BookingWish:
    """Tomorrow at ten by video with the office's therapist. In person means at the office's location."""
    mode = given.get("mode", Mode.VIRTUAL)
    usual = {
        "service": office.service.public_id,
        "starts_at": starts_at or at(10),
        "mode": mode,
        "therapist": office.therapist.public_id,
        "location": office.location.public_id if mode == Mode.IN_PERSON else None,
        "contact": make_contact(jurisdiction=None) if mode == Mode.IN_PERSON else make_contact(),
    }
    return BookingWish(**{**usual, **given})


def book(
    office: Office, starts_at: datetime | None = None, *, by: ActedBy = BY_CLIENT, now: datetime = NOW, **given: Any
) -> Appointment:
    """Book through the real service. ``given`` goes into the wish."""
    wish = make_wish(office, starts_at, **given)
    return book_appointment(practice=office.practice.id, wish=wish, by=by, now=now)


def cancel(appointment: Appointment, *, by: ActedBy = BY_CLIENT, now: datetime = NOW, **given: Any) -> Appointment:
    """Cancel through the real service."""
    return cancel_appointment(
        practice_id=appointment.practice_id, appointment_id=appointment.id, by=by, now=now, **given
    )


def move(
    appointment: Appointment, starts_at: datetime, *, by: ActedBy = BY_CLIENT, now: datetime = NOW, **given: Any
) -> Appointment:
    """Move through the real service. ``given`` goes into the destination."""
    to = Destination(starts_at=starts_at, **{"mode": appointment.mode, **given})
    return move_appointment(practice_id=appointment.practice_id, appointment_id=appointment.id, to=to, by=by, now=now)


def hold(
    office: Office,
    starts_at: datetime | None = None,
    *,
    now: datetime = NOW,
    replaces: str | None = None,
    network: str = "",
    **given: Any,
) -> Hold:
    """Keep a slot through the real service: tomorrow at ten by video, from a network of its own."""
    usual = {
        "service": office.service.public_id,
        "starts_at": starts_at or at(10),
        "mode": Mode.VIRTUAL,
        "therapist": office.therapist.public_id,
        "jurisdiction": "CO",
    }
    wish = HoldWish(**{**usual, **given})
    network = network or f"network-{number()}"
    return keep_slot(practice_id=office.practice.id, wish=wish, network=network, now=now, replaced_public_id=replaces)
