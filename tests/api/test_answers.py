"""Whole answers, word for word: what programs were told yesterday they are told tomorrow, and nothing more."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.links import Signed
from telehealth.domain.words import Approval
from telehealth.services.consent.suppressions import stop_texts
from telehealth.services.inbox.receiving import receive_text
from telehealth.services.waitlist.waiting import offer_freed_times
from tests import factories
from tests.api.caller import Caller, booking_of, path_of
from tests.factories import Office
from tests.fakes import FakeClock
from tests.golden import assert_golden
from tests.moments import NOW, at

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=attendee:)[\w-]+")
SECRET = re.compile(r'("\w+_(?:token|url)": )"[^"]+"')
PHONE = "+13035550123"


def assert_told(name: str, answer: Any) -> None:
    """The same as in the file, where ids are counted in the order of their first mention and secrets are left out."""
    text = SECRET.sub(r'\1"…"', json.dumps(answer, indent=1, ensure_ascii=False))
    seen: dict[str, str] = {}
    text = ID.sub(lambda each: seen.setdefault(each[0], f"id {len(seen) + 1}"), text)
    text = re.sub(r"(practice|jane)-\d+", r"\1", text)
    assert_golden(f"answers/{name}.json", f"{text}\n".encode())


def test_an_appointment_as_its_client_sees_it(api: Caller, office: Office) -> None:
    assert_told("appointment", api.post(path_of(office, "/appointments"), booking_of(office)))


def test_an_appointment_as_staff_see_it(api: Caller, office: Office, front_desk: str) -> None:
    in_person = {"mode": "in_person", "location": office.location.public_id, "waived": ["notice"], "reason": "By phone"}
    booked = api.post(path_of(office, "/desk/appointments"), booking_of(office, **in_person), token=front_desk)
    path = path_of(office, f"/appointments/{booked['id']}")
    api.post(f"{path}/confirm", {}, status=200, token=front_desk)
    assert_told("appointment_for_staff", api.post(f"{path}/cancel", {"reason": "Ill"}, status=200, token=front_desk))


def test_a_date_of_a_standing_slot_as_staff_see_it(api: Caller, office: Office, front_desk: str) -> None:
    factories.make_series(office)
    query = {"until": "2027-11-01T00:00:00Z"}
    (first, *_) = api.get(path_of(office, "/appointments"), token=front_desk, query_string=query)["appointments"]
    found = api.get(path_of(office, f"/appointments/{first['id']}"), token=front_desk)
    assert_told("date_for_staff", {name: found[name] for name in ("series", "attendees", "location", "room", "terms")})


def test_a_hold(api: Caller, office: Office) -> None:
    wish = {"service": office.service.public_id, "start": "2026-11-24T17:00:00Z", "mode": "virtual"}
    held = api.post(path_of(office, "/holds"), {**wish, "jurisdiction": "CO"})
    assert_told("hold", api.post(path_of(office, f"/holds/{held['id']}/extend"), status=200))


def test_a_slot_given_back_is_answered_without_a_word(api: Caller, office: Office) -> None:
    answer = api.ask("DELETE", path_of(office, "/holds/unknown"))
    assert (answer.status_code, answer.data, answer.content_length) == (204, b"", None)


def test_a_request_as_a_mailbox_shows_it(api: Caller, addresses: Addresses) -> None:
    office = factories.make_office(service={"approval": Approval.ALWAYS, "approval_minutes": 60})
    asked = api.post(path_of(office, "/appointments"), booking_of(office))
    assert_told("request", api.get(f"/requests/{addresses.token(LinkPurpose.ANSWER, Signed(asked['id']))}"))


def test_a_wait_and_an_offer(api: Caller, office: Office, front_desk: str, clock: FakeClock) -> None:
    replaced = api.post(path_of(office, "/appointments"), booking_of(office, "2026-11-25T17:00:00Z"))
    wish = {
        "service": office.service.public_id,
        "modes": ["virtual", "in_person"],
        "location": office.location.public_id,
        "therapists": [office.therapist.public_id],
        "windows": [{"weekday": 1, "starts": "09:00", "ends": "12:00"}],
        "until": "2026-12-31",
        "client": booking_of(office)["client"],
        "replaces": replaced["manage_token"],
    }
    waiting = api.post(path_of(office, "/waitlist"), wish)
    factories.cancel(factories.book(office))
    clock.advance(timedelta(minutes=6))
    assert offer_freed_times(now=NOW + timedelta(minutes=6)) == 1
    own = api.get(f"/waitlist/{waiting['wait_token']}")
    assert_told("wait", own)
    assert_told("waitlist", api.get(path_of(office, "/waitlist"), token=front_desk))
    assert_told("offer", api.get(f"/offers/{own['offer_token']}"))


def test_tasks_and_a_thread(api: Caller, office: Office, front_desk: str, addresses: Addresses) -> None:
    api.post(path_of(office, "/appointments"), booking_of(office))
    given = {"recipient": "+13035550999", "body": "Is there parking?", "addresses": addresses, "now": NOW}
    for number, sender in enumerate((PHONE, "+13035550177")):
        receive_text(provider_id=f"SM{number}", sender=sender, **given)
    tasks = api.get(path_of(office, "/tasks"), token=front_desk)
    assert_told("tasks", tasks)
    path = path_of(office, f"/texts/{tasks['tasks'][-1]['text']}")
    assert_told("thread", api.post(f"{path}/answers", {"body": "Yes, behind the house."}, token=front_desk))


def test_how_a_client_is_reached(api: Caller, office: Office, front_desk: str) -> None:
    booked = factories.book(office, at(10), contact=factories.make_contact(phone=PHONE))
    path = path_of(office, f"/clients/{booked.attendees[0].client.public_id}")
    stop_texts(phone=PHONE, now=NOW)
    leave = {"channel": "email", "address": booked.attendees[0].email}
    api.post(f"{path}/left-alone", leave, status=200, token=front_desk)
    assert_told("contact", api.get(f"{path}/contact", token=front_desk))
    assert_told("left_alone", api.get(f"{path}/left-alone", token=front_desk))
    assert_told("consents", api.get(f"{path}/consents", token=front_desk))


def test_who_could_take_over(api: Caller, office: Office, front_desk: str) -> None:
    factories.book(office, at(10))
    factories.make_therapist(office.practice, office.service, name="Ari Bell")
    busy = factories.make_therapist(office.practice, office.service, name="Cal Moss")
    factories.book(Office(office.practice, office.location, office.room, office.service, busy), at(10))
    path = path_of(office, f"/therapists/{office.therapist.public_id}/reassignments")
    query = {"since": "2026-11-24T07:00:00Z", "until": "2026-11-25T07:00:00Z"}
    (found,) = api.get(path, token=front_desk, query_string=query)["proposals"]
    assert_told("proposal", {name: found[name] for name in ("colleagues", "others")})


def test_what_was_said_and_what_it_did(api: Caller, office: Office, owner: str, addresses: Addresses) -> None:
    booked = api.post(path_of(office, "/appointments"), booking_of(office, "2026-11-23T21:00:00Z"))
    given = {"sender": PHONE, "recipient": "+13035550999", "addresses": addresses, "now": NOW}
    receive_text(provider_id="SM1", body="C", **given)
    stop_texts(phone=PHONE, now=NOW)
    query = {"appointment": booked["id"]}
    assert_told("messages", api.get(path_of(office, "/messages"), token=owner, query_string=query))
    days = {"since": "2026-11-20", "until": "2026-11-25"}
    assert_told("report", api.get(path_of(office, "/messages/report"), token=owner, query_string=days))


@pytest.mark.parametrize("word", ["sms", "", "TEXT"])
def test_a_word_that_is_none_is_refused_with_those_that_are(api: Caller, office: Office, word: str) -> None:
    problem = api.refused("invalid_input", "POST", path_of(office, "/appointments"), json=booking_of(office, mode=word))
    assert problem["errors"]["mode"] == "Please choose one of: virtual, in_person, phone."
