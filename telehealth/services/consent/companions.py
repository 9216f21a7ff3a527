"""Who acts for a client: written down, changed, and ended by staff; and what follows for messages to them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from functools import partial

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from telehealth.database import RowValues, retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.companions import MOST_COMPANIONS, CompanionFacts, clean_companion
from telehealth.domain.consent.texting import countries_texted, say_untextable, why_not_textable
from telehealth.domain.contact import TEXT_CONSENT
from telehealth.domain.delivery.states import require_step
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.message_words import MessageStatus, Reason, TaskKind
from telehealth.domain.video.calls import CallerRole, say_whom
from telehealth.models import Appointment, Caller, Client, Companion, Message, Practice, Task
from telehealth.services.audit import ActedBy, Setting, end_row, record_change, record_setting
from telehealth.services.consent.call_keys import end_call_keys
from telehealth.services.consent.link_ending import lock_client_and_ahead
from telehealth.services.messages.outbox import take_back_messages
from telehealth.services.messages.planning import replan_appointments
from telehealth.services.practice.client_files import index_client

ENOUGH = f"That are {MOST_COMPANIONS} already. Please end one first."
HAS_ENDED = "They do not act for this client any more."
_TELLERS = select(Message.told_by_id).where(Message.told_by_id.is_not(None))
REACHED_BY = ("email", "phone")


@retry_on_conflict
def add_companion(
    *, practice_id: int, client_public_id: str, facts: CompanionFacts, by: ActedBy, now: datetime
) -> Companion:
    """Write down who acts for a client (their public id); twice is as good as once. If they get messages, they are told
    of what is ahead. Staff only. Raises NotFound, NotAllowed, InvalidInput by field.
    """
    by.require_staff()
    clean = clean_companion(facts)
    with transaction() as session:
        client, ahead = lock_client_and_ahead(session, practice_id, client_public_id, now=now)
        _require_textable(session, practice_id, clean)
        there = [each for each in client.companions if each.ended_at is None]
        same = next((each for each in there if _facts_of(each) == asdict(clean)), None)
        if same is not None:
            if recognise_companion(session, client, same, by, now=now):
                keep_companion(session, client, ahead, now=now)
            return same
        if len([each for each in there if each.is_known]) >= MOST_COMPANIONS:
            raise InvalidInput({"name": ENOUGH})
        made = Companion(practice_id=practice_id, client_id=client.id, created_at=now, known_at=now)
        _set(session, made, clean, now=now)
        session.add(made)
        keep_companion(session, client, ahead, now=now)
        about = about_companion(client, made)
        record_setting(session, practice_id, about, AuditAction.ADDED, by, now=now, after=asdict(clean))
        return made


@retry_on_conflict
def change_companion(
    *,
    practice_id: int,
    client_public_id: str,
    companion_public_id: str,
    facts: CompanionFacts,
    by: ActedBy,
    now: datetime,
) -> Companion:
    """Say otherwise who they are, where they are reached, and what they get: whoever booked online is known by it. The
    links that went to another number or address are ended. Staff only. Raises NotFound, NotAllowed, and InvalidInput by
    field, also for somebody who has ended.
    """
    by.require_staff()
    clean = clean_companion(facts)
    with transaction() as session:
        client, ahead = lock_client_and_ahead(session, practice_id, client_public_id, now=now)
        found = find_companion(session, client, companion_public_id)
        if found.ended_at is not None:
            raise InvalidInput({"name": HAS_ENDED})
        _require_textable(session, practice_id, clean)
        before, after = _facts_of(found), asdict(clean)
        if any(before[name] and before[name] != after[name] for name in REACHED_BY):
            found.links_version += 1
            end_call_keys(session, Caller.whom == say_whom(CallerRole.COMPANION, found.public_id))
        recognise_companion(session, client, found, by, now=now)
        _set(session, found, clean, now=now)
        _take_back(session, found, now=now)
        keep_companion(session, client, ahead, now=now)
        record_change(session, practice_id, about_companion(client, found), by, before=before, after=after, now=now)
        return found


@retry_on_conflict
def end_companion(
    *, practice_id: int, client_public_id: str, companion_public_id: str, by: ActedBy, now: datetime
) -> Companion:
    """They do not act for the client any more: nothing further goes to them, and their links open nothing. Twice is as
    good as once. Staff only. Raises NotFound, NotAllowed.
    """
    by.require_staff()
    with transaction() as session:
        client, ahead = lock_client_and_ahead(session, practice_id, client_public_id, now=now)
        found = find_companion(session, client, companion_public_id)
        if end_row(session, practice_id, found, partial(about_companion, client), by, now=now):
            found.links_version += 1
            end_call_keys(session, Caller.whom == say_whom(CallerRole.COMPANION, found.public_id))
            _take_back(session, found, now=now)
            finish_look(session, client, by, now=now)
            keep_companion(session, client, ahead, now=now)
        return found


def recognise_companion(session: Session, client: Client, companion: Companion, by: ActedBy, *, now: datetime) -> bool:
    """The practice knows from now on that they act for a client, whose row is locked; whether it did not until now."""
    if companion.is_known:
        return False
    companion.known_at = now
    about, facts = about_companion(client, companion), _facts_of(companion)
    record_setting(session, client.practice_id, about, AuditAction.ADDED, by, now=now, after=facts)
    finish_look(session, client, by, now=now)
    return True


def finish_look(session: Session, client: Client, by: ActedBy, *, now: datetime) -> None:
    """Nobody waits any more to be looked at, once everybody who booked for a client is known or has ended."""
    session.flush()
    waits = Companion.client_id == client.id, Companion.known_at.is_(None), Companion.ended_at.is_(None)
    if session.scalar(select(Companion.id).where(*waits).limit(1)) is not None:
        return
    look = Task.client_id == client.id, Task.kind == TaskKind.BOOKER, Task.done_at.is_(None)
    for task in session.scalars(select(Task).where(*look).with_for_update()):
        task.done_at, task.done_by_id = now, by.user_id


def keep_companion(session: Session, client: Client, ahead: Collection[Appointment], *, now: datetime) -> None:
    """Write what is otherwise with who acts for a client, let the client be found by it, and plan what is ahead."""
    session.flush()
    session.expire(client, ["companions"])
    index_client(client)
    session.flush()
    replan_appointments(session, list(ahead), now=now)


def find_companion(session: Session, client: Client, public_id: str) -> Companion:
    """The companion of a client whose row is locked: two changes wait for that. Raises NotFound."""
    theirs = select(Companion).where(Companion.client_id == client.id, Companion.public_id == public_id)
    found = session.scalar(theirs.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def _facts_of(companion: Companion) -> RowValues:
    return asdict(
        CompanionFacts(
            companion.name,
            companion.relationship,
            companion.email,
            companion.phone,
            companion.locale,
            companion.messages_to,
            companion.may_change,
            wants_texts=companion.wants_texts,
        )
    )


def _set(session: Session, companion: Companion, facts: CompanionFacts, *, now: datetime) -> None:
    """A yes to texts is for the number that it was said about, and in the words of that moment."""
    is_same_number = companion.phone == facts.phone
    values = asdict(facts)
    if not values.pop("wants_texts"):
        companion.text_consent_at = companion.text_consent_wording = None
    elif companion.text_consent_at is None or not is_same_number:
        sender = session.get_one(Practice, companion.practice_id).sender_name
        companion.text_consent_at, companion.text_consent_wording = now, TEXT_CONSENT.format(sender=sender)
    for name, value in values.items():
        setattr(companion, name, value)


def _require_textable(session: Session, practice_id: int, facts: CompanionFacts) -> None:
    practice = session.get_one(Practice, practice_id)
    countries = countries_texted(practice.phone, practice.text_countries)
    if facts.wants_texts and facts.phone and why_not_textable(facts.phone, countries) is not None:
        raise InvalidInput({"phone": say_untextable(facts.phone, countries)})


def _take_back(session: Session, companion: Companion, *, now: datetime) -> None:
    """What waits for them; what they still get is planned anew. A text that waits may speak of another client, too, for
    whom the same person goes on acting: it is taken apart, and what is left of it is gathered again before it goes.
    """
    own = Message.companion_id == companion.id
    in_one = select(Message.told_by_id).where(own, Message.told_by_id.is_not(None))
    waits = Message.status == MessageStatus.PLANNED, Message.unsure.is_(False)
    gathered = select(Message.id).where(or_(own, Message.id.in_(in_one)), *waits, Message.id.in_(_TELLERS))
    ids = session.scalars(gathered.with_for_update()).all()
    told = require_step(MessageStatus.VOID, MessageStatus.PLANNED)
    apart = update(Message).where(Message.told_by_id.in_(ids))
    session.execute(apart.values(status=told, reason=None, told_by_id=None, changed_at=now))
    take_back_messages(session, or_(own, Message.id.in_(ids)), reason=Reason.NOT_THEIRS, now=now)


def about_companion(client: Client, companion: Companion) -> Setting:
    """How the audit names whoever acts for a client."""
    return Setting(AuditSubject.COMPANION, client.public_id, companion.name)
