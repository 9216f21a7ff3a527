"""Standing slots at the desk."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.words import AppointmentStatus, Mode, OccurrenceStatus, ServiceKind
from telehealth.models import Occurrence, Series
from telehealth.queries.series.standing_slots import find_series, list_dates, list_running
from tests.factories import (
    BY_STAFF,
    Office,
    add_time_off,
    book,
    make_client,
    make_contact,
    make_couple_office,
    make_group_office,
    make_office,
    make_series,
    make_therapist,
)
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, filled_in, words_of

TUESDAY = date(2026, 12, 1)
NEXT = date(2026, 12, 8)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def therapist(app: Flask, office: Office) -> Staff:
    return as_therapist(app, office)


def away(office: Office, day: date) -> None:
    add_time_off(office.therapist, datetime.combine(day, time()), datetime.combine(day, time(23, 59)))


def dates(made: Series) -> list[Occurrence]:
    db.session.expire_all()
    return list(list_dates(made, since=NOW, limit=60))


def path(made: Series, more: str = "") -> str:
    return f"/desk/series/{made.public_id}{more}"


def form(office: Office, **given: Any) -> dict[str, Any]:
    usual = {
        "service": office.service.public_id,
        "giver": office.therapist.public_id,
        "mode": "virtual",
        "starts_on": "2026-12-01",
        "local_time": "15:00",
        "every_weeks": "1",
        "ends": "count",
        "count": "4",
        "name-1": "Ada Nowak",
        "email-1": "ada@example.com",
        "timezone-1": "America/Denver",
        "jurisdiction-1": "CO",
    }
    return {**usual, **given}


def test_nobody_has_a_standing_slot_yet(therapist: Staff) -> None:
    assert "No standing slots yet" in therapist.read("/desk/series")


def test_the_list_says_who_meets_when_and_what_needs_a_decision(therapist: Staff, office: Office) -> None:
    away(office, NEXT)
    make_series(office, contacts=[make_contact(name="Ada Nowak")])
    words = therapist.read("/desk/series")
    assert "1 date needs a decision" in words
    assert "Tuesdays at 3:00 PM , Ada Nowak" in words
    assert "Individual session, video. Mountain Time" in words
    assert "Every week, from Tue, Dec 1, 2026, until further notice" in words
    assert "1 date to decide" in words
    assert "1 date of standing slots needs a decision" in therapist.read("/desk")


def test_choosing_a_service_first(therapist: Staff, office: Office) -> None:
    page = therapist.get("/desk/series/new")
    assert "For which service?" in words_of(page)
    assert f"service={office.service.public_id}" in page.text
    assert therapist.get("/desk/series/new?service=a+b").status_code == 404


def test_every_date_is_shown_with_what_is_in_its_way(therapist: Staff, office: Office) -> None:
    away(office, NEXT)
    words = words_of(therapist.post("/desk/series/preview", form(office)))
    assert "Tuesdays at 3:00 PM Mountain Time" in words
    assert "Every week, from Tue, Dec 1, 2026, 4 dates" in words
    assert "1 date has something in the way" in words
    assert "Dana Rivera is away then." in words
    assert "Meet Wed, Dec 9 at 9:00 AM MST instead" in words
    assert db.session.query(Series).count() == 0


def test_a_year_of_dates_is_folded_but_for_what_is_to_be_decided(therapist: Staff, office: Office) -> None:
    late = date(2027, 3, 9)
    away(office, late)
    page = therapist.post("/desk/series/preview", form(office, count="20")).text
    assert "11 more</summary>" in page
    shown, folded = page.split('<details class="more">', 1)
    assert f"choice-{late}" in shown
    assert "In the way" not in folded


def test_what_became_of_a_year_of_dates_is_folded_too(therapist: Staff, office: Office) -> None:
    made = make_series(office, contacts=[make_contact(name="Ada Nowak")])
    given = {"first": "2026-12-02", "last": "2027-05-31"}
    page = therapist.post(f"/desk/series/{made.public_id}/pause", given).text
    assert page.count("more</summary>") == 1
    assert "Tue, Dec 8 at 3:00 PM" in page.split('<details class="more">')[0]


def test_the_preview_leads_back_with_everything_that_was_typed(therapist: Staff, office: Office) -> None:
    page = therapist.post("/desk/series/preview", form(office, back="y"))
    assert filled_in(page.text)["name-1"] == ["Ada Nowak"]
    assert filled_in(page.text)["local_time"] == ["15:00"]


def test_a_slot_is_set_up_with_what_was_decided(therapist: Staff, office: Office) -> None:
    for day in (NEXT, date(2026, 12, 15), date(2026, 12, 22)):
        away(office, day)
    kept = filled_in(therapist.post("/desk/series/preview", form(office)).text)
    instead = at(15, days=14).isoformat()
    words = therapist.send(
        "/desk/series/new",
        {**kept, "choice-2026-12-08": instead, "choice-2026-12-15": "skip", "choice-2026-12-22": "later"},
    )
    assert "Tuesdays at 3:00 PM is set up. 2 appointments booked so far" in words
    assert "1 date still to decide." in words
    made = db.session.query(Series).one()
    assert [each.status for each in dates(made)] == [
        OccurrenceStatus.BOOKED,
        OccurrenceStatus.BOOKED,
        OccurrenceStatus.SKIPPED,
        OccurrenceStatus.CONFLICT,
    ]
    assert dates(made)[1].starts_at == at(15, days=14)
    assert made.members[0].name == "Ada Nowak"


def test_somebody_known_is_chosen(app: Flask, office: Office) -> None:
    front_desk = as_front_desk(app, office)
    known = book(office, contact=make_contact(name="Ben Ode", phone="+13035550199")).attendees[0].client
    front_desk.post(
        "/desk/series/new",
        form(office, **{"known-1": known.public_id, "name-1": "", "email-1": "", "jurisdiction-1": ""}),
    )
    member = db.session.query(Series).one().members[0]
    assert (member.client_id, member.phone, member.jurisdiction) == (known.id, "+13035550199", "CO")
    assert member.text_consent_at is not None


def test_somebody_known_who_never_came_still_needs_a_state(app: Flask, office: Office) -> None:
    front_desk = as_front_desk(app, office)
    known = make_client(office.practice)
    given = {"known-1": known.public_id, "name-1": "", "email-1": "", "jurisdiction-1": ""}
    assert "Please choose the state they will be in." in words_of(
        front_desk.post("/desk/series/preview", form(office, **given))
    )
    given |= {"jurisdiction-1": "CO", "phone-1": "12"}
    assert "Please check the number" in words_of(front_desk.post("/desk/series/preview", form(office, **given)))
    stranger = make_client(make_office().practice).public_id
    for unknown in (stranger, "a b"):
        answer = front_desk.post("/desk/series/preview", form(office, **{"known-1": unknown}))
        assert "We could not find this client." in words_of(answer)


def test_by_phone_a_number_is_needed(app: Flask, office: Office) -> None:
    front_desk = as_front_desk(app, office)
    known = make_client(office.practice, phone=None, wants_texts=False)
    given = {"mode": "phone", "known-1": known.public_id, "name-1": "", "email-1": ""}
    answer = front_desk.post("/desk/series/preview", form(office, **given))
    assert "We have no number of this client. Please enter one." in words_of(answer)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"giver": "nobody"}, "Please choose a therapist."),
        ({"mode": "dance"}, "Please choose how to meet."),
        ({"mode": "in_person"}, "Please choose where to meet."),
        ({"starts_on": ""}, "Please choose the first date."),
        ({"starts_on": "2025-01-01", "count": "2"}, "There is no date ahead."),
        ({"local_time": "late"}, "Please choose a time"),
        ({"every_weeks": "53"}, "Please choose a number of weeks from 1 to 52."),
        ({"every_weeks": ""}, "Please choose how often."),
        ({"ends": "until"}, "Please choose the last date."),
        ({"ends": "until", "until": "2026-11-01"}, "The last date must not lie before the first."),
        ({"count": "ten"}, "Please enter a whole number"),
        ({"name-1": "", "email-1": ""}, "Please enter the name."),
        ({"email-1": "ada"}, "Please check the e-mail address"),
        ({"jurisdiction-1": ""}, "Please choose the state they will be in."),
    ],
)
def test_a_slot_that_cannot_be_is_explained_and_kept(
    therapist: Staff, office: Office, wrong: dict[str, str], sentence: str
) -> None:
    answer = therapist.post("/desk/series/preview", form(office, **{"phone-1": "303 555 0100", **wrong}))
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert filled_in(answer.text)["phone-1"] == ["303 555 0100"]
    assert therapist.post("/desk/series/new", form(office, **{**wrong, "local_time": ""})).status_code == 422


def test_the_same_person_twice_is_said_at_the_field(client: FlaskClient, app: Flask) -> None:
    office = make_office(service={"kind": ServiceKind.COUPLE, "capacity": 2})
    first = form(office)
    second = {f"{name}-2": first[f"{name}-1"] for name in ("name", "email", "timezone", "jurisdiction")}
    answer = as_therapist(app, office).post("/desk/series/preview", {**first, **second})
    assert answer.status_code == 422
    assert 'href="#name-2"' in answer.text
    assert "This person is on the list already." in words_of(answer)


def test_a_slot_for_nobody_is_explained(therapist: Staff, office: Office) -> None:
    answer = therapist.post("/desk/series/preview", form(office, **{"name-1": "", "email-1": ""}))
    assert "Please choose somebody, or fill in who it is for." in words_of(answer)


def test_in_person_the_place_gives_the_zone(therapist: Staff, office: Office) -> None:
    given = form(office, mode="in_person", location=office.location.public_id, ends="until", until="2026-12-15")
    assert "until Tue, Dec 15, 2026" in words_of(therapist.post("/desk/series/preview", given))
    therapist.post("/desk/series/new", given)
    made = db.session.query(Series).one()
    assert (made.mode, made.location_id, made.timezone) == (Mode.IN_PERSON, office.location.id, "America/Denver")
    assert "in person at Main Street office" in therapist.read("/desk/series")


def test_two_therapists_are_two_people(app: Flask, client: FlaskClient) -> None:
    office = make_office(service={"therapists_needed": 2})
    second = make_therapist(office.practice, office.service, name="Sam Okafor")
    owner = as_owner(app, office)
    same = form(office, co_therapist=office.therapist.public_id)
    assert "Please choose another therapist for the two." in words_of(owner.post("/desk/series/preview", same))
    words = owner.send("/desk/series/new", form(office, co_therapist=second.public_id))
    assert "Therapists Dana Rivera and Sam Okafor" in words


def test_dates_ahead_are_skipped_and_restored(therapist: Staff, office: Office) -> None:
    made = make_series(office, count=3)
    words = therapist.read(path(made))
    assert "Tue, Dec 1 at 3:00 PM MST Booked Skip and cancel" in words
    assert "Tue, Dec 8, 2026 is left out. Everybody is told." in therapist.send(
        path(made, "/skip"), {"day": "2026-12-08"}
    )
    words = therapist.read(path(made))
    assert "Tue, Dec 8 at 3:00 PM MST Skipped Because this date was skipped. Let it take place" in words
    assert "takes place after all" in therapist.send(path(made, "/restore"), {"day": "2026-12-08"})
    assert "nothing to restore" in therapist.send(path(made, "/restore"), {"day": "2026-12-08"})
    assert [each.status for each in dates(made)] == [OccurrenceStatus.BOOKED] * 3


def test_a_date_that_cannot_be_restored_waits_for_a_decision(therapist: Staff, office: Office) -> None:
    made = make_series(office, count=3)
    therapist.post(path(made, "/skip"), {"day": "2026-12-08"})
    away(office, NEXT)
    assert "something is in the way. Please decide below." in therapist.send(
        path(made, "/restore"), {"day": "2026-12-08"}
    )


def test_a_conflict_is_settled(therapist: Staff, office: Office) -> None:
    away(office, NEXT)
    made = make_series(office, count=3)
    words = therapist.read(path(made))
    assert "To decide Tue, Dec 8 at 3:00 PM MST Dana Rivera is away then." in words
    answer = therapist.post(path(made, "/settle"), {"day": "2026-12-08", "choice": "perhaps"})
    assert answer.status_code == 422
    assert "Please choose what to do about this date." in words_of(answer)
    taken = at(15, days=14)
    book(office, taken)
    answer = therapist.post(path(made, "/settle"), {"day": "2026-12-08", "choice": taken.isoformat()})
    assert answer.status_code == 409
    assert "That time is no longer free." in words_of(answer)
    free = at(12, days=14)
    words = therapist.send(path(made, "/settle"), {"day": "2026-12-08", "choice": free.isoformat()})
    assert "Tue, Dec 8, 2026 is on Mon, Dec 7 at 12:00 PM MST instead." in words
    again = therapist.send(path(made, "/settle"), {"day": "2026-12-08", "choice": free.isoformat()})
    assert "Nothing is in the way of this date any more." in again


def test_a_conflict_is_left_out(therapist: Staff, office: Office) -> None:
    away(office, NEXT)
    made = make_series(office, count=3)
    assert "is left out" in therapist.send(path(made, "/settle"), {"day": "2026-12-08", "choice": "skip"})
    assert dates(made)[1].status == OccurrenceStatus.SKIPPED


def test_a_slot_is_changed_and_each_date_is_listed(therapist: Staff, office: Office) -> None:
    away(office, date(2026, 12, 10))
    made = make_series(office, count=3)
    change = {"scope": "all", "weekday": "3", "local_time": "10:00"}
    page = therapist.post(path(made, "/change"), change)
    words = words_of(page)
    assert "1 date has something in the way Nothing is changed yet." in words
    assert "Thu, Dec 10 at 10:00 AM MST Dana Rivera is away then." in words
    assert dates(made)[0].starts_at == at(15, days=8)
    kept = filled_in(page.text)
    assert filled_in(therapist.post(path(made, "/change"), {**kept, "back": "y"}).text)["local_time"] == ["10:00"]
    words = therapist.send(path(made, "/change"), {**kept, "sure": "y"})
    assert "The slot is changed" in words
    assert "1 date needs a decision" in words
    assert "Thu, Dec 3 at 10:00 AM MST Moved" in words
    assert "Thu, Dec 10 at 10:00 AM MST Dana Rivera is away then. Needs a decision" in words


def test_the_review_knows_the_end(therapist: Staff, office: Office) -> None:
    """Four dates every week are two every other week: what lies after the last one is nobody's date."""
    made = make_series(office, count=4)
    add_time_off(office.therapist, datetime(2026, 12, 2), datetime(2027, 1, 13))
    words = therapist.send(path(made, "/change"), {"scope": "all", "every_weeks": "2"})
    assert "in the way" not in words
    assert "The slot is changed 2 dates: as it was. 2 dates: cancelled." in words.replace(
        "Tuesdays at 3:00 PM. All times are in Mountain Time. ", ""
    )


