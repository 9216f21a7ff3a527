"""Whoever is invited chooses a password behind a link that works once, and is in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.login_letters import RESTS_FOR
from telehealth.domain.ports import Email, Gateways
from telehealth.domain.words import Mode, Role
from telehealth.models import LoginLetter, Message, PracticeEvent, User
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.delivery.sending import deliver_all
from tests.factories import Office, make_office, make_user
from tests.factories.users import PASSWORD
from tests.fakes import FakeClock, FakeEmails
from tests.moments import NOW, at
from tests.web.staff import Staff, as_owner, sign_in, token_in, try_to_sign_in, words_of

ADDRESS, NEW = "sam@riverside.example", "seven green umbrellas"
SAM = {"name": "Sam Hill", "email": ADDRESS, "roles": ["front_desk", "biller"]}
Send = Callable[[], list[Email]]


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera", "email": "dana@riverside.example"})


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


@pytest.fixture
def send(app: Flask, gateways: Gateways, clock: FakeClock) -> Send:
    """Everything that is due; the e-mails of this time."""

    def send_due() -> list[Email]:
        emails = gateways.emails
        assert isinstance(emails, FakeEmails)
        before = len(emails.sent)
        addresses: Addresses = app.extensions["addresses"]
        deliver_all(
            claim_messages(worker="w", addresses=addresses, limit=50, now=clock()), gateways=gateways, now=clock
        )
        return emails.sent[before:]

    return send_due


def link_in(email: Email) -> str:
    ((_, url),) = email.letter.actions
    return "/" + url.partition("://")[2].partition("/")[2]


def choose(browser: FlaskClient, link: str, password: str = NEW, again: str | None = None) -> TestResponse:
    form = {"csrf_token": token_in(browser.get(link)), "new_password": password}
    return browser.post(link, data={**form, "new_password_again": again or password}, follow_redirects=True)


def invited() -> User:
    return db.session.scalars(select(User).where(User.name.in_(["Sam Hill", "Samuel Hill"]))).one()


def test_an_invitation_leads_to_the_desk(app: Flask, owner: Staff, send: Send) -> None:
    assert f"An e-mail to {ADDRESS} is on its way" in owner.send("/desk/people/invite", SAM)
    assert "Sam Hill Front desk and biller · sam@riverside.example Invited, link until" in owner.read("/desk/people")
    (email,) = send()
    assert (email.to, email.to_name, email.letter.subject) == (ADDRESS, "Sam Hill", "You are invited to sign in")
    sam, link = app.test_client(), link_in(email)
    assert choose(sam, link, "short").status_code == 422
    assert choose(sam, link, NEW, "another").status_code == 422
    assert "Welcome, Sam Hill" in words_of(choose(sam, link))
    assert sam.get("/desk/requests").status_code == 200  # Signed in.
    assert app.test_client().get(link).status_code == 404  # Once.
    assert try_to_sign_in(app.test_client(), ADDRESS, NEW).status_code == 302
    assert "Invited" not in owner.read("/desk/people")
    actions = select(PracticeEvent.action).where(PracticeEvent.subject_public_id == invited().public_id)
    assert set(db.session.scalars(actions)) == {AuditAction.ADDED, AuditAction.LINK_SENT}


def test_nobody_signs_in_before(app: Flask, owner: Staff) -> None:
    owner.send("/desk/people/invite", SAM)
    assert try_to_sign_in(app.test_client(), ADDRESS, "").status_code == 200
    assert try_to_sign_in(app.test_client(), ADDRESS, NEW).status_code == 200


def test_the_link_works_for_72_hours(app: Flask, owner: Staff, send: Send, clock: FakeClock) -> None:
    owner.send("/desk/people/invite", SAM)
    link = link_in(send()[0])
    clock.advance(timedelta(hours=72) - timedelta(seconds=1))
    assert app.test_client().get(link).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert app.test_client().get(link).status_code == 404
    assert "Link ran out" in sign_in(app, make_user(invited().practice, password=PASSWORD)).read("/desk/people")


def test_a_newer_link_ends_the_older(app: Flask, owner: Staff, send: Send, clock: FakeClock) -> None:
    owner.send("/desk/people/invite", SAM)
    older = link_in(send()[0])
    page = f"/desk/people/{invited().public_id}"
    assert "Please give it five minutes" in owner.send(f"{page}/invite-again")
    clock.advance(RESTS_FOR)
    assert "the older link has ended" in owner.send(f"{page}/invite-again")
    newer = link_in(send()[0])
    assert app.test_client().get(older).status_code == 404
    assert app.test_client().get(newer).status_code == 200


def test_an_invitation_is_withdrawn_and_sent_anew(app: Flask, owner: Staff, send: Send, clock: FakeClock) -> None:
    owner.send("/desk/people/invite", SAM)
    link = link_in(send()[0])
    page = f"/desk/people/{invited().public_id}"
    assert "is withdrawn" in owner.send(f"{page}/withdraw")
    assert app.test_client().get(link).status_code == 404
    assert "Invitation withdrawn" in owner.read("/desk/people")
    clock.advance(RESTS_FOR)
    owner.send("/desk/people/invite", {**SAM, "name": "Samuel Hill", "roles": ["front_desk"]})
    assert (invited().name, invited().role_names, invited().active) == ("Samuel Hill", [Role.FRONT_DESK], True)
    assert app.test_client().get(link_in(send()[0])).status_code == 200


def test_a_therapist_is_invited_and_can_be_booked_all_the_time(
    app: Flask, office: Office, owner: Staff, send: Send
) -> None:
    query = SlotQuery.about(office.service, Mode.VIRTUAL, at(9), at(9, days=3), jurisdiction="CO")
    address = f"/desk/people/invite?person={office.therapist.public_id}"
    assert 'value="dana@riverside.example"' in owner.get(address).text
    dana = {"name": "Dana Rivera", "email": "dana@riverside.example", "sees": office.therapist.public_id}
    owner.send("/desk/people/invite", dana)
    login = db.session.scalars(select(User).where(User.invited_email == dana["email"])).one()
    assert (login.role_names, login.therapist) == ([Role.THERAPIST], office.therapist)
    assert offered(query, now=NOW)
    owner.send(f"/desk/people/{login.public_id}/withdraw")
    db.session.expire_all()
    assert office.therapist.user_id is None
    assert offered(query, now=NOW)
    owner.send("/desk/people/invite", dana)
    send()
    assert office.therapist.user_id == login.id


def test_what_cannot_be_used_is_said_and_kept(owner: Staff, office: Office) -> None:
    make_user(office.practice, Role.FRONT_DESK, email="taken@riverside.example")
    answer = owner.post("/desk/people/invite", {"name": "", "email": "no address", "roles": []})
    assert answer.status_code == 422
    assert 'value="no address"' in answer.text
    assert "Please choose at least one role" in answer.text
    answer = owner.post("/desk/people/invite", {**SAM, "email": "Taken@riverside.example"})
    assert "There is a login with this address already" in answer.text
    assert db.session.scalars(select(LoginLetter.id)).all() == []


def test_whoever_has_a_password_is_not_invited(app: Flask, owner: Staff, office: Office) -> None:
    user = make_user(office.practice, Role.FRONT_DESK, password=PASSWORD)
    for what in ("invite-again", "withdraw"):
        assert "They have chosen a password already" in owner.send(f"/desk/people/{user.public_id}/{what}")
    assert user.active


def test_neither_the_records_nor_the_desk_hold_the_link(owner: Staff, send: Send) -> None:
    owner.send("/desk/people/invite", SAM)
    secret = link_in(send()[0]).rpartition(".")[2]
    row = db.session.scalars(select(Message)).one()
    letter = db.session.scalars(select(LoginLetter)).one()
    kept = " ".join(str(getattr(each, column.key)) for each in (row, letter) for column in each.__table__.columns)
    page = owner.get(f"/desk/messages/{row.public_id}")
    assert page.status_code == 200
    assert secret not in kept + page.text


def test_only_owners_invite(app: Flask, office: Office) -> None:
    desk = sign_in(app, make_user(office.practice, Role.FRONT_DESK, password=PASSWORD))
    assert desk.get("/desk/people/invite").status_code == 403
    assert desk.post("/desk/people/invite", SAM).status_code == 403
