"""Erasing what tells who a client is, when their record need not be kept any more, or when they ask for it.

The rows stay: how many appointments there were, when, with whom, and what became of them, counts in the report as
before. Names, addresses, numbers, dates of birth and whatever somebody wrote go, also from messages and the audit. Two
people agree, or an owner twice on two days, and nothing can be undone.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from telehealth.database import RowValues, retry_on_conflict, transaction
from telehealth.domain import links
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.contact import clean_line
from telehealth.domain.delivery.states import OPEN
from telehealth.domain.errors import CannotErase, InvalidInput, NotAllowed, NotFound
from telehealth.domain.importing.seeking import Sought
from telehealth.domain.keeping import ERASED_NAME, LONGEST_REASON, Agreeing, ErasureStep, judge_agreement, say_date
from telehealth.domain.message_words import MessageKind, MessageStatus
from telehealth.domain.words import Role
from telehealth.models import (
    Appointment,
    AppointmentEvent,
    Attendee,
    CalendarFeed,
    Client,
    ClientErasure,
    ClientMerge,
    Companion,
    Consent,
    InboundText,
    Message,
    MessageEvent,
    NumberCode,
    Offer,
    PracticeEvent,
    SeriesEvent,
    SeriesMember,
    Suppression,
    Task,
    User,
    WaitlistEntry,
)
from telehealth.queries.practice.keeping import find_keeping, find_open_erasure
from telehealth.services.audit import ActedBy, Setting, record_setting
from telehealth.services.consent.call_erasing import erase_from_calls
from telehealth.services.consent.file_erasing import erase_from_files
from telehealth.services.consent.number_proving import forget_number_codes
from telehealth.services.locking import lock_own, read_client
from telehealth.services.messages.replanning import belongs_to, lock_ahead
from telehealth.services.practice.client_files import named_client

IS_ERASED = "This record was erased already."
NOT_YET = "This record has to be kept until {until}. An owner can erase it before that when the client asks for it."
SAYS_WHY = "Please say how and when the client asked for it."
ASKED_ALREADY = "That was asked for already. Somebody has to agree now."
OVER = "This is settled already. Nothing was changed."
WHY_NOT = {
    ErasureStep.NEEDS_ANOTHER: "Two people have to agree, and one of them has to be an owner. Nothing was changed.",
    ErasureStep.NEEDS_A_DAY: "Whoever asked can agree alone only as an owner, and a day later. Nothing was changed.",
    ErasureStep.LAPSED: "Nobody agreed for a month, so it has to be asked for again. Nothing was changed.",
}
CONTACTS: Sequence[Any] = (Attendee, SeriesMember, WaitlistEntry)
TOLD_OF_OTHER = ("before", "after")
NO_CONTACT: RowValues = {"name": ERASED_NAME, "email": "", "phone": None, "text_consent_wording": None}
NOTHING_ON_FILE: RowValues = {
    "name": ERASED_NAME,
    "email": "",
    "phone": None,
    "code_name": "",
    "safe_email": None,
    "safe_phone": None,
    "contact_note": "",
    "desk_note": "",
    "emergency_contact": "",
    "pronouns": "",
    "tags": [],
    "born_on": None,
    "search_text": "",
}


@dataclass(frozen=True, slots=True)
class _Traces:
    """By what a client is known: ids of their records (those merged into it, too), names, numbers and addresses, and
    those of these that nobody else has.
    """

    ids: list[int]
    public_ids: list[str]
    names: set[str]
    own_addresses: set[str]


@retry_on_conflict
def ask_erasure(*, practice_id: int, client_public_id: str, reason: str, by: ActedBy, now: datetime) -> ClientErasure:
    """Ask that a client's record is erased; somebody has to agree. Before its time only an owner asks, and says in
    ``reason`` how the client asked for it. Staff only. Raises NotFound, NotAllowed, CannotErase, InvalidInput.
    """
    by.require_staff()
    if by.user_id is None:
        raise NotAllowed
    try:
        why = clean_line(reason, longest=LONGEST_REASON)
    except ValueError as problem:
        raise InvalidInput({"reason": str(problem)}) from problem
    with transaction() as session:
        client = _lock(session, practice_id, client_public_id, now=now)
        is_early = _require_erasable(client, now=now)
        if is_early and not _is_owner(session, by.user_id):
            raise CannotErase(NOT_YET.format(until=say_date(find_keeping(client, now=now).until)))
        if is_early and not why:
            raise InvalidInput({"reason": SAYS_WHY})
        if find_open_erasure(client, now=now) is not None:
            raise CannotErase(ASKED_ALREADY)
        asked = ClientErasure(
            practice_id=practice_id, client_id=client.id, asked_by_id=by.user_id, reason=why, asked_at=now
        )
        session.add(asked)
        session.flush()
        about = named_client(client)
        record_setting(session, practice_id, about, AuditAction.REQUESTED, by, now=now, is_early=is_early)
        return asked


@retry_on_conflict
def agree_to_erase(*, practice_id: int, erasure_public_id: str, by: ActedBy, now: datetime) -> ClientErasure:
    """Agree that a record is erased, which it is then. Staff only. Raises NotFound, NotAllowed, CannotErase."""
    by.require_staff()
    with transaction() as session:
        named = ClientErasure.practice_id == practice_id, ClientErasure.public_id == erasure_public_id
        asked = session.scalar(select(ClientErasure).where(*named))
        if asked is None:
            raise NotFound
        if asked.client.erased_at is not None:
            raise CannotErase(IS_ERASED)
        client = _lock(session, practice_id, asked.client.public_id, now=now)
        erasure = lock_own(session, ClientErasure, practice_id, public_id=erasure_public_id)
        if erasure.withdrawn_at is not None or client.id != erasure.client_id:
            raise CannotErase(OVER)
        owners = [_is_owner(session, each) for each in (erasure.asked_by_id, by.user_id)]
        step = judge_agreement(Agreeing(erasure.asked_by_id, by.user_id, *owners), asked_at=erasure.asked_at, now=now)
        if step != ErasureStep.COUNTS:
            raise CannotErase(WHY_NOT[step])
        is_early = _require_erasable(client, now=now)
        if is_early and not erasure.reason:
            raise CannotErase(NOT_YET.format(until=say_date(find_keeping(client, now=now).until)))
        _erase(session, client, now=now)
        erasure.erased_at, erasure.agreed_by_id, erasure.reason = now, by.user_id, ""
        session.flush()
        about = Setting(AuditSubject.CLIENT, client.public_id, ERASED_NAME)
        record_setting(session, practice_id, about, AuditAction.ERASED, by, now=now, is_early=is_early)
        return erasure


def withdraw_erasure(*, practice_id: int, erasure_public_id: str, by: ActedBy, now: datetime) -> ClientErasure:
    """Keep the record after all. Staff only. Raises NotFound, NotAllowed, CannotErase when it is settled."""
    by.require_staff()
    with transaction() as session:
        erasure = lock_own(session, ClientErasure, practice_id, public_id=erasure_public_id)
        if erasure.erased_at or erasure.withdrawn_at:
            raise CannotErase(OVER)
        erasure.withdrawn_at, erasure.reason = now, ""
        session.flush()
        about = named_client(erasure.client)
        record_setting(session, practice_id, about, AuditAction.RESTORED, by, now=now)
        return erasure


def _lock(session: Session, practice_id: int, public_id: str, *, now: datetime) -> Client:
    """The record, held alone: a booking under way is seen, and one that comes begins again and finds nobody."""
    client_id = read_client(session, practice_id, public_id).id
    lock_ahead(session, belongs_to([client_id]), now=now, practice_id=practice_id)
    held = select(Client).where(Client.id == client_id).with_for_update(of=Client)
    return session.scalars(held.execution_options(populate_existing=True)).one()


def _require_erasable(client: Client, *, now: datetime) -> bool:
    """Whether it is before its time. Raises CannotErase with all that is in the way."""
    found = find_keeping(client, now=now)
    if found.in_the_way:
        raise CannotErase(" ".join([*found.in_the_way, "Nothing was changed."]))
    return not found.is_over


def _is_owner(session: Session, user_id: int | None) -> bool:
    user = session.get(User, user_id) if user_id is not None else None
    return user is not None and user.active and user.has(Role.OWNER)


def _erase(session: Session, client: Client, *, now: datetime) -> None:
    found = _find_traces(session, client)
    _erase_suppressions(session, client.practice_id, found, now=now)
    _erase_texts(session, client.practice_id, found, now=now)
    typed = (NumberCode.practice_id == client.practice_id, NumberCode.phone.in_(found.own_addresses))
    forget_number_codes(session, and_(*typed))
    _erase_messages(session, client.practice_id, found)
    _erase_audit(session, client.practice_id, found)
    erase_from_files(session, client.practice_id, Sought(found.names, found.own_addresses))
    seats = select(Attendee.appointment_id).where(Attendee.client_id.in_(found.ids))
    written = {"answer": "", "cancel_reason": "", "override_reason": ""}
    _set(session, Appointment, Appointment.id.in_(seats), **written)
    _set(session, Consent, Consent.client_id.in_(found.ids), address="", wording="")
    erase_from_calls(session, found.ids)
    _erase_companions(session, found, now=now)
    for model in CONTACTS:
        more = {"links_version": model.links_version + 1} if model is not SeriesMember else {}
        _set(session, model, model.client_id.in_(found.ids), **NO_CONTACT, **more)
    _erase_cancel_words(session, found)
    _set(session, Attendee, Attendee.client_id.in_(found.ids), text_network=None, call_phone=None)
    session.execute(delete(CalendarFeed).where(CalendarFeed.client_id.in_(found.ids)))
    _set(session, ClientErasure, ClientErasure.client_id.in_(found.ids), reason="")
    _set(session, ClientMerge, _merges(found), before={}, after={}, is_told=False)
    for each in session.scalars(select(Client).where(Client.id.in_(found.ids))):
        for name, value in NOTHING_ON_FILE.items():
            setattr(each, name, value)
        each.match_key = links.digest_of(secrets.token_urlsafe())
        each.links_version, each.erased_at, each.known_at = each.links_version + 1, now, None
    session.flush()
    session.expire_all()


def _erase_companions(session: Session, found: _Traces, *, now: datetime) -> None:
    theirs = Companion.client_id.in_(found.ids)
    _set(session, Companion, and_(theirs, Companion.ended_at.is_(None)), ended_at=now)
    _set(session, Companion, theirs, **NO_CONTACT, links_version=Companion.links_version + 1)


def _erase_cancel_words(session: Session, found: _Traces) -> None:
    """Theirs, and of whoever came along what says the same or names them: one sentence was written for both."""
    mine = session.scalars(select(Attendee).where(Attendee.client_id.in_(found.ids))).all()
    said = {words for each in mine for words in (each.cancel_reason, each.cancel_message) if words}
    booked = [each.appointment_id for each in mine]
    for each in session.scalars(select(Attendee).where(Attendee.appointment_id.in_(booked))):
        is_own = each.client_id in found.ids
        if is_own or each.cancel_reason in said or any(name in each.cancel_reason for name in found.names):
            each.cancel_reason = ""
        if is_own or each.cancel_message in said or any(name in each.cancel_message for name in found.names):
            each.cancel_message = ""
    session.flush()


def _find_traces(session: Session, client: Client) -> _Traces:
    merged = session.scalars(select(Client).where(Client.merged_into_id == client.id)).all()
    records = [client, *merged]
    ids = [each.id for each in records]
    names, addresses = {each.name for each in records}, set[str]()
    for each in records:
        addresses |= {each.email, each.phone or "", each.safe_email or "", each.safe_phone or ""}
    for model in CONTACTS:
        typed = select(model.name, model.email, model.phone).where(model.client_id.in_(ids)).distinct()
        for row in session.execute(typed):
            names.add(row.name)
            addresses |= {row.email, row.phone or ""}
    companions = select(Companion.email, Companion.phone).where(Companion.client_id.in_(ids))
    addresses |= {each or "" for row in session.execute(companions) for each in row}
    given = {each for each in addresses if each}
    own_addresses = given - _of_others(session, client.practice_id, ids, given)
    return _Traces(ids, [each.public_id for each in records], names, own_addresses)


def _of_others(session: Session, practice_id: int, ids: list[int], given: set[str]) -> set[str]:
    """Numbers and addresses that somebody else of the practice has as well."""
    found = set[str]()
    columns = [(Client, Client.id, each) for each in (Client.email, Client.phone, Client.safe_email, Client.safe_phone)]
    models = (*CONTACTS, Companion)
    columns += [(model, model.client_id, each) for model in models for each in (model.email, model.phone)]
    for model, whose, column in columns:
        others = select(column).where(model.practice_id == practice_id, whose.not_in(ids), column.in_(given))
        found |= set(session.scalars(others.distinct()))
    return found


def _erase_suppressions(session: Session, practice_id: int, found: _Traces, *, now: datetime) -> None:
    """Whoever comes back with the same number is asked anew: nobody is texted without a yes."""
    folded = {each.casefold() for each in found.own_addresses} | found.own_addresses
    theirs = select(Suppression).where(Suppression.practice_id == practice_id, Suppression.address.in_(folded))
    for each in session.scalars(theirs):
        each.address, each.why_ended, each.ended_at = f"erased-{each.id}", "", each.ended_at or now
    session.flush()


def _erase_texts(session: Session, practice_id: int, found: _Traces, *, now: datetime) -> None:
    theirs = _texts(practice_id, found)
    tasks = or_(Task.client_id.in_(found.ids), Task.inbound_id.in_(select(InboundText.id).where(theirs)))
    for task in session.scalars(select(Task).where(Task.practice_id == practice_id, tasks)):
        task.note, task.done_at = "", task.done_at or now
    for each in session.scalars(select(InboundText).where(theirs)):
        each.body, each.sender, each.client_id = "", f"erased-{each.id}", each.client_id or found.ids[0]
    session.flush()


def _texts(practice_id: int, found: _Traces) -> ColumnElement[bool]:
    whose = or_(InboundText.client_id.in_(found.ids), InboundText.sender.in_(found.own_addresses))
    return and_(InboundText.practice_id == practice_id, whose)


def _erase_messages(session: Session, practice_id: int, found: _Traces) -> None:
    """What was sent to them, and about them to therapists and the desk; of what others got, only what names them."""
    seats = select(Attendee.id).where(Attendee.client_id.in_(found.ids))
    booked = select(Attendee.appointment_id).where(Attendee.client_id.in_(found.ids))
    waits = select(Offer.id).join(Offer.entry).where(WaitlistEntry.client_id.in_(found.ids))
    texts = select(InboundText.id).where(InboundText.client_id.in_(found.ids))
    about = or_(
        Message.attendee_id.in_(seats),
        Message.offer_id.in_(waits),
        Message.inbound_id.in_(texts),
        Message.sent_to.in_(found.own_addresses),
        and_(Message.appointment_id.in_(booked), Message.attendee_id.is_(None)),
    )
    words = [*found.names, *found.own_addresses]
    named = or_(*(each.contains(word, autoescape=True) for word in words for each in (Message.subject, Message.body)))
    beside = or_(Message.appointment_id.in_(booked), Message.kind.in_((MessageKind.AGENDA, MessageKind.ALERT)))
    _empty(session, select(Message).where(Message.practice_id == practice_id, or_(about, and_(beside, named))), found)


def _empty(session: Session, messages: Select[Message], found: _Traces) -> None:
    ids = []
    for each in session.scalars(messages).all():
        each.subject = each.body = each.reason_detail = ""
        if each.sent_to in found.own_addresses:
            each.sent_to = ""
        if each.recipient.startswith("phone:"):
            each.recipient = f"phone:erased-{each.id}"
        if each.status in OPEN:
            each.status = MessageStatus.VOID
        ids.append(each.id)
    session.flush()
    _set(session, MessageEvent, MessageEvent.message_id.in_(ids), raw={})


def _erase_audit(session: Session, practice_id: int, found: _Traces) -> None:
    """Who did what, when and from where stays; what it was about in words does not."""
    booked = select(Attendee.appointment_id).where(Attendee.client_id.in_(found.ids))
    slots = select(SeriesMember.series_id).where(SeriesMember.client_id.in_(found.ids))
    lines: list[Any] = [
        *session.scalars(select(AppointmentEvent).where(AppointmentEvent.appointment_id.in_(booked))),
        *session.scalars(select(SeriesEvent).where(SeriesEvent.series_id.in_(slots))),
    ]
    words = [each.casefold() for each in (*found.names, *found.own_addresses)]
    for line in lines:
        # Codes, ids and instants have no spaces, and no name in them; whatever else there is somebody wrote.
        line.details = _without(line.details, [" ", *words])
    whose = PracticeEvent.practice_id == practice_id, PracticeEvent.subject_public_id.in_(found.public_ids)
    for event in session.scalars(select(PracticeEvent).where(*whose)):
        event.name, event.details = ERASED_NAME, _emptied(event.details)
    _erase_audit_of_parted(session, found)
    session.flush()


def _erase_audit_of_parted(session: Session, found: _Traces) -> None:
    """A record that was one with theirs for a while stays; what its audit says of theirs does not."""
    sides = select(ClientMerge.kept_id).where(_merges(found)), select(ClientMerge.merged_id).where(_merges(found))
    parted = select(Client.public_id).where(or_(*(Client.id.in_(each) for each in sides)), Client.id.not_in(found.ids))
    theirs = PracticeEvent.subject == AuditSubject.CLIENT, PracticeEvent.subject_public_id.in_(parted)
    addresses = [each.casefold() for each in found.own_addresses]
    for event in session.scalars(select(PracticeEvent).where(*theirs)):
        if event.details.get("other_record") in found.public_ids:
            told = {key: value for key, value in event.details.items() if key in TOLD_OF_OTHER}
            event.details = {**event.details, **_emptied(told), "other": ERASED_NAME}
        else:
            event.details = _without(event.details, addresses)


def _merges(found: _Traces) -> ColumnElement[bool]:
    return or_(ClientMerge.kept_id.in_(found.ids), ClientMerge.merged_id.in_(found.ids))


def _without(value: Any, words: Iterable[str]) -> Any:  # What JSON can hold.
    """Without the texts that hold one of these words, which are folded."""
    if isinstance(value, dict):
        return {key: _without(each, words) for key, each in value.items()}
    if isinstance(value, list):
        return [_without(each, words) for each in value]
    return "" if isinstance(value, str) and any(word in value.casefold() for word in words) else value


def _emptied(value: Any) -> Any:  # What JSON can hold.
    """The same fields with nothing in them; numbers tell nobody anything."""
    if isinstance(value, dict):
        return {key: _emptied(each) for key, each in value.items()}
    return value if isinstance(value, bool | int) else ""


def _set(session: Session, model: Any, which: ColumnElement[bool], **values: Any) -> None:  # Any table and column.
    statement = update(model).where(which).values(**values)
    session.execute(statement, execution_options={"synchronize_session": False})
