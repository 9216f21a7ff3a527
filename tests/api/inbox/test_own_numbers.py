"""The own number for alerts, for programs."""

from __future__ import annotations

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.words import Role
from telehealth.models import NumberCode, User
from tests.api.caller import Caller, path_of
from tests.api.conftest import token_of
from tests.factories import Office, make_user


def test_it_is_proved(api: Caller, office: Office, addresses: Addresses) -> None:
    user = make_user(office.practice, Role.FRONT_DESK)
    token, there = token_of(user), path_of(office, "/own-alert-phone")
    assert api.get(there, token=token) == {"phone": "", "proved": False, "way": None}
    api.refused("invalid_input", "POST", f"{there}/code", token=token)
    chosen = api.put(there, {"phone": "(303) 555-0140", "way": "both"}, token=token)
    assert chosen == {"phone": "+13035550140", "proved": False, "way": "both"}
    assert api.ask("POST", f"{there}/code", token=token).status_code == 204
    api.refused("invalid_input", "POST", f"{there}/proof", json={"code": "1"}, token=token)
    code = addresses.number_code(db.session.scalars(select(NumberCode)).one().public_id)
    proved = api.post(f"{there}/proof", {"code": code}, status=200, token=token)
    assert proved == {"phone": "+13035550140", "proved": True, "way": "both"}
    assert db.session.get_one(User, user.id).alert_phone_proved_at is not None


def test_what_cannot_be_is_said_and_an_empty_number_is_nowhere(api: Caller, office: Office) -> None:
    token, there = token_of(make_user(office.practice, Role.FRONT_DESK)), path_of(office, "/own-alert-phone")
    for wrong, field in (({"phone": "12"}, "phone"), ({"phone": "", "way": "text"}, "way"), ({"way": "both"}, "phone")):
        problem = api.refused("invalid_input", "PUT", there, json=wrong, token=token)
        assert list(problem["errors"]) == [field]
    assert api.put(there, {"phone": "", "way": "email"}, token=token)["way"] == "email"
