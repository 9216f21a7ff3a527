"""Who may ask for what, and that one practice never sees another's rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.views import MethodView

from telehealth.api.openapi import Blueprint
from telehealth.database import db, transaction
from telehealth.domain import access
from telehealth.domain.words import Role
from telehealth.models import ApiToken, User
from telehealth.services import api_tokens
from tests import factories
from tests.api.caller import V1, Caller, booking_of, path_of
from tests.api.conftest import token_of
from tests.factories import Office
from tests.moments import NOW


def staff_operations(office: Office, practice: Office | None = None) -> Iterator[tuple[str, str]]:
    """Every staff operation on the ids of an office, asked under a practice's word."""
    under = practice or office
    booked = factories.book(office)
    yield "GET", path_of(under, "/appointments")
    yield "GET", path_of(under, f"/appointments/{booked.public_id}")
    yield "POST", path_of(under, f"/appointments/{booked.public_id}/cancel")
    for kind in ("weekly-hours", "overrides", "time-off"):
        path = path_of(under, f"/therapists/{office.therapist.public_id}/{kind}")
        yield "GET", path
        yield "POST", path
        yield "DELETE", f"{path}/{office.therapist.public_id}"


def test_staff_operations_need_a_token(api: Caller, office: Office) -> None:
    for method, path in staff_operations(office):
        response = api.ask(method, path)
        assert response.get_json()["code"] == "token_required"
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="telehealth"'


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Basic dGVsZTp0ZWxl", "tele_0123456789", "Token tele_x", ""],
)
def test_headers_without_a_token(api: Caller, office: Office, header: str) -> None:
    api.refused("token_required", "GET", path_of(office, "/appointments"), headers={"Authorization": header})


@pytest.mark.parametrize("guess", ["tele_", "tele_x", "x", "tele_é", "tele_" + "A" * 32, "tele_" + "A" * 10_000])
def test_tokens_that_were_guessed(api: Caller, office: Office, guess: str) -> None:
    response = api.ask("GET", path_of(office, "/appointments"), token=guess)
    assert response.get_json()["code"] == "token_invalid"
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_a_token_that_was_ended(api: Caller, office: Office, owner: str) -> None:
    api.get(path_of(office, "/appointments"), token=owner)
    token = db.session.query(ApiToken).one()
    api_tokens.end(practice_id=office.practice.id, public_id=token.public_id, now=NOW)
    api.refused("token_invalid", "GET", path_of(office, "/appointments"), token=owner)


def test_a_token_of_somebody_who_left(api: Caller, office: Office) -> None:
    user = factories.make_user(office.practice, Role.OWNER)
    token = token_of(user)
    with transaction() as session:
        session.get_one(User, user.id).active = False
    api.refused("token_invalid", "GET", path_of(office, "/appointments"), token=token)


def test_a_token_does_not_follow_its_user_to_another_practice(api: Caller, office: Office, elsewhere: Office) -> None:
    user = factories.make_user(office.practice, Role.OWNER)
    token = token_of(user)
    with transaction() as session:
        session.get_one(User, user.id).practice_id = elsewhere.practice.id
    for practice in (office, elsewhere):
        api.refused("token_invalid", "GET", path_of(practice, "/appointments"), token=token)


def test_clients_are_not_staff(api: Caller, office: Office) -> None:
    token = token_of(factories.make_user(office.practice, Role.CLIENT))
    for method, path in staff_operations(office):
        api.refused("not_allowed", method, path, token=token)


def test_a_therapist_login_without_a_therapist_sees_nothing(api: Caller, office: Office) -> None:
    token = token_of(factories.make_user(office.practice, Role.THERAPIST))
    api.refused("not_allowed", "GET", path_of(office, "/appointments"), token=token)


def test_another_practice_is_not_there(api: Caller, office: Office, elsewhere: Office, owner: str) -> None:
    for method, path in staff_operations(elsewhere):
        api.refused("not_found", method, path, token=owner)
    api.refused("not_found", "GET", "/practices/nowhere/appointments", token=owner)


def test_ids_of_another_practice_are_not_found_under_ones_own(
    api: Caller, office: Office, elsewhere: Office, owner: str
) -> None:
    bodies: dict[str, Any] = {
        "weekly-hours": {"weekday": 5, "starts": "10:00", "ends": "12:00", "modes": ["virtual"]},
        "overrides": {"day": "2026-11-24"},
        "time-off": {"starts": "2026-11-24T00:00", "ends": "2026-11-25T00:00"},
        "cancel": {},
    }
    for method, path in staff_operations(elsewhere, practice=office):
        if path.endswith("/appointments"):
            assert api.get(path, token=owner)["appointments"] == []
        else:
            body = bodies.get(path.rpartition("/")[2]) if method == "POST" else None
            api.refused("not_found", method, path, token=owner, json=body)
    query = {"therapist": elsewhere.therapist.public_id}
    api.refused("not_found", "GET", path_of(office, "/appointments"), token=owner, query_string=query)


def test_hours_cannot_point_at_a_place_of_another_practice(
    api: Caller, office: Office, elsewhere: Office, owner: str
) -> None:
    body = {"weekday": 5, "starts": "10:00", "ends": "12:00", "modes": ["in_person"]}
    body["location"] = elsewhere.location.public_id
    path = path_of(office, f"/therapists/{office.therapist.public_id}/weekly-hours")
    assert "location" in api.refused("invalid_input", "POST", path, token=owner, json=body)["errors"]


def test_public_ids_of_another_practice_are_not_found(api: Caller, office: Office, elsewhere: Office) -> None:
    search = {"service": office.service.public_id, "mode": "virtual"}
    foreign = {
        "service": elsewhere.service.public_id,
        "therapist": elsewhere.therapist.public_id,
        "location": elsewhere.location.public_id,
    }
    api.refused("not_found", "GET", path_of(office, f"/services/{foreign['service']}"))
    api.refused("not_found", "GET", path_of(office, f"/therapists/{foreign['therapist']}"))
    api.refused("not_found", "GET", path_of(office, f"/therapists?service={foreign['service']}"))
    for field, value in foreign.items():
        in_person = {"mode": "in_person", "location": office.location.public_id}
        given = {**in_person, field: value}
        api.refused("not_found", "GET", path_of(office, "/slots"), query_string={**search, **given})
        body = {**booking_of(office), **given}
        api.refused("not_found", "POST", path_of(office, "/appointments"), json=body)


def test_lists_hold_ones_own_only(api: Caller, office: Office, elsewhere: Office) -> None:
    for name in ("services", "therapists", "locations"):
        listed = api.get(path_of(office, f"/{name}"))[name]
        assert len(listed) == 1


def test_every_view_says_who_it_is_for(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(V1):
            assert access.of(app.view_functions[rule.endpoint]) is not None, rule


def test_a_view_that_does_not_say_is_refused_when_it_is_written() -> None:
    class Unmarked(MethodView):
        def get(self) -> None: ...

    with pytest.raises(TypeError, match="does not say who it is for"):
        Blueprint("Unmarked", "").route("/unmarked")(Unmarked)


def test_a_view_that_does_not_say_is_refused_when_it_is_asked(app: Flask, api: Caller) -> None:
    endpoint = "Problems.CodesView"
    marked, app.view_functions[endpoint] = app.view_functions[endpoint], lambda: "open"
    try:
        with pytest.raises(RuntimeError, match="does not say who it is for"):
            api.client.get(f"{V1}/problems")
    finally:
        app.view_functions[endpoint] = marked
