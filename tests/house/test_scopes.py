"""Every operation of the API for staff has a scope that somebody chose for it."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask
from flask.testing import FlaskClient

from telehealth.api.scopes import APART, LOOKS, ONLY_LOOK, WRITES, scope_of
from telehealth.domain import access
from telehealth.domain.access import Audience, Scope


def operations(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        decision = access.access_of(app.view_functions[rule.endpoint])
        if rule.rule.startswith("/api/") and decision is not None and decision.audience == Audience.STAFF:
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield rule.endpoint, method


def test_what_writes_is_named_by_its_group(app: Flask) -> None:
    groups = {endpoint.partition(".")[0] for endpoint, method in operations(app) if method not in LOOKS}
    assert groups == set(WRITES)
    assert {endpoint for endpoint, _ in operations(app)} >= ONLY_LOOK | set(APART)


def test_every_scope_opens_something_and_the_document_says_which(app: Flask, client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    assert document is not None
    said = {
        each["operationId"]: each["x-scope"]
        for path in document["paths"].values()
        for method, each in path.items()
        if method != "parameters" and each["security"]
    }
    assert set(said.values()) == set(Scope)
    forbidden = document["paths"]["/api/v1/practices/{practice}/tokens"]["post"]["responses"]["403"]["description"]
    assert forbidden.endswith("needs the scope `settings`")
    assert len(said) == len(set(operations(app)))


def test_a_group_that_nobody_named_needs_what_is_given_out_least() -> None:
    assert scope_of("Something new.post_it", "POST") == Scope.SETTINGS
    assert scope_of("Something new.get_it", "HEAD") == Scope.READ
    assert scope_of("Records of clients.post_erasure", "POST") == Scope.SETTINGS
