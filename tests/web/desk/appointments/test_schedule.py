"""The schedule: everybody's day, week and month."""

from __future__ import annotations

import html
import re
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.domain.companions import CompanionFacts, Relationship
from telehealth.domain.words import Mode
from telehealth.models import Closure, Therapist
from tests.factories import (
    Office,
    add_busy,
    add_time_off,
    book,
    cancel,
    hold,
    make_contact,
    make_group_office,
    make_office,
    make_series,
    make_therapist,
)
from tests.factories.rows import change, keep
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, words_of

DAY = timedelta(days=1)
TOMORROW = "/desk/schedule?day=2026-11-24"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def colleague(office: Office) -> Therapist:
    return make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")


@pytest.fixture
def desk(app: Flask, office: Office, colleague: Therapist) -> Staff:
    return as_front_desk(app, office)


def below_filters(words: str) -> str:
    """The grid alone: the filters above it name everybody."""
    return words.partition("Colours say")[2]


def ana(office: Office, hour: int, **given: object) -> str:
    made = book(office, at(hour), contact=make_contact(name="Ana Rivera"), now=NOW - DAY, **given)
    return made.public_id


def test_a_day_has_a_column_for_everybody_with_what_fills_it(desk: Staff, office: Office, colleague: Therapist) -> None:
    ana(office, 9)
    book(office, at(11), therapist=colleague.public_id, contact=make_contact(name="Bo Chen"), now=NOW - DAY)
    change(add_time_off(colleague, datetime(2026, 11, 24, 14), datetime(2026, 11, 24, 16)), note="dentist")
    add_busy(colleague, at(12), at(13))
    hold(office, at(15))
    words = desk.read(TOMORROW)
    grid = below_filters(words)
    dana, sam = grid.partition("Sam Okafor")[0], grid.partition("Sam Okafor")[2]
    assert "9:00 AM to 9:50 AM, Ana Rivera Individual session, video" in dana
    assert "3:00 PM to 3:50 PM, Kept for a moment" in dana
    assert "11:00 AM to 11:50 AM, Bo Chen" in sam
    assert "12:00 PM to 1:00 PM, Busy In their own calendar" in sam
    assert "Away 2:00 PM to 4:00 PM (dentist)" in sam
    assert "All times are in Mountain Time." in words


def test_what_is_at_the_same_time_as_an_own_calendar_says_so(desk: Staff, office: Office, colleague: Therapist) -> None:
    ana(office, 9)
    known = change(book(office, at(14), contact=make_contact(name="Bo Chen"), now=NOW - DAY), overrides=["busy"])
    add_busy(colleague, at(9), at(10))
    said = "At the same time as something in the therapist’s own calendar"
    assert said not in desk.read(TOMORROW), "it stands in somebody else's"
    add_busy(office.therapist, at(9, 30), at(10))
    add_busy(office.therapist, known.starts_at, known.ends_at)
    assert f"Ana Rivera Individual session, video. {said}" in below_filters(desk.read(TOMORROW))
    assert below_filters(desk.read(TOMORROW)).count(said) == 1, "the other was booked knowingly"


def test_who_booked_it_for_its_client_stands_in_the_grid(desk: Staff, office: Office) -> None:
    maria = CompanionFacts("Maria Doe", Relationship.PARENT, "maria@example.com")
    leo = make_contact(name="Leo Doe", email="leo@example.com", phone=None, wants_texts=False)
    book(office, at(9), contact=leo, booker=maria, now=NOW - DAY)
    assert "Booked by Maria Doe (parent)" in below_filters(desk.read(TOMORROW))


def test_while_the_practice_is_closed_nobody_has_hours(desk: Staff, office: Office) -> None:
    assert "9:00 AM to 5:00 PM" in below_filters(desk.read(TOMORROW))
    keep(Closure(practice_id=office.practice.id, first_day=date(2026, 11, 24), last_day=date(2026, 11, 24)))
    assert "9:00 AM to 5:00 PM" not in below_filters(desk.read(TOMORROW))


