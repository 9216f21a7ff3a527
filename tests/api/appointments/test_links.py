"""One appointment, for whoever holds its token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.appointments.openness import NewClients, OpenTo
from telehealth.domain.links import Signed
from telehealth.domain.words import AppointmentStatus, LateChange
from telehealth.models import Appointment
from telehealth.services.appointments.attending import set_status
from telehealth.services.practice.policies import NewTerms, change_terms
from tests import factories
from tests.api.caller import Caller, booking_of, path_of
from tests.api.conftest import token_of
from tests.factories import BY_STAFF, Office
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at


@pytest.fixture
def booked(api: Caller, office: Office) -> Any:
    return api.post(path_of(office, "/appointments"), booking_of(office))


def test_cancelling_frees_the_slot(api: Caller, office: Office, booked: Any) -> None:
    link = f"/appointments/{booked['manage_token']}"
    cancelled = api.post(f"{link}/cancel", {"reason": "I caught a cold."}, status=200)
    assert cancelled["status"] == "cancelled"
    assert cancelled["join_url"] is None
    assert api.get(link) == cancelled
    again = api.post(path_of(office, "/appointments"), booking_of(office))
    assert again["id"] != booked["id"]


def test_cancelling_needs_no_body(api: Caller, booked: Any) -> None:
    response = api.ask("POST", f"/appointments/{booked['manage_token']}/cancel")
    assert response.get_json()["status"] == "cancelled"


def test_cancelling_twice(api: Caller, booked: Any) -> None:
    path = f"/appointments/{booked['manage_token']}/cancel"
    api.post(path, {}, status=200)
    api.refused("already_cancelled", "POST", path, json={})


def test_cancelling_after_the_start(api: Caller, booked: Any, clock: FakeClock) -> None:
    clock.advance(timedelta(days=2))
    api.refused("too_late", "POST", f"/appointments/{booked['manage_token']}/cancel", json={})


@pytest.mark.parametrize(
    "reason", ["x" * 10_000, "one\ntwo", "nul\x00", "\ud800", 5, None, ["no"]], ids=lambda reason: repr(reason)[:12]
)
def test_reasons_that_cannot_be_used(api: Caller, booked: Any, reason: Any) -> None:
    path = f"/appointments/{booked['manage_token']}/cancel"
    assert "reason" in api.refused("invalid_input", "POST", path, json={"reason": reason})["errors"]


def test_the_calendar_file(api: Caller, booked: Any) -> None:
    response = api.ask("GET", f"/appointments/{booked['manage_token']}/invite.ics")
    assert response.mimetype == "text/calendar"
    assert "attachment" in response.headers["Content-Disposition"]
    assert response.data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert b"DTSTART:20261124T170000Z" in response.data
    assert b"Individual session" not in response.data


@pytest.mark.parametrize(
    ("method", "rest"),
    [("GET", ""), ("GET", "/invite.ics"), ("GET", "/slots"), ("POST", "/cancel"), ("POST", "/move"), ("PUT", "/texts")],
)
def test_tokens_that_open_nothing(api: Caller, booked: Any, addresses: Addresses, method: str, rest: str) -> None:
    seat, signature = booked["manage_token"].split(".")
    guesses = [
        seat,
        f"{seat}.",
        f"{seat}.{'A' * 22}",
        f"{seat}.{signature[:-1]}",
        f"{seat}x.{signature}",
        booked["id"],
        addresses.token(LinkPurpose.JOIN, Signed(seat)),
        addresses.token(LinkPurpose.MANAGE, Signed("nobody")),
        "A" * 120,
    ]
    given = {
        "/move": {"json": {"start": "2026-11-24T19:00:00Z", "mode": "virtual"}},
        "/texts": {"json": {"text_consent": False}},
        "/slots": {"query_string": {"mode": "virtual"}},
    }
    for guess in guesses:
        api.refused("link_invalid", method, f"/appointments/{guess}{rest}", **given.get(rest, {}))


@pytest.mark.parametrize("odd", ["%00", "a%00b", "é", "A" * 121, "%F0%9F", "a%0Ab"])
def test_paths_that_cannot_be_tokens(api: Caller, odd: str) -> None:
    api.refused("not_found", "GET", f"/appointments/{odd}")


def test_answers_with_secrets_are_not_kept(api: Caller, booked: Any) -> None:
    response = api.ask("GET", f"/appointments/{booked['manage_token']}")
    assert response.headers["Cache-Control"] == "no-store"


def move(api: Caller, booked: Any, start: str = "2026-11-24T19:00:00Z", **given: Any) -> Any:
    body = {"start": start, "mode": "virtual", **given}
    return api.post(f"/appointments/{booked['manage_token']}/move", body, status=200)


def refuse_move(api: Caller, code: str, booked: Any, start: str = "2026-11-24T19:00:00Z", **given: Any) -> Any:
    body = {"start": start, "mode": "virtual", **given}
    return api.refused(code, "POST", f"/appointments/{booked['manage_token']}/move", json=body)


def test_moving_onto_a_part_of_itself(api: Caller, office: Office, booked: Any) -> None:
    link = f"/appointments/{booked['manage_token']}"
    slots = api.get(f"{link}/slots", query_string={"mode": "virtual", "until": "2026-11-25T07:00:00Z"})
    assert slots["service"] == office.service.public_id
    starts = [slot["start"] for slot in slots["slots"]]
    assert {"2026-11-24T16:30:00Z", "2026-11-24T17:00:00Z", "2026-11-24T17:30:00Z"} <= set(starts)
    moved = move(api, booked, "2026-11-24T17:30:00Z")
    assert (moved["id"], moved["start"]) == (booked["id"], "2026-11-24T17:30:00Z")
    assert api.get(link) == moved
    invite = api.ask("GET", f"{link}/invite.ics").data
    assert b"SEQUENCE:1" in invite


def test_moving_to_another_way_to_meet(api: Caller, office: Office, booked: Any, owner: str) -> None:
    there = move(api, booked, mode="in_person", location=office.location.public_id)
    assert (there["mode"], there["location"]["id"], there["join_url"]) == ("in_person", office.location.public_id, None)
    shown = api.get(path_of(office, f"/appointments/{booked['id']}"), token=owner)
    assert shown["room"]["id"] == office.room.public_id
    back = move(api, there, "2026-11-24T20:00:00Z")
    assert back["join_url"]
    assert api.get(path_of(office, f"/appointments/{booked['id']}"), token=owner)["room"] is None


def test_meeting_by_video_needs_a_state(api: Caller, office: Office) -> None:
    in_person = {
        "mode": "in_person",
        "location": office.location.public_id,
        "client": {"phone": None, "text_consent": False},
    }
    booked = api.post(path_of(office, "/appointments"), booking_of(office, **in_person))
    assert "jurisdiction" in refuse_move(api, "invalid_input", booked)["errors"]
    assert "phone" in refuse_move(api, "invalid_input", booked, mode="phone", jurisdiction="CO")["errors"]
    assert "phone" in refuse_move(api, "invalid_input", booked, mode="phone", jurisdiction="CO", phone="9")["errors"]
    assert move(api, booked, mode="phone", jurisdiction="CO", phone="(303) 555-0123")["mode"] == "phone"


def test_where_nothing_is_offered_it_stays_where_it_was(api: Caller, office: Office, booked: Any) -> None:
    other = {"name": "Sam Lee", "email": "sam@example.com"}
    api.post(path_of(office, "/appointments"), booking_of(office, "2026-11-24T19:00:00Z", client=other))
    refuse_move(api, "slot_taken", booked)
    refuse_move(api, "slot_not_offered", booked, "2026-11-24T03:00:00Z")
    refuse_move(api, "not_found", booked, therapist="unknown")
    refuse_move(api, "invalid_input", booked, mode="in_person")
    assert api.get(f"/appointments/{booked['manage_token']}") == booked


def test_what_is_over_does_not_move(api: Caller, booked: Any, clock: FakeClock) -> None:
    clock.advance(timedelta(days=2))
    refuse_move(api, "too_late", booked, "2026-11-27T17:00:00Z")
    assert api.get(f"/appointments/{booked['manage_token']}")["change"] == "over"


def test_what_is_cancelled_does_not_move(api: Caller, booked: Any) -> None:
    api.post(f"/appointments/{booked['manage_token']}/cancel", {}, status=200)
    refuse_move(api, "impossible_status", booked)


def test_a_seat_in_a_group_does_not_move(api: Caller) -> None:
    group = factories.make_group_office()
    refuse_move(api, "not_allowed", api.post(path_of(group, "/appointments"), booking_of(group)))


def with_terms(when_late: LateChange) -> Office:
    """Tomorrow at ten is inside the window of two days."""
    office = factories.make_office()
    terms = NewTerms(window_minutes=48 * 60, when_late=when_late, terms="")
    change_terms(
        practice_id=office.practice.id, service_public_id=office.service.public_id, terms=terms, by=BY_STAFF, now=NOW
    )
    return office


def test_inside_the_window_please_call(api: Caller, clock: FakeClock) -> None:
    office = with_terms(LateChange.CALL)
    booked = api.post(path_of(office, "/appointments"), booking_of(office))
    assert booked["change"] == "free"  # Within the grace nothing is late.
    clock.advance(timedelta(minutes=4))
    assert api.get(f"/appointments/{booked['manage_token']}")["change"] == "call"
    api.refused("inside_window", "POST", f"/appointments/{booked['manage_token']}/cancel", json={})
    refuse_move(api, "inside_window", booked)


def test_inside_the_window_it_counts_as_late(api: Caller, clock: FakeClock) -> None:
    office = with_terms(LateChange.MARK)
    booked = api.post(path_of(office, "/appointments"), booking_of(office))
    clock.advance(timedelta(minutes=4))
    assert api.get(f"/appointments/{booked['manage_token']}")["change"] == "late"
    refuse_move(api, "inside_window", booked)
    assert api.post(f"/appointments/{booked['manage_token']}/cancel", {}, status=200)["status"] == "cancelled"
    token = token_of(factories.make_user(office.practice))
    (seat,) = api.get(path_of(office, f"/appointments/{booked['id']}"), token=token)["attendees"]
    assert seat["late_cancel"]
    counted = api.get(path_of(office, f"/clients/{seat['id']}/attendance"), token=token)
    assert (counted["late_cancels"], counted["noshows"]) == (1, 0)
    assert counted["late_cancelled_starts"] == ["2026-11-24T17:00:00Z"]


def test_texts_on_and_off(api: Caller, office: Office, booked: Any, owner: str) -> None:
    path = f"/appointments/{booked['manage_token']}/texts"

    def takes_texts() -> bool:
        (seat,) = api.get(path_of(office, f"/appointments/{booked['id']}"), token=owner)["attendees"]
        return bool(seat["text_consent"])

    api.put(path, {"text_consent": False})
    assert not takes_texts()
    api.put(path, {"text_consent": True, "phone": "(303) 555-0199"})
    assert takes_texts()
    assert "phone" in api.refused("invalid_input", "PUT", path, json={"text_consent": True, "phone": "9"})["errors"]
    assert "text_consent" in api.refused("invalid_input", "PUT", path, json={"text_consent": "yes"})["errors"]


def test_nobody_agrees_with_the_link_to_what_is_off(api: Caller, booked: Any) -> None:
    link = f"/appointments/{booked['manage_token']}"
    api.post(f"{link}/cancel", status=200)
    yes = {"text_consent": True, "phone": "(303) 555-0199"}
    api.refused("already_cancelled", "PUT", f"{link}/texts", json=yes)
    wish = {"channel": "email", "purpose": "offers"}
    api.refused("already_cancelled", "PUT", f"{link}/wishes", json={**wish, "is_given": True})
    api.put(f"{link}/texts", {"text_consent": False})
    api.put(f"{link}/wishes", {**wish, "is_given": False})


def test_nobody_agrees_with_the_link_to_what_has_begun(api: Caller, booked: Any, clock: FakeClock) -> None:
    link = f"/appointments/{booked['manage_token']}"
    clock.instant = at(10)
    api.refused("too_late", "PUT", f"{link}/texts", json={"text_consent": True})
    wish = {"channel": "text", "purpose": "offers", "is_given": True}
    api.refused("too_late", "PUT", f"{link}/wishes", json=wish)


def test_a_link_that_was_ended(api: Caller, office: Office, booked: Any, front_desk: str) -> None:
    link = f"/appointments/{booked['manage_token']}"
    ending = path_of(office, f"/appointments/{booked['id']}/links/end")
    api.post(ending, status=200, token=front_desk)
    for method, rest in (("GET", ""), ("POST", "/cancel"), ("POST", "/confirm"), ("GET", "/invite.ics")):
        assert api.refused("link_ended", method, f"{link}{rest}")["status"] == 410
    api.refused("link_ended", "PUT", f"{link}/texts", json={"text_consent": False})
    api.refused(
        "not_found", "POST", ending, json={"attendee": "0d7a3c1e-5c4e-4d0e-9a53-2f4f0a8f6b11"}, token=front_desk
    )


def test_another_number_gives_another_token(api: Caller, booked: Any) -> None:
    link = f"/appointments/{booked['manage_token']}"
    api.put(f"{link}/texts", {"text_consent": True, "phone": "(303) 555-0123"})
    token = api.get(link)["manage_token"]
    changed = api.put(f"/appointments/{token}/texts", {"text_consent": True, "phone": "(303) 555-0188"})
    assert changed["manage_token"] != token
    assert api.get(f"/appointments/{changed['manage_token']}")["id"] == booked["id"]
    api.refused("link_ended", "GET", f"/appointments/{token}")


class TestBookingAgain:
    """The link says who it is: nothing is asked, and nobody is a stranger to who knows them."""

    def again(self, office: Office, **given: Any) -> dict[str, Any]:
        usual = {"service": office.service.public_id, "start": "2026-11-25T17:00:00Z", "mode": "virtual"}
        return {**usual, "therapist": office.therapist.public_id, **given}

    def test_the_same_client_with_the_same_contact(self, api: Caller, office: Office) -> None:
        first = api.post(path_of(office, "/appointments"), booking_of(office))
        where = f"/appointments/{first['manage_token']}/again"
        once = {"headers": {"Idempotency-Key": "0123456789012345678901"}}
        made = api.post(where, self.again(office), **once)
        assert made["status"] == "booked"
        assert made["manage_token"] != first["manage_token"]
        assert api.post(where, self.again(office), **once) == made
        api.refused("slot_taken", "POST", where, json=self.again(office))

    def test_of_a_therapist_who_takes_no_new_clients(self, api: Caller, office: Office) -> None:
        first = api.post(path_of(office, "/appointments"), booking_of(office))
        change(office.therapist, new_clients=NewClients.NO)
        later, where = self.again(office), f"/appointments/{first['manage_token']}/again"
        api.refused("slot_not_offered", "POST", path_of(office, "/appointments"), json={**booking_of(office), **later})
        api.refused("slot_not_offered", "POST", where, json=later)  # They have typed a name, and no more.
        made = db.session.scalars(select(Appointment)).one()
        set_status(
            practice_id=made.practice_id,
            appointment_id=made.id,
            status=AppointmentStatus.ARRIVED,
            by=BY_STAFF,
            now=made.starts_at,
        )
        assert api.post(where, later)["status"] == "booked"

    @pytest.mark.parametrize("email", ["jane@example.com", "nobody@example.com"])
    def test_a_typed_name_is_nobody_whom_the_practice_knows(self, api: Caller, office: Office, email: str) -> None:
        """The answer is the same whether or not there is such a client, also to a link of a link."""
        jane = {"name": "Jane Known", "email": "jane@example.com"}
        factories.book(office, at(9), contact=factories.make_contact(**jane), by=BY_STAFF)
        first = api.post(path_of(office, "/appointments"), booking_of(office, client={**jane, "email": email}))
        second = api.post(f"/appointments/{first['manage_token']}/again", self.again(office))
        change(office.service, open_to=OpenTo.KNOWN_CLIENTS)
        later = self.again(office, start="2026-11-26T17:00:00Z")
        third = api.post(f"/appointments/{second['manage_token']}/again", later)
        assert (first["status"], second["status"], third["status"]) == ("booked", "booked", "pending")

    def test_a_forged_link_books_nothing(self, api: Caller, office: Office) -> None:
        api.refused("link_invalid", "POST", "/appointments/abc.0123456789012345678901/again", json=self.again(office))
