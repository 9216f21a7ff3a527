"""Everything that a practice has of one client, in sections, for a file that they get. What others said, and who else
came, is not theirs to read and is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from sqlalchemy import Select, or_, select

from telehealth.database import db
from telehealth.domain.addresses import without_keys
from telehealth.domain.audit_words import AuditSubject
from telehealth.domain.client_copies import CopySection, Record
from telehealth.domain.message_words import MessageKind
from telehealth.models import (
    Appointment,
    AppointmentEvent,
    Attendee,
    Client,
    Companion,
    Consent,
    InboundText,
    Location,
    Message,
    MessageRule,
    Offer,
    Practice,
    PracticeEvent,
    Room,
    Series,
    SeriesMember,
    Service,
    Suppression,
    Task,
    TelehealthConsent,
    TelehealthText,
    Therapist,
    WaitlistEntry,
    Whereabouts,
)
from telehealth.queries.appointments.face_to_face import list_face_to_face
from telehealth.queries.consent.opt_outs import addresses_of
from telehealth.queries.loading import is_part_of

AT_A_TIME = 200
DETAILS = (
    *("name", "email", "phone", "timezone", "locale", "code_name", "safe_email", "safe_phone", "born_on", "pronouns"),
    *("emergency_contact", "created_at"),
)
STAFF_NOTES = ("tags", "contact_note", "desk_note", "may_book")
"""What staff keep for themselves: it is handed out when the practice says so."""
CONTACT = ("name", "email", "phone", "timezone", "jurisdiction", "text_consent_at", "text_consent_wording")

Read = Callable[[Client], Iterable[Record]]


def list_copy_sections(client: Client, *, with_notes: bool) -> list[CopySection]:
    """What a client's file holds; ``with_notes`` also what staff wrote for themselves, and who did what."""
    known: list[tuple[str, str, Read]] = [
        ("practice", "Who has this", _practice),
        ("places", "Places where you were", _places),
        ("details", "About you", partial(_details, with_notes=with_notes)),
        ("companions", "Who acts for you", _companions),
        ("appointments", "Appointments", partial(_appointments, with_notes=with_notes)),
        ("meetings", "When you met your therapist", _meetings),
        ("whereabouts", "Where you were during video appointments", partial(_whereabouts, with_notes=with_notes)),
        ("telehealth_consents", "What you answered before video appointments", _telehealth_consents),
        ("standing_slots", "Standing slots", _standing_slots),
        ("waits", "On the waitlist", _waits),
        ("consents", "What you agreed to, and what you did not", _consents),
        ("left_alone", "Numbers and addresses that are not written to", _left_alone),
        ("message_rules", "When you are written to", _message_rules),
        ("messages", "What you were sent", _messages),
        ("texts", "What you texted", _texts),
    ]
    if with_notes:
        known += [("tasks", "What was to be done", _tasks), ("changes", "Who changed what", _changes)]
    return [CopySection(name, title, partial(read, client)) for name, title, read in known]


def _practice(client: Client) -> Iterator[Record]:
    practice = db.session.get_one(Practice, client.practice_id)
    yield {name: getattr(practice, name) for name in ("name", "email", "phone", "timezone")}


def _places(client: Client) -> Iterator[Record]:
    booked = select(Appointment.location_id).join(Appointment.attendees).where(Attendee.client_id == client.id)
    there = select(Location.name, Location.address, Location.jurisdiction).where(Location.id.in_(booked))
    return _rows(there.order_by(Location.id))


def _details(client: Client, *, with_notes: bool) -> Iterator[Record]:
    names = [*DETAILS, *STAFF_NOTES] if with_notes else DETAILS
    merged = db.session.scalars(select(Client.name).where(Client.merged_into_id == client.id).order_by(Client.id)).all()
    yield {**{name: getattr(client, name) for name in names}, "also_on_file_as": list(merged)}


def _companions(client: Client) -> Iterator[Record]:
    names = ("name", "relationship", "email", "phone", "locale", "messages_to", "may_change", "text_consent_at")
    facts = [getattr(Companion, name) for name in names]
    theirs = select(*facts, Companion.created_at, Companion.ended_at).where(Companion.client_id == client.id)
    return _rows(theirs.order_by(Companion.id))


