"""Strangers, wrong keys, broken input and floods at the doors of our own virtual room."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace as with_other
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from telehealth.adapters.video import OurRooms
from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.companions import MessagesTo
from telehealth.domain.links import Linked, link_of_companion
from telehealth.domain.video.calls import GONE_AFTER, LARGEST_SIGNAL, LINGERS, MOST_KEPT, MOST_SIGNALS, SEEN_EVERY
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import Appointment, Caller, CallSignal, User
from telehealth.services.consent.companions import end_companion
from telehealth.services.consent.link_ending import end_links_of_appointment
from telehealth.services.practice.people import switch_login_off
from telehealth.services.practice.sign_ins import end_all_sign_ins
from telehealth.web.calls import LARGEST_BODY
from telehealth.web.headers import limiter
from tests import databases
from tests.factories import (
    BY_STAFF,
    Office,
    book,
    cancel,
    make_companion,
    make_contact,
    make_couple_office,
    make_office,
)
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import as_therapist, words_of

STARTS = at(10, days=3)
EARLY = timedelta(minutes=5)
CSRF = re.compile(r'data-csrf="([^"]+)"')


@dataclass
class Device:
    """A browser in front of the page of a room."""

    browser: FlaskClient
    page: str
    given: dict[str, Any] | None = None
    token: str = ""
    """Of the page as it was last shown: one that stays open goes on with it."""

    def come(self, **body: Any) -> TestResponse:
        found = CSRF.search(self.browser.get(self.page).text)
        self.token = found[1] if found else self.token
        answer = self.browser.post(f"{self.page}/come", json=body, headers={"X-CSRFToken": self.token})
        if answer.status_code == 200:
            self.given = answer.json
        return answer

    @property
    def who(self) -> dict[str, Any]:
        assert self.given is not None
        return {name: self.given[name] for name in ("caller", "key")}

    def ask(self, *sent: Any, **body: Any) -> TestResponse:
        return self.browser.post("/call/exchange", json={**self.who, "after": 0, "sent": list(sent), **body})

    def hears(self, *sent: Any, **body: Any) -> Any:
        answer = self.ask(*sent, **body)
        assert answer.status_code == 200, answer.text
        return answer.json

    def do(self, deed: str, **body: Any) -> TestResponse:
        return self.browser.post("/call/do", json={**self.who, "do": deed, **body})

    def says(self, other: Device, number: Any = 1, body: Any = "{}") -> dict[str, Any]:
        return {"to": other.who["caller"], "number": number, "body": body}


@pytest.fixture
def office(app: Flask, client: FlaskClient, clock: FakeClock) -> Office:
    app.extensions["gateways"] = with_other(app.extensions["gateways"], video=OurRooms())
    office = make_couple_office()
    clock.advance(STARTS - EARLY - NOW)
    return office


def booked(office: Office, name: str = "Jane Doe", **given: Any) -> Appointment:
    contact = make_contact(name=name, email=f"{name.split(maxsplit=1)[0].lower()}@example.com")
    return book(office, STARTS, by=BY_STAFF, now=NOW - timedelta(days=1), contact=contact, **given)


@pytest.fixture
def appointment(office: Office) -> Appointment:
    return booked(office)


@pytest.fixture
def dana(app: Flask, office: Office, appointment: Appointment) -> Device:
    """The therapist, inside."""
    staff = as_therapist(app, office)
    device = Device(staff.browser, f"/desk/appointments/{appointment.public_id}/room")
    assert device.come().status_code == 200
    return device


def at_the_door(app: Flask, addresses: Addresses, seat: Linked) -> Device:
    url = addresses.join(seat)
    return Device(app.test_client(), "/" + url.split("/", 3)[3] + "/room")


@pytest.fixture
def jane(app: Flask, addresses: Addresses, appointment: Appointment) -> Device:
    """A client, in the waiting room."""
    device = at_the_door(app, addresses, appointment.attendees[0])
    assert device.come().status_code == 200
    return device


@pytest.fixture
def both(dana: Device, jane: Device) -> tuple[Device, Device]:
    assert dana.do("let_in").status_code == 204
    return dana, jane


def kept() -> int:
    return db.session.scalar(select(func.count()).select_from(CallSignal)) or 0


def code_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, (answer.json or {}).get("code", "")


ENDED = (409, "room_closed")


def test_a_call_goes_on_whatever_becomes_of_the_browsers_form_tokens(both: tuple[Device, Device]) -> None:
    """Changing practices in another window makes them anew: the key in the body proves who it is."""
    dana, _ = both
    with dana.browser.session_transaction() as cookie:
        cookie.pop("csrf_token", None)
    assert dana.ask().status_code == 200
    assert dana.do("set_note", note="Five minutes, please").status_code == 204


def test_who_waits_learns_nothing_and_reaches_nobody(dana: Device, jane: Device) -> None:
    heard = jane.hears(jane.says(dana))
    assert (heard["others"], heard["signals"], heard["me"]["state"]) == ([], [], "waiting")
    assert kept() == 0
    for deed in ("let_in", "put_out", "set_lock", "set_note", "end_for_all"):
        answer = jane.do(deed, whom=jane.who["caller"])
        assert code_of(answer) == (403, "not_allowed"), deed
    assert jane.hears()["me"]["state"] == "waiting"


def test_a_wrong_an_old_and_an_empty_key_open_nothing(both: tuple[Device, Device]) -> None:
    dana, jane = both
    old = dict(jane.who)
    assert jane.come(key=old["key"]).status_code == 200
    for key in (old["key"], dana.who["key"], "", "x" * 5_000, "\udc80", None, ["a"], 5):
        assert code_of(jane.ask(key=key)) == (409, "open_elsewhere"), key
        assert code_of(jane.do("leave", key=key)) == (409, "open_elsewhere"), key
    for caller in ("", "nobody", "\ud800", "a\x00b", "x" * 10_000, None, {"a": 1}, [], 7, dana.who["key"]):
        assert code_of(jane.ask(caller=caller)) == (404, "not_found"), caller
    assert jane.hears()["me"]["state"] == "admitted"


def test_the_key_of_a_therapist_is_worth_nothing_without_their_sign_in(
    app: Flask, office: Office, both: tuple[Device, Device]
) -> None:
    dana, jane = both
    signed_out = (401, "signed_out")
    stolen = Device(app.test_client(), dana.page, dana.given)
    assert code_of(stolen.ask()) == code_of(stolen.do("end_for_all")) == signed_out
    colleague = Device(as_therapist(app, office).browser, dana.page, dana.given)
    change(office.therapist, user_id=db.session.scalar(select(Caller.user_id).where(Caller.user_id.is_not(None))))
    assert code_of(colleague.ask()) == signed_out
    assert dana.ask().status_code == 200
    assert [each["role"] for each in jane.hears()["others"]] == ["therapist"]


def test_who_signs_out_or_is_shut_out_is_out_of_the_call(
    office: Office, both: tuple[Device, Device], clock: FakeClock
) -> None:
    dana, jane = both
    user = db.session.get_one(User, db.session.scalar(select(Caller.user_id).where(Caller.user_id.is_not(None))))
    assert user.login_id is not None
    end_all_sign_ins(login_id=user.login_id, by=BY_STAFF, now=clock())
    assert code_of(dana.ask()) == code_of(dana.do("end_for_all")) == (401, "signed_out")
    clock.advance(GONE_AFTER)
    assert jane.hears()["others"] == []


def test_a_login_that_was_switched_off_conducts_nothing(
    office: Office, both: tuple[Device, Device], clock: FakeClock
) -> None:
    dana, jane = both
    user = db.session.scalars(select(User).join(Caller, Caller.user_id == User.id)).one()
    switch_login_off(practice_id=office.practice.id, person_public_id=user.public_id, by=BY_STAFF, now=clock())
    assert dana.ask().status_code in {401, 409}
    assert dana.do("end_for_all").status_code in {401, 409}
    assert jane.ask().status_code == 200


def test_somebody_elses_appointment_is_not_reached(
    app: Flask, office: Office, addresses: Addresses, both: tuple[Device, Device]
) -> None:
    """Neither in the same practice nor in another one: by its callers' ids, which somebody may have got hold of."""
    dana, jane = both
    other_office = make_office(practice={"slug": "other"})
    stranger = book(other_office, STARTS, by=BY_STAFF, now=NOW - timedelta(days=1))
    eve = at_the_door(app, addresses, stranger.attendees[0])
    assert eve.come().status_code == 200
    therapist = Device(as_therapist(app, other_office).browser, f"/desk/appointments/{stranger.public_id}/room")
    assert therapist.come().status_code == 200
    assert therapist.do("let_in", whom=eve.who["caller"]).status_code == 204
    eve.hears(eve.says(jane), eve.says(dana, 2))
    assert therapist.do("put_out", whom=jane.who["caller"]).status_code == 404
    assert therapist.do("let_in", whom=jane.who["caller"]).status_code == 204
    assert kept() == 0
    assert len(jane.hears()["others"]) == 1
    assert therapist.browser.post(f"{dana.page}/come", json={}).status_code in {400, 404}


