"""Answers to invites: whose seat an address answers for, what was answered so far, and what other time is proposed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.calendar_words import CalendarAnswer
from telehealth.domain.companions import MessagesTo
from telehealth.domain.consent.contactability import fold_address, reached_at
from telehealth.domain.message_words import Channel, TaskKind
from telehealth.models import Appointment, Attendee, Companion, InviteAnswer, Message, Task

MOST_REFERENCES = 20
"""Ids of ours in one mail that are looked for: strangers write any number of them."""


@dataclass(frozen=True, slots=True)
class Answerer:
    """Whose calendar answered for a seat: the client's, or that of a companion."""

    seat: Attendee
    companion: Companion | None


def find_answerers(session: Session, appointment: Appointment, address: str) -> list[Answerer]:
    """The seats whose invite went to an address, or goes there now: their clients', or those of who acts for them, gets
    their messages, and may change things.
    """
    wanted = fold_address(Channel.EMAIL, address)
    found = []
    acting = _companions_at(session, {each.client_id for each in appointment.seats}, wanted)
    for seat in appointment.seats:
        own = reached_at(seat, seat.client, Channel.EMAIL)
        companion = next((each for each in acting if each.client_id == seat.client_id), None)
        if own is not None and fold_address(Channel.EMAIL, own) == wanted:
            found.append(Answerer(seat, None))
        elif companion is not None:
            found.append(Answerer(seat, companion))
    return found


def _companions_at(session: Session, client_ids: Collection[int], address: str) -> Sequence[Companion]:
    theirs = select(Companion).where(
        Companion.client_id.in_(sorted(client_ids)),
        func.lower(Companion.email) == address,
        Companion.messages_to != MessagesTo.CLIENT,
        Companion.may_change,
        Companion.ended_at.is_(None),
    )
    return session.scalars(theirs.order_by(Companion.id)).all()


def find_last_answer(session: Session, seat: Attendee, *, besides: int, until: datetime) -> InviteAnswer | None:
    """The answer that comes last of those that are proved, another one than this (RFC 5546 section 2.1.5). One that was
    kept as stamped after ``until``, or as to an invite that there is not yet, is not the last of anything.
    """
    proved = select(InviteAnswer).where(
        InviteAnswer.attendee_id == seat.id,
        InviteAnswer.is_proved,
        InviteAnswer.id != besides,
        InviteAnswer.stamped_at <= until,
        InviteAnswer.sequence <= seat.appointment.sequence,
    )
    latest = proved.order_by(InviteAnswer.sequence.desc(), InviteAnswer.stamped_at.desc(), InviteAnswer.id.desc())
    return session.scalars(latest.limit(1)).first()


def count_unproved(session: Session, seat: Attendee) -> int:
    """How many answers for a seat nobody knows to be theirs."""
    mine = InviteAnswer.attendee_id == seat.id, InviteAnswer.is_proved.is_(False)
    return session.scalar(select(func.count()).where(*mine)) or 0


def find_waiting_task(session: Session, kind: TaskKind, seat: Attendee) -> Task | None:
    """The first task of a kind that waits about a seat."""
    waits = select(Task).where(
        Task.kind == kind,
        Task.appointment_id == seat.appointment_id,
        Task.client_id == seat.client_id,
        Task.done_at.is_(None),
    )
    return session.scalars(waits.order_by(Task.id).limit(1)).first()


def find_proposals(appointment_ids: Collection[int]) -> dict[int, datetime]:
    """The start that a calendar proposes instead of an appointment's, by the appointment's id, where that was the last
    that it answered: of what it proposes otherwise since, in a way that nobody could read, there is none.
    """
    if not appointment_ids:
        return {}
    still_so = (
        select(Attendee.appointment_id, Attendee.id, InviteAnswer.proposed_start)
        .join(InviteAnswer, InviteAnswer.attendee_id == Attendee.id)
        .where(
            Attendee.appointment_id.in_(sorted(appointment_ids)),
            Attendee.calendar_answer == CalendarAnswer.COUNTERED,
            InviteAnswer.answer == CalendarAnswer.COUNTERED,
            InviteAnswer.is_proved,
        )
    )
    ordered = still_so.order_by(InviteAnswer.sequence, InviteAnswer.stamped_at, InviteAnswer.id)
    last = {(row.appointment_id, row.id): row.proposed_start for row in db.session.execute(ordered)}
    return {appointment_id: start for (appointment_id, _), start in last.items() if start is not None}


def find_mail_answered(references: Collection[str], sender: str) -> Message | None:
    """The e-mail of ours that one from this address answers, the last of them; None when it answers none that went
    there. Both are compared, for whoever knows one of our mails must not speak for somebody else.
    """
    if not references or not sender:
        return None
    ours = select(Message).where(
        Message.public_id.in_(sorted(references)[:MOST_REFERENCES]), Message.channel == Channel.EMAIL
    )
    wanted = fold_address(Channel.EMAIL, sender)
    found = db.session.scalars(ours.order_by(Message.id.desc())).all()
    return next((each for each in found if each.sent_to and fold_address(Channel.EMAIL, each.sent_to) == wanted), None)
