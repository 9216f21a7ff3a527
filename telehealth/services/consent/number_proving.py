"""Numbers that strangers type: how many of them are texted at all, and the proof that one is theirs.

Whoever books without a login could otherwise text the world at the practice's cost, or bombard somebody. What one
number gets in a day is bounded apart from this (``Practice.texts_a_day``). Everything here counts what was, so
cancelling and booking again begins nothing anew.
"""

from __future__ import annotations

from datetime import datetime
from math import ceil

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.companions import CompanionFacts
from telehealth.domain.consent.contactability import TypedAddresses
from telehealth.domain.consent.texting import countries_texted
from telehealth.domain.contact import Contact
from telehealth.domain.errors import InvalidInput, NumberNotProved, TooManyCodes
from telehealth.domain.links import digest_of, new_public_id
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.number_codes import (
    DAY,
    LASTS,
    MOST_CODES,
    MOST_TRIES,
    PROOF_LASTS,
    RESTS_FOR,
    Counted,
    Proof,
    check_phone_only,
    why_not_proved,
)
from telehealth.domain.messages.plans import Key, Planned
from telehealth.models import InboundText, Message, NumberCode, Practice
from telehealth.queries.consent.client_files import ClientFiles
from telehealth.services.audit import ActedBy
from telehealth.services.messages.outbox import insert_message, message_values

MOST_OF_NETWORK = 20
"""Seats with texts to numbers that never wrote to the practice. A school is many people; the next one is e-mailed."""
KEPT_FOR = 2 * DAY
"""For so long a number that a stranger typed is kept with its codes, for counting."""
NOT_ONLINE = "Please enter your e-mail address, or call us."
OTHERS_NEED_EMAIL = "Please enter the e-mail address of everybody who comes with you."


def may_ask_for_texts(
    session: Session, practice_id: int, contact: TypedAddresses, files: ClientFiles, by: ActedBy
) -> bool:
    """Whether a seat may get texts, asked for from where somebody books. Staff, whoever wrote to us, and whoever had to
    prove their number because it is all that there is, always may.
    """
    if by.is_staff or by.remote_address is None or not contact.email or files.asked_for_texts < MOST_OF_NETWORK:
        return True
    wrote = exists().where(InboundText.practice_id == practice_id, InboundText.sender == contact.phone)
    return bool(session.scalar(select(wrote)))


@retry_on_conflict
def send_number_code(
    *, practice_id: int, phone: str, secret: str, locale: str, by: ActedBy, now: datetime
) -> NumberCode:
    """Text a code to a number (E.164), at whatever hour: somebody waits for it. Whoever brings the same ``secret`` can
    prove with it that they read what arrives there; asked again in the same moment, it is the same code.

    Nothing is said of a number that has ended texts: whoever asks is a stranger. Raises TooManyCodes, and InvalidInput
    where a visitor cannot use it: the practice does not take that, or does not text there.
    """
    with transaction() as session:
        if not by.is_staff:
            _require_use(session.get_one(Practice, practice_id), phone)
        # Codes of one practice are asked for one after the other, so that nobody counts wrong.
        session.execute(select(Practice.id).where(Practice.id == practice_id).with_for_update(key_share=True))
        last = _find_code(session, practice_id, phone, secret, user_id=by.user_id)
        if last is not None and _is_fresh(last, now=now):
            return last
        for counted, which in _list_counted(practice_id, phone, by):
            _require_room(session, counted, which, now=now)
        made = NumberCode(
            public_id=new_public_id(),
            practice_id=practice_id,
            phone=phone,
            asked_by=digest_of(secret),
            locale=locale,
            network=None if by.is_staff else by.network,
            user_id=by.user_id,
            created_at=now,
        )
        session.add(made)
        session.flush()
        planned = Planned(Key(MessageKind.CODE, Channel.TEXT, f"phone:{phone}"), "", now, now + LASTS)
        about = {"practice_id": practice_id, "number_code_id": made.id, "sent_to": phone}
        insert_message(session, message_values(planned, now=now, **about))
        return made


