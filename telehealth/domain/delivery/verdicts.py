"""Whether one message may go out at an instant; and if not, what becomes of it, and why. Pure over loaded rows.

A claim asks this before it sends, and a rehearsal asks the same about days to come: so what a rehearsal shows is what
happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from telehealth.domain import walltime
from telehealth.domain.companions import MessagesTo, contact_for_seat
from telehealth.domain.consent.contactability import PURPOSE_OF, OptOuts, reached_at, why_not_contactable
from telehealth.domain.delivery.rows import (
    ContactTold,
    MeetingPoint,
    MessageToSend,
    SeatTold,
    TextAnswered,
    TextingPractice,
)
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason, ReplyMeaning
from telehealth.domain.messages import quiet_hours
from telehealth.domain.messages.rules import BEFORE, IN_ONE
from telehealth.domain.words import AppointmentStatus, Mode, OfferStatus

AWAKE_FOR = timedelta(hours=2)
"""Whoever has just texted us is awake; later than this an answer waits for the hours in which nobody is disturbed."""
SAID_AFTER_A_STOP = frozenset({ReplyMeaning.STOP, ReplyMeaning.CRISIS})
"""Texts to us that are answered although texts to that number have ended.

A stop may be confirmed once, within five minutes, where the carrier does not do it (47 CFR 64.1200(a)(12)). Somebody in
a crisis is told once where help is: what is "made necessary in any situation affecting the health and safety of
consumers" is sent for an emergency purpose (47 CFR 64.1200(f)(4)) and needs no consent (47 U.S.C. 227(b)(1)(A)). After
their own words (STOP and its like) carriers let nothing through, and Twilio refuses it with 21610: then it fails, and
staff are told to call.
"""
BY_ADDRESS = frozenset({MessageKind.ALERT, MessageKind.CODE})
"""What goes to a number or an address, whoever's it is."""
NOBODY: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a message may go out now. If not, it waits (``wait_until``, aware), or ends (``status``), or stays as it
    is until something else was done first. ``by_email`` asks for the same thing by e-mail instead, unless it goes there
    already. ``reason`` is for staff, with its ``detail`` (``domain.reasons``).
    """

    send: bool
    wait_until: datetime | None = None
    status: MessageStatus | None = None
    reason: Reason | None = None
    detail: str = ""
    by_email: bool = False


SEND = Verdict(send=True)


def decide(message: MessageToSend, *, withheld: OptOuts, now: datetime, texted: Mapping[str, int] = NOBODY) -> Verdict:
    """Whether ``message``, with all that ``contents.NEEDED`` loads, may go out at the aware instant ``now``.

    ``withheld`` is what its practice has to leave alone, and ``texted`` says how many texts each number had in the last
    24 hours.
    """
    over = _why_over(message) or _why_untold(message, now=now)
    if over is not None:
        return Verdict(send=False, status=MessageStatus.VOID, reason=over)
    if message.not_after <= now:
        return Verdict(send=False, status=MessageStatus.EXPIRED, reason=Reason.TOO_LATE)
    if needs_planning(message):
        return Verdict(send=False, reason=Reason.RULES_CHANGED)
    why_not = _why_not(message, withheld)
    if why_not is not None:
        by_email = message.kind == MessageKind.ALERT or (message.channel == Channel.TEXT and message.inbound is None)
        return Verdict(send=False, status=MessageStatus.VOID, reason=why_not, by_email=by_email)
    return _of_hour(message, texted, now=now)


def is_current(message: MessageToSend) -> bool:
    """Whether what the message is about is still so."""
    return _why_over(message) is None


def needs_planning(message: MessageToSend) -> bool:
    """Whether the practice's rules changed since it was planned."""
    appointment = message.appointment
    return appointment is not None and appointment.plan_version < appointment.practice.plan_version


def contact_of(message: MessageToSend) -> ContactTold | None:
    """The contact of the client who reads it, a seat's or a wait's, or of who acts for them; None for a therapist or an
    unknown number.
    """
    own = message.offer.entry if message.offer is not None else message.attendee
    return own if own is None or message.companion is None else contact_for_seat(message.companion, own)


def practice_of(message: MessageToSend) -> TextingPractice:
    """The practice that says it, as far as it is loaded: an appointment's or a wait's. Raises ValueError for others."""
    if message.offer is not None:
        return message.offer.entry.practice
    if message.appointment is None:
        raise ValueError("this message is about no appointment and no wait")
    return message.appointment.practice


def may_be_texted_at(
    message: MessageToSend, contact: ContactTold, now: datetime, *, until: datetime
) -> datetime | None:
    """The first instant from ``now`` on at which a text to this client disturbs nobody; None when there is none before
    ``until``.
    """
    practice, state = practice_of(message), where_client_is(message.appointment, contact)
    hours_of = quiet_hours.hours_of(practice.texts_from, practice.texts_until, state)
    at = quiet_hours.next_allowed(now, walltime.zone(contact.timezone), hours_of)
    return at if at is not None and at < until else None


