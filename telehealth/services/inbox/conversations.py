"""What a text to us leads to: a confirmation, a link, a question, a task, an answer. ``inbound`` has kept it before.

Everything here runs inside the caller's transaction. Each handler does what its meaning asks for and returns what we
answer, "" for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy.orm import Session

from telehealth.domain import languages
from telehealth.domain.addresses import Addresses
from telehealth.domain.contact import say_phone
from telehealth.domain.errors import AlreadyCancelled, ImpossibleStatus, TooLate
from telehealth.domain.inbox import replies
from telehealth.domain.inbox.answers import MOST_CHOICES, Ahead, Answers
from telehealth.domain.inbox.replies import Reading
from telehealth.domain.walltime import zone
from telehealth.domain.words import Actor, AppointmentStatus, MessageKind, Mode, ReplyMeaning, TaskKind, Via
from telehealth.models import Appointment, Attendee, Client, InboundText, Practice
from telehealth.queries.consent.opt_outs import refuses_texts
from telehealth.queries.inbox.inbound_texts import (
    count_replies,
    find_last_message,
    find_open_question,
    list_seats_told,
    series_by_appointment,
)
from telehealth.services.appointments.attending import TO_COME, confirm_seat_in
from telehealth.services.audit import ActedBy
from telehealth.services.inbox.task_list import open_task
from telehealth.services.locking import lock_appointment

BY_TEXT = ActedBy(Actor.CLIENT, via=Via.TEXT)

LOOKS_AHEAD = timedelta(weeks=8)
NEAR = timedelta(days=15)
"""What a "C" may be about, unless we texted about another appointment today."""
SAME_BREATH = timedelta(hours=1)
"""Who confirmed this recently may be saying it again, or may mean the next one."""
QUESTION_STANDS = timedelta(hours=24)
A_DAY = timedelta(hours=24)
ONE_RECEIPT_IN = timedelta(hours=12)
ABOUT_TIMES = frozenset({MessageKind.CONFIRMATION, MessageKind.REMINDER, MessageKind.MOVED, MessageKind.CATCH_UP})
OFF, PENDING = AppointmentStatus.CANCELLED, AppointmentStatus.PENDING

UNKNOWN_NUMBER = "No client of ours has this number."
NOTES = {
    "nothing ahead": "They answered about an appointment, but nothing is booked ahead for this number.",
    "begun": "They chose an appointment that has begun, or is over.",
    "off": "They answered about an appointment that is cancelled.",
    "by phone": "They want to move, and it cannot be done online any more.",
    "help": "They wrote HELP. The carrier tells them how to end texts; please see whether they need anything else.",
    "cancel": "They wrote CANCEL. That ends texts; e-mail goes on. Nothing was cancelled: please ask what they meant.",
    "stop": "They asked in their own words for no more texts. Texts are off, e-mail goes on, nothing was cancelled.",
    "wrong": "They say that this is the wrong number. Texts to it are off: please ask the client for another one.",
    "crisis": "Please call them now.",
    "to staff": "It may be the answer to what staff wrote.",
    "maybe stop": "They may want no more texts. Nothing was changed: please ask them. A reply of STOP ends all texts.",
    "still off": "They wrote START, but texts were turned off in another way, or never agreed to. Please ask them.",
    "picture": "They sent a picture or a file, which we do not keep.",
}
TOLD = {
    "off": "They were told so.",
    "by phone": "They were asked to call.",
    "crisis": "They were given 988 and 911.",
}
"""What our answer did, for a person who goes on from there."""
NO_ANSWER = "They got no answer: we may not text this number now."


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

    @property
    def client(self) -> Client | None:
        """Whose number it is, when that is one person."""
        return self.clients[0] if len(self.clients) == 1 else None

    @cached_property
    def ahead(self) -> list[SeatAhead]:
        """What is booked, in order; of a standing slot only the next date."""
        booked = _together(each for each in self.seats if each.status in TO_COME)
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

    @property
    def answers(self) -> Answers:
        """Our sentences, in their language: that of their words, else the one on file."""
        on_file = next((each.locale for each in self.clients), languages.ENGLISH)
        locale = (
            languages.SPANISH if self.reading.language == languages.SPANISH else languages.nearest_language(on_file)
        )
        return Answers(
            self.practice.sender_name, say_phone(self.practice.phone), locale, names_988=self.practice.names_988
        )

    def last_said(self, since: timedelta) -> MessageKind | None:
        """What the last text that we sent to this number was."""
        return find_last_message(self.practice.id, self.inbound.sender, since=self.now - since)

    def ahead_of(self, coming: SeatAhead) -> Ahead:
        """The appointment as our answers say it."""
        found, seat = coming.appointment, coming.seats[0]
        name = found.timezone if found.mode == Mode.IN_PERSON else seat.timezone
        return Ahead(found.starts_at, zone(name), self.addresses.manage(seat))

    def note(self, what: str) -> str:
        """What a person has to know, and what we did: nobody must believe in an answer that was never sent."""
        return f"{NOTES[what]} {TOLD[what] if self.may_be_answered else NO_ANSWER}"

    def open_task(self, note: str = "", *, kind: TaskKind = TaskKind.TEXT, about: SeatAhead | None = None) -> None:
        """Ask a person to look at it."""
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


def answer_to(talk: Talk) -> str:
    """Do what a text asks for, and return what we answer, "" for nothing."""
    return _HANDLERS[talk.reading.meaning](talk)


def _confirm(talk: Talk) -> str:
    if talk.reading.is_reaction:
        return _tapped(talk)
    if not talk.reading.is_explicit and talk.last_said(A_DAY) == MessageKind.NOTE:
        talk.open_task(NOTES["to staff"], about=_only(talk.near))
        return ""
    them = _not_said_yet(talk)
    if not them:
        return _nothing_ahead(talk)
    return _ask_which(talk, them) if len(them) > 1 else _confirm_these(talk, them)


def _tapped(talk: Talk) -> str:
    """A thumb on our own text: a yes, where it is clear to what, and nothing to answer anywhere."""
    them = _not_said_yet(talk)
    if len(them) == 1 and talk.last_said(A_DAY) in ABOUT_TIMES:
        _confirm_these(talk, them)
    return ""


def _not_said_yet(talk: Talk) -> list[SeatAhead]:
    """What a yes may be about: what nobody has said yes to, or only just now; else the next one, which is then said
    again.
    """
    since = talk.now - SAME_BREATH
    fresh = [
        each for each in talk.near if any(seat.confirmed_at is None or seat.confirmed_at > since for seat in each.seats)
    ]
    return fresh or talk.near[:1]


def _confirm_these(talk: Talk, them: Sequence[SeatAhead]) -> str:
    # Appointments are locked in the order of their ids, as everywhere.
    done = {each.appointment.id for each in sorted(them, key=lambda each: each.appointment.id) if _said_yes(talk, each)}
    kept = [each for each in them if each.appointment.id in done]
    if not kept:
        return _nothing_ahead(talk)
    talk.inbound.attendee_id = kept[0].seats[0].id
    return talk.answers.confirmed([talk.ahead_of(each) for each in kept])


def _said_yes(talk: Talk, coming: SeatAhead) -> bool:
    """Whether it could be kept: another request may have cancelled it while this one waited."""
    appointment = lock_appointment(talk.session, talk.practice.id, coming.appointment.id)
    try:
        for seat in coming.seats:
            confirm_seat_in(talk.session, appointment, seat, BY_TEXT, now=talk.now)
    except (AlreadyCancelled, ImpossibleStatus, TooLate):
        return False
    return True


def _move(talk: Talk) -> str:
    if not talk.near:
        return _nothing_ahead(talk)
    return _ask_which(talk, talk.near) if len(talk.near) > 1 else _move_this(talk, talk.near[0])


def _move_this(talk: Talk, one: SeatAhead) -> str:
    talk.inbound.attendee_id = one.seats[0].id
    found = one.appointment
    if found.may_be_moved_online(now=talk.now):
        return talk.answers.move(talk.ahead_of(one))
    talk.open_task(talk.note("by phone"), about=one)
    return talk.answers.move_by_phone(talk.ahead_of(one))


def _ask_which(talk: Talk, them: Sequence[SeatAhead]) -> str:
    asked = them[:MOST_CHOICES]
    talk.inbound.choices = [each.seats[0].id for each in asked]
    may_be_all = talk.inbound.meaning == ReplyMeaning.CONFIRM
    return talk.answers.which([talk.ahead_of(each) for each in asked], may_be_all=may_be_all)


def _nothing_ahead(talk: Talk) -> str:
    """Say how things stand: cancelled, only asked for, or nothing that we know of."""
    off, asked_for = _first(talk.seats, {OFF}), _first(talk.seats, {PENDING})
    if asked_for is not None:
        return talk.answers.is_request(talk.ahead_of(asked_for))
    if off is not None:
        return _is_off(talk, off)
    talk.open_task(NOTES["nothing ahead"])
    return talk.answers.nothing_ahead()


def _is_off(talk: Talk, off: SeatAhead) -> str:
    talk.open_task(talk.note("off"), about=off)
    return talk.answers.is_cancelled(talk.ahead_of(off))


def _other(talk: Talk) -> str:
    if talk.reading.choice is not None or talk.reading.is_all:
        question = find_open_question(talk.practice.id, talk.inbound.sender, since=talk.now - QUESTION_STANDS)
        if question is not None and (talk.reading.is_all or (talk.reading.choice or 0) < len(question.choices)):
            return _choice(talk, question)
    if talk.reading.asks_nothing and not talk.has_pictures:
        return ""
    one = _only(talk.near)
    talk.open_task(NOTES["picture"] if talk.has_pictures else "", about=one)
    return "" if _was_heard(talk) else talk.answers.received(talk.ahead_of(one) if one is not None else None)


def _was_heard(talk: Talk) -> bool:
    """Whether they know that their texts are read: we said so, or staff wrote to them, a few hours ago."""
    since = talk.now - ONE_RECEIPT_IN
    practice_id, number = talk.practice.id, talk.inbound.sender
    told = count_replies(practice_id, number, since=since, to=[ReplyMeaning.OTHER])
    return bool(told) or talk.last_said(ONE_RECEIPT_IN) == MessageKind.NOTE


def _choice(talk: Talk, question: InboundText) -> str:
    """The answer to "which one?"."""
    if talk.reading.is_all and question.meaning != ReplyMeaning.CONFIRM:
        talk.inbound.meaning = question.meaning
        return _ask_which(talk, talk.near) if talk.near else _nothing_ahead(talk)
    talk.inbound.meaning = ReplyMeaning.CHOICE
    chosen = set(question.choices if talk.reading.is_all else [question.choices[talk.reading.choice or 0]])
    them = [each for each in _together(talk.seats) if chosen & {seat.id for seat in each.seats}]
    still = [each for each in them if each.appointment.status in TO_COME]
    if not still:
        return _chose_nothing(talk, them)
    return _confirm_these(talk, still) if question.meaning == ReplyMeaning.CONFIRM else _move_this(talk, still[0])


def _chose_nothing(talk: Talk, them: Sequence[SeatAhead]) -> str:
    """What was chosen is off, or has begun meanwhile. Something else may be ahead, so nobody is told of nothing."""
    off = _first((seat for each in them for seat in each.seats), {OFF})
    if off is not None:
        return _is_off(talk, off)
    talk.open_task(NOTES["begun"])
    return talk.answers.received(None)


def _stop(talk: Talk) -> str:
    """Texts are off already. What carriers do not know, and what may have meant an appointment, a person looks at."""
    if talk.reading.is_wrong_number:
        talk.open_task(NOTES["wrong"])
    elif talk.reading.is_free:
        talk.open_task(NOTES["stop"])
    elif replies.fold_words(talk.inbound.body) == "cancel":
        talk.open_task(NOTES["cancel"], about=_only(talk.near))
    return ""


def _maybe_stop(talk: Talk) -> str:
    """A stop cannot be taken back by us, so one that is not certain is for a person."""
    one = _only(talk.near)
    talk.open_task(NOTES["maybe stop"], about=one)
    return "" if _was_heard(talk) else talk.answers.received(talk.ahead_of(one) if one is not None else None)


def _start(talk: Talk) -> str:
    if not talk.clients or talk.is_answered_elsewhere:
        return ""
    if _gets_texts(talk):
        return talk.answers.texts_again()
    one = _only(talk.near)
    talk.open_task(NOTES["still off"], about=one)
    return talk.answers.received(talk.ahead_of(one) if one is not None else None)


def _gets_texts(talk: Talk) -> bool:
    """Whether anybody with this number agrees to texts: START ends a STOP, and nothing else."""
    seats = [seat for seat in talk.seats if seat.status != OFF]
    agreed = [seat.client_id for seat in seats if seat.text_consent_at is not None]
    who = agreed if seats else [each.id for each in talk.clients]
    return not all(refuses_texts(each) for each in dict.fromkeys(who))


def _help(talk: Talk) -> str:
    """Carriers answer the English words, and all of them where Advanced Opt-Out is set up: two answers are too many."""
    talk.open_task(NOTES["help"])
    is_theirs = talk.is_answered_elsewhere or talk.reading.language != languages.SPANISH
    return "" if is_theirs else talk.answers.help()


def _crisis(talk: Talk) -> str:
    talk.open_task(talk.note("crisis"), kind=TaskKind.CRISIS, about=next(iter(talk.ahead), None))
    return talk.answers.crisis()


_HANDLERS: Mapping[ReplyMeaning, Callable[[Talk], str]] = {
    ReplyMeaning.CONFIRM: _confirm,
    ReplyMeaning.MOVE: _move,
    ReplyMeaning.CHOICE: _other,
    ReplyMeaning.STOP: _stop,
    ReplyMeaning.MAYBE_STOP: _maybe_stop,
    ReplyMeaning.START: _start,
    ReplyMeaning.HELP: _help,
    ReplyMeaning.CRISIS: _crisis,
    ReplyMeaning.OTHER: _other,
}


def _together(seats: Iterable[Attendee]) -> list[SeatAhead]:
    """Seats by appointment: a couple with one phone says it once for both."""
    found: dict[int, list[Attendee]] = {}
    for seat in seats:
        found.setdefault(seat.appointment_id, []).append(seat)
    return [SeatAhead(each[0].appointment, each) for each in found.values()]


def _first(seats: Iterable[Attendee], statuses: Collection[AppointmentStatus]) -> SeatAhead | None:
    return next(iter(_together(each for each in seats if each.status in statuses)), None)


def _only(them: Sequence[SeatAhead]) -> SeatAhead | None:
    return them[0] if len(them) == 1 else None