@pytest.mark.parametrize("path", ["/j/nobody.xxxxxxxxxxxxxxxxxxxxxx/room", "/j/%ED%A0%80/room", "/j/a/room"])
def test_a_made_up_link_is_no_link(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
    assert Device(client, path).come().status_code in {400, 404}


def test_a_cancelled_appointment_ends_its_call(
    both: tuple[Device, Device], appointment: Appointment, clock: FakeClock
) -> None:
    cancel(appointment, by=BY_STAFF, now=clock())
    for each in both:
        assert code_of(each.ask()) == code_of(each.do("raise_hand", is_up=True)) == ENDED
        assert each.come(takes_over=True).status_code in {404, 409}


def test_one_seat_that_was_cancelled_ends_for_its_client_alone(
    app: Flask, office: Office, addresses: Addresses
) -> None:
    ben = make_contact(name="Ben Ito", email="ben@example.com")
    appointment = booked(office, others=(ben,))
    jane, ben_ = (at_the_door(app, addresses, each) for each in appointment.attendees)
    assert {jane.come().status_code, ben_.come().status_code} == {200}
    change(appointment.attendees[0], status=AppointmentStatus.CANCELLED)
    assert code_of(jane.ask()) == ENDED
    assert ben_.ask().status_code == 200


def test_an_appointment_that_is_not_by_video_any_more_has_no_call(
    both: tuple[Device, Device], appointment: Appointment
) -> None:
    change(appointment, mode=Mode.PHONE)
    assert {code_of(each.ask()) for each in both} == {ENDED}


def test_a_link_that_was_ended_ends_what_came_by_it(
    app: Flask, addresses: Addresses, both: tuple[Device, Device], appointment: Appointment, clock: FakeClock
) -> None:
    dana, jane = both
    about = {"practice_id": appointment.practice_id, "appointment_id": appointment.id}
    end_links_of_appointment(**about, by=BY_STAFF, now=clock())
    assert code_of(jane.ask()) == ENDED
    assert jane.come(takes_over=True).status_code in {404, 410}
    db.session.expire_all()
    again = at_the_door(app, addresses, appointment.attendees[0])
    assert again.come().status_code == 200, "with the new link there is nothing to take over"
    assert again.hears()["me"]["state"] == "admitted"
    assert dana.ask().status_code == 200


def test_who_does_not_act_for_a_client_any_more_is_out(
    app: Flask, addresses: Addresses, both: tuple[Device, Device], appointment: Appointment, clock: FakeClock
) -> None:
    seat = appointment.attendees[0]
    maria = make_companion(seat.client, messages_to=MessagesTo.COMPANION)
    device = at_the_door(app, addresses, link_of_companion(seat, maria))
    assert device.come().status_code == 200
    about = {"practice_id": appointment.practice_id, "client_public_id": seat.client.public_id}
    end_companion(**about, companion_public_id=maria.public_id, by=BY_STAFF, now=clock())
    assert code_of(device.ask()) == ENDED
    assert both[1].ask().status_code == 200


def test_a_room_that_has_closed_keeps_nobody_who_is_alone(both: tuple[Device, Device], clock: FakeClock) -> None:
    """Two who talk are not interrupted; a page that was left open does not stay in for ever."""
    _, jane = both
    for _ in range(270):
        clock.advance(GONE_AFTER - SEEN_EVERY / 5)
        assert {each.ask().status_code for each in both} == {200}
    clock.advance(GONE_AFTER)
    assert jane.ask().status_code == 200, "whoever lost the network finds the way back"
    clock.advance(LINGERS)
    assert code_of(jane.ask()) == ENDED, "nobody else was heard of"


def test_whoever_drops_out_after_it_has_closed_finds_the_way_back(
    both: tuple[Device, Device], appointment: Appointment, clock: FakeClock
) -> None:
    dana, jane = both
    closes_at = appointment.room_closes_at
    while clock() <= closes_at:
        clock.advance(GONE_AFTER - SEEN_EVERY / 5)
        assert {each.ask().status_code for each in both} == {200}
    assert jane.do("leave").status_code == 204
    join = jane.page.removesuffix("/room")
    assert "Join by video" in words_of(jane.browser.get(join))
    assert dana.ask().status_code == 200
    assert jane.come().status_code == 200
    assert {each.ask().status_code for each in both} == {200}


def test_that_somebody_is_with_a_client_is_for_the_therapist_alone(
    app: Flask, office: Office, addresses: Addresses
) -> None:
    ben = make_contact(name="Ben Ito", email="ben@example.com")
    appointment = booked(office, others=(ben,))
    therapist = Device(as_therapist(app, office).browser, f"/desk/appointments/{appointment.public_id}/room")
    assert therapist.come().status_code == 200
    jane, partner = (at_the_door(app, addresses, each) for each in appointment.attendees)
    assert {jane.come().status_code, partner.come().status_code} == {200}
    assert therapist.do("let_in").status_code == 204
    change(db.session.scalars(select(Caller).where(Caller.public_id == jane.who["caller"])).one(), cannot_speak=True)
    seen = {each["id"]: each["cannot_speak"] for each in partner.hears()["others"]}
    assert not seen[jane.who["caller"]]
    assert jane.hears()["me"]["cannot_speak"]
    assert {each["id"]: each["cannot_speak"] for each in therapist.hears()["others"]}[jane.who["caller"]]


BROKEN = (
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"[" * 100_000,
    b'{"a":' * 20_000,
    b'{"caller": 1e999}',
    b'{"after": ' + b"9" * 10_000 + b"}",
    b'{"caller": "\xff\xfe"}',
    b"\x00" * 100,
)


@pytest.mark.parametrize("path", ["/call/exchange", "/call/do"])
def test_broken_json_is_refused_in_json(client: FlaskClient, office: Office, path: str) -> None:
    for data in BROKEN:
        answer = client.post(path, data=data, content_type="application/json")
        assert code_of(answer) in {(422, "invalid_input"), (404, "not_found")}, data[:20]
    assert client.post(path, data=b'{"caller": "a"}', content_type="text/plain").status_code == 422
    assert client.get(path).status_code == 405


@pytest.mark.parametrize("path", ["/call/exchange", "/call/do"])
def test_a_body_has_a_bound_of_its_own(client: FlaskClient, office: Office, path: str) -> None:
    large = json.dumps({"caller": "a", "key": "k", "pad": "x" * LARGEST_BODY})
    assert client.post(path, data=large, content_type="application/json").status_code == 413


def test_coming_with_broken_json_is_refused(jane: Device) -> None:
    token = CSRF.search(jane.browser.get(jane.page).text)
    assert token is not None
    for data in BROKEN:
        headers = {"X-CSRFToken": token[1]}
        answer = jane.browser.post(f"{jane.page}/come", data=data, content_type="application/json", headers=headers)
        assert answer.status_code in {409, 422}, data[:20]


def test_the_doors_of_a_call_refuse_in_json_whatever_refuses(
    app: Flask, client: FlaskClient, dana: Device, jane: Device
) -> None:
    outdated = (400, "page_outdated")
    for device in (dana, jane):
        for headers in ({}, {"X-CSRFToken": "x"}):
            assert code_of(device.browser.post(f"{device.page}/come", json={}, headers=headers)) == outdated
    stranger = Device(app.test_client(), dana.page)
    stranger.browser.get("/desk")
    assert code_of(stranger.browser.post(f"{dana.page}/come", json={})) == outdated
    made_up = Device(jane.browser, jane.page.replace("/j/", "/j/x"))
    token = CSRF.search(jane.browser.get(jane.page).text)
    assert token is not None
    answer = jane.browser.post(f"{made_up.page}/come", json={}, headers={"X-CSRFToken": token[1]})
    assert (answer.status_code, answer.is_json) == (404, True)
    large = json.dumps({"caller": "a", "pad": "x" * LARGEST_BODY})
    answer = client.post("/call/exchange", data=large, content_type="application/json")
    assert code_of(answer) == (413, "too_large")
    assert answer.json["sentence"]


def test_signals_that_cannot_be_kept_are_left_out_and_the_rest_arrives(both: tuple[Device, Device]) -> None:
    dana, jane = both
    numbers = (0, -1, 2**31, 2**70, 1.5, True, None, "7", [1])
    bodies = ("", "a\x00b", "\ud800", "x" * (LARGEST_SIGNAL + 1), None, {"a": 1}, 5)
    recipients = ("", "\udfff", "a\x00", None, 5, [], "nobody", jane.who["caller"])
    bad: list[Any] = [jane.says(dana, number) for number in numbers]
    bad += [jane.says(dana, 100 + turn, body) for turn, body in enumerate(bodies)]
    bad += [{**jane.says(dana, 200 + turn), "to": to} for turn, to in enumerate(recipients)]
    bad += ["text", None, 5, [], {}, [[]]]
    jane.hears(*bad[:30])
    jane.hears(*bad[30:], jane.says(dana, 2**31 - 1, '{"it": "arrives"}'))
    assert [each["body"] for each in dana.hears()["signals"]] == ['{"it": "arrives"}']
    for sent in ("text", {"a": 1}, 7, None, [[[[]]]]):
        assert jane.ask(sent=sent).status_code == 200, sent


def test_what_somebody_claims_to_have_had_harms_only_them(both: tuple[Device, Device]) -> None:
    dana, jane = both
    jane.hears(jane.says(dana))
    for after in (2**63 - 1, 2**63, 2**200, -5, 1.5, "9", None, True):
        assert jane.ask(after=after).status_code == 200, after
    assert len(dana.hears()["signals"]) == 1


def test_what_is_sent_again_after_it_was_fetched_arrives_once(both: tuple[Device, Device]) -> None:
    dana, jane = both
    jane.hears(jane.says(dana, 1))
    last = dana.hears()["last"]
    assert dana.hears(after=last)["signals"] == []
    jane.hears(jane.says(dana, 1), jane.says(dana, 2, '{"it": "is new"}'))  # The answer to the first was lost.
    assert [each["body"] for each in dana.hears(after=last)["signals"]] == ['{"it": "is new"}'], "said twice, as well"


def test_a_flood_fills_nothing_up(both: tuple[Device, Device]) -> None:
    dana, jane = both
    for turn in range(MOST_KEPT // MOST_SIGNALS + 3):
        first = turn * MOST_SIGNALS + 1
        jane.hears(*(jane.says(dana, number) for number in range(first, first + MOST_SIGNALS)))
    assert kept() == MOST_KEPT
    assert dana.do("put_out", whom=jane.who["caller"]).status_code == 204
    assert kept() == 0, "what is left of somebody goes with them"


def test_what_nobody_fetches_goes_with_whoever_leaves(both: tuple[Device, Device]) -> None:
    dana, jane = both
    jane.hears(jane.says(dana))
    dana.hears(dana.says(jane))
    assert kept() == 2
    assert jane.do("leave").status_code == 204
    assert kept() == 0


@pytest.fixture
def limited(tmp_path: Path, clock: FakeClock) -> Iterator[FlaskClient]:
    url = databases.sqlite(tmp_path / "limits.db")
    with databases.migrated_app(url, folder=tmp_path, RATE_LIMITS=True) as app, app.app_context():
        limiter.reset()
        yield app.test_client()
        limiter.reset()


def test_made_up_callers_leave_few_counts_behind(limited: FlaskClient) -> None:
    """The network is counted first, so that ids which nobody has do not fill our memory."""
    answers = [limited.post("/call/exchange", json={"caller": f"made-up-{n}"}).status_code for n in range(160)]
    assert answers == [404] * 100 + [429] * 60
    answer = limited.post("/call/exchange", json={"caller": "one"})
    assert (*code_of(answer), answer.headers["Retry-After"]) == (429, "too_many_requests", "1")
    assert limiter.storage.reset() <= 102


def test_one_caller_asks_only_so_often_wherever_they_are(limited: FlaskClient, clock: FakeClock) -> None:
    answers = []
    for turn in range(310):
        place = {"REMOTE_ADDR": f"203.0.113.{turn % 200}"}
        answers.append(limited.post("/call/exchange", json={"caller": "one"}, environ_base=place).status_code)
    assert answers == [404] * 300 + [429] * 10
