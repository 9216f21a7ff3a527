"""Somebody who books online for somebody else: written down with the client, inside the caller's transaction.

Nobody has proved who they are. Until staff say that they know them, they have to do with the seat that they booked and
with nothing else of the client's, what they typed changes nothing on file, and nothing that they are shown depends on
whether the practice knows the client.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.appointments.openness import MOST_SEATS_AHEAD, require_own_booking, settle_booking_for
from telehealth.domain.client_facts import Booking
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.companions import CompanionFacts, MessagesTo, OnePerson
from telehealth.domain.consent.contactability import fold_address
from telehealth.domain.contact import TEXT_CONSENT, Contact
from telehealth.domain.errors import InvalidInput, TooManyForOthers
from telehealth.domain.message_words import Channel, TaskKind
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Attendee, Client, Companion
from telehealth.queries.consent.client_files import ClientFile, ClientFiles, CompanionOnFile
from telehealth.queries.consent.reaching import folded
from telehealth.services.appointments.choosing import FirmWish, SlotRequest
from telehealth.services.appointments.occupancies import Interval, Owner, take_time
from telehealth.services.appointments.seating import require_fit
from telehealth.services.audit import ActedBy
from telehealth.services.consent.companions import HAS_ENDED, find_companion, keep_companion, recognise_companion
from telehealth.services.consent.link_ending import lock_client_and_ahead
from telehealth.services.consent.number_proving import may_ask_for_texts
from telehealth.services.practice.client_files import index_client
from telehealth.services.task_opening import open_task

Wish = TypeVar("Wish", bound=FirmWish)
BOOKED_FOR_KNOWN = "Somebody booked online for a client of yours. Do you know them?"
ENDED_BEFORE = "Somebody whom you had ended as not known has booked online for this client again. Please look."
MINOR_ALONE = "They booked online by themselves. On file they are a minor, and nobody acts for them. Please call."
BOOKED_FOR_NEW = "Somebody booked online for a client who is new here. Do you know them?"
BY_PHONE_ONLY = "Somebody booked online for a client with whom you arrange everything yourselves. Please look."


def with_people(
    session: Session,
    asked: SlotRequest[Wish],
    people: Sequence[Contact],
    booker: CompanionFacts | None,
    born_on: date | None,
    *,
    is_trusted: bool,
    now: datetime,
) -> SlotRequest[Wish]:
    """The request with everybody who will come, for the first of whom somebody else may book; ``is_trusted``: it comes
    from the practice, or from whoever has shown who they are. Raises InvalidInput, GuardianBooks and TooManyForOthers.
    """
    client, *others = people
    if booker is not None:
        booker, client = settle_booking_for(booker, client, born_on, on=asked.wish.starts_at.date())
        _require_few_ahead(session, asked.practice.id, booker, now=now)
    elif asked.practice.when_minor == WhenMinor.REQUIRE and not is_trusted:
        require_own_booking(born_on, asked.state_of(client), on=asked.wish.starts_at.date())
    require_fit(asked.service, [client, *others])
    return replace(asked, people=(client, *others), booker=booker, born_on=born_on)


def _require_few_ahead(session: Session, practice_id: int, booker: CompanionFacts, *, now: datetime) -> None:
    """Whoever is not known books only so much ahead for others. Two requests at once may both find room for one more.
    Raises TooManyForOthers.
    """
    ways = [folded(Companion.email) == fold_address(Channel.EMAIL, booker.email)] if booker.email else []
    ways += [Companion.phone == booker.phone] if booker.phone else []
    ahead = (
        select(func.count())
        .select_from(Attendee)
        .join(Companion, Companion.id == Attendee.booked_by_id)
        .join(Appointment, Appointment.id == Attendee.appointment_id)
        .where(
            Companion.practice_id == practice_id,
            Companion.known_at.is_(None),
            or_(*ways),
            Attendee.status != AppointmentStatus.CANCELLED,
            Appointment.starts_at > now,
        )
    )
    if (session.scalar(ahead) or 0) >= MOST_SEATS_AHEAD:
        raise TooManyForOthers


def note_booker(session: Session, asked: SlotRequest[Wish], by: ActedBy, *, now: datetime) -> SlotRequest[Wish]:
    """The request with whoever books for its first client, who is found again or written down. Without anybody it stays
    as it is, but for when somebody new was born.
    """
    booker, contact = asked.booker, asked.people[0]
    known = asked.before.by_key.get(contact.match_key)
    if booker is None or asked.booked_by is not None:
        if booker is None and known is None and asked.born_on is not None:
            session.get_one(Client, asked.files.by_key[contact.match_key].id).born_on = asked.born_on
        return asked
    client = session.get_one(Client, asked.files.by_key[contact.match_key].id)
    there = [each for each in client.companions if each.ended_at is None and _is_same_person(each, booker)]
    facts = replace(booker, messages_to=_who_reads(booker, contact, known, there))
    found = next((each for each in there if each.is_known or _says(each) == _says(facts)), None)
    if found is None:
        found = _write_down(session, asked, client, facts, by, now=now)
    if known is None:
        client.born_on = asked.born_on
    session.flush()
    return replace(asked, booked_by=found, files=_with_companion(asked.files, contact.match_key, found))


def open_look(
    session: Session, appointment: Appointment, seat: Attendee, asked: SlotRequest[Wish], by: ActedBy, *, now: datetime
) -> None:
    """Let staff look at what a stranger booked for a client, or what somebody booked for themselves who is a minor on
    file, whatever they typed: only staff can tell whether it is right. Until they know the stranger, or have ended
    them (``consent.companions``), that waits.
    """
    found = _what_to_look_at(asked, by)
    if found is not None:
        open_task(
            session,
            practice_id=seat.practice_id,
            kind=found[0],
            client_id=seat.client_id,
            appointment_id=appointment.id,
            note=found[1],
            now=now,
        )


def _what_to_look_at(asked: SlotRequest[Wish], by: ActedBy) -> tuple[TaskKind, str] | None:
    known = asked.before.by_key
    if by.is_staff:
        return None
    if asked.booked_by is not None:
        is_theirs_alone = any(each.may_book != Booking.ONLINE for each in known.values())
        note = BY_PHONE_ONLY if is_theirs_alone else BOOKED_FOR_KNOWN if known else BOOKED_FOR_NEW
        note = ENDED_BEFORE if asked.booked_by.turned_away_at is not None else note
        return None if asked.booked_by.is_known else (TaskKind.BOOKER, note)
    return (TaskKind.CALL, MINOR_ALONE) if known and asked.lacks_guardian else None


@retry_on_conflict
def know_booker(
    *, practice_id: int, client_public_id: str, companion_public_id: str, by: ActedBy, now: datetime
) -> Companion:
    """The practice knows whoever booked online for a client (public ids): they act for the client from then on, with
    all that is ahead, and what they booked takes the client's own time as far as that is free. Twice is as good as
    once. Staff only. Raises NotFound, NotAllowed, and InvalidInput for somebody who has ended.
    """
    by.require_staff()
    with transaction() as session:
        client, ahead = lock_client_and_ahead(session, practice_id, client_public_id, now=now)
        found = find_companion(session, client, companion_public_id)
        if found.ended_at is not None:
            raise InvalidInput({"name": HAS_ENDED})
        if recognise_companion(session, client, found, by, now=now):
            for each in ahead:
                if any(seat.booked_by_id == found.id for seat in each.seats):
                    span = Interval(client.resource_id, each.starts_at, each.ends_at)
                    take_time(session, Owner(practice_id, appointment_id=each.id), span, now=now)
            keep_companion(session, client, ahead, now=now)
        return found


def _is_same_person(companion: Companion, booker: CompanionFacts) -> bool:
    def who(person: OnePerson) -> tuple[str, str, str]:
        return person.name.casefold(), fold_address(Channel.EMAIL, person.email), person.phone or ""

    return who(companion) == who(booker)


def _says(person: Companion | CompanionFacts) -> tuple[object, ...]:
    """What a stranger chooses. Who says otherwise is written down anew: each seat keeps what was said for it."""
    return person.relationship, person.messages_to, person.locale, person.wants_texts


def _who_reads(
    booker: CompanionFacts, contact: Contact, known: ClientFile | None, there: Sequence[Companion]
) -> MessagesTo:
    """Nobody who is on file under a contact of their own finds themselves booked by a stranger without a word. Whom
    only the same stranger has booked before, at their own address, is on file by that alone.
    """
    has_own = bool(contact.email or contact.phone)
    is_theirs = known is None or (not known.is_known and any(each.messages_to == booker.messages_to for each in there))
    if booker.messages_to != MessagesTo.COMPANION or not has_own or is_theirs:
        return booker.messages_to
    return MessagesTo.BOTH


def _write_down(
    session: Session, asked: SlotRequest[Wish], client: Client, facts: CompanionFacts, by: ActedBy, *, now: datetime
) -> Companion:
    """Where too many asked for texts today, the next one is e-mailed."""
    practice = asked.practice
    values = asdict(facts)
    if values.pop("wants_texts") and may_ask_for_texts(session, practice.id, facts, asked.files, by):
        values |= {"text_consent_at": now, "text_consent_wording": TEXT_CONSENT.format(sender=practice.sender_name)}
    made = Companion(practice_id=practice.id, client_id=client.id, created_at=now, **values)
    session.add(made)
    session.flush()
    session.expire(client, ["companions"])
    index_client(client)
    return made


def _with_companion(files: ClientFiles, key: str, companion: Companion) -> ClientFiles:
    """The files with one who gets messages."""
    file = files.by_key[key]
    if companion.messages_to == MessagesTo.CLIENT or companion.id in {each.id for each in file.companions}:
        return files
    on_file = CompanionOnFile(
        companion.id,
        companion.public_id,
        companion.messages_to,
        companion.name,
        companion.email,
        companion.phone,
        companion.text_consent_at,
        companion.is_known,
        companion.may_change,
    )
    return files.with_files({key: replace(file, companions=(*file.companions, on_file))})
