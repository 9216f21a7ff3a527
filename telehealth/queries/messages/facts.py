"""What a message or a calendar entry about an appointment needs to know, read from the rows of this moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.appointments.ending import CancelledBy
from telehealth.domain.audit_words import Actor, AuditAction
from telehealth.domain.contact import say_phone
from telehealth.domain.languages import nearest_language
from telehealth.domain.links import Linked, link_of_companion
from telehealth.domain.message_words import MessageKind
from telehealth.domain.messages.phrases import Ending
from telehealth.domain.messages.told import slot_told
from telehealth.domain.messages.wording import Facts
from telehealth.domain.naming import form_of_address, initials, natural_name
from telehealth.domain.walltime import zone
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import (
    Appointment,
    AppointmentEvent,
    Attendee,
    Companion,
    Location,
    Message,
    Offer,
    Therapist,
    WaitlistEntry,
)

OFF, PENDING = AppointmentStatus.CANCELLED, AppointmentStatus.PENDING


def called(contact: Attendee | WaitlistEntry) -> str:
    """What a client is called outside the login: by their code name, where they have one."""
    return contact.client.code_name or contact.name


def addressed(contact: Attendee | WaitlistEntry) -> str:
    """What messages call a client to their face: nothing before the practice knows whose address it is
    (``Client.known_at``). A code name was given by staff.
    """
    client = contact.client
    return client.code_name or (contact.name if client.known_at is not None else "")


def named_in_mail(message: Message) -> str:
    """What the reader of a message is called in the address of an e-mail; of whom nobody knows, nothing."""
    if message.companion is not None:
        return message.companion.name if message.companion.is_known else ""
    reader = message.offer.entry if message.offer is not None else message.attendee
    if reader is not None:
        return addressed(reader)
    return message.therapist.name if message.therapist is not None else ""


def facts_for_attendee(
    attendee: Attendee,
    addresses: Addresses,
    kind: MessageKind = MessageKind.CONFIRMATION,
    *,
    said_at: datetime | None = None,
    companion: Companion | None = None,
) -> Facts:
    """The facts as one client, or a ``companion`` of theirs, may know them: nothing about any other client."""
    appointment, link = attendee.appointment, link_to(attendee, companion)
    about = _facts(
        appointment,
        kind,
        for_therapist=False,
        **_as_they_wish(attendee),
        said_at=said_at,
        is_confirmed=attendee.confirmed_at is not None,
        can_move=said_at is None or appointment.may_be_moved_online(now=said_at),
        is_asked_to_move=appointment.is_asked_to_move,
        manage_url=addresses.choose_time(link) if kind == MessageKind.CHOOSE_AGAIN else addresses.manage(link),
        join_url=addresses.join(link),
        is_cancelled=OFF in (attendee.status, appointment.status),
        ending=_BY[attendee.cancelled_by] if attendee.cancelled_by is not None else None,
        answer=attendee.cancel_message or appointment.answer,
    )
    if companion is None:
        return about
    known = about if companion.is_known else replace(about, client_initials=initials(attendee.name))
    return _as_companion(known, companion)


def link_to(row: Linked, companion: Companion | None) -> Linked:
    """What the links to a seat or an offer name: it, and the companion for whom they are made, if they are."""
    return link_of_companion(row, companion) if companion is not None else row


def _as_companion(about: Facts, companion: Companion) -> Facts:
    """In their own name, once the practice knows them, and in their language; whom it is about stands beside. Who may
    change nothing is asked for no answer.
    """
    name = companion.name if companion.is_known else ""
    return replace(
        about,
        for_companion=True,
        reader_name=natural_name(name),
        first_name=form_of_address(name),
        locale=nearest_language(companion.locale),
        can_move=about.can_move and companion.may_change,
        is_confirmed=about.is_confirmed or not companion.may_change,
    )


_BY: Mapping[CancelledBy, Ending] = {
    CancelledBy.CLIENT: Ending.BY_CLIENT,
    CancelledBy.ANOTHER: Ending.BY_ANOTHER,
    CancelledBy.PRACTICE: Ending.BY_PRACTICE,
}


def facts_for_therapist(
    appointment: Appointment,
    addresses: Addresses,
    kind: MessageKind = MessageKind.CONFIRMATION,
    *,
    reader: Therapist | None = None,
) -> Facts:
    """The facts as a therapist may read them in a mailbox: initials only, the rest is behind the login.

    ``reader`` is one of two, or one who had it before; None is the first of those who give it.
    """
    therapist = reader or appointment.therapist
    colleagues = [each.name for each in appointment.therapists if each.id != therapist.id]
    is_handed_on = therapist.id not in {each.id for each in appointment.therapists}
    return _facts(
        appointment,
        kind,
        for_therapist=True,
        reader_name=therapist.name,
        reader_zone=zone(therapist.timezone),
        client_initials=", ".join(initials(called(attendee)) for attendee in _who_comes(appointment)),
        manage_url=addresses.desk_appointment(appointment.public_id),
        join_url=addresses.desk_join(appointment.public_id),
        answer_url=addresses.answer(appointment.public_id),
        colleague_name="" if is_handed_on else " and ".join(colleagues),
        is_cancelled=is_handed_on or appointment.status == OFF,
        ending=Ending.HANDED_ON if is_handed_on and appointment.status != OFF else _who_cancelled(appointment),
        answer=appointment.answer,
    )


def _who_cancelled(appointment: Appointment) -> Ending | None:
    by = {each.cancelled_by for each in _who_comes(appointment)} if appointment.status == OFF else set()
    if CancelledBy.CLIENT in by:
        return Ending.BY_CLIENT
    return Ending.BY_PRACTICE if CancelledBy.PRACTICE in by else None


def facts_for_offer(offer: Offer, addresses: Addresses, *, companion: Companion | None = None) -> Facts:
    """The facts of a freed time that is kept for somebody who waits, as they, or a ``companion`` of theirs, may know
    them.
    """
    entry, practice = offer.entry, offer.entry.practice
    location = (offer.hold.location if offer.hold is not None else None) or entry.location
    place = location if offer.mode == Mode.IN_PERSON else None
    about = Facts(
        kind=MessageKind.OFFER,
        for_therapist=False,
        sender_name=practice.sender_name,
        practice_phone=_say_phone(practice.phone),
        discretion=practice.discretion,
        **_as_they_wish(entry),
        therapist_name=" and ".join(each.name for each in offer.therapists),
        mode=offer.mode,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        appointment_zone=zone(place.timezone if place is not None else offer.therapist.timezone),
        place=_place(place),
        uid=offer.public_id,
        sequence=0,
        changed_at=offer.created_at,
        is_cancelled=False,
        is_pending=True,
        manage_url=addresses.offer(link_to(offer, companion)),
        join_url="",
        until=offer.expires_at,
    )
    return about if companion is None else _as_companion(about, companion)


def _as_they_wish(contact: Attendee | WaitlistEntry) -> dict[str, Any]:
    """A client's name, zone and language."""
    client, name = contact.client, addressed(contact)
    return {
        "reader_name": client.code_name or natural_name(name),
        "first_name": client.code_name or form_of_address(name),
        "client_initials": initials(called(contact)),
        "reader_zone": zone(contact.timezone),
        "locale": nearest_language(client.locale),
    }


