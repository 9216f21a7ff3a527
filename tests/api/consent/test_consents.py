"""How a client may be reached, for programs."""

from __future__ import annotations

from typing import Any

import pytest

from telehealth.database import transaction
from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.models import Appointment, Attendee, Client
from telehealth.services.consent.suppressions import start_texts, stop_texts
from tests.api.caller import Caller
from tests.factories import Office, book, make_contact
from tests.moments import NOW, at

PHONE = "+13035550123"


@pytest.fixture
def appointment(office: Office) -> Appointment:
    return book(office, at(10), contact=make_contact(phone=PHONE))


@pytest.fixture
def path(office: Office, appointment: Appointment) -> str:
    return f"/practices/{office.practice.slug}/clients/{appointment.attendees[0].client.public_id}"


def why_not(contact: dict[str, Any], channel: str, purpose: str = "appointments") -> str:
    return next(
        str(each["why_not"]) for each in contact["reach"] if (each["channel"], each["purpose"]) == (channel, purpose)
    )


def test_reading(api: Caller, path: str, front_desk: str) -> None:
    found = api.get(f"{path}/contact", token=front_desk)
    assert (found["locale"], found["code_name"], found["safe_phone"], found["left_alone"]) == ("en", "", None, [])
    assert all(each["may_be_used"] for each in found["reach"])
    assert {each["purpose"] for each in api.get(f"{path}/consents", token=front_desk)["consents"]} == {
        "appointments",
        "offers",
        "follow_ups",
    }


def test_a_safe_contact(api: Caller, path: str, front_desk: str) -> None:
    body = {"locale": "es", "code_name": "Sam", "safe_phone": "(303) 555-0199", "contact_note": "Before five."}
    changed = api.put(f"{path}/contact", body, token=front_desk)
    assert (changed["locale"], changed["safe_phone"], changed["safe_email"]) == ("es", "+13035550199", None)
    assert changed == api.get(f"{path}/contact", token=front_desk)
    bad = api.refused("invalid_input", "PUT", f"{path}/contact", json={**body, "safe_phone": "9"}, token=front_desk)
    assert "safe_phone" in bad["errors"]
    bad = api.refused("invalid_input", "PUT", f"{path}/contact", json={**body, "locale": "xx"}, token=front_desk)
    assert "locale" in bad["errors"]


def test_a_mistyped_address_is_corrected(api: Caller, path: str, front_desk: str) -> None:
    bad = api.refused("invalid_input", "PUT", f"{path}/address", json={"email": "jane@"}, token=front_desk)
    assert "email" in bad["errors"]
    api.put(f"{path}/address", {"email": "right@example.com", "phone": PHONE}, token=front_desk)
    with transaction() as session:
        client, seat = session.query(Client).one(), session.query(Attendee).one()
        assert (client.email, seat.email, seat.phone) == ("right@example.com", "right@example.com", PHONE)
        assert (client.links_version, seat.links_version) == (1, 1)


def test_a_mistyped_name_is_corrected(api: Caller, path: str, front_desk: str) -> None:
    body = {"email": "jane@example.com", "phone": PHONE, "name": "Janet Doe"}
    api.put(f"{path}/address", body, token=front_desk)
    with transaction() as session:
        assert session.query(Client).one().name == session.query(Attendee).one().name == "Janet Doe"


def test_all_links_of_a_client_are_ended(api: Caller, path: str, front_desk: str) -> None:
    api.post(f"{path}/links/end", status=200, token=front_desk)
    with transaction() as session:
        assert (session.query(Client).one().links_version, session.query(Attendee).one().links_version) == (1, 1)


def test_the_zone(api: Caller, path: str, front_desk: str) -> None:
    assert api.get(f"{path}/contact", token=front_desk)["timezone"] == "America/Denver"
    changed = api.put(f"{path}/timezone", {"timezone": "Asia/Tokyo"}, token=front_desk)
    assert changed["timezone"] == "Asia/Tokyo"
    body = {"timezone": "Mars/Olympus"}
    bad = api.refused("invalid_input", "PUT", f"{path}/timezone", json=body, token=front_desk)
    assert "timezone" in bad["errors"]


def test_what_a_client_told_staff(api: Caller, path: str, front_desk: str) -> None:
    no = {"channel": "text", "purpose": "appointments", "is_given": False, "source": "phone", "wording": "No, please."}
    said = api.post(f"{path}/consents", no, status=200, token=front_desk)
    assert why_not(said, "text") == "They said no to texts about appointments."
    assert why_not(said, "email") == ""
    first = api.get(f"{path}/consents", token=front_desk)["consents"][0]
    assert (first["is_given"], first["source"], first["wording"], first["address"]) == (
        False,
        "phone",
        "No, please.",
        PHONE,
    )
    for change in ({"source": "form"}, {"is_given": "no"}, {"is_given": True, "wording": " "}, {"channel": "fax"}):
        api.refused("invalid_input", "POST", f"{path}/consents", json={**no, **change}, token=front_desk)