def test_the_review_shows_what_the_change_then_does(therapist: Staff, office: Office) -> None:
    add_time_off(office.therapist, datetime(2026, 12, 2), datetime(2027, 1, 13))
    made = make_series(office, count=4)
    change = {"scope": "all", "every_weeks": "2"}
    words = words_of(therapist.post(path(made, "/change"), change))
    assert "1 date has something in the way Nothing is changed yet." in words
    assert "Tue, Dec 15 at 3:00 PM MST Dana Rivera is away then." in words
    assert "Jan 12" not in words
    becomes = "1 date: as it was. 2 dates: no longer a date. 1 date: needs a decision."
    assert f"All dates taken together. {becomes}" in words
    assert "1 date needs a decision" in therapist.send(path(made, "/change"), {**change, "sure": "y"})


def test_a_stand_in_is_called_by_their_name(app: Flask, office: Office) -> None:
    colleague = make_therapist(office.practice, office.service, name="Ari Bell")
    add_time_off(colleague, datetime(2026, 12, 8), datetime(2026, 12, 9))
    made, owner = make_series(office, count=2), as_owner(app, office)
    change = {"scope": "this", "day": "2026-12-08", "giver": colleague.public_id}
    for step in ({}, {"sure": "y"}):
        assert "Ari Bell is away then." in words_of(owner.post(path(made, "/change"), {**change, **step}))


