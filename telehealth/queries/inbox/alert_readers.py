"""Who is told of what waits, and where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.access import STAFF_ROLES
from telehealth.domain.inbox.alert_steps import CHANNELS, AlertStep, AlertTo, AlertWay, is_on
from telehealth.domain.inbox.alerting import AlertReason
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.words import AppointmentStatus, Role
from telehealth.models import (
    Alert,
    Appointment,
    Attendee,
    DutyTurn,
    InboundText,
    Message,
    Practice,
    RoleRecord,
    Task,
    Therapist,
    User,
)

THERAPIST, USER, PRACTICE = "therapist:", "user:", "practice:"
"""How alerts name their readers."""
OFF = AppointmentStatus.CANCELLED


@dataclass(frozen=True, slots=True)
class AlertReader:
    """Somebody on duty, or the practice itself: the key by which messages name them, and where they are reached; empty
    where they are not: a number counts once it is proved to be theirs. ``way`` is how they want to be told, when they
    have chosen.
    """

    key: str
    email: str = ""
    phone: str = ""
    therapist_id: int | None = None
    way: AlertWay | None = None

    def address(self, channel: Channel) -> str:
        """Where they are reached on a channel."""
        return self.phone if channel == Channel.TEXT else self.email

    def channels(self, way: AlertWay) -> tuple[Channel, ...]:
        """On which they are told by a step that goes this way: as they have chosen, and by e-mail without a number."""
        if self.key == PRACTICE:
            return CHANNELS[way]
        wanted = tuple(each for each in CHANNELS[self.way or way] if self.address(each))
        return wanted or (Channel.EMAIL,)


class AlertReaders:
    """The people of one practice, asked for once each: a round of alerts is about the same few."""

    def __init__(self, practice: Practice, *, now: datetime) -> None:
        """At an aware instant, which says who is on duty."""
        self.practice = practice
        self._wall = walltime.wall(now, walltime.zone(practice.timezone))
        self._staff: Sequence[User] | None = None
        self._on_duty: list[User] | None = None

    def of_step(self, step: AlertStep, therapists: Iterable[Therapist]) -> list[AlertReader]:
        """Whom a step tells of something that these therapists are concerned with."""
        if step.to == AlertTo.THERAPIST:
            return [_therapist(each) for each in therapists if each.ended_at is None]
        if step.to == AlertTo.PRACTICE:
            return [AlertReader(PRACTICE, self.practice.email, self.practice.alert_phone or "")]
        return [_user(each) for each in self._logins(step)]

    def _logins(self, step: AlertStep) -> Sequence[User]:
        owners = [each for each in self.staff if each.has(Role.OWNER)]
        match step.to:
            case AlertTo.OWNERS:
                return owners
            case AlertTo.FRONT_DESK:
                return [each for each in self.staff if each.has(Role.FRONT_DESK)]
            case AlertTo.ON_DUTY:
                return self.on_duty or owners
            case AlertTo.PERSON:
                return [each for each in self.staff if each.public_id == step.person]
            case _:
                return []

    @property
    def staff(self) -> Sequence[User]:
        """Logins that are open and may do something about it, in order."""
        if self._staff is None:
            self._staff = list_staff(self.practice.id)
        return self._staff

    @property
    def on_duty(self) -> list[User]:
        """Who is on duty now by the roster."""
        if self._on_duty is None:
            turns = db.session.scalars(select(DutyTurn).where(DutyTurn.practice_id == self.practice.id)).all()
            ids = {each.user_id for each in turns if is_on((each.weekday,), each.starts, each.ends, at=self._wall)}
            self._on_duty = [each for each in self.staff if each.id in ids]
        return self._on_duty


def list_staff(practice_id: int) -> Sequence[User]:
    """Who is signed in to do something, in order: open logins with a role that changes things."""
    with_role = User.roles.any(RoleRecord.name.in_([each.value for each in STAFF_ROLES]))
    theirs = select(User).where(User.practice_id == practice_id, User.active, with_role)
    return db.session.scalars(theirs.options(selectinload(User.roles), joinedload(User.login)).order_by(User.id)).all()


def find_own_number(user_id: int) -> tuple[str, bool, AlertWay | None]:
    """Where somebody wants to be texted when something waits (empty: nowhere), whether it is proved, and how they want
    to be told; None: as the practice's rules say.
    """
    user = db.session.get_one(User, user_id)
    return user.alerted_at or "", bool(user.alerted_at) and user.has_proved_number, user.alert_way


def list_duty_turns(practice_id: int) -> list[tuple[DutyTurn, User]]:
    """The roster of a practice in the order of a week, with the people."""
    found = select(DutyTurn, User).join(User, User.id == DutyTurn.user_id)
    ordered = found.where(DutyTurn.practice_id == practice_id).order_by(DutyTurn.weekday, DutyTurn.starts, DutyTurn.id)
    return [(turn, person) for turn, person in db.session.execute(ordered)]


def list_mailboxes(practice: Practice, recipient: str) -> Iterator[AlertReader]:
    """Where somebody is e-mailed whom a text did not reach; then the practice's own, for when nobody is."""
    if recipient.startswith(THERAPIST):
        found = select(Therapist).where(Therapist.public_id == recipient.removeprefix(THERAPIST))
        yield from (_therapist(each) for each in db.session.scalars(found))
    elif recipient.startswith(USER):
        login = db.session.get(User, int(recipient.removeprefix(USER)))
        yield from [_user(login)] if login is not None and login.active else []
    yield practice_mailbox(practice)


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


