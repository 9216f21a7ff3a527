"""Numbers and addresses that are left alone, and what begins and ends that: STOP and START, a provider who says that
somebody blocks us or is not there, and staff who were asked to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, or_, select, union, update
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.audit_words import Actor
from telehealth.domain.consent.contactability import fold_address
from telehealth.domain.contact import clean_email, clean_line, clean_phone
from telehealth.domain.errors import InvalidInput, NotFound, OptedOut
from telehealth.domain.message_words import Channel, ConsentSource, Purpose, SuppressionReason
from telehealth.domain.words import WaitlistStatus
from telehealth.models import (
    Attendee,
    Client,
    Companion,
    Consent,
    InboundText,
    Message,
    Practice,
    Suppression,
    WaitlistEntry,
)
from telehealth.models.columns import new_uuid
from telehealth.queries.consent.opt_outs import latest_consents
from telehealth.queries.consent.reaching import is_reached_at
from telehealth.services.audit import ActedBy
from telehealth.services.inserting import insert_unless_taken
from telehealth.services.messages.planning import replan_appointments
from telehealth.services.messages.replanning import goes_to, have_replanned, lock_ahead

THEIRS = (SuppressionReason.STOP, SuppressionReason.BLOCKED)
"""What whoever holds the phone ended: staff lift it only with a sentence that says why."""
LONGEST_WHY = 200
ENDED_BY_START = (*THEIRS, SuppressionReason.BAD_ADDRESS, SuppressionReason.PAUSED)
"""A number that texts us is somebody's. What staff were asked to leave alone stays so, whoever holds the phone."""

_INSERT_CONSENT = insert(Consent)


def suppress_address(
    session: Session,
    *,
    practice_id: int,
    channel: Channel,
    address: str,
    reason: SuppressionReason,
    now: datetime,
) -> None:
    """Leave a number or address alone from now on, inside the caller's transaction; twice is as good as once.

    What waits for it is planned anew by the next tick, and is not sent in the meantime: the caller may hold a message.
    """
    _write(session, practice_id, channel, address, reason, now=now)
    have_replanned(session, goes_to(channel, fold_address(channel, address)), now=now, practice_id=practice_id)


@retry_on_conflict
def leave_address_alone(*, practice_id: int, channel: Channel, address: str, by: ActedBy, now: datetime) -> str:
    """ "Do not text this number", told to staff. Returns the number or address as it is kept.

    Raises NotAllowed, and InvalidInput (field ``address``) for what cannot be one.
    """
    by.require_staff()
    cleaned = _clean(channel, address)
    with transaction() as session:
        ahead = lock_ahead(session, goes_to(channel, cleaned), now=now, practice_id=practice_id)
        _write(session, practice_id, channel, cleaned, SuppressionReason.STAFF, now=now, user_id=by.user_id)
        replan_appointments(session, ahead, now=now)
        return cleaned


@retry_on_conflict
def lift_suppression(
    *, practice_id: int, suppression_public_id: str, by: ActedBy, now: datetime, why: str = ""
) -> Suppression:
    """Write to a number or address again (the suppression's public id). One that has ended already stays as it is.

    What came from the phone itself is lifted only with a sentence that says why: "she wrote STOP about the parking
    lot". It also takes back the noes that STOP wrote down. The carrier may go on blocking texts until START comes from
    the phone; then the next one fails, and the number is marked again.

    Raises NotFound, NotAllowed, OptedOut when that sentence is missing, and InvalidInput (field ``why``).
    """
    by.require_staff()
    said = _sentence(why)
    with transaction() as session:
        found = session.scalar(
            select(Suppression).where(
                Suppression.practice_id == practice_id, Suppression.public_id == suppression_public_id
            )
        )
        if found is None:
            raise NotFound
        if found.reason in THEIRS and not said:
            raise OptedOut
        ahead = lock_ahead(session, goes_to(found.channel, found.address), now=now, practice_id=practice_id)
        if found.ended_at is None:
            found.ended_at, found.ended_by, found.ended_by_id, found.why_ended = now, by.actor, by.user_id, said
            session.flush()
            if found.reason == SuppressionReason.STOP:
                _take_back_noes(session, found, said, by, now=now)
        replan_appointments(session, ahead, now=now)
        return found


