"""What holds for the whole practice."""

from __future__ import annotations

import pytest

from tests.api.caller import Caller, path_of
from tests.factories import Office, make_office

POOL = "MG0123456789abcdef0123456789ABCDEF"


def test_where_texts_come_from(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    there = path_of(office, "/text-sender")
    assert api.get(there, token=front_desk) == {"text_sender": ""}
    for given, kept in (("(303) 555-0199", "+13035550199"), (POOL, POOL), ("", "")):
        assert api.put(there, {"text_sender": given}, token=owner) == {"text_sender": kept}
        assert api.get(there, token=front_desk) == {"text_sender": kept}


@pytest.mark.parametrize("given", ["12", POOL[:-1], f"{POOL}0", "XX" + POOL[2:], "+1303555019", "x" * 41])
def test_what_texts_cannot_come_from(api: Caller, office: Office, owner: str, given: str) -> None:
    there = path_of(office, "/text-sender")
    problem = api.refused("invalid_input", "PUT", there, json={"text_sender": given}, token=owner)
    assert list(problem["errors"]) == ["text_sender"]
    assert api.get(there, token=owner) == {"text_sender": ""}


def test_what_another_practice_texts_from_is_not_taken(api: Caller, office: Office, owner: str) -> None:
    make_office(practice={"text_sender": POOL})
    there = path_of(office, "/text-sender")
    api.refused("invalid_input", "PUT", there, json={"text_sender": POOL}, token=owner)
    assert api.get(there, token=owner) == {"text_sender": ""}


def test_only_the_owner_decides(api: Caller, office: Office, front_desk: str) -> None:
    api.refused("not_allowed", "PUT", path_of(office, "/text-sender"), json={"text_sender": POOL}, token=front_desk)


def test_what_staff_are_told_at_once(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    there = path_of(office, "/alerts")
    assert api.get(there, token=front_desk) == {"alerts": "near", "alert_phone": ""}
    kept = api.put(there, {"alerts": "urgent", "alert_phone": "(303) 555-0141"}, token=owner)
    assert kept == {"alerts": "urgent", "alert_phone": "+13035550141"}
    assert api.get(there, token=front_desk) == kept
    api.refused("invalid_input", "PUT", there, json={"alerts": "urgent", "alert_phone": "12"}, token=owner)
    api.refused("invalid_input", "PUT", there, json={"alerts": "loud"}, token=owner)
    api.refused("not_allowed", "PUT", there, json={"alerts": "off"}, token=front_desk)
    assert api.get(there, token=front_desk) == kept


def test_which_countries_are_texted(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    path = path_of(office, "/text-countries")
    assert api.get(path, token=front_desk) == {"text_countries": []}
    assert api.put(path, {"text_countries": ["us", "CA"]}, token=owner) == {"text_countries": ["CA", "US"]}
    assert api.get(path, token=front_desk) == {"text_countries": ["CA", "US"]}
    bad = api.refused("invalid_input", "PUT", path, json={"text_countries": ["XX"]}, token=owner)
    assert "text_countries" in bad["errors"]
    api.refused("not_allowed", "PUT", path, json={"text_countries": []}, token=front_desk)
