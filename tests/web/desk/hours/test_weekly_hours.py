"""Weekly hours, other hours on a date, and time off."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.audit_words import Actor, Via
from telehealth.domain.words import Mode
from telehealth.models import HoursOverride, PracticeEvent, TimeOff, WeeklyHours
from telehealth.queries.hours.working_hours import list_overrides, list_time_off, list_weekly_hours
from telehealth.services.hours.hours_setting import MOST_WEEKS
from telehealth.web.desk.words import EVERY
from tests.factories import Office, add_hours, book, make_contact, make_office, make_practice, make_therapist, make_user
from tests.factories.users import PASSWORD
from tests.moments import at
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, filled_in, sign_in, words_of

LONG_AGO = datetime(2000, 1, 1)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"hours": None})


@pytest.fixture
def therapist(app: Flask, office: Office) -> Staff:
    return as_therapist(app, office)


def weekly(office: Office) -> list[WeeklyHours]:
    return list(list_weekly_hours(office.therapist.id))


def overrides(office: Office) -> list[HoursOverride]:
    return list(list_overrides(office.therapist.id, since=LONG_AGO.date()))


def time_off(office: Office) -> list[TimeOff]:
    return list(list_time_off(office.therapist.id, since=LONG_AGO))


def facts(row: WeeklyHours | HoursOverride) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


def mornings(**given: Any) -> dict[str, Any]:
    usual = {
        "weekdays": ["0", "2"],
        "starts": "09:00",
        "ends": "12:00",
        "modes": ["virtual", "phone"],
        "every_weeks": "1",
    }
    return {**usual, **given}


def test_nothing_yet(therapist: Staff) -> None:
    words = therapist.read("/desk/hours")
    assert "No weekly hours yet" in words
    assert "All times are in Mountain Time." in words


def test_several_days_are_added_at_once(therapist: Staff, office: Office) -> None:
    words = therapist.send("/desk/hours/new", mornings())
    assert "Added: Monday and Wednesday, 9:00 AM to 12:00 PM." in words
    assert "Monday 9:00 AM to 12:00 PM Video and phone Change Monday, 9:00 AM to 12:00 PM Remove" in words
    assert "Tuesday Closed" in words
    assert [(each.weekday, each.starts, each.ends) for each in weekly(office)] == [
        (0, time(9), time(12)),
        (2, time(9), time(12)),
    ]


def test_in_person_needs_a_place(therapist: Staff, office: Office) -> None:
    answer = therapist.post("/desk/hours/new", mornings(modes=["in_person"]))
    assert answer.status_code == 422
    assert "Please choose where clients meet you in person." in words_of(answer)
    words = therapist.send("/desk/hours/new", mornings(modes=["in_person"], location=office.location.public_id))
    assert "In person at Main Street office" in words


def test_a_place_of_another_practice_is_refused(therapist: Staff) -> None:
    elsewhere = make_office().location.public_id
    answer = therapist.post("/desk/hours/new", mornings(modes=["in_person"], location=elsewhere))
    assert "one of the practice's places" in words_of(answer)


def test_every_other_week_is_said_in_plain_words(therapist: Staff) -> None:
    given = mornings(every_weeks="2", anchor="2026-11-30", valid_from="2026-12-01", valid_until="2027-06-30")
    words = therapist.send("/desk/hours/new", given)
    assert "Every other week, counted from the week of Mon, Nov 30, 2026" in words
    assert "from Tue, Dec 1, 2026, until Wed, Jun 30, 2027" in words


def test_every_other_week_needs_a_date_to_count_from(therapist: Staff) -> None:
    answer = therapist.post("/desk/hours/new", mornings(every_weeks="2"))
    assert "Please choose a date in a week in which you work these hours." in words_of(answer)


def test_nights_run_into_the_next_day(therapist: Staff) -> None:
    words = therapist.send("/desk/hours/new", mornings(starts="22:00", ends="02:00"))
    assert "10:00 PM to 2:00 AM the next day" in words
    assert "6:00 PM to midnight" in therapist.send("/desk/hours/new", mornings(starts="18:00", ends="00:00"))


def test_hours_that_overlap_are_kept_and_said(therapist: Staff, office: Office) -> None:
    therapist.send("/desk/hours/new", mornings())
    words = therapist.send("/desk/hours/new", mornings(starts="11:00", ends="13:00"))
    assert "Some hours on Monday and Wednesday overlap." in words
    assert len(weekly(office)) == 4
    assert "overlap" not in therapist.send("/desk/hours/new", mornings(starts="13:00", ends="14:00"))


def test_everything_that_is_wrong_is_said_at_once_and_kept(therapist: Staff, office: Office) -> None:
    given = {"starts": "noon", "ends": "", "every_weeks": "often", "valid_until": "0206-11-30", "anchor": "soon"}
    answer = therapist.post("/desk/hours/new", given)
    assert answer.status_code == 422
    words = words_of(answer)
    for sentence in (
        "Please choose at least one day.",
        "Please enter when the hours start",
        "Please enter when the hours end",
        "Please choose at least one way to meet.",
        "Please choose how often.",
        "Please check the year of this date.",
    ):
        assert sentence in words, sentence
    assert 'value="noon"' in answer.text
    assert "<title>Error:" in answer.text
    assert weekly(office) == []


def test_each_problem_in_the_summary_leads_to_a_field(therapist: Staff) -> None:
    page = therapist.post("/desk/hours/new", {}).text
    for field in re.findall(r'<a href="#(\w+)"', page):
        assert page.count(f'id="{field}"') == 1, field


def test_removing_weekly_hours(therapist: Staff, office: Office) -> None:
    therapist.send("/desk/hours/new", mornings())
    words = therapist.send(f"/desk/hours/{weekly(office)[0].public_id}/remove")
    assert "Appointments that are booked already stay as they are." in words
    assert [each.weekday for each in weekly(office)] == [2]


def test_the_form_for_a_change_is_filled_in(therapist: Staff, office: Office) -> None:
    dates = {"anchor": "2026-12-02", "valid_from": "2026-12-01", "valid_until": "2027-06-30"}
    place = office.location.public_id
    therapist.send(
        "/desk/hours/new", mornings(weekdays=["2"], modes=["in_person"], location=place, every_weeks="6", **dates)
    )
    page = therapist.get(f"/desk/hours/{weekly(office)[0].public_id}/change").text
    assert filled_in(page) == {
        "weekdays": ["2"], "starts": ["09:00"], "ends": ["12:00"], "modes": ["in_person"], "location": [place],
        "every_weeks": ["6"], **{name: [value] for name, value in dates.items()},
    }  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"starts": "22:00", "ends": "00:00"},
        {"every_weeks": "8", "anchor": "2026-11-30", "valid_from": "2026-12-01"},
    ],
)
def test_a_change_that_changes_nothing_changes_nothing(therapist: Staff, office: Office, given: dict[str, str]) -> None:
    therapist.send("/desk/hours/new", mornings(weekdays=["2"], **given))
    (before,) = [facts(each) for each in weekly(office)]
    change = f"/desk/hours/{weekly(office)[0].public_id}/change"
    words = therapist.send(change, filled_in(therapist.get(change).text))
    assert "Changed: Wednesday" in words
    assert "overlap" not in words
    assert [facts(each) for each in weekly(office)] == [before]


def test_weekly_hours_are_changed(therapist: Staff, office: Office) -> None:
    therapist.send("/desk/hours/new", mornings())
    first, second = weekly(office)
    given = mornings(weekdays=["2"], starts="10:00", modes=["phone"])
    words = therapist.send(f"/desk/hours/{first.public_id}/change", given)
    assert "Changed: Wednesday, 10:00 AM to 12:00 PM. Appointments that are booked already stay as they are." in words
    assert "Some hours on Wednesday overlap." in words
    assert {(each.public_id, each.weekday, each.starts) for each in weekly(office)} == {
        (first.public_id, 2, time(10)),
        (second.public_id, 2, time(9)),
    }


def test_a_change_that_cannot_be_is_explained_and_kept(therapist: Staff, office: Office) -> None:
    therapist.send("/desk/hours/new", mornings(weekdays=["0"]))
    before = facts(weekly(office)[0])
    answer = therapist.post(f"/desk/hours/{weekly(office)[0].public_id}/change", mornings(ends="09:00", weekdays=["4"]))
    assert answer.status_code == 422
    assert "The end has to differ from the start." in words_of(answer)
    assert "Change weekly hours" in words_of(answer)
    assert filled_in(answer.text)["weekdays"] == ["4"]
    assert [facts(each) for each in weekly(office)] == [before]


def test_how_often_has_words_for_all_that_is_possible() -> None:
    assert list(EVERY) == list(range(1, MOST_WEEKS + 1))


def test_the_front_desk_sets_hours_for_a_chosen_therapist(app: Flask, office: Office) -> None:
    colleague = make_therapist(office.practice, office.service, hours=None, name="Sam Okafor")
    front_desk = as_front_desk(app, office)
    assert "For Sam Okafor" in front_desk.read(f"/desk/hours/new?therapist={colleague.public_id}")
    front_desk.send(f"/desk/hours/new?therapist={colleague.public_id}", mornings())
    assert weekly(office) == []
    assert len(list_weekly_hours(colleague.id)) == 2


def test_other_hours_on_a_date(therapist: Staff, office: Office) -> None:
    given = {"day": "2026-12-24", "kind": "open", "starts": "09:00", "ends": "11:00", "modes": "virtual"}
    words = therapist.send("/desk/hours/dates/new", given)
    assert "Saved for Thursday, December 24." in words
    assert "Thu, Dec 24, 2026: 9:00 AM to 11:00 AM Video" in words
    assert overrides(office)[0].starts == time(9)


def test_a_closed_date_needs_only_the_date(therapist: Staff, office: Office) -> None:
    given = {"day": "2026-12-25", "kind": "closed", "starts": "nonsense", "modes": "virtual"}
    assert "Fri, Dec 25, 2026: closed" in therapist.send("/desk/hours/dates/new", given)
    assert overrides(office)[0].starts is None
    assert overrides(office)[0].day == date(2026, 12, 25)


def test_a_date_with_appointments_says_that_they_stay(app: Flask, client: FlaskClient) -> None:
    office = make_office()
    book(office, at(10))
    words = as_therapist(app, office).send("/desk/hours/dates/new", {"day": "2026-11-24", "kind": "closed"})
    assert "1 appointment stays as booked on that date. Nothing was cancelled." in words


def test_a_date_that_is_wrong_is_explained(therapist: Staff) -> None:
    answer = therapist.post("/desk/hours/dates/new", {"kind": "open", "day": "tomorrow"})
    words = words_of(answer)
    assert answer.status_code == 422
    assert "Please choose a date." in words
    assert "Please enter when the hours start" in words


@pytest.mark.parametrize(
    "given",
    [{"kind": "closed"}, {"kind": "open", "starts": "09:00", "ends": "11:00", "modes": ["virtual", "phone"]}],
)
def test_a_date_is_changed(therapist: Staff, office: Office, given: dict[str, Any]) -> None:
    therapist.send("/desk/hours/dates/new", {"day": "2026-12-24", **given})
    before = facts(overrides(office)[0])
    change = f"/desk/hours/dates/{before['public_id']}/change"
    form = filled_in(therapist.get(change).text)
    assert "Saved for Thursday, December 24." in therapist.send(change, form)
    assert [facts(each) for each in overrides(office)] == [before]
    words = therapist.send(change, {**form, "day": "2026-12-31", "kind": "open", "starts": "10:00", "ends": "11:00"})
    assert "Thu, Dec 31, 2026: 10:00 AM to 11:00 AM" in words
    assert [each.day for each in overrides(office)] == [date(2026, 12, 31)]


def test_a_date_that_is_changed_wrongly_is_explained(therapist: Staff, office: Office) -> None:
    therapist.send("/desk/hours/dates/new", {"day": "2026-12-25", "kind": "closed"})
    change = f"/desk/hours/dates/{overrides(office)[0].public_id}/change"
    answer = therapist.post(change, {"day": "2026-12-26", "kind": "open", "modes": "virtual"})
    assert answer.status_code == 422
    assert "Please enter when the hours start" in words_of(answer)
    assert filled_in(answer.text)["day"] == ["2026-12-26"]
    assert overrides(office)[0].day == date(2026, 12, 25)


def test_removing_a_date(therapist: Staff, office: Office) -> None:
    therapist.send("/desk/hours/dates/new", {"day": "2026-12-25", "kind": "closed"})
    words = therapist.send(f"/desk/hours/dates/{overrides(office)[0].public_id}/remove")
    assert "the weekly hours count again" in words
    assert overrides(office) == []


@pytest.mark.parametrize(
    ("given", "starts", "ends", "said"),
    [
        (
            {"first_day": "2026-12-21", "last_day": "2026-12-25"},
            datetime(2026, 12, 21),
            datetime(2026, 12, 26),
            "Mon, Dec 21, 2026 to Fri, Dec 25, 2026",
        ),
        ({"first_day": "2026-12-21"}, datetime(2026, 12, 21), datetime(2026, 12, 22), "Mon, Dec 21, 2026, all day"),
        (
            {"first_day": "2026-12-21", "starts": "09:00", "ends": "13:00"},
            datetime(2026, 12, 21, 9),
            datetime(2026, 12, 21, 13),
            "Mon, Dec 21, 2026, 9:00 AM to 1:00 PM",
        ),
        (
            {"first_day": "2026-12-21", "starts": "15:00", "last_day": "2026-12-22"},
            datetime(2026, 12, 21, 15),
            datetime(2026, 12, 23),
            "Mon, Dec 21, 2026, 3:00 PM to the end of Tue, Dec 22, 2026",
        ),
    ],
)
def test_time_off(
    therapist: Staff, office: Office, given: dict[str, str], starts: datetime, ends: datetime, said: str
) -> None:
    words = therapist.send("/desk/time-off/new", {**given, "note": "Skiing"})
    assert said in words
    assert "Skiing" in words
    assert [(each.starts_local, each.ends_local) for each in time_off(office)] == [(starts, ends)]
    change = f"/desk/time-off/{time_off(office)[0].public_id}/change"
    form = filled_in(therapist.get(change).text)
    assert said in therapist.send(change, form)
    assert [(each.starts_local, each.ends_local, each.note) for each in time_off(office)] == [(starts, ends, "Skiing")]


def test_time_off_is_changed(app: Flask, client: FlaskClient) -> None:
    office = make_office()
    book(office, at(10))
    therapist = as_therapist(app, office)
    therapist.send("/desk/time-off/new", {"first_day": "2026-12-21"})
    change = f"/desk/time-off/{time_off(office)[0].public_id}/change"
    words = therapist.send(change, {"first_day": "2026-11-24", "starts": "09:00", "note": "Dentist"})
    assert "Time off is saved: Tue, Nov 24, 2026, 9:00 AM to the end of Tue, Nov 24, 2026." in words
    assert "1 appointment stays as booked inside this time off." in words
    assert [(each.starts_local, each.note) for each in time_off(office)] == [(datetime(2026, 11, 24, 9), "Dentist")]


def test_time_off_that_is_changed_wrongly_is_explained(therapist: Staff, office: Office) -> None:
    therapist.send("/desk/time-off/new", {"first_day": "2026-12-21"})
    change = f"/desk/time-off/{time_off(office)[0].public_id}/change"
    answer = therapist.post(change, {"first_day": "2026-12-24", "last_day": "2026-12-20"})
    assert answer.status_code == 422
    assert "Time off has to end after it starts." in words_of(answer)
    assert filled_in(answer.text)["last_day"] == ["2026-12-20"]
    assert time_off(office)[0].starts_local == datetime(2026, 12, 21)


def test_time_off_lists_what_is_booked_inside_and_cancels_nothing(app: Flask, client: FlaskClient) -> None:
    office = make_office()
    inside = book(office, at(10), contact=make_contact(name="Ana Rivera"))
    book(office, at(10, days=3), contact=make_contact(name="Jonas Outside"))
    therapist = as_therapist(app, office)
    words = therapist.send("/desk/time-off/new", {"first_day": "2026-11-24"})
    assert "Nothing was cancelled" in words
    assert "1 appointment inside, kept as booked Ana Rivera, Tue, Nov 24 at 10:00 AM MST" in words
    assert "Jonas Outside" not in words
    assert "Booked" in therapist.read(f"/desk/appointments/{inside.public_id}")


def test_time_off_that_ends_before_it_starts_is_explained(therapist: Staff) -> None:
    answer = therapist.post("/desk/time-off/new", {"first_day": "2026-12-24", "last_day": "2026-12-20", "note": "Back"})
    assert answer.status_code == 422
    assert "Time off has to end after it starts." in words_of(answer)
    assert 'value="2026-12-20"' in answer.text
    assert 'value="Back"' in answer.text


def test_time_off_without_a_day_is_explained(therapist: Staff) -> None:
    assert "Please choose the first day." in words_of(therapist.post("/desk/time-off/new", {"starts": "9"}))


def test_removing_time_off(therapist: Staff, office: Office) -> None:
    therapist.send("/desk/time-off/new", {"first_day": "2026-12-21"})
    assert "No time off is planned" in therapist.send(f"/desk/time-off/{time_off(office)[0].public_id}/remove")


def test_a_practice_without_places_is_told_where_they_come_from(app: Flask, client: FlaskClient) -> None:
    practice = make_practice()
    make_therapist(practice, hours=None)
    owner = sign_in(app, make_user(practice, password=PASSWORD))
    answer = owner.post("/desk/hours/new", mornings(modes=[Mode.IN_PERSON.value]))
    assert "an owner adds them under More, “Places”" in words_of(answer)


def test_an_owner_reads_whose_hours_they_are(app: Flask, office: Office) -> None:
    assert "When Dana Rivera can be booked" in as_owner(app, office).read("/desk/hours")
    assert "When you can be booked" in as_therapist(app, office).read("/desk/hours")


@pytest.mark.parametrize(
    ("path", "given", "other"),
    [
        ("/desk/hours", mornings(weekdays=["2"]), mornings(weekdays=["3"])),
        ("/desk/hours/dates", {"day": "2026-12-24", "kind": "closed"}, {"day": "2026-12-25", "kind": "closed"}),
        ("/desk/time-off", {"first_day": "2026-12-21"}, {"first_day": "2026-12-22", "note": "Skiing"}),
    ],
)
def test_each_change_is_written_down_as_theirs(
    app: Flask, office: Office, therapist: Staff, path: str, given: dict[str, Any], other: dict[str, Any]
) -> None:
    therapist.send(f"{path}/new", given)
    (entry,) = [*weekly(office), *overrides(office), *time_off(office)]
    public_id = entry.public_id
    as_front_desk(app, office).send(f"{path}/{public_id}/change?therapist={office.therapist.public_id}", other)
    therapist.send(f"{path}/{public_id}/remove")
    about = PracticeEvent.subject_public_id == public_id
    lines = db.session.scalars(select(PracticeEvent).where(about).order_by(PracticeEvent.id)).all()
    theirs = office.therapist.user_id
    assert [each.action for each in lines] == ["added", "changed", "removed"]
    assert [each.user_id == theirs for each in lines] == [True, False, True]
    assert {(each.actor, each.via) for each in lines} == {(Actor.STAFF, Via.PAGE)}
    assert all(each.user_id and each.remote_address for each in lines)


def test_what_is_booked_in_hours_that_went_is_named(app: Flask, office: Office) -> None:
    add_hours(office.therapist, time(9), time(17))
    made = book(office, at(10))
    somebody = as_therapist(app, office)
    assert "outside these hours" not in somebody.read("/desk/hours")
    tuesday = next(each for each in list_weekly_hours(office.therapist.id) if each.weekday == 1)
    words = somebody.send(f"/desk/hours/{tuesday.public_id}/remove")
    assert "Those outside your hours are listed on this page." in words
    assert "1 appointment outside these hours" in words
    assert f"/desk/appointments/{made.public_id}" in somebody.get("/desk/hours").text
