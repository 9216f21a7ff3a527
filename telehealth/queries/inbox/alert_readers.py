"""Who is told at once of a text that must not wait, and where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from telehealth.database import db
from telehealth.domain.words import AppointmentStatus, Channel, MessageKind, Role
from telehealth.models import Appointment, Attendee, InboundText, Message, Practice, RoleRecord, Task, Therapist, User

THERAPIST, USER, PRACTICE = "therapist:", "user:", "practice:"
"""How alerts name their readers."""
OF_THE_DESK = (Role.OWNER, Role.FRONT_DESK)
OFF = AppointmentStatus.CANCELLED


@dataclass(frozen=True, slots=True)
class AlertReader:
    """Somebody on duty, or the practice itself: the key by which messages name them, and where they are reached; empty
    where they are not.
    """

    key: str
    email: str = ""
    phone: str = ""
    therapist_id: int | None = None

    def address(self, channel: Channel) -> str:
        """Where they are reached on a channel."""
        return self.phone if channel == Channel.TEXT else self.email


def list_alert_readers(practice: Practice, therapists: Iterable[Therapist]) -> list[AlertReader]:
    """The therapists who are concerned, at the address with which they sign in; the number that the practice keeps for
    this; then everybody at the front desk, and the owners.
    """
    theirs = [_therapist(each) for each in therapists if each.ended_at is None]
    ours = [AlertReader(PRACTICE, phone=practice.alert_phone)] if practice.alert_phone else []
    return [*theirs, *ours, *(AlertReader(f"{USER}{each.id}", each.email) for each in _at_the_desk(practice.id))]


def practice_mailbox(practice: Practice) -> AlertReader:
    """The practice's own address, for when nobody else is reached."""
    return AlertReader(PRACTICE, practice.email)


def list_therapists_of(clients: Collection[int], *, now: datetime) -> Sequence[Therapist]:
    """Who gives the next appointment of some clients, else who gave their last one; nobody when they never had any."""
    theirs = (
        select(Appointment)
        .join(Appointment.attendees)
        .where(Attendee.client_id.in_(list(clients)), Attendee.status != OFF, Appointment.status != OFF)
        .limit(1)
    )
    ahead = theirs.where(Appointment.ends_at > now).order_by(Appointment.starts_at, Appointment.id)
    before = theirs.where(Appointment.ends_at <= now).order_by(Appointment.starts_at.desc(), Appointment.id.desc())
    found = (db.session.scalar(ahead) or db.session.scalar(before)) if clients else None
    return found.therapists if found is not None else []


def count_texts_told(inbound: InboundText, *, since: datetime) -> int:
    """How many other texts from the same number staff were alerted of since an instant."""
    told = (
        select(func.count(Message.inbound_id.distinct()))
        .join(InboundText, InboundText.id == Message.inbound_id)
        .where(
            InboundText.practice_id == inbound.practice_id,
            InboundText.sender == inbound.sender,
            InboundText.received_at >= since,
            InboundText.id != inbound.id,
            Message.kind == MessageKind.ALERT,
        )
    )
    return db.session.scalar(told) or 0


def find_task_of_alert(inbound_id: int) -> Task | None:
    """The task to look at: the last one about the text, or about what we answered to it."""
    about = or_(Task.inbound_id == inbound_id, Message.inbound_id == inbound_id)
    last = select(Task).outerjoin(Message, Message.id == Task.message_id).where(about)
    last = last.where(Message.kind.is_distinct_from(MessageKind.ALERT))
    return db.session.scalar(last.order_by(Task.id.desc()).limit(1))


def _therapist(therapist: Therapist) -> AlertReader:
    login = db.session.get(User, therapist.user_id) if therapist.user_id is not None else None
    email = login.email if login is not None and login.active else therapist.email
    return AlertReader(THERAPIST + therapist.public_id, email, therapist.phone or "", therapist.id)


def _at_the_desk(practice_id: int) -> Sequence[User]:
    """Logins that are open, in order."""
    with_role = User.roles.any(RoleRecord.name.in_([each.value for each in OF_THE_DESK]))
    theirs = select(User).where(User.practice_id == practice_id, User.active, with_role)
    return db.session.scalars(theirs.order_by(User.id)).all()
