"""Waiting for a time, and the offer that comes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.links import Signed
from telehealth.services.waitlist.waiting import offer_freed_times
from tests import factories
from tests.api.caller import Caller, booking_of, path_of
from tests.factories import Office
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at

EVENINGS = [{"weekday": 1, "starts": "09:00", "ends": "12:00"}]


def wish_of(office: Office, **given: Any) -> dict[str, Any]:
    wish = {"service": office.service.public_id, "modes": ["virtual"], "until": "2027-01-31"}
    client = {**booking_of(office)["client"], **given.pop("client", {})}
    return {**wish, "client": client, **given}


def join(api: Caller, office: Office, **given: Any) -> Any:
    return api.post(path_of(office, "/waitlist"), wish_of(office, **given))


def refuse(api: Caller, code: str, office: Office, **given: Any) -> dict[str, Any]:
    return api.refused(code, "POST", path_of(office, "/waitlist"), json=wish_of(office, **given))


def offer(api: Caller, office: Office, waiting: Any, clock: FakeClock) -> str:
    """Somebody cancels tomorrow at ten, and who waits is asked."""
    factories.cancel(factories.book(office))
    clock.advance(timedelta(minutes=6))
    assert offer_freed_times(now=NOW + timedelta(minutes=6)) == 1
    return f"/offers/{api.get(path(waiting))['offer_token']}"


def path(waiting: Any) -> str:
    return f"/waitlist/{waiting['wait_token']}"


def test_joining_and_ones_place(api: Caller, office: Office) -> None:
    waiting = join(api, office, windows=EVENINGS, therapists=[office.therapist.public_id])
    assert (waiting["status"], waiting["place"], waiting["offer_token"]) == ("waiting", 1, None)
    assert (waiting["windows"], waiting["therapists"]) == (EVENINGS, [office.therapist.public_id])
    assert waiting["wait_url"].endswith(f"/w/{waiting['wait_token']}")
    sam = join(api, office, client={"name": "Sam Lee", "email": "sam@example.com"})
    assert sam["place"] == 2
    assert api.get(path(waiting)) == waiting


def test_joining_again_opens_nobody_elses_wait(api: Caller, office: Office) -> None:
    first, again = join(api, office), join(api, office)
    assert first["wait_token"] == again["wait_token"]
    other = join(api, office, windows=[{"weekday": 2, "starts": "09:00", "ends": "12:00"}])
    assert other["wait_token"] != first["wait_token"]
    assert api.get(path(first))["windows"] == first["windows"]


def test_where_minors_come_with_a_parent_their_age_is_asked(api: Caller, office: Office) -> None:
    change(office.practice, when_minor=WhenMinor.REQUIRE)
    for born_on in (None, "2018-05-04"):
        assert set(refuse(api, "invalid_input", office, born_on=born_on)["errors"]) == {"born_on"}
    assert join(api, office, born_on="1990-05-04")["status"] == "waiting"


def test_leaving(api: Caller, office: Office) -> None:
    waiting = join(api, office)
    for _ in range(2):
        api.delete(path(waiting))
    left = api.get(path(waiting))
    assert (left["status"], left["place"]) == ("left", None)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"modes": []}, "modes"),
        ({"modes": ["telepathy"]}, "modes.0"),
        ({"modes": ["in_person"]}, "location"),
        ({"until": "2026-11-22"}, "until"),
        ({"until": "2028-11-22"}, "until"),
        ({"therapists": ["unknown"]}, "therapists"),
        ({"windows": [{"weekday": 7, "starts": "09:00", "ends": "12:00"}]}, "windows.0.weekday"),
        ({"windows": [{"weekday": 1, "starts": "9", "ends": "12:00"}]}, "windows.0.starts"),
        ({"windows": EVENINGS * 36}, "windows"),
        ({"client": {"email": "x"}}, "client.email"),
        ({"client": {"jurisdiction": None}}, "client.jurisdiction"),
        ({"modes": ["virtual", "phone"], "client": {"phone": None, "text_consent": False}}, "client.phone"),
        ({"replaces": "no token"}, "replaces"),
    ],
)
def test_wishes_that_cannot_be(api: Caller, office: Office, given: dict[str, Any], field: str) -> None:
    assert list(refuse(api, "invalid_input", office, **given)["errors"]) == [field]


def test_wishes_for_what_is_not_there(api: Caller, office: Office, elsewhere: Office) -> None:
    refuse(api, "not_found", office, service="unknown")
    refuse(api, "not_found", office, service=elsewhere.service.public_id)
    refuse(api, "link_invalid", office, replaces="nobody.AAAAAAAAAAAAAAAAAAAAAA")
    booked = api.post(path_of(elsewhere, "/appointments"), booking_of(elsewhere))
    refuse(api, "not_found", office, replaces=booked["manage_token"])
    ended = factories.make_service(office.practice, ended_at=NOW)
    refuse(api, "service_ended", office, service=ended.public_id)


def test_an_offer_accepted(api: Caller, office: Office, clock: FakeClock) -> None:
    waiting = join(api, office)
    link = offer(api, office, waiting, clock)
    shown = api.get(link)
    assert (shown["status"], shown["start"], shown["local_start"]) == (
        "open",
        "2026-11-24T17:00:00Z",
        "2026-11-24T10:00:00-07:00",
    )
    assert shown["replaces"] is None
    booked = api.post(f"{link}/accept", status=200)
    assert (booked["status"], booked["start"]) == ("booked", shown["start"])
    assert api.get(f"/appointments/{booked['manage_token']}") == booked
    assert api.get(path(waiting))["status"] == "booked"
    for answer in ("accept", "decline"):
        api.refused("offer_gone", "POST", f"{link}/{answer}")
    assert api.get(link)["status"] == "accepted"


def test_an_offer_instead_of_a_later_appointment(api: Caller, office: Office, clock: FakeClock) -> None:
    later = api.post(path_of(office, "/appointments"), booking_of(office, "2026-12-01T17:00:00Z"))
    waiting = join(api, office, replaces=later["manage_token"])
    assert waiting["replaces"] == later["id"]
    link = offer(api, office, waiting, clock)
    assert api.get(link)["replaces"] == later["id"]
    moved = api.post(f"{link}/accept", status=200)
    assert (moved["id"], moved["start"]) == (later["id"], "2026-11-24T17:00:00Z")


def test_nobody_gives_up_anothers_appointment(api: Caller, office: Office) -> None:
    later = api.post(path_of(office, "/appointments"), booking_of(office, "2026-12-01T17:00:00Z"))
    sam = {"name": "Sam Lee", "email": "sam@example.com"}
    refusal = refuse(api, "invalid_input", office, replaces=later["manage_token"], client=sam)
    assert list(refusal["errors"]) == ["replaces"]


def test_an_offer_declined(api: Caller, office: Office, clock: FakeClock) -> None:
    waiting = join(api, office)
    link = offer(api, office, waiting, clock)
    assert api.post(f"{link}/decline", status=200)["status"] == "declined"
    assert (api.get(path(waiting))["status"], api.get(path(waiting))["offer_token"]) == ("waiting", None)
    api.refused("offer_gone", "POST", f"{link}/accept")


def test_an_offer_that_ran_out(api: Caller, office: Office, clock: FakeClock) -> None:
    link = offer(api, office, join(api, office), clock)
    clock.advance(timedelta(hours=3))
    api.refused("offer_gone", "POST", f"{link}/accept")


def test_links_that_open_nothing(api: Caller, office: Office, addresses: Addresses) -> None:
    waiting = join(api, office)
    seat = waiting["wait_token"].partition(".")[0]
    for guess in (seat, f"{seat}.{'A' * 22}", addresses.token(LinkPurpose.MANAGE, Signed(seat))):
        for method, link in (("GET", "/waitlist/{}"), ("DELETE", "/waitlist/{}"), ("GET", "/offers/{}")):
            api.refused("link_invalid", method, link.format(guess))
        for answer in ("accept", "decline"):
            api.refused("link_invalid", "POST", f"/offers/{guess}/{answer}")
    for purpose, link in ((LinkPurpose.WAIT, "/waitlist/{}"), (LinkPurpose.OFFER, "/offers/{}")):
        api.refused("link_invalid", "GET", link.format(addresses.token(purpose, Signed("nobody"))))


def test_staff_see_who_waits(api: Caller, office: Office, front_desk: str, therapist: str, clock: FakeClock) -> None:
    other = factories.make_service(office.practice)
    colleague = factories.make_therapist(office.practice, office.service, other, name="Ari Bell")
    mine = join(api, office)
    join(api, office, client={"name": "Sam Lee"}, therapists=[colleague.public_id])
    join(api, office, client={"name": "Cy Moss"}, service=other.public_id)
    everybody = api.get(path_of(office, "/waitlist"), token=front_desk)["waitlist"]
    assert [(each["client"]["name"], each["place"]) for each in everybody] == [
        ("Ana Rivera", 1),
        ("Sam Lee", 2),
        ("Cy Moss", 1),
    ]
    own = api.get(path_of(office, "/waitlist"), token=therapist)["waitlist"]
    assert "Sam Lee" not in {each["client"]["name"] for each in own}
    some = api.get(path_of(office, "/waitlist"), token=front_desk, query_string={"service": other.public_id})[
        "waitlist"
    ]
    assert [each["client"]["name"] for each in some] == ["Cy Moss"]
    offer(api, office, mine, clock)
    assert api.get(path_of(office, "/waitlist"), token=front_desk)["waitlist"][0]["offered_until"]


def test_staff_take_somebody_off(api: Caller, office: Office, front_desk: str, therapist: str) -> None:
    waiting = join(api, office)
    (entry,) = api.get(path_of(office, "/waitlist"), token=front_desk)["waitlist"]
    where = path_of(office, f"/waitlist/{entry['id']}")
    api.refused("not_found", "DELETE", where, token=therapist)
    api.delete(where, token=front_desk)
    assert api.get(path(waiting))["status"] == "left"
    api.refused("not_found", "DELETE", path_of(office, "/waitlist/unknown"), token=front_desk)
    assert at(10) > NOW


def test_a_number_alone_is_not_enough(api: Caller, office: Office) -> None:
    change(office.practice, takes_phone_only=True, books_phone_only=True)
    told = refuse(api, "invalid_input", office, client={"email": "", "phone": "+13035550177", "text_consent": True})
    assert told["errors"] == {"client.email": "Please enter your e-mail address."}
