"""People, as the owner sets them; and what those see who only look on."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.domain.words import Role
from telehealth.models import User
from telehealth.queries.practice.staff import list_people
from tests.factories import Office, book, make_office, make_therapist, make_user
from tests.factories.users import PASSWORD
from tests.web.staff import Staff, as_front_desk, as_therapist, sign_in

LED_TO = re.compile(r'(?:href|action)="(/desk[^"]*)"')


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def robin(office: Office) -> User:
    return make_user(office.practice, name="Robin Reed", password=PASSWORD)


@pytest.fixture
def owner(app: Flask, robin: User) -> Staff:
    return sign_in(app, robin)


def test_roles_are_added_and_taken_away(owner: Staff, office: Office) -> None:
    sam = make_user(office.practice, Role.FRONT_DESK, name="Sam Hill", invited_email="sam@riverside.example")
    make_user(office.practice, Role.BILLER, name="Al Bell", email="al@riverside.example", password=PASSWORD)
    words = owner.read("/desk/people")
    assert "Al Bell Biller · al@riverside.example Has not signed in yet" in words
    assert "Dana Rivera Sees clients, has no login" in words
    assert "Sam Hill Front desk · sam@riverside.example Has no login yet" in words
    page = f"/desk/people/{sam.public_id}"
    assert "Therapist:" not in owner.read(page)  # Sam sees no clients.
    words = owner.send(f"{page}/roles", {"roles": ["front_desk", "biller"]})
    assert "Saved: Sam Hill is front desk and biller here." in words
    assert "Login: Sam Hill" in owner.read("/desk/changes")
    answer = owner.post(f"{page}/roles", {"roles": []})
    assert answer.status_code == 422
    assert "Please choose at least one role" in answer.text


def test_a_login_is_switched_off_and_on_and_signed_out(app: Flask, owner: Staff, office: Office) -> None:
    dana = as_therapist(app, office)
    page = f"/desk/people/{_login_of(office)}"
    assert "is signed out here, on every device" in owner.send(f"{page}/sign-out")
    assert dana.get("/desk/week").status_code == 302
    assert "was signed in nowhere" in owner.send(f"{page}/sign-out")
    assert "no time of theirs is offered" in owner.send(f"{page}/off")
    assert "Cannot sign in" in owner.read("/desk/people")
    assert "can sign in again, with the password they had" in owner.send(f"{page}/on")


def test_the_last_owner_is_told_why_they_stay(owner: Staff, robin: User, office: Office) -> None:
    page = f"/desk/people/{robin.public_id}"
    for path, form in (("roles", {"roles": ["front_desk"]}), ("off", {})):
        answer = owner.post(f"{page}/{path}", form)
        assert answer.status_code == 422
        assert "Nobody else could decide for the practice" in answer.text
    make_user(office.practice, password=PASSWORD)
    assert owner.post(f"{page}/roles", {"roles": ["front_desk"]}).location == "/desk"
    assert owner.get("/desk/people").status_code == 403


def test_only_owners_decide_it(app: Flask, office: Office, robin: User) -> None:
    for staff in (as_front_desk(app, office), as_therapist(app, office)):
        assert staff.get("/desk/people").status_code == 403
        assert staff.post(f"/desk/people/{robin.public_id}/off").status_code == 403
        assert staff.post(f"/desk/people/{robin.public_id}/roles", {"roles": ["biller"]}).status_code == 403


def test_another_practices_people_are_not_there(owner: Staff) -> None:
    theirs = make_user(make_office().practice)
    assert owner.get(f"/desk/people/{theirs.public_id}").status_code == 404
    for what in ("roles", "off", "on", "sign-out"):
        assert owner.post(f"/desk/people/{theirs.public_id}/{what}", {"roles": ["owner"]}).status_code == 404


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.BILLER])
def test_whoever_looks_on_reads_the_week_and_changes_nothing(app: Flask, office: Office, role: Role) -> None:
    appointment = book(office)
    viewer = sign_in(app, make_user(office.practice, role, password=PASSWORD))
    assert viewer.get("/desk").location == "/desk/week"
    week = viewer.read("/desk/week")
    assert "Why is a time not offered?" not in week
    answer = viewer.get(f"/desk/appointments/{appointment.public_id}")
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    assert answer.status_code == 200
    assert appointment.attendees[0].name in main
    assert "<form" not in main
    assert ("What happened" in main) is (role == Role.SUPERVISOR)
    assert viewer.post(f"/desk/appointments/{appointment.public_id}/cancel").status_code == 403
    assert viewer.get(f"/desk/clients/{appointment.attendees[0].client.public_id}").status_code == 403


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.BILLER])
def test_nothing_is_shown_that_whoever_looks_on_may_not_open(app: Flask, office: Office, role: Role) -> None:
    make_therapist(office.practice, office.service, name="Zoe Adams")
    appointment = book(office)
    viewer = sign_in(app, make_user(office.practice, role, password=PASSWORD))
    pages = ["/desk/week", f"/desk/appointments/{appointment.public_id}", "/desk/account"]
    pages += ["/desk/messages/report"] if role == Role.SUPERVISOR else []
    led_to = {
        found.partition("#")[0].replace("&amp;", "&")
        for page in pages
        for found in LED_TO.findall(viewer.get(page).text)
    }
    assert f"/desk/appointments/{appointment.public_id}" in led_to
    assert {each for each in led_to if viewer.get(each).status_code == 403} == set()


def _login_of(office: Office) -> str:
    return next(each.user.public_id for each in list_people(office.practice.id) if each.therapist and each.user)
