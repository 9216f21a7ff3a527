"""What lets browsers through firewalls is given to whoever comes to a room, and anew while they stay."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from telehealth.models import Appointment
from tests.factories import book, make_office
from tests.fakes import FakeClock
from tests.moments import at

STARTS = at(10, days=3)
TURN = "turns:turn.example:443?transport=tcp"
Post = Callable[..., TestResponse]


@pytest.fixture
def room(app: Flask, client: FlaskClient, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in {"TURN_URLS": [TURN], "TURN_SECRET": "north", "STUN_URLS": ["stun:turn.example"]}.items():
        monkeypatch.setitem(app.config, name, value)
    appointment: Appointment = book(make_office(), STARTS)
    clock.instant = STARTS
    return f"/j/{app.extensions['addresses'].join(appointment.attendees[0]).rpartition('/')[2]}/room"


@pytest.fixture
def post(client: FlaskClient, room: str) -> Post:
    """As the page of the room does."""
    token = re.findall(r'data-csrf="([^"]+)"', client.get(room).text)[0]

    def send(path: str, **given: Any) -> TestResponse:
        return client.post(path, json=given, headers={"X-CSRFToken": token})

    return send


@pytest.fixture
def came(post: Post, room: str) -> Any:
    return post(f"{room}/come").json


def test_whoever_comes_gets_it_under_an_opaque_name_for_an_hour(came: Any) -> None:
    stun, turn = came["ice"]
    assert (stun["urls"], turn["urls"]) == (["stun:turn.example"], [TURN])
    assert turn["username"] == f"{int((STARTS + timedelta(hours=1)).timestamp())}:{came['caller']}"
    assert came["ice_seconds"] == 1800


def test_it_is_renewed_when_it_is_asked_for_and_only_while_they_are_there(
    post: Post, clock: FakeClock, came: Any
) -> None:
    who = {"caller": came["caller"], "key": came["key"]}
    assert "ice" not in post("/call/exchange", **who).json
    clock.advance(timedelta(seconds=9))
    _, turn = post("/call/exchange", **who, renews_ice=True).json["ice"]
    assert turn["username"] == f"{int((STARTS + timedelta(hours=1, seconds=9)).timestamp())}:{came['caller']}"
    assert post("/call/do", **who, do="leave").status_code == 204
    assert "ice" not in post("/call/exchange", **who, renews_ice=True).json