def test_a_slot_does_not_stand_in_its_own_way(therapist: Staff, office: Office) -> None:
    made = make_series(office)
    change = {"scope": "all", "local_time": "15:30"}
    assert "The slot is changed" in therapist.send(path(made, "/change"), change)


def test_one_date_or_this_and_following(therapist: Staff, office: Office) -> None:
    made = make_series(office, count=4)
    one = {"scope": "this", "day": "2026-12-08", "local_time": "11:00"}
    assert "1 date: moved." in therapist.send(path(made, "/change"), one)
    rest = {"scope": "following", "day": "2026-12-15", "giver": office.therapist.public_id, "weekday": "2"}
    assert "Wednesdays at 3:00 PM" in therapist.send(path(made, "/change"), rest)
    assert db.session.query(Series).count() == 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"scope": "some"}, "Please choose which dates change."),
        ({"day": ""}, "Please choose a date."),
        ({"day": "2030-01-01"}, "There is no date ahead from that day on."),
        ({"local_time": ""}, "Nothing is different yet."),
        ({"mode": "dance"}, "Please choose how to meet."),
        ({"mode": "in_person"}, "Please choose where to meet."),
    ],
)
def test_a_change_that_cannot_be_is_explained_and_kept(
    therapist: Staff, office: Office, wrong: dict[str, str], sentence: str
) -> None:
    made = make_series(office, count=3)
    given = {"scope": "following", "day": "2026-12-08", "local_time": "11:00", **wrong}
    answer = therapist.post(path(made, "/change"), given)
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    if given["local_time"]:
        assert filled_in(answer.text)["local_time"] == ["11:00"]


