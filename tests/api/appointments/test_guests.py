"""Guests of a video appointment over the API."""

from __future__ import annotations

from telehealth.domain.video.guests import MOST_GUESTS
from tests.api.caller import Caller, path_of
from tests.factories import Office, book, make_contact
from tests.factories.rows import change
from tests.moments import at

ANA = {"name": "Ana Gómez", "kind": "interpreter", "locale": "es"}


def test_a_guest_is_invited_listed_with_their_link_and_ended(api: Caller, office: Office, front_desk: str) -> None:
    made = book(office, at(10, days=3))
    path = path_of(office, f"/appointments/{made.public_id}/guests")
    assert api.get(path, token=front_desk)["guests"] == []
    (ana,) = api.post(path, json=ANA, token=front_desk)["guests"]
    assert {name: ana[name] for name in ANA} == ANA
    assert "/g/" in ana["link"]
    assert api.post(path, json=ANA, token=front_desk)["guests"] == [ana], "twice is as good as once"
    assert api.client.get(ana["link"].partition("://")[2].partition("/")[2]).status_code == 200
    assert api.ask("DELETE", f"{path}/{ana['id']}", token=front_desk).status_code == 204
    assert api.get(path, token=front_desk)["guests"] == []


def test_what_cannot_be_is_refused(api: Caller, office: Office, front_desk: str) -> None:
    made = book(office, at(10, days=3))
    path = path_of(office, f"/appointments/{made.public_id}/guests")
    for number in range(MOST_GUESTS):
        api.post(path, json={**ANA, "name": f"Ana {number}"}, token=front_desk)
    assert api.ask("POST", path, json={**ANA, "name": "One more"}, token=front_desk).status_code == 422
    for wrong in ({"name": " "}, {"kind": "friend"}, {"locale": "xx"}, {"name": "www.example.com"}):
        assert api.ask("POST", path, json={**ANA, **wrong}, token=front_desk).status_code == 422, wrong
    by_phone = book(office, at(12, days=3), contact=make_contact(name="Jo Low", email="jo@example.org"))
    change(by_phone, mode="phone")
    path = path_of(office, f"/appointments/{by_phone.public_id}/guests")
    assert api.ask("POST", path, json=ANA, token=front_desk).status_code == 422
    assert api.ask("DELETE", f"{path}/nobody", token=front_desk).status_code == 404
