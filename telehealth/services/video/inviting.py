"""Inviting somebody to one video appointment, and taking that back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.appointments.joining import Door
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.video.calls import PRESENT, CallerRole, CallerState, say_whom
from telehealth.domain.video.guests import MOST_EVER_INVITED, MOST_GUESTS, GuestFacts, clean_guest
from telehealth.models import Appointment, Caller, CallGuest, VideoCall
from telehealth.queries.video.doors import find_door, has_room
from telehealth.services.audit import ActedBy, record_event
from telehealth.services.consent.call_keys import end_call_keys
from telehealth.services.locking import lock_appointment
from telehealth.services.video.coming import lock_callers, put

NOT_BY_VIDEO = "Guests can come to appointments that are booked, by video, and not over. Nobody was invited."
ENOUGH_GUESTS = f"{MOST_GUESTS} guests are invited already. Please end one of the invitations first."
TOO_MANY_INVITED = f"{MOST_EVER_INVITED} people were invited to this appointment already, which is as many as can be."


@retry_on_conflict
def invite_guest(*, practice_id: int, appointment_id: int, facts: GuestFacts, by: ActedBy, now: datetime) -> CallGuest:
    """Invite somebody to the room of an appointment, whom its therapist lets in. The same person once more, as they are
    written down, is the invitation that there is. Staff only. Raises NotFound, NotAllowed, InvalidInput by field.
    """
    by.require_staff()
    clean = clean_guest(facts)
    with transaction() as session:
        appointment = lock_appointment(session, practice_id, appointment_id)
        known = session.scalars(select(CallGuest).filter_by(appointment_id=appointment.id)).all()
        invited = [each for each in known if each.ended_at is None]
        same = next((each for each in invited if _facts_of(each) == clean), None)
        if same is not None:
            return same
        _require_welcome(appointment, now=now)
        if len(invited) >= MOST_GUESTS or len(known) >= MOST_EVER_INVITED:
            raise InvalidInput({"name": ENOUGH_GUESTS if len(invited) >= MOST_GUESTS else TOO_MANY_INVITED})
        made = CallGuest(
            practice_id=practice_id,
            appointment_id=appointment.id,
            name=clean.name,
            kind=clean.kind,
            email=clean.email,
            locale=clean.locale,
            invited_by_id=by.user_id,
            created_at=now,
        )
        session.add(made)
        session.flush()
        about = {"guest": made.public_id, "guest_kind": made.kind}
        record_event(session, appointment, AuditAction.GUEST_INVITED, by, now=now, **about)
        return made


@retry_on_conflict
def end_guest(*, practice_id: int, appointment_id: int, guest_public_id: str, by: ActedBy, now: datetime) -> CallGuest:
    """They are not invited any more: their link opens nothing, and if they are in the room, they are out of it. Twice
    is as good as once. Staff only. Raises NotFound, NotAllowed.
    """
    by.require_staff()
    with transaction() as session:
        appointment = lock_appointment(session, practice_id, appointment_id)
        which = {"appointment_id": appointment.id, "public_id": guest_public_id}
        found = session.scalar(select(CallGuest).filter_by(**which).execution_options(populate_existing=True))
        if found is None:
            raise NotFound
        if found.ended_at is None:
            found.ended_at, found.links_version = now, found.links_version + 1
            _put_guest_out(session, appointment, found, now=now)
            about = {"guest": found.public_id, "guest_kind": found.kind}
            record_event(session, appointment, AuditAction.GUEST_ENDED, by, now=now, **about)
        return found


def _require_welcome(appointment: Appointment, *, now: datetime) -> None:
    if not has_room(appointment) or find_door(appointment, now=now) == Door.OVER:
        raise InvalidInput({"name": NOT_BY_VIDEO})


def _put_guest_out(session: Session, appointment: Appointment, guest: CallGuest, *, now: datetime) -> None:
    """Out of the room at once, and not only when their own browser asks next: the others' let go of them by it."""
    call_id = session.scalar(select(VideoCall.id).filter_by(appointment_id=appointment.id))
    if call_id is None:
        return
    whom = say_whom(CallerRole.GUEST, guest.public_id)
    for each in lock_callers(session, call_id):
        if each.whom == whom:
            each.admitted_at = None
            if each.state in PRESENT:
                put(session, each, CallerState.REMOVED, now=now)
    session.flush()
    end_call_keys(session, Caller.whom == whom)


def _facts_of(guest: CallGuest) -> GuestFacts:
    return GuestFacts(guest.name, guest.kind, guest.email, guest.locale)