def test_a_pause(therapist: Staff, office: Office) -> None:
    made = make_series(office, count=4)
    assert "Pause Tuesdays at 3:00 PM" in therapist.read(path(made, "/pause"))
    words = therapist.send(
        path(made, "/pause"), {"first": "2026-12-07", "last": "2026-12-20", "reason": "Winter holiday"}
    )
    assert "2 dates: cancelled." in words
    assert [each.reason for each in dates(made)] == ["", "Winter holiday", "Winter holiday", ""]
    nothing = therapist.send(path(made, "/pause"), {"first": "2028-01-01", "last": "2028-01-02"})
    assert "No date ahead lies in this time" in nothing
    for wrong, sentence in (
        ({"first": "2026-12-20", "last": "2026-12-07"}, "must not lie before the first"),
        ({"first": "", "last": ""}, "Please choose the first day of the pause."),
        ({"first": "2026-12-07", "last": "2026-12-08", "reason": "x" * 201}, "please use at most 200"),
    ):
        answer = therapist.post(path(made, "/pause"), wrong)
        assert answer.status_code == 422
        assert sentence in words_of(answer)


def test_the_end(therapist: Staff, office: Office) -> None:
    made = make_series(office, count=4)
    assert "From which date on?" in therapist.read(path(made, "/end"))
    assert "2 dates: cancelled." in therapist.send(path(made, "/end"), {"day": "2026-12-15"})
    assert "The slot has ended" in therapist.send(path(made, "/end"), {"reason": "Moved away"})
    assert dates(made)[0].appointment is None or dates(made)[0].appointment.status == AppointmentStatus.CANCELLED
    answer = therapist.post(path(made, "/end"), {"reason": "x" * 201})
    assert (answer.status_code, "please use at most 200" in words_of(answer)) == (422, True)


