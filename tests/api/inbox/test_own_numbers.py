"""The own number for alerts, for programs."""

from __future__ import annotations

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.words import Role
from telehealth.models import NumberCode, User
from telehealth.services.inbox.alert_rules import set_own_alerts
from tests.api.caller import Caller, path_of
from tests.api.conftest import token_of
from tests.factories import BY_STAFF, Office, make_user
from tests.moments import NOW


def test_it_is_proved(api: Caller, office: Office, addresses: Addresses) -> None:
    user = make_user(office.practice, Role.FRONT_DESK)
    token, there = token_of(user), path_of(office, "/own-alert-phone")
    assert api.get(there, token=token) == {"phone": "", "proved": False}
    api.refused("invalid_input", "POST", f"{there}/code", token=token)
    set_own_alerts(user_id=user.id, phone="+13035550140", way=None, by=BY_STAFF, now=NOW)
    assert api.ask("POST", f"{there}/code", token=token).status_code == 204
    api.refused("invalid_input", "POST", f"{there}/proof", json={"code": "1"}, token=token)
    code = addresses.number_code(db.session.scalars(select(NumberCode)).one().public_id)
    proved = api.post(f"{there}/proof", {"code": code}, status=200, token=token)
    assert proved == {"phone": "+13035550140", "proved": True}
    assert db.session.get_one(User, user.id).alert_phone_proved_at is not None
