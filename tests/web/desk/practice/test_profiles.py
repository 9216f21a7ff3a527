"""The profile of a therapist, and who reads it where."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.models import FreedTime, Therapist
from tests.factories import Office, make_office, make_therapist
from tests.factories.rows import change
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, filled_in, words_of

PROFILE = {
    "name": "Dana Rivera-Cruz",
    "credential": "LCSW",
    "pronouns": "she/her",
    "timezone": "America/Denver",
    "about": "I work with people who grieve.\n\nOften outdoors.",
    "specialties": "Grief, Couples\ngrief",
    "modalities": "EMDR",
    "ages": "Adults, 12 to 17",
    "languages": "English, Spanish",
    "video_url": "meet.example/dana",
    "position": "2",
}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def address(office: Office) -> str:
    return f"/desk/therapists/{office.therapist.public_id}/profile"


def public_page(app: Flask, office: Office) -> str:
    return words_of(app.test_client().get(f"/{office.practice.slug}"))


def test_what_an_owner_writes_is_on_the_page(app: Flask, owner: Staff, office: Office) -> None:
    assert "Saved. Your page shows it now." in owner.send(address(office), PROFILE)
    page = public_page(app, office)
    assert "Dana Rivera-Cruz , LCSW (she/her) I work with people who grieve. Often outdoors." in page
    assert "Works with Grief, Couples Methods EMDR Ages Adults, 12 to 17 Speaks English, Spanish" in page
    filled = filled_in(owner.get(address(office)).text)
    assert filled["specialties"] == ["Grief, Couples"]
    assert filled["video_url"] == ["https://meet.example/dana"]
    assert filled["position"] == ["2"]
    changes = owner.read("/desk/changes")
    assert "Therapist: Dana Rivera-Cruz" in changes


def test_the_page_is_in_the_owners_order(app: Flask, owner: Staff, office: Office) -> None:
    make_therapist(office.practice, office.service, name="Zoe Adams")
    owner.send(address(office), PROFILE)
    page = public_page(app, office)
    assert page.index("Zoe Adams") < page.index("Dana Rivera-Cruz")


def test_somebody_hidden_is_not_on_the_page_and_has_a_link(app: Flask, owner: Staff, office: Office) -> None:
    make_therapist(office.practice, office.service, name="Zoe Adams")
    owner.send(address(office), {**PROFILE, "is_hidden": "y"})
    assert "Dana Rivera-Cruz" not in public_page(app, office)
    asked = f"/{office.practice.slug}/book?service={office.service.public_id}&mode=virtual&state=CO"
    browser = app.test_client()
    chosen = words_of(browser.get(asked, follow_redirects=True))
    assert "Zoe Adams" in chosen
    assert "Dana Rivera-Cruz" not in chosen
    theirs = browser.get(f"{asked}&therapist={office.therapist.public_id}", follow_redirects=True)
    assert "Dana Rivera-Cruz" in words_of(theirs)


def test_a_therapist_writes_their_own_and_not_where_it_stands(app: Flask, office: Office) -> None:
    colleague = make_therapist(office.practice, office.service, name="Zoe Adams")
    change(office.therapist, position=7)
    dana = as_therapist(app, office)
    assert "/profile" in dana.get("/desk/account").text
    assert "Place in the list" not in dana.read(address(office))
    dana.send(address(office), {**PROFILE, "position": "0", "is_hidden": "y"})
    db.session.expire_all()
    assert (office.therapist.name, office.therapist.position) == ("Dana Rivera-Cruz", 7)
    assert not office.therapist.is_hidden
    theirs = f"/desk/therapists/{colleague.public_id}/profile"
    assert dana.get(theirs).status_code == 404
    assert dana.post(theirs, PROFILE).status_code == 404


def test_nobody_else_writes_it(app: Flask, office: Office, owner: Staff) -> None:
    assert as_front_desk(app, office).get(address(office)).status_code == 403
    other = make_office()
    assert owner.get(address(other)).status_code == 404
    assert owner.post(address(other), PROFILE).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "name-error"),
        ({"timezone": "Mars/Base"}, "timezone-error"),
        ({"credential": "x" * 41}, "credential-error"),
        ({"video_url": "javascript:alert(1)"}, "video_url-error"),
        ({"ages": ",".join(f"{number}" for number in range(31))}, "ages-error"),
        ({"position": "-1"}, "position-error"),
        ({"position": "first"}, "position-error"),
    ],
)
def test_what_cannot_be_used_is_said_and_kept(owner: Staff, office: Office, wrong: dict[str, Any], said: str) -> None:
    answer = owner.post(address(office), {**PROFILE, **wrong})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Often outdoors." in answer.text
    assert db.session.get_one(Therapist, office.therapist.id).name == "Dana Rivera"


def test_another_zone_may_open_time_for_those_who_wait(owner: Staff, office: Office) -> None:
    owner.send(address(office), PROFILE)
    assert db.session.scalars(select(FreedTime.therapist_id)).all() == []
    owner.send(address(office), {**PROFILE, "timezone": "America/New_York"})
    assert db.session.scalars(select(FreedTime.therapist_id)).all() == [office.therapist.id]


def test_new_clients_are_taken_or_not(app: Flask, office: Office, owner: Staff) -> None:
    address = f"/desk/therapists/{office.therapist.public_id}"
    assert filled_in(owner.get(f"{address}/profile").text)["new_clients"] == ["yes"]
    words = owner.send(f"{address}/new-clients", {"new_clients": "later", "since": "2026-12-01"})
    assert "Saved: takes new clients from a date on." in words
    form = filled_in(owner.get(f"{address}/profile").text)
    assert (form["new_clients"], form["since"]) == (["later"], ["2026-12-01"])
    answer = owner.post(f"{address}/new-clients", {"new_clients": "later", "since": ""})
    assert answer.status_code == 422
    assert "Please choose the first date for new clients." in words_of(answer)
    assert filled_in(answer.text)["name"] == ["Dana Rivera"]
    assert "Saved: takes no new clients." in owner.send(f"{address}/new-clients", {"new_clients": "no"})
    changes = owner.read("/desk/changes")
    assert "New clients" in changes
    assert "Takes no new clients" in changes
    dana = as_therapist(app, office)
    assert "Saved: takes new clients." in dana.send(f"{address}/new-clients", {"new_clients": "yes"})
    colleague = make_therapist(office.practice, office.service, name="Sam Okafor")
    assert dana.post(f"/desk/therapists/{colleague.public_id}/new-clients", {"new_clients": "no"}).status_code == 404
    assert as_front_desk(app, office).post(f"{address}/new-clients", {"new_clients": "no"}).status_code == 403