def test_who_did_what_is_on_the_page(app: Flask, therapist: Staff, office: Office) -> None:
    away(office, NEXT)
    colleague = make_therapist(office.practice, office.service, name="Ari Bell")
    made = make_series(office)
    kept = {"day": "2026-12-08", "choice": at(11, days=16).isoformat()}
    therapist.send(path(made, "/settle"), kept)
    therapist.send(path(made, "/skip"), {"day": "2026-12-15"})
    therapist.send(path(made, "/restore"), {"day": "2026-12-15"})
    therapist.send(path(made, "/pause"), {"first": "2026-12-21", "last": "2026-12-31", "reason": "Winter holiday"})
    therapist.send(path(made, "/change"), {"scope": "this", "day": "2027-01-12", "local_time": "16:00"})
    onwards = {"scope": "following", "day": "2027-02-02", "weekday": "3", "every_weeks": "2"}
    desk = as_front_desk(app, office)
    desk.send(path(made, "/change"), {**onwards, "giver": colleague.public_id, "sure": "y"})
    words = therapist.read(path(made))
    history = words.partition("What happened")[2]
    for line in (
        "Set up by staff, Mon, Nov 23 at 9:00 AM MST",
        "One date given another time by Robin Reed, Mon, Nov 23 at 9:00 AM MST On a page, from 127.0.0.1",
        "Tue, Dec 8, 2026 → Wed, Dec 9 at 11:00 AM MST",
        "One date left out by Robin Reed",
        "One date put back by Robin Reed",
        "From Mon, Dec 21, 2026 to Thu, Dec 31, 2026. Reason: Winter holiday",
        "Tue, Jan 12, 2027 3:00 PM → 4:00 PM",
        "From Tue, Feb 2, 2027 on. Tuesday → Thursday Every week → Every other week Dana Rivera → Ari Bell",
    ):
        assert line in history
    later = next(each for each in list_running(office.practice.id, now=NOW) if each.id != made.id)
    assert "Goes on from an earlier slot, which was changed by Robin Reed" in desk.read(path(later))
    therapist.send(path(made, "/end"), {"day": "2027-01-26", "reason": "Goals reached"})
    assert "Until Mon, Jan 25, 2027. Reason: Goals reached" in therapist.read(path(made))


