"""Logo and photos over the API."""

from __future__ import annotations

from telehealth.api.practice.pictures import EXAMPLE
from telehealth.domain.pictures import IS_DRAWING, LARGEST_PICTURE, TOO_LARGE
from tests.api.caller import Caller, path_of
from tests.factories import Office, make_therapist
from tests.factories.pictures import in_letters, make_file


def test_a_logo_comes_and_goes(api: Caller, office: Office, owner: str) -> None:
    assert api.get(path_of(office))["logo_url"] is None
    kept = api.put(path_of(office, "/logo"), EXAMPLE, token=owner)
    assert api.get(path_of(office))["logo_url"] == kept["url"]
    path = kept["url"].partition("/pictures/")[2]
    assert api.client.get(f"/pictures/{path}").headers["Content-Type"] == "image/webp"
    api.delete(path_of(office, "/logo"), token=owner)
    assert api.get(path_of(office))["logo_url"] is None


def test_photos_are_chosen_by_whom_they_show(
    api: Caller, office: Office, owner: str, therapist: str, front_desk: str
) -> None:
    colleague = make_therapist(office.practice, office.service, name="Zoe Adams")
    own, others = (path_of(office, f"/therapists/{each.public_id}") for each in (office.therapist, colleague))
    kept = api.put(f"{own}/photo", {"content": in_letters(make_file())}, token=therapist)
    assert api.get(own)["photo_url"] == kept["url"]
    assert [each["photo_url"] for each in api.get(path_of(office, "/therapists"))["therapists"]] == [kept["url"], None]
    api.refused("not_allowed", "PUT", f"{others}/photo", json=EXAMPLE, token=therapist)
    api.refused("not_allowed", "DELETE", f"{others}/photo", token=therapist)
    api.refused("not_allowed", "PUT", f"{own}/photo", json=EXAMPLE, token=front_desk)
    api.refused("not_allowed", "PUT", path_of(office, "/logo"), json=EXAMPLE, token=therapist)
    api.put(f"{others}/photo", EXAMPLE, token=owner)
    api.delete(f"{own}/photo", token=therapist)
    assert api.get(own)["photo_url"] is None


def test_what_cannot_be_taken_is_explained(api: Caller, office: Office, owner: str) -> None:
    path = path_of(office, "/logo")
    for content, sentence in (
        (in_letters(b"<svg/>"), IS_DRAWING),
        (in_letters(b"0" * (LARGEST_PICTURE + 1)), TOO_LARGE),
        ("not base64", "Please send the bytes of the file in base64."),
        ("é" * 8, "Please send the bytes of the file in base64."),
    ):
        problem = api.refused("invalid_input", "PUT", path, json={"content": content}, token=owner)
        assert problem["errors"] == {"content": sentence}, problem
    api.refused("too_large", "PUT", path, json={"content": "0" * 9_000_000}, token=owner)
