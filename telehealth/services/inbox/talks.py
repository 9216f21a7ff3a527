"""A text that came, and all that there is to know about its number: what is booked, what we said last, what waits.

Everything here runs inside the transaction of whoever receives the text. ``conversations`` decides what follows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy.orm import Session

from telehealth.domain import languages
from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import Actor, Via
from telehealth.domain.consent.contactability import reached_at
from telehealth.domain.contact import say_phone
from telehealth.domain.inbox.alerting import NEAR as NEAR_SESSION
from telehealth.domain.inbox.alerting import AlertReason
from telehealth.domain.inbox.answers import Ahead, Answers
from telehealth.domain.inbox.replies import Reading
from telehealth.domain.links import Linked
from telehealth.domain.message_words import Channel, MessageKind, TaskKind
from telehealth.domain.messages.discretion import Discretion
from telehealth.domain.messages.rules import IN_ONE
from telehealth.domain.naming import form_of_address, initials
from telehealth.domain.walltime import zone
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import Appointment, Attendee, Client, Companion, InboundText, Message, Practice, Therapist
from telehealth.queries.inbox.alert_readers import list_therapists_of
from telehealth.queries.inbox.inbound_texts import (
    find_last_text,
    find_open_question,
    has_open_task,
    list_companions_with_number,
    list_seats_near,
    list_seats_told,
    list_seats_told_with,
    series_by_appointment,
)
from telehealth.queries.messages.facts import called, link_to
from telehealth.services.appointments.attending import TO_COME
from telehealth.services.audit import ActedBy
from telehealth.services.inbox.alerting import alert_staff
from telehealth.services.task_opening import open_task

LOOKS_AHEAD = timedelta(weeks=8)
LOOKS_BACK = timedelta(days=15)
"""How long what we said last is what a text answers."""
IN_ONE_BREATH = timedelta(minutes=10)
"""Texts of ours that came so close together are one to whoever answers them."""
NEAR = timedelta(days=15)
"""What a "C" may be about, unless we texted about another appointment today."""
QUESTION_STANDS = timedelta(hours=24)
A_DAY = timedelta(hours=24)
ABOUT_TIMES = frozenset({MessageKind.CONFIRMATION, MessageKind.REMINDER, MessageKind.MOVED, *IN_ONE})
"""What a loose yes, such as an "ok" or a thumb, can confirm."""
BY_TEXT = ActedBy(Actor.CLIENT, via=Via.TEXT)
OFF = AppointmentStatus.CANCELLED
UNKNOWN_NUMBER = "No client of ours has this number."


@dataclass(frozen=True, slots=True)
class SeatAhead:
    """An appointment ahead, with the seats in it that are texted at one number."""

    appointment: Appointment
    seats: Sequence[Attendee]


@dataclass(frozen=True)
class Talk:
    """A text that came, and what there is to know about its number."""

    session: Session
    practice: Practice
    inbound: InboundText
    reading: Reading
    clients: Sequence[Client]
    seats: Sequence[Attendee]
    addresses: Addresses
    now: datetime
    may_be_answered: bool = True
    is_answered_elsewhere: bool = False
    has_pictures: bool = False
    was_paused: bool = False
    is_copy: bool = False

    @property
    def client(self) -> Client | None:
        """Whose number it is, when that is one person."""
        return self.clients[0] if len(self.clients) == 1 else None

    @cached_property
    def companions(self) -> Mapping[int, Companion]:
        """Who acts with this number for whom, by the client's id."""
        return {each.client_id: each for each in list_companions_with_number(self.practice.id, self.inbound.sender)}

    def companion_for(self, seat: Attendee) -> Companion | None:
        """Who writes with this number for the client of a seat; None when it is the client's own."""
        is_own = reached_at(seat, seat.client, Channel.TEXT) == self.inbound.sender
        return None if is_own else self.companions.get(seat.client_id)

    def link_to(self, seat: Attendee) -> Linked:
        """What a link names that is texted to this number: whoever acts for the client gets their own."""
        return link_to(seat, self.companion_for(seat))

    def acted_by(self, seat: Attendee) -> ActedBy:
        """Who does by text what is done to a seat: its client, or who acts for them with this number."""
        return BY_TEXT.through(self.link_to(seat))

    @cached_property
    def ahead(self) -> list[SeatAhead]:
        """What is booked, in order; of a standing slot only the next date."""
        booked = group_seats(each for each in self.seats if each.status in TO_COME)
        series = series_by_appointment([each.appointment.id for each in booked])
        first: dict[tuple[str, int], SeatAhead] = {}
        for each in booked:
            mine = series.get(each.appointment.id)
            first.setdefault(("series", mine) if mine is not None else ("alone", each.appointment.id), each)
        return list(first.values())

    @cached_property
    def near(self) -> list[SeatAhead]:
        """What an answer may be about: the next days, and what we texted about today; else whatever is ahead."""
        told = list_seats_told(self.practice.id, self.inbound.sender, since=self.now - A_DAY)
        found = [
            each
            for each in self.ahead
            if each.appointment.starts_at < self.now + NEAR or told & {seat.id for seat in each.seats}
        ]
        return found or self.ahead

    @cached_property
    def near_session(self) -> SeatAhead | None:
        """What begins soon, or goes on at this moment."""
        until = self.now + NEAR_SESSION
        seats = list_seats_near(self.practice.id, self.inbound.sender, now=self.now, until=until)
        return next(iter(group_seats(seats)), None)

    @cached_property
    def last(self) -> Message | None:
        """The last text that we sent to this number: what this one answers."""
        return find_last_text(self.practice.id, self.inbound.sender, since=self.now - LOOKS_BACK)

    @cached_property
    def told(self) -> list[SeatAhead]:
        """What is booked and what our last text told or reminded of; nothing when it was about anything else."""
        if self.last is None or self.last.kind not in ABOUT_TIMES or self.last.sent_at is None:
            return []
        told = list_seats_told_with(self.last, ABOUT_TIMES, since=self.last.sent_at - IN_ONE_BREATH)
        return [
            each
            for each in group_seats(seat for seat in self.seats if seat.status in TO_COME)
            if told & {seat.id for seat in each.seats}
        ]

    @cached_property
    def question(self) -> InboundText | None:
        """The text to which "which one?", or "do you mean this?", was the last thing that we said."""
        asked = find_open_question(self.practice.id, self.inbound.sender, since=self.now - QUESTION_STANDS)
        is_last = asked is not None and (self.last is None or self.last.inbound_id == asked.id)
        return asked if is_last else None

    @property
    def waits_for_a_person(self) -> bool:
        """Whether something that they wrote before is still for a person to read."""
        return has_open_task(self.practice.id, self.inbound.sender, besides=self.inbound.id)

    @property
    def answers(self) -> Answers:
        """Our sentences, in their language: that of their words, else the one on file."""
        spoken = [each.locale for each in self.companions.values()] + [each.locale for each in self.clients]
        on_file = next(iter(spoken), languages.ENGLISH)
        locale = (
            languages.SPANISH if self.reading.language == languages.SPANISH else languages.nearest_language(on_file)
        )
        return Answers(
            self.practice.sender_name, say_phone(self.practice.phone), locale, names_988=self.practice.names_988
        )

    @property
    def last_kind(self) -> MessageKind | None:
        """What the last text that we sent to this number was."""
        return self.last.kind if self.last is not None else None

    def ahead_of(self, coming: SeatAhead) -> Ahead:
        """The appointment as our answers say it."""
        found, seat = coming.appointment, coming.seats[0]
        name = found.timezone if found.mode == Mode.IN_PERSON else seat.timezone
        return Ahead(
            found.starts_at,
            zone(name),
            self.addresses.manage(self.link_to(seat)),
            join=self.addresses.join(self.link_to(seat)) if found.mode == Mode.VIRTUAL else "",
        )

    def options(self, them: Sequence[SeatAhead]) -> list[Ahead]:
        """The appointments as they are told apart in a question: two at one time, by whose they are."""
        names = _apart([[called(seat) for seat in each.seats] for each in them], self.practice.discretion)
        return [replace(self.ahead_of(each), who=who) for each, who in zip(them, names, strict=True)]

    def open_task(self, note: str = "", *, kind: TaskKind = TaskKind.TEXT, about: SeatAhead | None = None) -> bool:
        """Ask a person to look at it, and tell staff at once when it must not wait; whether they are told."""
        about = about or self.near_session
        seat = about.seats[0] if about is not None else None
        client_id = self.client.id if self.client is not None else seat.client_id if seat is not None else None
        said = " ".join(filter(None, (note, "" if self.clients else UNKNOWN_NUMBER)))
        open_task(
            self.session,
            practice_id=self.practice.id,
            kind=kind,
            now=self.now,
            inbound=self.inbound,
            client_id=client_id,
            appointment_id=about.appointment.id if about is not None else None,
            note=said,
            is_urgent=kind == TaskKind.CRISIS,
        )
        return self._alert(kind, client_id, about)

    def _alert(self, kind: TaskKind, client_id: int | None, about: SeatAhead | None) -> bool:
        if kind != TaskKind.CRISIS and self.near_session is None:
            return False
        why = AlertReason.URGENT if kind == TaskKind.CRISIS else AlertReason.NEAR
        concerned = self.near_session or about
        if concerned is not None:
            therapists: Sequence[Therapist] = concerned.appointment.therapists
        else:
            clients = [client_id] if client_id is not None else [each.id for each in self.clients]
            therapists = list_therapists_of(clients, now=self.now)
        return alert_staff(self.session, self.inbound, why, therapists=therapists, now=self.now)


