"""A believable practice to try things with: made by the real services, as if the last weeks had really happened."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from functools import cache, partial
from operator import itemgetter

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_security import hash_password
from sqlalchemy import func, select

from telehealth import clock
from telehealth.cli import demo_life, demo_people, demo_talk
from telehealth.database import db, transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.errors import TelehealthError
from telehealth.domain.ports import DeliveryStatus, Email, Gateways, Receipt, Text
from telehealth.domain.words import Actor, AppointmentStatus, MessageStatus, Mode, Role
from telehealth.models import Appointment, Location, Message, Practice, Service, Therapist
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered
from telehealth.services.appointments.attending import set_status
from telehealth.services.appointments.booking import BookingWish, book_appointment
from telehealth.services.appointments.cancelling import cancel_appointment
from telehealth.services.audit import ActedBy
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.delivery.sending import record_outcomes, send_message
from telehealth.services.hours.working_hours_changes import WeeklyWish, add_time_off, add_weekly_hours
from telehealth.services.practice.accounts import Login, add_login
from telehealth.services.practice.catalogue import (
    TherapistFacts,
    add_location,
    add_service,
    add_therapist,
    change_limits,
    change_room_kind,
)
from telehealth.services.practice.policies import A_DAY, change_terms
from telehealth.services.practice.practice_settings import create_practice

SLUG = "demo"
PASSWORD = "demo-practice"  # noqa: S105 -- shown on the screen, for a practice that does not exist
LOGINS = (
    ("owner@demo.example", "owner"),
    (demo_people.THERAPISTS[0].email, "therapist"),
    ("desk@demo.example", "front desk"),
)
DAYS_BACK = 17
BOOKED_AHEAD = (0, 16)
BOOKINGS = 150
CANCELLED, MISSED = 0.06, 0.05


@click.command("seed-demo")
@with_appcontext
def seed_demo() -> None:
    """Make the demo practice, with dates around today. Does nothing when it is there already."""
    if current_app.config["ENVIRONMENT"] == "production":
        raise click.ClickException("Everybody knows the demo's passwords. A real service does without it.")
    if db.session.scalar(select(Practice.id).where(Practice.slug == SLUG)) is not None:
        return
    with _quietly():
        _live(clock.now())


@contextmanager
def _quietly() -> Iterator[None]:
    """What happened in an invented past is no news to whoever watches over the service."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _live(now: datetime) -> None:
    practice = _practice(now)
    began = now - timedelta(days=DAYS_BACK)
    _offers(practice, now=began, today=now.date())
    demo_life.begin(practice, now=began, today=now.date())
    demo_talk.begin(practice, now=began)
    past = sorted([*_history(practice, now), *demo_talk.moments(practice, now=now)], key=itemgetter(0))
    with click.progressbar(past, label="Living through the last weeks of the demo practice") as bar:
        for moment, act in bar:
            _deliver_until(moment)
            act()
    _deliver_until(now)
    demo_talk.run_late(practice, now=now)
    _settle(practice, now)
    demo_life.go_on(practice, now=now)
    _deliver_until(now)


def _practice(now: datetime) -> Practice:
    practice = create_practice(
        slug=SLUG,
        name="Juniper Street Practice",
        sender_name="Juniper Street",
        email="hello@demo.example",
        phone="+13035550100",
        timezone="America/Denver",
        owner=_login("Robin Okafor", "owner@demo.example"),
        now=now,
    )
    with transaction() as session:
        made = session.get_one(Practice, practice.id)
        made.about = demo_people.ABOUT
        made.grace_minutes = 0  # Whoever tries it out wants to read the messages at once.
    add_login(practice_id=practice.id, login=_login(demo_people.AT_THE_DESK, "desk@demo.example"), role=Role.FRONT_DESK)
    return practice


def _login(name: str, email: str) -> Login:
    return Login(name=name, email=email, password_hash=_password_hash())


@cache
def _password_hash() -> str:
    """Everybody's: made to be slow, and no secret."""
    return hash_password(PASSWORD)