@pytest.mark.parametrize(
    ("rule", "names", "said", "status"),
    [
        ("goes_on", ["Ada Nowak", "Ben Ode"], "The others go on.", AppointmentStatus.BOOKED),
        ("goes_on", ["Ada Nowak"], "Nobody else belongs to it, so the slot ends with it.", AppointmentStatus.CANCELLED),
        ("all_off", ["Ada Nowak", "Ben Ode"], "so the slot ends with it.", AppointmentStatus.CANCELLED),
    ],
)
def test_whether_it_goes_on_without_somebody_is_said_as_it_will_be(
    app: Flask, client: FlaskClient, rule: str, names: list[str], said: str, status: AppointmentStatus
) -> None:
    office = make_couple_office(when_one_cancels=rule)
    made = make_series(office, contacts=[make_contact(name=name) for name in names], count=2)
    owner = as_owner(app, office)
    member = {"member": made.members[0].public_id}
    assert said in owner.read(path(made, f"/members/leave?member={member['member']}"))
    owner.send(path(made, "/members/leave"), {**member, "last_day": "2026-11-30"})
    assert [each.appointment.status for each in dates(made) if each.appointment] == [status] * len(dates(made))


def test_whoever_has_left_leaves_their_place(app: Flask, client: FlaskClient, clock: FakeClock) -> None:
    office = make_couple_office(when_one_cancels="goes_on")
    couple = [make_contact(name=name) for name in ("Ada Nowak", "Ben Ode")]
    made, owner = make_series(office, contacts=couple, count=4), as_owner(app, office)
    more = path(made, "/members/new")
    assert more not in owner.get(path(made)).text
    owner.send(path(made, "/members/leave"), {"member": made.members[1].public_id, "last_day": "2026-11-30"})
    clock.instant = at(9, days=8)
    assert more in as_owner(app, office).get(path(made)).text