def test_a_therapist_sees_their_own_column_only(app: Flask, office: Office, colleague: Therapist) -> None:
    ana(office, 9)
    words = as_therapist(app, office, colleague).read(f"{TOMORROW}&set=1&by=rooms")
    assert "Sam Okafor" in words
    assert "Ana" not in words
    assert "Dana" not in words


def test_standing_slots_to_come_are_shown_with_their_people(desk: Staff, office: Office) -> None:
    make_series(office, contacts=[make_contact(name="Ona Berg")], local_time=time(10), starts_on=date(2026, 12, 1))
    later = (date(2026, 12, 1) + 20 * 7 * DAY).isoformat()
    assert "Ona Berg Individual session, standing slot to come" in desk.read(f"/desk/schedule?day={later}")


def test_cancelled_appointments_are_shown_on_request_and_the_choice_is_remembered(desk: Staff, office: Office) -> None:
    appointment = book(office, at(9), contact=make_contact(name="Ana Rivera"), now=NOW - DAY)
    cancel(appointment)
    assert "Ana Rivera" not in desk.read(TOMORROW)
    assert "Ana Rivera Individual session, video Cancelled" in desk.read(f"{TOMORROW}&set=1&cancelled=y")
    assert "Ana Rivera" in desk.read(TOMORROW)
    assert "Ana Rivera" not in desk.read(f"{TOMORROW}&set=1")


def test_rooms_are_columns_when_asked_for(desk: Staff, office: Office) -> None:
    ana(office, 9, mode=Mode.IN_PERSON)
    words = desk.read(f"{TOMORROW}&set=1&by=rooms")
    assert office.room.name in words
    assert "9:00 AM to 9:50 AM, Ana Rivera Dana Rivera, Individual session" in words
    assert "Sam Okafor" not in below_filters(words)


def test_a_week_shows_the_chosen_and_no_empty_weekend(desk: Staff, office: Office, colleague: Therapist) -> None:
    ana(office, 9)
    words = desk.read(f"/desk/schedule?view=week&day=2026-11-25&set=1&who={office.therapist.public_id}")
    assert "November 23 to November 29, 2026" in words
    assert "Tuesday, November 24" in words
    assert "Ana Rivera" in words
    assert "Saturday, November 28" not in words
    assert "Book with Sam Okafor" not in words


def test_a_month_counts(desk: Staff, office: Office) -> None:
    ana(office, 9)
    ana(office, 11)
    words = desk.read("/desk/schedule?view=month&day=2026-11-05")
    assert "November 2026" in words
    assert "Tuesday, November 24: 2 appointments" in words
    assert "Wednesday, November 25: nothing booked" in words


def test_what_was_chosen_is_not_the_next_persons(app: Flask, office: Office, desk: Staff) -> None:
    desk.read("/desk/schedule?view=month")
    assert "Appointments by day" in desk.read("/desk/schedule")
    assert "Appointments by day" not in as_owner(app, office).read("/desk/schedule")


def test_times_of_several_zones_are_shown_in_the_practices(desk: Staff, office: Office, colleague: Therapist) -> None:
    change(colleague, timezone="America/New_York")
    words = desk.read(TOMORROW)
    assert "All times are in Mountain Time." in words
    assert "Sam Okafor Works in Eastern Time Open 7:00 AM to" in words


def test_a_place_in_the_grid_leads_to_booking_there(desk: Staff, office: Office) -> None:
    answer = desk.get(
        f"/desk/schedule/at?day=2026-11-24&time=15:00&zone=America/Denver&with={office.therapist.public_id}"
    )
    assert answer.location == f"/desk/book?who={office.therapist.public_id}&start=20261124T2200Z"


def test_dropping_an_appointment_leads_to_the_page_that_shows_the_move(
    desk: Staff, office: Office, colleague: Therapist
) -> None:
    appointment = ana(office, 9)
    answer = desk.get(
        f"/desk/schedule/at?day=2026-11-24&time=15:00&zone=America/Denver&with={colleague.public_id}&move={appointment}",
        follow_redirects=True,
    )
    assert answer.request.path == f"/desk/appointments/{appointment}/move/confirm"
    assert "Sam Okafor" in answer.text
    assert "Ana Rivera" in below_filters(desk.read(TOMORROW)).partition("Sam Okafor")[0]


