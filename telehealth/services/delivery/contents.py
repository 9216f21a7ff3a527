"""What a message says, made of the rows of this moment: the words, and the invite that goes with them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload, with_expression

from telehealth.database import db
from telehealth.domain import icalendar, naming, walltime
from telehealth.domain.addresses import Addresses
from telehealth.domain.consent.contactability import PURPOSE_OF, reached_at
from telehealth.domain.delivery.verdicts import contact_of
from telehealth.domain.inbox.alerting import AlertReason, alert_letter, alert_text
from telehealth.domain.login_letters import NEUTRAL_SENDER, LoginLetterKind, write_login_letter
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages import digests, segments, wording
from telehealth.domain.messages.phrases import CANCELLED, Ending, Phrase
from telehealth.domain.messages.rules import ANSWERS, IN_ONE
from telehealth.domain.messages.told import NEWS, Standing
from telehealth.domain.ports import Email, Invite, Letter, Text
from telehealth.domain.times import say_when
from telehealth.domain.words import AppointmentStatus
from telehealth.late import Library
from telehealth.models import (
    Alert,
    Appointment,
    Attendee,
    Hold,
    InboundText,
    LoginLetter,
    Message,
    Offer,
    Practice,
    User,
    WaitlistEntry,
)
from telehealth.queries.appointments.appointments import list_appointments
from telehealth.queries.delivery.first_mails import FIRST_MAIL
from telehealth.queries.inbox.alerts import count_told_with
from telehealth.queries.messages.facts import (
    as_it_was_before,
    as_it_was_told,
    called,
    facts_for_attendee,
    facts_for_offer,
    facts_for_therapist,
    how_a_request_ended,
    named_in_mail,
)
from telehealth.queries.messages.templates import list_templates
from telehealth.queries.series.standing_slots import list_series_of_appointments
from telehealth.services.delivery.invites import METHODS, appointment_of, make_invite

if TYPE_CHECKING:
    from telehealth.services.delivery import code_texts
else:
    code_texts = Library("telehealth.services.delivery.code_texts")

log = logging.getLogger(__name__)
Said = TypeVar("Said", str, Letter)
OwnWords = Mapping[tuple[MessageKind, Channel, str, str], Phrase]

NEEDED: Sequence[Any] = (
    joinedload(Message.attendee).joinedload(Attendee.client),
    joinedload(Message.companion),
    joinedload(Message.therapist),
    joinedload(Message.appointment).options(
        joinedload(Appointment.practice),
        joinedload(Appointment.service),
        joinedload(Appointment.policy),
        joinedload(Appointment.therapist),
        joinedload(Appointment.co_therapist),
        joinedload(Appointment.location),
        selectinload(Appointment.attendees).joinedload(Attendee.client),
    ),
    # Offers and answers are rare: this costs nothing where there are none.
    selectinload(Message.offer).options(
        joinedload(Offer.entry).options(
            joinedload(WaitlistEntry.practice), joinedload(WaitlistEntry.location), joinedload(WaitlistEntry.client)
        ),
        joinedload(Offer.therapist),
        joinedload(Offer.hold).joinedload(Hold.location),
    ),
    with_expression(Message.first_mail, FIRST_MAIL),
    selectinload(Message.inbound).options(joinedload(InboundText.practice), joinedload(InboundText.client)),
    selectinload(Message.login_letter).joinedload(LoginLetter.user).joinedload(User.login),
    selectinload(Message.number_code),
    selectinload(Message.alert).options(joinedload(Alert.task), joinedload(Alert.appointment)),
)
"""What has to be loaded with a batch of messages, so that none of them asks again."""

OWN_WORDS = "own words by practice"
LONGEST_SUBJECT = 200
"""As much of it as is kept; with all names filled in, one of the practice's own may be longer."""


