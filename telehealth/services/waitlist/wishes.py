"""What somebody asks for when they join the waitlist: checked, and turned into what a row keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import RowValues
from telehealth.domain import walltime
from telehealth.domain.appointments.openness import ASKED_FIRST, require_own_booking
from telehealth.domain.appointments.states import EXPECTED
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.contact import TEXT_CONSENT, Contact, make_match_key
from telehealth.domain.errors import GuardianBooks, InvalidInput, NotFound
from telehealth.domain.waitlist.waiting import WeeklyWindow
from telehealth.domain.words import Mode
from telehealth.models import Appointment, Attendee, Location, Practice, Service, Therapist
from telehealth.models.users import GIVES_CARE
from telehealth.queries.practice.practices import require_open

LONGEST_WAIT = timedelta(days=366)
MOST_WINDOWS = 35
"""Five stretches on each day of the week are more than anybody can say in one breath."""

NO_EXCHANGE = "We look at each request for this service first. Please wait without giving up what you have."
GUARDIAN_CALLS = (
    "We see somebody of this age together with a parent or guardian. "
    "Please ask them to call us: we put you on the list together."
)
NOT_THEIRS = "Please use the name and e-mail of whoever this appointment is for, or wait without giving it up."


@dataclass(frozen=True, slots=True)
class WaitWish:
    """What somebody waits for. Ids are public ids.

    ``therapists`` empty means any. ``windows`` are wall time in the contact's zone; none means any time. ``until`` is
    the last date, there, that an offered time may lie on. ``location`` is needed in person. ``replaces`` is the seat
    (an attendee's public id) of the later appointment that is given up for an earlier time. ``born_on`` is when the
    client was born, as typed, where the practice wants minors to be booked by whoever acts for them.
    """

    service: str
    modes: Sequence[Mode]
    therapists: tuple[str, ...]
    location: str | None
    windows: tuple[WeeklyWindow, ...]
    until: date
    contact: Contact
    replaces: str | None = None
    born_on: date | None = None


def facts_of(session: Session, service: Service, wish: WaitWish, *, now: datetime) -> RowValues:
    """The columns of a wish. Raises InvalidInput by field."""
    _refuse(_problems(wish, service, now=now))
    return {
        "modes": [mode.value for mode in dict.fromkeys(wish.modes)],
        "therapist_ids": _therapist_ids(session, service, wish.therapists),
        "location_id": _location_id(session, service.practice_id, wish),
        "windows": [window.kept() for window in wish.windows],
        "until": wish.until,
        **_contact_facts(session, service.practice_id, wish.contact, now=now),
    }


def require_service(
    session: Session, practice_id: int, word: str, *, given_up: Attendee | None, is_staff: bool
) -> Service:
    """The service that is waited for, by its public id or the word of its link. Whoever gives up a seat in it has it
    already, and wants it earlier. Raises NotFound, ServiceEnded, and InvalidInput where something that is sure would be
    given up for a request.
    """
    of_practice = select(Service).where(Service.practice_id == practice_id)
    found = session.scalar(of_practice.where((Service.public_id == word) | (Service.link_word == word)))
    if found is None:
        raise NotFound
    has_it = given_up is not None and given_up.appointment.service_id == found.id
    require_open(found, word, is_invited=is_staff or has_it)
    if given_up is not None and not has_it and found.open_to in ASKED_FIRST:
        raise InvalidInput({"replaces": NO_EXCHANGE})
    return found


def _problems(wish: WaitWish, service: Service, *, now: datetime) -> dict[str, str]:
    problems: dict[str, str] = {}
    today = walltime.wall(now, walltime.zone(wish.contact.timezone)).date()
    if not wish.modes or not {mode.value for mode in wish.modes} <= set(service.modes):
        problems["modes"] = "Please choose at least one of the ways in which this service is given."
    if not today <= wish.until <= today + LONGEST_WAIT:
        problems["until"] = "Please choose a date from today on, at most a year ahead."
    if len(wish.windows) > MOST_WINDOWS:
        problems["windows"] = f"Please choose at most {MOST_WINDOWS} stretches of the week."
    if Mode.IN_PERSON in wish.modes and not wish.location:
        problems["location"] = "Please choose where you would like to meet."
    if Mode.PHONE in wish.modes and wish.contact.phone is None:
        problems["phone"] = "Please enter a mobile number."
    if set(wish.modes) - {Mode.IN_PERSON} and wish.contact.jurisdiction is None:
        problems["jurisdiction"] = "Please choose the state you will be in during the appointment."
    return problems


def require_own_wait(session: Session, service: Service, wish: WaitWish, *, now: datetime) -> None:
    """Whoever waits for themselves, where minors are booked by whoever acts for them, says when they were born, and is
    no such minor. Raises InvalidInput (``born_on``).
    """
    practice = session.get_one(Practice, service.practice_id)
    if practice.when_minor != WhenMinor.REQUIRE:
        return
    state = wish.contact.jurisdiction
    if set(wish.modes) == {Mode.IN_PERSON}:
        place = select(Location.jurisdiction).where(Location.practice_id == practice.id)
        state = session.scalar(place.where(Location.public_id == wish.location))
    try:
        require_own_booking(wish.born_on, state, on=walltime.wall(now, walltime.zone(wish.contact.timezone)).date())
    except GuardianBooks:
        raise InvalidInput({"born_on": GUARDIAN_CALLS}) from None


def _refuse(problems: dict[str, str]) -> None:
    if problems:
        raise InvalidInput(problems)


def seat_to_give_up(session: Session, practice_id: int, wish: WaitWish, *, now: datetime) -> Attendee | None:
    """The client's seat in a coming appointment. Raises NotFound, and InvalidInput where it is somebody else's: what is
    offered would be booked for the one and taken from the other.
    """
    if wish.replaces is None:
        return None
    found = session.scalar(
        select(Attendee)
        .join(Attendee.appointment)
        .where(
            Attendee.practice_id == practice_id,
            Attendee.public_id == wish.replaces,
            Attendee.status.in_(EXPECTED),
            Appointment.status.in_(EXPECTED),
            Appointment.starts_at > now,
        )
    )
    if found is None:
        raise NotFound
    # Their name may be written otherwise on file than they typed it for the seat.
    if wish.contact.match_key not in {found.client.match_key, make_match_key(found.name, found.email, found.phone)}:
        raise InvalidInput({"replaces": NOT_THEIRS})
    return found


def _therapist_ids(session: Session, service: Service, public_ids: Sequence[str]) -> list[int]:
    """Raises InvalidInput when one of them does not give the service, or is not here any more."""
    wanted = set(public_ids)
    found = session.scalars(
        select(Therapist.id)
        .where(
            Therapist.practice_id == service.practice_id,
            Therapist.public_id.in_(wanted),
            GIVES_CARE,
            Therapist.services.any(Service.id == service.id),
        )
        .order_by(Therapist.id)
    ).all()
    if len(found) != len(wanted):
        raise InvalidInput({"therapists": "Please choose among the therapists who give this service."})
    return list(found)


def _location_id(session: Session, practice_id: int, wish: WaitWish) -> int | None:
    if Mode.IN_PERSON not in wish.modes:
        return None
    found = session.scalar(
        select(Location.id).where(Location.practice_id == practice_id, Location.public_id == wish.location)
    )
    if found is None:
        raise InvalidInput({"location": "Please choose one of the practice's places."})
    return found


def _contact_facts(session: Session, practice_id: int, contact: Contact, *, now: datetime) -> RowValues:
    sender = session.scalars(select(Practice.sender_name).where(Practice.id == practice_id)).one()
    return {
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
        "timezone": contact.timezone,
        "jurisdiction": contact.jurisdiction,
        "text_consent_at": now if contact.wants_texts else None,
        "text_consent_wording": TEXT_CONSENT.format(sender=sender) if contact.wants_texts else None,
    }
