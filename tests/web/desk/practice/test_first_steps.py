"""The list of first steps, and the forms that it leads to."""

from __future__ import annotations

from datetime import time

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.domain.words import Mode, Role
from telehealth.models import Therapist, User, WeeklyHours
from tests.factories import Office, add_hours, book, make_location, make_office, make_practice, make_service, make_user
from tests.factories.rows import change
from tests.factories.users import PASSWORD
from tests.moments import at
from tests.web.staff import Staff, as_front_desk, filled_in, sign_in, words_of


@pytest.fixture
def owner(app: Flask, client: FlaskClient) -> Staff:
    """Of a practice that has nothing yet."""
    practice = make_practice(slug="elm", first_steps_put_away_at=None)
    return sign_in(app, make_user(practice, Role.OWNER, password=PASSWORD, name="Ana Rivera", email="ana@elm.example"))


def myself(**given: str) -> dict[str, str]:
    usual = {
        "name": "Ana Rivera",
        "credential": "LPC",
        "email": "ana@elm.example",
        "timezone": "America/Denver",
        "state": "CO",
        "since": "2020-01-01",
        "office_hours": "y",
        "video_url": "https://video.example/ana",
    }
    return {**usual, **given}


def test_a_new_practice_is_led_from_nothing_to_everything(app: Flask, owner: Staff, client: FlaskClient) -> None:
    assert "First steps: 0 of 8 done" in owner.read("/desk")
    assert "First steps: 3 of 8 done" in owner.send("/desk/therapists/myself", myself())
    service = {**filled_in(owner.get("/desk/services/new").text), "name": "First conversation"}
    assert service["step_minutes"] == ["30"]
    owner.send("/desk/services/new", service)
    assert "First steps: 6 of 8 done" in owner.read("/desk"), "online only needs no place"
    owner.send("/desk/practice", {**filled_in(owner.get("/desk/practice").text), "about": "We listen."})
    assert "First steps: 7 of 8 done" in owner.read("/desk")
    practice, therapist = db.session.query(User).one().practice, db.session.query(Therapist).one()
    [given] = therapist.services
    book(Office(practice, make_location(practice), None, given, therapist), at(10, days=1))  # type: ignore[arg-type]
    assert "First steps" not in owner.read("/desk")


def test_the_owner_is_a_therapist_with_the_login_they_have(owner: Staff) -> None:
    assert filled_in(owner.get("/desk/therapists/myself").text)["name"] == ["Ana Rivera"]
    owner.send("/desk/therapists/myself", myself())
    user, therapist = db.session.query(User).one(), db.session.query(Therapist).one()
    assert therapist.user_id == user.id
    assert {role.name for role in user.roles} == {Role.OWNER, Role.THERAPIST}
    assert {hours.weekday for hours in db.session.query(WeeklyHours)} == set(range(5))
    assert owner.get("/desk/therapists/myself").headers["Location"] == "/desk/hours"
    answer = owner.post("/desk/therapists/myself", myself())
    assert "is a therapist here already." in words_of(answer)
    assert db.session.query(Therapist).count() == 1


def test_somebody_else_is_added_without_a_login(owner: Staff) -> None:
    words = owner.send("/desk/therapists/new", myself(name="Sam Okafor", email="sam@elm.example", office_hours=""))
    assert "Sam Okafor can be booked as soon as there are a service, hours and a licence." in words
    therapist = db.session.query(Therapist).one()
    assert (therapist.user_id, therapist.video_url) == (None, "https://video.example/ana")
    assert db.session.query(WeeklyHours).count() == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "x"}, "email"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"state": "XX"}, "state"),
        ({"since": ""}, "since"),
        ({"video_url": "javascript:alert(1)"}, "video_url"),
    ],
)
def test_what_cannot_be_is_explained_and_kept(owner: Staff, wrong: dict[str, str], field: str) -> None:
    for page in ("/desk/therapists/myself", "/desk/therapists/new"):
        answer = owner.post(page, myself(**wrong))
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        assert 'value="LPC"' in answer.text
    assert db.session.query(Therapist).count() == 0
    assert [role.name for role in db.session.query(User).one().roles] == [Role.OWNER]


def test_video_links_of_everybody(owner: Staff) -> None:
    assert "First say who sees clients." in owner.read("/desk/therapists/video")
    owner.send("/desk/therapists/new", myself())
    therapist = db.session.query(Therapist).one()
    field = f"video-{therapist.public_id}"
    answer = owner.post("/desk/therapists/video", {field: "javascript:alert(1)"})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "Saved." in owner.send("/desk/therapists/video", {field: ""})
    db.session.expire_all()
    assert db.session.query(Therapist).one().video_url is None


def test_hours_that_do_not_fit_the_services_are_told(app: Flask, client: FlaskClient) -> None:
    office = make_office(practice={"first_steps_put_away_at": None}, therapist={"name": "Dana Rivera", "hours": None})
    owner = sign_in(app, make_user(office.practice, Role.OWNER, password=PASSWORD))
    change(office.service, modes=[Mode.IN_PERSON.value])
    add_hours(office.therapist, time(9), time(17), modes=[Mode.VIRTUAL, Mode.PHONE])
    sentence = (
        "Dana Rivera's hours are for video and phone only, and “Individual session” is given in person only: "
        "it is not offered."
    )
    assert sentence in owner.read("/desk")
    assert sentence in owner.read("/desk/hours")
    change(office.service, modes=[Mode.IN_PERSON.value, Mode.PHONE.value])
    assert "it is not offered" not in owner.read("/desk/hours")


def test_the_list_is_put_away_and_brought_back(owner: Staff) -> None:
    words = owner.send("/desk/first-steps/put-away")
    assert "The list is put away." in words
    assert "First steps: " not in words
    assert "Show it on Today again" in owner.read("/desk/practice")
    assert "First steps: 0 of 8 done" in owner.send("/desk/first-steps/bring-back")


def test_only_owners_see_it(app: Flask, client: FlaskClient) -> None:
    office = make_office(practice={"first_steps_put_away_at": None})
    make_service(office.practice)
    front_desk = as_front_desk(app, office)
    assert "First steps" not in front_desk.read("/desk")
    for path in ("/desk/first-steps/put-away", "/desk/therapists/myself", "/desk/therapists/video"):
        assert front_desk.post(path).status_code == 403