def as_it_was_told(about: Facts, said: str) -> Facts:
    """The facts of an end, about the slot that the reader was told of (``told.tell``), wherever it is now."""
    told = slot_told(said)
    if told is None or told == (about.starts_at, about.mode):
        return about
    starts_at, mode = told
    ends_at = starts_at + (about.ends_at - about.starts_at)
    return replace(about, starts_at=starts_at, ends_at=ends_at, mode=mode, place=about.place * (mode == about.mode))


def as_it_was_before(about: Facts, told_before: str) -> Facts:
    """The facts of a move, with what its reader knew before (``told.tell``): the time and the way that are others."""
    told = slot_told(told_before)
    if told is None:
        return about
    starts_at, mode = told
    return replace(
        about,
        was_at=starts_at if starts_at != about.starts_at else None,
        was_mode=mode if mode != about.mode else None,
    )


def how_a_request_ended(appointment_id: int) -> Ending | None:
    """Whether nobody answered or the client took it back; None when the practice declined."""
    last = db.session.execute(
        select(AppointmentEvent.action, AppointmentEvent.actor)
        .where(AppointmentEvent.appointment_id == appointment_id)
        .order_by(AppointmentEvent.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None or last.action == AuditAction.DECLINED:
        return None
    if last.action == AuditAction.EXPIRED:
        return Ending.EXPIRED
    return Ending.WITHDRAWN if last.actor == Actor.CLIENT else None


def _who_comes(appointment: Appointment) -> list[Attendee]:
    """The clients; of a cancelled appointment, those who would have come."""
    if appointment.status != OFF:
        return appointment.seats
    return [each for each in appointment.attendees if each.cancelled_at == appointment.cancelled_at]


def _facts(appointment: Appointment, kind: MessageKind, **of_the_reader: Any) -> Facts:
    return Facts(
        kind=kind,
        sender_name=appointment.practice.sender_name,
        practice_phone=_say_phone(appointment.practice.phone),
        discretion=appointment.practice.discretion,
        therapist_name=" and ".join(each.name for each in appointment.therapists),
        mode=appointment.mode,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        appointment_zone=zone(appointment.timezone),
        place=_place(appointment.location),
        directions=appointment.location.directions if appointment.location is not None else "",
        map_url=appointment.location.map_url if appointment.location is not None else "",
        uid=appointment.uid,
        sequence=appointment.sequence,
        changed_at=appointment.changed_at,
        minutes=appointment.minutes if appointment.service.other_lengths else None,
        opens_minutes=appointment.practice.room_opens_minutes,
        is_pending=appointment.status == PENDING,
        until=appointment.expires_at,
        **of_the_reader,
    )


@lru_cache(maxsize=1024)
def _say_phone(number: str) -> str:
    """Kept, because reading a number takes longer than all the other words of a message."""
    return say_phone(number)


def _place(location: Location | None) -> str:
    return f"{location.name}, {location.address}" if location is not None else ""
