"""Taking what is due into one worker's hands, in one short transaction; and giving it back.

A claim has a lease: when its worker dies, another one takes it up, and asks the provider first. What has become
obsolete since it was planned is put aside here, with the reason.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

from sqlalchemy import Select, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from telehealth import observability
from telehealth.database import RowValues, explain_failure, retry_on_conflict, transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.consent.contactability import NO_OPT_OUTS, OptOuts
from telehealth.domain.delivery.budget import SendingLimits
from telehealth.domain.delivery.states import require_step
from telehealth.domain.delivery.verdicts import Verdict, decide, needs_planning
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason
from telehealth.domain.ports import Text
from telehealth.models import Message, Practice
from telehealth.queries.consent.opt_outs import opt_outs_of_messages
from telehealth.queries.delivery.outbox import IS_OPEN
from telehealth.queries.delivery.texted_numbers import TextedNumbers, read_texted_numbers
from telehealth.services.delivery.budgets import SenderBudgets, sender_of_practice
from telehealth.services.delivery.contents import NEEDED, write_content
from telehealth.services.delivery.gathering import gather_messages
from telehealth.services.delivery.leases import Claimed
from telehealth.services.delivery.outcomes import after_unwritable, instead_by_email
from telehealth.services.delivery.ways_in import save_way_in, save_ways_in
from telehealth.services.inbox.answering import after_answer_lost
from telehealth.services.leasing import LEASE, Lease
from telehealth.services.messages.outbox import update_messages
from telehealth.services.messages.replanning import replan_by_id

log = logging.getLogger(__name__)

NO_LIMITS = SendingLimits()
MISSED = frozenset({Reason.MANY_TEXTS, Reason.TOO_LATE, Reason.NIGHT_UNTIL_TOO_LATE})
"""Why the way in ends unsent though it is wanted; it goes another way, and somebody is told."""
UNPLANNABLE_WAITS = timedelta(minutes=15)


class LeftOver(Enum):
    """What becomes of a due message that is not claimed."""

    PUT_ASIDE = auto()  # It has ended, or waits for another hour: what is behind it may be due.
    STAYS = auto()  # It stays due until something else is done first.


Stale = tuple[int, int]
"""The ids of a practice and of an appointment of its."""


@dataclass(frozen=True, slots=True)
class ClaimBatch:
    """Whoever claims, with what, and what holds for the batch."""

    session: Session
    worker: str
    addresses: Addresses
    lease: timedelta
    limits: SendingLimits
    purse: SenderBudgets
    withheld: Mapping[int, OptOuts]
    texted: TextedNumbers
    now: datetime
    taken: dict[int, RowValues] = field(default_factory=dict)


@retry_on_conflict  # What goes by e-mail instead is a new row about an appointment that somebody may be changing.
def claim_messages(
    *,
    worker: str,
    addresses: Addresses,
    limit: int,
    now: datetime,
    limits: SendingLimits = NO_LIMITS,
    lease: timedelta = LEASE,
) -> list[Claimed]:
    """Take up to ``limit`` due messages, and what dead workers left behind; nothing when nothing is left, or when what
    is left is texts that their sender has no budget for (``limits``) at the moment.

    What was planned under older rules of its practice is planned anew first.
    """
    while True:
        gather_messages(now=now)
        with transaction() as session, observability.CLAIM_SECONDS.time():
            claimed, was_anything_put_aside, stale = _claim(session, worker, addresses, limit, now, limits, lease)
        for appointment in stale:
            _plan_anew(appointment, now=now)
        if claimed or not (stale or was_anything_put_aside):
            return claimed
        # A whole batch was obsolete; what is behind it must not wait for that.


def _claim(
    session: Session,
    worker: str,
    addresses: Addresses,
    limit: int,
    now: datetime,
    limits: SendingLimits,
    lease: timedelta,
) -> tuple[list[Claimed], bool, set[Stale]]:
    purse = SenderBudgets(session, limits, now=now)
    due_ids = session.scalars(_due_within(limits, purse.empty), {"now": now, "limit": limit}).all()
    if not due_ids:
        purse.close()
        return [], False, set()
    due = session.scalars(_LOADED, {"ids": due_ids}).unique().all()
    texted = read_texted_numbers(due, now=now)
    hand = ClaimBatch(session, worker, addresses, lease, limits, purse, opt_outs_of_messages(due), texted, now)
    sorted_out = [(message, _sort_out(message, hand)) for message in due]
    purse.close()
    update_messages(session, hand.taken)
    claimed = [found for _, found in sorted_out if isinstance(found, Claimed)]
    left = [message for message, found in sorted_out if found is LeftOver.STAYS]
    stale = {(each.practice_id, each.appointment_id or 0) for each in left if _waits_for_its_plan(each)}
    return claimed, any(found is LeftOver.PUT_ASIDE for _, found in sorted_out), stale


def _waits_for_its_plan(message: Message) -> bool:
    return message.status == MessageStatus.PLANNED and needs_planning(message)


def _plan_anew(stale: Stale, *, now: datetime) -> None:
    practice_id, appointment_id = stale
    try:
        replan_by_id(practice_id=practice_id, appointment_id=appointment_id, now=now)
    except Exception:
        log.exception("cannot be planned anew", extra={"appointment": appointment_id})
        later = update(Message).where(
            Message.appointment_id == appointment_id,
            Message.status == MessageStatus.PLANNED,
            Message.due_at <= now,
        )
        with transaction() as session:
            session.execute(later.values(due_at=now + UNPLANNABLE_WAITS))


def _sort_out(message: Message, hand: ClaimBatch) -> Claimed | LeftOver:
    """The message in the worker's hands, or what became of it."""
    # A worker that died while sending leaves SENDING behind, and nobody knows how far it came.
    message.unsure = message.unsure or message.status == MessageStatus.SENDING
    try:
        said = _verdict(message, hand)
        if not said.send and not message.unsure:
            return _put_aside(message, said, hand)
        if not message.unsure and not _has_budget(message, hand):
            return LeftOver.STAYS
        return _take(message, hand, is_wanted=said.send)
    except Exception as problem:  # one bad row must not hold up the messages behind it
        if explain_failure(problem) is not None:
            raise  # The database went away: the row is as good as any, and nothing can be written about it now.
        about = {"reference": message.public_id, "problem": type(problem).__name__}
        log.error("cannot be written", extra=about)  # noqa: TRY400 -- a trace could hold names
        _end(message, MessageStatus.FAILED, Reason.UNWRITABLE, now=hand.now)
        after_unwritable(hand.session, message, now=hand.now)
        return LeftOver.PUT_ASIDE