def write_content(
    message: Message, addresses: Addresses, *, now: datetime, is_first_text: bool = False
) -> Text | Email:
    """Make the words from the rows of this moment and keep them, with where they go and how long they are. An unsure
    message keeps the words it was tried with, so that it can be recognised at the provider. ``is_first_text``: its
    number has never had one from the practice. Raises ValueError when its row names nobody to read it, and when nothing
    is left to be said.
    """
    if message.kind in ANSWERS:
        return _answer(message)
    if message.kind == MessageKind.CODE:
        return code_texts.write_code(message, _practice(message), addresses)
    if message.kind in _TO_STAFF:
        return _TO_STAFF[message.kind](message, addresses)
    if message.kind in IN_ONE:
        found = db.session.scalars(select(Message).where(Message.told_by_id == message.id).options(*NEEDED))
        put = _catch_up if message.kind == MessageKind.CATCH_UP else write_several
        return put(message, found.unique().all(), addresses, now=now, is_first_text=is_first_text)
    about = replace(_facts(message, addresses, now=now), is_first_text=is_first_text)
    own = _own(message, about)
    if message.channel == Channel.TEXT:
        return _text(message, lambda: _in_words(wording.text, about, own))
    return _email(message, _in_words(wording.letter, about, own), addresses, about=about, now=now)


def _text(message: Message, words: Callable[[], str]) -> Text:
    if not (message.unsure and message.body):
        message.body = words()
    message.sent_to = (message.unsure and message.sent_to) or _address(message)
    message.segments = segments.measure_text(message.body).segments
    sender = _practice(message).text_sender or ""
    return Text(message.public_id, message.sent_to, message.body, message.not_after, sender)


def _email(
    message: Message,
    letter: Letter,
    addresses: Addresses,
    *,
    about: wording.Facts | None = None,
    now: datetime | None = None,
) -> Email:
    practice, name = _practice(message), named_in_mail(message)
    message.sent_to = _address(message)
    message.subject, message.body = letter.subject[:LONGEST_SUBJECT], _shown(letter)
    ends, to = _where_it_ends(message, addresses), icalendar.Party(name, message.sent_to)
    return Email(
        reference=message.public_id,
        to=message.sent_to,
        to_name=name,
        sender_name=practice.sender_name,
        reply_to=practice.email,
        letter=_with_end(letter, about, ends),
        invite=make_invite(message, about, to, addresses, now=now) if about and now else None,
        unsubscribe_url=ends,
        follows=message.first_mail or "",
    )


def _shown(letter: Letter) -> str:
    """An e-mail as staff read it later: without its links, which are the client's."""
    table = "\n".join(f"{label}: {value}" for label, value in letter.facts)
    return "\n\n".join([*letter.paragraphs, *([table] if table else [])])


def _with_end(letter: Letter, about: wording.Facts | None, ends: str) -> Letter:
    """The way out also stands in the letter: not every program shows the one in the header."""
    if not ends or about is None:
        return letter
    return replace(letter, closing=(*letter.closing, about.language.around.no_more.format(url=ends)))


def _where_it_ends(message: Message, addresses: Addresses) -> str:
    reader = message.offer.entry if message.offer is not None else message.attendee
    if reader is None or message.companion is not None:  # Theirs ends at the practice.
        return ""
    return addresses.unsubscribe(reader.client, PURPOSE_OF[message.kind])


def _in_words(put: Callable[[wording.Facts, Phrase | None], Said], about: wording.Facts, own: Phrase | None) -> Said:
    """In the practice's own words, or in the usual ones where those cannot be filled in: nobody waits for a repair."""
    try:
        return put(about, own)
    except ValueError:
        if own is None:
            raise
        log.warning("own words cannot be used", extra={"kind": about.kind})
        return put(about, None)


def _own(message: Message, about: wording.Facts) -> Phrase | None:
    """The practice's words for this message in its reader's language, if it chose any. How a request ended otherwise
    than by a no takes the usual words: the others do not fit.
    """
    if about.for_therapist or (about.ending is not None and about.ending not in CANCELLED):
        return None
    kept = _own_words(message.practice_id)
    names = dict.fromkeys((message.template, ""))
    found = (kept.get((message.kind, message.channel, about.locale, name)) for name in names)
    return next((each for each in found if each is not None), None)


def _own_words(practice_id: int) -> OwnWords:
    """All words of a practice's own, asked for once in a transaction: a batch is full of messages of one practice."""
    kept = _kept_in_transaction()
    if practice_id not in kept:
        kept[practice_id] = {
            (each.kind, each.channel, each.locale, each.name): Phrase(each.subject, each.body, each.body)
            for each in list_templates(practice_id)
        }
    return kept[practice_id]


