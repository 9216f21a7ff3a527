"""What staff of the demo practice have set up by themselves: standing slots, a group, a waitlist, two therapists in one
room, a request that waits for an answer, and a licence that ends before something booked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from telehealth.cli import demo_people
from telehealth.database import db
from telehealth.domain import contact, walltime
from telehealth.domain.contact import Contact
from telehealth.domain.errors import TelehealthError
from telehealth.domain.series.patterns import Plan
from telehealth.domain.waitlist.waiting import WeeklyWindow
from telehealth.domain.words import Actor, Mode, Via
from telehealth.models import Appointment, Location, Practice, Service, Therapist
from telehealth.queries.appointments.licences import list_authorities
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered
from telehealth.services.appointments.booking import BookingWish, book_appointment
from telehealth.services.audit import ActedBy
from telehealth.services.hours.working_hours_changes import add_time_off
from telehealth.services.practice.catalogue import end_licence
from telehealth.services.series.making import create_series
from telehealth.services.waitlist.waiting import join_waitlist
from telehealth.services.waitlist.wishes import WaitWish

BY_STAFF = ActedBy(Actor.STAFF, via=Via.COMMAND)
BY_CLIENT = ActedBy(Actor.CLIENT, via=Via.COMMAND)
MONDAY, WEDNESDAY, THURSDAY = 0, 2, 3
ADA, BEN, *OTHERS = demo_people.REGULARS
ENDING = "MI"
"""The state whose licence ends soon."""


def contact_of(
    who: demo_people.Visitor,
    *,
    timezone: str,
    mode: Mode = Mode.VIRTUAL,
    state: str | None = "CO",
    wants_texts: bool = True,
) -> Contact:
    """What somebody types about themselves."""
    typed = {
        "name": who.name,
        "email": who.email,
        "phone": who.phone,
        "timezone": timezone,
        "wants_texts": wants_texts,
        "jurisdiction": state,
        "locale": who.locale,
    }
    return contact.parse_contact(typed, mode=mode)


def begin(practice: Practice, *, now: datetime, today: date) -> None:
    """Weeks ago: a standing slot that meets a holiday some weeks from now, one every other week, and a weekly group."""
    maya, leila = therapist_named(practice, "Maya"), therapist_named(practice, "Leila")
    holiday = _weekday(today + timedelta(days=22), MONDAY)
    first = datetime.combine(holiday, time())
    add_time_off(
        practice_id=practice.id,
        therapist_id=maya.id,
        starts_local=first,
        ends_local=first + timedelta(days=1),
        note="Long weekend",
        now=now,
    )
    start = now.date() + timedelta(days=3)
    individual = demo_people.SERVICES[1].name
    _standing(practice, maya, individual, [ADA], _weekday(start, MONDAY), time(10), now=now)
    _standing(practice, leila, individual, [BEN], _weekday(start, WEDNESDAY), time(17), every_weeks=2, now=now)
    place = db.session.scalars(
        select(Location).where(Location.practice_id == practice.id).order_by(Location.id)
    ).first()
    _standing(practice, maya, demo_people.GROUP, OTHERS, _weekday(start, THURSDAY), time(15), place=place, now=now)


def go_on(practice: Practice, *, now: datetime) -> None:
    """Today: who waits, who asks, who comes with the whole family, and whose licence ends."""
    _wait(practice, now=now - timedelta(days=2))
    _ask(practice, now=now - timedelta(minutes=40))
    _together(practice, now=now - timedelta(days=1))
    _let_a_licence_end(practice, now=now)


def therapist_named(practice: Practice, name: str) -> Therapist:
    """The therapist whose name begins so."""
    wanted = select(Therapist).where(Therapist.practice_id == practice.id, Therapist.name.startswith(name))
    return db.session.scalars(wanted).one()


def _service(practice: Practice, name: str) -> Service:
    return db.session.scalars(select(Service).where(Service.practice_id == practice.id, Service.name == name)).one()


def _weekday(day: date, weekday: int) -> date:
    """That day of the week, on ``day`` or after it."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _standing(  # noqa: PLR0913 -- a standing slot is these facts
    practice: Practice,
    therapist: Therapist,
    service: str,
    who: Sequence[demo_people.Visitor],
    starts_on: date,
    local_time: time,
    *,
    now: datetime,
    every_weeks: int = 1,
    place: Location | None = None,
) -> None:
    mode = Mode.VIRTUAL if place is None else Mode.IN_PERSON
    state = therapist.licences[0].jurisdiction if place is None else None
    plan = Plan(
        service=_service(practice, service).public_id,
        therapist=therapist.public_id,
        mode=mode,
        location=place.public_id if place is not None else None,
        co_therapist=None,
        timezone=therapist.timezone,
        local_time=local_time,
        starts_on=starts_on,
        every_weeks=every_weeks,
    )
    contacts = [contact_of(each, timezone=therapist.timezone, mode=mode, state=state) for each in who]
    create_series(practice_id=practice.id, plan=plan, contacts=contacts, by=BY_STAFF, now=now)


