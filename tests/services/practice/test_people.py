"""What each login may do, and whether it may sign in: the last owner stays, and every change is written down."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.words import Mode, Role
from telehealth.models import FreedTime, PracticeEvent, SignIn, User
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered
from telehealth.queries.practice.staff import list_people
from telehealth.services.practice.people import (
    GIVES_CARE_STILL,
    GIVES_NO_CARE,
    LAST_OWNER,
    NO_ROLE,
    change_roles,
    sign_out_login,
    switch_login_off,
    switch_login_on,
)
from telehealth.services.practice.sign_ins import begin_sign_in
from telehealth.services.practice.therapists import end_therapist, reopen_therapist
from tests.factories import BY_STAFF, Office, make_office, make_user
from tests.factories.rows import change
from tests.factories.users import PASSWORD
from tests.moments import NOW, at

OWNER, THERAPIST, FRONT_DESK = Role.OWNER, Role.THERAPIST, Role.FRONT_DESK


@pytest.fixture
def office(database: Session) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def owner(office: Office) -> User:
    return make_user(office.practice, password=PASSWORD)


def about(user: User) -> dict[str, Any]:
    return {"practice_id": user.practice_id, "person_public_id": user.public_id, "by": BY_STAFF, "now": NOW}


def dana(office: Office, *roles: Role) -> User:
    """The login of the office's therapist."""
    user = make_user(office.practice, *(roles or (THERAPIST,)), name="Dana Rivera", password=PASSWORD)
    change(office.therapist, user_id=user.id)
    return user


def test_several_roles_on_one_login_come_and_go(office: Office, owner: User, database: Session) -> None:
    sam = make_user(office.practice, FRONT_DESK, name="Sam Hill")
    change_roles(**about(sam), roles=[Role.BILLER, OWNER])
    database.expire_all()
    assert sam.role_names == [OWNER, Role.BILLER]
    [line] = database.scalars(select(PracticeEvent)).all()
    assert (line.subject, line.subject_public_id, line.name) == (AuditSubject.LOGIN, sam.public_id, "Sam Hill")
    assert line.details == {"before": {"roles": ["front_desk"]}, "after": {"roles": ["owner", "biller"]}}
    change_roles(**about(sam), roles=[Role.BILLER])
    assert owner.role_names == [OWNER]


@pytest.mark.parametrize("roles", [[], [Role.CLIENT], [OWNER, Role.CLIENT]])
def test_roles_that_cannot_be(owner: User, roles: list[Role]) -> None:
    with pytest.raises(InvalidInput) as caught:
        change_roles(**about(owner), roles=roles)
    assert caught.value.fields == {"roles": NO_ROLE}


def test_the_last_owner_stays(office: Office, owner: User) -> None:
    make_user(office.practice, active=False, password=PASSWORD)  # Switched off.
    make_user(office.practice, invited_email="new@riverside.example")  # Has no login yet, so they cannot sign in.
    make_user(make_office().practice, password=PASSWORD)  # Of another practice.
    with pytest.raises(InvalidInput) as caught:
        change_roles(**about(owner), roles=[FRONT_DESK])
    assert caught.value.fields == {"roles": LAST_OWNER}
    with pytest.raises(InvalidInput) as caught:
        switch_login_off(**about(owner))
    assert caught.value.fields == {"login": LAST_OWNER}
    other = make_user(office.practice, password=PASSWORD)
    switch_login_off(**about(owner))
    with pytest.raises(InvalidInput):
        switch_login_off(**about(other))


def test_therapist_goes_with_seeing_clients(office: Office, owner: User) -> None:
    user = dana(office)
    with pytest.raises(InvalidInput) as caught:
        change_roles(**about(user), roles=[FRONT_DESK])
    assert caught.value.fields == {"roles": GIVES_CARE_STILL}
    with pytest.raises(InvalidInput) as caught:
        change_roles(**about(owner), roles=[OWNER, THERAPIST])
    assert caught.value.fields == {"roles": GIVES_NO_CARE}
    change_roles(**about(user), roles=[THERAPIST, FRONT_DESK])
    which = {"practice_id": office.practice.id, "therapist_public_id": office.therapist.public_id}
    end_therapist(**which, by=BY_STAFF, now=NOW)
    assert user.active  # They are the front desk, too.
    change_roles(**about(user), roles=[FRONT_DESK])
    reopen_therapist(**which, by=BY_STAFF, now=NOW)
    assert user.role_names == [THERAPIST, FRONT_DESK]


def test_somebody_who_is_switched_off_is_signed_out_and_not_offered(
    office: Office, owner: User, database: Session
) -> None:
    user = dana(office)
    begin_sign_in(login_id=user.login_id, now=NOW)
    query = SlotQuery.about(office.service, Mode.VIRTUAL, at(9), at(9, days=3), jurisdiction="CO")
    assert offered(query, now=NOW)
    for _ in range(2):  # Once is enough.
        switch_login_off(**about(user))
    assert not user.active
    assert not offered(query, now=NOW)
    assert database.scalars(select(SignIn.ended_at)).all() == [NOW]
    for _ in range(2):
        switch_login_on(**about(user))
    assert user.active
    assert offered(query, now=NOW)
    assert database.scalars(select(FreedTime.therapist_id)).all() == [office.therapist.id]
    actions = [line.action for line in database.scalars(select(PracticeEvent).order_by(PracticeEvent.id))]
    assert actions == [AuditAction.ENDED, AuditAction.REOPENED]


def test_signing_somebody_out_ends_all_their_sign_ins(office: Office, database: Session) -> None:
    user = dana(office)
    for _ in range(2):
        begin_sign_in(login_id=user.login_id, now=NOW)
    assert sign_out_login(**about(user)) == 2
    assert sign_out_login(**about(user)) == 0
    [line] = database.scalars(select(PracticeEvent)).all()
    assert (line.subject, line.action, line.details) == (AuditSubject.SIGN_INS, AuditAction.ENDED, {"count": 2})
    assert user.active


def test_everybody_who_signs_in_or_sees_clients_is_on_the_list(office: Office, owner: User) -> None:
    make_user(office.practice, Role.BILLER, name="Al Bell", active=False)
    begin_sign_in(login_id=owner.login_id, now=NOW)
    make_user(make_office().practice, name="Stranger")
    found = [(each.name, each.is_active, each.last_seen) for each in list_people(office.practice.id)]
    assert found == [("Dana Rivera", True, None), ("Robin Reed", True, NOW), ("Al Bell", False, None)]


def test_people_of_others_are_not_found(office: Office) -> None:
    theirs = make_user(make_office().practice)
    mine = {**about(theirs), "practice_id": office.practice.id}
    for ask in (switch_login_off, switch_login_on, sign_out_login):
        with pytest.raises(NotFound):
            ask(**mine)
    with pytest.raises(NotFound):
        change_roles(**mine, roles=[OWNER])
