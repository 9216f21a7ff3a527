"""Names for therapists, and whose client somebody is."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select

from telehealth.database import db
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Attendee, Therapist

_PUBLIC_IDS = select(Therapist.id, Therapist.public_id).where(Therapist.id.in_(bindparam("ids", expanding=True)))

_OWN = (
    select(Appointment.therapist_id)
    .join(Attendee, Attendee.appointment_id == Appointment.id)
    .join(Therapist, Therapist.id == Appointment.therapist_id)
    .where(
        Attendee.practice_id == bindparam("practice"),
        Attendee.client_id == bindparam("client"),
        Attendee.status != AppointmentStatus.CANCELLED,
        Appointment.status != AppointmentStatus.CANCELLED,
        Therapist.ended_at.is_(None),
    )
    .order_by(Appointment.starts_at.desc(), Appointment.id.desc())
    .limit(1)
)


def public_ids(ids: Iterable[int]) -> dict[int, str]:
    """The public id of each of these ids. No rows are loaded: the search for slots asks with every request."""
    found = db.session.connection().execute(_PUBLIC_IDS, {"ids": list(set(ids))})
    return {row.id: row.public_id for row in found}


def own_therapist(practice_id: int, client_id: int) -> int | None:
    """The id of the therapist who knows the client: that of their latest appointment that was not cancelled."""
    found: int | None = db.session.connection().scalar(_OWN, {"practice": practice_id, "client": client_id})
    return found


_NAMES = select(Therapist.id, Therapist.name).where(Therapist.id.in_(bindparam("ids", expanding=True)))


def names(ids: Iterable[int]) -> dict[int, str]:
    """The name of each of these ids, also of those who no longer work here."""
    found = db.session.connection().execute(_NAMES, {"ids": list(set(ids))})
    return {row.id: row.name for row in found}
