"""Somebody with two practices: invited to the second, changing between them, and never in both at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.login_letters import NEUTRAL_SENDER
from telehealth.domain.ports import Email, Gateways
from telehealth.domain.words import Role
from telehealth.models import Client, User
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.delivery.sending import deliver_all
from telehealth.services.logins.inviting import Invitation, invite_person
from telehealth.services.logins.password_setting import ask_for_new_password
from telehealth.services.logins.second_factor import require_second_step
from telehealth.services.practice.people import sign_out_login, switch_login_off
from tests.factories import BY_STAFF, Office, book, make_client, make_office, make_user
from tests.factories.users import PASSWORD
from tests.fakes import FakeClock, FakeEmails
from tests.web.staff import Staff, sign_in, token_in, try_to_sign_in, words_of


@pytest.fixture
def riverside(client: FlaskClient) -> Office:
    return make_office(practice={"name": "Riverside", "sender_name": "Riverside"})


@pytest.fixture
def hilltop(client: FlaskClient) -> Office:
    return make_office(practice={"name": "Hilltop", "sender_name": "Hilltop"})


@pytest.fixture
def robin(riverside: Office) -> User:
    return make_user(riverside.practice, Role.OWNER, password=PASSWORD, email="robin@riverside.example")


@pytest.fixture
def there(robin: User, hilltop: Office) -> User:
    """The same at Hilltop."""
    return make_user(hilltop.practice, Role.FRONT_DESK, login=robin.login, name="Robin Rey")


@pytest.fixture
def desk(app: Flask, robin: User, there: User) -> Staff:
    staff = sign_in(app, robin)
    if "Practice: Riverside" not in staff.get("/desk").text:
        switch(staff, robin)
    return staff


def switch(staff: Staff, user: User) -> str:
    """With a form of the page that is open now; the words that follow, with whose desk it is in front."""
    staff.token = token_in(staff.get("/desk/account"))
    words = staff.send("/desk/account/practice", {"to": user.public_id})
    staff.token = token_in(staff.get("/desk/account"))
    return words


def deliver(app: Flask, gateways: Gateways, clock: FakeClock) -> list[Email]:
    emails = gateways.emails
    assert isinstance(emails, FakeEmails)
    before, addresses = len(emails.sent), app.extensions["addresses"]
    assert isinstance(addresses, Addresses)
    deliver_all(claim_messages(worker="w", addresses=addresses, limit=50, now=clock()), gateways=gateways, now=clock)
    return emails.sent[before:]


def link_in(email: Email) -> str:
    ((_, url),) = email.letter.actions
    return "/" + url.partition("://")[2].partition("/")[2]


def test_with_one_practice_there_is_nothing_to_choose(app: Flask, robin: User) -> None:
    assert "Practice: Riverside" not in sign_in(app, robin).get("/desk").text


def test_the_menu_changes_the_practice_of_this_sign_in_and_the_next_begins_there(
    app: Flask, robin: User, there: User, desk: Staff, clock: FakeClock
) -> None:
    phone = sign_in(app, robin)
    clock.advance(timedelta(minutes=1))
    page = desk.get("/desk").text
    assert "<summary>Practice: Riverside</summary>" in page
    assert f'value="{there.public_id}">Hilltop</button>' in page
    assert "You are at Hilltop now." in switch(desk, there)
    assert "<summary>Practice: Hilltop</summary>" in desk.get("/desk").text
    assert desk.get("/desk/people").status_code == 403, "there they are no owner"
    assert "<summary>Practice: Riverside</summary>" in phone.get("/desk").text
    assert "<summary>Practice: Hilltop</summary>" in sign_in(app, robin).get("/desk").text


def test_a_page_never_shows_the_other_practice(riverside: Office, hilltop: Office, there: User, desk: Staff) -> None:
    ours, theirs = (
        make_client(each.practice, name=name) for each, name in ((riverside, "Ana Ours"), (hilltop, "Theo Theirs"))
    )
    assert "Ana Ours" in desk.read("/desk/clients")
    assert "Theo Theirs" not in desk.read("/desk/clients")
    assert desk.get(f"/desk/clients/{theirs.public_id}").status_code == 404
    switch(desk, there)
    assert "Theo Theirs" in desk.read("/desk/clients")
    assert "Ana Ours" not in desk.read("/desk/clients")
    assert desk.get(f"/desk/clients/{ours.public_id}").status_code == 404


def test_a_form_of_the_practice_before_changes_nothing_in_this_one(
    riverside: Office, hilltop: Office, there: User, desk: Staff
) -> None:
    """Two tabs: one changed the practice, the other still shows a form of the first."""
    name, before = riverside.practice.name, desk.token
    switch(desk, there)
    new = desk.token
    desk.token = before
    answer = desk.post("/desk/clients/new", {"name": "Somebody Else", "email": "else@example.com"})
    assert answer.status_code == 400
    assert "since before you changed the practice" in words_of(answer)
    assert db.session.scalars(select(Client).where(Client.name == "Somebody Else")).all() == []
    note = "A long note about </textarea> what they agreed on."
    for origin, is_shown in (("http://localhost", True), ("https://elsewhere.example", False)):
        given = {"name": "Else", "note": note, "password": "my secret word"}
        page = desk.browser.post("/desk/clients/new", data=given, headers={"Origin": origin})
        assert page.status_code == 400
        assert ("&lt;/textarea&gt; what they agreed on." in page.text) == is_shown, "it can be copied from there"
        assert "my secret word" not in page.text
    appointment = book(riverside)
    desk.token = new  # Even with a token of today what is another practice's is not there.
    assert desk.post(f"/desk/appointments/{appointment.public_id}/cancel").status_code == 404
    assert riverside.practice.name == name


def test_an_open_page_of_the_practice_before_is_told_and_counts_nothing(robin: User, there: User, desk: Staff) -> None:
    assert f"/desk/counts?who={robin.public_id}" in desk.get("/desk").text
    assert desk.get(f"/desk/counts?who={robin.public_id}").status_code == 200
    switch(desk, there)
    answer = desk.get(f"/desk/counts?who={robin.public_id}")
    assert (answer.status_code, answer.json) == (409, {})


def test_nobody_turns_to_the_practice_of_somebody_else(desk: Staff, hilltop: Office) -> None:
    stranger = make_user(hilltop.practice)
    desk.token = token_in(desk.get("/desk/account"))
    assert desk.post("/desk/account/practice", {"to": stranger.public_id}).status_code == 404
    assert desk.post("/desk/account/practice", {"to": ""}).status_code == 404
    assert "<summary>Practice: Riverside</summary>" in desk.get("/desk").text


def test_a_practice_that_wants_a_newer_sign_in_says_so(
    hilltop: Office, there: User, desk: Staff, clock: FakeClock
) -> None:
    clock.advance(timedelta(minutes=1))
    sign_out_login(practice_id=hilltop.practice.id, person_public_id=there.public_id, by=BY_STAFF, now=clock())
    assert "Hilltop asks you to sign in anew" in switch(desk, there)
    assert "<summary>Practice: Riverside</summary>" in desk.get("/desk").text


def test_a_login_that_no_practice_lets_in_is_told_so_once_the_password_was_right(
    client: FlaskClient, robin: User, there: User, clock: FakeClock
) -> None:
    for user in (robin, there):
        make_user(user.practice, password=PASSWORD)
        switch_login_off(practice_id=user.practice_id, person_public_id=user.public_id, by=BY_STAFF, now=clock())
    wrong = words_of(try_to_sign_in(client, robin.email, "not the password"))
    assert "do not match a login here" in wrong
    assert "No practice lets this login in any more" not in wrong
    assert "No practice lets this login in any more" in words_of(try_to_sign_in(client, robin.email))


def test_whoever_is_switched_off_where_they_are_goes_on_at_the_other(
    app: Flask, robin: User, there: User, desk: Staff, clock: FakeClock
) -> None:
    switch(desk, there)
    switch_login_off(practice_id=there.practice_id, person_public_id=there.public_id, by=BY_STAFF, now=clock())
    assert desk.get("/desk").status_code == 302
    page = sign_in(app, robin).get("/desk").text
    assert "Riverside" in page
    assert "Hilltop" not in page


def test_a_second_step_that_one_practice_asks_for_is_asked_at_the_other_too(
    hilltop: Office, there: User, desk: Staff, clock: FakeClock
) -> None:
    require_second_step(practice_id=hilltop.practice.id, since=clock(), by=BY_STAFF, now=clock())
    assert desk.get("/desk/week").headers["Location"].endswith("/sign-in/authenticator")


def test_its_e_mails_name_no_practice_and_each_page_of_people_shows_its_own(
    app: Flask, riverside: Office, there: User, desk: Staff, gateways: Gateways, clock: FakeClock
) -> None:
    ask_for_new_password(email=there.email, by=BY_STAFF, now=clock())
    (email,) = deliver(app, gateways, clock)
    assert (email.sender_name, email.letter.closing[-1]) == (NEUTRAL_SENDER, NEUTRAL_SENDER)
    for office in (riverside, there):
        assert office.practice.name not in str(email)
    assert "Robin Rey" not in desk.read("/desk/people")


def test_whoever_has_a_login_signs_in_and_joins_with_a_button(
    app: Flask, robin: User, hilltop: Office, gateways: Gateways, clock: FakeClock
) -> None:
    owner = sign_in(app, make_user(hilltop.practice, password=PASSWORD, name="Olga"))
    invitation = {"name": "Robin Rey", "email": "Robin@riverside.example", "roles": ["front_desk"]}
    assert "is on its way" in owner.send("/desk/people/invite", invitation)
    assert "Robin Rey Front desk · Robin@riverside.example Invited, link until" in owner.read("/desk/people")
    link = link_in(deliver(app, gateways, clock)[0])
    browser = app.test_client()
    page = browser.get(link)
    assert "You have a login with Robin@riverside.example already" in words_of(page)
    assert f'href="/sign-in?next={link}"' in page.text
    kept = {"csrf_token": token_in(browser.get("/sign-in")), "new_password": "seven green umbrellas"}
    browser.post(link, data={**kept, "new_password_again": kept["new_password"]})  # A form of somebody's own making.
    answer = try_to_sign_in(browser, robin.email, next=link)
    assert answer.headers["Location"].endswith(link)
    page = browser.get(link)
    assert "Join Hilltop" in words_of(page)
    answer = browser.post(link, data={"csrf_token": token_in(page)}, follow_redirects=True)
    assert "Welcome, Robin Rey. You are at Hilltop now" in words_of(answer)
    assert "<summary>Practice: Hilltop</summary>" in answer.text
    assert browser.get(link).status_code == 404, "once"
    assert "Invited" not in owner.read("/desk/people")
    assert "Accepted the invitation" in owner.read("/desk/changes")
    assert {each.practice_id for each in robin.login.users} == {robin.practice_id, hilltop.practice.id}


def test_an_invitation_is_not_joined_by_another_login(
    app: Flask, robin: User, hilltop: Office, gateways: Gateways, clock: FakeClock
) -> None:
    wanted = Invitation("Robin Rey", robin.email, [Role.FRONT_DESK])
    invite_person(practice_id=hilltop.practice.id, invitation=wanted, by=BY_STAFF, now=clock())
    link = link_in(deliver(app, gateways, clock)[0])
    other = sign_in(app, make_user(robin.practice, password=PASSWORD, email="other@riverside.example"))
    page = other.read(link)
    assert "You are signed in with other@riverside.example. Please sign out" in page
    assert "Join" not in page
    assert other.post(link).status_code == 403
    assert "Join Hilltop" in sign_in(app, robin).read(link), "the link still works for whom it is"
