"""Passkeys: adding and removing them, signing in with them, and everything that is no passkey of this login."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from telehealth.database import db, transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.domain.passkeys import ANSWERED_WITHIN, MOST
from telehealth.domain.words import Role
from telehealth.models import Login, LoginLetter, Passkey, Practice, PracticeEvent, RecoveryCode, User
from telehealth.services.logins.passkeys import NewPasskey, add_passkey
from telehealth.services.logins.password_setting import ask_for_new_password
from telehealth.services.logins.second_factor import keep_authenticator, make_recovery_codes
from tests.factories import BY_STAFF, Office, make_office, make_user
from tests.factories.users import PASSWORD
from tests.fakes import FakeClock
from tests.passkey_device import Device, question_in
from tests.web.staff import Staff, sign_in, token_in, try_to_sign_in, words_of

NEW, SIGN_IN, AGAIN = "/sign-in/passkeys/new", "/sign-in/passkey", "/sign-in/again/passkey"
LATER = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _at_an_address_with_a_name(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "PUBLIC_URL", "http://localhost")


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def user(office: Office) -> User:
    return make_user(office.practice, password=PASSWORD)


@pytest.fixture
def owner(app: Flask, user: User) -> Staff:
    return sign_in(app, user)


def add(somebody: Staff, device: Device | None = None, name: str = "Work laptop") -> Device:
    device = device or Device()
    answer = somebody.post(NEW, {"name": name, "passkey": device.make(question_in(somebody.get(NEW).text))})
    assert answer.status_code == 302, words_of(answer)
    return device


def show(
    browser: FlaskClient, device: Device, clock: FakeClock, path: str = SIGN_IN, change: Callable[[str], str] = str
) -> TestResponse:
    clock.advance(LATER)
    page = browser.get(path)
    return browser.post(
        path, data={"csrf_token": token_in(page), "passkey": change(device.show(question_in(page.text)))}
    )


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/desk/week").status_code == 200


def lines() -> list[AuditAction]:
    found = select(PracticeEvent.action).where(PracticeEvent.subject == AuditSubject.PASSKEY)
    return list(db.session.scalars(found.order_by(PracticeEvent.id)))


def letters() -> list[LoginLetterKind]:
    return list(db.session.scalars(select(LoginLetter.kind).order_by(LoginLetter.id)))


def kept(user: User) -> list[Passkey]:
    db.session.expire_all()
    return list(db.session.scalars(select(Passkey).where(Passkey.login_id == user.login_id).order_by(Passkey.id)))


def test_a_passkey_alone_signs_in(client: FlaskClient, owner: Staff, user: User, clock: FakeClock) -> None:
    device = add(owner)
    question = question_in(client.get(SIGN_IN).text)
    assert question["allowCredentials"] == [], "nobody learns who has one"
    assert (question["rpId"], question["userVerification"]) == ("localhost", "required")
    answer = show(client, device, clock)
    assert answer.headers["Location"].endswith("/desk"), words_of(answer)
    assert is_in(client)
    assert user.email in client.get("/desk/account").text
    assert [each.used_at for each in kept(user)] == [clock()]


def test_where_they_wanted_to_be_is_kept_and_is_here(
    app: Flask, client: FlaskClient, owner: Staff, clock: FakeClock
) -> None:
    device = add(owner)
    wanted = f"{SIGN_IN}?next=/desk/week?week=2026-W48"
    assert show(client, device, clock, wanted).headers["Location"] == "/desk/week?week=2026-W48"
    elsewhere = show(app.test_client(), device, clock, f"{SIGN_IN}?next=https://evil.example/")
    assert elsewhere.headers["Location"].endswith("/desk")


def test_what_changes_is_written_down_and_told(owner: Staff, user: User) -> None:
    add(owner)
    (passkey,) = kept(user)
    assert "Work laptop" in owner.read("/desk/account")
    assert "You sign in with your password alone then" in owner.read(f"/sign-in/passkeys/{passkey.public_id}/remove")
    assert "is removed" in owner.send(f"/sign-in/passkeys/{passkey.public_id}/remove")
    assert kept(user) == []
    assert lines() == [AuditAction.ADDED, AuditAction.REMOVED]
    assert letters() == [LoginLetterKind.PASSKEY_ADDED, LoginLetterKind.PASSKEY_REMOVED]
    changes = owner.read("/desk/changes")
    assert "Passkey" in changes
    assert "Work laptop" in changes


def test_after_the_password_one_of_the_login_is_asked_for(
    app: Flask, client: FlaskClient, owner: Staff, office: Office, user: User, clock: FakeClock
) -> None:
    device = add(owner, Device(verifies=False))
    other = make_user(office.practice, password=PASSWORD)
    foreign = add(sign_in(app, other))
    answer = try_to_sign_in(client, user.email, next="/desk/week")
    assert SIGN_IN in answer.headers["Location"]
    assert not is_in(client)
    question = question_in(client.get(answer.headers["Location"]).text)
    assert [each["id"] for each in question["allowCredentials"]] == [each.credential_id for each in kept(user)]
    assert "does not open a login here" in words_of(show(client, foreign, clock))
    assert not is_in(client)
    assert show(client, device, clock, answer.headers["Location"]).headers["Location"] == "/desk/week"
    assert user.email in client.get("/desk/account").text


def test_alone_it_must_tell_who_holds_it(client: FlaskClient, owner: Staff, clock: FakeClock) -> None:
    device = add(owner, Device(verifies=False))
    assert "did not check that it is you" in words_of(show(client, device, clock))
    assert not is_in(client)


def test_with_an_app_too_its_code_is_asked_for_and_a_passkey_will_do(
    client: FlaskClient, owner: Staff, user: User, clock: FakeClock, app: Flask
) -> None:
    device = add(owner)
    secret = app.extensions["users"].apps.generate_totp_secret()
    keep_authenticator(login_id=user.login_id, secret=secret, by=BY_STAFF, now=clock())
    sent = try_to_sign_in(client, user.email).headers["Location"]
    assert "/sign-in/code" in sent
    assert "Use a passkey instead" in words_of(client.get(sent))
    assert show(client, device, clock).status_code == 302
    assert is_in(client)


def test_recovery_codes_still_serve(client: FlaskClient, owner: Staff, user: User, clock: FakeClock) -> None:
    add(owner)
    code, *_ = make_recovery_codes(login_id=user.login_id, by=BY_STAFF, now=clock())
    sent = try_to_sign_in(client, user.email).headers["Location"]
    assert "Use a recovery code" in words_of(client.get(sent))
    page = client.get("/sign-in/recovery")
    assert "Use a passkey instead" in words_of(page)
    client.post("/sign-in/recovery", data={"csrf_token": token_in(page), "code": code})
    assert is_in(client)


def test_with_the_last_one_the_recovery_codes_end(owner: Staff, user: User, clock: FakeClock) -> None:
    add(owner)
    add(owner, name="Phone")
    make_recovery_codes(login_id=user.login_id, by=BY_STAFF, now=clock())
    one, other = kept(user)
    owner.post(f"/sign-in/passkeys/{one.public_id}/remove")
    assert db.session.scalars(select(RecoveryCode.id)).all()
    owner.post(f"/sign-in/passkeys/{other.public_id}/remove")
    assert db.session.scalars(select(RecoveryCode.id)).all() == []


def test_a_practice_that_asks_everybody_takes_a_passkey(
    owner: Staff, office: Office, user: User, clock: FakeClock
) -> None:
    with transaction() as session:
        session.get_one(Practice, office.practice.id).second_step_since = clock()
    assert owner.get("/desk/week").status_code == 302
    assert "add a passkey" in words_of(owner.get("/sign-in/authenticator"))
    add(owner)
    assert owner.get("/desk/week").status_code == 200
    (passkey,) = kept(user)
    answer = owner.post(f"/sign-in/passkeys/{passkey.public_id}/remove")
    assert (answer.status_code, "asks everybody for a second step" in words_of(answer)) == (422, True)
    assert kept(user)
    add(owner, name="Phone")
    assert owner.post(f"/sign-in/passkeys/{passkey.public_id}/remove").status_code == 302


def test_the_app_may_go_where_a_passkey_stays(
    app: Flask, owner: Staff, office: Office, user: User, clock: FakeClock
) -> None:
    add(owner)
    secret = app.extensions["users"].apps.generate_totp_secret()
    keep_authenticator(login_id=user.login_id, secret=secret, by=BY_STAFF, now=clock())
    make_recovery_codes(login_id=user.login_id, by=BY_STAFF, now=clock())
    with transaction() as session:
        session.get_one(Practice, office.practice.id).second_step_since = clock()
    assert "Ask for my passkeys only" in words_of(owner.get("/sign-in/authenticator"))
    owner.post("/sign-in/authenticator", {"setup": "disable"})
    assert db.session.get_one(Login, user.login_id, populate_existing=True).authenticator_secret is None
    assert db.session.scalars(select(RecoveryCode.id)).all(), "they serve the passkeys"


FORGED: dict[str, tuple[dict[str, Any], str]] = {
    "another origin": ({"origin": "https://localhost.evil.example"}, "does not open a login here"),
    "another port": ({"origin": "http://localhost:8080"}, "does not open a login here"),
    "another site": ({"site": "evil.example"}, "does not open a login here"),
    "somebody else's handle": ({"owner": "c29tZWJvZHktZWxzZQ"}, "does not open a login here"),
    "another key": ({"key": Device().key}, "does not open a login here"),
    "an unknown passkey": ({"credential_id": b"somebody"}, "does not open a login here"),
}


@pytest.mark.parametrize("lie", FORGED)
def test_what_is_forged_opens_nothing(client: FlaskClient, owner: Staff, clock: FakeClock, lie: str) -> None:
    given, sentence = FORGED[lie]
    forged = add(owner).copy(**given)
    answer = show(client, forged, clock)
    assert (answer.status_code, sentence in words_of(answer)) == (422, True)
    assert not is_in(client)


@pytest.mark.parametrize(
    "odd",
    ["", "{}", "[]", "null", "[" * 30_000, '{"id":1}', "\0", "\ud800", '{"id":"a","rawId":"é","type":"public-key"}'],
)
@pytest.mark.parametrize("path", [SIGN_IN, NEW])
def test_odd_answers_are_no_passkeys(owner: Staff, client: FlaskClient, clock: FakeClock, path: str, odd: str) -> None:
    add(owner)
    browser = owner.browser if path == NEW else client
    page = browser.get(path)
    form = {"csrf_token": token_in(page), "name": "Odd", "passkey": odd.encode("utf-8", "surrogatepass")}
    assert browser.post(path, data=form).status_code == 422


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
def test_broken_parts_are_refused(client: FlaskClient, owner: Staff, clock: FakeClock, part: str) -> None:
    device = add(owner)
    for broken in ("", "A", "AAAA", "!!!!", "A" * 5_000):
        answer = show(client, device, clock, change=lambda said, to=broken: _put(said, part, to))  # type: ignore[misc]
        assert (answer.status_code, is_in(client)) == (422, False), broken


def _put(said: str, part: str, to: str) -> str:
    answer = json.loads(said)
    answer["response"][part] = to
    return json.dumps(answer)


def test_an_answer_counts_once_even_with_the_cookie_of_before(
    app: Flask, client: FlaskClient, owner: Staff, clock: FakeClock
) -> None:
    device = add(owner)
    clock.advance(LATER)
    page = client.get(SIGN_IN)
    cookie = client.get_cookie("session")
    assert cookie is not None
    form = {"csrf_token": token_in(page), "passkey": device.show(question_in(page.text))}
    assert client.post(SIGN_IN, data=form).status_code == 302
    thief = app.test_client()
    thief.set_cookie("session", cookie.value)
    clock.advance(LATER)
    answer = thief.post(SIGN_IN, data=form)
    assert (answer.status_code, "Please try again" in words_of(answer)) == (422, True)
    assert not is_in(thief)


def test_an_answer_serves_nothing_but_what_was_asked(client: FlaskClient, owner: Staff, clock: FakeClock) -> None:
    device = add(owner)
    clock.advance(LATER)
    again = question_in(owner.get(AGAIN).text)
    token = token_in(client.get(SIGN_IN))
    assert client.post(SIGN_IN, data={"csrf_token": token, "passkey": device.show(again)}).status_code == 422
    owner.get(NEW)  # Another question in the same browser.
    assert owner.post(AGAIN, {"passkey": device.show(again)}).status_code == 422


def test_an_answer_that_comes_late_does_not_count(client: FlaskClient, owner: Staff, clock: FakeClock) -> None:
    device = add(owner)
    page = client.get(SIGN_IN)
    clock.advance(ANSWERED_WITHIN)
    form = {"csrf_token": token_in(page), "passkey": device.show(question_in(page.text))}
    assert "took a while" in words_of(client.post(SIGN_IN, data=form))
    assert not is_in(client)


def test_a_removed_passkey_opens_nothing(client: FlaskClient, owner: Staff, user: User, clock: FakeClock) -> None:
    device = add(owner)
    page = client.get(SIGN_IN)
    owner.post(f"/sign-in/passkeys/{kept(user)[0].public_id}/remove")
    form = {"csrf_token": token_in(page), "passkey": device.show(question_in(page.text))}
    assert client.post(SIGN_IN, data=form).status_code == 422
    assert not is_in(client)
    assert try_to_sign_in(client, user.email).headers["Location"].endswith("/desk"), "the password is enough again"


def test_a_login_that_was_switched_off_stays_out(
    client: FlaskClient, owner: Staff, user: User, clock: FakeClock
) -> None:
    device = add(owner)
    with transaction() as session:
        session.get_one(User, user.id).active = False
    assert show(client, device, clock).status_code == 422
    assert not is_in(client)


def test_a_copy_is_noticed_by_what_it_counts_and_the_owner_is_told(
    app: Flask, client: FlaskClient, owner: Staff, user: User, clock: FakeClock
) -> None:
    device = add(owner, Device(counts=7))
    copy = device.copy()
    assert show(client, device, clock).status_code == 302
    thief = app.test_client()
    for _ in range(2):
        copy.counts = 8
        answer = show(thief, copy, clock)
        assert (answer.status_code, "looks like a copy" in words_of(answer)) == (422, True)
    assert not is_in(thief)
    assert letters().count(LoginLetterKind.PASSKEY_COPIED) == 1, "once, however often somebody tries"
    assert show(app.test_client(), device, clock).status_code == 302


@pytest.mark.parametrize("path", [NEW, "/sign-in/passkeys/{}/remove"])
def test_whoever_signed_in_long_ago_proves_again_who_it_is(
    owner: Staff, user: User, clock: FakeClock, path: str
) -> None:
    device = add(owner)
    path = path.format(kept(user)[0].public_id)
    with owner.browser.session_transaction() as session:
        session["fs_paa"] -= 3_600
        session.pop("fs_gexp", None)
    sent = owner.get(path).headers["Location"]
    assert "/sign-in/again" in sent
    assert "/sign-in/again" in owner.post(path, {"name": "Odd"}).headers["Location"]
    assert len(kept(user)) == 1
    assert "Use a passkey instead" in words_of(owner.get(sent))
    answer = show(owner.browser, device, clock, f"{AGAIN}?next={path}")
    assert answer.headers["Location"] == path
    with owner.browser.session_transaction() as session:
        assert session["fs_paa"] == clock().timestamp()


def test_somebody_elses_passkey_proves_nothing(app: Flask, owner: Staff, office: Office, clock: FakeClock) -> None:
    add(owner)
    foreign = add(sign_in(app, make_user(office.practice, password=PASSWORD)))
    with owner.browser.session_transaction() as session:
        before = session["fs_paa"]
    assert show(owner.browser, foreign, clock, AGAIN).status_code == 422
    with owner.browser.session_transaction() as session:
        assert session["fs_paa"] == before


def test_nobody_takes_a_passkey_off_somebody_else(app: Flask, owner: Staff, office: Office, user: User) -> None:
    add(owner)
    (passkey,) = kept(user)
    other = sign_in(app, make_user(office.practice, Role.FRONT_DESK, password=PASSWORD))
    assert other.get(f"/sign-in/passkeys/{passkey.public_id}/remove").status_code == 404
    assert other.post(f"/sign-in/passkeys/{passkey.public_id}/remove").status_code == 404
    assert kept(user)


def test_one_passkey_is_of_one_login(app: Flask, owner: Staff, office: Office, user: User) -> None:
    device = add(owner)
    other = sign_in(app, make_user(office.practice, password=PASSWORD))
    answer = other.post(NEW, {"name": "Mine", "passkey": device.make(question_in(other.get(NEW).text))})
    assert (answer.status_code, "is here already" in words_of(answer)) == (422, True)


def test_what_is_typed_stays_and_needs_a_name_of_its_own(owner: Staff, user: User) -> None:
    add(owner)
    assert "give it a name" in words_of(owner.post(NEW, {"name": " "}))
    again = Device()
    answer = owner.post(NEW, {"name": "work LAPTOP", "passkey": again.make(question_in(owner.get(NEW).text))})
    assert "of this name" in words_of(answer)
    assert 'value="work LAPTOP"' in answer.text
    assert len(kept(user)) == 1


def test_there_is_an_end_to_how_many(owner: Staff, user: User, clock: FakeClock) -> None:
    for number in range(MOST):
        made = NewPasskey(f"id{number}", "key", 0)
        add_passkey(login_id=user.login_id, name=f"Key {number}", made=made, by=BY_STAFF, now=clock())
    answer = owner.post(NEW, {"name": "More", "passkey": Device().make(question_in(owner.get(NEW).text))})
    assert "Please remove one first" in words_of(answer)


def test_the_configured_address_counts_whatever_a_visitor_calls_us(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://desk.practice.example")
    page = client.get(SIGN_IN, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert question_in(page.text)["rpId"] == "desk.practice.example"


def test_where_browsers_make_none_nothing_is_offered(
    app: Flask, client: FlaskClient, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PUBLIC_URL", "http://127.0.0.1:8000")
    assert "needs https and a name" in owner.read("/desk/account")
    assert owner.get(NEW).status_code == 404
    assert client.get(SIGN_IN).status_code == 404
    assert "passkey" not in words_of(client.get("/sign-in"))


def test_a_passkey_that_somebody_else_added_opens_nothing_once_the_owner_says_so(
    app: Flask, client: FlaskClient, owner: Staff, user: User, clock: FakeClock
) -> None:
    clock.advance(timedelta(minutes=5))
    thief = sign_in(app, user)
    device = add(thief)
    asked = select(LoginLetter).where(LoginLetter.kind == LoginLetterKind.NEW_BROWSER)
    path = urlsplit(app.extensions["addresses"].not_me(db.session.scalars(asked).one().public_id)).path
    assert client.post(path, data={"csrf_token": token_in(client.get(path))}).status_code == 303
    assert kept(user) == []
    assert lines() == [AuditAction.ADDED, AuditAction.REMOVED]
    again = app.test_client()
    assert "does not open a login here" in words_of(show(again, device, clock))
    assert not is_in(again)
    assert not is_in(thief.browser)


def test_choosing_a_password_by_link_says_that_passkeys_stay(
    app: Flask, client: FlaskClient, owner: Staff, user: User, clock: FakeClock
) -> None:
    def page() -> str:
        clock.advance(timedelta(minutes=5))
        ask_for_new_password(email=user.email, by=BY_STAFF, now=clock())
        asked = select(LoginLetter).where(LoginLetter.kind == LoginLetterKind.RESET, LoginLetter.ended_at.is_(None))
        letter = db.session.scalars(asked).one()
        return words_of(client.get(urlsplit(app.extensions["addresses"].login(letter.public_id)).path))

    assert "Your passkeys stay" not in page()
    add(owner)
    assert "Your passkeys stay" in page()