def test_leaving_a_number_alone(api: Caller, path: str, front_desk: str) -> None:
    body = {"channel": "text", "address": "(303) 555-0123"}
    (row,) = api.post(f"{path}/left-alone", body, status=200, token=front_desk)["left_alone"]
    assert (row["address"], row["reason"]) == (PHONE, "staff")
    lifted = api.ask("DELETE", f"{path}/left-alone/{row['id']}", token=front_desk)
    assert (lifted.status_code, lifted.get_json()["left_alone"]) == (200, [])
    api.refused("not_found", "DELETE", f"{path}/left-alone/unknown", token=front_desk)
    api.refused("invalid_input", "POST", f"{path}/left-alone", json={**body, "address": "9"}, token=front_desk)


def test_who_began_it_and_who_ended_it(api: Caller, path: str, front_desk: str) -> None:
    (row,) = api.post(f"{path}/left-alone", {"channel": "text", "address": PHONE}, status=200, token=front_desk)[
        "left_alone"
    ]
    stop_texts(phone=PHONE, now=NOW)
    api.ask("DELETE", f"{path}/left-alone/{row['id']}", token=front_desk)
    start_texts(phone=PHONE, sender="+13035550000", now=NOW)
    found = api.get(f"{path}/left-alone", token=front_desk)["left_alone"]
    assert [(each["reason"], each["name"], each["ended_by"], each["ended_by_name"]) for each in found] == [
        ("stop", None, "client", None),
        ("staff", "Robin Reed", "staff", "Robin Reed"),
    ]
    assert all(each["ended"] for each in found)


def test_stop_is_ended_by_staff_only_with_a_sentence(api: Caller, path: str, front_desk: str) -> None:
    stop_texts(phone=PHONE, now=NOW)
    (row,) = api.get(f"{path}/contact", token=front_desk)["left_alone"]
    there = f"{path}/left-alone/{row['id']}"
    api.refused("opted_out", "DELETE", there, token=front_desk)
    api.refused("opted_out", "DELETE", f"{there}?why=%20", token=front_desk)
    api.refused("invalid_input", "DELETE", f"{there}?why={'x' * 201}", token=front_desk)
    answer = api.ask("DELETE", f"{there}?why=She+meant+the+parking+lot.", token=front_desk)
    assert answer.get_json()["left_alone"] == []
    (ended,) = api.get(f"{path}/left-alone", token=front_desk)["left_alone"]
    assert (ended["why_ended"], ended["ended_by"], ended["ended_by_name"]) == (
        "She meant the parking lot.", "staff", "Robin Reed"
    )  # fmt: skip


def test_only_for_this_practice(
    api: Caller, path: str, elsewhere: Office, appointment: Appointment, front_desk: str
) -> None:
    theirs = path.replace(path.split("/")[2], elsewhere.practice.slug)
    assert api.ask("GET", f"{theirs}/contact", token=front_desk).status_code in {403, 404}
    api.refused("token_required", "GET", f"{path}/contact")


def test_a_clients_own_wishes(api: Caller, appointment: Appointment, addresses: Addresses) -> None:
    link = f"/appointments/{addresses.token(LinkPurpose.MANAGE, appointment.attendees[0])}/wishes"
    assert [each["is_given"] for each in api.get(link)["wishes"]] == [True] * 4
    no = {"channel": "email", "purpose": "offers", "is_given": False}
    said = api.put(link, no)["wishes"]
    assert [(each["channel"], each["purpose"]) for each in said if not each["is_given"]] == [("email", "offers")]
    api.put(link, {**no, "is_given": True})
    refusal = api.refused("invalid_input", "PUT", link, json={**no, "purpose": "appointments"})
    assert "purpose" in refusal["errors"]
    api.refused("link_invalid", "GET", "/appointments/nonsense/wishes")


def test_another_state(api: Caller, office: Office, path: str, appointment: Appointment, front_desk: str) -> None:
    booked = f"/practices/{office.practice.slug}/appointments/{appointment.public_id}"
    assert api.get(booked, token=front_desk)["unlicensed"] == []
    api.put(f"{path}/state", {"jurisdiction": "UT"}, token=front_desk)
    (found,) = api.get(booked, token=front_desk)["unlicensed"]
    assert (found["therapist"]["name"], found["jurisdiction"]) == (office.therapist.name, "UT")
    api.put(f"{path}/state", {"jurisdiction": "CO"}, token=front_desk)
    assert api.get(booked, token=front_desk)["unlicensed"] == []
    api.refused("invalid_input", "PUT", f"{path}/state", json={"jurisdiction": "XX"}, token=front_desk)
