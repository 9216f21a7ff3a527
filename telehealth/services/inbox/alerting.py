"""Telling staff of what waits: by e-mail and by text, through the outbox like everything else.

What must not wait is told in the transaction in which it happens (``alert_staff``), all else by a tick
(``alert_rounds``). One message a person, channel and step: its key is unique, so two workers tell nobody twice. When
one does not get through, ``services.delivery.outcomes`` takes another way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.database import RowValues
from telehealth.domain.consent.contactability import fold_address
from telehealth.domain.inbox.alert_steps import AlertStep, steps_due
from telehealth.domain.inbox.alerting import MOST, MOST_IN, USEFUL_FOR, AlertReason, is_told
from telehealth.domain.links import new_public_id
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason
from telehealth.domain.messages.plans import Key, Planned
from telehealth.domain.walltime import wall, zone
from telehealth.models import Alert, InboundText, Message, Practice, Therapist
from telehealth.queries.consent.opt_outs import find_opt_outs
from telehealth.queries.inbox.alert_readers import (
    PRACTICE,
    AlertReader,
    AlertReaders,
    count_texts_told,
    find_task_about,
    is_loss_known,
    list_therapists_of,
    practice_mailbox,
)
from telehealth.queries.inbox.alerts import list_steps
from telehealth.services.inserting import insert_those_free
from telehealth.services.messages.outbox import insert_message, message_values

Way = tuple[AlertReader, Channel]
NOTHING: RowValues = {"task_id": None, "appointment_id": None, "version": 0}


def alert_staff(
    session: Session, inbound: InboundText, why: AlertReason, *, therapists: Iterable[Therapist], now: datetime
) -> bool:
    """Tell of a text at once whom the practice's first steps name, inside the caller's transaction, which has put its
    task on the desk; whether anybody is told.

    Nobody is when the practice does not want that, or when the same number has been told of too often in an hour.
    Where nobody has an address that works, the practice's own gets it, whatever is known of it.
    """
    practice = session.get_one(Practice, inbound.practice_id)
    if (
        not is_told(practice.alerts, why)
        or is_loss_known(inbound, why)
        or count_texts_told(inbound, since=now - MOST_IN) >= MOST
    ):
        return False
    task = find_task_about(inbound)
    if task is None:
        return False
    return alert_of_task(session, practice, task.id, why, therapists=therapists, now=now)


def alert_of_task(
    session: Session,
    practice: Practice,
    task_id: int,
    why: AlertReason,
    *,
    therapists: Iterable[Therapist],
    now: datetime,
) -> bool:
    """Tell of a task at once, inside the caller's transaction; whether anybody is told who was not before."""
    made = open_alerts(session, [{"practice_id": practice.id, "reason": why, "task_id": task_id, "began_at": now}])
    if not made:
        return False
    alert, at = session.get_one(Alert, made[0]), wall(now, zone(practice.timezone))
    first = [each for each in list_steps(practice, why) if each.minutes == 0]
    steps = steps_due(first, waited=now - alert.began_at, at=at)
    ways = list_ways(AlertReaders(practice, now=now), steps, therapists) if steps else []
    for reader, channel in ways:
        plan_alert(session, alert, reader, channel, minutes=0, now=now)
    return bool(ways)


def open_alerts(session: Session, rows: Iterable[RowValues]) -> list[int]:
    """Keep that things wait, inside the caller's transaction; the ids of those that were not known yet."""
    whole = [{**NOTHING, "public_id": new_public_id(), **each} for each in rows]
    return list(insert_those_free(session, Alert, whole, "public_id").values())


def plan_alert(
    session: Session,
    alert: Alert,
    reader: AlertReader,
    channel: Channel,
    *,
    minutes: int,
    now: datetime,
    told_by_id: int | None = None,
) -> int:
    """Put one alert into the outbox, to go at once, or as told by another one; its id. It has words when it is sent."""
    copies = select(func.max(Message.copy)).where(
        Message.alert_id == alert.id,
        Message.kind == MessageKind.ALERT,
        Message.minutes == minutes,
        Message.channel == channel,
        Message.recipient == reader.key,
    )
    last = session.scalar(copies)
    status, reason = (MessageStatus.PLANNED, None) if told_by_id is None else (MessageStatus.VOID, Reason.SAID_IN_ONE)
    key = Key(MessageKind.ALERT, channel, reader.key, minutes)
    planned = Planned(key, alert.reason.value, now, now + USEFUL_FOR, status=status, reason=reason)
    values = message_values(
        planned,
        now=now,
        practice_id=alert.practice_id,
        alert_id=alert.id,
        therapist_id=reader.therapist_id,
        sent_to=reader.address(channel),
        told_by_id=told_by_id,
        copy=0 if last is None else last + 1,
    )
    return insert_message(session, values)


def list_ways(readers: AlertReaders, steps: Iterable[AlertStep], therapists: Iterable[Therapist]) -> list[Way]:
    """Each person whom these steps tell, on each of their channels; but nobody twice at one address, and not where it
    is left alone. Where that leaves nobody, the practice's own mailbox.
    """
    concerned = list(therapists)
    wanted = [
        (reader, channel)
        for step in steps
        for reader in readers.of_step(step, concerned)
        for channel in reader.channels(step.way)
    ]
    return list(_that_work(readers.practice.id, wanted)) or [(practice_mailbox(readers.practice), Channel.EMAIL)]


def therapists_concerned(inbound: InboundText, *, now: datetime) -> Sequence[Therapist]:
    """Who gives the next or last appointment of whoever sent a text, as far as that is known."""
    return list_therapists_of([inbound.client_id], now=now) if inbound.client_id is not None else []


def _that_work(practice_id: int, wanted: Sequence[Way]) -> Iterator[Way]:
    addresses = [reader.address(channel) for reader, _ in wanted for channel in Channel]
    withheld = find_opt_outs(practice_id, client_ids=(), addresses=addresses)
    told: set[tuple[Channel, str]] = set()
    for reader, way in wanted:
        is_cut_off = way == Channel.TEXT and withheld.why_suppressed(way, reader.phone) is not None
        channel = Channel.EMAIL if is_cut_off and reader.key != PRACTICE else way
        where = (channel, fold_address(channel, reader.address(channel)))
        if where[1] and where not in told and withheld.why_suppressed(*where) is None:
            told.add(where)
            yield reader, channel
