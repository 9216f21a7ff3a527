"""Sending what is due, once.

Three steps, and a crash between any two of them loses nothing: ``claim_messages`` takes a batch in one short
transaction and fixes the words; ``send_message`` talks to the provider and never to the database, in as many threads as
there are; ``record_outcomes`` keeps what came of it in a second short transaction. If the process dies in between, the
claim's lease runs out, another worker takes it up, and asks the provider before sending again. A mail server cannot be
asked: each thread has its last e-mail recorded before it begins another, so no more than that one goes twice.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telehealth import observability
from telehealth.database import RowValues, retry_on_conflict, transaction
from telehealth.domain.delivery.retries import ASK_AFTER, after_failure
from telehealth.domain.delivery.states import advance, require_step
from telehealth.domain.message_words import MessageKind, MessageStatus
from telehealth.domain.ports import DeliveryFailed, DeliveryStatus, Email, Gateways, Receipt, Remedy
from telehealth.services.delivery.leases import Claimed, find_still_held, is_still_held, last_look
from telehealth.services.delivery.outcomes import after_refusal, after_report
from telehealth.services.delivery.ways_in import after_a_try
from telehealth.services.inbox.answering import after_answer_arrived
from telehealth.services.locking import lock_message
from telehealth.services.messages.outbox import update_messages

log = logging.getLogger(__name__)

LONGEST_CODE = 40
ENDED_BADLY = frozenset({DeliveryStatus.UNDELIVERED, DeliveryStatus.FAILED})


@dataclass(frozen=True, slots=True)
class DeliveryOutcome:
    """What came of handing one message over between two aware instants: a receipt, or a failure, or neither, when
    nothing was sent. ``is_sure`` says that no earlier attempt went through either.
    """

    claimed: Claimed
    began: datetime
    at: datetime
    receipt: Receipt | None = None
    failure: DeliveryFailed | None = None
    is_sure: bool = False


def deliver_all(claimed: Sequence[Claimed], *, gateways: Gateways, now: Callable[[], datetime]) -> None:
    """Hand claimed messages over, one after the other, and record what came of each one at once."""
    for each in claimed:
        for ready in last_look([each], now=now()):
            record_outcomes([send_message(ready, gateways=gateways, now=now)])


def send_message(claimed: Claimed, *, gateways: Gateways, now: Callable[[], datetime]) -> DeliveryOutcome:
    """Give one message to its provider, who is asked first when an earlier attempt may have gone through.

    Safe in any thread: it does not touch the database. What would not end within the lease is not begun.
    """
    began = now()
    if began > claimed.lease.begin_by:
        return DeliveryOutcome(claimed, began, began)
    try:
        with observability.SEND_SECONDS.labels(claimed.channel).time():
            receipt = _found(claimed, gateways)
            if receipt is None and not claimed.is_wanted:
                return DeliveryOutcome(claimed, began, now(), is_sure=True)
            receipt = receipt or _sent(claimed, gateways)
    except DeliveryFailed as failure:
        return DeliveryOutcome(claimed, began, now(), failure=failure)
    except Exception as fault:  # noqa: BLE001 -- a fault in a gateway must not hold up everybody's messages behind it
        return DeliveryOutcome(claimed, began, now(), failure=DeliveryFailed(type(fault).__name__, Remedy.ASK))
    return DeliveryOutcome(claimed, began, now(), receipt)


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


def record_outcomes(outcomes_: Sequence[DeliveryOutcome]) -> None:
    """Keep what came of several attempts of one worker: the usual in one transaction, the rest one by one.

    The usual is that the message is still in the worker's hands, and was taken, or is to be tried again. Whatever came
    first, a report of the provider's or another worker, stays.
    """
    for each in outcomes_:
        _note(each)
    usual: dict[int, RowValues] = {}
    with transaction() as session:
        held = find_still_held(session, [each.claimed for each in outcomes_])
        for each in outcomes_:
            row = held.get(each.claimed.message_id)
            values = _after(each, row) if row is not None else None
            if values is not None and not _has_consequences(each, values):
                usual[each.claimed.message_id] = values
        update_messages(session, usual)
    for each in outcomes_:
        if each.claimed.message_id not in usual:
            _record_alone(each)


def _note(outcome: DeliveryOutcome) -> None:
    claimed, failure = outcome.claimed, outcome.failure
    if failure is not None:
        level = logging.ERROR if failure.remedy == Remedy.ALERT else logging.WARNING
        log.log(level, "not accepted", extra={"reference": claimed.content.reference, "code": failure.code})
        observability.PROVIDER_ERRORS.labels(claimed.channel, failure.code[:LONGEST_CODE]).inc()
    if outcome.receipt is not None:
        observability.count_message(MessageStatus.ACCEPTED, claimed.kind, claimed.channel)
        waited = (outcome.at - claimed.due_at).total_seconds()
        observability.DELAY_SECONDS.labels(claimed.channel).observe(max(0.0, waited))


def _after(
    outcome: DeliveryOutcome,
    row: Any,  # A message, or a row that has its ``status``, ``sent_at`` and ``unsure``.
) -> RowValues:
    """What changes in the row of a message with an attempt, given what it holds now."""
    changes: RowValues = {"worker": None, "lease_until": None, "changed_at": outcome.at}
    if outcome.receipt is not None:
        return changes | _after_receipt(outcome.receipt, row.status, row.sent_at or outcome.at)
    if outcome.failure is not None:
        return changes | _after_failure(outcome, outcome.failure, row.status)
    status = require_step(row.status, MessageStatus.PLANNED)
    return changes | {"status": status, "unsure": row.unsure and not outcome.is_sure}


def _after_receipt(receipt: Receipt, current: MessageStatus, sent_at: datetime) -> RowValues:
    taken: RowValues = {"provider_id": receipt.provider_id, "unsure": False, "sent_at": sent_at}
    following = advance(current, receipt.status)
    if following is None:  # A fast report has moved it further already.
        return taken
    ended: RowValues = {"error_code": receipt.error_code} if receipt.status in ENDED_BADLY else {}
    return taken | ended | {"status": following, "reason": None}


def _after_failure(outcome: DeliveryOutcome, failure: DeliveryFailed, current: MessageStatus) -> RowValues:
    spread = random.uniform(1.0, 1.1)  # noqa: S311 -- it spreads load, it guards nothing
    step = after_failure(outcome.claimed, failure, spread=spread, now=outcome.at)
    again: RowValues = {"due_at": step.due_at} if step.status == MessageStatus.PLANNED else {}
    return again | {
        "status": require_step(current, step.status),
        "reason": step.reason,
        "error_code": failure.code[:LONGEST_CODE],
        "unsure": step.unsure,
    }


def _has_consequences(outcome: DeliveryOutcome, changes: RowValues) -> bool:
    """Whether more follows than is written into its row."""
    if outcome.receipt is not None:
        is_answer = outcome.claimed.kind == MessageKind.REPLY and outcome.receipt.status == DeliveryStatus.DELIVERED
        return is_answer or outcome.receipt.status in ENDED_BADLY
    if outcome.failure is not None:
        is_way_in = outcome.claimed.kind == MessageKind.JOIN_LINK
        return changes["status"] == MessageStatus.FAILED or outcome.failure.remedy == Remedy.ALERT or is_way_in
    return False


@retry_on_conflict
def _record_alone(outcome: DeliveryOutcome) -> None:
    """The same for a message about which something else happened meanwhile, or from whose end something follows."""
    with transaction() as session:
        message = lock_message(session, outcome.claimed.message_id)
        if outcome.receipt is None and not is_still_held(message, outcome.claimed):
            return  # A report came first and knows better, or another worker has it now.
        changes = _after(outcome, message)
        update_messages(session, {message.id: changes})
        if not _has_consequences(outcome, changes):
            return
        if message.status == MessageStatus.DELIVERED:
            after_answer_arrived(session, message)
        elif outcome.receipt is not None and "status" in changes:
            after_report(session, message, outcome.receipt.remedy, now=outcome.at)
        elif outcome.failure is not None:
            if message.status == MessageStatus.FAILED:
                observability.count_message(MessageStatus.FAILED, message.kind, message.channel)
            after_refusal(session, message, outcome.failure, now=outcome.at)
            after_a_try(session, message, now=outcome.at)