def _kept_in_transaction() -> dict[int, OwnWords]:
    session = db.session()
    current = session.get_transaction()
    since, kept = session.info.get(OWN_WORDS, (None, None))
    if kept is None or since is None or since is not current:
        session.info[OWN_WORDS] = (current, kept := {})
    found: dict[int, OwnWords] = kept
    return found


def _address(message: Message) -> str:
    if message.kind == MessageKind.ALERT:
        return message.sent_to
    if message.inbound is not None:
        return message.inbound.sender
    contact = contact_of(message)
    if contact is not None:
        return reached_at(contact, contact.client, message.channel) or ""
    if message.therapist is None:
        raise ValueError("a message needs somebody who reads it")
    return message.therapist.email


def _practice(message: Message) -> Practice:
    return db.session.get_one(Practice, message.practice_id)


def _facts(message: Message, addresses: Addresses, *, now: datetime) -> wording.Facts:
    if message.offer is not None:
        return facts_for_offer(message.offer, addresses, companion=message.companion)
    if message.attendee is not None:
        about = facts_for_attendee(message.attendee, addresses, message.kind, said_at=now, companion=message.companion)
    else:
        about = facts_for_therapist(appointment_of(message), addresses, message.kind, reader=message.therapist)
    if message.kind == MessageKind.DECLINED:
        still_waits = appointment_of(message).status == AppointmentStatus.PENDING  # In a rehearsal: nobody will answer.
        ended = Ending.EXPIRED if still_waits else how_a_request_ended(appointment_of(message).id)
        about = replace(about, ending=ended, is_cancelled=True)
    if message.kind == MessageKind.MOVED:
        about = as_it_was_before(about, message.told_before)
    return as_it_was_told(about, message.says) if NEWS.get(message.kind) == Standing.OFF else about


def _answer(message: Message) -> Text:
    """What was written already, by us or by staff, with the practice's name before it."""
    named = f"{segments.text_name(_practice(message).sender_name)}: "
    body = message.body if message.body.startswith(named) else named + message.body
    return _text(message, lambda: segments.plain_words(body))


def _alert(message: Message, addresses: Addresses) -> Text | Email:
    """Nothing of what somebody wrote, nor who they are: the way to what waits."""
    alert, sender, why = message.alert, _practice(message).sender_name, AlertReason(message.says)
    if alert is None:
        raise ValueError("this alert is about nothing that is left")
    told = {"others": count_told_with(message), "minutes": message.minutes}
    taking = addresses.desk_alert(alert.public_id)
    url = addresses.desk_task(alert.task.public_id) if alert.task is not None and not told["others"] else taking
    if message.channel == Channel.TEXT:
        return _text(message, lambda: alert_text(sender, why, url, **told))
    return _to_staff(message, alert_letter(sender, why, url, taking_url=taking, **told))


def _about_login(message: Message, addresses: Addresses) -> Email:
    """The link is made here and kept nowhere."""
    about = message.login_letter
    if about is None:
        raise ValueError("this message is not about a login")
    message.sent_to = about.address
    pages = {
        LoginLetterKind.INVITATION: addresses.invitation,
        LoginLetterKind.ADDRESS: addresses.new_address,
        LoginLetterKind.NEW_BROWSER: addresses.not_me,
    }
    address = pages.get(about.kind, addresses.login)
    link, name = address(about.public_id), about.user.name
    sender = about.user.signs_in_to or NEUTRAL_SENDER
    zone = walltime.zone((about.user.therapist or about.user.practice).timezone)  # Where they work.
    said = f"{about.browser}, {say_when(about.created_at, zone)}" if about.browser else ""
    letter = write_login_letter(about.kind, sender=sender, link=link, desk=addresses.desk, about=said)
    return _to_staff(message, letter, name, sender)


def _to_staff(message: Message, letter: Letter, to_name: str = "", sender_name: str = "") -> Email:
    practice = _practice(message)
    message.subject, message.body = letter.subject, _shown(letter)
    return Email(
        reference=message.public_id,
        to=message.sent_to,
        to_name=to_name,
        sender_name=sender_name or practice.sender_name,
        reply_to=practice.email,
        letter=letter,
    )


