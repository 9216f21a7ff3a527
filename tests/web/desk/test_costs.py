"""No page of the desk asks the database more when there are more rows: counted with few and with many of each kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db, transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import Actor, AuditAction, AuditSubject, Via
from telehealth.domain.inbox.alerting import AlertReason
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.message_words import MessageStatus, Reason, TaskKind
from telehealth.domain.words import Approval, Mode, Role, ServiceKind
from telehealth.models import (
    Alert,
    Appointment,
    CalendarConnection,
    CalendarFeed,
    Client,
    ClientImport,
    Closure,
    DutyTurn,
    HoursOverride,
    Licence,
    Message,
    PracticeEvent,
    Series,
    Task,
    Therapist,
    TimeOff,
    User,
    WeeklyHours,
)
from telehealth.services.calendars.connecting import MOST_CONNECTIONS
from telehealth.services.calendars.feed_addresses import MOST_FEEDS
from telehealth.services.inbox.alert_rounds import tell_of_what_waits
from telehealth.services.inbox.receiving import receive_text
from telehealth.services.practice.client_importing import take_client_file
from telehealth.services.series.members import add_member
from telehealth.services.task_opening import open_task
from tests.factories import (
    BY_STAFF,
    Office,
    add_hours,
    add_licence,
    add_override,
    add_time_off,
    book,
    make_companion,
    make_contact,
    make_location,
    make_office,
    make_room,
    make_series,
    make_service,
    make_therapist,
    make_user,
    move,
    wait,
)
from tests.factories.connections import WORK, connect_calendars, make_asked, make_busy
from tests.factories.feeds import make_feed
from tests.factories.rows import change, keep
from tests.factories.users import PASSWORD
from tests.moments import NOW, at
from tests.statements import listening
from tests.web.staff import Staff, sign_in

FEW, MANY = 2, 12
LEAST_SHOWN = 40
MOST = 28
"""Statements, for any page of the desk."""
GROWING = {
    "messages_rehearsal",  # Agendas and alerts are written as sending writes them, one by one, as many as a page holds.
    "reassign",  # It searches for each appointment, as whoever takes it over would be searched for.
}
OURS = "+13035550999"
STATES = sorted(set(JURISDICTIONS) - {"CO"})
DAY = timedelta(days=1)
WORKDAYS = [days for days in range(7, 40) if days % 7 < 5]


@dataclass
class House:
    """A practice, and what has more and more in it."""

    office: Office
    regular: Any
    group: Office
    seats: Appointment
    standing: Any
    asking: Office
    rows: int = 0

    def fill(self, rows: int, addresses: Addresses) -> None:
        """Until there are so many of each kind."""
        while self.rows < rows:
            self.rows += 1
            self._people(self.rows)
            self._dates(self.rows)
            self._talk(self.rows, addresses)
            turn = {"practice_id": self.office.practice.id, "weekday": self.rows % 7, "starts": 0, "ends": 0}
            keep(DutyTurn(user_id=_first(User, User.practice_id == self.office.practice.id).id, **turn))
            self._files(self.rows)
            self._feeds(self.rows)
            tell_of_what_waits(now=NOW + timedelta(minutes=20))
        db.session.expire_all()

    def _people(self, k: int) -> None:
        practice, office = self.office.practice, self.office
        place = make_location(practice, name=f"Annex {k}")
        make_room(place, f"Room {k}")
        service = make_service(practice, name=f"Service {k}")
        them = make_therapist(practice, office.service, service, location=place, name=f"Kim {k}")
        for therapist in (them, office.therapist, self.group.therapist):
            add_time_off(therapist, datetime(2026, 12, 21, k), datetime(2026, 12, 21, k, 30))
            add_override(therapist, date(2026, 12, 24) + k * DAY, time(9), time(12))
            add_licence(therapist, STATES[k], valid_from=date(2020, 1, 1), valid_until=date(2026, 12, 30))
            add_hours(therapist, time(8, k), time(8, k + 1), weekdays=[5], location=place)
        user = make_user(practice, Role.FRONT_DESK, name=f"Colleague {k}")
        for subject in (AuditSubject.SERVICE, AuditSubject.LOCATION, AuditSubject.THERAPIST, AuditSubject.LOGIN):
            line = {"subject": subject, "subject_public_id": service.public_id, "name": f"Name {k}", "details": {}}
            by = {"actor": Actor.STAFF, "via": Via.PAGE, "user_id": user.id}
            keep(PracticeEvent(practice_id=practice.id, action=AuditAction.CHANGED, at=NOW, **line, **by))
        for days in (0, 1):  # Everybody has somebody, today and tomorrow.
            contact = make_contact(name=f"Ana {k}", phone=f"+130355502{k:02}")
            book(office, at(11, days=days), therapist=them.public_id, contact=contact)
        contacts = [make_contact(name=f"Ona {k}", phone=None)]
        make_series(office, therapist=them.public_id, contacts=contacts, count=2)

    def _dates(self, k: int) -> None:
        day = WORKDAYS[k]
        closed = date(2026, 11, 28) + 7 * k * DAY  # Saturdays, on which nobody books.
        keep(Closure(practice_id=self.office.practice.id, first_day=closed, last_day=closed))
        move(book(self.office, at(10, days=day), contact=self.regular), at(14, days=day), by=BY_STAFF)
        book(self.office, at(16, days=day), contact=make_contact(name=f"Ada {k}", phone=None), mode=Mode.IN_PERSON)
        seat = make_contact(name=f"Uma {k}", phone=f"+130355503{k:02}")
        book(self.group, self.seats.starts_at, contact=seat)
        given = {"practice_id": self.office.practice.id, "series_public_id": self.standing.public_id, "by": BY_STAFF}
        add_member(**given, contact=make_contact(name=f"Ira {k}", phone=f"+130355504{k:02}"), now=NOW)
        book(self.asking, at(13, days=day), contact=make_contact(name=f"Eli {k}", phone=None))
        wait(self.office, contact=make_contact(name=f"Max {k}", phone=f"+130355505{k:02}"))

    def _talk(self, k: int, addresses: Addresses) -> None:
        text = {"recipient": OURS, "addresses": addresses, "now": NOW + k * timedelta(minutes=1)}
        receive_text(provider_id=f"SM-a{k}", sender=f"+130355502{k:02}", body="Is there parking?", **text)
        receive_text(provider_id=f"SM-b{k}", sender="+13035550100", body=f"Another question, {k}?", **text)
        ways = ((MessageStatus.DELIVERED, None), (MessageStatus.FAILED, Reason.NO_NUMBER))
        open_rows = select(Message).where(Message.status == MessageStatus.PLANNED).order_by(Message.id.desc())
        for row, (status, reason) in zip(db.session.scalars(open_rows.limit(2)).all(), ways, strict=True):
            about = {"sent_at": NOW, "body": "Words.", "attempts": 1, "sent_to": "+13035550123"}
            failed = change(row, status=status, reason=reason, **about)
        with transaction() as session:
            facts = {"practice_id": self.office.practice.id, "appointment_id": failed.appointment_id}
            open_task(session, kind=TaskKind.UNDELIVERED, message=failed, now=NOW, note="It failed.", **facts)

    def _feeds(self, k: int) -> None:
        """As many as there may be."""
        for owner in (self.office.therapist, self.group.therapist, self.office.room, None):
            if k <= MOST_FEEDS:
                make_feed(self.office.practice, owner, name=f"Calendar {k}")
        for therapist in (self.office.therapist, self.group.therapist):
            if k <= MOST_CONNECTIONS:
                made = connect_calendars(therapist, username=f"user-{k}", found=[WORK])
                make_busy(made, 0, NOW + k * DAY)
                make_asked(made.calendars[0], self.seats)

    def _files(self, k: int) -> None:
        """A file whose lines come to everything: one more of each."""
        people = "".join(f"Fay {n},fay-{n}@example.com\nFay {n},fay-{n}@example.com\nFay {n},\n" for n in range(k))
        data = f"Name,E-mail\n{people}".encode()
        take_client_file(practice_id=self.office.practice.id, file_name=f"{k}.csv", data=data, by=BY_STAFF, now=NOW)


@pytest.fixture
def house(client: FlaskClient) -> House:
    return make_house()


def make_house() -> House:
    """With one of each, where nothing can be without."""
    office = make_office(
        practice={"first_steps_put_away_at": None}, therapist={"name": "Dana Rivera"}, with_rules=False
    )
    practice = office.practice
    group = make_service(practice, name="Group", kind=ServiceKind.GROUP, capacity=20)
    circle = make_service(practice, name="Circle", kind=ServiceKind.GROUP, capacity=20)
    asking = make_service(practice, name="Asking", approval=Approval.ALWAYS, approval_minutes=20 * 60)
    giver = make_therapist(practice, group, circle, asking, location=office.location, name="Sam Okafor")
    groups, circles, asks = (
        Office(practice, office.location, office.room, each, giver) for each in (group, circle, asking)
    )
    seats = book(groups, at(15, days=1), contact=make_contact(name="Uma 0"))
    standing = make_series(circles, contacts=[make_contact(name="Ira 0")], local_time=time(10), count=2)
    regular = make_contact(name="Rita Regular", phone="+13035550100", email="rita@example.com")
    book(office, at(10, days=0), contact=regular, by=BY_STAFF)
    return House(office, regular, groups, seats, standing, asks)


def _first(model: Any, *conditions: Any) -> Any:
    return db.session.scalars(select(model).where(*conditions).order_by(model.id)).first()


def _addresses_of_rows(house: House, whose: Therapist) -> dict[str, dict[str, Any]]:
    """What stands in the address of each page about one row: the one with the most around it."""
    asked = _first(Appointment, Appointment.service_id == house.asking.service.id)
    client = _first(Client, Client.email == house.regular.email)
    public_ids = {
        "appointment": house.seats,
        "clients": client,
        "clients_import": db.session.scalars(select(ClientImport).order_by(ClientImport.id.desc())).first(),
        "hours": _first(WeeklyHours, WeeklyHours.therapist_id == whose.id),
        "hours_on_date": _first(HoursOverride, HoursOverride.therapist_id == whose.id),
        "closures": _first(Closure, Closure.practice_id == whose.practice_id),
        "time_off": _first(TimeOff, TimeOff.therapist_id == whose.id),
        "places": house.office.location,
        "people": _first(User, User.practice_id == house.office.practice.id),
        "messages": _first(Message, Message.appointment_id == house.seats.id),
        "requests": asked,
        "series": house.standing,
        "services": house.office.service,
        "tasks": _first(Task, Task.client_id == client.id),
        "alerts": _first(Alert, Alert.reason == AlertReason.REQUEST),
        "therapists": whose,
        "calendars": _first(CalendarConnection, CalendarConnection.therapist_id == whose.id),
        "calendar_edit": _first(CalendarFeed, CalendarFeed.therapist_id == whose.id),
    }
    return {
        **{section: {"public_id": row.public_id} for section, row in public_ids.items()},
        "clients_companions": {"public_id": client.public_id, "companion_id": make_companion(client).public_id},
        "licences": {"public_id": _first(Licence, Licence.therapist_id == whose.id).id},
        "alert_rules": {"reason": "request"},
        "calendars_new": {"provider": "address"},
        "calendars_sign": {"kind": "google"},
        "shared_calendars_one": {"subject": "room", "owner": house.office.room.public_id},
        "message_rules": {"kind": "reminder"},
        "message_templates": {"kind": "reminder", "channel": "email", "locale": "en"},
    }


def _questions(house: House, whose: Therapist) -> dict[str, list[dict[str, str]]]:
    """What else stands in an address, for pages that say little without it."""
    service, therapist = {"service": house.office.service.public_id}, {"therapist": whose.public_id}
    way = {"mode": "virtual", "state": "CO"}
    anybody, named = {**way, "who": "any", "ask": "1"}, {**way, "who": whose.public_id, "ask": "1"}
    wall, start = {"day": "2026-12-02", "time": "11:00"}, {"start": "20261202T1800Z"}
    member = db.session.get_one(Series, house.standing.id).members[0].public_id
    return {
        "booking": [{**service, **anybody}, {**service, **named}, {**service, **anybody, "who": "best"}, {"q": "a"}],
        "booking_at": [{**service, **named, **wall}],
        "booking_details": [{**service, **named, **start}],
        "why_not": [{**service, **named, **wall}, {**service, **anybody, **start}],
        "appointment_move_times": [anybody, named],
        "appointment_move_at": [{**named, **wall}],
        "appointment_move_review": [{**named, **start}],
        "reassign": [{**therapist, "first_day": "2026-11-23", "last_day": "2026-12-11"}],
        "series_new": [service],
        "series_leave_form": [{"member": member}],
        "waitlist_new": [service],
        "free": [{}, {"q": "tomorrow 3pm Service video CO"}, {"q": "12/2 11am Individual"}],
        "schedule": [
            {"view": "day", "day": "2026-11-24", "set": "1"},
            {"view": "day", "day": "2026-11-24", "set": "1", "by": "rooms"},
            {"view": "week", "day": "2026-12-08", "set": "1", "cancelled": "y"},
            {"view": "month", "set": "1"},
        ],
        "schedule_at": [{"day": "2026-11-24", "time": "15:00", "zone": "America/Denver"}],
        "week": [{}, therapist, {"week": "2026-11-30"}],
        "clients": [{}, {"q": "a"}, *({"who": each} for each in ("no_next", "missed_twice", "wait"))],
        "clients_import_one": [{}, {"show": "refused"}, {"show": "twice", "page": "2"}],
        "clients_known": [{"number": "1", "q": "a"}],
        "messages": [{}, {"state": "failed"}],
        "message_rules": [{}, service],
    }


def list_pages(app: Flask, house: House, whose: Therapist) -> list[str]:
    """The address of every page of the desk, some of them with several questions."""
    rows, questions = _addresses_of_rows(house, whose), _questions(house, whose)
    adapter, found = app.url_map.bind("localhost"), []
    for rule in app.url_map.iter_rules():
        place, _, name = rule.endpoint.partition(".")
        if place == "desk" and "GET" in (rule.methods or ()) and name not in GROWING:
            section = max((each for each in rows if name.startswith(each)), key=len, default="")
            values = rows[section] if rule.arguments else {}
            found += [adapter.build(rule.endpoint, {**values, **asked}) for asked in questions.get(name, [{}])]
    return sorted(found)


def listen_to(staff: Staff, pages: list[str]) -> dict[str, list[str]]:
    """What each page asks the database."""
    heard, shown = {}, 0
    for page in pages:
        with listening() as heard[page]:
            answer = staff.get(page)
        # Some lead on to another one, and some are not for everybody.
        assert answer.status_code in {200, 204, 302, 403, 404}, (page, answer.status)
        shown += answer.status_code == 200
    assert shown > LEAST_SHOWN, "a test that sees nothing finds nothing"
    return heard


@pytest.mark.parametrize("role", [Role.OWNER, Role.THERAPIST])
def test_no_page_grows_with_the_number_of_rows(app: Flask, house: House, addresses: Addresses, role: Role) -> None:
    house.fill(FEW, addresses)
    whose = house.office.therapist if role == Role.OWNER else house.group.therapist
    user = make_user(house.office.practice, role, password=PASSWORD)
    if role == Role.THERAPIST:
        change(whose, user_id=user.id)
    staff = sign_in(app, user)
    few = listen_to(staff, list_pages(app, house, whose))
    house.fill(MANY, addresses)
    many = listen_to(staff, list(few))
    grown = [page for page in few if len(many[page]) > len(few[page])]
    assert {page: (len(few[page]), Counter(many[page]).most_common(1)) for page in grown} == {}
    assert {page: len(said) for page, said in many.items() if len(said) > MOST} == {}
