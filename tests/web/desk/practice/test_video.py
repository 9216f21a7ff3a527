"""The page about video: choosing where to meet, connecting what is elsewhere, trying it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.models import Appointment, Practice, Service, Therapist, VideoConnection
from tests.factories import Office, book, make_office
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import at
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, filled_in, words_of

TEN = at(10)
SERVER = {
    "address": "https://meet.river.example",
    "app_id": "river",
    "key_id": "",
    "audience": "",
    "app_secret": "a-secret-of-more-than-32-letters!",
}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def test_a_server_is_connected_tried_and_chosen(owner: Staff, office: Office) -> None:
    assert "Jitsi" not in owner.get("/desk/video").text.partition("</select>")[0].partition("<select")[2]
    assert "Saved: Jitsi. Try it now" in owner.send("/desk/video/jitsi/connect", SERVER)
    page = owner.get("/desk/video")
    assert SERVER["app_secret"] not in page.text
    assert "Connected: https://meet.river.example" in words_of(page)
    tried = owner.get("/desk/video").text
    assert "/desk/video/jitsi/try" in tried
    assert "Open the room in a new window" in owner.send("/desk/video/jitsi/try", {})
    assert "Saved. Whoever enters next comes there." in owner.send("/desk/video", {"video_kind": "jitsi"})
    assert filled_in(owner.get("/desk/video").text)["video_kind"] == ["jitsi"]
    changes = owner.read("/desk/changes")
    assert "Video service: Jitsi" in changes
    assert "Where they meet by video" in changes


def test_what_was_typed_stays_and_what_is_wrong_is_said(owner: Staff) -> None:
    page = owner.post("/desk/video/jitsi/connect", data={**SERVER, "address": "http://meet.river.example"})
    assert page.status_code == 422
    assert "Please give an address that starts with https://." in words_of(page)
    assert 'value="http://meet.river.example"' in page.text
    assert 'href="#jitsi-address"' in page.text


def test_what_is_ended_is_gone(owner: Staff, office: Office) -> None:
    owner.send("/desk/video/fixed/connect", {"address": "https://doxy.example/river"})
    owner.send("/desk/video", {"video_kind": "fixed"})
    assert "Ended: A fixed link." in owner.send("/desk/video/fixed/end", {})
    assert db.session.scalars(select(VideoConnection)).one().ended_at is not None
    assert "There is nothing to try yet." in owner.send("/desk/video/fixed/try", {})


def test_a_therapist_a_service_and_an_appointment_have_their_own(app: Flask, owner: Staff, office: Office) -> None:
    booked = book(office, TEN)
    owner.send("/desk/video/jitsi/connect", SERVER)
    for path, model in (
        (f"therapists/{office.therapist.public_id}", Therapist),
        (f"services/{office.service.public_id}", Service),
        (f"appointments/{booked.public_id}", Appointment),
    ):
        assert "Saved. Whoever enters next comes there." in owner.send(f"/desk/{path}/video", {"video_kind": "jitsi"})
        assert db.session.scalars(select(model.video_kind)).one() == "jitsi"
    assert "Video: jitsi" in owner.read(f"/desk/appointments/{booked.public_id}")
    assert "Where you meet by video changed by" in owner.read(f"/desk/appointments/{booked.public_id}")
    assert "Our own room → Jitsi" not in owner.read(f"/desk/appointments/{booked.public_id}")
    assert "as usual → Jitsi" in owner.read(f"/desk/appointments/{booked.public_id}")
    overview = owner.read("/desk/video")
    assert f"{office.service.name} : jitsi Dana Rivera : jitsi" in overview
    assert filled_in(owner.get(f"/desk/services/{office.service.public_id}/change").text)["video_kind"] == ["jitsi"]
    assert "Video: jitsi" in owner.read(f"/desk/therapists/{office.therapist.public_id}/profile")


def test_what_is_not_connected_is_refused_everywhere(owner: Staff, office: Office) -> None:
    booked = book(office, TEN)
    for path in (
        f"therapists/{office.therapist.public_id}",
        f"services/{office.service.public_id}",
        f"appointments/{booked.public_id}",
    ):
        assert "Please connect it first" in owner.send(f"/desk/{path}/video", {"video_kind": "jitsi"})
    page = owner.post("/desk/video", data={"video_kind": "jitsi"})
    assert page.status_code == 422
    assert "Please connect it first" in words_of(page)
    assert db.session.scalars(select(Practice.video_kind)).all() == [None]


def test_only_owners_decide_for_the_practice(app: Flask, office: Office) -> None:
    for somebody in (as_therapist(app, office), as_front_desk(app, office)):
        assert somebody.get("/desk/video").status_code == 403
        assert somebody.post(f"/desk/services/{office.service.public_id}/video", data={}).status_code == 403


def test_a_therapist_enters_where_the_appointment_meets(
    app: Flask, owner: Staff, office: Office, clock: FakeClock
) -> None:
    booked = book(office, TEN)
    owner.send("/desk/video/fixed/connect", {"address": "https://doxy.example/river"})
    owner.send(f"/desk/appointments/{booked.public_id}/video", {"video_kind": "fixed"})
    clock.instant = TEN
    therapist = as_therapist(app, office)
    answer = therapist.get(f"/desk/appointments/{booked.public_id}/join")
    assert answer.location == "https://doxy.example/river"


def test_a_group_too_large_for_our_room_asks_for_another(owner: Staff, office: Office) -> None:
    change(office.service, capacity=8, name="Evening group")
    assert "Our own room carries six people. Evening group: please connect" in owner.read("/desk/video")
    edit = f"/desk/services/{office.service.public_id}/change"
    form = filled_in(owner.get(edit).text)
    assert "Our own video room carries six people, and this may be more." in owner.send(edit, form)
    owner.send("/desk/video/jitsi/connect", SERVER)
    assert "Our own video room carries six people" not in owner.send(edit, form)


@pytest.mark.parametrize("word", ["built_in", "nonsense"])
def test_nothing_else_is_connected(owner: Staff, word: str) -> None:
    assert owner.post(f"/desk/video/{word}/connect", data=SERVER).status_code == 404


def test_when_rooms_open_is_set_and_said(app: Flask, owner: Staff, office: Office) -> None:
    shown = filled_in(owner.get("/desk/video").text)
    assert (shown["room_opens_minutes"], shown["room_stays_minutes"]) == (["15"], ["30"])
    hours = {"room_opens_minutes": "20", "room_stays_minutes": "60"}
    assert "Saved. It counts from now on, also for what is booked." in owner.send("/desk/video/hours", hours)
    practice = db.session.get_one(Practice, office.practice.id, populate_existing=True)
    assert (practice.room_opens_minutes, practice.room_stays_minutes) == (20, 60)
    assert "Video rooms open before the start" in owner.read("/desk/changes")
    booked = book(office, TEN)
    assert "The room opens for all of you at 9:40 AM, 20 minutes before the start." in words_of(
        as_therapist(app, office).get(f"/desk/appointments/{booked.public_id}")
    )


def test_what_was_typed_about_hours_stays(owner: Staff) -> None:
    page = owner.post("/desk/video/hours", data={"room_opens_minutes": "3", "room_stays_minutes": "241"})
    assert page.status_code == 422
    assert filled_in(page.text)["room_stays_minutes"] == ["241"]
    assert "Please choose from 5 minutes to two hours (120 minutes) before the start." in words_of(page)
    assert "Please choose from 0 minutes to four hours (240 minutes) after the end." in words_of(page)


def test_whoever_owns_nothing_sets_no_hours(app: Flask, office: Office) -> None:
    answer = as_front_desk(app, office).post("/desk/video/hours", data={"room_opens_minutes": "20"})
    assert answer.status_code == 403
