"""What one worker holds, until its lease ends: renewing it, a last look at it, and giving it back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from telehealth.database import db, transaction
from telehealth.domain.companions import MessagesTo
from telehealth.domain.delivery.states import require_step
from telehealth.domain.delivery.verdicts import SAID_AFTER_A_STOP
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, SuppressionReason
from telehealth.domain.messages.rules import ANSWERS, IN_ONE
from telehealth.domain.ports import Email, Text
from telehealth.domain.words import OfferStatus
from telehealth.models import (
    Appointment,
    Attendee,
    Client,
    Companion,
    InboundText,
    LoginLetter,
    Message,
    Offer,
    WaitlistEntry,
)
from telehealth.queries.consent.reaching import is_left_alone, message_goes_to
from telehealth.services.leasing import Lease
from telehealth.services.messages.outbox import update_messages


@dataclass(frozen=True, slots=True)
class Claimed:
    """One message in the hands of one worker, ready to be sent without another look at the database, unless its
    ``lease`` is almost over. How manieth claim it is (``attempts``) tells it from any other, also of the same worker.

    ``ask_since`` is set when an earlier attempt may have gone through: the provider must be asked first, and only what
    ``is_wanted`` still is sent again. The rest is what decides, and tells, what becomes of an attempt.
    """

    message_id: int
    worker: str
    content: Text | Email
    ask_since: datetime | None
    is_wanted: bool
    kind: MessageKind
    channel: Channel
    attempts: int
    first_tried_at: datetime
    due_at: datetime
    not_after: datetime
    lease: Lease

    @property
    def key(self) -> tuple[int, int]:
        """Which message, and how manieth claim of it."""
        return self.message_id, self.attempts


_WHERE = (Message.practice_id, Message.channel, Message.sent_to)
_HAS_OPT_OUTS = Message.therapist_id.is_(None) & Message.login_letter_id.is_(None) | (Message.kind == MessageKind.ALERT)
# The rule is that of ``domain.delivery.verdicts``.
_IS_LEFT_ALONE = case(
    (
        (Message.kind == MessageKind.REPLY) & InboundText.meaning.in_(SAID_AFTER_A_STOP),
        is_left_alone(*_WHERE, besides=(SuppressionReason.STOP, SuppressionReason.PAUSED)),
    ),
    (Message.kind.in_(ANSWERS), is_left_alone(*_WHERE, besides=[SuppressionReason.PAUSED])),
    else_=is_left_alone(*_WHERE),
)
_LOOK = (
    select(
        Message.id,
        Message.worker,
        Message.status,
        Message.attempts,
        Message.kind,
        Message.not_after,
        Message.version,
        Appointment.sequence,
        Offer.status.label("offer_status"),
        LoginLetter.ended_at.label("link_ended_at"),
        or_(Companion.ended_at.is_not(None), Companion.messages_to == MessagesTo.CLIENT).label("is_nobodys"),
        Message.sent_to,
        Client.id.label("client"),
        message_goes_to(Attendee, WaitlistEntry).label("address"),
        # Nobody is asked about staff when it is claimed: what only this refused would be claimed for ever.
        (_HAS_OPT_OUTS & _IS_LEFT_ALONE).label("is_left_alone"),
    )
    .outerjoin(Appointment, Appointment.id == Message.appointment_id)
    .outerjoin(InboundText, InboundText.id == Message.inbound_id)
    .outerjoin(Offer, Offer.id == Message.offer_id)
    .outerjoin(LoginLetter, LoginLetter.id == Message.login_letter_id)
    .outerjoin(Attendee, Attendee.id == Message.attendee_id)
    .outerjoin(Companion, Companion.id == Message.companion_id)
    .outerjoin(WaitlistEntry, WaitlistEntry.id == Offer.entry_id)
    .outerjoin(Client, Client.id == func.coalesce(Attendee.client_id, WaitlistEntry.client_id))
    .where(Message.id.in_(bindparam("ids", expanding=True)))
)


def last_look(claimed: Sequence[Claimed], *, now: datetime) -> list[Claimed]:
    """Whether messages are still wanted, just before they are handed over: an appointment may have been cancelled,
    their use may have ended, or their reader may have said STOP or named a safe number, while they waited in the batch.

    What is left out is not ours any more: whoever has it now asks first.
    """
    rows = {row.id: row for row in db.session.execute(_LOOK, {"ids": [each.message_id for each in claimed]})}
    db.session.rollback()  # End the read: a provider may take ten seconds, and no transaction waits for it.
    return [
        replace(each, is_wanted=each.is_wanted and _is_wanted(rows[each.message_id], now))
        for each in claimed
        if is_still_held(rows[each.message_id], each)
    ]


def is_still_held(
    row: Any,  # A message, or a row that has these columns of it.
    claimed: Claimed,
) -> bool:
    """Whether a message, or its columns, is in the hands of this very claim: its worker may have claimed it again."""
    ours = (claimed.worker, MessageStatus.SENDING, claimed.attempts)
    return bool((row.worker, row.status, row.attempts) == ours)


def _is_wanted(row: Row[*tuple[Any, ...]], now: datetime) -> bool:  # The columns of ``_LOOK``.
    if row.offer_status is not None:
        is_current = row.offer_status == OfferStatus.OPEN
    else:
        is_current = row.kind in IN_ONE or row.version == row.sequence or row.sequence is None
    is_theirs = row.client is None or row.address == row.sent_to
    is_welcome = is_theirs and not row.is_left_alone and not row.is_nobodys
    return bool(is_current and row.link_ended_at is None and now < row.not_after and is_welcome)


_LOCKED = (
    select(Message.id, Message.worker, Message.status, Message.attempts, Message.sent_at, Message.unsure)
    .where(Message.id.in_(bindparam("ids", expanding=True)))
    .with_for_update(skip_locked=True)
)
GIVEN_BACK = {
    "status": require_step(MessageStatus.SENDING, MessageStatus.PLANNED),
    "worker": None,
    "lease_until": None,
}


# What it returns are the columns of ``_LOCKED``.
def find_still_held(session: Session, claimed: Iterable[Claimed]) -> dict[int, Row[*tuple[Any, ...]]]:
    """Those of these messages that are still in the hands of these claims, by id; they are locked until the transaction
    ends.

    What somebody else has locked at this moment is left out: whoever holds a message waits for nothing else.
    """
    by_id = {each.message_id: each for each in claimed}
    rows = session.connection().execute(_LOCKED, {"ids": list(by_id)})
    return {row.id: row for row in rows if is_still_held(row, by_id[row.id])}


def renew_leases(claimed: Sequence[Claimed], *, now: datetime) -> None:
    """Keep these messages for another lease from ``now`` on. What is somebody else's by now keeps the end it had, so it
    is not begun any more.
    """
    with transaction() as session:
        held = find_still_held(session, claimed)
        kept = [each for each in claimed if each.message_id in held]
        update_messages(session, {each.message_id: {"lease_until": now + each.lease.length} for each in kept})
    for each in kept:
        each.lease.until = now + each.lease.length


def give_back_claims(claimed: Sequence[Claimed]) -> None:
    """Give claims back untried, so that anybody may take them at once. One that somebody else has locked, or that a
    report was about, stays as it is.
    """
    if not claimed:
        return
    with transaction() as session:
        update_messages(session, dict.fromkeys(sorted(find_still_held(session, claimed)), GIVEN_BACK))
