from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from telehealth.database import transaction
from telehealth.domain import passwords
from telehealth.domain.words import Role
from telehealth.models import SignIn, User
from telehealth.services.logins.password_setting import set_password
from telehealth.services.practice.sign_ins import end_all_sign_ins
from telehealth.web.headers import limiter
from tests import databases
from tests.factories import BY_STAFF, Office, make_office, make_practice, make_user
from tests.factories.users import PASSWORD
from tests.fakes import FakeClock
from tests.web.staff import Staff, as_owner, sign_in, token_in, try_to_sign_in, words_of

IDLE_LIMIT = timedelta(minutes=60)

MINUTE = timedelta(minutes=1)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def user(office: Office) -> User:
    return make_user(office.practice, password=PASSWORD)


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def is_signed_out(somebody: Staff) -> bool:
    answer = somebody.get("/desk")
    return answer.status_code == 302 and "/sign-in" in answer.headers["Location"]


def test_the_right_password_opens_the_desk(client: FlaskClient, user: User) -> None:
    answer = try_to_sign_in(client, user.email)
    assert answer.headers["Location"].endswith("/desk")
    assert client.get("/desk").status_code == 200


def test_an_address_counts_however_its_letters_are_written(client: FlaskClient, user: User) -> None:
    assert try_to_sign_in(client, user.email.upper()).status_code == 302


def test_nobody_learns_whether_an_address_has_a_login(client: FlaskClient, user: User) -> None:
    wrong = words_of(try_to_sign_in(client, user.email, "not the password"))
    unknown = words_of(try_to_sign_in(client, "stranger@example.com", "not the password"))
    assert wrong == unknown
    assert "do not match a login here" in wrong


def test_what_was_typed_stays_except_the_password(client: FlaskClient, user: User) -> None:
    page = try_to_sign_in(client, user.email, "not the password").text
    assert f'value="{user.email}"' in page
    assert "not the password" not in page


def test_the_fields_work_with_password_managers(client: FlaskClient, user: User) -> None:
    page = client.get("/sign-in").text
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert "onpaste" not in page


def test_a_closed_login_does_not_open(client: FlaskClient, user: User) -> None:
    with transaction() as session:
        session.get_one(User, user.id).active = False
    assert "do not match a login here" in words_of(try_to_sign_in(client, user.email, "not the password"))
    assert "No practice lets this login in any more" in words_of(try_to_sign_in(client, user.email))


def test_closing_a_login_ends_what_is_open(owner: Staff) -> None:
    with transaction() as session:
        for user in session.query(User):
            user.active = False
    assert is_signed_out(owner)


def test_after_signing_in_people_are_where_they_wanted_to_be(client: FlaskClient, user: User) -> None:
    sent = client.get("/desk/week?week=2026-W48")
    assert "next=" in sent.headers["Location"]
    token = token_in(client.get(sent.headers["Location"]))
    form = {"csrf_token": token, "email": user.email, "password": PASSWORD, "next": "/desk/week?week=2026-W48"}
    assert client.post("/sign-in", data=form).headers["Location"].endswith("/desk/week?week=2026-W48")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "http://localhost@evil.example/",
        " //evil.example",
        "\t//evil.example",
    ],
)
def test_signing_in_never_leads_to_another_site(client: FlaskClient, user: User, elsewhere: str) -> None:
    location = try_to_sign_in(client, user.email, next=elsewhere).headers["Location"]
    assert urljoin("http://localhost/sign-in", location).startswith("http://localhost/"), location
    assert not location.startswith(("//", "/\\", "\\")), location


def test_a_form_without_its_token_changes_nothing(client: FlaskClient, user: User) -> None:
    answer = client.post("/sign-in", data={"email": user.email, "password": PASSWORD})
    assert answer.status_code == 400
    assert "Nothing was changed." in words_of(answer)
    assert client.get("/desk").status_code == 302


