"""One's own password and sign-ins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db, transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.inbox.alert_steps import AlertWay
from telehealth.domain.words import Role
from telehealth.models import PracticeEvent, Therapist, User
from telehealth.queries.practice.api_tokens import find_api_token
from telehealth.services.practice.sign_ins import begin_sign_in
from telehealth.services.practice.token_issuing import issue_token
from telehealth.web.headers import limiter
from tests import databases
from tests.factories import BY_STAFF, Office, make_office, make_practice, make_user
from tests.factories.users import PASSWORD
from tests.fakes import FakeClock
from tests.web.staff import Staff, as_owner, as_therapist, filled_in, sign_in, try_to_sign_in, words_of

IDLE_LIMIT = timedelta(minutes=60)

ACCOUNT, CHANGE, END = "/desk/account", "/desk/account/password", "/desk/account/sign-ins/end"
NEW = "teapot über alles 7"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def user(office: Office) -> User:
    return make_user(office.practice, Role.FRONT_DESK, password=PASSWORD)


@pytest.fixture
def somebody(app: Flask, user: User) -> Staff:
    return sign_in(app, user)


def form(**given: str) -> dict[str, str]:
    again = given.get("new_password", NEW)
    return {"current_password": PASSWORD, "new_password": NEW, "new_password_again": again, **given}


def is_signed_in(who: Staff) -> bool:
    return who.get("/desk").status_code == 200


@pytest.mark.parametrize("role", [Role.OWNER, Role.THERAPIST, Role.FRONT_DESK])
def test_everybody_finds_it_under_their_name(app: Flask, office: Office, role: Role) -> None:
    who = sign_in(app, make_user(office.practice, role, password=PASSWORD, email="robin@riverside.example"))
    header = who.get("/desk/week").text.partition("</header>")[0]
    assert 'href="/desk/account"' in header.partition("Robin Reed")[0]
    assert "You sign in with robin@riverside.example." in who.read(ACCOUNT)


def test_the_password_is_changed(app: Flask, user: User, somebody: Staff) -> None:
    phone = sign_in(app, user)
    assert "Your password is changed. Everywhere else you are signed out." in somebody.send(CHANGE, form())
    assert is_signed_in(somebody)
    assert not is_signed_in(phone)
    assert try_to_sign_in(app.test_client(), user.email).status_code == 200, "the old one is of no use"
    assert try_to_sign_in(app.test_client(), user.email, NEW).status_code == 302


def test_programs_are_shut_out_with_the_old_password(user: User, somebody: Staff, clock: FakeClock) -> None:
    tokens = [
        issue_token(practice_id=user.practice_id, user_id=user.id, name=name, by=BY_STAFF, now=clock()) for name in "AB"
    ]
    page = somebody.get(ACCOUNT)
    assert "Shut out the 2 programs that act for me" in words_of(page)
    assert filled_in(page.text)["ends_tokens"] == ["y"], "ticked unless somebody unticks it"
    assert "Programs that acted for you are shut out" in somebody.send(CHANGE, form(ends_tokens="y"))
    assert [find_api_token(each) for each in tokens] == [None, None]
    with transaction() as session:
        said = session.query(PracticeEvent).filter_by(subject=AuditSubject.API_TOKEN, action=AuditAction.ENDED).all()
    assert [(each.name, each.user_id) for each in said] == [("A", user.id), ("B", user.id)]
    assert "Shut out" not in somebody.read(ACCOUNT)


def test_programs_go_on_when_that_is_wished(office: Office, user: User, somebody: Staff, clock: FakeClock) -> None:
    other = make_user(office.practice)
    own, theirs = (
        issue_token(practice_id=user.practice_id, user_id=each.id, name="A", by=BY_STAFF, now=clock())
        for each in (user, other)
    )
    answer = somebody.post(CHANGE, form(new_password_again="not the same"))
    assert "ends_tokens" not in filled_in(answer.text), "unticked it stays"
    somebody.send(CHANGE, form())
    assert find_api_token(own) is not None
    somebody.send(CHANGE, form(current_password=NEW, new_password="a second teapot", ends_tokens="y"))
    assert find_api_token(own) is None
    assert find_api_token(theirs) is not None, "a colleague's"


def test_the_sign_in_that_changed_it_goes_on_and_can_end(somebody: Staff, clock: FakeClock) -> None:
    clock.advance(timedelta(minutes=20))
    words = somebody.send(CHANGE, form())
    assert "Signed in Mon, Nov 23 at 9:00 AM MST Last seen Mon, Nov 23 at 9:20 AM MST This one" in words
    somebody.send("/sign-out")
    assert not is_signed_in(somebody)


def test_a_copy_of_the_cookie_does_not_survive_the_change(app: Flask, somebody: Staff) -> None:
    copied = somebody.browser.get_cookie("session")
    assert copied is not None
    somebody.send(CHANGE, form())
    thief = app.test_client()
    thief.set_cookie("session", copied.value)
    assert thief.get("/desk").status_code == 302


def test_it_can_be_changed_twice_in_one_sign_in(somebody: Staff) -> None:
    somebody.send(CHANGE, form())
    somebody.send(CHANGE, form(current_password=NEW, new_password="a second teapot"))
    assert is_signed_in(somebody)


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"current_password": "guess"}, "current_password", "This is not your password."),
        ({"current_password": ""}, "current_password", "This is not your password."),
        ({"new_password": "seven 7"}, "new_password", "Please use at least 8 characters."),
        ({"new_password": ""}, "new_password", "Please use at least 8 characters."),
        ({"new_password": "Password123"}, "new_password", "This would be guessed soon"),
        ({"new_password": "ROBIN@riverside.example"}, "new_password", "Please do not use your e-mail address."),
        ({"new_password_again": "teapot"}, "new_password_again", "The two are not the same."),
    ],
)
def test_what_cannot_be_is_explained_at_its_field(
    app: Flask, office: Office, given: dict[str, str], field: str, sentence: str
) -> None:
    user = make_user(office.practice, password=PASSWORD, email="robin@riverside.example")
    somebody, phone = sign_in(app, user), sign_in(app, user)
    answer = somebody.post(CHANGE, form(**given))
    assert answer.status_code == 422
    assert f'<a href="#{field}">{sentence}' in answer.text or sentence in words_of(answer).partition("Your account")[0]
    assert f'id="{field}-error"' in answer.text
    assert NEW not in answer.text
    assert PASSWORD not in answer.text
    assert is_signed_in(phone)
    assert try_to_sign_in(app.test_client(), user.email).status_code == 302


def test_everything_that_is_wrong_is_said_at_once(somebody: Staff) -> None:
    words = words_of(somebody.post(CHANGE, {"new_password": "short"}))
    for sentence in ("This is not your password.", "Please use at least 8 characters.", "The two are not the same."):
        assert sentence in words


def test_the_fields_work_with_password_managers(somebody: Staff) -> None:
    page = somebody.get(ACCOUNT).text
    assert page.count('autocomplete="new-password"') == 2
    for part in ('autocomplete="current-password"', 'autocomplete="username"'):
        assert part in page
    assert "maxlength" not in page
    assert "onpaste" not in page


def test_only_ones_own_sign_ins_are_listed(app: Flask, office: Office, user: User, clock: FakeClock) -> None:
    idle = sign_in(app, user)
    as_owner(app, office)
    clock.advance(IDLE_LIMIT)
    phone = sign_in(app, user)
    clock.advance(timedelta(minutes=5))
    desk = sign_in(app, user)
    words = desk.read(ACCOUNT)
    assert words.count("Signed in Mon") == 2
    assert "Signed in Mon, Nov 23 at 10:05 AM MST Last seen Mon, Nov 23 at 10:05 AM MST This one" in words
    ten = "Mon, Nov 23 at 10:00 AM MST"
    assert f"Signed in {ten} Last seen {ten} Sign out the browser signed in {ten} Sign out everywhere else" in words
    assert not is_signed_in(idle)
    assert is_signed_in(phone)


def test_one_of_them_is_ended_from_here(app: Flask, office: Office, user: User, clock: FakeClock) -> None:
    phone, other = sign_in(app, user), as_owner(app, office)
    clock.advance(timedelta(minutes=5))
    desk = sign_in(app, user)
    address = re.search(r'action="(/desk/account/sign-ins/[^"]+/end)"', desk.get(ACCOUNT).text)
    assert address
    assert other.post(address[1]).status_code == 404, "it is nobody else's"
    assert is_signed_in(phone)
    assert "That browser is signed out." in desk.send(address[1])
    assert not is_signed_in(phone)
    assert is_signed_in(desk)
    assert desk.post(address[1]).status_code == 302, "once more is no fault"
    [line] = db.session.scalars(select(PracticeEvent).where(PracticeEvent.subject == AuditSubject.SIGN_INS))
    assert (line.action, line.details) == (AuditAction.ENDED, {"count": 1})


def test_a_long_list_is_folded(user: User, somebody: Staff, clock: FakeClock) -> None:
    for number in range(7):
        begin_sign_in(login_id=user.login_id, now=clock(), browser=f"Browser {number}")
    words = somebody.read(ACCOUNT)
    assert words.count("Sign out the browser") == 7
    assert "3 more" in words


def test_signing_out_everywhere_else(app: Flask, office: Office, user: User, somebody: Staff) -> None:
    phone, owner = sign_in(app, user), as_owner(app, office)
    words = somebody.send(END)
    assert "Everywhere else you are signed out." in words
    assert "You are signed in nowhere else." in words
    assert is_signed_in(somebody)
    assert not is_signed_in(phone)
    assert is_signed_in(owner), "others are left alone"


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Any]:
    """A service that counts; the limiter is one for the process, so it is put back."""
    url = databases.sqlite(tmp_path / "limited.db")
    with databases.migrated_app(url, folder=tmp_path, RATE_LIMITS=True) as app:
        yield app
    limiter.enabled = False
    limiter.reset()


def test_guessing_is_slow_for_one_login_and_leaves_others_alone(limited: Flask) -> None:
    with limited.app_context():
        practice = make_practice()
        users = [make_user(practice, password=PASSWORD) for _ in range(2)]
    somebody, colleague = (sign_in(limited, user) for user in users)
    answers = [somebody.post(CHANGE, form(current_password=f"guess {number}")) for number in range(12)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429] * 2
    assert "Wait a minute, then try again." in words_of(answers[-1])
    assert 'class="desk-nav"' in answers[-1].text
    assert colleague.post(CHANGE, form()).status_code == 302


def test_a_therapist_says_where_they_are_texted_when_something_must_not_wait(app: Flask, office: Office) -> None:
    who = as_therapist(app, office)
    assert "Saved." in who.send(f"{ACCOUNT}/alerts", {"phone": "(303) 555-0140"})
    therapist = db.session.get_one(Therapist, office.therapist.id, populate_existing=True)
    assert therapist.phone == "+13035550140"
    answer = who.post(f"{ACCOUNT}/alerts", {"phone": "12"})
    assert answer.status_code == 422
    assert 'value="12"' in answer.text
    changes = as_owner(app, office).read("/desk/changes")
    assert "Number for alerts" in changes
    assert "You are e-mailed only." in who.send(f"{ACCOUNT}/alerts", {"phone": ""})


def test_whoever_gives_no_care_is_told_too_and_says_how(app: Flask, office: Office) -> None:
    """They are on duty like everybody else."""
    owner = as_owner(app, office)
    assert "Saved." in owner.send(f"{ACCOUNT}/alerts", {"phone": "(303) 555-0140", "way": "text"})
    login = db.session.scalars(select(User).where(User.alert_phone == "+13035550140")).one()
    assert login.alert_way == AlertWay.TEXT
    answer = owner.post(f"{ACCOUNT}/alerts", {"phone": "", "way": "text"})
    assert answer.status_code == 422
    assert "Please give a number first." in words_of(answer)
