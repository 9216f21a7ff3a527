"""What a message or a calendar entry about an appointment needs to know, read from the rows of this moment."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from telehealth.domain.addresses import Addresses
from telehealth.domain.contact import say_phone
from telehealth.domain.walltime import zone
from telehealth.domain.wording import Facts, initials
from telehealth.domain.words import AppointmentStatus, MessageKind
from telehealth.models import Appointment, Attendee, Location


def with_everything(statement: Select[Appointment]) -> Select[Appointment]:
    """Load an appointment with all that its facts need, in as few statements as possible."""
    return statement.options(
        joinedload(Appointment.practice),
        joinedload(Appointment.service),
        joinedload(Appointment.therapist),
        joinedload(Appointment.location),
        joinedload(Appointment.attendees).joinedload(Attendee.client),
    )


APPOINTMENTS = with_everything(select(Appointment))


def for_attendee(attendee: Attendee, addresses: Addresses, kind: MessageKind = MessageKind.CONFIRMATION) -> Facts:
    """The facts as one client may know them: nothing about any other client."""
    appointment = attendee.appointment
    return _facts(
        appointment,
        kind,
        for_therapist=False,
        reader_name=attendee.name,
        reader_zone=zone(attendee.timezone),
        client_initials=initials(attendee.name),
        manage_url=addresses.manage(attendee.public_id),
        join_url=addresses.join(attendee.public_id),
    )


def for_therapist(
    appointment: Appointment, addresses: Addresses, kind: MessageKind = MessageKind.CONFIRMATION
) -> Facts:
    """The facts as the therapist may read them in a mailbox: initials only, the rest is behind the login."""
    return _facts(
        appointment,
        kind,
        for_therapist=True,
        reader_name=appointment.therapist.name,
        reader_zone=zone(appointment.therapist.timezone),
        client_initials=", ".join(initials(attendee.name) for attendee in appointment.attendees),
        manage_url=addresses.desk_appointment(appointment.public_id),
        join_url=addresses.desk_join(appointment.public_id),
    )


def _facts(appointment: Appointment, kind: MessageKind, **of_the_reader: Any) -> Facts:
    return Facts(
        kind=kind,
        sender_name=appointment.practice.sender_name,
        practice_phone=say_phone(appointment.practice.phone),
        therapist_name=appointment.therapist.name,
        mode=appointment.mode,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        appointment_zone=zone(appointment.timezone),
        place=_place(appointment.location),
        uid=appointment.uid,
        sequence=appointment.sequence,
        changed_at=appointment.changed_at,
        is_cancelled=appointment.status == AppointmentStatus.CANCELLED,
        **of_the_reader,
    )


def _place(location: Location | None) -> str:
    return f"{location.name}, {location.address}" if location is not None else ""
