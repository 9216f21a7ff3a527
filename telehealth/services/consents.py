"""Whether a client wants texts: theirs alone to say, and kept with exactly the words they agreed to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from telehealth.database import steady, transaction
from telehealth.domain.contact import TEXT_CONSENT, clean_phone
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.models import Attendee
from telehealth.services import messages
from telehealth.services.audit import By, record
from telehealth.services.locking import locked


@steady
def set_texts(*, attendee: str, wants: bool, by: By, now: datetime, phone: str = "") -> Attendee:
    """Turn texts about one appointment on or off for one seat (its public id); what was planned for it is planned anew.

    Without a ``phone`` the number on file is used. Raises NotFound, and InvalidInput when there is no number to text.
    """
    with transaction() as session:
        found = session.execute(
            select(Attendee.practice_id, Attendee.appointment_id).where(Attendee.public_id == attendee)
        ).one_or_none()
        if found is None:
            raise NotFound
        appointment = locked(session, found.practice_id, found.appointment_id)
        seat = next(each for each in appointment.attendees if each.public_id == attendee)
        if wants:
            seat.phone = _number(phone or seat.phone or "")
            wording = TEXT_CONSENT.format(sender=appointment.practice.sender_name)
            seat.text_consent_at, seat.text_consent_wording = now, wording
        else:
            seat.text_consent_at = seat.text_consent_wording = None
        session.flush()
        record(session, appointment, "texts on" if wants else "texts off", by, now=now, attendee=seat.public_id)
        messages.replan(session, appointment, now=now, only=[seat])
        return seat


def _number(typed: str) -> str | None:
    try:
        return clean_phone(typed, needed=True)
    except ValueError as problem:
        raise InvalidInput({"phone": str(problem)}) from problem
