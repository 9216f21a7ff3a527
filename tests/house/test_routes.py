"""Every view says who it is for, and means it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from telehealth.domain import access
from telehealth.domain.access import Audience
from telehealth.services.practice.founding import RESERVED_SLUGS, SLUG

LIBRARIES = {
    "static": "files",
    "security.login": "the sign-in page",
    "security.logout": "ends a sign-in",
    "security.two_factor_token_validation": "the second step, after a password that was right",
    "security.mf_recovery": "the same with a recovery code",
    "security.verify": "asks whoever is signed in for the password again",
    "security.two_factor_setup": "sends away whoever is not signed in",
    "security.two_factor_setup_validate": "sends away whoever is not signed in",
    "security.mf_recovery_codes": "sends away whoever is not signed in",
}
SIGN_IN = "/sign-in"


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=str)


def undecided(app: Flask) -> list[Rule]:
    return [rule for rule in rules(app) if access.access_of(app.view_functions[rule.endpoint]) is None]


def requests(app: Flask, rule: Rule) -> Iterator[tuple[str, str]]:
    """Every method of a rule with an address that it matches."""
    values = {
        name: 1 if "Integer" in type(converter).__name__ else "x" * 36 for name, converter in rule._converters.items()
    }
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
        yield method, app.url_map.bind("localhost").build(rule.endpoint, values, method=method)


def test_every_view_says_who_it_is_for(app: Flask) -> None:
    unmarked = {rule.endpoint for rule in undecided(app) if not rule.endpoint.startswith("security.")}
    assert unmarked <= set(LIBRARIES)


def test_views_that_a_library_brought_along_do_not_answer(app: Flask, client: FlaskClient) -> None:
    for rule in undecided(app):
        if rule.endpoint not in LIBRARIES:
            for method, path in requests(app, rule):
                assert client.open(path, method=method).status_code in {400, 404, 405}, (method, path)


def test_what_is_for_staff_is_closed_to_strangers(app: Flask, client: FlaskClient) -> None:
    seen = 0
    for rule in rules(app):
        decision = access.access_of(app.view_functions[rule.endpoint])
        if decision is None or decision.audience != Audience.STAFF:
            continue
        assert decision.roles, rule
        for method, path in requests(app, rule):
            answer = client.open(path, method=method)
            sent_away = answer.status_code == 302 and SIGN_IN in answer.headers["Location"]
            assert sent_away or answer.status_code in {400, 401}, (method, path, answer.status)
            seen += 1
    assert seen > 10


def test_no_practice_can_have_the_address_of_something_else(app: Flask) -> None:
    """Only what could be a practice's word counts: it has no dot and no variable in it."""
    first = {rule.rule.split("/")[1] for rule in rules(app)}
    assert {word for word in first if SLUG.fullmatch(word)} == RESERVED_SLUGS


def test_providers_only_post(app: Flask) -> None:
    for rule in rules(app):
        decision = access.access_of(app.view_functions[rule.endpoint])
        if decision is not None and decision.audience == Audience.PROVIDER:
            assert "GET" not in (rule.methods or set()), rule


@pytest.mark.parametrize("path", ["/api/v1/nonsense", "/nonsense", "/webhooks/nonsense"])
def test_what_does_not_exist_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
