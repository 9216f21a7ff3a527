"""What the last weeks brought by chance: the regulars book and cancel, come or do not come."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from telehealth.cli.demo.booking import Visit
from telehealth.cli.demo.furnishing import BY_STAFF
from telehealth.cli.demo.reading import Demo, Facts
from telehealth.database import db
from telehealth.domain.audit_words import Actor
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import Appointment
from telehealth.services.appointments.attending import set_status
from telehealth.services.appointments.cancelling import cancel_appointment
from telehealth.services.audit import ActedBy

BY_CLIENT = ActedBy(Actor.CLIENT)


def plan_visits(demo: Demo) -> Iterator[tuple[datetime, Callable[[], object]]]:
    """One client after the other, evenly over the weeks: when, and what."""
    dice = random.Random(20)  # noqa: S311 -- the same practice on every machine
    bookings = demo.facts["chance"]["bookings"]
    for place in range(bookings):
        at = demo.opened + (demo.now - demo.opened) / bookings * place
        yield at, partial(_come_and_go, demo, dice, at=at)


def _come_and_go(demo: Demo, dice: random.Random, *, at: datetime) -> None:
    """One booking, unless nothing suitable is free, and now and then its cancellation."""
    chance, visit = demo.facts["chance"], Visit(demo, _wish(demo.facts, dice))
    since = at + timedelta(days=dice.randint(*chance["days_ahead"]))
    starts = visit.free_times(since=since, days=3, now=at)
    if not starts:
        return
    contacts = visit.contacts(wants_texts=dice.random() < chance["want_texts"])
    booked = visit.book([dice.choice(starts)], contacts, by=BY_CLIENT, now=at)
    if booked is not None and dice.random() < chance["cancel"]:
        cancel_appointment(
            practice_id=demo.practice_id,
            appointment_id=booked.id,
            by=BY_CLIENT,
            reason=chance["cancel_reason"],
            now=min(at + timedelta(hours=3), booked.starts_at - timedelta(minutes=1)),
        )


def _wish(facts: Facts, dice: random.Random) -> Facts:
    """What somebody might look for, told as the file tells it."""
    asked = [each for each in facts["services"] if "asked_for" in each]
    service = dice.choices(asked, weights=[each["asked_for"] for each in asked])[0]
    therapist = dice.choice(facts["therapists"])
    who = [each["name"] for each in dice.sample(facts["clients"]["regulars"], 2)][: service.get("capacity", 1)]
    told = {"service": service["name"], "therapist": therapist["name"], "who": who}
    places = [span["place"] for span in therapist["hours"] if "place" in span for _ in span["days"]]
    if places and Mode.IN_PERSON in service["modes"] and dice.random() < facts["chance"]["in_person"]:
        return told | {"place": dice.choice(places)}
    return told | {"mode": Mode.PHONE if dice.random() < facts["chance"]["by_phone"] else Mode.VIRTUAL}


def settle_past(demo: Demo) -> None:
    """What was booked for the past has happened, or the client did not come."""
    dice = random.Random(21)  # noqa: S311 -- as above
    over = select(Appointment.id, Appointment.ends_at).where(
        Appointment.practice_id == demo.practice_id,
        Appointment.ends_at < demo.now,
        Appointment.status == AppointmentStatus.BOOKED,
    )
    for each in db.session.execute(over.order_by(Appointment.id)).all():
        missed = dice.random() < demo.facts["chance"]["missed"]
        set_status(
            practice_id=demo.practice_id,
            appointment_id=each.id,
            status=AppointmentStatus.NOSHOW if missed else AppointmentStatus.FULFILLED,
            by=BY_STAFF,
            now=each.ends_at,
        )