def test_nobody_drags_what_is_not_theirs(app: Flask, office: Office, colleague: Therapist) -> None:
    appointment = ana(office, 9)
    stranger = as_therapist(app, office, colleague)
    address = f"/desk/schedule/at?day=2026-11-24&time=15:00&zone=America/Denver&move={appointment}"
    assert stranger.get(address).status_code == 404


def test_a_time_that_the_clocks_jump_over_is_said(desk: Staff, office: Office) -> None:
    address = "/desk/schedule/at?day=2027-03-14&time=02:30&zone=America/Denver"
    assert "Clocks jump over this time" in desk.get(address, follow_redirects=True).text


@pytest.mark.parametrize("junk", ["day=2026-02-30", "day=x", "day=0001-01-01", "day=9999-12-31"])
def test_dates_that_are_none_are_not_found(desk: Staff, junk: str) -> None:
    assert desk.get(f"/desk/schedule?{junk}").status_code == 404


@pytest.mark.parametrize("junk", ["view=x", "set=1&by=x&colour=y&who=%00&who=zz", "zone=Mars"])
def test_choices_that_are_none_are_left_alone(desk: Staff, junk: str) -> None:
    assert desk.get(f"/desk/schedule?{junk}").status_code == 200


def test_moving_from_the_grid(desk: Staff, office: Office) -> None:
    made = book(office, at(10), contact=make_contact(name="Ana Rivera", email="ana@example.com"))
    page = desk.get("/desk/schedule?view=day&day=2026-11-24&set=1")
    assert f"move={made.public_id}" in page.text, "the way to begin is on the entry"
    page = desk.get(f"/desk/schedule?day=2026-11-24&move={made.public_id}")
    words = words_of(page)
    assert "Moving Ana Rivera" in words
    assert "Leave it where it is" in words
    assert "Move to 11:30 AM" in words
    assert "Move to 10:00 AM , Dana Rivera" not in words, "that is where it stands"
    href = re.search(r'href="([^"]*/move/confirm[^"]*start=20261124T1830Z[^"]*)"', page.text)
    assert href is not None
    review = desk.read(html.unescape(href[1]))
    assert "Move this appointment?" in review
    assert "11:30 AM" in review
    assert f"move={made.public_id}" in page.text, "another day keeps what is being moved"


def test_a_month_and_rooms_show_days_of_therapists_while_something_is_moved(desk: Staff, office: Office) -> None:
    made = book(office, at(10))
    for view in ("view=month", "view=day&by=rooms&set=1", "view=week"):
        words = desk.read(f"/desk/schedule?{view}&day=2026-11-24&move={made.public_id}")
        assert "Move to 12:00 PM" in words


def test_what_cannot_be_moved_in_the_grid(app: Flask, desk: Staff, office: Office) -> None:
    off = cancel(book(office, at(10)))
    stranger = book(make_office(), at(10))
    for each in (off, stranger):
        assert desk.get(f"/desk/schedule?move={each.public_id}").status_code == 404
    group = make_group_office()
    seated = book(group, at(10, days=8))
    words = as_front_desk(app, group).read(f"/desk/schedule?day=2026-12-01&move={seated.public_id}")
    assert "Nobody shown here has a free time for it." in words


def test_where_a_service_allows_it_the_end_can_be_dragged(desk: Staff, office: Office) -> None:
    made = book(office, at(10))
    day = "/desk/schedule?view=day&day=2026-11-24"
    assert "data-edge" not in desk.get(day).text
    change(office.service, other_lengths=[45, 80])
    page = desk.get(day)
    assert 'data-lengths="45 50 80"' in page.text
    assert f"/desk/appointments/{made.public_id}/move/confirm?start=20261124T1700Z" in page.text
    assert "its lower edge to change its length" in words_of(page)
