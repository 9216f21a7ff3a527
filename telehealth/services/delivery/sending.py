"""Sending what is due, once.

Three steps, and a crash between any two of them loses nothing: ``claim`` takes a batch in one short transaction and
fixes the words; ``hand_over`` talks to the provider and never to the database, in as many threads as there are;
``record`` keeps what came of it in a second short transaction. If the process dies in between, the claim's lease runs
out, another worker takes it up, and asks the provider before sending again.
"""

from __future__ import annotations

import logging
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, update
from sqlalchemy.orm import Session

from telehealth import observability
from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.delivery.retries import ASK_AFTER, Step, after_failure
from telehealth.domain.delivery.states import REPORTED, advance, require_step
from telehealth.domain.ports import DeliveryFailed, DeliveryStatus, Email, Gateways, Receipt, Remedy
from telehealth.domain.words import MessageStatus
from telehealth.models import Message
from telehealth.services.delivery.leases import Claimed, find_still_held, is_still_held, last_look
from telehealth.services.delivery.outcomes import after_refusal, after_report
from telehealth.services.locking import lock_message

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


def deliver_one(claimed: Claimed, *, gateways: Gateways, now: datetime) -> None:
    """Hand one claimed message over and record what came of it."""
    deliver_all([claimed], gateways=gateways, now=lambda: now)


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
    if began > claimed.begin_by:
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
    usual = {each.claimed.message_id: write for each in outcomes_ if (write := _usual(each)) is not None}
    kept: set[int] = set()
    if usual:
        with transaction() as session:
            kept = find_still_held(session, [each.claimed for each in outcomes_ if each.claimed.message_id in usual])
            _write_all(session, [usual[each] for each in sorted(kept)])
            _forget(session, kept)
    for each in outcomes_:
        if each.claimed.message_id not in kept:
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


@dataclass(frozen=True, slots=True)
class _Write:
    statement: Any
    values: dict[str, Any]


_ONE = update(Message).where(Message.id == bindparam("which"))
_AT = bindparam("at", type_=Message.changed_at.type)
_FREE: dict[str, Any] = {"worker": None, "lease_until": None, "changed_at": _AT}
_ACCEPTED = _ONE.values(
    **_FREE,
    status=bindparam("step"),
    reason="",
    unsure=False,
    provider_id=bindparam("receipt"),
    sent_at=func.coalesce(Message.sent_at, _AT),
)
_AGAIN = _ONE.values(
    **_FREE,
    status=require_step(MessageStatus.SENDING, MessageStatus.PLANNED),
    reason=bindparam("why"),
    error_code=bindparam("code"),
    due_at=bindparam("again_at", type_=Message.due_at.type),
    unsure=bindparam("doubt"),
)
_UNTRIED = _ONE.values(
    status=require_step(MessageStatus.SENDING, MessageStatus.PLANNED),
    worker=None,
    lease_until=None,
    unsure=bindparam("doubt"),
)


def _usual(outcome: DeliveryOutcome) -> _Write | None:
    """What to write when the message is still in its worker's hands; None when more has to be done than that."""
    claimed, receipt = outcome.claimed, outcome.receipt
    which = {"which": claimed.message_id, "at": outcome.at}
    if receipt is not None:
        if receipt.status in ENDED_BADLY:
            return None
        status = require_step(MessageStatus.SENDING, REPORTED[receipt.status])
        return _Write(_ACCEPTED, {**which, "step": status, "receipt": receipt.provider_id})
    if outcome.failure is None:
        doubt = claimed.ask_since is not None and not outcome.is_sure
        return _Write(_UNTRIED, {"which": claimed.message_id, "doubt": doubt})
    step = _step(outcome, outcome.failure)
    if step.status == MessageStatus.FAILED or outcome.failure.remedy == Remedy.ALERT:
        return None
    code = outcome.failure.code[:LONGEST_CODE]
    return _Write(_AGAIN, {**which, "why": step.reason, "code": code, "again_at": step.due_at, "doubt": step.unsure})


def _step(outcome: DeliveryOutcome, failure: DeliveryFailed) -> Step:
    spread = random.uniform(1.0, 1.1)  # noqa: S311 -- it spreads load, it guards nothing
    return after_failure(outcome.claimed, failure, spread=spread, now=outcome.at)


def _write_all(session: Session, writes: Iterable[_Write]) -> None:
    """One statement a kind of outcome, however many there are."""
    rows: dict[int, list[dict[str, Any]]] = defaultdict(list)
    statements = {}
    for each in writes:
        rows[id(each.statement)].append(each.values)
        statements[id(each.statement)] = each.statement
    for which, statement in statements.items():
        session.connection().execute(statement, rows[which])


def _forget(session: Session, message_ids: Iterable[int]) -> None:
    """What this session has read of these messages is old now."""
    for message_id in message_ids:
        known = session.identity_map.get(session.identity_key(Message, message_id))
        if known is not None:
            session.expire(known)


@retry_on_conflict
def _record_alone(outcome: DeliveryOutcome) -> None:
    """The same for a message about which something else happened meanwhile, or that failed for good."""
    with transaction() as session:
        message = lock_message(session, outcome.claimed.message_id)
        if outcome.receipt is not None:
            _keep_receipt(session, message, outcome.receipt, now=outcome.at)
            return
        if not is_still_held(message, outcome.claimed):
            return  # A report came first and knows better, or another worker has it now.
        message.worker = message.lease_until = None
        message.changed_at = outcome.at
        if outcome.failure is None:
            message.status = require_step(message.status, MessageStatus.PLANNED)
            message.unsure = message.unsure and not outcome.is_sure
        else:
            _keep_failure(session, message, outcome, outcome.failure)


def _keep_receipt(session: Session, message: Message, receipt: Receipt, *, now: datetime) -> None:
    message.provider_id = receipt.provider_id
    message.unsure = False
    message.sent_at = message.sent_at or now
    message.changed_at = now
    message.worker = message.lease_until = None
    following = advance(message.status, receipt.status)  # A fast report may have moved it further already.
    if following is not None:
        message.status, message.reason = following, ""
        if receipt.status in ENDED_BADLY:
            message.error_code = receipt.error_code
            after_report(session, message, receipt.remedy, now=now)


def _keep_failure(session: Session, message: Message, outcome: DeliveryOutcome, failure: DeliveryFailed) -> None:
    step = _step(outcome, failure)
    message.status, message.reason = require_step(message.status, step.status), step.reason
    message.error_code = failure.code[:LONGEST_CODE]
    message.due_at = step.due_at if step.status == MessageStatus.PLANNED else message.due_at
    message.unsure = step.unsure
    if step.status == MessageStatus.FAILED:
        observability.count_message(MessageStatus.FAILED, message.kind, message.channel)
    after_refusal(session, message, failure, now=outcome.at)
