"""Sending what is due, once.

Three steps, and a crash between any two of them loses nothing: ``claim`` takes a batch in one short transaction and
fixes the words; ``deliver`` talks to the provider with no transaction open; the outcome is recorded in a second short
one. A claim has a lease: when its worker dies, another worker takes it up, and asks the provider first.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.orm import Session, joinedload

from telehealth.database import db, transaction
from telehealth.domain import icalendar, wording
from telehealth.domain.addresses import Addresses
from telehealth.domain.message_states import advance
from telehealth.domain.ports import DeliveryFailed, Email, Gateways, Invite, Receipt, Remedy, Text
from telehealth.domain.words import Channel, MessageKind, MessageStatus
from telehealth.models import Appointment, Attendee, Message
from telehealth.queries import facts

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
HAND_OVER = timedelta(minutes=1)
ASK_AFTER = timedelta(minutes=1)
ASK_UNTIL = timedelta(days=1)
COPIES_FOR = timedelta(hours=1)
OUR_FAULT_WAIT = timedelta(minutes=15)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
LONGEST_CODE = 40
NEVER_PLANNED_AGAIN = {Remedy.GIVE_UP, Remedy.SUPPRESS, Remedy.BAD_ADDRESS}


@dataclass(frozen=True, slots=True)
class Claimed:
    """One message in the hands of one worker, ready to be sent without another look at the database.

    ``ask_since`` is set when an earlier attempt may have gone through: the provider must be asked first, and only what
    ``is_wanted`` still is sent again.
    """

    message_id: int
    worker: str
    content: Text | Email
    ask_since: datetime | None
    is_wanted: bool


def claim(*, worker: str, addresses: Addresses, limit: int, now: datetime) -> list[Claimed]:
    """Take up to ``limit`` due messages, and what dead workers left behind; nothing when nothing is left.

    What has become obsolete since it was planned is put aside here: a cancelled appointment, an older version of it, a
    withdrawn consent, or a message that would come too late to be useful.
    """
    while True:
        with transaction() as session:
            due = session.scalars(_due(now).limit(limit)).unique().all()
            taken = [_sort_out(message, worker, addresses, now=now) for message in due]
        claimed = [each for each in taken if each is not None]
        if claimed or not due:  # A whole batch may have been obsolete; what is behind it must not wait for that.
            return claimed


def _sort_out(message: Message, worker: str, addresses: Addresses, *, now: datetime) -> Claimed | None:
    # A worker that died while sending leaves SENDING behind, and nobody knows how far it came.
    message.unsure = message.unsure or message.status == MessageStatus.SENDING
    obsolete = _obsolete(message, now=now)
    if obsolete is not None and not message.unsure:
        _put_aside(message, obsolete, now=now)
        return None
    return _take(message, worker, addresses, is_wanted=obsolete is None, now=now)


# Written into the statement word for word, as the partial index has it: SQLite does not use the index otherwise.
_STILL_OPEN = Message.status.in_(
    bindparam("still_open", [MessageStatus.PLANNED, MessageStatus.SENDING], expanding=True, literal_execute=True)
)


def _due(now: datetime) -> Any:
    """What can be claimed."""
    waiting = Message.status == MessageStatus.PLANNED
    abandoned = and_(Message.status == MessageStatus.SENDING, Message.lease_until < now)
    return (
        select(Message)
        # Whatever is being sent was due, too: without this the whole index is read, with all that waits for its day.
        .where(_STILL_OPEN, Message.due_at <= now, or_(waiting, abandoned))
        .order_by(Message.due_at, Message.id)
        .options(
            joinedload(Message.attendee),
            joinedload(Message.appointment).joinedload(Appointment.practice),
            joinedload(Message.appointment).joinedload(Appointment.therapist),
            joinedload(Message.appointment).joinedload(Appointment.location),
            joinedload(Message.appointment).selectinload(Appointment.attendees),
        )
        .with_for_update(of=Message, skip_locked=True)
        .execution_options(populate_existing=True)
    )


def _obsolete(message: Message, *, now: datetime) -> tuple[MessageStatus, str] | None:
    appointment = message.appointment
    if message.version != appointment.sequence:
        return MessageStatus.VOID, "the appointment changed"
    if message.channel == Channel.TEXT and not _may_be_texted(message.attendee):
        return MessageStatus.VOID, "the client does not want texts"
    if message.not_after <= now:
        return MessageStatus.EXPIRED, "it would have come too late to be useful"
    return None


def _may_be_texted(attendee: Attendee | None) -> bool:
    return attendee is not None and attendee.phone is not None and attendee.text_consent_at is not None


def _put_aside(message: Message, reason: tuple[MessageStatus, str], *, now: datetime) -> None:
    message.status, message.reason = reason
    message.worker = message.lease_until = None
    message.changed_at = now


def _take(message: Message, worker: str, addresses: Addresses, *, is_wanted: bool, now: datetime) -> Claimed | None:
    """The message in the worker's hands. None when it cannot be put into words: one bad row must not hold up others."""
    try:
        content = _content(message, addresses, now=now)
    except Exception as problem:  # noqa: BLE001 -- whatever it is, the messages behind it still go out
        about = {"reference": message.public_id, "problem": type(problem).__name__}
        log.error("cannot be written", extra=about)  # noqa: TRY400 -- a trace could hold names
        _put_aside(message, (MessageStatus.FAILED, "it could not be written"), now=now)
        return None
    ask_since = message.first_tried_at if message.unsure else None
    message.status = MessageStatus.SENDING
    message.worker, message.lease_until = worker, now + LEASE
    message.attempts += 1
    message.first_tried_at = message.first_tried_at or now
    message.changed_at = now
    return Claimed(message.id, worker, content, ask_since, is_wanted)


