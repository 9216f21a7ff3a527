"""Clients as programs look for them."""

from __future__ import annotations

from tests.api.caller import Caller, path_of
from tests.factories import Office, book, make_client, make_contact
from tests.moments import at


def test_programs_read_the_same(api: Caller, office: Office, owner: str) -> None:
    book(office, at(10), contact=make_contact(name="Ana Rivera"))
    make_client(office.practice, name="Ben Ito")
    answer = api.get(path_of(office, "/clients"), token=owner)
    about = {each["name"]: each for each in answer["clients"]}
    assert about["Ana Rivera"]["therapist"] == office.therapist.name
    assert about["Ana Rivera"]["next_start"] == "2026-11-24T17:00:00Z"
    assert about["Ben Ito"]["next_start"] is None
    assert not answer["has_more"]
    narrowed = api.get(path_of(office, "/clients"), token=owner, query_string={"who": "no_next"})
    assert [each["name"] for each in narrowed["clients"]] == ["Ben Ito"]
