"""Calendars elsewhere, connected and ended by programs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.calendar_refusals import refuse
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind, ConnectionState
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.domain.sealing import KeyRing
from telehealth.domain.words import Role
from telehealth.models import CalendarConnection, RemoteEntry
from telehealth.services.calendars.sealed_access import open_access
from tests.api.caller import Caller, document, path_of
from tests.api.conftest import token_of
from tests.factories import Office, book, make_therapist, make_user
from tests.factories.connections import PASSWORD, RING, connect_calendars
from tests.factories.rows import change, keep
from tests.fakes_calendars import FakeCalendars
from tests.moments import NOW, at
from tests.writing_calendars import WrittenPlace

ACCOUNT = {"kind": "caldav", "address": "https://caldav.example", "username": "dana@x.example", "password": PASSWORD}
PRIVATE = "https://calendar.example/private-word/basic.ics"


@pytest.fixture
def therapist(office: Office) -> str:
    user = make_user(office.practice, Role.THERAPIST)
    change(office.therapist, user_id=user.id)
    return token_of(user)


@pytest.fixture
def elsewhere(calendars: FakeCalendars) -> FakeCalendars:
    calendars.open_account("dana@x.example", PASSWORD)
    calendars.add_calendar("dana@x.example", "work", name="Work")
    calendars.add_calendar("dana@x.example", "home", name="Home")
    calendars.put_busy("dana@x.example", "work", BusySpan(at(10, days=2), at(11, days=2)), uid="one")
    return calendars


def theirs(office: Office, path: str = "") -> str:
    return path_of(office, f"/therapists/{office.therapist.public_id}/calendar-connections{path}")


def rows() -> list[CalendarConnection]:
    db.session.expire_all()
    return list(db.session.scalars(select(CalendarConnection)))


def test_the_life_of_a_connection(api: Caller, office: Office, therapist: str, elsewhere: FakeCalendars) -> None:
    tried = api.post(theirs(office, "/trial"), ACCOUNT, token=therapist, status=200)
    assert tried["calendars"] == [
        {"remote_id": "work", "name": "Work", "can_write": True, "is_main": True, "busy_times": 1},
        {"remote_id": "home", "name": "Home", "can_write": True, "is_main": False, "busy_times": 0},
    ]
    assert rows() == []
    wish = {**ACCOUNT, "name": "Mail", "blocking": ["work"]}
    made = api.post(theirs(office), wish, token=therapist, status=201)
    assert (made["state"], made["problem"], made["read"]) == ("new", None, None)
    assert [(each["name"], each["blocks"]) for each in made["calendars"]] == [("Work", True), ("Home", False)]
    one = path_of(office, f"/calendar-connections/{made['id']}")
    both = {"calendars": [each["id"] for each in made["calendars"]]}
    chosen = api.put(f"{one}/blocking", both, token=therapist)
    assert [each["blocks"] for each in chosen["calendars"]] == [True, True]
    elsewhere.add_calendar("dana@x.example", "choir", name="Choir")
    found = api.post(f"{one}/calendars", None, token=therapist, status=200)
    assert [(each["name"], each["blocks"]) for each in found["calendars"]][2] == ("Choir", False)
    assert api.post(f"{one}/reading", None, token=therapist, status=200) == {"is_asked": True}
    elsewhere.open_account("dana@x.example", "new-word")
    assert api.put(one, {"name": "Other", "password": "new-word"}, token=therapist)["name"] == "Other"
    assert open_access(RING, rows()[0]).secrets == {"password": "new-word"}
    (listed,) = api.get(theirs(office), token=therapist)["connections"]
    assert listed["id"] == made["id"]
    api.delete(one, token=therapist)
    assert api.get(theirs(office), token=therapist)["connections"] == []
    assert api.get(one, token=therapist)["state"] == "ended"
    api.refused("connection_ended", "PUT", one, json={"name": "x"}, token=therapist)


def test_what_could_not_be_read_is_counted(api: Caller, office: Office, therapist: str, front_desk: str) -> None:
    made = connect_calendars(office.therapist)
    first = made.calendars[0]
    entry = {"remote_id": "a", "remote_digest": "a" * 64, "version": "1", "unread_events": 2}
    keep(RemoteEntry(practice_id=first.practice_id, calendar_id=first.id, **entry))
    (listed,) = api.get(theirs(office), token=therapist)["connections"]
    (of_all,) = api.get(path_of(office, "/calendar-connections"), token=front_desk)["connections"]
    in_full = api.get(path_of(office, f"/calendar-connections/{made.public_id}"), token=therapist)
    assert [each["unread_events"] for each in (listed, of_all, in_full)] == [2, 2, 2]
    told = in_full["calendars"]
    assert {each["id"]: each["unread_events"] for each in told} == {
        each.public_id: 2 * (each is first) for each in made.calendars
    }


def test_no_answer_holds_a_secret(api: Caller, app: Flask, office: Office, therapist: str, calendars: Any) -> None:
    calendars.open_account("", PRIVATE)
    calendars.add_calendar("", "", name="", can_write=False)
    wish = {"kind": "ics", "name": "Rota", "private_address": PRIVATE}
    made = api.post(theirs(office), wish, token=therapist, status=201)
    one = path_of(office, f"/calendar-connections/{made['id']}")
    told = json.dumps([made, api.get(one, token=therapist), api.get(theirs(office), token=therapist)])
    assert "private-word" not in told
    refusal = api.refused("invalid_input", "POST", theirs(office), json=wish, token=therapist)
    assert "connected already" in refusal["errors"]["account"]
    assert "private-word" not in json.dumps(refusal)
    shapes = document(app)["components"]["schemas"]
    for name in ("Connection", "ConnectionInFull", "Trial"):
        shown = next(shape for title, shape in shapes.items() if title.removesuffix("Schema") == name)
        assert not {"password", "private_address", "secret", "username"} & set(shown["properties"])


@pytest.mark.parametrize("failure", list(CalendarFailure))
def test_why_one_does_not_open_has_a_code_of_its_own(
    api: Caller, office: Office, therapist: str, elsewhere: FakeCalendars, failure: str
) -> None:
    elsewhere.fail_next(CalendarFailure(failure), times=2)
    code = refuse(CalendarFailure(failure)).code
    api.refused(code, "POST", theirs(office, "/trial"), json=ACCOUNT, token=therapist)
    api.refused(code, "POST", theirs(office), json={**ACCOUNT, "name": "Mail"}, token=therapist)
    assert rows() == []


def test_what_is_wrong_is_said_by_field(api: Caller, office: Office, therapist: str, elsewhere: Any) -> None:
    asked = {"kind": "caldav", "address": "http://caldav.example"}
    said = api.refused("invalid_input", "POST", theirs(office, "/trial"), json=asked, token=therapist)
    assert said["errors"].keys() == {"address", "username", "password"}
    for kind in ("google", "microsoft"):
        said = api.refused("invalid_input", "POST", theirs(office, "/trial"), json={"kind": kind}, token=therapist)
        assert said["errors"].keys() == {"kind"}
    asked = {**ACCOUNT, "name": "Mail", "blocking": ["nowhere"]}
    said = api.refused("invalid_input", "POST", theirs(office), json=asked, token=therapist)
    assert said["errors"].keys() == {"blocking"}


def test_without_a_key_nothing_is_asked_or_kept(
    app: Flask, api: Caller, office: Office, therapist: str, elsewhere: FakeCalendars
) -> None:
    ring = app.extensions["key_ring"]
    app.extensions["key_ring"] = KeyRing([])
    try:
        api.refused("calendars_off", "POST", theirs(office, "/trial"), json=ACCOUNT, token=therapist)
    finally:
        app.extensions["key_ring"] = ring
    assert elsewhere.asked == []


def test_owners_and_the_front_desk_see_how_it_stands_and_end_it(
    api: Caller, office: Office, therapist: str, owner: str, front_desk: str, elsewhere: FakeCalendars
) -> None:
    made = connect_calendars(office.therapist)
    change(made, state=ConnectionState.FAILING, failure=CalendarFailure.TIMED_OUT, synced_at=NOW)
    one = path_of(office, f"/calendar-connections/{made.public_id}")
    for token in (owner, front_desk):
        (listed,) = api.get(path_of(office, "/calendar-connections"), token=token)["connections"]
        assert (listed["state"], listed["problem"]) == ("failing", "calendar_timed_out")
        assert [each["name"] for each in api.get(one, token=token)["calendars"]] == ["", ""]
        api.refused("not_allowed", "PUT", one, json={"name": "x"}, token=token)
        api.refused("not_allowed", "POST", theirs(office), json={**ACCOUNT, "name": "x"}, token=token)
        api.post(f"{one}/reading", None, token=token, status=200)
    api.refused("not_allowed", "GET", path_of(office, "/calendar-connections"), token=therapist)
    api.delete(one, token=front_desk)


def test_an_owner_connects_what_can_only_be_read(
    api: Caller, office: Office, owner: str, calendars: FakeCalendars
) -> None:
    calendars.open_account("", PRIVATE)
    calendars.add_calendar("", "", name="", can_write=False)
    wish = {"kind": "ics", "name": "Rota", "private_address": PRIVATE}
    api.post(theirs(office), wish, token=owner, status=201)
    assert rows()[0].kind == CalendarKind.ICS


def test_a_colleagues_connection_is_not_there(api: Caller, office: Office, therapist: str) -> None:
    colleague = make_therapist(office.practice, office.service)
    made = connect_calendars(colleague)
    one = path_of(office, f"/calendar-connections/{made.public_id}")
    for method, path, body in (
        ("GET", "", None),
        ("PUT", "", {"name": "x"}),
        ("PUT", "/blocking", {"calendars": []}),
        ("POST", "/calendars", None),
        ("POST", "/reading", None),
        ("DELETE", "", None),
    ):
        api.refused("not_found", method, f"{one}{path}", json=body, token=therapist)
    asked = path_of(office, f"/therapists/{colleague.public_id}/calendar-connections")
    api.refused("not_allowed", "GET", asked, token=therapist)


def test_a_secret_whose_key_is_gone_asks_for_it_anew(api: Caller, office: Office, therapist: str) -> None:
    made = change(connect_calendars(office.therapist), secret=b"sealed by a key that is gone")
    path = path_of(office, f"/calendar-connections/{made.public_id}/calendars")
    api.refused("calendar_refused", "POST", path, token=therapist)


def test_appointments_are_taken_out_first(
    api: Caller, office: Office, therapist: str, calendars: FakeCalendars
) -> None:
    place = WrittenPlace(calendars, office.therapist)
    place.connect()
    book(office, at(10))
    place.write()
    one = path_of(office, f"/calendar-connections/{rows()[0].public_id}")
    api.delete(f"{one}?take_out=true", token=therapist)
    assert api.get(one, token=therapist)["state"] == "leaving"
    place.write()
    assert place.where() == []
    api.delete(one, token=therapist)
    assert api.get(one, token=therapist)["state"] == "ended"


def test_where_appointments_are_written_and_what_is_told(api: Caller, office: Office, therapist: str) -> None:
    first, second = connect_calendars(office.therapist).calendars
    writing = path_of(office, f"/therapists/{office.therapist.public_id}/calendar-writing")
    nowhere = {
        "calendar": None, "detail": None, "place": False, "link": False, "requests": False, "category": ""
    }  # fmt: skip
    assert api.get(writing, token=therapist) == nowhere
    told = {"detail": "initials", "place": True, "link": True, "requests": False, "category": "Practice"}
    wish = {"calendar": first.public_id, **told}
    assert api.put(writing, wish, token=therapist) == wish
    assert api.get(writing, token=therapist) == wish
    changed = api.put(writing, {"calendar": second.public_id}, token=therapist)
    assert (changed["calendar"], changed["detail"], changed["requests"]) == (second.public_id, "busy", True)
    assert api.put(writing, {"calendar": None}, token=therapist) == nowhere


def test_what_is_written_is_the_therapists_own_affair(api: Caller, office: Office, therapist: str) -> None:
    other = make_therapist(office.practice, office.service)
    theirs = connect_calendars(other, username="other@example.org").calendars[0].public_id
    own = path_of(office, f"/therapists/{office.therapist.public_id}/calendar-writing")
    said = api.refused("invalid_input", "PUT", own, json={"calendar": theirs}, token=therapist)
    assert said["errors"].keys() == {"calendar"}
    elsewhere = path_of(office, f"/therapists/{other.public_id}/calendar-writing")
    for token in (
        therapist,
        token_of(make_user(office.practice)),
        token_of(make_user(office.practice, Role.FRONT_DESK)),
    ):
        assert api.ask("GET", elsewhere, token=token).status_code in {403, 404}
        assert api.ask("PUT", elsewhere, json={"calendar": theirs}, token=token).status_code in {403, 404}