def _content(message: Message, addresses: Addresses, *, now: datetime) -> Text | Email:
    """Make the words from the rows of this moment and keep them. An unsure message keeps the words it was tried with,
    so that it can be recognised at the provider.
    """
    about = _facts(message, addresses)
    if message.channel == Channel.TEXT:
        message.body = message.body if message.unsure else wording.text(about)
        phone = message.attendee.phone if message.attendee else None
        return Text(message.public_id, phone or "", message.body, message.not_after)
    letter = wording.letter(about)
    message.subject, message.body = letter.subject, "\n\n".join(letter.paragraphs)
    practice, to = message.appointment.practice, message.attendee or message.appointment.therapist
    return Email(
        reference=message.public_id,
        to=to.email,
        to_name=to.name,
        sender_name=practice.sender_name,
        reply_to=practice.email,
        letter=letter,
        invite=_invite(message, about, to.name, to.email, now=now),
    )


def _facts(message: Message, addresses: Addresses) -> wording.Facts:
    if message.attendee is None:
        return facts.for_therapist(message.appointment, addresses, message.kind)
    return facts.for_attendee(message.attendee, addresses, message.kind)


def _invite(message: Message, about: wording.Facts, name: str, address: str, *, now: datetime) -> Invite | None:
    """The invite goes with what changes a calendar. Reminders carry none, or they would look like a change."""
    if message.kind not in {MessageKind.CONFIRMATION, MessageKind.CANCELLATION}:
        return None
    method: icalendar.Method = "CANCEL" if about.is_cancelled else "REQUEST"
    practice = message.appointment.practice
    content = icalendar.invite(
        wording.entry(about),
        organizer=icalendar.Party(practice.sender_name, message.appointment.organizer_email),
        attendee=icalendar.Party(name, address),
        stamped_at=now,
        method=method,
    )
    return Invite(content, method)


def deliver(claimed: Claimed, *, gateways: Gateways, now: datetime) -> None:
    """Hand one claimed message over and record what came of it. No transaction is open while the provider is asked."""
    wanted = _last_look(claimed, now=now)
    if wanted is None:
        return
    try:
        receipt = _found(claimed, gateways) or (_sent(claimed, gateways) if wanted else None)
    except DeliveryFailed as failure:
        _record_failure(claimed, failure, now=now)
        return
    except Exception as fault:  # noqa: BLE001 -- a fault in a gateway must not hold up everybody's messages behind it
        _record_failure(claimed, DeliveryFailed(type(fault).__name__, Remedy.ASK), now=now)
        return
    if receipt is None:
        _release(claimed)
    else:
        _record_receipt(claimed, receipt, now=now)


def _last_look(claimed: Claimed, *, now: datetime) -> bool | None:
    """Whether the message is still wanted, since its appointment may have been cancelled, or its use may have ended,
    while it waited in the batch. None when it is not ours any more, or might not be before the provider has answered:
    then whoever claims it next asks first.
    """
    row = db.session.execute(
        select(
            Message.worker,
            Message.status,
            Message.lease_until,
            Message.not_after,
            Message.version,
            Appointment.sequence,
        )
        .join(Appointment)
        .where(Message.id == claimed.message_id)
    ).one()
    db.session.rollback()  # End the read: a provider may take ten seconds, and no transaction waits for it.
    if row.worker != claimed.worker or row.status != MessageStatus.SENDING or row.lease_until < now + HAND_OVER:
        return None
    return claimed.is_wanted and row.version == row.sequence and now < row.not_after


def _release(claimed: Claimed) -> None:
    """Give a claim back untried; the next claim puts it aside with its reason. A report that came first stays."""
    with transaction() as session:
        session.execute(
            update(Message)
            .where(
                Message.id == claimed.message_id,
                Message.worker == claimed.worker,
                Message.status == MessageStatus.SENDING,
            )
            .values(status=MessageStatus.PLANNED, worker=None, lease_until=None, unsure=False)
        )


def _found(claimed: Claimed, gateways: Gateways) -> Receipt | None:
    """What the provider says about an earlier attempt. About an e-mail nobody can be asked."""
    if claimed.ask_since is None or isinstance(claimed.content, Email):
        return None
    found = gateways.texts.find(claimed.content, since=claimed.ask_since - ASK_AFTER)
    log.info("asked the provider", extra={"reference": claimed.content.reference, "found": found is not None})
    return found


