"""The document, and the page to browse it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from telehealth.api.errors import catalogue
from telehealth.domain import access
from telehealth.domain.access import Audience
from tests.api.caller import V1, Caller, document, path_of
from tests.factories import Office

METHODS = {"get", "post", "put", "patch", "delete"}


def operations(app: Flask) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document(app)["paths"].items():
        for method in METHODS & set(item):
            yield path, method, item[method]


def test_the_document_is_valid(app: Flask, api: Caller) -> None:
    served = api.client.get(f"{V1}/openapi.json").get_json()
    assert served["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(served).validate()


def test_every_operation_has_a_name_a_summary_and_a_tag(app: Flask) -> None:
    names = [operation["operationId"] for _, _, operation in operations(app)]
    assert len(names) == len(set(names)) > 20
    tags = {tag["name"] for tag in document(app)["tags"]}
    for _, _, operation in operations(app):
        assert operation["summary"]
        assert set(operation["tags"]) <= tags


def test_every_route_is_documented(app: Flask) -> None:
    documented = {(path, method.upper()) for path, method, _ in operations(app)}
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(V1) and not rule.endpoint.startswith("api_pages."):
            path = re.sub(r"<[^:>]+:(\w+)>", r"{\1}", rule.rule)
            assert {(path, method) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}} <= documented


def test_every_operation_is_a_function_named_after_its_method(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(V1) and not rule.endpoint.startswith("api_pages."):
            (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            assert app.view_functions[rule.endpoint].__name__.startswith(f"{method.lower()}_"), rule


def test_every_refusal_is_a_problem_with_known_codes(app: Flask) -> None:
    known = catalogue()
    for _, _, operation in operations(app):
        statuses = operation["responses"]
        assert {"429", "500"} <= set(statuses)
        for status, response in statuses.items():
            if status >= "400":
                examples = response["content"]["application/problem+json"]["examples"]
                assert all(str(known[code].status) == status for code in examples)


def test_security_follows_the_marks(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^:>]+:(\w+)>", r"{\1}", rule.rule)
        for method in METHODS & {name.lower() for name in rule.methods or ()}:
            operation = document(app)["paths"].get(path, {}).get(method)
            decision = access.access_of(app.view_functions[rule.endpoint])
            if operation and decision:
                assert bool(operation["security"]) == (decision.audience == Audience.STAFF)
                assert ("401" in operation["responses"]) == (decision.audience == Audience.STAFF)


def test_every_parameter_is_described(app: Flask) -> None:
    for item in document(app)["paths"].values():
        shared = item.get("parameters", [])
        for parameter in [*shared, *(p for m in METHODS & set(item) for p in item[m].get("parameters", []))]:
            assert parameter.get("description") or parameter["name"] == "limit", parameter


def sent_lists(app: Flask) -> Iterator[tuple[str, str, tuple[str, ...], dict[str, Any]]]:
    """Every list that a body may hold: method, path, its name within the body, and its schema."""
    for path, method, operation in operations(app):
        body = operation.get("requestBody", {"content": {}})["content"].get("application/json")
        for name, found in lists_in(app, body["schema"] if body else {}):
            yield method, path, name, found


def lists_in(app: Flask, schema: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    for each in (schema, *schema.get("anyOf", ()), *schema.get("allOf", ())):
        found = document(app)["components"]["schemas"][each["$ref"].rpartition("/")[2]] if "$ref" in each else each
        for name, inner in found.get("properties", {}).items():
            if inner.get("readOnly"):
                continue
            if "items" in inner:
                yield (name,), inner
            yield from (((name, *rest), deeper) for rest, deeper in lists_in(app, inner))
            yield from (((name, "[]", *rest), deeper) for rest, deeper in lists_in(app, inner.get("items", {})))


def test_every_list_that_is_sent_has_an_end(app: Flask) -> None:
    lists = [*sent_lists(app)]
    assert len(lists) > 20
    for method, path, name, found in lists:
        assert found["maxItems"] <= 2_000, (method, path, name)


def test_what_is_in_too_long_a_list_is_not_even_read(app: Flask, api: Caller, office: Office, owner: str) -> None:
    """There is one sentence, about the list, and none about the entries."""
    for method, path, name, found in sent_lists(app):
        if "[]" in name:
            continue  # Within another list, which is read by the same kind of field.
        body: Any = [{}] * (found["maxItems"] + 1)
        for each in reversed(name):
            body = {each: body}
        there = re.sub(r"{practice}", office.practice.slug, path.removeprefix(V1))
        problem = api.refused("invalid_input", method.upper(), re.sub(r"{\w+}", "x", there), json=body, token=owner)
        assert ".".join(name) in problem["errors"], (method, path)
        assert not [each for each in problem["errors"] if each.startswith(".".join((*name, "")))], (method, path)


def test_a_body_of_countless_fields_is_refused_with_one_sentence(api: Caller, office: Office) -> None:
    body = {f"field{number}": 1 for number in range(101)}
    problem = api.refused("invalid_input", "POST", path_of(office, "/appointments"), json=body)
    assert list(problem["errors"]) == ["body"]
    within = api.refused("invalid_input", "POST", path_of(office, "/appointments"), json={"client": body})
    assert [each for each in within["errors"] if each.startswith("client")] == ["client"]


def test_the_page_runs_no_inline_script(api: Caller) -> None:
    response = api.client.get(f"{V1}/docs")
    assert response.status_code == 200
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    for script in re.findall(r"<script(.*?)</script>", response.text, re.DOTALL):
        assert re.search(r'src="/static/', script)
        assert script.endswith(">")
    assert 'data-spec-url="/api/v1/openapi.json"' in response.text


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
def test_the_document_and_its_page_need_no_token(api: Caller, path: str) -> None:
    assert api.client.get(V1 + path).status_code == 200