def _offers(practice: Practice, *, now: datetime, today: date) -> None:
    for facts in demo_people.SERVICES:
        service = add_service(practice_id=practice.id, facts=facts, now=now)
        terms = demo_people.TERMS.get(service.name, A_DAY)
        change_terms(practice_id=practice.id, service=service.public_id, terms=terms, now=now)
    places = {
        place.name: add_location(
            practice_id=practice.id,
            name=place.name,
            address=place.address,
            jurisdiction=place.jurisdiction,
            timezone=place.timezone,
            rooms=place.rooms,
        )
        for place in demo_people.PLACES
    }
    for place in demo_people.PLACES:
        kinds = dict(place.kinds)
        for room in places[place.name].rooms:
            change_room_kind(practice_id=practice.id, room=room.public_id, kind=kinds.get(room.name, ""), now=now)
    for person in demo_people.THERAPISTS:
        _therapist(practice, person, places, today=today, now=now)


def _therapist(
    practice: Practice, person: demo_people.Person, places: dict[str, Location], *, today: date, now: datetime
) -> None:
    facts = TherapistFacts(
        name=person.name,
        credential=person.credential,
        email=person.email,
        timezone=person.timezone,
        licences=[(state, today - timedelta(days=900), today + timedelta(days=500)) for state in person.states],
        about=person.about,
        modalities=person.modalities,
        specialties=person.specialties,
        languages=person.languages,
    )
    login = _login(person.name, person.email)
    therapist = add_therapist(practice_id=practice.id, facts=facts, login=login)
    change_limits(practice_id=practice.id, therapist_id=therapist.id, limits=person.limits, now=now)
    for weekday, starts, ends, place in person.hours:
        modes = [Mode.VIRTUAL, Mode.PHONE] + ([Mode.IN_PERSON] if place else [])
        location = places[place].public_id if place else None
        wish = WeeklyWish(weekday, time(starts), time(ends), modes, location)
        add_weekly_hours(practice_id=practice.id, therapist_id=therapist.id, wish=wish, now=now)
    if person.away_in_days is not None:
        first = datetime.combine(today + timedelta(days=person.away_in_days), time())
        add_time_off(
            practice_id=practice.id,
            therapist_id=therapist.id,
            starts_local=first,
            ends_local=first + timedelta(days=2),
            note="Conference",
            now=now,
        )


def _history(practice: Practice, now: datetime) -> Iterator[demo_talk.Moment]:
    chance = random.Random(20)  # noqa: S311 -- the same practice on every machine
    first = now - timedelta(days=DAYS_BACK)
    step = (now - first) / BOOKINGS
    for place in range(BOOKINGS):
        at = first + step * place
        yield at, partial(_come_and_go, practice, chance, at=at)


def _come_and_go(practice: Practice, chance: random.Random, *, at: datetime) -> None:
    """One booking, and now and then its cancellation."""
    booked = _book(practice, chance, at=at)
    if booked is not None and chance.random() < CANCELLED:
        cancel_appointment(
            practice_id=practice.id,
            appointment_id=booked.id,
            by=ActedBy(Actor.CLIENT),
            reason="I have a cold. See you next time.",
            now=min(at + timedelta(hours=3), booked.starts_at - timedelta(minutes=1)),
        )