def may_be_answered_at(inbound: TextAnswered, now: datetime, *, until: datetime) -> datetime | None:
    """The same for an answer to a text that we got: at once, as long as whoever wrote it is awake."""
    if now - inbound.received_at < AWAKE_FOR:
        return now
    practice = inbound.practice
    hours_of = quiet_hours.hours_of(practice.texts_from, practice.texts_until, None)
    at = quiet_hours.next_allowed(now, walltime.zone((inbound.client or practice).timezone), hours_of)
    return at if at is not None and at < until else None


def where_client_is(appointment: MeetingPoint | None, contact: ContactTold) -> str | None:
    """The state whose hours count: the one the client named, or the one they come to."""
    if contact.jurisdiction is not None or appointment is None or appointment.mode != Mode.IN_PERSON:
        return contact.jurisdiction
    return appointment.location.jurisdiction if appointment.location is not None else None


def _why_over(message: MessageToSend) -> Reason | None:
    offer = message.offer
    if message.login_letter is not None:
        return Reason.LINK_ENDED if message.login_letter.ended_at is not None else None
    companion = message.companion
    if companion is not None and (companion.ended_at is not None or companion.messages_to == MessagesTo.CLIENT):
        return Reason.NOT_THEIRS
    if offer is not None and offer.status != OfferStatus.OPEN:
        return Reason.OFFER_ANSWERED
    return None if message.kind in IN_ONE else _why_changed(message)  # One about several says what is still so.


def _why_untold(message: MessageToSend, *, now: datetime) -> Reason | None:
    """An alert about what is done helps nobody; nor does a later step, once somebody has looked."""
    about = message.alert
    if about is None or (about.waits(now=now) and not (message.minutes and about.seen_at)):
        return None
    return Reason.LOOKED_AT


def _why_changed(message: MessageToSend) -> Reason | None:
    appointment = message.appointment
    if appointment is not None and message.version != appointment.sequence:
        return Reason.APPOINTMENT_CHANGED
    if message.kind in BEFORE and _is_off(message.attendee):
        return Reason.NOT_COMING
    if message.kind == MessageKind.FOLLOW_UP and not _was_missed(message.attendee):
        return Reason.CAME_AFTER_ALL
    return None


def _why_not(message: MessageToSend, withheld: OptOuts) -> Reason | None:
    """Whoever sent us a text may be answered, unless they ended texts; and staff on duty are told, unless they did."""
    if message.kind in BY_ADDRESS:
        return withheld.why_suppressed(message.channel, message.sent_to)
    if message.inbound is not None:
        why = withheld.why_suppressed(Channel.TEXT, message.inbound.sender)
        return None if why is not None and _is_answered_all_the_same(message, message.inbound, why) else why
    contact = contact_of(message)
    if contact is None:
        return None
    return why_not_contactable(contact, contact.client, message.channel, PURPOSE_OF[message.kind], withheld)


def _is_answered_all_the_same(message: MessageToSend, inbound: TextAnswered, why: Reason) -> bool:
    """A pause is about what we send of our own accord."""
    if why == Reason.TEXT_PAUSED:
        return True
    is_allowed = message.kind == MessageKind.REPLY and inbound.meaning in SAID_AFTER_A_STOP
    return is_allowed and why == Reason.TEXT_STOPPED


def _is_off(attendee: SeatTold | None) -> bool:
    return attendee is None or attendee.status == AppointmentStatus.CANCELLED


def _was_missed(attendee: SeatTold | None) -> bool:
    return attendee is not None and attendee.status == AppointmentStatus.NOSHOW


def _of_hour(message: MessageToSend, texted: Mapping[str, int], *, now: datetime) -> Verdict:
    """Whether it disturbs nobody. Staff on duty are told at any hour, and as often as it takes; and whoever asks for a
    code waits for it now.
    """
    if message.kind in BY_ADDRESS:
        return SEND
    if message.inbound is not None:
        return _at(may_be_answered_at(message.inbound, now, until=message.not_after), now=now)
    contact = contact_of(message)
    if contact is None or message.channel != Channel.TEXT:
        return SEND
    return _of_text(message, contact, texted, now=now)


def _of_text(message: MessageToSend, contact: ContactTold, texted: Mapping[str, int], *, now: datetime) -> Verdict:
    had = texted.get(reached_at(contact, contact.client, Channel.TEXT) or "", 0)
    if had >= practice_of(message).texts_a_day:
        return Verdict(send=False, status=MessageStatus.VOID, reason=Reason.MANY_TEXTS, detail=str(had), by_email=True)
    at = may_be_texted_at(message, contact, now, until=message.not_after)
    return _at(at, now=now, by_email=True)


def _at(at: datetime | None, *, now: datetime, by_email: bool = False) -> Verdict:
    if at is None:
        return Verdict(send=False, status=MessageStatus.EXPIRED, reason=Reason.NIGHT_UNTIL_TOO_LATE, by_email=by_email)
    return SEND if at <= now else Verdict(send=False, wait_until=at, reason=Reason.NIGHT)