def _verdict(message: Message, hand: ClaimBatch) -> Verdict:
    withheld = hand.withheld.get(message.practice_id, NO_OPT_OUTS)
    return decide(message, withheld=withheld, now=hand.now, texted=hand.texted.today[message.practice_id])


def _has_budget(message: Message, hand: ClaimBatch) -> bool:
    return not hand.limits or message.channel != Channel.TEXT or hand.purse.has_room(_practice(message, hand))


def _practice(message: Message, hand: ClaimBatch) -> Practice:
    return hand.session.get_one(Practice, message.practice_id)


def _put_aside(message: Message, said: Verdict, hand: ClaimBatch) -> LeftOver:
    if said.status is not None:
        _end(message, said.status, said.reason, said.detail, now=hand.now)
        if message.kind == MessageKind.JOIN_LINK and said.reason in MISSED:
            save_way_in(hand.session, message, now=hand.now)
        elif said.by_email:
            instead_by_email(hand.session, message, now=hand.now)
        after_answer_lost(hand.session, message, now=hand.now)
        return LeftOver.PUT_ASIDE
    if said.wait_until is not None:
        message.due_at, message.reason, message.changed_at = said.wait_until, said.reason, hand.now
        return LeftOver.PUT_ASIDE
    return LeftOver.STAYS


def _end(message: Message, status: MessageStatus, reason: Reason | None, detail: str = "", *, now: datetime) -> None:
    message.status, message.reason, message.reason_detail = require_step(message.status, status), reason, detail
    message.worker = message.lease_until = None
    message.changed_at = now
    observability.count_message(status, message.kind, message.channel)


