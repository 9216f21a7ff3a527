"""Whoever has left, or may not sign in any more, is offered to nobody and booked by nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.errors import NotFound, SlotNotOffered
from telehealth.domain.words import Mode, Role
from telehealth.models import FreedTime, SignIn, Therapist, User
from telehealth.queries.appointments.groups import list_joinable_groups
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered
from telehealth.queries.practice.practices import list_former_therapists, list_therapists
from telehealth.services.practice.sign_ins import begin_sign_in
from telehealth.services.practice.therapists import end_therapist, reopen_therapist
from tests.factories import BY_STAFF, Office, book, make_group_office, make_office, make_therapist, make_user
from tests.moments import NOW, at

OPENS, CLOSES = at(9), at(9, days=14)


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def leave(office: Office, therapist: Therapist | None = None) -> Therapist:
    public_id = (therapist or office.therapist).public_id
    return end_therapist(practice_id=office.practice.id, therapist_public_id=public_id, by=BY_STAFF, now=NOW)


def come_back(office: Office) -> Therapist:
    public_id = office.therapist.public_id
    return reopen_therapist(practice_id=office.practice.id, therapist_public_id=public_id, by=BY_STAFF, now=NOW)


def give_login(therapist: Therapist, role: Role = Role.THERAPIST) -> User:
    user = make_user(therapist.practice, role)
    with transaction() as session:
        session.get_one(Therapist, therapist.id).user_id = user.id
    return user


def starts(office: Office, therapist: Therapist | None = None) -> int:
    query = SlotQuery.about(office.service, Mode.VIRTUAL, OPENS, CLOSES, therapist=therapist, jurisdiction="CO")
    return len(offered(query, now=NOW))


def switch_off(office: Office) -> None:
    user = give_login(office.therapist)
    with transaction() as session:
        session.get_one(User, user.id).active = False


def end_by_hand(office: Office) -> None:
    with transaction() as session:
        session.get_one(Therapist, office.therapist.id).ended_at = NOW


@pytest.mark.parametrize("gone", [switch_off, end_by_hand, leave])
def test_whoever_is_gone_is_neither_offered_nor_booked(office: Office, gone: Callable[[Office], object]) -> None:
    assert starts(office) > 0
    gone(office)
    assert starts(office) == starts(office, office.therapist) == 0
    assert list_therapists(office.practice.id) == []
    assert list_former_therapists(office.practice.id) == [office.therapist]
    for named in (None, office.therapist.public_id):
        with pytest.raises(SlotNotOffered):
            book(office, therapist=named)


def test_a_colleague_takes_over_what_is_offered(office: Office) -> None:
    colleague = make_therapist(office.practice, office.service, name="Sam Okafor")
    leave(office)
    assert book(office, therapist=None).therapist_id == colleague.id


def test_seats_in_the_groups_of_somebody_who_left_are_not_sold(database: Session) -> None:
    group = make_group_office()
    book(group)
    query = SlotQuery.about(group.service, Mode.VIRTUAL, OPENS, CLOSES, jurisdiction="CO")
    assert list_joinable_groups(query, now=NOW)
    leave(group)
    assert not list_joinable_groups(query, now=NOW)


def test_leaving_ends_the_login_and_coming_back_opens_it(office: Office, database: Session) -> None:
    user = give_login(office.therapist)
    begin_sign_in(login_id=user.login_id, now=NOW)
    leave(office)
    database.expire_all()
    assert not user.active
    assert database.scalars(select(SignIn.ended_at)).all() == [NOW]
    assert leave(office).ended_at == NOW  # Once is enough.
    assert come_back(office).ended_at is None
    assert user.active
    assert starts(office) > 0
    assert database.scalars(select(FreedTime.therapist_id)).all() == [office.therapist.id]


def test_an_owner_who_sees_nobody_any_more_goes_on_being_the_owner(office: Office, database: Session) -> None:
    user = give_login(office.therapist, Role.OWNER)
    leave(office)
    assert user.active


def test_what_is_booked_stays(office: Office) -> None:
    appointment = book(office)
    leave(office)
    assert appointment.status == "booked"
    assert appointment.therapist_id == office.therapist.id


def test_another_practice_ends_nobody(office: Office) -> None:
    other = make_office()
    with pytest.raises(NotFound):
        end_therapist(
            practice_id=other.practice.id, therapist_public_id=office.therapist.public_id, by=BY_STAFF, now=NOW
        )
