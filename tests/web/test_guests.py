"""The link of a guest: invited at the desk, let in by a therapist, ended with the invitation or the appointment."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.adapters.video import OurRooms
from telehealth.database import db
from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.video.calls import GuestKind
from telehealth.domain.video.guests import GuestFacts
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import Appointment, Caller, CallGuest
from telehealth.services.video.inviting import invite_guest
from telehealth.web.guest_words import GUEST_PAGE, find_guest_words
from tests.factories import BY_STAFF, Office, book, cancel, make_office, make_therapist, move
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import as_front_desk, as_therapist
from tests.web.test_calls import Device, code_of

STARTS = at(10, days=3)
HOLES = re.compile(r"\{\w+\}")


@pytest.fixture
def office(app: Flask, client: FlaskClient, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setitem(app.extensions, "gateways", replace(app.extensions["gateways"], video=OurRooms()))
    clock.advance(STARTS - timedelta(minutes=5) - NOW)
    return make_office()


@pytest.fixture
def appointment(office: Office) -> Appointment:
    return book(office, STARTS, by=BY_STAFF, now=NOW - timedelta(days=1))


def invite(appointment: Appointment, *, name: str = "Ana Gómez", locale: str = "en") -> CallGuest:
    return invite_guest(
        practice_id=appointment.practice_id,
        appointment_id=appointment.id,
        facts=GuestFacts(name, GuestKind.INTERPRETER, locale=locale),
        by=BY_STAFF,
        now=STARTS - timedelta(hours=1),
    )


def path(addresses: Addresses, guest: CallGuest) -> str:
    return addresses.guest(guest).removeprefix(addresses.base_url)


def at_the_door(app: Flask, addresses: Addresses, guest: CallGuest) -> Device:
    return Device(app.test_client(), path(addresses, guest) + "/room")


def test_every_word_is_there_in_both_languages_with_the_same_holes() -> None:
    for name, words in GUEST_PAGE.items():
        assert all(words), name
        assert len({tuple(sorted(HOLES.findall(each))) for each in words}) == 1, name
    assert find_guest_words("es-MX")["go_in"] == "Entrar por video"


def test_the_desk_invites_shows_the_link_again_and_ends_it(
    app: Flask, office: Office, appointment: Appointment, addresses: Addresses
) -> None:
    desk = as_front_desk(app, office)
    page = f"/desk/appointments/{appointment.public_id}"
    typed = {"guest_name": "Ana Gómez", "guest_kind": "interpreter", "guest_language": "es"}
    assert desk.post(f"{page}/guests", typed).status_code == 302
    guest = db.session.scalars(select(CallGuest)).one()
    for _ in range(2):
        shown = desk.get(page).text
        assert addresses.guest(guest) in shown
        assert "Ana Gómez" in shown
        assert "interpreter, reads Español" in shown
    assert "Guest invited by" in shown
    assert desk.post(f"{page}/guests/{guest.public_id}/end").status_code == 302
    shown = desk.get(page).text
    assert addresses.guest(guest) not in shown
    assert "Invitation of a guest ended by" in shown


def test_what_was_typed_wrongly_stays_in_the_form(app: Flask, office: Office, appointment: Appointment) -> None:
    desk = as_front_desk(app, office)
    typed = {"guest_name": "Ana Gómez", "guest_kind": "", "guest_language": "es"}
    answer = desk.post(f"/desk/appointments/{appointment.public_id}/guests", typed)
    assert answer.status_code == 422
    assert "Please say as what they come." in answer.text
    assert 'value="Ana Gómez"' in answer.text
    answer = desk.post(
        f"/desk/appointments/{appointment.public_id}/guests", {**typed, "guest_name": "", "guest_kind": "school"}
    )
    assert "Please enter their name." in answer.text
    assert db.session.scalars(select(CallGuest)).all() == []


def test_only_the_desk_and_its_therapists_invite(app: Flask, office: Office, appointment: Appointment) -> None:
    colleague = as_therapist(app, replace(office, therapist=make_therapist(office.practice, office.service)))
    typed = {"guest_name": "Ana", "guest_kind": "other", "guest_language": "en"}
    assert colleague.post(f"/desk/appointments/{appointment.public_id}/guests", typed).status_code == 404
    own = as_therapist(app, office)
    assert own.post(f"/desk/appointments/{appointment.public_id}/guests", typed).status_code == 302
    assert db.session.scalars(select(CallGuest.name)).all() == ["Ana"]


@pytest.mark.parametrize(("locale", "said"), [("en", "The room is open"), ("es", "La sala está abierta")])
def test_the_page_speaks_their_language_and_names_nobody_else(
    client: FlaskClient, addresses: Addresses, appointment: Appointment, locale: str, said: str
) -> None:
    guest = invite(appointment, locale=locale)
    page = client.get(path(addresses, guest)).text
    assert f"<h1>{said}</h1>" in page
    assert f'<html lang="{locale}"' in page
    assert "Ana Gómez" in page
    assert "MST" in page
    seat, therapist = appointment.attendees[0], appointment.therapist
    for private in (seat.name, seat.email, therapist.name, appointment.service.name):
        assert private not in page
    assert client.get(path(addresses, guest) + "/enter").headers["Location"].endswith("/room")
    room = client.get(path(addresses, guest) + "/room")
    assert "camera=(self)" in room.headers["Permissions-Policy"]
    assert seat.name not in room.text


def test_looking_is_not_coming(client: FlaskClient, addresses: Addresses, appointment: Appointment) -> None:
    guest = invite(appointment)
    for step in ("", "/enter", "/room"):
        for _ in range(2):
            assert client.get(path(addresses, guest) + step).status_code < 400
            assert client.head(path(addresses, guest) + step).status_code < 400
    assert client.get(path(addresses, guest) + "/room/come").status_code == 405
    assert db.session.scalars(select(Caller)).all() == []


def test_a_guest_waits_is_let_in_shown_as_what_they_are_and_can_be_removed(
    app: Flask, office: Office, addresses: Addresses, appointment: Appointment
) -> None:
    guest = invite(appointment)
    ana = at_the_door(app, addresses, guest)
    assert ana.come().status_code == 200
    dana = Device(as_therapist(app, office).browser, f"/desk/appointments/{appointment.public_id}/room")
    assert dana.come().status_code == 200
    heard = ana.hears()
    assert (heard["me"]["state"], heard["others"]) == ("waiting", [])
    assert ana.do("let_in").status_code == 403
    assert dana.do("let_in", whom=ana.who["caller"]).status_code == 204
    (shown,) = dana.hears()["others"]
    assert (shown["name"], shown["role"], shown["guest_kind"]) == ("Ana Gómez", "guest", "interpreter")
    assert [each["role"] for each in ana.hears()["others"]] == ["therapist"]
    assert dana.do("put_out", whom=ana.who["caller"]).status_code == 204
    assert ana.hears()["me"]["state"] == "removed"
    assert (appointment.status, appointment.attendees[0].entered_at) == (AppointmentStatus.BOOKED, None)
    history = dana.browser.get(f"/desk/appointments/{appointment.public_id}").text
    assert "Ana Gómez, interpreter." in history


def test_an_ended_invitation_says_so_and_opens_nothing(
    app: Flask, office: Office, addresses: Addresses, appointment: Appointment
) -> None:
    guest = invite(appointment)
    ana, url = at_the_door(app, addresses, guest), path(addresses, guest)
    assert ana.come().status_code == 200
    desk = as_front_desk(app, office)
    desk.post(f"/desk/appointments/{appointment.public_id}/guests/{guest.public_id}/end")
    assert ana.ask().status_code == 409
    assert code_of(ana.browser.post(f"{url}/room/come", json={})) != (200, "")
    page = ana.browser.get(url)
    assert page.status_code == 410
    assert "This invitation has ended" in page.text
    assert ana.browser.get(f"{url}/room").headers["Location"].endswith(url)
    again = invite(appointment)
    assert path(addresses, again) != url


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("status", AppointmentStatus.NOSHOW, "does not take place"),
        ("mode", Mode.PHONE, "There is no video"),
        ("asked_to_move_at", NOW, "The time is not settled yet"),
    ],
)
def test_what_becomes_of_the_appointment_is_said(
    client: FlaskClient, addresses: Addresses, appointment: Appointment, field: str, value: object, said: str
) -> None:
    guest = invite(appointment)
    change(appointment, **{field: value})
    assert said in client.get(path(addresses, guest)).text
    token = path(addresses, guest).removeprefix("/g/")
    assert client.get(f"/g/{token}/enter").headers["Location"] == f"/g/{token}"


def test_the_link_follows_the_appointment_and_ends_when_it_is_cancelled(
    client: FlaskClient, addresses: Addresses, appointment: Appointment, clock: FakeClock
) -> None:
    guest = invite(appointment)
    move(appointment, at(15, days=4), by=BY_STAFF, now=clock())
    page = client.get(path(addresses, guest)).text
    assert "The room is not open yet" in page
    assert "3:00 PM MST" in page
    clock.advance(timedelta(days=1, hours=5))
    assert "The room is open" in client.get(path(addresses, guest)).text
    clock.advance(timedelta(hours=9))
    assert "This appointment is over" in client.get(path(addresses, guest)).text
    cancel(appointment)
    assert "does not take place" in client.get(path(addresses, guest)).text


def test_no_other_link_opens_it_and_it_opens_nothing_else(
    client: FlaskClient, addresses: Addresses, appointment: Appointment
) -> None:
    guest, seat = invite(appointment), appointment.attendees[0]
    for purpose in set(LinkPurpose) - {LinkPurpose.GUEST}:
        assert client.get(f"/g/{addresses.token(purpose, guest)}").status_code == 404, purpose
    token = addresses.token(LinkPurpose.GUEST, guest)
    for page in ("j", "m", "a", "o", "w"):
        assert client.get(f"/{page}/{token}").status_code == 404, page
    assert client.get(f"/g/{addresses.token(LinkPurpose.GUEST, seat)}").status_code == 404
    for wrong in (token[:-1], token + "x", f"{guest.public_id}.{'a' * 22}", "x", "%00", "\u00e9"):
        assert client.get(f"/g/{wrong}").status_code == 404, wrong


def test_the_clients_page_says_who_was_invited_and_as_what(
    client: FlaskClient, addresses: Addresses, appointment: Appointment
) -> None:
    seat = appointment.attendees[0]
    manage, join = (each.removeprefix(addresses.base_url) for each in (addresses.manage(seat), addresses.join(seat)))
    assert "was invited" not in client.get(manage).text
    invite(appointment)
    for page in (manage, join):
        assert "Ana Gómez, interpreter, was invited." in client.get(page).text
    change(seat.client, locale="es")
    assert "Ana Gómez (intérprete)" in client.get(join).text
    cancel(appointment)
    assert "was invited" not in client.get(manage).text