def _take(message: Message, hand: ClaimBatch, *, is_wanted: bool) -> Claimed:
    now = hand.now
    content = write_content(message, hand.addresses, now=now, is_first_text=hand.texted.is_first(message))
    ask_since = message.first_tried_at if message.unsure else None
    message.status = require_step(message.status, MessageStatus.SENDING)
    message.worker, message.lease_until = hand.worker, now + hand.lease
    message.attempts += 1
    message.first_tried_at = first_tried_at = message.first_tried_at or now
    message.changed_at = now
    if isinstance(content, Text):
        hand.texted.note(message.practice_id, content.to)
        if hand.limits:
            hand.purse.spend(_practice(message, hand), message.segments or 1)
    claimed = Claimed(
        message_id=message.id,
        worker=hand.worker,
        content=content,
        ask_since=ask_since,
        is_wanted=is_wanted,
        kind=message.kind,
        channel=message.channel,
        attempts=message.attempts,
        first_tried_at=first_tried_at,
        due_at=message.due_at,
        not_after=message.not_after,
        lease=Lease(now + hand.lease, hand.lease),
    )
    hand.taken[message.id] = {name: getattr(message, name) for name in _WRITTEN}
    hand.session.expire(message)  # Written with the others, in one statement.
    return claimed


_WRITTEN = (
    "status",
    "worker",
    "lease_until",
    "attempts",
    "first_tried_at",
    "changed_at",
    "unsure",
    "subject",
    "body",
    "sent_to",
    "segments",
)


_NOW = bindparam("now", type_=Message.due_at.type)

# Built once: building a statement takes longer than running it.
_DUE = (
    select(Message.id)
    # Whatever is being sent was due, too: without this the whole index is read, with all that waits for its day.
    .where(
        IS_OPEN,
        Message.due_at <= _NOW,
        or_(
            Message.status == MessageStatus.PLANNED,
            and_(Message.status == MessageStatus.SENDING, Message.lease_until < _NOW),
        ),
    )
    .order_by(
        Message.due_at
    )  # And by nothing else: the index gives them in this order, so no more are read than taken.
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_LOADED = (
    select(Message)
    .where(Message.id.in_(bindparam("ids", expanding=True)))
    .order_by(Message.due_at, Message.id)
    .options(*NEEDED)
    .execution_options(populate_existing=True)
)


def _due_within(limits: SendingLimits, empty: Collection[str]) -> Select[int]:
    """What can be claimed, without the texts of senders whose budget is empty: others must not wait behind them."""
    if not empty:
        return _DUE
    senders = select(Practice.id).where(sender_of_practice(limits).in_(empty))
    return _DUE.where(or_(Message.channel != Channel.TEXT, Message.unsure, Message.practice_id.not_in(senders)))


_STALE = (
    select(Message.id)
    .where(
        IS_OPEN,
        Message.status == MessageStatus.PLANNED,
        Message.due_at <= _NOW,  # It follows from the next line, and spares most of the index.
        Message.not_after <= _NOW,
        Message.unsure.is_(False),
    )
    .with_for_update(skip_locked=True)
)


@retry_on_conflict
def expire_messages(*, now: datetime) -> int:
    """Mark what can no longer be useful, so that it does not wait for ever; how many there were."""
    status = require_step(MessageStatus.PLANNED, MessageStatus.EXPIRED)
    ended = (
        update(Message)
        .where(Message.id.in_(_STALE))
        .values(status=status, reason=Reason.TOO_LATE, changed_at=now)
        .returning(Message.id, Message.kind, Message.channel)
        .execution_options(synchronize_session=False)
    )
    with transaction() as session:
        found = session.execute(ended, {"now": now}).all()
        save_ways_in(session, found, now=now)
        for row in found:
            if row.kind == MessageKind.REPLY:
                after_answer_lost(session, session.get_one(Message, row.id, populate_existing=True), now=now)
    for row in found:
        observability.count_message(status, row.kind, row.channel)
    return len(found)
