"""Everything under /api/ is refused with a problem document, whatever is thrown at it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from telehealth.api.errors import catalogue
from tests import databases
from tests.api.caller import V1, Caller, booking_of, document, path_of
from tests.factories import Office

JSON = "application/json"


def send(api: Caller, office: Office, code: str, data: bytes, content_type: str | None = JSON) -> dict[str, Any]:
    path = path_of(office, "/appointments")
    return api.refused(code, "POST", path, data=data, content_type=content_type)


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/practices", "/api/v1/nowhere", "/api/v1/practices/a/b/c"]
)
def test_unknown_paths(app: Flask, api: Caller, path: str) -> None:
    response = api.client.get(path)
    assert response.status_code == 404
    if path != "/api":  # Which is not under /api/.
        assert response.mimetype == "application/problem+json"
        assert response.get_json()["code"] == "not_found"


def test_pages_keep_their_own_errors(api: Caller) -> None:
    response = api.client.get("/apiary/nothing/here/at/all")
    assert response.status_code == 404
    assert response.mimetype == "text/html"


def test_methods_that_do_not_exist(api: Caller, office: Office) -> None:
    response = api.ask("DELETE", path_of(office, "/slots"))
    assert response.get_json()["code"] == "method_not_allowed"
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    shared = api.ask("PATCH", path_of(office, "/appointments"))
    assert shared.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_allow_names_what_the_document_has(app: Flask, api: Caller) -> None:
    """And nothing that another address takes whose pattern fits this one, too."""
    for path, item in document(app)["paths"].items():
        documented = {method.upper() for method in item if method != "parameters"}
        answer = api.client.options(re.sub(r"{\w+}", "a-1", path))
        said = set(answer.headers.get("Allow", "").split(", "))
        # Whoever has no token is told nothing but that.
        assert answer.status_code == 401 or said - {"HEAD", "OPTIONS"} == documented, path
        rules = app.url_map.bind("localhost")
        assert set(rules.allowed_methods(re.sub(r"{\w+}", "a-1", path))) - {"HEAD", "OPTIONS"} == documented, path


@pytest.mark.parametrize(("method", "rest"), [("GET", "/slots"), ("POST", "/appointments"), ("DELETE", "/nowhere")])
def test_addresses_that_are_too_long(api: Caller, office: Office, method: str, rest: str) -> None:
    api.refused("address_too_long", method, f"{path_of(office, rest)}?since={'x' * 5_000}")
    assert api.client.get(f"/demo?{'x' * 5_000}").mimetype == "text/html"


def test_a_body_that_has_to_be_there_is_missed(api: Caller, office: Office, owner: str) -> None:
    path = path_of(office, f"/therapists/{office.therapist.public_id}/reassignments")
    problem = api.refused("invalid_input", "POST", path, token=owner)
    assert list(problem["errors"]) == ["body"]
    assert "service" in api.refused("invalid_input", "POST", path_of(office, "/appointments"))["errors"]
    assert api.post(path, {}, status=200, token=owner) is not None


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"{'service': 1}",
        b"service=1",
        b"\xff\xfe",
        b'{"service": "\xff"}',
        b'\xef\xbb\xbf{"service": "x"}',
        '{"service": "x"}'.encode("utf-16"),
        b'{"service": NaN}',
        b'{"service": Infinity}',
        b'{"service": ' + b"9" * 5_000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b"\x00",
        b'{"service": "a\x00b"}',
    ],
    ids=lambda data: repr(data[:16]),
)
def test_bodies_that_are_not_json(api: Caller, office: Office, data: bytes) -> None:
    send(api, office, "malformed_json", data)


@pytest.mark.parametrize("data", [b"[]", b'"text"', b"1", b"null", b"true", b"1e400"])
def test_bodies_that_are_no_object(api: Caller, office: Office, data: bytes) -> None:
    assert list(send(api, office, "invalid_input", data)["errors"]) == ["body"]


def test_no_body_at_all_names_what_is_missing(api: Caller, office: Office) -> None:
    problem = send(api, office, "invalid_input", b"", None)
    assert set(problem["errors"]) == {"service", "start", "mode", "client"}


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "x", "application/xml"]
)
def test_bodies_of_another_kind(api: Caller, office: Office, content_type: str | None) -> None:
    send(api, office, "unsupported_media_type", b"{}", content_type)


def test_names_that_were_made_up_come_back_short(api: Caller, office: Office) -> None:
    response = api.ask("POST", path_of(office, "/appointments"), json={"\ud800" * 9: 1, "x" * 10_000: 1})
    assert response.status_code == 422
    assert len(response.data) < 2_000


def test_a_body_that_is_too_large(api: Caller, office: Office) -> None:
    body = {**booking_of(office), "therapist": "x" * 300_000}
    api.refused("too_large", "POST", path_of(office, "/appointments"), json=body)


def test_failures_of_ours_say_nothing(tmp_path: Path) -> None:
    app = databases.make_app(databases.sqlite(tmp_path / "no tables.db"), folder=tmp_path, TESTING=False)
    response = app.test_client().get(f"{V1}/practices/elm-street")
    assert response.status_code == 500
    assert response.get_json()["code"] == "internal_error"
    assert "SELECT" not in response.text
    assert "practice" not in response.get_json()["detail"]
    databases.close(app)


def test_every_code_is_explained_where_its_type_points(api: Caller) -> None:
    codes = api.get("/problems")["problems"]
    assert {entry["code"] for entry in codes} == set(catalogue())
    for entry in codes:
        path = entry["type"].partition(V1)[2]
        assert api.get(path) == entry
    api.refused("not_found", "GET", "/problems/nonsense")


def test_odd_query_strings(api: Caller, office: Office) -> None:
    for query in ("%00=%00", "=", "a" * 3_000, "service[]=x", "%ff=%fe", "mode=virtual&mode=phone"):
        response = api.ask("GET", path_of(office, "/slots"), query_string=query)
        assert response.status_code == 422, query
