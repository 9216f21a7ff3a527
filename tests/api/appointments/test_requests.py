"""What waits for a yes, answered with a token or with the link from the mailbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.links import Signed
from telehealth.domain.words import Approval, Role
from tests import factories
from tests.api.caller import Caller, booking_of, path_of
from tests.api.conftest import token_of
from tests.factories import Office
from tests.fakes import FakeClock


@pytest.fixture
def office(client: object) -> Office:
    """A practice that says yes or no to everybody."""
    return factories.make_office(service={"approval": Approval.ALWAYS, "approval_minutes": 60})


@pytest.fixture
def asked(api: Caller, office: Office) -> Any:
    return api.post(path_of(office, "/appointments"), booking_of(office))


def path(office: Office, asked: Any, rest: str) -> str:
    return path_of(office, f"/appointments/{asked['id']}/{rest}")


def test_yes(api: Caller, office: Office, asked: Any, front_desk: str) -> None:
    (waiting,) = api.get(path_of(office, "/requests"), token=front_desk)["requests"]
    assert (waiting["id"], waiting["expires_at"]) == (asked["id"], "2026-11-23T17:00:00Z")
    found = api.post(path(office, asked, "approve"), status=200, token=front_desk)
    assert (found["status"], found["expires_at"], found["events"][-1]["action"]) == ("booked", None, "approved")
    assert api.get(path_of(office, "/requests"), token=front_desk)["requests"] == []
    assert api.get(f"/appointments/{asked['manage_token']}")["join_url"]
    api.refused("already_answered", "POST", path(office, asked, "decline"), token=front_desk, json={})
    api.refused("already_answered", "POST", path(office, asked, "approve"), token=front_desk)


def test_no_with_a_few_words(api: Caller, office: Office, asked: Any, owner: str) -> None:
    found = api.post(path(office, asked, "decline"), {"message": "I am full."}, status=200, token=owner)
    assert (found["status"], found["answer"]) == ("cancelled", "I am full.")
    seen = api.get(f"/appointments/{asked['manage_token']}")
    assert (seen["status"], seen["answer"]) == ("cancelled", "I am full.")
    api.post(path_of(office, "/appointments"), booking_of(office))


def test_words_that_cannot_be_used(api: Caller, office: Office, asked: Any, owner: str) -> None:
    for message in ("x" * 501, "one\ntwo", 5, None):
        problem = api.refused(
            "invalid_input", "POST", path(office, asked, "decline"), token=owner, json={"message": message}
        )
        assert list(problem["errors"]) == ["message"]


def test_too_late_to_answer(api: Caller, office: Office, asked: Any, owner: str, clock: FakeClock) -> None:
    clock.advance(timedelta(hours=1))
    assert api.get(path_of(office, "/requests"), token=owner)["requests"] == []
    api.refused("already_answered", "POST", path(office, asked, "approve"), token=owner)


def test_a_therapist_answers_their_own(api: Caller, office: Office, asked: Any, therapist: str) -> None:
    factories.make_therapist(office.practice, office.service)
    other = token_of(factories.make_user(office.practice, Role.THERAPIST))
    api.refused("not_allowed", "GET", path_of(office, "/requests"), token=other)
    assert len(api.get(path_of(office, "/requests"), token=therapist)["requests"]) == 1
    assert api.post(path(office, asked, "approve"), status=200, token=therapist)["status"] == "booked"


def test_staff_need_no_yes(api: Caller, office: Office, owner: str) -> None:
    booked = api.post(path_of(office, "/desk/appointments"), booking_of(office), token=owner)
    assert booked["status"] == "booked"


@pytest.mark.parametrize(("answer", "status"), [("approve", "booked"), ("decline", "cancelled")])
def test_from_the_mailbox(
    api: Caller, office: Office, asked: Any, owner: str, addresses: Addresses, answer: str, status: str
) -> None:
    link = f"/requests/{addresses.token(LinkPurpose.ANSWER, Signed(asked['id']))}"
    response = api.ask("GET", link)
    shown = response.get_json()
    assert (shown["status"], shown["clients"], shown["start"]) == ("pending", ["A. R."], asked["start"])
    assert "Ana" not in response.text
    assert api.post(f"{link}/{answer}", status=200)["status"] == status
    assert api.get(link)["status"] == status
    api.refused("already_answered", "POST", f"{link}/approve")
    event = api.get(path_of(office, f"/appointments/{asked['id']}"), token=owner)["events"][-1]
    assert (event["actor"], event["name"], event["via"]) == ("staff", None, "api")


def test_links_that_open_nothing(api: Caller, asked: Any, addresses: Addresses) -> None:
    unknown = addresses.token(LinkPurpose.ANSWER, Signed("nobody"))
    for guess in (
        asked["id"],
        asked["manage_token"],
        addresses.token(LinkPurpose.MANAGE, Signed(asked["id"])),
        unknown,
    ):
        for method, rest in (("GET", ""), ("POST", "/approve"), ("POST", "/decline")):
            api.refused("link_invalid", method, f"/requests/{guess}{rest}")