def _book(practice: Practice, chance: random.Random, *, at: datetime) -> Appointment | None:
    """One client books as the pages would; None when nothing suitable was free at that moment."""
    everything = select(Service).where(Service.practice_id == practice.id).order_by(Service.id)
    services = db.session.scalars(everything.limit(len(demo_people.POPULARITY))).all()
    therapists = db.session.scalars(
        select(Therapist).where(Therapist.practice_id == practice.id).order_by(Therapist.id)
    ).all()
    service = chance.choices(services, weights=demo_people.POPULARITY)[0]
    therapist = chance.choice(therapists)
    who, partner = chance.sample(demo_people.CLIENTS, 2)
    mode, location = _way_to_meet(chance, service, therapist)
    state = therapist.licences[0].jurisdiction if mode != Mode.IN_PERSON else None
    ahead = at + timedelta(days=chance.randint(*BOOKED_AHEAD))
    query = SlotQuery(
        practice_id=practice.id,
        service=service,
        mode=mode,
        since=ahead,
        until=ahead + timedelta(days=3),
        therapist_id=therapist.id,
        location_id=location.id if location else None,
        jurisdiction=state,
    )
    # Full and half hours only: people like round times.
    starts = [start for start in offered(query, now=at) if start.minute in (0, 30)]
    if not starts:
        return None
    wants_texts = chance.random() < demo_people.SHARE_THAT_WANTS_TEXTS
    contacts = [
        demo_life.contact_of(each, timezone=therapist.timezone, mode=mode, state=state, wants_texts=wants_texts)
        for each in ((who, partner) if service.capacity > 1 else (who,))
    ]
    wish = BookingWish(
        service=service.public_id,
        starts_at=chance.choice(starts),
        mode=mode,
        therapist=therapist.public_id,
        location=location.public_id if location else None,
        contact=contacts[0],
        others=tuple(contacts[1:]),
    )
    try:
        return book_appointment(practice_id=practice.id, wish=wish, by=ActedBy(Actor.CLIENT), now=at)
    except TelehealthError:
        return None  # The client had another appointment at that time. It happens.


def _way_to_meet(chance: random.Random, service: Service, therapist: Therapist) -> tuple[Mode, Location | None]:
    places = [hour.location_id for hour in therapist.weekly_hours if hour.location_id is not None]
    if places and Mode.IN_PERSON in service.modes and chance.random() < demo_people.SHARE_IN_PERSON:
        return Mode.IN_PERSON, db.session.get(Location, chance.choice(places))
    return (Mode.PHONE if chance.random() < demo_people.SHARE_BY_PHONE else Mode.VIRTUAL), None


class _Delivered:
    """Gateways of the past: everything arrived, but for texts to a landline."""

    def send(self, message: Text | Email, /) -> Receipt:
        if isinstance(message, Text):
            demo_talk.refuse_landline(message)
        return Receipt(f"demo-{message.reference}", DeliveryStatus.DELIVERED)

    def find(self, text: Text, /, *, since: datetime) -> Receipt | None:  # noqa: ARG002
        return None

    def look_up(self, provider_id: str, /) -> Receipt | None:
        return Receipt(provider_id, DeliveryStatus.DELIVERED)


def _deliver_until(moment: datetime) -> None:
    """Send what was due up to a moment of the past, each at its own time, and let people answer."""
    addresses: Addresses = current_app.extensions["addresses"]
    past = _Delivered()
    gateways = Gateways(texts=past, emails=past, video=current_app.extensions["gateways"].video)
    waiting = select(func.min(Message.due_at)).where(Message.status == MessageStatus.PLANNED, Message.due_at <= moment)
    while (due := db.session.scalar(waiting)) is not None:
        batch = claim_messages(worker="demo", addresses=addresses, limit=100, now=due)
        then = partial(_at, due)
        record_outcomes([send_message(each, gateways=gateways, now=then) for each in batch])
        for each in batch if due + demo_talk.ANSWERS_AFTER <= moment else ():
            demo_talk.say_yes(each, at=due + demo_talk.ANSWERS_AFTER)


def _at(moment: datetime) -> datetime:
    """The clock of the past."""
    return moment


def _settle(practice: Practice, now: datetime) -> None:
    """What was booked for the past has happened, or the client did not come."""
    chance = random.Random(21)  # noqa: S311
    over = select(Appointment.id, Appointment.ends_at).where(
        Appointment.practice_id == practice.id,
        Appointment.ends_at < now,
        Appointment.status == AppointmentStatus.BOOKED,
    )
    for each in db.session.execute(over.order_by(Appointment.id)).all():
        missed = chance.random() < MISSED
        set_status(
            practice_id=practice.id,
            appointment_id=each.id,
            status=AppointmentStatus.NOSHOW if missed else AppointmentStatus.FULFILLED,
            by=demo_life.BY_STAFF,
            now=each.ends_at,
        )
