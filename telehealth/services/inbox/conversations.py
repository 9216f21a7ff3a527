"""What a text to us leads to: a confirmation, a link, a question, a task, an answer. ``receiving`` has kept it before.

Everything here runs inside the caller's transaction. Each handler does what its meaning asks for and returns what we
answer, "" for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from telehealth.database import attempt
from telehealth.domain import languages
from telehealth.domain.errors import AlreadyCancelled, ImpossibleStatus, OfferGone, TelehealthError, TooLate
from telehealth.domain.inbox import replies
from telehealth.domain.inbox.answers import MOST_CHOICES
from telehealth.domain.message_words import MessageKind, ReplyMeaning, TaskKind
from telehealth.domain.words import AppointmentStatus
from telehealth.models import InboundText
from telehealth.queries.consent.opt_outs import refuses_texts
from telehealth.queries.inbox.inbound_texts import count_replies, find_open_question
from telehealth.queries.link_versions import may_answer_offers
from telehealth.queries.messages.facts import link_to
from telehealth.queries.waitlist.waitlist_entries import has_open_offer
from telehealth.services.appointments.attending import TO_COME, confirm_seat_in, take_back_confirmation_in
from telehealth.services.inbox.answering import CALL_THEM, ON_THEIR_WAY
from telehealth.services.inbox.talks import (
    ABOUT_TIMES,
    BY_TEXT,
    OFF,
    QUESTION_STANDS,
    SeatAhead,
    Talk,
    first_with,
    group_seats,
    only_one,
)
from telehealth.services.locking import lock_appointment
from telehealth.services.messages.planning import take_back_texts
from telehealth.services.waitlist.waiting import accept_offer_in

PENDING = AppointmentStatus.PENDING
SAME_BREATH = timedelta(hours=1)
"""Who confirmed this recently may be saying it again, or may mean the next one."""
ONE_RECEIPT_IN = timedelta(hours=12)
CARRIERS_ANSWER = frozenset({"start", "unstop", "yes"})
"""What carriers, and Twilio for them, take for the wish for texts, and answer, when it is the whole text."""
NOTES = {
    "nothing ahead": "They answered about an appointment, but nothing is booked ahead for this number.",
    "begun": "They chose an appointment that has begun, or is over.",
    "off": "They answered about an appointment that is cancelled.",
    "by phone": "They want to move, and it cannot be done online any more.",
    "help": "They wrote HELP. The carrier tells them how to end texts; please see whether they need anything else.",
    "cancel": "They wrote CANCEL. That ends texts; e-mail goes on. Nothing was cancelled: please ask what they meant.",
    "stop": "They asked in their own words for no more texts. Texts are off, e-mail goes on, nothing was cancelled.",
    "nothing left": "They ended texts, and have no e-mail address: nothing is written to them any more. Please call.",
    "wrong": "They say that this is the wrong number. Texts to it are off: please ask the client for another one.",
    "to staff": "It may be the answer to what staff wrote.",
    "maybe stop": "They may want no more texts. Texts are paused, e-mail goes on: please ask what they would like.",
    "still off": "They wrote START, but texts were turned off in another way, or never agreed to. Please ask them.",
    "offer": "They said yes, and a time is kept for them. It may be the answer to that offer: please ask them.",
    "missed": "They said yes to our line after a missed session. Please find another time with them.",
    "declines": "They cannot come, as it seems. Nothing was cancelled: please ask what they would like.",
    "picture": "They sent a picture or a file, which we do not keep.",
}
TOLD = {"off": "They were told so.", "by phone": "They were asked to call."}
"""What our answer did, for a person who goes on from there."""
NO_ANSWER = "They got no answer: we may not text this number now."
SHARED_NUMBER = "It came to a number that several practices share; another one answers them by text."


def answer_to(talk: Talk) -> str:
    """Do what a text asks for, and return what we answer, "" for nothing."""
    if talk.reading.is_crisis:
        return _crisis(talk)
    said = _to_question(talk) if talk.reading.meaning in {ReplyMeaning.CONFIRM, ReplyMeaning.MOVE} else None
    return _HANDLERS[talk.reading.meaning](talk) if said is None else said


def _to_question(talk: Talk) -> str | None:
    """The answer to what names a place of "which one?" ("1"), or says yes to it; None when we asked nothing."""
    question, choice = talk.question, talk.reading.choice
    if question is None or talk.reading.is_reaction:
        return None
    if choice is not None and choice < len(question.choices):
        return _choice(talk, question)
    is_loose = talk.reading.meaning == ReplyMeaning.CONFIRM and not talk.reading.is_explicit
    return _yes_to_question(talk, question) if is_loose else None


def _confirm(talk: Talk) -> str:
    if talk.reading.is_reaction:
        return _tapped(talk)
    is_loose = not talk.reading.is_explicit
    if talk.last_kind == MessageKind.OFFER and (is_loose or not _not_said_yet(talk)):
        return _take_offer(talk)
    if is_loose and (not talk.told or talk.waits_for_a_person):
        return _loose_yes(talk)
    them = talk.told or _not_said_yet(talk)
    if not them:
        return _nothing_ahead(talk)
    return _ask_which(talk, them) if len(them) > 1 else _confirm_these(talk, them)


def _yes_to_question(talk: Talk, question: InboundText) -> str:
    """ "Yes" to "do you mean this one?" is a yes; to "which one?" it says nothing."""
    them = [each for each in group_seats(talk.seats) if set(question.choices) & {seat.id for seat in each.seats}]
    still = [each for each in them if each.appointment.status in TO_COME]
    if not still:
        return _chose_nothing(talk, them)
    if len(question.choices) > 1:
        return _ask_which(talk, still)
    talk.inbound.meaning = ReplyMeaning.CHOICE
    return _confirm_these(talk, still)


def _loose_yes(talk: Talk) -> str:
    """An "ok" answers the last thing that we said. Where that was no appointment, it confirms none; and while something
    of theirs waits for a person, it may mean that.
    """
    if talk.last_kind == MessageKind.NOTE:
        talk.open_task(NOTES["to staff"], about=only_one(talk.near))
        return ""
    if (other := _what_else_it_may_answer(talk)) is not None:
        talk.open_task(NOTES[other])
        return talk.answers.received(None)
    if talk.last_kind not in {None, *ABOUT_TIMES}:
        return ""  # A cancellation, a link, an answer of ours: they have seen it.
    them = talk.told or _not_said_yet(talk)
    if not them:
        return _nothing_ahead(talk)
    if all(seat.confirmed_at is not None for each in them for seat in each.seats):
        return ""
    return _ask_which(talk, them) if len(them) > 1 else _ask_whether(talk, them[0])


def _what_else_it_may_answer(talk: Talk) -> str | None:
    """Our line after a missed session, or a time that is kept for them: whatever was said since, that is not lost."""
    if talk.last_kind == MessageKind.FOLLOW_UP:
        return "missed"
    return "offer" if has_open_offer([each.id for each in talk.clients], now=talk.now) else None


def _ask_whether(talk: Talk, one: SeatAhead) -> str:
    talk.inbound.choices = [one.seats[0].id]
    return talk.answers.did_you_mean(talk.ahead_of(one))


def _tapped(talk: Talk) -> str:
    """A thumb on our own text: a yes, where it is clear to what, and nothing to answer anywhere."""
    if len(talk.told) == 1 and not talk.waits_for_a_person:
        _confirm_these(talk, talk.told)
    return ""


def _take_offer(talk: Talk) -> str:
    """A yes to a time that we keep for them: it is theirs, as if they had followed the link."""
    offer, companion = (talk.last.offer, talk.last.companion) if talk.last is not None else (None, None)
    if offer is None:
        return ""
    if companion is not None and not may_answer_offers(companion):
        return _nothing_ahead(talk)
    page, by = talk.addresses.offer(link := link_to(offer, companion)), BY_TEXT.through(link)
    try:
        with attempt(talk.session):
            made = accept_offer_in(talk.session, offer_public_id=offer.public_id, by=by, now=talk.now)
            take_back_texts(talk.session, made, companion, now=talk.now)  # What we answer says that it is theirs.
    except OfferGone:
        return talk.answers.offer_gone(page if companion is not None else talk.addresses.wait(offer.entry))
    except TelehealthError:
        return talk.answers.offer_by_link(page)  # Something is to be asked, or is in the way: the page says what.
    seats = [seat for seat in made.seats if seat.client_id == offer.entry.client_id]
    talk.inbound.attendee_id = seats[0].id
    return talk.answers.offer_taken(talk.ahead_of(SeatAhead(made, seats)))


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
        asked = next((each for each in them if each.appointment.is_asked_to_move), None)
        return _move_this(talk, asked) if asked is not None else _nothing_ahead(talk)
    talk.inbound.attendee_id = kept[0].seats[0].id
    return talk.answers.confirmed([talk.ahead_of(each) for each in kept])


def _said_yes(talk: Talk, coming: SeatAhead) -> bool:
    """Whether it could be kept: another request may have cancelled it while this one waited."""
    appointment = lock_appointment(talk.session, talk.practice.id, coming.appointment.id)
    try:
        for seat in coming.seats:
            confirm_seat_in(talk.session, appointment, seat, talk.acted_by(seat), now=talk.now)
    except (AlreadyCancelled, ImpossibleStatus, TooLate):
        return False
    return True


def _move(talk: Talk) -> str:
    them = talk.told or talk.near
    if not them:
        return _nothing_ahead(talk)
    return _ask_which(talk, them) if len(them) > 1 else _move_this(talk, them[0])


def _move_this(talk: Talk, one: SeatAhead) -> str:
    talk.inbound.attendee_id = one.seats[0].id
    _is_not_sure(talk, one)
    found, said = one.appointment, talk.ahead_of(one)
    if found.may_be_moved_online(now=talk.now):
        return talk.answers.move(said)
    talk.open_task(_note(talk, "by phone"), about=one)
    return talk.answers.moved_by_phone_only(said) if found.service.is_group else talk.answers.move_by_phone(said)


def _is_not_sure(talk: Talk, one: SeatAhead) -> None:
    """Whoever cannot come, wants another time or has something to settle does not stand there as confirmed."""
    if all(seat.confirmed_at is None for seat in one.seats):
        return
    appointment = lock_appointment(talk.session, talk.practice.id, one.appointment.id)
    for seat in one.seats:
        take_back_confirmation_in(talk.session, appointment, seat, talk.acted_by(seat), now=talk.now)


def _ask_which(talk: Talk, them: Sequence[SeatAhead]) -> str:
    asked = them[:MOST_CHOICES]
    talk.inbound.choices = [each.seats[0].id for each in asked]
    may_be_all = talk.inbound.meaning == ReplyMeaning.CONFIRM
    return talk.answers.which(talk.options(asked), may_be_all=may_be_all)


def _nothing_ahead(talk: Talk) -> str:
    """Say how things stand: cancelled, only asked for, or nothing that we know of."""
    off, asked_for = first_with(talk.seats, {OFF}), first_with(talk.seats, {PENDING})
    if asked_for is not None:
        return talk.answers.is_request(talk.ahead_of(asked_for))
    if off is not None:
        return _is_off(talk, off)
    talk.open_task(NOTES["nothing ahead"])
    return talk.answers.nothing_ahead()


def _is_off(talk: Talk, off: SeatAhead) -> str:
    talk.open_task(_note(talk, "off"), about=off)
    return talk.answers.is_cancelled(talk.ahead_of(off))


def _other(talk: Talk) -> str:
    if talk.reading.choice is not None or talk.reading.is_all:
        question = find_open_question(talk.practice.id, talk.inbound.sender, since=talk.now - QUESTION_STANDS)
        if question is not None and (talk.reading.is_all or (talk.reading.choice or 0) < len(question.choices)):
            return _choice(talk, question)
    if talk.reading.asks_nothing and not talk.has_pictures:
        return ""
    one = talk.near_session or only_one(talk.told or talk.near)
    if one is not None and not talk.reading.is_pressing:  # Whoever is late is coming.
        _is_not_sure(talk, one)
    is_passed_on = talk.open_task(_about_free_words(talk), about=one)
    return _receipt(talk, one, is_passed_on=is_passed_on)


def _about_free_words(talk: Talk) -> str:
    """What helps whoever reads it. "I can't get in" is no "I can't come"."""
    if talk.has_pictures:
        return NOTES["picture"]
    return NOTES["declines"] if talk.reading.declines and not talk.reading.is_pressing else ""


def _receipt(talk: Talk, one: SeatAhead | None, *, is_passed_on: bool = False) -> str:
    """That it is read. Once in some hours is enough, unless somebody is told of it at this moment."""
    if talk.reading.is_reaction:
        return ""
    said = talk.ahead_of(one) if one is not None else None
    if is_passed_on:
        return talk.answers.passed_on(said)
    return "" if _was_heard(talk) else talk.answers.received(said)


def _was_heard(talk: Talk) -> bool:
    """Whether they know that their texts are read: we said so, or staff wrote to them, a few hours ago."""
    since = talk.now - ONE_RECEIPT_IN
    told = count_replies(talk.practice.id, talk.inbound.sender, since=since, to=[ReplyMeaning.OTHER])
    is_noted = talk.last is not None and talk.last.kind == MessageKind.NOTE
    return bool(told) or (is_noted and talk.last is not None and (talk.last.sent_at or talk.last.created_at) > since)


def _choice(talk: Talk, question: InboundText) -> str:
    """The answer to "which one?"."""
    if talk.reading.is_all and question.meaning != ReplyMeaning.CONFIRM:
        talk.inbound.meaning = question.meaning
        return _ask_which(talk, talk.near) if talk.near else _nothing_ahead(talk)
    talk.inbound.meaning = ReplyMeaning.CHOICE
    chosen = set(question.choices if talk.reading.is_all else [question.choices[talk.reading.choice or 0]])
    them = [each for each in group_seats(talk.seats) if chosen & {seat.id for seat in each.seats}]
    still = [each for each in them if each.appointment.status in TO_COME]
    if not still:
        return _chose_nothing(talk, them)
    return _confirm_these(talk, still) if question.meaning == ReplyMeaning.CONFIRM else _move_this(talk, still[0])


def _chose_nothing(talk: Talk, them: Sequence[SeatAhead]) -> str:
    """What was chosen is off, or has begun meanwhile. Something else may be ahead, so nobody is told of nothing."""
    off = first_with((seat for each in them for seat in each.seats), {OFF})
    if off is not None:
        return _is_off(talk, off)
    talk.open_task(NOTES["begun"])
    return talk.answers.received(None)


def _stop(talk: Talk) -> str:
    """Texts are off already. It is confirmed where no carrier does that; what may be more than that, a person reads."""
    if talk.reading.is_wrong_number:
        talk.open_task(NOTES["wrong"])
    elif replies.fold_words(talk.inbound.body) == "cancel":
        one = only_one(talk.told or talk.near)
        talk.open_task(NOTES["cancel"], about=one)
        if one is not None:
            _is_not_sure(talk, one)
    elif any(not (each.email or each.safe_email) for each in talk.clients):
        talk.open_task(NOTES["nothing left"])
    elif talk.reading.is_free:
        talk.open_task(NOTES["stop"])
    return talk.answers.stopped()


def _maybe_stop(talk: Talk) -> str:
    """A stop is final, so one that is not certain is none: texts rest, they are asked once, and a person reads it."""
    one = only_one(talk.near)
    is_passed_on = talk.open_task(NOTES["maybe stop"], about=one)
    return _receipt(talk, one, is_passed_on=is_passed_on) if talk.was_paused else talk.answers.maybe_stop()


def _start(talk: Talk) -> str:
    """Carriers answer their own words themselves, and a second answer is one too many: ours is for the other words."""
    if not talk.clients or talk.is_answered_elsewhere:
        return ""
    if _gets_texts(talk):
        is_theirs = replies.fold_words(talk.inbound.body) in CARRIERS_ANSWER
        return "" if is_theirs else talk.answers.texts_again()
    one = only_one(talk.near)
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
    """What becomes of the answer is written down when it is known (``services.inbox.answering``)."""
    note = f"{CALL_THEM} {_what_is_said(talk)}"
    talk.inbound.meaning = ReplyMeaning.CRISIS
    talk.open_task(note, kind=TaskKind.CRISIS, about=next(iter(talk.ahead), None))
    return talk.answers.crisis()


def _what_is_said(talk: Talk) -> str:
    if talk.may_be_answered:
        return ON_THEIR_WAY
    return SHARED_NUMBER if talk.is_copy else NO_ANSWER


def _note(talk: Talk, what: str) -> str:
    """What a person has to know, and what we did: nobody must believe in an answer that was never sent."""
    return f"{NOTES[what]} {TOLD[what] if talk.may_be_answered else NO_ANSWER}"


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
