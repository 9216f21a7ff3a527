"""The seat behind a link, and what every page about it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.appointments.joining import Door
from telehealth.domain.appointments.policies import Freedom
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.companions import contact_for_seat
from telehealth.domain.consent.contactability import OptOuts, reached_at, why_not_contactable
from telehealth.domain.delivery.rows import ContactTold
from telehealth.domain.icalendar import Entry
from telehealth.domain.links import Linked
from telehealth.domain.message_words import Channel, Purpose
from telehealth.domain.messages import wording
from telehealth.domain.naming import form_of_address
from telehealth.domain.times import say_briefly, say_time
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.late import Library
from telehealth.models import Appointment, Attendee, CallGuest, Companion, Occurrence
from telehealth.queries.appointments.appointments import find_seat_and_reader, find_seat_by_link
from telehealth.queries.appointments.requests import find_answer
from telehealth.queries.consent.opt_outs import find_opt_outs
from telehealth.queries.messages.facts import called, facts_for_attendee, link_to
from telehealth.queries.series.occurrences import find_occurrence
from telehealth.web import terms
from telehealth.web.link_pages import Sender, find_addresses
from telehealth.web.shown_times import show_time

if TYPE_CHECKING:
    from telehealth.queries.video import doors
else:
    doors = Library("telehealth.queries.video.doors")

NEW_FOR = timedelta(minutes=15)
LONGEST_COUNTDOWN = timedelta(hours=24)
DIGITS_SHOWN = 4
SETTLED = {AppointmentStatus.FULFILLED, AppointmentStatus.NOSHOW}
NO = frozenset({AuditAction.DECLINED, AuditAction.EXPIRED})
"""How the audit names the two ways in which a request ends without a yes."""


class Phase(StrEnum):
    """Where an appointment stands, as its client sees it."""

    AHEAD = "ahead"
    BEGUN = "begun"
    OVER = "over"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Seat:
    """One attendee's place in one appointment, at the instant ``now`` of the request: what the database is asked about
    it, it is asked once.
    """

    attendee: Attendee
    now: datetime
    companion: Companion | None = None
    """Who reads it for its client; None: the client does."""

    @property
    def link(self) -> Linked:
        """What the reader's links name."""
        return link_to(self.attendee, self.companion)

    @property
    def may_change(self) -> bool:
        """Whether its reader may confirm, move and cancel."""
        return self.companion is None or self.companion.may_change

    @property
    def may_book_again(self) -> bool:
        """Whether its reader may book once more for its client: whoever acts for them, once the practice knows them."""
        return self.companion is None or (self.companion.is_known and self.companion.may_change)

    @property
    def called(self) -> str:
        """What the reader is called."""
        return called(self.attendee) if self.companion is None else self.companion.name

    @property
    def language(self) -> str:
        """The language that the reader reads."""
        return self.attendee.client.locale if self.companion is None else self.companion.locale

    @property
    def called_client(self) -> str:
        """What the reader calls the client: whoever is not known to act for them, as they typed it."""
        return (
            self.attendee.name if self.companion is not None and not self.companion.is_known else called(self.attendee)
        )

    @property
    def is_booked_by_reader(self) -> bool:
        """Whether somebody reads it who booked it for its client."""
        return self.companion is not None and self.companion.id == self.attendee.booked_by_id

    @property
    def booked_by(self) -> str:
        """Who booked it for its client, for others to read; empty where nobody did."""
        booked_by = self.attendee.booked_by
        return booked_by.name if booked_by is not None and not self.is_booked_by_reader else ""

    @property
    def appointment(self) -> Appointment:
        """What the seat is in."""
        return self.attendee.appointment

    @property
    def phase(self) -> Phase:
        """Cancelled, over, begun or ahead."""
        appointment = self.appointment
        if AppointmentStatus.CANCELLED in {appointment.status, self.attendee.status}:
            return Phase.CANCELLED
        if appointment.status in SETTLED or self.now >= appointment.ends_at:
            return Phase.OVER
        return Phase.AHEAD if self.now < appointment.starts_at else Phase.BEGUN

    @cached_property
    def door(self) -> Door | None:
        """The way into the virtual room; None where there is none."""
        appointment = self.appointment
        is_off = self.phase == Phase.CANCELLED or appointment.is_asked_to_move
        if appointment.mode != Mode.VIRTUAL or is_off or self.is_request:
            return None
        if appointment.status == AppointmentStatus.NOSHOW:
            return Door.OVER
        return doors.find_door(appointment, now=self.now)

    @cached_property
    def guests(self) -> Sequence[CallGuest]:
        """Who comes to its video room without a seat, while there is one to come to."""
        is_open = self.door in {Door.OPEN, Door.NOT_YET}
        return [each for each in self.appointment.guests if each.ended_at is None] if is_open else []

    @property
    def is_new(self) -> bool:
        """Whether it was booked a moment ago: the page then greets instead of only informing."""
        return self.now - self.appointment.created_at < NEW_FOR

    @property
    def is_request(self) -> bool:
        """Whether it still waits for the practice's yes."""
        return self.appointment.status == AppointmentStatus.PENDING

    @cached_property
    def no(self) -> str:
        """How a request ended without a yes: one of ``NO``, or empty."""
        is_off = self.appointment.status == AppointmentStatus.CANCELLED
        answer = find_answer(self.appointment) if is_off else None
        return answer.value if answer is not None and answer in NO else ""

    @property
    def freedom(self) -> Freedom:
        """What its client may still change, by the terms agreed to."""
        appointment = self.appointment
        return appointment.freedom(now=self.now)

    @property
    def may_move(self) -> bool:
        """Whether it can be moved here."""
        is_open = self.may_change and self.phase == Phase.AHEAD
        return is_open and self.appointment.may_be_moved_online(now=self.now)

    @property
    def may_undo(self) -> bool:
        """Whether the last move can be taken back here; that needs no yes, and counts as none."""
        is_free = self.may_change and self.phase == Phase.AHEAD and self.freedom == Freedom.FREE
        return is_free and bool(self.appointment.places_left_behind)

    @property
    def may_cancel(self) -> bool:
        """Whether it can be cancelled here."""
        return self.may_change and self.phase == Phase.AHEAD and self.freedom in {Freedom.FREE, Freedom.LATE}

    @cached_property
    def withheld(self) -> OptOuts:
        """What its client does not want, and the number and address that are left alone."""
        reader = self.reader
        where = (reached_at(reader, reader.client, channel) or "" for channel in Channel)
        seat = self.attendee
        return find_opt_outs(seat.practice_id, client_ids=[seat.client_id], addresses=list(where))

    @property
    def reader(self) -> ContactTold:
        """How whoever reads it is reached."""
        return self.attendee if self.companion is None else contact_for_seat(self.companion, self.attendee)

    @property
    def gets_texts(self) -> bool:
        """Whether its client is texted about it."""
        reader = self.reader
        return not why_not_contactable(reader, reader.client, Channel.TEXT, Purpose.APPOINTMENTS, self.withheld)

    @property
    def has_email(self) -> bool:
        """Whether there is an address of its client's."""
        return reached_at(self.reader, self.reader.client, Channel.EMAIL) is not None

    @property
    def number_ends_in(self) -> str:
        """The last digits of the number that is texted, if it was typed for the seat: no page tells of a safe one."""
        reader = self.reader
        return (reader.phone or "")[-DIGITS_SHOWN:] if not reader.client.safe_phone else ""

    @property
    def has_company(self) -> bool:
        """Whether others come along: a couple, a family."""
        return len(self.appointment.seats) > 1 and not self.appointment.service.is_group

    @cached_property
    def occurrence(self) -> Occurrence | None:
        """The date of a standing slot that it is, if it is one of theirs: in a group others come for one date only."""
        found = find_occurrence(self.appointment.id)
        if found is None or self.attendee.client_id not in {each.client_id for each in found.series.members}:
            return None
        return found

    @property
    def told_in_minutes(self) -> int:
        """Whole minutes until others hear of the last change; 0 when they are told at once, or were told."""
        quiet = self.appointment.changed_at + timedelta(minutes=self.appointment.practice.grace_minutes) - self.now
        return max(0, -(-int(quiet.total_seconds()) // 60))

    @cached_property
    def facts(self) -> wording.Facts:
        """What messages say about it too."""
        return facts_for_attendee(self.attendee, find_addresses(), companion=self.companion)

    @property
    def entry(self) -> Entry:
        """What calendars show of it."""
        return wording.entry(self.facts)

    def page(self, template: str, status: HTTPStatus = HTTPStatus.OK, **context: Any) -> ResponseReturnValue:
        """Render a page about the seat."""
        return render_template(template, **{**self.context, **context}), status

    @property
    def context(self) -> dict[str, Any]:
        """What every page about the seat shows."""
        appointment, known = self.appointment, self.facts
        expires = appointment.expires_at
        opening = appointment.room_opens_at
        return {
            "practice": Sender.of_practice(appointment.practice),
            "seat": self,
            "known": known,
            "called": self.called,
            "called_client": form_of_address(self.called_client),
            "time": show_time(appointment.starts_at, known.zone, known.other_zone),
            "minutes": appointment.minutes,
            "opens_at": opening,
            "opening": self._opening(opening, known.zone),
            "counts_down": opening - self.now < LONGEST_COUNTDOWN,
            "opens_minutes": appointment.practice.room_opens_minutes,
            "number_ends_in": self.number_ends_in,
            "terms": terms.say_terms(appointment.policy),
            "window": terms.say_span(appointment.policy.window_minutes) if appointment.policy else "",
            "answer_by": say_briefly(expires, known.zone) if expires else "",
            "book_url": url_for("booking.show_practice", slug=appointment.practice.slug),
        }

    def _opening(self, opening: datetime, zone: ZoneInfo) -> str:
        """When the room opens, in words: the day is said unless it is today."""
        is_today = opening.astimezone(zone).date() == self.now.astimezone(zone).date()
        return f"at {say_time(opening, zone)}" if is_today else f"on {say_briefly(opening, zone)}"


def open_seat(purpose: LinkPurpose, token: str) -> Seat:
    """The seat that a client's own link opens. Raises LinkInvalid, LinkEnded, and NotAllowed for the link of somebody
    who acts for them.
    """
    return Seat(find_seat_by_link(find_addresses().read(purpose, token)), clock.now())


def open_seat_for_all(purpose: LinkPurpose, token: str) -> Seat:
    """The same for the client and for whoever acts for them. Raises LinkInvalid, LinkEnded."""
    seat, companion = find_seat_and_reader(find_addresses().read(purpose, token))
    return Seat(seat, clock.now(), companion)
