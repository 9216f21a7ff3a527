"""Texts that people send to us, and what staff answer."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain import languages
from telehealth.domain.addresses import Addresses
from telehealth.domain.contact import say_phone
from telehealth.domain.delivery.verdicts import may_be_answered_at
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.inbox import replies
from telehealth.domain.inbox.answers import Answers
from telehealth.domain.inbox.replies import LONGEST_TEXT, Reading
from telehealth.domain.message_words import Channel, MessageKind, Reason, ReplyMeaning, SuppressionReason
from telehealth.domain.messages import segments
from telehealth.domain.messages.plans import Key, Planned
from telehealth.domain.reasons import say_reason
from telehealth.models import InboundText, Message, Practice
from telehealth.queries.consent.opt_outs import find_opt_outs, find_reasons
from telehealth.queries.inbox.inbound_texts import (
    count_replies,
    find_practice_texted,
    find_text_by_provider_id,
    list_clients_with_number,
    list_practices_at,
    list_seats_ahead,
)
from telehealth.services.audit import ActedBy
from telehealth.services.consent.suppressions import pause_texts, start_texts, stop_texts
from telehealth.services.inbox.conversations import answer_to
from telehealth.services.inbox.talks import LOOKS_AHEAD, Talk
from telehealth.services.inserting import insert_unless_taken
from telehealth.services.messages.outbox import insert_message, message_values

log = logging.getLogger(__name__)

PHONE = "phone:"
"""The key by which messages name a number, whoever has it."""
A_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
"""What can be answered (E.164): not a short code, and no name, behind which there are only machines."""
USEFUL_FOR = timedelta(hours=1)
CAP, CAP_IN = 5, timedelta(hours=1)
"""So that two machines that answer each other stop."""
A_STOP_IS_CONFIRMED_IN = timedelta(minutes=5)
"""47 CFR 64.1200(a)(12): later it would need a consent that has ended."""
CARRIERS_CONFIRM = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
LONGEST_NOTE = 1000
NOTE_USEFUL_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A text as it came and was read. ``before`` is why its number was left alone until then; ``is_answered`` says that
    the provider has answered it.
    """

    provider_id: str
    sender: str
    recipient: str
    body: str
    reading: Reading
    before: Mapping[SuppressionReason, datetime]
    is_answered: bool
    has_pictures: bool
    at: datetime


def receive_text(  # noqa: PLR0913 -- a text is these facts
    *,
    provider_id: str,
    sender: str,
    recipient: str,
    body: str,
    addresses: Addresses,
    now: datetime,
    opt_out: ReplyMeaning | None = None,
    pictures: int = 0,
) -> InboundText | None:
    """Keep a text that came to us, do what it asks for, and plan our answer; a repeated delivery changes nothing.

    ``provider_id`` is the provider's id for it, ``sender`` and ``recipient`` the two numbers (E.164). ``opt_out`` is
    STOP, START or HELP when the provider took it for that and answered it. Returns what was kept; None when nobody can
    tell which practice it is meant for.
    """
    if sender == recipient:
        return None  # Our own number talks to itself.
    known = find_text_by_provider_id(provider_id)
    if known is not None:
        return known
    practice_id = find_practice_texted(sender=sender, recipient=recipient)
    body = body.replace("\0", "")[:LONGEST_TEXT]
    reading = _reading(body, opt_out, practice_id, sender)
    before = find_reasons(practice_id, Channel.TEXT, sender) if practice_id is not None else {}
    # Before it is kept: if we die in between, a STOP that was carried out and not kept does less harm than the reverse.
    stopped = _carry_out(reading, sender, recipient, now=now)
    for_whom = [practice_id] if practice_id is not None else _whoever_it_may_concern(reading, recipient)
    if not for_whom:
        log.warning("a text came that is meant for no practice of ours", extra={"reference": provider_id})
        return None
    came = Arrival(provider_id, sender, recipient, body, reading, before, opt_out is not None, pictures > 0, now)
    found = _keep(came, for_whom[0], addresses)
    for other in for_whom[1:]:
        _keep(came, other, addresses, is_copy=True)
    if not stopped and _ends_texts(reading):  # Nobody had the number before; now this text of theirs has it.
        _carry_out(reading, sender, recipient, now=now)
    return found