def _wait(practice: Practice, *, now: datetime) -> None:
    """Somebody would take any morning, somebody else only the evenings of one therapist."""
    daniel = therapist_named(practice, "Daniel")
    mornings = [WeeklyWindow(day, time(8), time(12)) for day in (MONDAY, WEDNESDAY, THURSDAY)]
    evenings = [WeeklyWindow(day, time(17), time(20)) for day in (1, THURSDAY)]
    for who, therapists, windows in zip(
        demo_people.WAITING, ((), (daniel.public_id,)), (mornings, evenings), strict=True
    ):
        wish = WaitWish(
            service=_service(practice, demo_people.SERVICES[1].name).public_id,
            modes=(Mode.VIRTUAL,),
            therapists=therapists,
            location=None,
            windows=tuple(windows),
            until=now.date() + timedelta(days=35),
            contact=contact_of(who, timezone=daniel.timezone),
        )
        join_waitlist(practice_id=practice.id, wish=wish, now=now)


def _ask(practice: Practice, *, now: datetime) -> None:
    """A request that waits for a yes."""
    daniel = therapist_named(practice, "Daniel")
    book_first(practice, demo_people.LONGER, daniel, [demo_people.ASKS], now=now, after=timedelta(days=3), by=BY_CLIENT)


def _together(practice: Practice, *, now: datetime) -> None:
    """A family with two therapists."""
    grace, thomas = therapist_named(practice, "Grace"), therapist_named(practice, "Thomas")
    book_first(
        practice,
        demo_people.FAMILY,
        grace,
        demo_people.FAMILY_OF_THREE,
        now=now,
        after=timedelta(days=4),
        second=thomas,
        state="IL",
    )


def _let_a_licence_end(practice: Practice, *, now: datetime) -> None:
    """The licence is not renewed, and one client in that state has an appointment after its last day."""
    thomas = therapist_named(practice, "Thomas")
    made = book_first(
        practice,
        demo_people.SERVICES[1].name,
        thomas,
        [demo_people.FAR_AWAY],
        now=now,
        after=timedelta(days=11),
        state=ENDING,
    )
    if made is None:
        return
    licence = next(each for each in list_authorities(thomas.id) if each.jurisdiction == ENDING)
    last_day = walltime.wall(made.starts_at, walltime.zone(thomas.timezone)).date() - timedelta(days=2)
    end_licence(practice_id=practice.id, therapist_id=thomas.id, licence_id=licence.id, last_day=last_day, now=now)


def book_first(  # noqa: PLR0913 -- what is booked, for whom and when
    practice: Practice,
    service_name: str,
    therapist: Therapist,
    who: Sequence[demo_people.Visitor],
    *,
    now: datetime,
    after: timedelta,
    by: ActedBy = BY_STAFF,
    state: str = "CO",
    second: Therapist | None = None,
) -> Appointment | None:
    """The first time from then on that is free; None when nothing is, or when somebody is busy then."""
    service = _service(practice, service_name)
    query = SlotQuery(
        practice_id=practice.id,
        service=service,
        mode=Mode.VIRTUAL,
        since=now + after,
        until=now + after + timedelta(days=14),
        therapist_id=therapist.id,
        co_therapist_id=second.id if second is not None else None,
        jurisdiction=state,
    )
    contacts = [contact_of(each, timezone=therapist.timezone, state=state) for each in who]
    for start in [each for each in offered(query, now=now) if each.minute in (0, 30)][:3]:
        wish = BookingWish(
            service=service.public_id,
            starts_at=start,
            mode=Mode.VIRTUAL,
            therapist=therapist.public_id,
            location=None,
            contact=contacts[0],
            others=tuple(contacts[1:]),
            co_therapist=second.public_id if second is not None else None,
        )
        try:
            return book_appointment(practice_id=practice.id, wish=wish, by=by, now=now)
        except TelehealthError:
            continue  # One of the clients had another appointment at that time. It happens.
    return None
