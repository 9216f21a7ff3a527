"""The invite that goes with an e-mail about an appointment, from whom, and by which method."""

from __future__ import annotations

from datetime import datetime

from telehealth.domain import icalendar
from telehealth.domain.addresses import Addresses
from telehealth.domain.calendar_words import CalendarAnswer
from telehealth.domain.message_words import MessageKind
from telehealth.domain.messages import wording
from telehealth.domain.ports import Invite
from telehealth.models import Appointment, Message

METHODS: dict[MessageKind, icalendar.Method] = {
    MessageKind.CONFIRMATION: "REQUEST",
    MessageKind.MOVED: "REQUEST",
    MessageKind.CANCELLATION: "CANCEL",
}
"""The invite goes with what changes a calendar (RFC 5546 section 3.2). Reminders carry none, or they would look like a
change; nor does a request, which is in nobody's calendar yet.
"""
TAKES_OUT = frozenset({MessageKind.REQUEST, MessageKind.DECLINED})
"""What takes an appointment out of calendars, when its client has moved it since the yes: the time there is given up.
"""


_PARTSTATS: dict[CalendarAnswer | None, str] = {
    CalendarAnswer.ACCEPTED: "ACCEPTED",
    CalendarAnswer.TENTATIVE: "TENTATIVE",
    CalendarAnswer.DECLINED: "DECLINED",
}
"""What they answered to this time stands in what is sent again about it: calendars forget a yes otherwise. After a move
there is none (``Attendee.calendar_answer``).
"""


def make_invite(
    message: Message, about: wording.Facts, reader: icalendar.Party, addresses: Addresses, *, now: datetime
) -> Invite | None:
    """The file for the reader's calendar; None with what changes nothing there."""
    method = METHODS.get(message.kind)
    if message.kind in TAKES_OUT and appointment_of(message).was_agreed_elsewhere:
        method = "CANCEL"
    if method is None:
        return None
    organizer = icalendar.Party(about.sender_name, _organizer(appointment_of(message), addresses))
    if organizer.address.casefold() == reader.address.casefold():
        # Nobody invites themselves: calendars then show no buttons, or ask the reader to answer their own invite.
        return Invite(icalendar.publication(wording.entry(about), organizer=organizer, stamped_at=now), "PUBLISH")
    answered = _PARTSTATS.get(message.attendee.calendar_answer) if message.attendee is not None else None
    invited = icalendar.invite(
        wording.entry(about),
        organizer=organizer,
        attendee=reader,
        stamped_at=now,
        method=method,
        answered=answered or icalendar.NOT_ANSWERED,
    )
    return Invite(invited, method)


def _organizer(appointment: Appointment, addresses: Addresses) -> str:
    """Who the first invite was from: calendars refuse an update from anybody else."""
    if not appointment.organizer_email:
        appointment.organizer_email = addresses.organizer or appointment.practice.email
    return appointment.organizer_email


def appointment_of(message: Message) -> Appointment:
    """The appointment that a message is about. Raises ValueError when it is about none."""
    if message.appointment is None:
        raise ValueError("this message is not about an appointment")
    return message.appointment
