"""Booking for somebody else by program: the same rules, and tokens of whoever booked."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.models import Attendee
from tests.api.caller import Caller, booking_of, path_of
from tests.factories import Office
from tests.factories.rows import change
from tests.moments import NOW, at

MARIA = {"name": "Maria Doe", "relationship": "parent", "email": "maria@example.com"}
LEO = {"name": "Leo Doe", "email": "", "phone": None, "text_consent": False}


def asked(office: Office, **given: Any) -> dict[str, Any]:
    wish = booking_of(office, start=at(14, days=3).isoformat())
    wish["client"] |= LEO | given.pop("client", {})
    return {**wish, "booker": MARIA, "born_on": "2017-05-04", **given}


def test_a_mother_books_moves_and_cancels_with_tokens_of_her_own(
    api: Caller, office: Office, addresses: Addresses
) -> None:
    made = api.post(path_of(office, "/appointments"), asked(office))
    token = made["manage_token"]
    seat = db.session.scalars(select(Attendee)).one()
    assert seat.booked_by is not None
    assert addresses.read(LinkPurpose.MANAGE, token).companion == seat.booked_by.public_id
    path = f"/appointments/{token}"
    assert api.get(path)["manage_token"] == token
    moved = api.post(f"{path}/move", {"start": at(10, days=3).isoformat(), "mode": "virtual"}, status=200)
    assert moved["manage_token"] == token
    assert "BEGIN:VCALENDAR" in api.get(f"{path}/invite.ics")
    api.refused("link_invalid", "PUT", f"{path}/texts", json={"text_consent": False})
    assert api.post(f"{path}/cancel", {}, status=200)["status"] == "cancelled"


def test_staff_programs_read_who_booked(api: Caller, office: Office, front_desk: str) -> None:
    api.post(path_of(office, "/appointments"), asked(office))
    seat = db.session.scalars(select(Attendee)).one()
    path = path_of(office, f"/appointments/{seat.appointment.public_id}")
    (found,) = api.get(path, token=front_desk)["attendees"]
    maria = {"name": "Maria Doe", "relationship": "parent", "is_known": False}
    assert seat.booked_by is not None
    assert found["booked_by"] == {"id": seat.booked_by.public_id, **maria}
    who = path_of(office, f"/clients/{seat.client.public_id}/companions")
    assert api.get(who, token=front_desk)["companions"][0]["turned_away"] is None
    change(seat.booked_by, ended_at=NOW)
    api.post(path_of(office, "/appointments"), asked(office, start=at(12, days=4).isoformat()))
    assert api.get(who, token=front_desk)["companions"][-1]["turned_away"] == "2026-11-23T16:00:00Z"


def test_asked_twice_with_one_key_it_is_one(api: Caller, office: Office) -> None:
    path, once = path_of(office, "/appointments"), {"Idempotency-Key": "k" * 30}
    first, second = (api.post(path, asked(office), headers=once) for _ in range(2))
    assert first == second
    other = asked(office, booker={**MARIA, "name": "Marie Doe"})
    api.refused("idempotency_mismatch", "POST", path, json=other, headers=once)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"born_on": None}, "client.email"),
        ({"born_on": "2097-01-01"}, "born_on"),
        ({"booker": {**MARIA, "email": ""}}, "booker.email"),
        ({"booker": {**MARIA, "name": "=?utf-8?q?x?="}}, "booker.name"),
        ({"booker": {**MARIA, "messages_to": "client"}}, "client.email"),
        ({"client": {"name": ""}}, "client.name"),
    ],
)
def test_what_cannot_be_used_is_named(api: Caller, office: Office, given: dict[str, Any], field: str) -> None:
    refused = api.refused("invalid_input", "POST", path_of(office, "/appointments"), json=asked(office, **given))
    assert field in refused["errors"]


def test_nobody_books_for_ever_more_people(api: Caller, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telehealth.services.appointments.bookers.MOST_SEATS_AHEAD", 0)
    api.refused("too_many_for_others", "POST", path_of(office, "/appointments"), json=asked(office))


def test_where_minors_are_booked_by_a_parent_it_has_a_code_of_its_own(api: Caller, office: Office) -> None:
    change(office.practice, when_minor=WhenMinor.REQUIRE)
    path, own = path_of(office, "/appointments"), {"client": {"email": "leo@example.com"}, "booker": None}
    refused = api.refused("guardian_books", "POST", path, json=asked(office, **own, born_on="2018-05-04"))
    assert set(refused["errors"]) == {"born_on"}
    assert "born_on" in api.refused("invalid_input", "POST", path, json=asked(office, **own, born_on=None))["errors"]
    assert api.post(path, asked(office, born_on="2018-05-04"))["status"] == "booked"


def test_a_mother_whom_the_practice_knows_books_once_more(api: Caller, office: Office, addresses: Addresses) -> None:
    token = api.post(path_of(office, "/appointments"), asked(office))["manage_token"]
    seat = db.session.scalars(select(Attendee)).one()
    wish = {"service": office.service.public_id, "start": at(10, days=4).isoformat(), "mode": "virtual"}
    api.refused("not_allowed", "POST", f"/appointments/{token}/again", json=wish)
    change(seat.booked_by, known_at=NOW)
    made = api.post(f"/appointments/{token}/again", wish)
    db.session.expire_all()
    assert seat.booked_by is not None
    assert addresses.read(LinkPurpose.MANAGE, made["manage_token"]).companion == seat.booked_by.public_id
