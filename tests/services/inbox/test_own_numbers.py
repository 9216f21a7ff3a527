"""The number for alerts: texted once it is proved to be one's own, e-mailed until then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.errors import InvalidInput, TooManyCodes
from telehealth.domain.inbox.alert_steps import AlertStep, AlertTo, AlertWay
from telehealth.domain.message_words import Channel
from telehealth.domain.messages.number_codes import LASTS, MOST_TRIES, Proof
from telehealth.domain.words import Role
from telehealth.models import NumberCode, PracticeEvent, User
from telehealth.queries.inbox.alert_readers import AlertReaders
from telehealth.services.consent.number_proving import is_proved, prove_number
from telehealth.services.inbox.alert_rules import set_own_alerts
from telehealth.services.inbox.own_numbers import prove_own_number, text_own_number
from telehealth.services.practice.therapists import set_alert_phone
from tests.factories import BY_STAFF, Office, make_office, make_user
from tests.factories.rows import change
from tests.moments import NOW

PHONE = "+13035550140"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def desk(office: Office) -> User:
    return make_user(office.practice, Role.FRONT_DESK)


def name_number(user: User, phone: str = PHONE, way: AlertWay | None = None) -> None:
    set_own_alerts(user_id=user.id, phone=phone, way=way, by=BY_STAFF, now=NOW)


def send(user: User, **given: object) -> NumberCode:
    text_own_number(**{"user_id": user.id, "by": BY_STAFF, "now": NOW, **given})
    return db.session.scalars(select(NumberCode).order_by(NumberCode.id.desc()).limit(1)).one()


def prove(user: User, typed: str, addresses: Addresses, **given: object) -> Proof:
    usual = {"user_id": user.id, "typed": typed, "addresses": addresses, "by": BY_STAFF, "now": NOW}
    return prove_own_number(**{**usual, **given})


def channels(office: Office, to: AlertTo) -> list[tuple[Channel, str]]:
    db.session.flush()
    step = AlertStep(to, AlertWay.BOTH)
    readers = AlertReaders(office.practice, now=NOW).of_step(step, [office.therapist])
    return [(channel, each.address(channel)) for each in readers for channel in each.channels(AlertWay.BOTH)]


def test_until_it_is_proved_they_are_e_mailed(office: Office, desk: User, addresses: Addresses) -> None:
    name_number(desk, way=AlertWay.TEXT)
    assert channels(office, AlertTo.FRONT_DESK) == [(Channel.EMAIL, desk.email)]
    assert prove(desk, addresses.number_code(send(desk).public_id), addresses) == Proof.PROVED
    assert channels(office, AlertTo.FRONT_DESK) == [(Channel.TEXT, PHONE)]
    lines = db.session.scalars(select(PracticeEvent).order_by(PracticeEvent.id)).all()
    assert lines[-1].details["after"] == {"proved": True}


def test_of_a_therapist_too(office: Office, addresses: Addresses) -> None:
    login = make_user(office.practice, Role.THERAPIST)
    change(office.therapist, user_id=login.id)
    db.session.expire(login)
    name_number(login)
    assert {channel for channel, _ in channels(office, AlertTo.THERAPIST)} == {Channel.EMAIL}
    prove(login, addresses.number_code(send(login).public_id), addresses)
    assert (Channel.TEXT, PHONE) in channels(office, AlertTo.THERAPIST)
    # Whoever sets another number for them does not prove it.
    about = {"practice_id": office.practice.id, "therapist_id": office.therapist.id, "by": BY_STAFF, "now": NOW}
    set_alert_phone(**about, phone=PHONE)
    assert (Channel.TEXT, PHONE) in channels(office, AlertTo.THERAPIST)
    set_alert_phone(**about, phone="+13035550141")
    assert {channel for channel, _ in channels(office, AlertTo.THERAPIST)} == {Channel.EMAIL}


def test_another_number_is_proved_anew(office: Office, desk: User, addresses: Addresses) -> None:
    name_number(desk)
    prove(desk, addresses.number_code(send(desk).public_id), addresses)
    name_number(desk, way=AlertWay.TEXT)  # The same one stays so.
    assert desk.has_proved_number
    name_number(desk, "+13035550141")
    assert not desk.has_proved_number
    name_number(desk, "")
    assert not desk.has_proved_number


def test_a_code_for_the_former_number_proves_nothing(desk: User, addresses: Addresses) -> None:
    name_number(desk)
    made = send(desk)
    name_number(desk, "+13035550141")
    assert prove(desk, addresses.number_code(made.public_id), addresses) == Proof.OVER


def test_nor_does_a_colleagues(office: Office, desk: User, addresses: Addresses) -> None:
    other = make_user(office.practice, Role.FRONT_DESK)
    name_number(desk)
    name_number(other)
    assert prove(other, addresses.number_code(send(desk).public_id), addresses) == Proof.OVER


def test_few_tries_and_ten_minutes(desk: User, addresses: Addresses) -> None:
    name_number(desk)
    made = send(desk)
    right = addresses.number_code(made.public_id)
    assert prove(desk, right, addresses, now=NOW + LASTS) == Proof.OVER
    for _ in range(MOST_TRIES):
        prove(desk, "x", addresses)
    assert prove(desk, right, addresses) == Proof.SPENT
    assert not desk.has_proved_number


def test_nobody_is_bombarded_by_a_colleague(desk: User) -> None:
    name_number(desk)
    for number in range(3):
        send(desk, now=NOW + number * timedelta(minutes=1))
    with pytest.raises(TooManyCodes):
        send(desk, now=NOW + timedelta(minutes=4))


def test_without_a_number_there_is_nothing_to_prove(desk: User, addresses: Addresses) -> None:
    with pytest.raises(InvalidInput):
        send(desk)
    with pytest.raises(InvalidInput):
        prove(desk, "123456", addresses)


@pytest.mark.parametrize("secret", ["user:{}", "{}"])
def test_a_visitor_neither_uses_up_nor_brings_what_staff_were_texted(
    office: Office, desk: User, addresses: Addresses, secret: str
) -> None:
    """Whoever guesses what a code of theirs counts for spends none of its tries, and books nothing with its proof."""
    name_number(desk)
    code = send(desk)
    about = {"practice_id": office.practice.id, "phone": PHONE, "secret": secret.format(desk.id)}
    for _ in range(MOST_TRIES):
        assert prove_number(**about, typed="000000", addresses=addresses, now=NOW) == Proof.OVER
    assert prove(desk, addresses.number_code(code.public_id), addresses) == Proof.PROVED
    assert not is_proved(db.session(), *about.values(), now=NOW)