def list_therapists_concerned(alert: Alert, *, now: datetime) -> Sequence[Therapist]:
    """Whose client it is about, as far as that is known: who gives the appointment, else the client's next or last."""
    if alert.appointment is not None:
        return alert.appointment.therapists
    task = alert.task
    if task is None:
        return []
    if task.appointment_id is not None:
        return db.session.get_one(Appointment, task.appointment_id).therapists
    return list_therapists_of([task.client_id], now=now) if task.client_id is not None else []


def count_texts_told(inbound: InboundText, *, since: datetime) -> int:
    """How many other texts from the same number staff were alerted of since an instant."""
    told = (
        select(func.count(Task.inbound_id.distinct()))
        .join(InboundText, InboundText.id == Task.inbound_id)
        .join(Alert, Alert.task_id == Task.id)
        .where(
            InboundText.practice_id == inbound.practice_id,
            InboundText.sender == inbound.sender,
            InboundText.received_at >= since,
            InboundText.id != inbound.id,
            select(Message.id).where(Message.alert_id == Alert.id, Message.kind == MessageKind.ALERT).exists(),
        )
    )
    return db.session.scalar(told) or 0


def is_loss_known(inbound: InboundText, why: AlertReason) -> bool:
    """Whether staff were alerted already that our answer to a text was lost: sent again, it may be lost again."""
    known = (
        select(Alert.id)
        .join(Task, Task.id == Alert.task_id)
        .join(Message, Message.id == Task.message_id)
        .where(Alert.reason == why, Message.inbound_id == inbound.id)
    )
    return db.session.scalar(known.limit(1)) is not None


def find_task_about(inbound: InboundText) -> Task | None:
    """The last task about a text, or about what we answered to it."""
    about = or_(Task.inbound_id == inbound.id, Message.inbound_id == inbound.id)
    last = select(Task).outerjoin(Message, Message.id == Task.message_id).where(about)
    return db.session.scalar(last.order_by(Task.id.desc()).limit(1))


def _therapist(therapist: Therapist) -> AlertReader:
    login = db.session.get(User, therapist.user_id) if therapist.user_id is not None else None
    own = login if login is not None and login.active else None
    email = own.email if own is not None else therapist.email
    way = own.alert_way if own is not None else None
    number = therapist.phone if therapist.phone_proved_at is not None else None
    return AlertReader(THERAPIST + therapist.public_id, email, number or "", therapist.id, way)


def _user(user: User) -> AlertReader:
    """Somebody who is a therapist, too, has one number for both."""
    number = user.alerted_at if user.has_proved_number else None
    return AlertReader(f"{USER}{user.id}", user.email, number or "", way=user.alert_way)
