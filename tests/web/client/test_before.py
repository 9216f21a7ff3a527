"""The questions before a video appointment, in front of whichever room it has."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from telehealth.database import db
from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.companions import MessagesTo
from telehealth.domain.links import Signed
from telehealth.models import Appointment, Whereabouts
from telehealth.queries.messages.facts import link_to
from tests.factories import Office, book, make_companion, make_contact, make_office
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import words_of
from tests.web.visitor import form_of, problem_of, read

TEN = at(10)
JANE = make_contact(name="Jane Doe", email="jane@example.com")
MOAB = {"state": "UT", "place": "A motel in Moab", "phone": "303 555 0188", "cannot_speak": "y"}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def appointment(office: Office, clock: FakeClock) -> Appointment:
    booked = book(office, TEN, contact=JANE, now=NOW)
    clock.instant = at(9, 50)
    return booked


def join_of(addresses: Addresses, appointment: Appointment) -> str:
    return f"/j/{addresses.token(LinkPurpose.JOIN, Signed(appointment.attendees[0].public_id))}"


def send(client: FlaskClient, join: str, **typed: str) -> Any:
    fields = form_of(client.get(f"{join}/before")).fields
    return client.post(f"{join}/before", data={**fields, **typed})


def said() -> list[Whereabouts]:
    db.session.rollback()
    return list(db.session.scalars(select(Whereabouts).order_by(Whereabouts.id)))


def test_looking_writes_nothing_and_answering_leads_in(
    client: FlaskClient, addresses: Addresses, appointment: Appointment
) -> None:
    join = join_of(addresses, appointment)
    for method in (client.get, client.head):
        assert method(f"{join}/before").status_code == 200
    assert said() == []
    answer = send(client, join, **MOAB)
    assert (answer.status_code, answer.location) == (303, f"{join}/before")
    (kept,) = said()
    assert (kept.jurisdiction, kept.place, kept.phone, kept.cannot_speak) == (
        "UT", "A motel in Moab", "+13035550188", True,
    )  # fmt: skip
    page = client.get(f"{join}/before")
    assert read(page).links["Go in"] == f"{join}/enter"
    assert "A motel in Moab, Utah" in words_of(page)
    assert read(client.get(join)).links["Join by video"] == f"{join}/enter"
    assert client.get(f"{join}/enter").status_code == 302


def test_whoever_answers_nothing_goes_in_all_the_same(
    client: FlaskClient, addresses: Addresses, appointment: Appointment
) -> None:
    join = join_of(addresses, appointment)
    enter = read(client.get(f"{join}/before")).links["Go in without answering"]
    assert client.get(enter).location.startswith("https://video.test/")
    assert said() == []


def test_what_is_wrong_is_said_and_what_was_typed_stays(
    client: FlaskClient, addresses: Addresses, appointment: Appointment
) -> None:
    join = join_of(addresses, appointment)
    page = send(client, join, place="Moab", phone="12")
    assert page.status_code == 422
    assert "Please choose the state you are in." in problem_of(page)
    assert "Moab" in page.text
    assert said() == []


def test_last_times_answer_is_confirmed_in_one_press(
    client: FlaskClient, addresses: Addresses, appointment: Appointment, office: Office, clock: FakeClock
) -> None:
    send(client, join_of(addresses, appointment), **MOAB)
    later = join_of(addresses, book(office, at(10, days=7), contact=JANE))
    clock.instant = at(9, 50, days=7)
    page = client.get(f"{later}/before")
    assert "A motel in Moab, Utah" in words_of(page)
    assert "the number ending in 0188" in words_of(page)
    assert "3035550188" not in page.text
    send(client, later)
    first, second = said()
    assert (second.place, second.phone) == (first.place, first.phone)
    assert not second.cannot_speak  # That is not the same as last time unless they say so.


def test_what_is_typed_counts_though_the_same_place_is_still_chosen(
    client: FlaskClient, addresses: Addresses, appointment: Appointment
) -> None:
    join = join_of(addresses, appointment)
    send(client, join, **MOAB)
    fields = form_of(client.get(f"{join}/before?again=yes")).fields
    client.post(f"{join}/before", data={**fields, "where": "same", "state": "CO", "place": "Home"})
    assert said()[-1].place == "Home"


def test_a_number_where_they_are_safe_is_told_to_nobody(
    client: FlaskClient, addresses: Addresses, appointment: Appointment
) -> None:
    change(appointment.attendees[0].client, safe_phone="+13035550144")
    join = join_of(addresses, appointment)
    page = client.get(f"{join}/before")
    assert "Leave it empty for the number we have." in words_of(page)
    assert "0144" not in page.text
    send(client, join, state="CO", place="Home")
    assert said()[-1].phone == "+13035550144"
    assert "0144" not in client.get(f"{join}/before").text


def test_a_parent_is_asked_where_the_child_is(
    client: FlaskClient, addresses: Addresses, appointment: Appointment
) -> None:
    seat = appointment.attendees[0]
    parent = make_companion(seat.client, phone="+13035550177", messages_to=MessagesTo.BOTH)
    join = f"/j/{addresses.token(LinkPurpose.JOIN, link_to(seat, parent))}"
    assert "Where is Jane" in words_of(client.get(f"{join}/before"))
    send(client, join, state="CO", place="Home")
    (kept,) = said()
    assert (kept.companion_id, kept.phone) == (parent.id, "+13035550177")
    # The client's own link offers nothing of what somebody else said.
    assert "Home" not in client.get(f"{join_of(addresses, appointment)}/before").text


def test_nothing_is_asked_while_the_room_is_closed(
    client: FlaskClient, addresses: Addresses, appointment: Appointment, clock: FakeClock
) -> None:
    join = join_of(addresses, appointment)
    typed = {**form_of(client.get(f"{join}/before")).fields, **MOAB}
    for moment in (at(9, 40), at(11, 30)):
        clock.instant = moment
        assert client.get(f"{join}/before").location == join
        assert client.post(f"{join}/before", data=typed).location == join
    assert db.session.scalar(select(func.count()).select_from(Whereabouts)) == 0


@pytest.mark.parametrize("token", ["x", "a.b", "AAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA"])
def test_guessed_links_open_nothing(client: FlaskClient, office: Office, token: str) -> None:
    assert client.get(f"/j/{token}/before").status_code == 404
    assert client.post(f"/j/{token}/before", data=MOAB).status_code == 404