def _whoever_it_may_concern(reading: Reading, recipient: str) -> Sequence[int]:
    """A cry for help from a number that nobody knows is for all who may be meant: better two who call than none."""
    return list_practices_at(recipient) if reading.is_crisis else []


@retry_on_conflict
def answer_text(*, practice_id: int, inbound_public_id: str, body: str, by: ActedBy, now: datetime) -> Message:
    """What staff write in answer to a text (its public id), as a text that goes out at once. Staff only.

    To a text that did not come just now it waits for the hours in which nobody is disturbed. Raises NotFound,
    NotAllowed, and InvalidInput (field ``body``) when there is nothing to send, or nobody who may be texted.
    """
    by.require_staff()
    words = _checked(body)
    with transaction() as session:
        found = session.scalar(
            select(InboundText)
            .where(InboundText.practice_id == practice_id, InboundText.public_id == inbound_public_id)
            .with_for_update(of=InboundText)
        )
        if found is None:
            raise NotFound
        _require_textable(found)
        practice = session.get_one(Practice, practice_id)
        copies = select(func.max(Message.copy)).where(Message.inbound_id == found.id, Message.kind == MessageKind.NOTE)
        last = session.scalar(copies)
        said = Answers(practice.sender_name, say_phone(practice.phone), languages.ENGLISH).note(words)
        due_at = may_be_answered_at(found, now, until=now + NOTE_USEFUL_FOR) or now
        note = Planned(_key(found, MessageKind.NOTE), "", due_at, due_at + NOTE_USEFUL_FOR)
        made = _write(session, found, note, said, now=now, copy=0 if last is None else last + 1)
        return session.get_one(Message, made)


def _reading(body: str, opt_out: ReplyMeaning | None, practice_id: int | None, sender: str) -> Reading:
    """What it means to us: where the provider has decided, what it decided. "Yes" is always a word to begin texts again
    for providers; for us it is one from somebody who ended them, and from anybody else a yes.
    """
    reading = replies.read_reply(body)
    is_yes = reading.is_opt_in and reading.meaning == ReplyMeaning.CONFIRM
    if opt_out is not None and not reading.is_crisis and not (is_yes and opt_out == ReplyMeaning.START):
        return replace(reading, meaning=opt_out, choice=None, is_all=False, is_reaction=False)
    if is_yes and _has_stopped(practice_id, sender):
        return replace(reading, meaning=ReplyMeaning.START)
    return reading


def _has_stopped(practice_id: int | None, number: str) -> bool:
    if practice_id is None:
        return False
    ended = {SuppressionReason.STOP, SuppressionReason.PAUSED}
    return not ended.isdisjoint(find_reasons(practice_id, Channel.TEXT, number))


def _ends_texts(reading: Reading) -> bool:
    return reading.meaning == ReplyMeaning.STOP or reading.is_free


def _carry_out(reading: Reading, sender: str, recipient: str, *, now: datetime) -> bool:
    """Begin or end texts to this number; whether anything was to be done."""
    if _ends_texts(reading):
        return stop_texts(phone=sender, now=now) > 0
    if reading.meaning == ReplyMeaning.MAYBE_STOP:
        return pause_texts(phone=sender, now=now) > 0
    if reading.meaning == ReplyMeaning.START:
        return start_texts(phone=sender, sender=recipient, now=now) > 0
    return False


