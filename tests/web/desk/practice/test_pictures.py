"""Logo and photos: chosen at the desk, shown on pages, served from one address."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

import config
from telehealth.database import db
from telehealth.domain import pictures
from telehealth.domain.pictures import LARGEST_PICTURE
from telehealth.domain.words import Mode
from telehealth.models import Picture, Practice, PracticeEvent, Therapist
from tests.factories import Office, make_office, make_therapist
from tests.factories.pictures import make_file
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, words_of

SHOWN = re.compile(r'src="(/pictures/[0-9a-f]{64}\.webp)"')
LOGO = "/desk/practice/logo"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(practice={"slug": "riverside"})


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def photo_path(therapist: Therapist) -> str:
    return f"/desk/therapists/{therapist.public_id}/photo"


def upload(staff: Staff, path: str, file: bytes, *, name: str = "picture.png", status: int = 200) -> TestResponse:
    field = path.rpartition("/")[2]
    # As bytes: the test client would keep a large form in a file of its own, and leave it open.
    boundary, body = encode_multipart({"csrf_token": staff.token, field: FileStorage(BytesIO(file), name)})
    sent = {"data": body, "content_type": f'multipart/form-data; boundary="{boundary}"'}
    answer = staff.browser.post(path, **sent, follow_redirects=True)
    assert answer.status_code == status, words_of(answer)
    return answer


def count_pictures() -> int:
    return db.session.scalar(select(func.count(Picture.id))) or 0


def pictures_on(answer: TestResponse) -> list[str]:
    return SHOWN.findall(answer.text)


def test_a_logo_stands_on_every_page(owner: Staff, client: FlaskClient) -> None:
    assert "There is none yet." in owner.read(LOGO)
    answer = upload(owner, LOGO, make_file())
    assert "Saved. Your pages show it now." in words_of(answer)
    (shown,) = set(pictures_on(answer))
    assert pictures_on(client.get("/riverside")) == [shown]
    assert pictures_on(client.get("/riverside/book")) == [shown]
    assert pictures_on(owner.get("/desk/today")) == [shown]
    assert 'alt=""' in client.get("/riverside").text, "its name stands beside it"
    assert "Change it" in owner.read("/desk/practice")


def test_whoever_has_no_photo_has_initials(owner: Staff, office: Office, client: FlaskClient) -> None:
    make_therapist(office.practice, office.service, name="Zoe Adams")
    page = client.get("/riverside")
    assert '<span class="portrait portrait--initials" aria-hidden="true">ZA</span>' in page.text
    upload(owner, photo_path(office.therapist), make_file())
    page = client.get("/riverside")
    assert len(pictures_on(page)) == 1
    assert 'alt="Photo of Dana Rivera"' in page.text
    assert ">ZA</span>" in page.text
    choosing = client.get(f"/riverside/book?service={office.service.public_id}&mode={Mode.PHONE}&state=CO")
    assert pictures_on(choosing) == pictures_on(page)


def test_a_picture_is_served_as_one_and_as_nothing_else(owner: Staff, client: FlaskClient) -> None:
    (path,) = set(pictures_on(upload(owner, LOGO, make_file() + b"<script>", name="logo.html")))
    answer = client.get(path)
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "Set-Cookie" not in answer.headers
    assert answer.data[:4] == b"RIFF"
    assert b"<script>" not in answer.data
    again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"/pictures/{'0' * 64}.webp").status_code == 404


def test_another_one_takes_its_place_and_the_old_one_is_gone(owner: Staff, client: FlaskClient) -> None:
    (first,) = set(pictures_on(upload(owner, LOGO, make_file("teal"))))
    (second,) = set(pictures_on(upload(owner, LOGO, make_file("navy"))))
    assert first != second
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)
    assert "Removed." in owner.send(f"{LOGO}/remove")
    assert client.get(second).status_code == 404
    assert count_pictures() == 0
    assert "Removed." in owner.send(f"{LOGO}/remove"), "twice does no harm"


def test_what_several_show_stays_until_the_last_one_goes(owner: Staff, office: Office, client: FlaskClient) -> None:
    colleague = make_therapist(office.practice, office.service, name="Zoe Adams")
    for each in (office.therapist, colleague):
        upload(owner, photo_path(each), make_file())
    assert count_pictures() == 1
    (path,) = set(pictures_on(client.get("/riverside")))
    owner.send(f"{photo_path(colleague)}/remove")
    assert client.get(path).status_code == 200
    owner.send(f"{photo_path(office.therapist)}/remove")
    assert client.get(path).status_code == 404


def test_practices_keep_their_pictures_apart(app: Flask, owner: Staff, client: FlaskClient) -> None:
    other = as_owner(app, make_office(practice={"slug": "elm"}))
    for each in (owner, other):
        (path,) = set(pictures_on(upload(each, LOGO, make_file())))
    assert count_pictures() == 2
    owner.send(f"{LOGO}/remove")
    assert client.get(path).status_code == 200, "the other practice shows it still"


def test_therapists_choose_their_own_photo_and_nobody_elses(app: Flask, office: Office) -> None:
    colleague = make_therapist(office.practice, office.service, name="Zoe Adams")
    therapist, front_desk = as_therapist(app, office), as_front_desk(app, office)
    upload(therapist, photo_path(office.therapist), make_file())
    assert "Change the photo" in therapist.read(f"/desk/therapists/{office.therapist.public_id}/profile")
    for path in (photo_path(colleague), f"{photo_path(colleague)}/remove"):
        assert therapist.post(path, {"photo": (BytesIO(make_file()), "a.png")}).status_code == 404
    for staff, path in ((therapist, LOGO), (front_desk, LOGO), (front_desk, photo_path(office.therapist))):
        assert staff.get(path).status_code == 403
        assert staff.post(path).status_code == 403
    assert db.session.get_one(Therapist, colleague.id).photo is None


@pytest.mark.parametrize(
    ("file", "name", "sentence"),
    [
        (b"", "", pictures.MISSING),
        (b"<svg/>", "logo.png", pictures.IS_DRAWING),
        (make_file()[:-30], "logo.png", pictures.UNREADABLE),
        (b"0" * (LARGEST_PICTURE + 1), "logo.png", pictures.TOO_LARGE),
    ],
    ids=["nothing", "svg", "cut off", "too large"],
)
def test_what_cannot_be_taken_is_explained(owner: Staff, office: Office, file: bytes, name: str, sentence: str) -> None:
    for path in (LOGO, photo_path(office.therapist)):
        answer = upload(owner, path, file, name=name, status=422)
        assert words_of(answer).count(sentence) == 2, "above the form and beside the field"
        assert answer.text.count("<title>Error: ") == 1
    assert owner.post(LOGO).status_code == 422
    assert db.session.get_one(Practice, office.practice.id).logo is None


def test_only_pictures_may_be_that_large(owner: Staff, client: FlaskClient) -> None:
    form = {"content_type": "multipart/form-data; boundary=x"}
    answer = owner.browser.post(LOGO, data=b"0" * (config.LARGEST_UPLOAD + 1), **form)
    assert answer.status_code == 413
    assert "smaller than 6 MB" in words_of(answer)
    for path in ("/desk/practice", "/riverside/book", "/sign-in"):
        assert client.post(path, data=b"0" * (config.LARGEST_REQUEST + 1), **form).status_code == 413, path


def test_who_changed_it_is_on_record(owner: Staff, office: Office) -> None:
    upload(owner, LOGO, make_file())
    upload(owner, photo_path(office.therapist), make_file())
    owner.send(f"{photo_path(office.therapist)}/remove")
    lines: list[Any] = list(db.session.scalars(select(PracticeEvent).order_by(PracticeEvent.id)))[-3:]
    digest = lines[0].details["after"]["logo"]
    assert [line.details for line in lines] == [
        {"before": {"logo": None}, "after": {"logo": digest}},
        {"before": {"photo": None}, "after": {"photo": lines[1].details["after"]["photo"]}},
        {"before": {"photo": lines[1].details["after"]["photo"]}, "after": {"photo": None}},
    ]
    assert f"Logo: from nothing → to picture {digest[:8]}" in owner.read("/desk/changes")
