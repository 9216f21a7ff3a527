"""Trying one's own device before an appointment, and what a test of the network is given."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment
from telehealth.web.call_words import find_call_words
from telehealth.web.check_words import CHECK_WORDS
from telehealth.web.headers import ALWAYS, limiter
from tests import databases
from tests.factories import BY_STAFF, Office, book, cancel, make_office
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.client.test_call_words import HOLES
from tests.web.staff import as_front_desk, as_therapist, words_of
from tests.web.visitor import read

TEN = at(10)
TURN = "turns:turn.example:443?transport=tcp"
SCRIPTS = Path(__file__).resolve().parents[3] / "telehealth" / "web" / "assets" / "js" / "call"


@pytest.fixture
def office(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Office:
    for name, value in {"TURN_URLS": [TURN], "TURN_SECRET": "north"}.items():
        monkeypatch.setitem(app.config, name, value)
    return make_office()


@pytest.fixture
def appointment(office: Office, clock: FakeClock) -> Appointment:
    booked = book(office, TEN, now=NOW)
    clock.instant = TEN - timedelta(minutes=5)
    return booked


@pytest.fixture
def check(appointment: Appointment, addresses: Addresses) -> str:
    return f"/j/{addresses.token(LinkPurpose.JOIN, appointment.attendees[0])}/check"


def ask(client: FlaskClient, check: str) -> Any:
    token = re.findall(r'data-csrf="([^"]+)"', client.get(check).text)[0]
    return client.post(check, json={}, headers={"X-CSRFToken": token})


def test_while_the_room_is_open_a_test_gets_a_way_through_the_relay_for_two_minutes(
    client: FlaskClient, check: str, clock: FakeClock
) -> None:
    page = client.get(check)
    assert 'data-has-relays="yes"' in page.text
    (given,) = ask(client, check).json["ice"]
    ends, _, whom = given["username"].partition(":")
    assert given["urls"] == [TURN]
    assert int(ends) == int((clock.instant + timedelta(minutes=2)).timestamp())
    assert whom.startswith("test-")


def test_days_ahead_everything_but_the_network_is_tried(
    client: FlaskClient, check: str, clock: FakeClock, addresses: Addresses, appointment: Appointment
) -> None:
    clock.instant = NOW
    manage = addresses.manage(appointment.attendees[0]).removeprefix(addresses.base_url)
    assert read(client.get(manage)).links["test your camera and sound"] == check
    assert read(client.get(check.removesuffix("/check"))).links["Test your camera and sound"] == check
    page = client.get(check)
    assert "is tested when the room is open" in words_of(page)
    assert 'data-has-relays=""' in page.text
    assert ask(client, check).json == {"ice": []}


@pytest.mark.parametrize("moment", [TEN + timedelta(hours=3), TEN + timedelta(days=40)])
def test_once_it_is_over_there_is_nothing_to_try(
    client: FlaskClient, check: str, clock: FakeClock, moment: datetime
) -> None:
    token = re.findall(r'data-csrf="([^"]+)"', client.get(check).text)[0]
    clock.instant = moment
    assert client.get(check).location == check.removesuffix("/check")
    assert client.post(check, json={}, headers={"X-CSRFToken": token}).json == {"ice": []}


def test_what_is_cancelled_gets_nothing(
    client: FlaskClient, check: str, appointment: Appointment, clock: FakeClock
) -> None:
    token = re.findall(r'data-csrf="([^"]+)"', client.get(check).text)[0]
    cancel(appointment, by=BY_STAFF, now=clock())
    assert client.post(check, json={}, headers={"X-CSRFToken": token}).json in ({"ice": []}, None)


@pytest.mark.parametrize("token", ["x", "a.b", "AAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA"])
def test_guessed_links_get_nothing(client: FlaskClient, office: Office, token: str) -> None:
    assert client.get(f"/j/{token}/check").status_code == 404
    assert '"ice"' not in client.post(f"/j/{token}/check", json={}).text


def test_trying_is_no_arrival(client: FlaskClient, check: str, appointment: Appointment, database: Session) -> None:
    for method in (client.get, client.head):
        assert method(check).status_code == 200
    ask(client, check)
    database.refresh(appointment)
    assert (appointment.status, appointment.attendees[0].entered_at) == (AppointmentStatus.BOOKED, None)


def test_it_speaks_spanish(client: FlaskClient, check: str, appointment: Appointment) -> None:
    change(appointment.attendees[0].client, locale="es")
    page = client.get(check)
    assert '<html lang="es"' in page.text
    assert "Pruebe aquí su cámara" in words_of(page)
    given = re.search(r"data-call-words>(.*?)</script>", page.text, re.DOTALL)
    assert given is not None
    assert json.loads(given[1]) == find_call_words("es")


def test_staff_try_their_own_from_today(app: Flask, office: Office, appointment: Appointment) -> None:
    staff = as_therapist(app, office)
    assert read(staff.get("/desk")).links["Test my video"] == "/desk/video/check"
    page = staff.get("/desk/video/check")
    assert "camera=(self), microphone=(self), display-capture=()" in page.headers["Permissions-Policy"]
    token = re.findall(r'data-csrf="([^"]+)"', page.text)[0]
    given = staff.browser.post("/desk/video/check", json={}, headers={"X-CSRFToken": token}).json
    assert [each["urls"] for each in given["ice"]] == [[TURN]]
    assert as_front_desk(app, office).get("/desk/video/check").status_code == 200
    assert '"ice"' not in app.test_client().post("/desk/video/check", json={}).text


def test_devices_are_allowed_where_they_are_needed_and_nowhere_else(
    client: FlaskClient, check: str, office: Office
) -> None:
    door, closed = check.removesuffix("/check"), ALWAYS["Permissions-Policy"]
    for name in ("camera", "microphone", "display-capture", "screen-wake-lock", "geolocation", "payment"):
        assert f"{name}=()" in closed
    for path in (door, f"{door}/before", f"{door}/call", f"/{office.practice.slug}"):
        assert client.get(path).headers["Permissions-Policy"] == closed, path
    assert (
        client.get(check)
        .headers["Permissions-Policy"]
        .startswith("camera=(self), microphone=(self), display-capture=()")
    )
    room = client.get(f"{door}/room").headers
    assert room["Permissions-Policy"].startswith("camera=(self), microphone=(self), display-capture=(self)")
    for path in (check, f"{door}/room"):
        assert "unsafe" not in client.get(path).headers["Content-Security-Policy"]


@pytest.fixture
def limited(tmp_path: Path, clock: FakeClock) -> Iterator[tuple[FlaskClient, Addresses]]:
    url = databases.sqlite(tmp_path / "limits.db")
    with databases.migrated_app(url, folder=tmp_path, RATE_LIMITS=True) as app, app.app_context():
        limiter.reset()
        yield app.test_client(), app.extensions["addresses"]
        limiter.reset()


def test_one_link_is_tested_only_so_often(limited: tuple[FlaskClient, Addresses], clock: FakeClock) -> None:
    client, addresses = limited
    office = make_office()
    seats = [book(office, TEN + timedelta(hours=each), now=NOW).attendees[0] for each in (0, 2)]
    clock.instant = TEN - timedelta(minutes=5)
    first, second = (f"/j/{addresses.token(LinkPurpose.JOIN, each)}/check" for each in seats)
    assert [ask(client, first).status_code for _ in range(22)] == [200] * 20 + [429] * 2
    assert ask(client, second).status_code == 200


def test_every_word_is_there_in_every_language_with_the_same_holes() -> None:
    for name, words in CHECK_WORDS.items():
        assert len(words) == 2, name
        assert all(words), name
        assert len({tuple(sorted(HOLES.findall(each))) for each in words}) == 1, name


def test_whatever_code_the_script_gives_has_words() -> None:
    """Those that it puts together are read from it: a refusal by browser, what is missing, how the network is."""
    script = (SCRIPTS / "surroundings.js").read_text()
    refusals = set(re.findall(r'"(refused_\w+)"', script)) | {
        f"refused_{each}" for each in ("chrome", "firefox", "safari")
    }
    assert len(refusals) > 8
    assert {f"advice_{each}" for each in refusals} <= set(CHECK_WORDS)
    apps = {f"{said}_in_app_{system}" for said in ("trouble", "advice") for system in ("ios", "android", "desk")}
    parts = {f"trouble_{why}_{what}" for why in ("missing", "busy") for what in ("both", "camera", "microphone")}
    script = (SCRIPTS / "network.js").read_text()
    results = {"good", "sound", "blocked", "reached", "server", "offline", "busy"}
    assert {each for each in results if f'"{each}"' in script} == results
    networks = {f"network_{each}" for each in results}
    assert apps | parts | networks <= set(CHECK_WORDS)