def test_a_request_full_of_marks_is_never_put_in_order(
    client: FlaskClient, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their normal form takes a time that grows with the square of their number: seconds for one request."""
    lengths = [0]
    normalize = unicodedata.normalize

    def watched(form: str, text: str) -> str:
        lengths.append(len(text))
        return normalize(form, text)  # type: ignore[arg-type]

    monkeypatch.setattr(unicodedata, "normalize", watched)
    marks = "a" + "\N{COMBINING ACUTE ACCENT}\N{COMBINING GRAVE ACCENT BELOW}" * 30_000
    for email, password in ((user.email, marks), (f"{marks}@example.com", PASSWORD)):
        form = {"csrf_token": token_in(client.get("/sign-in")), "email": email, "password": password}
        answer = client.post("/sign-in", data=form, content_type="multipart/form-data")
        assert "do not match a login here" in words_of(answer)
    assert max(lengths) <= passwords.LONGEST


def test_signing_out_ends_a_copied_cookie_too(app: Flask, owner: Staff) -> None:
    copied = owner.browser.get_cookie("session")
    assert copied is not None
    assert "You are signed out." in owner.send("/sign-out")
    thief = app.test_client()
    thief.set_cookie("session", copied.value)
    assert thief.get("/desk").status_code == 302


def test_signing_out_needs_a_form_of_ours(owner: Staff) -> None:
    assert owner.get("/sign-out").status_code in {404, 405}
    assert owner.browser.post("/sign-out").status_code == 400
    assert not is_signed_out(owner)


def test_an_hour_without_a_click_ends_it(owner: Staff, clock: FakeClock) -> None:
    clock.advance(55 * MINUTE)
    assert not is_signed_out(owner), "whoever was in a session has the desk still"
    clock.advance(59 * MINUTE)
    assert not is_signed_out(owner), "a click counts"
    clock.advance(IDLE_LIMIT)
    assert is_signed_out(owner)
    assert "signed out to keep things private" in owner.read("/sign-in")


def test_a_page_that_stays_open_may_ask_to_stay_signed_in(owner: Staff, clock: FakeClock) -> None:
    clock.advance(29 * MINUTE)
    assert owner.get("/desk/stay").status_code == 204
    clock.advance(29 * MINUTE)
    assert not is_signed_out(owner)


def test_a_practice_says_how_long(owner: Staff, clock: FakeClock) -> None:
    assert 'data-idle-seconds="3600"' in owner.get("/desk").text
    assert "It counts from now on" in owner.send(
        "/desk/settings/sign-ins", {"idle_minutes": "20", "sign_in_hours": "1"}
    )
    assert 'data-idle-seconds="1200"' in owner.get("/desk").text
    assert "20 minutes after the last click, and after 1 hour" in owner.read("/desk/account")
    clock.advance(19 * MINUTE)
    assert not is_signed_out(owner)
    for _ in range(3):
        clock.advance(12 * MINUTE)
        assert not is_signed_out(owner)
    clock.advance(5 * MINUTE)
    assert is_signed_out(owner), "an hour is over"


@pytest.mark.parametrize(
    ("minutes", "hours", "said"), [("14", "12", "from 15 minutes"), ("60", "25", "from 1 to 24"), ("x", "1", "a whole")]
)
def test_no_practice_may_forget_to_sign_people_out(owner: Staff, minutes: str, hours: str, said: str) -> None:
    answer = owner.post("/desk/settings/sign-ins", {"idle_minutes": minutes, "sign_in_hours": hours})
    assert answer.status_code == 422
    assert said in words_of(answer)
    assert f'value="{minutes}"' in answer.text, "what was typed stays"


def test_twelve_hours_end_it_however_busy(owner: Staff, clock: FakeClock) -> None:
    for _ in range(28):
        clock.advance(25 * MINUTE)
        assert not is_signed_out(owner)
    clock.advance(25 * MINUTE)
    assert is_signed_out(owner)


def test_an_old_cookie_does_not_come_back_to_life(app: Flask, owner: Staff, clock: FakeClock) -> None:
    cookie = owner.browser.get_cookie("session")
    assert cookie is not None
    clock.advance(IDLE_LIMIT)
    for _ in range(2):
        again = app.test_client()
        again.set_cookie("session", cookie.value)
        assert again.get("/desk").status_code == 302


def test_a_new_password_ends_every_sign_in(app: Flask, user: User, clock: FakeClock) -> None:
    desk, phone = sign_in(app, user), sign_in(app, user)
    set_password(email=user.email, password_hash="another", by=BY_STAFF, now=clock())
    assert is_signed_out(desk)
    assert is_signed_out(phone)


def test_the_account_that_changed_hands_by_its_key_alone_is_signed_out(owner: Staff) -> None:
    with transaction() as session:
        for user in session.query(User):
            user.login.fs_uniquifier = f"new-{user.id}"
    assert is_signed_out(owner)


def test_all_devices_can_be_signed_out(app: Flask, user: User, clock: FakeClock) -> None:
    desk, phone = sign_in(app, user), sign_in(app, user)
    end_all_sign_ins(login_id=user.login_id, by=BY_STAFF, now=clock())
    assert is_signed_out(desk)
    assert is_signed_out(phone)


def test_a_role_that_is_taken_away_counts_at_once(app: Flask, user: User) -> None:
    owner = sign_in(app, user)
    assert owner.get("/desk/settings").status_code == 200
    with transaction() as session:
        session.get_one(User, user.id).roles = []
    assert owner.get("/desk/settings").status_code == 403


def test_no_cookie_remembers_anybody(client: FlaskClient, user: User) -> None:
    try_to_sign_in(client, user.email, remember="y")
    assert client.get_cookie("remember_token") is None


def test_other_proofs_of_the_library_open_nothing(app: Flask, client: FlaskClient, user: User) -> None:
    token = try_to_sign_in(app.test_client(), user.email) and user.login.get_auth_token()
    assert client.get("/desk", headers={"Authentication-Token": token}).status_code == 302
    assert client.get(f"/desk?auth_token={token}").status_code == 302


def test_no_browser_keeps_the_page(client: FlaskClient) -> None:
    assert client.get("/sign-in").headers["Cache-Control"] == "no-store"


def test_the_cookie_stays_with_the_browser(client: FlaskClient, user: User) -> None:
    header = try_to_sign_in(client, user.email).headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header


def test_over_https_no_other_host_can_plant_the_cookie_and_no_referer_is_needed(tmp_path: Path) -> None:
    url = databases.sqlite(tmp_path / "https.db")
    with databases.migrated_app(url, folder=tmp_path, PUBLIC_URL="https://practice.example") as app:
        browser, secure = app.test_client(), {"base_url": "https://practice.example"}
        page = browser.get("/sign-in", **secure)
        cookie = page.headers["Set-Cookie"]
        assert cookie.startswith("__Host-session=")
        assert "; Secure;" in cookie and "; Path=/;" in cookie and "Domain" not in cookie  # noqa: PT018 -- one rule
        form = {"csrf_token": token_in(page), "email": "nobody@example.com", "password": PASSWORD}
        assert "do not match a login here" in words_of(browser.post("/sign-in", data=form, **secure))


def test_the_database_keeps_no_secret_of_a_sign_in(owner: Staff) -> None:
    with owner.browser.session_transaction() as session:
        secret = session["sign_in"]
    with transaction() as rows:
        assert [row.secret_digest != secret for row in rows.query(SignIn)] == [True]


def test_a_form_from_before_the_sign_out_changes_nothing(owner: Staff, clock: FakeClock) -> None:
    clock.advance(IDLE_LIMIT)
    answer = owner.post("/desk/practice", {"sender_name": "Elsewhere"})
    assert answer.status_code == 401
    words = words_of(answer)
    assert "Please sign in again" in words
    assert "could not read" not in words
    assert 'href="/sign-in"' in answer.text
    assert "you can copy it" in words


def test_a_login_of_another_kind_has_no_desk(app: Flask, office: Office) -> None:
    person = sign_in(app, make_user(office.practice, Role.CLIENT, password=PASSWORD))
    assert person.get("/desk").status_code == 403


class Visitor(FlaskClient):
    """Whose requests have contexts of their own: form tokens of two browsers would be mixed up otherwise."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[FlaskClient]:
    """A service that counts; the limiter is one for the process, so it is put back."""
    url = databases.sqlite(tmp_path / "limited.db")
    with databases.migrated_app(url, folder=tmp_path, RATE_LIMITS=True) as app, app.app_context():
        app.test_client_class = Visitor
        yield app.test_client()
    limiter.enabled = False
    limiter.reset()


def test_guessing_is_slow(limited: FlaskClient) -> None:
    user = make_user(make_practice(), password=PASSWORD)
    answers = [try_to_sign_in(limited, user.email, f"guess {number}").status_code for number in range(12)]
    assert answers == [200] * 10 + [429] * 2
    assert "Wait a minute" in words_of(try_to_sign_in(limited, user.email))
    assert limited.get("/sign-in").status_code == 200


IPV6 = "2001:db8:1:2::{}"
ELSEWHERE = "198.51.100.{}"


def guess(browser: FlaskClient, email: str, number: int, address: str) -> TestResponse:
    place = {"REMOTE_ADDR": address.format(number)}
    token = token_in(browser.get("/sign-in", environ_base=place))
    form = {"csrf_token": token, "email": email, "password": f"guess {number}"}
    return browser.post("/sign-in", data=form, environ_base=place)


def test_the_addresses_of_one_customer_count_as_one(limited: FlaskClient) -> None:
    """An IPv6 customer has 2^64 of them."""
    tried = [f"nobody-{number}@example.com" for number in range(12)]
    answers = [guess(limited, email, number, IPV6).status_code for number, email in enumerate(tried, 1)]
    assert answers == [200] * 10 + [429] * 2
    assert guess(limited, tried[0], 99, "2001:db8:1:3::{}").status_code == 200, "somebody else"


@pytest.mark.parametrize("email", ["robin@riverside.example", "nobody@riverside.example"])
def test_guessing_one_login_from_many_networks_is_slow(limited: FlaskClient, email: str) -> None:
    """Whether there is such a login or not: the answers are the same."""
    make_user(make_practice(), password=PASSWORD, email="robin@riverside.example")
    answers = [guess(limited, email, number, ELSEWHERE) for number in range(1, 23)]
    assert [each.status_code for each in answers] == [200] * 20 + [429] * 2
    said = words_of(guess(limited, "stranger@example.com", 50, ELSEWHERE))
    assert {words_of(each) for each in answers[:20]} == {said}
    assert answers[-1].headers["Retry-After"] == "900"
    assert "Wait 15 minutes, then try again." in words_of(answers[-1])
    assert guess(limited, email.upper(), 77, ELSEWHERE).status_code == 429, "however it is written"
    assert guess(limited, "other@riverside.example", 77, ELSEWHERE).status_code == 200


def test_a_browser_that_signed_in_before_is_never_locked_out_by_others(limited: FlaskClient) -> None:
    user = make_user(make_practice(), password=PASSWORD)
    assert try_to_sign_in(limited, user.email).status_code == 302
    limited.post("/sign-out", data={"csrf_token": token_in(limited.get("/desk/week"))})
    stranger = limited.application.test_client()
    for number in range(1, 31):
        guess(stranger, user.email, number, ELSEWHERE)
        guess(stranger, f"nobody-{number}@example.com", number, "127.0.0.1")
    assert guess(stranger, user.email, 31, ELSEWHERE).status_code == 429
    assert try_to_sign_in(stranger, user.email).status_code == 429, "from the owner's own network"
    assert try_to_sign_in(limited, user.email).status_code == 302


def test_a_browser_that_signed_in_before_has_a_count_of_its_own(limited: FlaskClient) -> None:
    user = make_user(make_practice(), password=PASSWORD)
    assert try_to_sign_in(limited, user.email).status_code == 302
    limited.post("/sign-out", data={"csrf_token": token_in(limited.get("/desk/week"))})
    answers = [guess(limited, user.email, number, ELSEWHERE).status_code for number in range(1, 13)]
    assert answers == [200] * 10 + [429] * 2


def test_being_known_for_one_login_helps_with_no_other(limited: FlaskClient) -> None:
    practice = make_practice()
    own, other = make_user(practice, password=PASSWORD), make_user(practice, password=PASSWORD)
    assert try_to_sign_in(limited, own.email).status_code == 302
    limited.post("/sign-out", data={"csrf_token": token_in(limited.get("/desk/week"))})
    answers = [guess(limited, other.email, number, ELSEWHERE).status_code for number in range(1, 22)]
    assert answers == [200] * 20 + [429]


def test_a_known_browser_keeps_its_cookie_out_of_sight(client: FlaskClient, user: User) -> None:
    headers = try_to_sign_in(client, user.email).headers.getlist("Set-Cookie")
    known = next(each for each in headers if each.startswith("known-"))
    assert "HttpOnly" in known and "Path=/sign-in" in known and "SameSite=Lax" in known  # noqa: PT018 -- one rule
    assert user.email not in known


def test_a_cookie_that_was_made_up_is_none(limited: FlaskClient) -> None:
    user = make_user(make_practice(), password=PASSWORD)
    answer = try_to_sign_in(limited, user.email)
    name = next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith("known-")).partition("=")[0]
    thief = limited.application.test_client()
    thief.set_cookie(name, "AAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA", path="/sign-in")
    answers = [guess(thief, user.email, number, ELSEWHERE).status_code for number in range(1, 22)]
    assert answers.count(429) == 2, "the owner signed in once"


def test_nobody_signs_in_with_json(client: FlaskClient, user: User) -> None:
    """Its fields would be read by the library, and counted by nobody."""
    token = token_in(client.get("/sign-in"))
    given = {"email": user.email, "password": PASSWORD}
    answer = client.post("/sign-in", json=given, headers={"X-CSRFToken": token})
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/sign-in", "/desk"])
@pytest.mark.parametrize("body", ["[" * 50_000, "x" * 300_000], ids=["deep", "large"])
def test_nobody_reads_a_body_that_no_form_sends(client: FlaskClient, path: str, body: str) -> None:
    answer = client.post(path, data=body, content_type="application/json")
    assert answer.status_code in {400, 405, 413}
    assert "Nothing was changed." in words_of(answer)