def group_seats(seats: Iterable[Attendee]) -> list[SeatAhead]:
    """Seats by appointment: a couple with one phone says it once for both."""
    found: dict[int, list[Attendee]] = {}
    for seat in seats:
        found.setdefault(seat.appointment_id, []).append(seat)
    return [SeatAhead(each[0].appointment, each) for each in found.values()]


def first_with(seats: Iterable[Attendee], statuses: Collection[AppointmentStatus]) -> SeatAhead | None:
    """The first appointment with a seat that stands so."""
    return next(iter(group_seats(each for each in seats if each.status in statuses)), None)


def _apart(names: Sequence[Sequence[str]], discretion: Discretion) -> list[str]:
    """What tells the people of each appointment apart: first names where the practice says names in texts, else
    initials; with as much of the first name as it takes where those are the same.
    """
    firsts = [", ".join(form_of_address(name) for name in each) for each in names]
    if discretion == Discretion.NAMED and len(set(firsts)) == len(firsts):
        return firsts
    longest = max((len(name) for each in names for name in each), default=1)
    for letters in range(1, longest + 1):
        said = [", ".join(initials(name, letters=letters) for name in each) for each in names]
        if len(set(said)) == len({tuple(each) for each in names}):
            return said
    return said


def only_one(them: Sequence[SeatAhead]) -> SeatAhead | None:
    """The one that there is; None when there is none, or a choice."""
    return them[0] if len(them) == 1 else None
