"""Telling staff at once that a text must not wait: by e-mail and by text, through the outbox like everything else.

One alert a person, channel and text. When one does not get through, ``services.delivery.outcomes`` takes another way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.domain.consent.contactability import fold_address
from telehealth.domain.inbox.alerting import MOST, MOST_IN, USEFUL_FOR, AlertReason, is_told
from telehealth.domain.messages.plans import Key, Planned
from telehealth.domain.words import Channel, MessageKind
from telehealth.models import InboundText, Message, Practice, Therapist
from telehealth.queries.consent.opt_outs import find_opt_outs
from telehealth.queries.inbox.alert_readers import (
    AlertReader,
    count_texts_told,
    list_alert_readers,
    list_therapists_of,
    practice_mailbox,
)
from telehealth.services.messages.outbox import insert_message, message_values


def alert_staff(
    session: Session, inbound: InboundText, why: AlertReason, *, therapists: Iterable[Therapist], now: datetime
) -> bool:
    """Tell the therapists who are concerned, and the desk, inside the caller's transaction; whether anybody is told.

    Nobody is when the practice does not want that, or when the same number has been told of too often in an hour.
    Where nobody has an address that works, the practice's own gets it, whatever is known of it.
    """
    practice = session.get_one(Practice, inbound.practice_id)
    if not is_told(practice.alerts, why) or _is_told_already(session, inbound, why):
        return False
    if count_texts_told(inbound, since=now - MOST_IN) >= MOST:
        return False
    ways = list(_ways(practice.id, list_alert_readers(practice, therapists)))
    for reader, channel in ways or [(practice_mailbox(practice), Channel.EMAIL)]:
        plan_alert(session, inbound, why, reader, channel, now=now)
    return True


def plan_alert(
    session: Session, inbound: InboundText, why: AlertReason, reader: AlertReader, channel: Channel, *, now: datetime
) -> int:
    """Put one alert into the outbox, to go at once; its id. It has words when it is sent."""
    session.flush()
    # One after the other, or two that take another way at the same moment would get the same number.
    session.get_one(InboundText, inbound.id, with_for_update={"key_share": True})
    copies = select(func.max(Message.copy)).where(Message.inbound_id == inbound.id, Message.kind == MessageKind.ALERT)
    last = session.scalar(copies)
    planned = Planned(Key(MessageKind.ALERT, channel, reader.key), why.value, now, now + USEFUL_FOR)
    values = message_values(
        planned,
        now=now,
        practice_id=inbound.practice_id,
        inbound_id=inbound.id,
        therapist_id=reader.therapist_id,
        sent_to=reader.address(channel),
        copy=0 if last is None else last + 1,
    )
    return insert_message(session, values)


def therapists_concerned(inbound: InboundText, *, now: datetime) -> Iterable[Therapist]:
    """Who gives the next or last appointment of whoever sent a text, as far as that is known."""
    return list_therapists_of([inbound.client_id], now=now) if inbound.client_id is not None else []


def _is_told_already(session: Session, inbound: InboundText, why: AlertReason) -> bool:
    same = select(Message.id).where(
        Message.inbound_id == inbound.id, Message.kind == MessageKind.ALERT, Message.says == why.value
    )
    return session.scalar(same.limit(1)) is not None


def _ways(practice_id: int, readers: Iterable[AlertReader]) -> Iterator[tuple[AlertReader, Channel]]:
    """Each reader on each channel, but nobody twice at one address, and not where it is left alone."""
    known = list(readers)
    addresses = [each.address(channel) for each in known for channel in Channel]
    withheld = find_opt_outs(practice_id, client_ids=(), addresses=addresses)
    told: set[tuple[Channel, str]] = set()
    for reader in known:
        for channel in Channel:
            where = (channel, fold_address(channel, reader.address(channel)))
            if where[1] and where not in told and withheld.why_suppressed(*where) is None:
                told.add(where)
                yield reader, channel