def _sent(claimed: Claimed, gateways: Gateways) -> Receipt:
    """The receipt of sending now. A second copy of an e-mail has the same Message-ID and is folded into one."""
    if isinstance(claimed.content, Email):
        return gateways.emails.send(claimed.content)
    return gateways.texts.send(claimed.content)


def _record_receipt(claimed: Claimed, receipt: Receipt, *, now: datetime) -> None:
    with transaction() as session:
        message = _locked(session, claimed.message_id)
        message.provider_id = receipt.provider_id
        message.unsure = False
        message.sent_at = message.sent_at or now
        message.changed_at = now
        message.worker = message.lease_until = None
        following = advance(message.status, receipt.status)  # A fast report may have moved it further already.
        if following is not None:
            message.status, message.reason = following, ""


def _record_failure(claimed: Claimed, failure: DeliveryFailed, *, now: datetime) -> None:
    level = logging.ERROR if failure.remedy == Remedy.ALERT else logging.WARNING
    log.log(level, "not accepted", extra={"reference": claimed.content.reference, "code": failure.code})
    with transaction() as session:
        message = _locked(session, claimed.message_id)
        if message.status != MessageStatus.SENDING or message.worker != claimed.worker:
            return  # A report came first and knows better, or another worker has it now.
        message.error_code = failure.code[:LONGEST_CODE]
        message.worker = message.lease_until = None
        message.changed_at = now
        _plan_again_or_give_up(message, failure, now=now)
        if failure.remedy in {Remedy.SUPPRESS, Remedy.BAD_ADDRESS}:
            _stop_others(session, message, REASONS[failure.remedy], now=now)


def _plan_again_or_give_up(message: Message, failure: DeliveryFailed, *, now: datetime) -> None:
    again_at = now + _wait(failure, message.attempts)
    enough_copies = _enough_copies(message, failure, now=now)
    message.unsure = message.unsure or failure.remedy == Remedy.ASK
    give_up_at = message.not_after + ASK_UNTIL if message.unsure else message.not_after
    if failure.remedy in NEVER_PLANNED_AGAIN:
        message.status, message.reason = MessageStatus.FAILED, REASONS[failure.remedy]
    elif enough_copies:
        message.status, message.reason = MessageStatus.FAILED, "nobody knows whether it arrived"
    elif again_at >= give_up_at:
        message.status, message.reason = MessageStatus.FAILED, "it could not be sent in time"
    else:
        message.status, message.due_at, message.reason = MessageStatus.PLANNED, again_at, REASONS[failure.remedy]


def _enough_copies(message: Message, failure: DeliveryFailed, *, now: datetime) -> bool:
    """Whether an e-mail was handed over without an answer again and again: a slow mail server may have taken every one
    of them (RFC 1047), and not every mailbox folds copies into one.
    """
    again = message.unsure and failure.remedy == Remedy.ASK and message.channel == Channel.EMAIL
    return again and message.first_tried_at is not None and now >= message.first_tried_at + COPIES_FOR


REASONS = {
    Remedy.RETRY: "the provider could not take it yet",
    Remedy.ASK: "the provider did not answer",
    Remedy.GIVE_UP: "the provider refused it",
    Remedy.SUPPRESS: "the recipient ended texts from this number",
    Remedy.BAD_ADDRESS: "the number or address cannot receive messages",
    Remedy.ALERT: "the practice's account with the provider needs attention",
}


def _stop_others(session: Session, message: Message, reason: str, *, now: datetime) -> None:
    """What else was planned for this seat on this channel would fail in the same way."""
    session.execute(
        update(Message)
        .where(
            Message.appointment_id == message.appointment_id,
            Message.recipient == message.recipient,
            Message.channel == message.channel,
            Message.status == MessageStatus.PLANNED,
            Message.id != message.id,
        )
        .values(status=MessageStatus.VOID, reason=reason, changed_at=now)
    )


def _wait(failure: DeliveryFailed, attempts: int) -> timedelta:
    """How long to wait: what the provider asked for, or twice as long each time, spread by a tenth."""
    if failure.remedy == Remedy.ALERT:
        return OUR_FAULT_WAIT
    first = ASK_AFTER if failure.remedy == Remedy.ASK else FIRST_WAIT
    wait: timedelta = min(first * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
    asked = timedelta(seconds=failure.retry_after or 0)
    return max(wait, asked) * random.uniform(1.0, 1.1)  # noqa: S311 -- it spreads load, it guards nothing


def _locked(session: Session, message_id: int) -> Message:
    return session.get_one(Message, message_id, with_for_update=True, populate_existing=True)


def expire(*, now: datetime) -> int:
    """Mark what can no longer be useful, so that it does not wait for ever; how many there were."""
    with transaction() as session:
        stale = (
            _STILL_OPEN,
            Message.status == MessageStatus.PLANNED,
            Message.due_at <= now,  # It follows from the next line, and spares most of the index.
            Message.not_after <= now,
            Message.unsure.is_(False),
        )
        values = {"status": MessageStatus.EXPIRED, "reason": "it would have come too late to be useful"}
        found = session.execute(update(Message).where(*stale).values(changed_at=now, **values).returning(Message.id))
        return len(found.all())