@retry_on_conflict
def stop_texts(*, phone: str, now: datetime) -> int:
    """STOP came from a phone (E.164): no practice that knows the number texts it any more; how many that are.

    It counts for all our numbers, whichever it was texted to: people mean texts, not numbers.
    Appointments stand as they were, and what was planned as a text goes by e-mail. Twice is as good as once.
    """
    with transaction() as session:
        ahead = lock_ahead(session, goes_to(Channel.TEXT, phone), now=now)
        practices = _that_know(session, phone)
        for practice_id in practices:
            _write(session, practice_id, Channel.TEXT, phone, SuppressionReason.STOP, now=now)
        owners = _owners(session, phone)
        _say(session, owners, _not_refusing(owners), phone, "STOP, by text", is_given=False, now=now)
        replan_appointments(session, ahead, now=now)
        return len(practices)


@retry_on_conflict
def pause_texts(*, phone: str, now: datetime) -> int:
    """A text from a phone (E.164) may have been a wish for no more texts: until they have said, no practice that knows
    the number texts it of its own accord; how many that are. Answers to what they write go on.
    """
    with transaction() as session:
        ahead = lock_ahead(session, goes_to(Channel.TEXT, phone), now=now)
        practices = _that_know(session, phone)
        for practice_id in practices:
            _write(session, practice_id, Channel.TEXT, phone, SuppressionReason.PAUSED, now=now)
        replan_appointments(session, ahead, now=now)
        return len(practices)


@retry_on_conflict
def start_texts(*, phone: str, sender: str, now: datetime) -> int:
    """START came from a phone (E.164): the practices that text from ``sender`` may text it again; how many that are.

    It takes back what STOP said. What the client said in another way, or staff were asked, stays.
    """
    with transaction() as session:
        ahead = lock_ahead(session, goes_to(Channel.TEXT, phone), now=now)
        practices = _texting_from(session, sender, _that_know(session, phone))
        session.execute(
            update(Suppression)
            .where(
                Suppression.practice_id.in_(practices),
                Suppression.channel == Channel.TEXT,
                Suppression.address == phone,
                Suppression.reason.in_(ENDED_BY_START),
                Suppression.ended_at.is_(None),
            )
            .values(ended_at=now, ended_by=Actor.CLIENT)
        )
        owners = {each: practice for each, practice in _owners(session, phone).items() if practice in practices}
        _say(session, owners, _stopped(owners), phone, "START, by text", is_given=True, now=now)
        replan_appointments(session, [each for each in ahead if each.practice_id in practices], now=now)
        return len(practices)


def _write(
    session: Session,
    practice_id: int,
    channel: Channel,
    address: str,
    reason: SuppressionReason,
    *,
    now: datetime,
    user_id: int | None = None,
) -> None:
    values = {
        "public_id": new_uuid(),
        "practice_id": practice_id,
        "channel": channel,
        "address": fold_address(channel, address),
        "reason": reason,
        "user_id": user_id,
        "since": now,
    }
    insert_unless_taken(session, Suppression, values)


def _sentence(why: str) -> str:
    try:
        return clean_line(why, longest=LONGEST_WHY)
    except ValueError as problem:
        raise InvalidInput({"why": str(problem)}) from problem


def _take_back_noes(session: Session, lifted: Suppression, said: str, by: ActedBy, *, now: datetime) -> None:
    """STOP was also kept as a no of everybody who is reached there."""
    owners = {
        each: practice for each, practice in _owners(session, lifted.address).items() if practice == lifted.practice_id
    }
    about, source = _stopped(owners), ConsentSource.STAFF
    _say(session, owners, about, lifted.address, said, is_given=True, now=now, source=source, user_id=by.user_id)


def _clean(channel: Channel, typed: str) -> str:
    try:
        found = clean_phone(typed, needed=True) if channel == Channel.TEXT else clean_email(typed)
    except ValueError as problem:
        raise InvalidInput({"address": str(problem)}) from problem
    return fold_address(channel, found or "")


