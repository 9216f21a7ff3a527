"""Two owners end each other at once: one of them stays."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.words import Role
from telehealth.models import RoleRecord, User
from telehealth.services.practice.people import change_roles, switch_login_off
from tests.concurrency.conftest import Race
from tests.factories import BY_STAFF, make_office, make_user
from tests.factories.users import PASSWORD
from tests.moments import NOW

pytestmark = pytest.mark.concurrency


def take_role(**about: Any) -> None:
    change_roles(**about, roles=[Role.FRONT_DESK])


def switch_off(**about: Any) -> None:
    switch_login_off(**about)


@pytest.mark.parametrize("end", [take_role, switch_off])
def test_two_owners_end_each_other_and_one_stays(race: Race, end: Callable[..., None]) -> None:
    practice = make_office().practice
    make_user(practice, Role.FRONT_DESK)  # The role is there already.
    owners = [make_user(practice, password=PASSWORD) for _ in range(2)]
    about = {"practice_id": practice.id, "by": BY_STAFF, "now": NOW}
    outcomes = race([partial(end, **about, person_public_id=each.public_id) for each in owners])
    assert sorted(each.error for each in outcomes) == ["", "InvalidInput"]
    db.session.rollback()
    still = select(User.id).where(User.active, User.roles.any(RoleRecord.name == Role.OWNER))
    assert len(db.session.scalars(still).all()) == 1