def _agenda(message: Message, addresses: Addresses) -> Email:
    therapist, day = message.therapist, message.day
    if therapist is None or day is None:
        raise ValueError("an agenda needs a therapist and a day")
    zone = walltime.zone(therapist.timezone)
    since, until = (walltime.resolve(datetime.combine(each, time()), zone) for each in (day, day + timedelta(days=1)))
    found = list_appointments(message.practice_id, since, until, therapist_id=therapist.id)
    agenda = digests.Agenda(
        day=day,
        zone=zone,
        therapist_name=therapist.name,
        sender_name=_practice(message).sender_name,
        meetings=[_meeting(each) for each in found if each.status != AppointmentStatus.CANCELLED],
        desk_url=addresses.desk,
    )
    return _email(message, digests.agenda_letter(agenda), addresses)


def _meeting(appointment: Appointment) -> digests.Meeting:
    return digests.Meeting(
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        who=", ".join(naming.initials(called(each)) for each in appointment.seats),
        mode=appointment.mode,
        is_request=appointment.status == AppointmentStatus.PENDING,
    )


def _catch_up(
    message: Message, told: Sequence[Message], addresses: Addresses, *, now: datetime, is_first_text: bool
) -> Text | Email:
    """How everything stands now that the messages it replaces would have told of; nothing about the past."""
    by_recipient = {each.recipient: each for each in told}
    several = [replace(_as_it_stands(each, addresses), is_first_text=is_first_text) for each in by_recipient.values()]
    ahead = [each for each in several if each.starts_at > now]
    if not ahead:
        raise ValueError("nothing is left to catch up on")
    if message.channel == Channel.TEXT:
        return _text(message, lambda: digests.catch_up_text(ahead))
    return _email(message, digests.catch_up_letter(ahead), addresses)


def write_several(
    message: Message, told: Sequence[Message], addresses: Addresses, *, now: datetime, is_first_text: bool = False
) -> Text | Email:
    """What the messages that it stands for would have said: about a standing slot, or about whatever there is. Raises
    ValueError when there are none.
    """
    about = [replace(_facts(each, addresses, now=now), is_first_text=is_first_text) for each in told]
    if not about:
        raise ValueError("nothing is left to be said")
    slot = _slot_of({each.kind for each in told}, {each.appointment_id for each in told})
    if message.channel == Channel.TEXT:
        if slot is not None:
            return _text(message, lambda: digests.slot_text(slot, about))
        return _text(message, lambda: digests.catch_up_text(about, MessageKind.SEVERAL))
    if slot is None:
        return _email(message, digests.catch_up_letter(about, MessageKind.SEVERAL), addresses)
    email = _email(message, digests.slot_letter(slot, about), addresses)
    file = icalendar.publish(wording.entry(each) for each in about)
    return replace(email, invite=Invite(file, "PUBLISH"))


def _slot_of(kinds: Collection[MessageKind], appointment_ids: Collection[int | None]) -> digests.StandingSlot | None:
    """The standing slot that all of them are dates of, if one thing happens to all of it."""
    found = list_series_of_appointments(appointment_ids)
    if len(kinds) > 1 or len(found) != 1 or not METHODS.keys() >= set(kinds):
        return None
    ((series, count),) = found
    if count < len(appointment_ids):
        return None
    zone = walltime.zone(series.timezone)
    at = walltime.resolve(datetime.combine(series.starts_on, series.local_time), zone)
    return digests.StandingSlot(next(iter(kinds)), at, zone, series.every_weeks, series.until, series.week_of_month)


def _as_it_stands(message: Message, addresses: Addresses) -> wording.Facts:
    if message.offer is not None:
        return facts_for_offer(message.offer, addresses, companion=message.companion)
    if message.attendee is None:
        raise ValueError("only clients catch up")
    return facts_for_attendee(message.attendee, addresses, MessageKind.CATCH_UP, companion=message.companion)


_TO_STAFF: Mapping[MessageKind, Callable[[Message, Addresses], Text | Email]] = {
    MessageKind.ALERT: _alert,
    MessageKind.LOGIN: _about_login,
    MessageKind.AGENDA: _agenda,
}