def test_people_join_and_leave_a_group(app: Flask, client: FlaskClient) -> None:
    office = make_group_office()
    owner = as_owner(app, office)
    made = make_series(office, contacts=[make_contact(name="Ada Nowak")], count=3)
    assert "So far: Ada Nowak." in owner.read(path(made, "/members/new"))
    new = {"name-1": "Ben Ode", "email-1": "ben@example.com", "timezone-1": "America/Denver", "jurisdiction-1": "CO"}
    assert "Ben Ode belongs to it" in owner.send(path(made, "/members/new"), {**new, "first_day": "2026-12-08"})
    twice = owner.post(path(made, "/members/new"), new)
    assert (twice.status_code, "belongs to it already" in words_of(twice)) == (422, True)
    nobody = owner.post(path(made, "/members/new"), {"first_day": "soon"})
    assert (nobody.status_code, "Please choose a date." in words_of(nobody)) == (422, True)
    for number in (3, 4):
        owner.post(path(made, "/members/new"), {**new, "name-1": f"Person {number}"})
    full = owner.post(path(made, "/members/new"), {**new, "name-1": "Person 5"})
    assert (full.status_code, "The last seat" in words_of(full)) == (409, True)
    db.session.expire_all()
    ben = next(each for each in find_series(office.practice.id, made.public_id).members if each.name == "Ben Ode")
    leaving = path(made, "/members/leave")
    assert "The group goes on." in owner.read(f"{leaving}?member={ben.public_id}")
    assert owner.get(f"{leaving}?member=nobody").status_code == 404
    wrong = owner.post(leaving, {"member": ben.public_id, "last_day": ""})
    assert (wrong.status_code, "Please choose the last day" in words_of(wrong)) == (422, True)
    words = owner.send(leaving, {"member": ben.public_id, "last_day": "2026-12-08"})
    assert "Ben Ode is taken off" in words
    words = owner.read(path(made))
    assert "Somebody added by Robin Reed" in words
    assert "For Ben Ode. From Tue, Dec 8, 2026 on." in words
    assert "For Ben Ode. Until Tue, Dec 8, 2026." in words


def test_a_couple_has_two_blocks_and_a_group_none(app: Flask, client: FlaskClient) -> None:
    couple, group = make_couple_office(), make_group_office()
    page = as_owner(app, couple).get(f"/desk/series/new?service={couple.service.public_id}")
    assert "Second person, if they are two" in words_of(page)
    page = as_owner(app, group).get(f"/desk/series/new?service={group.service.public_id}")
    assert "Who comes to the group is added once the slot is set up." in words_of(page)


def test_a_therapist_opens_no_slot_of_a_colleague(app: Flask, office: Office, therapist: Staff) -> None:
    colleague = make_therapist(office.practice, office.service)
    made = make_series(office, therapist=colleague.public_id, count=2)
    for more in ("", "/change", "/pause", "/end", "/members/new", "/members/leave"):
        assert therapist.get(path(made, more)).status_code == 404
    for more in ("/settle", "/skip", "/restore", "/change", "/pause", "/end", "/members/new", "/members/leave"):
        assert therapist.post(path(made, more), {"day": "2026-12-08"}).status_code == 404
    assert as_front_desk(app, office).get(path(made)).status_code == 200
    assert as_owner(app, make_office()).get(path(made)).status_code == 404


def test_a_therapist_gives_no_slot_to_a_colleague(app: Flask, office: Office, therapist: Staff) -> None:
    colleague = make_therapist(office.practice, office.service)
    made = make_series(office, count=2)
    given = {"scope": "all", "giver": colleague.public_id, "sure": "y"}
    answer = therapist.post(path(made, "/change"), given)
    assert (answer.status_code, "Nothing is different yet." in words_of(answer)) == (422, True)
    assert "The slot is changed" in as_front_desk(app, office).send(path(made, "/change"), given)
    db.session.expire_all()
    assert made.therapist_id == colleague.id


def test_a_button_about_no_date_is_not_found(therapist: Staff, office: Office) -> None:
    made = make_series(office, count=2)
    assert therapist.post(path(made, "/skip"), {"day": "some day"}).status_code == 404
    assert therapist.post(path(made, "/skip"), {"day": "2026-12-09"}).status_code == 404


