"""Words of a practice's own: choosing them, looking at them with real data, and going back to the usual ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from telehealth.database import RowValues, db, transaction
from telehealth.domain import contact, languages
from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.contact import say_phone
from telehealth.domain.errors import InvalidInput
from telehealth.domain.links import Signed
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages import segments, templates, wording
from telehealth.domain.messages.phrases import IN, Phrase
from telehealth.domain.messages.segments import Length
from telehealth.domain.ports import Letter
from telehealth.domain.walltime import zone
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import Appointment, Attendee, MessageTemplate, Practice
from telehealth.queries.messages.facts import facts_for_attendee
from telehealth.queries.messages.templates import list_templates
from telehealth.services.audit import ActedBy, Setting, record_change, record_setting
from telehealth.services.locking import lock_own

LONGEST_NAME = 40
MOST_OF_OWN = 100
"""Words of a practice's own: all of them are read for a batch of messages, and shown on one page."""
ANY_LINK = "https://…"
SAMPLE_LINK = Signed("0d7a3c1e-5c4e-4d0e-9a53-2f4f0a8f6b11")
"""What a link is made for that opens nothing: no seat has this name."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What is to be said: ``subject`` for e-mails only. ``name`` is empty for what replaces the usual words."""

    kind: MessageKind
    channel: Channel
    locale: str
    body: str
    subject: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """A message as it would be sent. ``letter`` is None for a text, and ``text`` empty for an e-mail. ``is_sample``:
    there was no real appointment to show it with.
    """

    text: str
    letter: Letter | None
    length: Length
    is_sample: bool


def save_template(*, practice_id: int, wanted: Wording, by: ActedBy, now: datetime) -> MessageTemplate:
    """Use these words from now on, also for messages that are planned already. Raises InvalidInput with what cannot be
    used about ``body``, ``subject``, ``locale``, ``kind`` or ``name``, and where there are too many already.
    """
    checked = _checked(wanted)
    with transaction() as session:
        found = session.scalar(_the_one(practice_id, checked).with_for_update())
        before, after = _said(found) if found is not None else None, _said(checked)
        if found is None:
            _require_few(practice_id)
            found = MessageTemplate(
                practice_id=practice_id,
                kind=checked.kind,
                channel=checked.channel,
                locale=checked.locale,
                name=checked.name,
            )
            session.add(found)
        found.subject, found.body, found.changed_at = checked.subject, checked.body, now
        session.flush()
        if before is None:
            record_setting(
                session, practice_id, _named(found), AuditAction.ADDED, by, now=now, after=after, **_of(found)
            )
        else:
            record_change(session, practice_id, _named(found), by, before=before, after=after, now=now, **_of(found))
        return found


def delete_template(*, practice_id: int, public_id: str, by: ActedBy, now: datetime) -> None:
    """Go back to the usual words. Raises NotFound."""
    with transaction() as session:
        found = lock_own(session, MessageTemplate, practice_id, public_id=public_id)
        before = _said(found)
        record_setting(
            session, practice_id, _named(found), AuditAction.REMOVED, by, now=now, before=before, **_of(found)
        )
        session.delete(found)


def usual_wording(kind: MessageKind, channel: Channel, locale: str) -> Phrase:
    """The usual words as a source to begin with. Raises KeyError for what has none."""
    said = IN[locale].to_clients[kind]
    return Phrase(said.subject, said.opening) if channel == Channel.EMAIL else Phrase("", "", said.text)


def example_of(*, practice: Practice, chosen: Wording, addresses: Addresses, now: datetime) -> str:
    """A text, or the first paragraphs of an e-mail, with made-up data and without links; of words that were saved.
    Where those cannot be filled in, the usual ones, which are sent then.
    """
    about = replace(_sample(practice, chosen.kind, addresses, now=now), locale=chosen.locale)
    about = replace(about, manage_url=ANY_LINK, join_url=ANY_LINK)
    own = Phrase(chosen.subject, chosen.body, chosen.body)
    try:
        return _shown(about, chosen.channel, own)
    except ValueError:
        return _shown(about, chosen.channel, None)


def _shown(about: wording.Facts, channel: Channel, own: Phrase | None) -> str:
    if channel == Channel.TEXT:
        return wording.text(about, own)
    return " ".join(wording.letter(about, own).paragraphs)


def preview_template(*, practice_id: int, wanted: Wording, addresses: Addresses, now: datetime) -> Preview:
    """The message as the client of the practice's next fitting appointment would read it; nothing is kept. Raises
    InvalidInput as ``save`` does.
    """
    checked = _checked(wanted)
    practice = db.session.get_one(Practice, practice_id)
    seat = None if checked.kind == MessageKind.OFFER else _seat(db.session(), practice, checked.kind, now=now)
    about = _sample(practice, checked.kind, addresses, now=now) if seat is None else _real(seat, checked, addresses)
    about = replace(about, locale=checked.locale, said_at=now if seat is not None else None)
    own = Phrase(checked.subject, checked.body, checked.body)
    if checked.channel == Channel.TEXT:
        said = wording.text(about, own)
        return Preview(said, None, segments.measure_text(said), seat is None)
    return Preview("", wording.letter(about, own), segments.measure_text(""), seat is None)


