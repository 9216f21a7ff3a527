"""What calendars answer to our invites, by e-mail (RFC 5546, RFC 6047).

An answer shows on the seat, and changes nothing else: calendars answer by themselves, mails can be forged, and what is
cancelled by mistake is somebody else's by the time it is noticed. After a no its client is asked what they want, and
the desk sees it; another time is proposed to the desk.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.audit_words import Actor, AuditAction, Via
from telehealth.domain.calendar_words import CalendarAnswer
from telehealth.domain.consent.contactability import fold_address
from telehealth.domain.inbox.inbound_mail import (
    CLOCKS_DIFFER,
    InboundMail,
    InviteReply,
    MailFate,
    bound_reply,
    is_newer,
)
from telehealth.domain.message_words import Channel, MessageKind, TaskKind
from telehealth.domain.times import say_when
from telehealth.domain.walltime import zone
from telehealth.models import Appointment, AppointmentEvent, Attendee, InviteAnswer, Message
from telehealth.queries.inbox.invite_answers import (
    Answerer,
    count_unproved,
    find_answerers,
    find_last_answer,
    find_mail_answered,
    find_waiting_task,
)
from telehealth.queries.messages.facts import link_to
from telehealth.services.appointments.attending import TO_COME, take_back_confirmation_in
from telehealth.services.audit import ActedBy, record_event
from telehealth.services.inserting import insert_unless_taken
from telehealth.services.locking import lock_appointment
from telehealth.services.messages.recipients import recipients_of_appointment
from telehealth.services.messages.repeating import say_now
from telehealth.services.task_opening import LONGEST_NOTE, open_task

BY_MAIL = ActedBy(Actor.CLIENT, via=Via.MAIL)
ASKED_ONCE_IN = timedelta(hours=6)
"""In so long a reader is asked the same once, however often their calendar changes its mind."""
MOST_UNPROVED = 20
"""Answers for one seat that are kept although nobody knows whose they are."""
TOOK_PLACE_ELSEWHERE = frozenset({AuditAction.MOVED, AuditAction.MOVED_TO_OFFER, AuditAction.ASKED_TO_MOVE})
"""After these, an answer to an earlier invite says nothing of how it stands now."""
ASKS: dict[CalendarAnswer, MessageKind] = {
    CalendarAnswer.DECLINED: MessageKind.INVITE_DECLINED,
    CalendarAnswer.COUNTERED: MessageKind.INVITE_COUNTERED,
}
SAID_NO = "Their calendar said no to the invite. Nothing is cancelled."
WERE_ASKED = "We asked them by e-mail whether they want to cancel or move it."
NOT_ASKED = "They cannot be asked by e-mail: please call them."
OTHER_TIME = "Their calendar proposes {when} instead. Nothing is moved."
SOME_OTHER_TIME = "Their calendar proposes another time: it is in the mailbox. Nothing is moved."
WROTE_BACK = "They wrote back to an e-mail of ours. Their answer is in the mailbox, and is kept nowhere else."


@retry_on_conflict
def record_invite_answer(*, mail: InboundMail, now: datetime) -> MailFate:
    """Take down what a calendar answered, each answer once. The latest one counts (RFC 5546 section 2.1.5).

    It counts for the seats whose invite goes to the very address that answers, when the mail is from there and that is
    proved; else it is kept as unproved, changes nothing, and is shown to nobody.
    """
    reply = mail.reply
    if reply is None:
        return MailFate.NOT_OURS
    with transaction() as session:
        found = session.execute(
            select(Appointment.id, Appointment.practice_id).where(Appointment.uid == reply.uid)
        ).one_or_none()
        if found is None:
            return MailFate.NOT_OURS
        appointment = lock_appointment(session, found.practice_id, found.id)
        is_theirs = fold_address(Channel.EMAIL, mail.sender) == fold_address(Channel.EMAIL, reply.attendee)
        is_proved = mail.is_proved and is_theirs
        answerers = find_answerers(session, appointment, reply.attendee)
        if not answerers:
            return _fate_of_others(appointment, reply)
        counting = [each for each in answerers if _counts(session, each, reply, is_proved=is_proved, now=now)]
        meant = bound_reply(reply, sequence=appointment.sequence, now=now)
        for number, each in enumerate(counting):
            _show(session, each, meant, asks=number == 0, now=now)
        return MailFate.DONE if is_proved else MailFate.UNPROVED


def _fate_of_others(appointment: Appointment, reply: InviteReply) -> MailFate:
    """Therapists have the appointment on their own pages: what their calendars answer is no news to anybody."""
    wanted = fold_address(Channel.EMAIL, reply.attendee)
    theirs = {fold_address(Channel.EMAIL, each.email) for each in appointment.therapists}
    return MailFate.DONE if wanted in theirs else MailFate.NOT_OURS


def _counts(session: Session, by: Answerer, said: InviteReply, *, is_proved: bool, now: datetime) -> bool:
    """Keep it, and say whether it is new, proved, the latest, and about the appointment as it stands. Whether it is new
    is told by what was said, whenever it comes.
    """
    if not is_proved and count_unproved(session, by.seat) >= MOST_UNPROVED:
        return False
    appointment = by.seat.appointment
    reply = bound_reply(said, sequence=appointment.sequence, now=now)
    values = _values(by, reply, digest=said.digest(is_proved=is_proved), is_proved=is_proved, now=now)
    kept = insert_unless_taken(session, InviteAnswer, values)
    if kept is None or not is_proved:
        return False
    last = find_last_answer(session, by.seat, besides=kept, until=now + CLOCKS_DIFFER)
    return (
        (last is None or is_newer(reply, last.sequence, last.stamped_at))
        and reply.sequence >= _first_sequence(session, appointment)
        and appointment.is_ahead(now=now)
        and by.seat.status in TO_COME
        and not appointment.is_asked_to_move
    )


def _values(by: Answerer, reply: InviteReply, *, digest: str, is_proved: bool, now: datetime) -> dict[str, object]:
    return {
        "practice_id": by.seat.practice_id,
        "attendee_id": by.seat.id,
        "companion_id": by.companion.id if by.companion is not None else None,
        "answer": reply.answer,
        "sequence": reply.sequence,
        "stamped_at": reply.stamped_at,
        "proposed_start": reply.proposed_start,
        "proposed_end": reply.proposed_end,
        "is_proved": is_proved,
        "digest": digest,
        "received_at": now,
    }


def _first_sequence(session: Session, appointment: Appointment) -> int:
    """The SEQUENCE since which it stands where it does. It grows with other changes, too, of which no invite tells."""
    moved = select(AppointmentEvent.details).where(
        AppointmentEvent.appointment_id == appointment.id, AppointmentEvent.action.in_(TOOK_PLACE_ELSEWHERE)
    )
    return max((each.get("sequence", 0) for each in session.scalars(moved)), default=0)


def _show(session: Session, by: Answerer, reply: InviteReply, *, asks: bool, now: datetime) -> None:
    """Write it on the seat, and ask what follows from it; of two with one mailbox only one is asked."""
    seat, appointment = by.seat, by.seat.appointment
    is_news = seat.calendar_answer != reply.answer or reply.answer == CalendarAnswer.COUNTERED
    seat.calendar_answer = reply.answer
    session.flush()
    acted_by = BY_MAIL.through(link_to(seat, by.companion))
    proposed = reply.proposed_start
    about = {"attendee": seat.public_id, "answer": reply.answer.value, "proposed": proposed}
    record_event(session, appointment, AuditAction.ANSWERED_INVITE, acted_by, now=now, **about)
    if reply.answer not in ASKS or not is_news:
        return
    take_back_confirmation_in(session, appointment, seat, acted_by, now=now)
    if asks:
        _ask(session, by, reply, now=now)


def _ask(session: Session, by: Answerer, reply: InviteReply, *, now: datetime) -> None:
    """Ask them, unless they were asked just now, and the desk: in the task that waits about the seat, if one does."""
    seat, kind = by.seat, ASKS[reply.answer]
    asked = _find_asked(session, by, kind, now=now)
    message = _write(session, by, kind, now=now) if asked is None else None
    note = _note(seat.appointment, reply)
    if reply.answer == CalendarAnswer.DECLINED:
        note = f"{note} {NOT_ASKED if message is None and asked is None else WERE_ASKED}"
    waiting = find_waiting_task(session, TaskKind.INVITE, seat)
    if waiting is not None:
        waiting.note, waiting.message_id = (
            note[:LONGEST_NOTE],
            message.id if message is not None else waiting.message_id,
        )
        return
    open_task(
        session,
        practice_id=seat.practice_id,
        kind=TaskKind.INVITE,
        now=now,
        message=message,
        client_id=seat.client_id,
        appointment_id=seat.appointment_id,
        note=note,
    )


def _find_asked(session: Session, by: Answerer, kind: MessageKind, *, now: datetime) -> int | None:
    """The mail of this kind that they got, or will get, about the appointment as it stands, not long ago."""
    lately = select(Message.id).where(
        Message.attendee_id == by.seat.id,
        Message.companion_id.is_not_distinct_from(by.companion.id if by.companion is not None else None),
        Message.kind == kind,
        Message.version == by.seat.appointment.sequence,
        Message.planned_for > now - ASKED_ONCE_IN,
    )
    return session.scalar(lately.limit(1))


def _write(session: Session, by: Answerer, kind: MessageKind, *, now: datetime) -> Message | None:
    """The mail to whoever answered; None when they may not be written to."""
    companion_id = by.companion.id if by.companion is not None else None
    readers = recipients_of_appointment(session, by.seat.appointment, [by.seat], ())
    theirs = (each for each in readers if by.seat.public_id in each.recipient and each.companion_id == companion_id)
    reader = next(theirs, None)
    if reader is None or Channel.EMAIL not in reader.reachable(kind):
        return None
    return say_now(session, by.seat, reader, kind, Channel.EMAIL, now=now)


def _note(appointment: Appointment, reply: InviteReply) -> str:
    if reply.answer == CalendarAnswer.DECLINED:
        return SAID_NO
    if reply.proposed_start is None:
        return SOME_OTHER_TIME
    return OTHER_TIME.format(when=say_when(reply.proposed_start, zone(appointment.timezone)))


@retry_on_conflict
def record_letter(*, mail: InboundMail, now: datetime) -> MailFate:
    """Have the desk look into the mailbox, where somebody wrote back to a mail of ours about an appointment, or about
    times that became free. While one such task waits, another letter of theirs says nothing new.
    """
    about = find_mail_answered(mail.references, mail.sender)
    if about is None or about.attendee is None:
        return MailFate.NOT_OURS
    with transaction() as session:
        seat = session.get_one(Attendee, about.attendee_id, with_for_update={"of": Attendee}, populate_existing=True)
        if find_waiting_task(session, TaskKind.MAIL, seat) is None:
            open_task(
                session,
                practice_id=seat.practice_id,
                kind=TaskKind.MAIL,
                now=now,
                client_id=seat.client_id,
                appointment_id=seat.appointment_id,
                note=WROTE_BACK,
            )
        return MailFate.FOR_A_PERSON
