"""Appointments that wait for the practice's yes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.errors import LinkInvalid
from telehealth.domain.links import Linked
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Attendee
from telehealth.queries.loading import APPOINTMENTS, is_given_by, with_everything

ANSWERS = frozenset({AuditAction.APPROVED, AuditAction.DECLINED, AuditAction.EXPIRED, AuditAction.CANCELLED})
"""How the audit names what can become of a request."""


def list_requests(practice_id: int, *, therapist_id: int | None, now: datetime) -> Sequence[Appointment]:
    """What somebody still has to answer, the most urgent first; of one therapist when given."""
    statement = APPOINTMENTS.where(
        Appointment.practice_id == practice_id,
        Appointment.status == AppointmentStatus.PENDING,
        Appointment.expires_at > now,
    )
    if therapist_id is not None:
        statement = statement.where(is_given_by(therapist_id))
    return db.session.scalars(statement.order_by(Appointment.expires_at, Appointment.id)).unique().all()


def find_met(requests: Sequence[Appointment]) -> set[int]:
    """Who of those that ask has had an appointment before that the practice agreed to: ids of clients."""
    unsure = (AppointmentStatus.PENDING, AppointmentStatus.CANCELLED)
    theirs = {each.client_id for request in requests for each in request.attendees}
    met = select(Attendee.client_id).where(Attendee.client_id.in_(theirs), Attendee.status.not_in(unsure)).distinct()
    return set(db.session.scalars(met)) if theirs else set()


def find_answer(appointment: Appointment) -> AuditAction | None:
    """How a request ended: with a yes, a no, without an answer in time, or taken back; None while it waits. Of one that
    was asked for again, how that ended.
    """
    answer = None
    for line in appointment.events:
        if line.action == AuditAction.MOVED and line.details["after"].get("status") == AppointmentStatus.PENDING:
            answer = None
        elif line.action in ANSWERS and answer is None:
            answer = line.action
    return answer


def find_request_by_link(link: Linked) -> Appointment:
    """The request that a signed link names, answered or not. Raises LinkInvalid."""
    statement = with_everything(select(Appointment)).where(Appointment.public_id == link.public_id)
    found = db.session.scalars(statement).unique().one_or_none()
    if found is None:
        raise LinkInvalid
    return found