def _checked(wanted: Wording) -> Wording:
    problems: dict[str, str] = {}
    if wanted.kind not in templates.VARIABLES:
        raise InvalidInput({"kind": "The words of this kind of message are always ours."})
    is_email = wanted.channel == Channel.EMAIL
    subject = wanted.subject.strip() if is_email else ""
    body = wanted.body.replace("\r\n", "\n").strip()
    try:
        name = contact.clean_line(wanted.name, longest=LONGEST_NAME)
    except ValueError as problem:
        problems["name"], name = str(problem), ""
    if wanted.locale not in languages.LANGUAGES:
        problems["locale"] = f"Please choose one of: {', '.join(languages.LANGUAGES.values())}."
    for source, is_subject in [(body, False), *([(subject, True)] if subject else [])]:
        try:
            templates.check_template(source, wanted.kind, wanted.channel, is_subject=is_subject)
        except InvalidInput as refusal:
            problems.update(refusal.fields)
    if problems:
        raise InvalidInput(problems)
    return replace(wanted, subject=subject, body=body, name=name)


def _require_few(practice_id: int) -> None:
    if len(list_templates(practice_id)) >= MOST_OF_OWN:
        raise InvalidInput({"name": f"You have {MOST_OF_OWN} wordings of your own. Please remove one of them first."})


def _the_one(practice_id: int, wanted: Wording) -> Select[MessageTemplate]:
    return select(MessageTemplate).where(
        MessageTemplate.practice_id == practice_id,
        MessageTemplate.kind == wanted.kind,
        MessageTemplate.channel == wanted.channel,
        MessageTemplate.locale == wanted.locale,
        MessageTemplate.name == wanted.name,
    )


def _named(template: MessageTemplate) -> Setting:
    return Setting(AuditSubject.MESSAGE_TEMPLATE, template.public_id, template.name)


def _said(words: MessageTemplate | Wording) -> dict[str, str]:
    return {"subject": words.subject, "body": words.body}


def _of(template: MessageTemplate) -> RowValues:
    """Which message it is about, for the audit."""
    return {"kind": template.kind, "channel": template.channel, "locale": template.locale}


def _seat(session: Session, practice: Practice, kind: MessageKind, *, now: datetime) -> Attendee | None:
    """The seat of the next appointment that such a message could be about."""
    statement = (
        select(Attendee)
        .join(Attendee.appointment)
        .where(
            Appointment.practice_id == practice.id,
            Appointment.starts_at > now,
            Appointment.status == AppointmentStatus.BOOKED,
            Attendee.status == AppointmentStatus.BOOKED,
        )
        .options(contains_eager(Attendee.appointment).joinedload(Appointment.practice), joinedload(Attendee.client))
        .order_by(Appointment.starts_at, Attendee.id)
        .limit(1)
    )
    if kind == MessageKind.JOIN_LINK:
        statement = statement.where(Appointment.mode == Mode.VIRTUAL)
    return session.scalar(statement)


def _real(seat: Attendee, wanted: Wording, addresses: Addresses) -> wording.Facts:
    """The facts of a real seat, as if it stood as the message says; without its links, which are the client's."""
    about = facts_for_attendee(seat, addresses, wanted.kind)
    return replace(
        about,
        is_cancelled=wanted.kind in {MessageKind.CANCELLATION, MessageKind.DECLINED},
        is_pending=wanted.kind == MessageKind.REQUEST,
        is_asked_to_move=wanted.kind == MessageKind.CHOOSE_AGAIN,
        until=about.until or about.starts_at - timedelta(days=1),
        manage_url=addresses.manage(SAMPLE_LINK),
        join_url=addresses.join(SAMPLE_LINK),
    )


def _sample(practice: Practice, kind: MessageKind, addresses: Addresses, *, now: datetime) -> wording.Facts:
    """Jane Doe in a week, by video."""
    there = zone(practice.timezone)
    starts_at = _in_a_week(now, there)
    is_offer = kind == MessageKind.OFFER
    return wording.Facts(
        kind=kind,
        for_therapist=False,
        sender_name=practice.sender_name,
        practice_phone=say_phone(practice.phone),
        reader_name="Jane Doe",
        first_name="Jane",
        therapist_name="Dana Rivera",
        client_initials="J. D.",
        mode=Mode.VIRTUAL,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=50),
        reader_zone=there,
        appointment_zone=there,
        place="",
        uid=SAMPLE_LINK.public_id,
        sequence=0,
        changed_at=now,
        is_cancelled=kind in {MessageKind.CANCELLATION, MessageKind.DECLINED},
        is_pending=kind == MessageKind.REQUEST,
        is_asked_to_move=kind == MessageKind.CHOOSE_AGAIN,
        manage_url=addresses.offer(SAMPLE_LINK) if is_offer else addresses.manage(SAMPLE_LINK),
        join_url=addresses.join(SAMPLE_LINK),
        until=starts_at - timedelta(days=1),
        opens_minutes=practice.room_opens_minutes,
        discretion=practice.discretion,
    )


def _in_a_week(now: datetime, there: ZoneInfo) -> datetime:
    return (now.astimezone(there) + timedelta(days=7)).replace(hour=15, minute=0, second=0, microsecond=0, fold=0)
