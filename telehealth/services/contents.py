"""What a message says, made of the rows of this moment: the words, and the invite that goes with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import joinedload, selectinload

from telehealth.domain import icalendar, wording
from telehealth.domain.addresses import Addresses
from telehealth.domain.planning import NEWS, Standing
from telehealth.domain.ports import Email, Invite, Text
from telehealth.domain.words import Channel, MessageKind
from telehealth.models import Appointment, Attendee, Hold, Message, Offer, Practice, Therapist, WaitlistEntry
from telehealth.queries import facts

NEEDED: Sequence[Any] = (
    joinedload(Message.attendee),
    joinedload(Message.therapist),
    joinedload(Message.appointment).options(
        joinedload(Appointment.practice),
        joinedload(Appointment.therapist),
        joinedload(Appointment.co_therapist),
        joinedload(Appointment.location),
        selectinload(Appointment.attendees),
    ),
    # Offers are rare: this costs nothing where there are none.
    selectinload(Message.offer).options(
        joinedload(Offer.entry).options(joinedload(WaitlistEntry.practice), joinedload(WaitlistEntry.location)),
        joinedload(Offer.therapist),
        joinedload(Offer.hold).joinedload(Hold.location),
    ),
)
"""What has to be loaded with a batch of messages, so that none of them asks again."""

METHODS: dict[MessageKind, icalendar.Method] = {
    MessageKind.CONFIRMATION: "REQUEST",
    MessageKind.MOVED: "REQUEST",
    MessageKind.CANCELLATION: "CANCEL",
}
"""The invite goes with what changes a calendar (RFC 5546 section 3.2). Reminders carry none, or they would look like a
change; nor does a request, which is in nobody's calendar yet.
"""


def content(message: Message, addresses: Addresses, *, now: datetime) -> Text | Email:
    """Make the words from the rows of this moment and keep them. An unsure message keeps the words it was tried with,
    so that it can be recognised at the provider. Raises ValueError when its row names nobody to read it.
    """
    reader, about = _reader(message), _facts(message, addresses)
    if message.channel == Channel.TEXT:
        message.body = message.body if message.unsure else wording.text(about)
        return Text(message.public_id, reader.phone or "", message.body, message.not_after)
    letter, practice = wording.letter(about), _practice(message)
    message.subject, message.body = letter.subject, "\n\n".join(letter.paragraphs)
    return Email(
        reference=message.public_id,
        to=reader.email,
        to_name=reader.name,
        sender_name=practice.sender_name,
        reply_to=practice.email,
        letter=letter,
        invite=_invite(message, about, icalendar.Party(reader.name, reader.email), now=now),
    )


def _reader(message: Message) -> Attendee | Therapist | WaitlistEntry:
    reader = message.offer.entry if message.offer is not None else message.attendee or message.therapist
    if reader is None:
        raise ValueError("a message needs somebody who reads it")
    return reader


def _practice(message: Message) -> Practice:
    return message.offer.entry.practice if message.offer is not None else _appointment(message).practice


def _appointment(message: Message) -> Appointment:
    if message.appointment is None:
        raise ValueError("this message is not about an appointment")
    return message.appointment


def _facts(message: Message, addresses: Addresses) -> wording.Facts:
    if message.offer is not None:
        return facts.for_offer(message.offer, addresses)
    if message.attendee is not None:
        about = facts.for_attendee(message.attendee, addresses, message.kind)
    else:
        about = facts.for_therapist(_appointment(message), addresses, message.kind, reader=message.therapist)
    if message.kind == MessageKind.DECLINED:
        about = replace(about, ending=facts.how_a_request_ended(_appointment(message).id))
    return facts.as_it_was_told(about, message.says) if NEWS.get(message.kind) == Standing.OFF else about


def _invite(message: Message, about: wording.Facts, reader: icalendar.Party, *, now: datetime) -> Invite | None:
    method = METHODS.get(message.kind)
    if method is None:
        return None
    organizer = icalendar.Party(about.sender_name, _appointment(message).organizer_email)
    invited = icalendar.invite(
        wording.entry(about), organizer=organizer, attendee=reader, stamped_at=now, method=method
    )
    return Invite(invited, method)