def _that_know(session: Session, phone: str) -> Sequence[int]:
    """The practices that have the number from somebody, in order."""
    places: list[Select[Any]] = [
        select(Attendee.practice_id).where(Attendee.phone == phone),
        select(WaitlistEntry.practice_id).where(WaitlistEntry.phone == phone),
        select(Client.practice_id).where(or_(Client.phone == phone, Client.safe_phone == phone)),
        select(Companion.practice_id).where(Companion.phone == phone),
        select(Message.practice_id).where(Message.sent_to == phone),
        select(InboundText.practice_id).where(InboundText.sender == phone),
    ]
    return sorted(session.scalars(union(*places)).all())


def _texting_from(session: Session, sender: str, practices: Collection[int]) -> list[int]:
    """Those of the practices whose texts come from this number; the ones without a number of their own share it, those
    with a Messaging Service included: which numbers it sends from is not known here.
    """
    rows = session.execute(select(Practice.id, Practice.text_sender).where(Practice.id.in_(practices))).all()
    own = [row.id for row in rows if row.text_sender == sender]
    is_own = own or session.scalar(select(Practice.id).where(Practice.text_sender == sender).limit(1)) is not None
    return own if is_own else [row.id for row in rows if not (row.text_sender or "").startswith("+")]


def _owners(session: Session, phone: str) -> dict[int, int]:
    """The clients who are reached at a number now, in every practice, with the practice of each: it is their safe one,
    or they have no safe one and typed it last, for an appointment or for a wait that goes on.
    """
    seen = session.scalars(select(Attendee.client_id).where(Attendee.phone == phone).distinct()).all()
    last = select(func.max(Attendee.id)).where(Attendee.client_id.in_(seen)).group_by(Attendee.client_id)
    typed = session.scalars(select(Attendee.client_id).where(Attendee.id.in_(last), Attendee.phone == phone)).all()
    waits = session.scalars(
        select(WaitlistEntry.client_id).where(
            WaitlistEntry.phone == phone, WaitlistEntry.status == WaitlistStatus.WAITING
        )
    ).all()
    are_reached = is_reached_at(Channel.TEXT, phone, Client.id.in_({*typed, *waits}))
    stand = select(Client.id, Client.practice_id).where(are_reached, Client.merged_into_id.is_(None))
    rows = session.execute(stand.order_by(Client.id))
    return {row.id: row.practice_id for row in rows}


def _not_refusing(clients: Collection[int]) -> list[tuple[int, Purpose]]:
    """What has not been said no to yet, by client and purpose."""
    said = latest_consents(clients)
    pairs = [(client, purpose) for client in clients for purpose in Purpose]
    return [(client, purpose) for client, purpose in pairs if not _is_no(said.get((client, Channel.TEXT, purpose)))]


def _stopped(clients: Collection[int]) -> list[tuple[int, Purpose]]:
    """What STOP said no to, and nobody has said anything about since."""
    said = latest_consents(clients).items()
    by_text = [(client, purpose, each) for (client, channel, purpose), each in said if channel == Channel.TEXT]
    return [
        (client, purpose) for client, purpose, each in by_text if _is_no(each) and each.source == ConsentSource.TEXT
    ]


def _is_no(said: Consent | None) -> bool:
    return said is not None and not said.is_given


def _say(  # noqa: PLR0913 -- a yes or no is these facts
    session: Session,
    owners: Mapping[int, int],
    about: Iterable[tuple[int, Purpose]],
    phone: str,
    wording: str,
    *,
    is_given: bool,
    now: datetime,
    source: ConsentSource = ConsentSource.TEXT,
    user_id: int | None = None,
) -> None:
    rows = [
        {
            "public_id": new_uuid(),
            "practice_id": owners[client_id],
            "client_id": client_id,
            "channel": Channel.TEXT,
            "purpose": purpose,
            "is_given": is_given,
            "source": source,
            "wording": wording,
            "address": phone,
            "user_id": user_id,
            "at": now,
        }
        for client_id, purpose in about
    ]
    if rows:
        session.connection().execute(_INSERT_CONSENT, rows)
