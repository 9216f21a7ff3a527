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

from sqlalchemy import Select, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from telehealth.database import db, transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.message_states import advance, require_step
from telehealth.domain.ports import DeliveryFailed, Email, Gateways, Receipt, Remedy, Text
from telehealth.domain.words import AppointmentStatus, Channel, MessageKind, MessageStatus, OfferStatus
from telehealth.models import Appointment, Attendee, Message, Offer
from telehealth.services import contents

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
TOO_LATE = "it would have come too late to be useful"
REMIND = {MessageKind.REMINDER, MessageKind.JOIN_LINK}
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
            *contents.NEEDED,
        )
        .with_for_update(of=Message, skip_locked=True)
        .execution_options(populate_existing=True)
    )


def _obsolete(message: Message, *, now: datetime) -> tuple[MessageStatus, str] | None:
    offer, appointment = message.offer, message.appointment
    if offer is not None and offer.status != OfferStatus.OPEN:
        return MessageStatus.VOID, "the offer was answered"
    if appointment is not None and message.version != appointment.sequence:
        return MessageStatus.VOID, "the appointment changed"
    if message.kind in REMIND and _is_off(message.attendee):
        return MessageStatus.VOID, "the client is not coming"
    if message.channel == Channel.TEXT and not _may_be_texted(message):
        return MessageStatus.VOID, "the client does not want texts"
    if message.not_after <= now:
        return MessageStatus.EXPIRED, TOO_LATE
    return None


def _is_off(attendee: Attendee | None) -> bool:
    return attendee is None or attendee.status == AppointmentStatus.CANCELLED


def _may_be_texted(message: Message) -> bool:
    client = message.attendee if message.offer is None else message.offer.entry
    return client is not None and client.phone is not None and client.text_consent_at is not None


def _put_aside(message: Message, reason: tuple[MessageStatus, str], *, now: datetime) -> None:
    _move(message, *reason)
    message.worker = message.lease_until = None
    message.changed_at = now


def _take(message: Message, worker: str, addresses: Addresses, *, is_wanted: bool, now: datetime) -> Claimed | None:
    """The message in the worker's hands. None when it cannot be put into words: one bad row must not hold up others."""
    try:
        content = contents.content(message, addresses, now=now)
    except Exception as problem:  # noqa: BLE001 -- whatever it is, the messages behind it still go out
        about = {"reference": message.public_id, "problem": type(problem).__name__}
        log.error("cannot be written", extra=about)  # noqa: TRY400 -- a trace could hold names
        _put_aside(message, (MessageStatus.FAILED, "it could not be written"), now=now)
        return None
    ask_since = message.first_tried_at if message.unsure else None
    message.status = require_step(message.status, MessageStatus.SENDING)
    message.worker, message.lease_until = worker, now + LEASE
    message.attempts += 1
    message.first_tried_at = message.first_tried_at or now
    message.changed_at = now
    return Claimed(message.id, worker, content, ask_since, is_wanted)


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
            Offer.status.label("offer_status"),
        )
        .outerjoin(Appointment, Appointment.id == Message.appointment_id)
        .outerjoin(Offer, Offer.id == Message.offer_id)
        .where(Message.id == claimed.message_id)
    ).one()
    db.session.rollback()  # End the read: a provider may take ten seconds, and no transaction waits for it.
    if row.worker != claimed.worker or row.status != MessageStatus.SENDING or row.lease_until < now + HAND_OVER:
        return None
    is_current = row.version == row.sequence if row.offer_status is None else row.offer_status == OfferStatus.OPEN
    return claimed.is_wanted and is_current and now < row.not_after


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
            .values(
                status=require_step(MessageStatus.SENDING, MessageStatus.PLANNED),
                worker=None,
                lease_until=None,
                unsure=False,
            )
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
        _stop_others(message, REASONS[failure.remedy], now=now)


def _plan_again_or_give_up(message: Message, failure: DeliveryFailed, *, now: datetime) -> None:
    again_at = now + _wait(failure, message.attempts)
    enough_copies = _enough_copies(message, failure, now=now)
    message.unsure = message.unsure or failure.remedy == Remedy.ASK
    give_up_at = message.not_after + ASK_UNTIL if message.unsure else message.not_after
    if failure.remedy in NEVER_PLANNED_AGAIN:
        _move(message, MessageStatus.FAILED, REASONS[failure.remedy])
    elif enough_copies:
        _move(message, MessageStatus.FAILED, "nobody knows whether it arrived")
    elif again_at >= give_up_at:
        _move(message, MessageStatus.FAILED, "it could not be sent in time")
    else:
        _move(message, MessageStatus.PLANNED, REASONS[failure.remedy])
        message.due_at = again_at


def _move(message: Message, status: MessageStatus, reason: str) -> None:
    message.status, message.reason = require_step(message.status, status), reason


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


def _stop_others(message: Message, reason: str, *, now: datetime) -> None:
    """What else was planned for this seat on this channel would fail in the same way.

    What somebody has locked is passed over: a change of the appointment plans anew, and a claim finds out by itself.
    """
    with transaction() as session:
        others = _planned().where(
            Message.appointment_id == message.appointment_id,
            Message.recipient == message.recipient,
            Message.channel == message.channel,
            Message.id != message.id,
        )
        _end(session, others, MessageStatus.VOID, reason, now=now)


def _planned() -> Select[int]:
    """Ids of what waits, without waiting for rows that others have locked: whoever holds a row waits for nobody."""
    return select(Message.id).where(Message.status == MessageStatus.PLANNED).with_for_update(skip_locked=True)


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
        stale = _planned().where(
            _STILL_OPEN,
            Message.due_at <= now,  # It follows from the next line, and spares most of the index.
            Message.not_after <= now,
            Message.unsure.is_(False),
        )
        return _end(session, stale, MessageStatus.EXPIRED, TOO_LATE, now=now)


def _end(session: Session, planned: Select[int], status: MessageStatus, reason: str, *, now: datetime) -> int:
    ended = {"status": require_step(MessageStatus.PLANNED, status), "reason": reason, "changed_at": now}
    found = session.execute(update(Message).where(Message.id.in_(planned)).values(ended).returning(Message.id))
    return len(found.all())
