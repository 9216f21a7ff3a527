"""Heavy inputs at every operation of the API: each is answered, and none costs more than it may."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from itertools import cycle
from typing import Any

import pytest
from flask import Flask

from tests.api.caller import Caller, document
from tests.factories import Office, book
from tests.heavy import bounded, heavy
from tests.moments import at

ROOM, ROOM_IN_ADDRESSES = 60_000, 1_200
AT_A_TIME = 3
"""How many heavy inputs each field gets. They go round, so that each one meets many fields."""

Place = tuple[str, str, dict[str, Any]]


def resolved(app: Flask, schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document(app)["components"]["schemas"][name] if name else schema
    return found


def operations(app: Flask) -> Iterator[Place]:
    for path, item in document(app)["paths"].items():
        for method in ("get", "post", "put", "delete"):
            if method in item:
                yield path, method.upper(), item[method] | {"parameters": item.get("parameters", [])}


def fields(app: Flask, value: Any, schema: dict[str, Any], path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands, or may stand, in a body."""
    schema = resolved(app, schema)
    for name, part in schema.get("properties", {}).items():
        yield (*path, name)
        if isinstance(value, dict) and isinstance(value.get(name), dict):
            yield from fields(app, value[name], part, (*path, name))


def changed(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    body = deepcopy(body)
    *above, last = path
    inner = body
    for name in above:
        inner = inner[name]
    inner[last] = value
    return body


@pytest.fixture
def ids(app: Flask, office: Office, api: Caller) -> dict[str, str]:
    return {
        "practice": office.practice.slug,
        "appointment": book(office, at(10, days=3)).public_id,
        "therapist": office.therapist.public_id,
        "service": office.service.public_id,
    }


def ask(app: Flask, api: Caller, place: Place, ids: dict[str, str], token: str, what: str, **given: Any) -> None:
    path, method, _ = place
    address = path.format_map({name: ids.get(name, "a-1") for name in ("x", *_names(path))})
    headers = {"Authorization": f"Bearer {token}", **given.pop("headers", {})}
    with bounded(f"{method} {path}: {what}"):
        answer = api.client.open(address, method=method, headers=headers, **given)
    assert answer.status_code < 500, (method, path, what, answer.text)


def _names(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def test_in_every_field_of_every_body(app: Flask, api: Caller, ids: dict[str, str], owner: str) -> None:
    going_round = cycle(heavy(ROOM).items())
    for place in operations(app):
        content = place[2].get("requestBody", {}).get("content", {}).get("application/json")
        if not content:
            continue
        body = next(iter(content.get("examples", {"": {"value": content.get("example", {})}}).values()))["value"]
        for field in fields(app, body, content["schema"]):
            for _, (name, value) in zip(range(AT_A_TIME), going_round, strict=False):
                for given in (value, [value[:200]] * 200):
                    ask(app, api, place, ids, owner, f"{name} in {field}", json=changed(body, field, given))


def test_in_every_part_of_every_query(app: Flask, api: Caller, ids: dict[str, str], owner: str) -> None:
    going_round = cycle(heavy(ROOM_IN_ADDRESSES).items())
    for place in operations(app):
        for parameter in place[2]["parameters"]:
            if parameter["in"] != "query":
                continue
            for _, (name, value) in zip(range(AT_A_TIME), going_round, strict=False):
                query = {parameter["name"]: value}
                ask(app, api, place, ids, owner, f"{name} in {parameter['name']}", query_string=query)
        many = "&".join(f"{number}=" for number in range(600))
        ask(app, api, place, ids, owner, "many names", query_string=many)
        ask(app, api, place, ids, owner, "one name often", query_string="since=2026-11-24T10:00:00Z&" * 100)


BODIES = {
    "nested lists": b"[" * 200_000,
    "nested lists that end": b"[" * 100_000 + b"]" * 100_000,
    "nested objects": b'{"a":' * 40_000,
    "nested in a field": b'{"client":' * 900 + b"1" + b"}" * 900,
    "a number without end": b'{"service":' + b"9" * 200_000 + b"}",
    "a number with an exponent": b'{"service": 1e999999999}',
    "one name often": b"{" + b'"service":1,' * 15_000 + b'"service":1}',
    "many names": b"{" + b",".join(b'"a%d":1' % number for number in range(20_000)) + b"}",
    "many entries": b'{"modes":[' + b'"x",' * 60_000 + b'"x"]}',
    "escapes": b'{"service":"' + b"\\ud800" * 40_000 + b'"}',
    "spaces": b" " * 250_000 + b"{}",
}


@pytest.mark.parametrize(("name", "body"), BODIES.items(), ids=BODIES)
def test_bodies_that_are_heavy_as_a_whole(
    app: Flask, api: Caller, ids: dict[str, str], owner: str, name: str, body: bytes
) -> None:
    for place in operations(app):
        if "requestBody" in place[2]:
            ask(app, api, place, ids, owner, name, data=body, content_type="application/json")


def test_in_every_header(app: Flask, api: Caller, ids: dict[str, str], owner: str) -> None:
    names = ("Accept", "Accept-Language", "Accept-Encoding", "Authorization", "Content-Type", "Cookie", "Host",
             "Idempotency-Key", "If-None-Match", "If-Modified-Since", "Range", "User-Agent", "X-Forwarded-For",
             "Origin", "Referer")  # fmt: skip
    slots = next(place for place in operations(app) if place[0].endswith("/slots"))
    booking = next(place for place in operations(app) if place[1] == "POST" and place[0].endswith("/appointments"))
    for what, value in heavy(8_000).items():
        in_a_line = " ".join(value.split()).encode("utf-8").decode("latin-1")[:8_000]
        for name in names:
            for place in (slots, booking):
                ask(app, api, place, ids, owner, f"{what} in {name}", headers={name: json.dumps(in_a_line)[1:-1]})
