"""A long random walk through the life of several practices, for one seed always the same.

Each step is what somebody could do at that moment; refusals are fine, surprises are not. Between steps time passes:
some minutes, a night, or weeks that end in the night in which clocks change.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import exists, select

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.audit_words import Actor
from telehealth.domain.contact import Contact
from telehealth.domain.errors import GroupFull, NotAllowed, SlotNotOffered, SlotTaken, TelehealthError, TooManyHolds
from telehealth.domain.series.patterns import Plan
from telehealth.domain.words import AppointmentStatus, Approval, LateChange, Mode, Obstacle, ServiceKind, WhenOneCancels
from telehealth.models import Appointment, Hold, Offer, Policy, Practice, Service, Therapist
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered
from telehealth.services.appointments.approving import approve_request, decline_request, expire_requests
from telehealth.services.appointments.attending import set_status
from telehealth.services.appointments.booking import BookingWish, book_appointment
from telehealth.services.appointments.cancelling import cancel_appointment
from telehealth.services.appointments.holding import HoldWish, extend_hold, keep_slot, sweep_holds
from telehealth.services.appointments.moving import Destination, move_appointment
from telehealth.services.audit import ActedBy
from telehealth.services.delivery.claiming import claim_messages, expire_messages
from telehealth.services.series.making import create_series
from telehealth.services.series.materialising import materialise_series
from telehealth.services.waitlist.waiting import (
    accept_offer,
    decline_offer,
    expire_waits,
    join_waitlist,
    offer_freed_times,
)
from telehealth.services.waitlist.wishes import WaitWish
from tests.concurrency import invariants
from tests.delivering import deliver_one
from tests.factories import (
    Office,
    add_licence,
    add_time_off,
    make_contact,
    make_office,
    make_room,
    make_service,
    make_therapist,
)
from tests.factories.rows import keep

CLIENT, STAFF = ActedBy(Actor.CLIENT), ActedBy(Actor.STAFF)
# Two weeks before the clocks of Denver and New York go back, and then on towards spring.
BEGINNING = datetime(2026, 10, 19, 15, tzinfo=UTC)
NIGHTS_OF_CHANGE = (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), datetime(2027, 3, 14, 8, 30, tzinfo=UTC))
ALL_MODES = [mode.value for mode in Mode]


class Walk:
    """A world of two practices that is walked through from ``seed``."""

    def __init__(self, app: Flask, seed: int, *, is_alone: bool = True) -> None:
        """``is_alone``: nobody else walks here, so what is offered must be had. Else the world stands already."""
        self.app = app
        self.is_alone = is_alone
        self.random = random.Random(seed)
        self.now = BEGINNING
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        if is_alone:
            self.offices = [self._furnish(zone) for zone in ("America/Denver", "America/New_York")]
        else:
            self.offices = [_office(practice) for practice in db.session.scalars(select(Practice)).all()]
        self.people = {office.practice.id: [self._person(office) for _ in range(8)] for office in self.offices}

    def step(self) -> None:
        """One thing that somebody could do now."""
        name, action = self.random.choice(list(self._moves().items()))
        try:
            action(self.random.choice(self.offices))
            self.done[name] += 1
        except TelehealthError as refusal:
            self.refused[f"{name}: {refusal.code}"] += 1
            db.session.rollback()

    def steps(self, count: int, *, check_every: int = 1) -> None:
        """Walk. After every ``check_every`` steps, and at the end, everything is looked at."""
        for number in range(count):
            self.step()
            if number % check_every == 0:
                invariants.require_all(now=self.now)
        invariants.require_all(now=self.now)

    def _moves(self) -> dict[str, Callable[[Office], object]]:
        return {
            "book": self.book,
            "book again": self.book,
            "book anything": self.book_anything,
            "hold": self.hold,
            "book a hold": self.book_a_hold,
            "extend": self.extend,
            "move": self.move,
            "move far": self.move,
            "cancel": self.cancel,
            "cancel one seat": self.cancel_one_seat,
            "answer": self.answer,
            "record": self.record,
            "time off": self.time_off,
            "standing slot": self.standing_slot,
            "make dates": self.make_dates,
            "wait": self.wait,
            "offer": self.offer,
            "answer an offer": self.answer_an_offer,
            "send": self.send,
            "minutes pass": lambda _: self.pass_time(timedelta(minutes=self.random.randint(1, 90))),
            "a night passes": lambda _: self.pass_time(timedelta(hours=self.random.randint(8, 40))),
            "clocks change": lambda _: self.leap(),
        }

    # What people do

    def book(self, office: Office) -> Appointment | None:
        """What is offered can be booked: no refusal is fine here but that of the client's own other appointment."""
        query, start = self._offered(office)
        if start is None:
            return None
        contact = self._contact(office, query.mode)
        others = ()
        if query.service.capacity > 1 and not query.service.is_group and self.random.random() < 0.7:
            others = (self._contact(office, query.mode, besides=contact),)
        wish = self._wish(query, start, contact, others=others)
        try:
            return book_appointment(practice=office.practice.id, wish=wish, by=self._anybody(), now=self.now)
        except (SlotNotOffered, GroupFull, NotAllowed) as refusal:
            if not self.is_alone:
                raise
            raise AssertionError(
                f"{query.service.kind} at {start} was offered and refused: {refusal.code}"
            ) from refusal

    def book_anything(self, office: Office) -> Appointment:
        """At any time at all; staff now and then set rules aside."""
        service, mode = self._service(office)
        start = self._any_time()
        query = self._query(office, service, mode, start)
        by = self._anybody()
        waived = frozenset(self.random.sample(sorted(WAIVABLE), 6)) if by is STAFF else frozenset()
        wish = self._wish(query, start, self._contact(office, mode), waived=waived, reason="on purpose")
        return book_appointment(practice=office.practice.id, wish=wish, by=by, now=self.now)

    def hold(self, office: Office) -> Hold | None:
        query, start = self._offered(office)
        if start is None:
            return None
        wish = HoldWish(
            service=query.service.public_id,
            starts_at=start,
            mode=query.mode,
            therapist=self._public_id(query.therapist_id),
            location=office.location.public_id if query.mode == Mode.IN_PERSON else None,
            jurisdiction=query.jurisdiction,
        )
        replaces = self._some_hold(office) if self.random.random() < 0.2 else None
        try:
            return keep_slot(
                practice_id=office.practice.id,
                wish=wish,
                network=f"network-{self.random.randrange(1_000)}",
                now=self.now,
                replaced_public_id=replaces.public_id if replaces else None,
            )
        except TooManyHolds:
            return None  # The clock stands still for a long while, and so do holds.
        except (SlotTaken, SlotNotOffered, GroupFull) as refusal:
            if not self.is_alone:
                raise
            raise AssertionError(f"{query.service.kind} at {start} was offered, not held: {refusal.code}") from refusal

    def book_a_hold(self, office: Office) -> Appointment | None:
        kept = self._some_hold(office)
        if kept is None:
            return None
        service = db.session.get_one(Service, kept.service_id)
        query = self._query(office, service, kept.mode, kept.starts_at)
        wish = self._wish(query, kept.starts_at, self._contact(office, kept.mode), hold=kept.public_id)
        return book_appointment(practice=office.practice.id, wish=wish, by=CLIENT, now=self.now)

    def extend(self, office: Office) -> None:
        kept = self._some_hold(office)
        if kept is not None:
            extend_hold(practice_id=office.practice.id, hold_public_id=kept.public_id, now=self.now)
        sweep_holds(now=self.now)

    def move(self, office: Office) -> None:
        made = self._some(Appointment, office)
        if made is None:
            return
        mode = self.random.choice(list(Mode))
        query = self._query(office, made.service, mode, self.now, own_appointment_id=made.id)
        starts = list(offered(query, now=self.now)) or [self._any_time()]
        to = Destination(
            starts_at=self.random.choice(starts),
            mode=mode,
            location=office.location.public_id if mode == Mode.IN_PERSON else None,
            jurisdiction="CO",
            phone="+13035550177",
        )
        move_appointment(
            practice_id=office.practice.id, appointment_id=made.id, to=to, by=self._anybody(), now=self.now
        )

    def cancel(self, office: Office) -> None:
        made = self._some(Appointment, office)
        if made is not None:
            cancel_appointment(practice_id=office.practice.id, appointment_id=made.id, by=self._anybody(), now=self.now)

    def cancel_one_seat(self, office: Office) -> None:
        made = self._some(Appointment, office)
        if made is not None and made.attendees:
            seat = self.random.choice(made.attendees)
            cancel_appointment(
                practice_id=office.practice.id,
                appointment_id=made.id,
                attendee_id=seat.id,
                by=self._anybody(),
                now=self.now,
            )

    def answer(self, office: Office) -> None:
        made = self._some(Appointment, office, status=AppointmentStatus.PENDING)
        if made is not None:
            answer = self.random.choice([approve_request, decline_request])
            answer(practice_id=office.practice.id, appointment_id=made.id, by=STAFF, now=self.now)

    def record(self, office: Office) -> None:
        made = self._some(Appointment, office)
        if made is not None:
            set_status(
                practice_id=office.practice.id,
                appointment_id=made.id,
                status=self.random.choice(list(AppointmentStatus)),
                by=STAFF,
                now=self.now,
            )

    def time_off(self, office: Office) -> None:
        """What is booked already stays booked: an appointment is a promise."""
        first = (self.now + timedelta(days=self.random.randint(1, 20))).replace(tzinfo=None)
        add_time_off(office.therapist, first, first + timedelta(hours=self.random.randint(1, 30)))

    def standing_slot(self, office: Office) -> None:
        """Few of them, or nothing else would be free."""
        query, start = self._offered(office)
        if start is None or self.random.random() > STANDING:
            return
        person = db.session.get_one(Therapist, offered(query, now=self.now)[start])
        wall = walltime.wall(start, walltime.zone(person.timezone))
        contacts = [self._contact(office, query.mode)] if not query.service.is_group else []
        create_series(
            practice_id=office.practice.id,
            plan=Plan(
                service=query.service.public_id,
                therapist=person.public_id,
                mode=query.mode,
                location=office.location.public_id if query.mode == Mode.IN_PERSON else None,
                co_therapist=None,
                timezone=person.timezone,
                local_time=wall.time(),
                starts_on=wall.date(),
                every_weeks=self.random.choice([1, 2]),
                count=self.random.choice([4, 9]),
            ),
            contacts=contacts,
            by=STAFF,
            now=self.now,
        )

    def make_dates(self, _office: Office) -> None:
        materialise_series(now=self.now)

    def wait(self, office: Office) -> None:
        service, mode = self._service(office)
        wish = WaitWish(
            service=service.public_id,
            modes=(mode,),
            therapists=(),
            location=office.location.public_id if mode == Mode.IN_PERSON else None,
            windows=(),
            until=self.now.date() + timedelta(days=40),
            contact=self._contact(office, mode),
        )
        join_waitlist(practice_id=office.practice.id, wish=wish, by=CLIENT, now=self.now)

    def offer(self, _office: Office) -> None:
        expire_waits(now=self.now)
        offer_freed_times(now=self.now)

    def answer_an_offer(self, office: Office) -> None:
        made = self._some(Offer, office)
        if made is None:
            return
        if self.random.random() < 0.8:
            accept_offer(offer_public_id=made.public_id, by=CLIENT, now=self.now)
        else:
            decline_offer(offer_public_id=made.public_id, now=self.now)

    # Time

    def pass_time(self, gone: timedelta) -> None:
        self.now += gone
        expire_requests(now=self.now)

    def leap(self) -> None:
        """To the next night in which clocks change, now and then."""
        ahead = [night for night in NIGHTS_OF_CHANGE if night > self.now]
        if ahead and self.random.random() < 0.03:
            self.pass_time(ahead[0] - self.now)

    def send(self, _office: Office) -> None:
        addresses, gateways = self.app.extensions["addresses"], self.app.extensions["gateways"]
        expire_messages(now=self.now)
        for claimed in claim_messages(worker="walk", addresses=addresses, limit=20, now=self.now):
            deliver_one(claimed, gateways=gateways, now=self.now)

    # The world

    def _furnish(self, zone: str) -> Office:
        office = make_office(
            practice={"timezone": zone},
            service={"step_minutes": 30, "buffer_after_minutes": 10},
            therapist={"timezone": zone, "daily_cap": 4, "weekly_cap": 12, "longest_run": 3},
        )
        practice = office.practice
        make_room(office.location, "Room 2")
        terms = keep(
            Policy(
                practice_id=practice.id,
                version=1,
                window_minutes=24 * 60,
                when_late=self.random.choice(list(LateChange)),
                created_at=self.now,
            )
        )
        kinds: list[dict[str, Any]] = [
            {"kind": ServiceKind.COUPLE, "capacity": 2, "when_one_cancels": WhenOneCancels.GOES_ON},
            {"kind": ServiceKind.FAMILY, "capacity": 4, "when_one_cancels": WhenOneCancels.ALL_OFF},
            {"kind": ServiceKind.GROUP, "capacity": 3, "policy_id": terms.id},
            {"kind": ServiceKind.INTAKE, "approval": Approval.NEW_CLIENTS, "approval_minutes": 24 * 60},
            {"kind": ServiceKind.INDIVIDUAL, "therapists_needed": 2, "duration_minutes": 80, "policy_id": terms.id},
        ]
        services = [office.service, *(make_service(practice, **each) for each in kinds)]
        for extra in range(2):
            person = make_therapist(
                practice,
                *services,
                location=office.location,
                timezone=("America/Chicago", zone)[extra],
                note_minutes=15,
            )
            add_licence(person, "UT")
        office.therapist.services.extend(services[1:])
        db.session.commit()
        return office

    def _person(self, office: Office) -> Contact:
        wants = self.random.random() < 0.5
        return make_contact(timezone=office.practice.timezone, wants_texts=wants)

    def _contact(self, office: Office, mode: Mode, *, besides: Contact | None = None) -> Contact:
        people = [each for each in self.people[office.practice.id] if each is not besides]
        return self.random.choice(people)

    def _anybody(self) -> ActedBy:
        return CLIENT if self.random.random() < 0.7 else STAFF

    def _service(self, office: Office) -> tuple[Service, Mode]:
        services = db.session.scalars(select(Service).where(Service.practice_id == office.practice.id)).all()
        return self.random.choice(services), self.random.choice(list(Mode))

    def _query(self, office: Office, service: Service, mode: Mode, since: datetime, **given: Any) -> SlotQuery:
        return SlotQuery(
            practice_id=office.practice.id,
            service=service,
            mode=mode,
            since=since,
            until=since + timedelta(days=9),
            location_id=office.location.id if mode == Mode.IN_PERSON else None,
            jurisdiction="CO" if mode != Mode.IN_PERSON else None,
            **given,
        )

    def _offered(self, office: Office) -> tuple[SlotQuery, datetime | None]:
        service, mode = self._service(office)
        therapist_id = None
        if self.random.random() < 0.3:
            therapist_id = self.random.choice(
                db.session.scalars(select(Therapist.id).where(Therapist.practice_id == office.practice.id)).all()
            )
        query = self._query(office, service, mode, self.now, therapist_id=therapist_id)
        starts = list(offered(query, now=self.now))
        return query, self.random.choice(starts) if starts else None

    def _wish(self, query: SlotQuery, start: datetime, contact: Contact, **given: Any) -> BookingWish:
        location = db.session.get_one(Practice, query.practice_id).locations[0]
        return BookingWish(
            service=query.service.public_id,
            starts_at=start,
            mode=query.mode,
            therapist=self._public_id(query.therapist_id),
            location=location.public_id if query.mode == Mode.IN_PERSON else None,
            contact=contact,
            **given,
        )

    def _public_id(self, therapist_id: int | None) -> str | None:
        return None if therapist_id is None else db.session.get_one(Therapist, therapist_id).public_id

    def _any_time(self) -> datetime:
        hour = self.now.replace(minute=0, second=0, microsecond=0)
        return hour + timedelta(minutes=10 * self.random.randint(0, 6 * 24 * 9))

    def _some_hold(self, office: Office) -> Hold | None:
        """One of those that people have: the address of an offer's hold is told to nobody."""
        held = select(Hold).where(Hold.practice_id == office.practice.id, ~exists().where(Offer.hold_id == Hold.id))
        found = db.session.scalars(held.order_by(Hold.id.desc()).limit(12)).all()
        return self.random.choice(found) if found else None

    def _some(self, model: Any, office: Office, **wanted: Any) -> Any:
        """Any row of the practice, the newer the likelier."""
        statement = select(model).filter_by(practice_id=office.practice.id, **wanted)
        found = db.session.scalars(statement.order_by(model.id.desc()).limit(12)).all()
        return self.random.choice(found) if found else None


def _office(practice: Practice) -> Office:
    """One that stands already."""
    location = practice.locations[0]
    services = db.session.scalars(select(Service).where(Service.practice_id == practice.id).order_by(Service.id))
    people = db.session.scalars(select(Therapist).where(Therapist.practice_id == practice.id).order_by(Therapist.id))
    return Office(practice, location, location.rooms[0], services.all()[0], people.all()[0])


STANDING = 0.1
WAIVABLE = frozenset(Obstacle) - {Obstacle.NOT_GIVEN, Obstacle.FULL}
