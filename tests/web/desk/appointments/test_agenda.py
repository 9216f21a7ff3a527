"""Today and the week."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import transaction
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.domain.words import AppointmentStatus, Approval, Mode, Obstacle
from telehealth.models import Appointment, Service, TherapistService
from telehealth.services.audit import COMMAND
from telehealth.services.hours.busy_times import replace_busy_intervals
from telehealth.web.desk.inbox import tasks
from tests.factories import (
    BY_STAFF,
    Office,
    add_busy,
    add_override,
    add_time_off,
    book,
    cancel,
    make_contact,
    make_office,
    make_service,
    make_therapist,
)
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import Staff, as_owner, as_therapist

HOUR = timedelta(hours=1)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def therapist(app: Flask, office: Office) -> Staff:
    return as_therapist(app, office)


def ana(office: Office, hour: int, *, days: int = 0, **given: object) -> None:
    book(office, at(hour, days=days), contact=make_contact(name="Ana Rivera"), now=NOW - 48 * HOUR, **given)


def test_an_empty_day_is_friendly(therapist: Staff) -> None:
    words = therapist.read("/desk")
    assert "Monday, November 23" in words
    assert "Nothing today" in words
    assert "All times are in Mountain Time." in words


def test_what_is_next_comes_first(therapist: Staff, office: Office) -> None:
    ana(office, 13)
    words = therapist.read("/desk")
    assert "Next 1:00 PM MST 50 minutes Ana Rivera Individual session, video" in words
    assert "The room opens at 12:45 PM MST." in words
    assert words.index("Next") < words.index("All of today")


def test_the_way_in_appears_when_the_room_opens(therapist: Staff, office: Office, clock: FakeClock) -> None:
    ana(office, 9)
    words = therapist.read("/desk")
    assert words.index("Now") < words.index("Join by video") < words.index("All of today")


def test_only_the_therapist_is_offered_the_room(app: Flask, office: Office) -> None:
    ana(office, 9)
    assert "Join by video" not in as_owner(app, office).read("/desk")


def test_what_is_over_is_not_next(app: Flask, office: Office, clock: FakeClock) -> None:
    ana(office, 10)
    clock.advance(2 * HOUR)
    words = as_therapist(app, office).read("/desk")
    assert "Next" not in words
    assert "Ana Rivera" in words.partition("All of today")[2].partition("The days after")[0]


def test_tomorrow_is_next_when_today_is_done(therapist: Staff, office: Office) -> None:
    ana(office, 10, days=1)
    words = therapist.read("/desk")
    assert "Next Tuesday, November 24, 10:00 AM MST" in words
    assert "Tuesday" in words.partition("The days after")[2]


def test_a_cancelled_appointment_is_shown_as_such_and_is_never_next(therapist: Staff, office: Office) -> None:
    cancel(book(office, at(11, days=0)))
    words = therapist.read("/desk")
    assert "Next" not in words
    assert "Cancelled" in words.partition("All of today")[2]


def test_time_off_stands_above_the_day(therapist: Staff, office: Office) -> None:
    add_time_off(office.therapist, datetime(2026, 11, 23, 13), datetime(2026, 11, 24))
    assert "Away from 1:00 PM" in therapist.read("/desk")


def test_the_day_is_the_therapists_own(app: Flask, client: FlaskClient, clock: FakeClock) -> None:
    """At 04:30 UTC on Tuesday it is still Monday evening in Denver."""
    office = make_office()
    book(office, at(16, days=0), now=NOW)
    clock.instant = datetime.fromisoformat("2026-11-24T04:30:00+00:00")
    words = as_therapist(app, office).read("/desk")
    assert "Monday, November 23" in words
    assert "4:00 PM to 4:50 PM" in words


def test_the_week_has_seven_days_with_their_hours(therapist: Staff) -> None:
    words = therapist.read("/desk/week")
    assert "November 23 to 29, 2026" in words
    assert words.count("Open 9:00 AM to 5:00 PM") == 5
    assert words.count("No hours") == 2
    assert words.count("All times are in Mountain Time.") == 1


def test_the_week_shows_what_is_booked_cancelled_and_away(therapist: Staff, office: Office) -> None:
    ana(office, 14, days=1)
    cancel(book(office, at(10, days=2)))
    add_time_off(office.therapist, datetime(2026, 11, 26), datetime(2026, 11, 28))
    add_override(office.therapist, date(2026, 11, 27), None, None)
    page = therapist.get("/desk/week").text
    words = therapist.read("/desk/week")
    assert "2:00 to 2:50 PM Ana Rivera Video" in words
    assert words.count("Away all day") == 2
    assert words.count("Open 9:00 AM to 5:00 PM") == 3
    assert "week__item--cancelled" in page
    assert "Cancelled" in words


def test_a_span_across_noon_says_both_halves(therapist: Staff, office: Office) -> None:
    ana(office, 11, days=1)
    book(office, at(11, 30, days=2), now=NOW)
    assert "11:30 AM to 12:20 PM" in therapist.read("/desk/week")


def test_weeks_lead_to_each_other(therapist: Staff) -> None:
    page = therapist.get("/desk/week?week=2026-W53")
    assert "week=2026-W52" in page.text
    assert "week=2027-W01" in page.text
    words = therapist.read("/desk/week?week=2026-W53")
    assert "December 28, 2026 to January 3, 2027" in words
    assert "Go to this week" in words


@pytest.mark.parametrize("week", ["2026-W54", "2026-W00", "1999-W01", "2026-48", "9999-W52", "٢٠٢٦-W01", "x" * 500])
def test_a_week_that_does_not_exist_is_not_found(therapist: Staff, week: str) -> None:
    assert therapist.get("/desk/week", query_string={"week": week}).status_code == 404


def test_the_week_in_which_the_clocks_change(therapist: Staff, office: Office) -> None:
    words = therapist.read("/desk/week?week=2027-W10")
    assert "March 8 to 14, 2027" in words


def test_in_person_appointments_name_the_room(therapist: Staff, office: Office) -> None:
    book(office, at(15, days=1), mode=Mode.IN_PERSON)
    assert "In person, Room 1" in therapist.read("/desk/week")
    assert "in person, Main Street office, Room 1" in therapist.read("/desk")


def test_statuses_are_words(therapist: Staff, office: Office) -> None:
    appointment = book(office, at(11, days=0))
    with transaction() as session:
        session.get_one(Appointment, appointment.id).status = AppointmentStatus.NOSHOW
    assert "Did not come" in therapist.read("/desk/week")


def test_what_overlaps_is_flagged(therapist: Staff, office: Office) -> None:
    ana(office, 11, days=1)
    over = {"waived": frozenset({Obstacle.TAKEN}), "reason": "Both know"}
    book(office, at(11, 30, days=1), by=BY_STAFF, **over)
    assert therapist.read("/desk/week").count("Overlaps another appointment") == 2
    assert therapist.read("/desk").count("Overlaps another appointment") == 2


def test_what_was_booked_against_a_rule_is_marked(therapist: Staff, office: Office) -> None:
    book(office, at(20, days=1), by=BY_STAFF, waived=frozenset({Obstacle.OUTSIDE_HOURS}), reason="In the evening")
    assert "Booked on purpose against a rule" in therapist.read("/desk/week")


def test_late_cancellations_are_marked(therapist: Staff, office: Office) -> None:
    cancel(book(office, at(11, days=1)), by=BY_STAFF, late=True)
    assert "Cancelled late" in therapist.read("/desk/week")


def test_a_co_therapist_sees_it_too(app: Flask, office: Office) -> None:
    colleague = make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")
    pair = make_service(office.practice, name="Pair session", therapists_needed=2)
    with transaction() as session:
        for each in (office.therapist, colleague):
            session.add(TherapistService(therapist_id=each.id, service_id=pair.id))
    book(office, at(11, days=1), service=pair.public_id, co_therapist=colleague.public_id)
    together = "Dana Rivera and Sam Okafor together"
    assert together in as_therapist(app, office).read("/desk/week")
    assert together in as_therapist(app, office, colleague).read("/desk/week")


def test_requests_wait_on_todays_page(app: Flask, office: Office) -> None:
    with transaction() as session:
        session.get_one(Service, office.service.id).approval = Approval.ALWAYS
    for hour in (10, 12):
        book(office, at(hour, days=2))
    words = as_owner(app, office).read("/desk")
    assert "2 requests wait for your answer" in words
    assert "Waiting for approval" in words


def test_what_is_over_and_unmarked_stands_first_and_is_marked_with_one_click(
    app: Flask, office: Office, clock: FakeClock
) -> None:
    ana(office, 10)
    ana(office, 11)
    clock.advance(4 * HOUR)
    staff = as_therapist(app, office)
    words = staff.read("/desk")
    assert words.index("2 sessions need a mark") < words.index("All of today")
    assert "Ana Rivera Mon, Nov 23, 2026, 10:00 AM. Individual session, video" in words
    assert "Is here" not in words
    assert "1 session needs a mark" in mark_first(staff, "fulfilled")
    words = mark_first(staff, "noshow")
    assert "Noted: did not come." in words
    assert "needs a mark" not in words


def mark_first(staff: Staff, status: str) -> str:
    """Press a button beside the first session that needs a mark; the words of the page after it."""
    _, _, rest = staff.get("/desk").text.partition('action="/desk/appointments/')
    return staff.send(f"/desk/appointments/{rest.partition('/')[0]}/status", {"status": status, "from_today": "1"})


def test_nobody_is_asked_to_mark_what_is_not_theirs(app: Flask, office: Office, clock: FakeClock) -> None:
    colleague = make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")
    ana(office, 10)
    clock.advance(4 * HOUR)
    assert "needs a mark" not in as_therapist(app, office, colleague).read("/desk")
    assert "Individual session, video, with " in as_owner(app, office).read("/desk")


def test_paper_says_whose_day_it_is(app: Flask, office: Office) -> None:
    for path in ("/desk", "/desk/week", "/desk/schedule"):
        page = as_therapist(app, office).get(path) if path == "/desk" else as_owner(app, office).get(path)
        assert f'print-only">{office.therapist.name}' in page.text


def test_what_is_at_the_same_time_as_something_else_is_told(app: Flask, therapist: Staff, office: Office) -> None:
    ana(office, 10, days=1)
    assert "own calendar" not in therapist.read("/desk")
    whose = {"practice_id": office.practice.id, "therapist_id": office.therapist.id}
    replace_busy_intervals(**whose, spans=[BusySpan(at(10), at(12))], by=COMMAND, now=NOW)
    told = "at the same time as something in a therapist's own calendar"
    for reader in (therapist, as_owner(app, office)):
        assert f"1 thing to do: 1 session {told}" in reader.read("/desk")
        assert f"1 session is {told}" in reader.read("/desk/tasks")
        assert ">To do (1)<" in reader.get("/desk/tasks").text, "one number everywhere"
        assert "Nothing to do" not in reader.read("/desk/tasks")
    assert "Nothing was moved." in therapist.read("/desk/tasks")
    replace_busy_intervals(**whose, spans=[], by=COMMAND, now=NOW)
    assert "own calendar" not in therapist.read("/desk")


def test_more_of_them_than_fit_are_counted_and_all_are_shown_when_asked(
    app: Flask, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.conflicts, "MOST", 2)
    for hour in (9, 10, 11):
        book(office, at(hour, days=1), contact=make_contact(name=f"Client {hour}"))
    add_busy(office.therapist, at(8, days=1), at(13, days=1))
    dana = as_therapist(app, office)
    page = dana.read("/desk/tasks")
    assert "3 sessions are at the same time as something in a therapist's own calendar" in page
    assert "These are the next 2. Show all 3" in page
    assert ("Client 10" in page, "Client 11" in page) == (True, False)
    page = dana.read("/desk/tasks?conflicts=all")
    assert "Client 11" in page
    assert "Show all" not in page