def _appointments(client: Client, *, with_notes: bool) -> Iterator[Record]:
    for_staff = [Attendee.cancel_reason, Appointment.overrides, Appointment.override_reason] if with_notes else []
    theirs = (
        select(
            Appointment.starts_at,
            Appointment.ends_at,
            Service.name.label("service"),
            Therapist.name.label("therapist"),
            Appointment.mode,
            Location.name.label("place"),
            Room.name.label("room"),
            Attendee.status,
            Attendee.confirmed_at,
            Attendee.calendar_answer,
            Attendee.cancelled_at,
            Attendee.cancelled_by,
            Attendee.late_cancel,
            Attendee.cancel_message,
            Appointment.answer,
            *(getattr(Attendee, name) for name in CONTACT),
            Appointment.created_at.label("booked_at"),
            *for_staff,
        )
        .join(Appointment, Attendee.appointment_id == Appointment.id)
        .join(Service, Appointment.service_id == Service.id)
        .join(Therapist, Appointment.therapist_id == Therapist.id)
        .outerjoin(Location, Appointment.location_id == Location.id)
        .outerjoin(Room, Appointment.room_id == Room.id)
        .where(Attendee.client_id == client.id)
        .order_by(Appointment.starts_at, Attendee.id)
    )
    return _rows(theirs)


def _meetings(client: Client) -> Iterator[Record]:
    """Of each appointment of which it is known."""
    theirs = (
        select(Attendee.id, Appointment.starts_at)
        .join(Appointment, Attendee.appointment_id == Appointment.id)
        .where(Attendee.client_id == client.id)
        .order_by(Appointment.starts_at, Attendee.id)
    )
    for some in db.session.execute(theirs).partitions(AT_A_TIME):
        met = list_face_to_face([each.id for each in some])
        for each in some:
            if found := met.get(each.id):
                yield {
                    "appointment": each.starts_at,
                    "met_from": found.starts_at,
                    "met_until": found.ends_at,
                    "minutes_together": found.minutes,
                    "known_from": found.source,
                }


def _whereabouts(client: Client, *, with_notes: bool) -> Iterator[Record]:
    names = ("said_at", "jurisdiction", "place", "phone", "cannot_speak", "decision", "decided_at")
    for_staff = [Whereabouts.decision_reason] if with_notes else []
    theirs = (
        select(Appointment.starts_at, *(getattr(Whereabouts, name) for name in names), *for_staff)
        .join(Attendee, Whereabouts.attendee_id == Attendee.id)
        .join(Appointment, Attendee.appointment_id == Appointment.id)
        .where(Attendee.client_id == client.id)
    )
    return _rows(theirs.order_by(Whereabouts.id))


def _telehealth_consents(client: Client) -> Iterator[Record]:
    """With the text that was answered, in the language in which it was read."""
    names = ("answered_at", "answer", "way", "signature", "locale")
    theirs = (
        select(*(getattr(TelehealthConsent, name) for name in names), TelehealthText.version, TelehealthText.texts)
        .join(TelehealthText, TelehealthConsent.text_id == TelehealthText.id)
        .where(TelehealthConsent.client_id == client.id)
    )
    for row in db.session.execute(theirs.order_by(TelehealthConsent.id)).mappings():
        yield {name: value for name, value in row.items() if name != "texts"} | {
            "text": row["texts"].get(row["locale"], "")
        }


def _standing_slots(client: Client) -> Iterator[Record]:
    facts = (
        Series.local_time,
        Series.timezone,
        Series.every_weeks,
        Series.week_of_month,
        Series.starts_on,
        Series.mode,
    )
    theirs = (
        select(
            Service.name.label("service"),
            Therapist.name.label("therapist"),
            *facts,
            SeriesMember.joined_on,
            SeriesMember.left_on,
            *(getattr(SeriesMember, name).label(f"your_{name}") for name in CONTACT),
        )
        .join(Series, SeriesMember.series_id == Series.id)
        .join(Service, Series.service_id == Service.id)
        .join(Therapist, Series.therapist_id == Therapist.id)
        .where(SeriesMember.client_id == client.id)
        .order_by(SeriesMember.id)
    )
    return _rows(theirs)


