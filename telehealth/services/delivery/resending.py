"""Sending a message again because somebody at the practice asks for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.consent.contactability import PURPOSE_OF, reached_at, why_not_contactable
from telehealth.domain.delivery.states import OPEN
from telehealth.domain.delivery.verdicts import contact_of, is_current
from telehealth.domain.errors import CannotResend, NotFound
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.planning import USEFUL_AFTER_CANCELLING, USEFUL_AFTER_MISSING
from telehealth.domain.messages.rules import ANSWERS, IN_ONE
from telehealth.domain.reasons import say_reason
from telehealth.models import Message
from telehealth.queries.consent.opt_outs import find_opt_outs
from telehealth.queries.delivery.message_log import list_about_the_same
from telehealth.services import audit
from telehealth.services.audit import ActedBy
from telehealth.services.delivery.outcomes import copy_message
from telehealth.services.locking import lock_message

USEFUL_AS_ANSWER = timedelta(hours=12)

GOES_BY_ITSELF = "This message has not been sent yet; it goes out by itself when it is due. Nothing was changed."
HAS_CHANGED = "Things have changed since this was written, so it would be wrong by now. Nothing was sent."
IS_OVER = "This is about something that has begun or is over. Nothing was sent."


@retry_on_conflict
def resend_message(
    *, practice_id: int, message_public_id: str, by: ActedBy, now: datetime, channel: Channel | None = None
) -> Message:
    """Send a message (its public id) once more, on its own ``channel`` or another, and return the new one. Its words
    are made afresh. Texts still keep out of the night. Staff only.

    Raises NotFound, NotAllowed, and CannotResend when it still waits, is out of date, or may not be sent there.
    """
    by.require_staff()
    with transaction() as session:
        found = session.scalar(
            select(Message.id).where(Message.practice_id == practice_id, Message.public_id == message_public_id)
        )
        if found is None:
            raise NotFound
        former = lock_message(session, found)
        wanted = channel or former.channel
        not_after = _useful_until(former, now=now)
        _require_sent(session, former, wanted)
        _require_sendable(former, wanted)
        made = copy_message(session, former, wanted, due_at=now, now=now, not_after=not_after)
        if former.kind in IN_ONE:
            session.execute(update(Message).where(Message.told_by_id == former.id).values(told_by_id=made))
        _write_down(session, former, wanted, by, now=now)
        return session.get_one(Message, made)


def _useful_until(message: Message, *, now: datetime) -> datetime:
    """Until when it helps if it is sent now. Raises CannotResend."""
    if message.status in OPEN:
        raise CannotResend(GOES_BY_ITSELF)
    if not is_current(message):
        raise CannotResend(HAS_CHANGED)
    usual = {
        MessageKind.CANCELLATION: now + USEFUL_AFTER_CANCELLING,
        MessageKind.DECLINED: now + USEFUL_AFTER_CANCELLING,
        MessageKind.FOLLOW_UP: now + USEFUL_AFTER_MISSING,
        MessageKind.REPLY: now + USEFUL_AS_ANSWER,
        MessageKind.NOTE: now + USEFUL_AS_ANSWER,
        MessageKind.ALERT: now + USEFUL_AS_ANSWER,
    }
    until = max(message.not_after, usual.get(message.kind, message.not_after))
    if message.appointment is not None and message.kind not in usual:
        until = max(message.not_after, message.appointment.starts_at)
        if message.appointment.starts_at <= now:
            raise CannotResend(IS_OVER)
    if until <= now:
        raise CannotResend(IS_OVER)
    return until


def _require_sent(session: Session, message: Message, channel: Channel) -> None:
    """Pressed twice it goes once. Raises CannotResend when the one that was asked for before still waits."""
    again = (Message.instead_of_id == message.id, Message.channel == channel, Message.status.in_(OPEN))
    if session.scalar(select(Message.id).where(*list_about_the_same(message), *again).limit(1)) is not None:
        raise CannotResend(GOES_BY_ITSELF)


def _require_sendable(message: Message, channel: Channel) -> None:
    """Raises CannotResend with the reason why its reader may not be written to there."""
    if message.kind in ANSWERS and message.inbound is not None:
        where = message.inbound.sender
        withheld = find_opt_outs(message.practice_id, client_ids=[], addresses=[where])
        why_not = say_reason(withheld.why_suppressed(Channel.TEXT, where))
        if channel != Channel.TEXT:
            why_not = "An answer to a text can only be a text."
    elif message.kind == MessageKind.CODE:
        why_not = "Whoever needs a code asks for it again themselves."
    elif message.kind == MessageKind.ALERT:
        withheld = find_opt_outs(message.practice_id, client_ids=[], addresses=[message.sent_to])
        why_not = say_reason(withheld.why_suppressed(channel, message.sent_to))
        if channel != message.channel:
            why_not = "An alert goes again the way it went."
    elif (contact := contact_of(message)) is not None:
        address = reached_at(contact, contact.client, channel)
        withheld = find_opt_outs(message.practice_id, client_ids=[contact.client_id], addresses=[address or ""])
        refusal = why_not_contactable(contact, contact.client, channel, PURPOSE_OF[message.kind], withheld)
        why_not = say_reason(refusal)
    else:
        why_not = "" if channel == Channel.EMAIL else "Therapists are told by e-mail."
    if why_not:
        raise CannotResend(f"{why_not} Nothing was sent.")


def _write_down(session: Session, message: Message, channel: Channel, by: ActedBy, *, now: datetime) -> None:
    about = message.appointment
    if about is not None:
        audit.record_event(session, about, AuditAction.MESSAGE_RESENT, by, now=now, kind=message.kind, channel=channel)
