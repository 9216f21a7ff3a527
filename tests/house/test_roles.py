"""What is open to those of a practice who only look on: this list, of which nothing changes anything."""

from __future__ import annotations

from flask import Flask

from telehealth.domain import access
from telehealth.domain.words import Role

OWN_LOGIN = {
    "desk.account",
    "desk.account_password",
    "desk.account_practice",
    "desk.account_sign_in_end",
    "desk.account_sign_ins_end",
    "passkeys.show_again",
    "passkeys.submit_again",
    "passkeys.show_new",
    "passkeys.submit_new",
    "passkeys.show_removal",
    "passkeys.submit_removal",
}
BOTH = {
    "desk.stay",
    "desk.today",
    "desk.week",
    "desk.appointment",
    "Desk.get_appointments",
    "Face-to-face time.get_face_to_face",
    *OWN_LOGIN,
}
OPEN_TO = {
    Role.SUPERVISOR: BOTH | {"desk.messages_report", "Messages.get_report"},
    Role.BILLER: BOTH,
}


def open_to(app: Flask, role: Role) -> set[str]:
    return {
        endpoint
        for endpoint, view in app.view_functions.items()
        if (decision := access.access_of(view)) is not None and role in decision.roles
    }


def test_what_each_of_them_may_open(app: Flask) -> None:
    assert set(OPEN_TO) == access.LOOKING_ON
    for role, expected in OPEN_TO.items():
        assert open_to(app, role) == expected, role


def test_none_of_it_changes_anything_but_their_own_login(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        writes = (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
        if writes and any(rule.endpoint in endpoints for endpoints in OPEN_TO.values()):
            assert rule.endpoint in OWN_LOGIN, rule


def test_everybody_else_holds_a_role_that_books(app: Flask) -> None:
    assert set(Role) - {Role.CLIENT} == access.AT_THE_DESK
    assert not access.STAFF_ROLES & access.LOOKING_ON