def test_a_slot_once_a_month(therapist: Staff, office: Office) -> None:
    wish = form(office, starts_on="2026-12-08", every_weeks="month")
    preview = therapist.post("/desk/series/preview", wish)
    assert "Every month on the second Tuesday, from Tue, Dec 8, 2026, 4 dates" in words_of(preview)
    therapist.send("/desk/series/new", filled_in(preview.text))
    made = db.session.query(Series).one()
    assert [each.day for each in dates(made)] == [
        date(2026, 12, 8),
        date(2027, 1, 12),
        date(2027, 2, 9),
        date(2027, 3, 9),
    ]
    assert "Every month on the second Tuesday" in therapist.read(path(made))
    therapist.send(path(made, "/change"), {"scope": "all", "every_weeks": "month-last", "sure": "y"})
    assert "Every month on the last Tuesday" in therapist.read(path(made))


def test_a_slot_of_another_length(therapist: Staff, office: Office) -> None:
    assert "How long?" not in therapist.read(f"/desk/series/new?service={office.service.public_id}")
    office.service.other_lengths = [80]
    db.session.commit()
    page = therapist.get(f"/desk/series/new?service={office.service.public_id}")
    assert filled_in(page.text)["minutes"] == ["50"], "as usual, unless somebody chooses"
    refused = therapist.post("/desk/series/preview", form(office, minutes="65"))
    assert refused.status_code == 422
    assert "The service does not allow this length." in words_of(refused)
    preview = therapist.post("/desk/series/preview", form(office, minutes="80"))
    assert "Individual session, 80 minutes" in words_of(preview)
    therapist.send("/desk/series/new", filled_in(preview.text))
    made = db.session.query(Series).one()
    assert {each.duration_minutes for each in dates(made)} == {80}
    assert "Individual session, 80 minutes, video" in therapist.read(path(made))
    therapist.send(path(made, "/change"), {"scope": "all", "minutes": "50", "sure": "y"})
    assert {each.ends_at - each.starts_at for each in dates(made)} == {timedelta(minutes=50)}
    words = therapist.read(path(made))
    assert "Individual session, 50 minutes, video" in words
    assert "80 minutes → 50 minutes" in words
    nothing = therapist.post(path(made, "/change"), {"scope": "all", "minutes": ""})
    assert "Nothing is different yet." in words_of(nothing)


def test_a_slot_after_a_long_session_is_as_long(therapist: Staff, office: Office) -> None:
    office.service.other_lengths = [80]
    db.session.commit()
    booked = book(office, at(15, days=8), minutes=80, by=BY_STAFF)
    page = therapist.get(f"/desk/series/new?after={booked.public_id}")
    assert filled_in(page.text)["minutes"] == ["80"]


def test_a_minor_for_whom_nobody_acts_is_given_a_slot_with_a_reason(therapist: Staff, office: Office) -> None:
    ada = make_client(office.practice, name="Ada Nowak", email="ada@example.com")
    change(ada, born_on=date(2018, 5, 4))
    change(office.practice, when_minor=WhenMinor.REQUIRE)
    refused = therapist.post("/desk/series/preview", form(office))
    assert refused.status_code == 422
    assert "nobody acts for them on file" in words_of(refused)
    assert 'name="guardian_reason"' in refused.text
    assert 'value="Ada Nowak"' in refused.text, "nothing that was typed is lost"
    assert therapist.post("/desk/series/new", form(office)).status_code == 422
    assert list_running(office.practice.id, now=NOW) == []
    why = {"guardian_reason": "The court has said so."}
    assert "The court has said so." in therapist.post("/desk/series/preview", form(office, **why)).text
    therapist.post("/desk/series/new", form(office, **why))
    (made,) = list_running(office.practice.id, now=NOW)
    to = {"scope": "all", "local_time": "16:00"}
    again = therapist.post(path(made, "/change"), to)
    assert 'name="guardian_reason"' in again.text
    assert "The slot is changed" in words_of(therapist.post(path(made, "/change"), {**to, **why}))
