"""What clients and staff of the demo practice book: standing slots, appointments, and times that may become free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from telehealth.cli.demo.furnishing import BY_STAFF
from telehealth.cli.demo.reading import Demo, Facts, on_weekday
from telehealth.domain import walltime
from telehealth.domain.audit_words import Actor, Via
from telehealth.domain.contact import Contact
from telehealth.domain.errors import TelehealthError
from telehealth.domain.series.patterns import Plan
from telehealth.domain.waitlist.waiting import WeeklyWindow
from telehealth.domain.words import Mode
from telehealth.models import Appointment, Location, Service, Therapist
from telehealth.queries.appointments.licences import list_authorities
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered
from telehealth.services.appointments.booking import BookingWish, book_appointment
from telehealth.services.audit import ActedBy
from telehealth.services.practice.therapists import end_licence
from telehealth.services.series.making import create_series
from telehealth.services.waitlist.waiting import join_waitlist
from telehealth.services.waitlist.wishes import WaitWish


class Visit:
    """Who meets whom, how and where, as the file tells it. ``state`` is where the clients are; None in person."""

    def __init__(self, demo: Demo, told: Facts) -> None:
        self.demo, self.who = demo, told["who"]
        self.service = demo.find(Service, told["service"])
        self.therapist = demo.find(Therapist, told["therapist"])
        self.second = demo.find(Therapist, told["second_therapist"]) if "second_therapist" in told else None
        self.place = demo.find(Location, told["place"]) if "place" in told else None
        self.mode = Mode.IN_PERSON if self.place else told.get("mode", Mode.VIRTUAL)
        self.state = None if self.place else told.get("state", self.therapist.licences[0].jurisdiction)
        self.wish: Facts = {
            "service": self.service.public_id,
            "mode": self.mode,
            "therapist": self.therapist.public_id,
            "co_therapist": self.second.public_id if self.second else None,
            "location": self.place.public_id if self.place else None,
        }
        """The same for the services: public ids."""

    def contacts(self, *, wants_texts: bool = True) -> list[Contact]:
        here: Facts = {"timezone": self.therapist.timezone, "state": self.state, "mode": self.mode}
        return [self.demo.contact(name, **here, wants_texts=wants_texts) for name in self.who]

    def free_times(self, *, since: datetime, days: int, now: datetime) -> list[datetime]:
        """Full and half hours only: people like round times."""
        query = SlotQuery.about(
            self.service,
            self.mode,
            since,
            since + timedelta(days=days),
            therapist=self.therapist,
            co_therapist=self.second,
            location=self.place,
            jurisdiction=self.state,
        )
        return [start for start in offered(query, now=now) if start.minute in (0, 30)]

    def book(
        self, starts: list[datetime], contacts: Sequence[Contact], *, by: ActedBy, now: datetime
    ) -> Appointment | None:
        """At the first of these times at which all of them can come; None when there is none."""
        first, *others = contacts
        for start in starts:
            wish = BookingWish(**self.wish, starts_at=start, contact=first, others=tuple(others))
            try:
                return book_appointment(practice=self.demo.practice_id, wish=wish, by=by, now=now)
            except TelehealthError:
                continue  # One of the clients had another appointment at that time. It happens.
        return None


def make_standing_slots(demo: Demo) -> None:
    """When the practice opens, some come to have standing slots."""
    for told in demo.facts["standing"]:
        visit, day = Visit(demo, told), demo.opened.date() + timedelta(days=3)
        plan = Plan(
            **visit.wish,
            timezone=visit.therapist.timezone,
            local_time=told["starts"],
            starts_on=on_weekday(day, told["weekday"]),
            every_weeks=told.get("every_weeks", 1),
        )
        contacts = visit.contacts()
        create_series(practice_id=demo.practice_id, plan=plan, contacts=contacts, by=BY_STAFF, now=demo.opened)


def book_first_free(demo: Demo, told: Facts) -> None:
    """The first time that is free, or one of the next two when somebody is busy then."""
    visit, now = Visit(demo, told), demo.moment(told)
    starts = visit.free_times(since=now + timedelta(days=told["in_days"]), days=14, now=now)
    by = ActedBy(told.get("by", Actor.CLIENT), via=Via.COMMAND)
    booked = visit.book(starts[:3], visit.contacts(), by=by, now=now)
    if booked is not None and "licence_ends_days_before" in told:
        _end_licence(visit, booked.starts_at - timedelta(days=told["licence_ends_days_before"]))


def _end_licence(visit: Visit, last: datetime) -> None:
    """The one for the state in which the client is."""
    licence = next(each for each in list_authorities(visit.therapist.id) if each.jurisdiction == visit.state)
    end_licence(
        practice_id=visit.demo.practice_id,
        therapist_id=visit.therapist.id,
        licence_id=licence.id,
        last_day=walltime.wall(last, walltime.zone(visit.therapist.timezone)).date(),
        by=BY_STAFF,
        now=visit.demo.now,
    )


def begin_to_wait(demo: Demo, told: Facts) -> None:
    """By video, for a time to become free."""
    now, timezone = demo.moment(told), demo.facts["practice"]["timezone"]
    wish = WaitWish(
        service=demo.find(Service, told["service"]).public_id,
        modes=(Mode.VIRTUAL,),
        therapists=(demo.find(Therapist, told["therapist"]).public_id,) if "therapist" in told else (),
        location=None,
        windows=tuple(WeeklyWindow(day, told["from"], told["until"]) for day in told["days"]),
        until=now.date() + timedelta(days=told["for_days"]),
        contact=demo.contact(told["who"], timezone=timezone, state=told["state"]),
    )
    join_waitlist(practice_id=demo.practice_id, wish=wish, by=ActedBy(Actor.CLIENT), now=now)