@retry_on_conflict
def prove_number(
    *,
    practice_id: int,
    phone: str,
    secret: str,
    typed: str,
    addresses: Addresses,
    now: datetime,
    user_id: int | None = None,
) -> Proof:
    """Whether somebody typed the last code that was texted to a number for the bearer of ``secret``; what becomes of it
    is kept. A wrong one counts, and after a few of them the right one is as good as wrong. Of visitors ``user_id`` is
    None: what staff were texted is nothing of theirs, nor the other way round.
    """
    with transaction() as session:
        found = _find_code(session, practice_id, phone, secret, user_id=user_id, is_locked=True)
        if found is None:
            return Proof.OVER
        if found.proved_at is not None:
            return Proof.PROVED if now < found.proved_at + PROOF_LASTS else Proof.OVER
        if now >= found.created_at + LASTS:
            return Proof.OVER
        if found.tries >= MOST_TRIES:
            return Proof.SPENT
        if addresses.is_number_code(found.public_id, typed):
            found.proved_at = now
            return Proof.PROVED
        found.tries += 1
        return Proof.WRONG if found.tries < MOST_TRIES else Proof.SPENT


def is_proved(session: Session, practice_id: int, phone: str, secret: str | None, *, now: datetime) -> bool:
    """Whether a visitor who bears ``secret`` has proved a number to be theirs, a moment ago."""
    found = _find_code(session, practice_id, phone, secret, user_id=None) if secret else None
    return found is not None and found.proved_at is not None and now < found.proved_at + PROOF_LASTS


def require_proved(
    session: Session, practice: Practice, contact: Contact | CompanionFacts, secret: str | None, *, now: datetime
) -> None:
    """What whoever books without an e-mail address has to bring along. Raises InvalidInput where the practice does not
    take that, or nothing could be said to them, and NumberNotProved.
    """
    if not practice.books_phone_only:
        raise InvalidInput({"email": NOT_ONLINE})
    if problems := check_phone_only(contact, countries_texted(practice.phone, practice.text_countries)):
        raise InvalidInput(problems)
    if not is_proved(session, practice.id, contact.phone or "", secret, now=now):
        raise NumberNotProved


def forget_typed_numbers(*, now: datetime) -> int:
    """Forget numbers that were typed to be texted a code, and what is known of the text; how many codes these were."""
    old = (NumberCode.created_at < now - KEPT_FOR, NumberCode.phone != "")
    with transaction() as session:
        ids = session.scalars(select(NumberCode.id).where(*old).limit(1000)).all()
        forget_number_codes(session, NumberCode.id.in_(ids))
        return len(ids)


def forget_number_codes(session: Session, which: ColumnElement[bool]) -> None:
    """The same of some codes, inside the caller's transaction. That there were any stays."""
    theirs = Message.number_code_id.in_(select(NumberCode.id).where(which))
    session.execute(update(Message).where(theirs).values(sent_to="", recipient="phone:forgotten", body=""))
    session.execute(update(NumberCode).where(which).values(phone="", network=None))


def _find_code(
    session: Session, practice_id: int, phone: str, secret: str, *, user_id: int | None, is_locked: bool = False
) -> NumberCode | None:
    """The last one that was texted there for the bearer of the secret: to somebody of the practice, or to a visitor."""
    asked = select(NumberCode).where(
        NumberCode.practice_id == practice_id,
        NumberCode.phone == phone,
        NumberCode.asked_by == digest_of(secret),
        NumberCode.user_id == user_id,
    )
    last = asked.order_by(NumberCode.id.desc()).limit(1).execution_options(populate_existing=True)
    return session.scalar(last.with_for_update() if is_locked else last)


def _require_use(practice: Practice, phone: str) -> None:
    if not practice.books_phone_only:
        raise InvalidInput({"email": NOT_ONLINE})
    if sentence := why_not_proved(phone, countries_texted(practice.phone, practice.text_countries)):
        raise InvalidInput({"phone": sentence})


def _is_fresh(code: NumberCode, *, now: datetime) -> bool:
    return code.proved_at is None and code.tries < MOST_TRIES and now - code.created_at < RESTS_FOR


def _list_counted(practice_id: int, phone: str, by: ActedBy) -> list[tuple[Counted, ColumnElement[bool]]]:
    asker = NumberCode.user_id == by.user_id if by.is_staff else NumberCode.network == by.network
    return [
        (Counted.NUMBER, NumberCode.phone == phone),
        (Counted.ASKER, asker),
        (Counted.PRACTICE, NumberCode.practice_id == practice_id),
    ]


def _require_room(session: Session, counted: Counted, which: ColumnElement[bool], *, now: datetime) -> None:
    """Raises TooManyCodes."""
    spans = MOST_CODES[counted]
    since = now - max(span for span, _ in spans)
    sent = session.scalars(
        select(NumberCode.created_at).where(which, NumberCode.created_at > since).order_by(NumberCode.created_at)
    ).all()
    for span, most in spans:
        within = [each for each in sent if each > now - span]
        if len(within) >= most:
            raise TooManyCodes(retry_after=ceil((within[len(within) - most] + span - now).total_seconds()))