def _waits(client: Client) -> Iterator[Record]:
    facts = (WaitlistEntry.modes, WaitlistEntry.windows, WaitlistEntry.until, WaitlistEntry.status)
    theirs = (
        select(
            Service.name.label("service"),
            *facts,
            WaitlistEntry.created_at,
            *(getattr(WaitlistEntry, name) for name in CONTACT),
        )
        .join(Service, WaitlistEntry.service_id == Service.id)
        .where(WaitlistEntry.client_id == client.id)
        .order_by(WaitlistEntry.id)
    )
    return _rows(theirs)


def _consents(client: Client) -> Iterator[Record]:
    said = (Consent.at, Consent.channel, Consent.purpose, Consent.is_given, Consent.source, Consent.wording)
    return _rows(select(*said, Consent.address).where(Consent.client_id == client.id).order_by(Consent.id))


def _left_alone(client: Client) -> Iterator[Record]:
    facts = (Suppression.channel, Suppression.address, Suppression.reason, Suppression.since, Suppression.ended_at)
    theirs = (
        Suppression.practice_id == client.practice_id,
        Suppression.address.in_(sorted({each.casefold() for each in addresses_of(client)})),
    )
    return _rows(select(*facts).where(*theirs).order_by(Suppression.id))


def _message_rules(client: Client) -> Iterator[Record]:
    facts = (MessageRule.kind, MessageRule.channel, MessageRule.minutes, MessageRule.modes, MessageRule.is_on)
    return _rows(select(*facts).where(MessageRule.client_id == client.id).order_by(MessageRule.id))


def _messages(client: Client) -> Iterator[Record]:
    """With the words that were kept; the keys of links are taken out, as wherever a message is shown."""
    waits = select(Offer.id).join(Offer.entry).where(WaitlistEntry.client_id == client.id)
    about = or_(
        Message.attendee_id.in_(select(Attendee.id).where(Attendee.client_id == client.id)),
        Message.offer_id.in_(waits),
        Message.inbound_id.in_(select(InboundText.id).where(InboundText.client_id == client.id)),
    )
    facts = (Message.channel, Message.kind, Message.status, Message.due_at, Message.sent_at, Message.sent_to)
    theirs = select(*facts, Message.subject, Message.body).where(
        Message.practice_id == client.practice_id, about, Message.kind != MessageKind.ALERT
    )
    for row in _rows(theirs.order_by(Message.id)):
        yield {**row, "body": without_keys(str(row["body"]))}


def _texts(client: Client) -> Iterator[Record]:
    facts = (InboundText.received_at, InboundText.sender, InboundText.body)
    return _rows(select(*facts).where(InboundText.client_id == client.id).order_by(InboundText.id))


def _tasks(client: Client) -> Iterator[Record]:
    facts = (Task.kind, Task.is_urgent, Task.note, Task.opened_at, Task.done_at)
    return _rows(select(*facts).where(Task.client_id == client.id).order_by(Task.id))


def _changes(client: Client) -> Iterator[Record]:
    """What was done to their record, and to their appointments. A record that was one with theirs only for a while is
    somebody else's.
    """
    ids = select(Client.public_id).where(is_part_of(client.id))
    other = PracticeEvent.details["other_record"].as_string()
    on_file = select(PracticeEvent.at, PracticeEvent.action, PracticeEvent.actor, PracticeEvent.details).where(
        PracticeEvent.practice_id == client.practice_id,
        PracticeEvent.subject.in_((AuditSubject.CLIENT, AuditSubject.COMPANION)),
        PracticeEvent.subject_public_id.in_(ids),
        or_(other.is_(None), other.in_(ids)),
    )
    yield from _rows(on_file.order_by(PracticeEvent.id))
    seats = select(Attendee.appointment_id).where(Attendee.client_id == client.id)
    done = select(AppointmentEvent.at, AppointmentEvent.action, AppointmentEvent.actor, Appointment.starts_at).join(
        Appointment, AppointmentEvent.appointment_id == Appointment.id
    )
    yield from _rows(done.where(AppointmentEvent.appointment_id.in_(seats)).order_by(AppointmentEvent.id))


def _rows(statement: Select[*tuple[Any, ...]]) -> Iterator[Record]:
    found = db.session.execute(statement.execution_options(yield_per=AT_A_TIME))
    return (dict(row) for row in found.mappings())