@retry_on_conflict
def _keep(came: Arrival, practice_id: int, addresses: Addresses, *, is_copy: bool = False) -> InboundText | None:
    """Keep it for a practice and do what follows. ``is_copy``: another one has it, too, and answers it."""
    kept = {
        "practice_id": practice_id,
        "provider_id": f"{came.provider_id}/{practice_id}" if is_copy else came.provider_id,
        "sender": came.sender,
        "recipient": came.recipient,
        "body": came.body,
        "meaning": came.reading.meaning,
        "received_at": came.at,
    }
    with transaction() as session:
        inbound_id = insert_unless_taken(session, InboundText, kept)
        if inbound_id is None:
            return find_text_by_provider_id(str(kept["provider_id"]))
        inbound = session.get_one(InboundText, inbound_id)
        talk = Talk(
            session=session,
            practice=session.get_one(Practice, practice_id),
            inbound=inbound,
            reading=came.reading,
            clients=list_clients_with_number(practice_id, came.sender),
            seats=list_seats_ahead(practice_id, came.sender, now=came.at, until=came.at + LOOKS_AHEAD),
            addresses=addresses,
            now=came.at,
            may_be_answered=not is_copy and _may_answer(inbound, came),
            is_answered_elsewhere=came.is_answered,
            has_pictures=came.has_pictures,
            was_paused=SuppressionReason.PAUSED in came.before,
            is_copy=is_copy,
        )
        inbound.client_id = talk.client.id if talk.client is not None else None
        words = answer_to(talk)
        session.flush()
        if words and talk.may_be_answered:
            useful_for = A_STOP_IS_CONFIRMED_IN if inbound.meaning == ReplyMeaning.STOP else USEFUL_FOR
            reply = Planned(_key(inbound, MessageKind.REPLY), "", came.at, came.at + useful_for)
            _write(session, inbound, reply, words, now=came.at)
        return inbound


def _may_answer(inbound: InboundText, came: Arrival) -> bool:
    """Whether a person may be behind the number, who is not answered all the time, and who has not ended texts; but see
    ``domain.delivery.verdicts.SAID_AFTER_A_STOP``. Whatever we have said before, somebody in a crisis is told where
    help is.
    """
    if not A_NUMBER.fullmatch(inbound.sender):
        return False
    reasons = find_reasons(inbound.practice_id, Channel.TEXT, inbound.sender)
    if reasons.keys() - {SuppressionReason.STOP, SuppressionReason.PAUSED}:
        return False
    ended = reasons.get(SuppressionReason.STOP)
    if came.reading.is_crisis:
        since, most = (ended, 1) if ended is not None else (came.at - CAP_IN, CAP)
        return _count_answers(inbound, since, [ReplyMeaning.CRISIS]) < most
    if came.reading.meaning == ReplyMeaning.STOP:
        return not (came.is_answered or SuppressionReason.STOP in came.before or _is_carriers_word(came.body))
    return ended is None and _count_answers(inbound, came.at - CAP_IN, ReplyMeaning) < CAP


def _is_carriers_word(body: str) -> bool:
    """Whether it is a stop that carriers, and Twilio for them, know and confirm: the word alone, as they compare it."""
    return body.strip().upper() in CARRIERS_CONFIRM


def _count_answers(inbound: InboundText, since: datetime, to: Iterable[ReplyMeaning]) -> int:
    return count_replies(inbound.practice_id, inbound.sender, since=since, to=to)


def _key(inbound: InboundText, kind: MessageKind) -> Key:
    return Key(kind, Channel.TEXT, PHONE + inbound.sender)


def _write(session: Session, inbound: InboundText, planned: Planned, body: str, *, now: datetime, copy: int = 0) -> int:
    """Put our words into the outbox, and return the message's id."""
    about = {"practice_id": inbound.practice_id, "inbound_id": inbound.id}
    return insert_message(session, message_values(planned, now=now, **about, copy=copy, body=body))


def _checked(body: str) -> str:
    """What staff typed, in the letters that travel. Raises InvalidInput."""
    words = "\n".join(line.rstrip() for line in segments.plain_words(body.replace("\0", "")).strip().splitlines())
    if not words:
        raise InvalidInput({"body": "Please write a few words. Nothing was sent."})
    if len(words) > LONGEST_NOTE:
        too_long = f"That is {len(words):,} characters long; please use at most {LONGEST_NOTE:,}. Nothing was sent."
        raise InvalidInput({"body": too_long})
    return words


def _require_textable(inbound: InboundText) -> None:
    """Texts that are only paused need a person to ask what was meant."""
    if not A_NUMBER.fullmatch(inbound.sender):
        raise InvalidInput({"body": "This sender cannot be answered by text. Nothing was sent."})
    withheld = find_opt_outs(inbound.practice_id, client_ids=(), addresses=[inbound.sender])
    why_not = withheld.why_suppressed(Channel.TEXT, inbound.sender)
    if why_not not in {None, Reason.TEXT_PAUSED}:
        raise InvalidInput({"body": f"{say_reason(why_not)} Nothing was sent; please call or e-mail instead."})
