"""The page about video: choosing where to meet, connecting what is elsewhere, trying it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.adapters.video import ChosenRooms
from telehealth.database import db
from telehealth.domain.ports import VideoFailure
from telehealth.domain.words import VideoKind
from telehealth.models import Appointment, Practice, Service, Therapist, VideoConnection
from telehealth.services.video.room_finding import find_rooms_to_make
from telehealth.services.video.room_keeping import keep_rooms
from tests.factories import Office, book, make_office
from tests.factories.rows import change
from tests.fakes import FakeClock, FakeRooms
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
    assert "Video: Jitsi" in owner.read(f"/desk/appointments/{booked.public_id}")
    assert "Where you meet by video changed by" in owner.read(f"/desk/appointments/{booked.public_id}")
    assert "Our own room → Jitsi" not in owner.read(f"/desk/appointments/{booked.public_id}")
    assert "as usual → Jitsi" in owner.read(f"/desk/appointments/{booked.public_id}")
    overview = owner.read("/desk/video")
    assert f"{office.service.name} : Jitsi Dana Rivera : Jitsi" in overview
    assert filled_in(owner.get(f"/desk/services/{office.service.public_id}/change").text)["video_kind"] == ["jitsi"]
    assert "Video: Jitsi" in owner.read(f"/desk/therapists/{office.therapist.public_id}/profile")


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


class TestDaily:
    """A service at which a room is made for each appointment."""

    @pytest.fixture
    def daily(self, app: Flask) -> Iterator[FakeRooms]:
        before = app.extensions["gateways"]
        rooms = FakeRooms()
        services = {VideoKind.DAILY: rooms}
        app.extensions["gateways"] = replace(before, rooms=services, video=ChosenRooms(services=services))
        yield rooms
        app.extensions["gateways"] = before

    def test_a_key_is_kept_checked_and_never_shown(self, owner: Staff, daily: FakeRooms) -> None:
        page = owner.post("/desk/video/daily/connect", data={"api_key": ""})
        assert page.status_code == 422
        assert 'href="#daily-api_key"' in page.text
        assert "Saved: Daily. Try it now" in owner.send("/desk/video/daily/connect", {"api_key": "a-key-of-daily"})
        assert "Saved: Daily." in owner.send("/desk/video/daily/connect", {"api_key": ""})
        assert "a-key-of-daily" not in owner.get("/desk/video").text
        assert "Daily lets us in." in owner.send("/desk/video/daily/try", {})
        daily.fails = [VideoFailure.REFUSED]
        assert "It does not take these credentials." in owner.send("/desk/video/daily/try", {})

    def test_a_room_that_is_not_made_is_said_where_people_look(
        self, app: Flask, owner: Staff, office: Office, clock: FakeClock, daily: FakeRooms
    ) -> None:
        booked = book(office, TEN)
        owner.send("/desk/video/daily/connect", {"api_key": "a-key-of-daily"})
        owner.send("/desk/video", {"video_kind": "daily"})
        assert "Video: Daily" in owner.read(f"/desk/appointments/{booked.public_id}")
        tomorrow = clock() + timedelta(hours=20)
        change(booked, starts_at=tomorrow, ends_at=tomorrow + timedelta(minutes=50))
        daily.fails = [VideoFailure.NOT_ALLOWED]
        find_rooms_to_make(house=VideoKind.BUILT_IN, now=clock())
        ring = app.extensions["key_ring"]
        keep_rooms(services={VideoKind.DAILY: daily}, ring=ring, clock=clock)
        page = owner.read(f"/desk/appointments/{booked.public_id}")
        assert "Video: our own room" in page
        assert "Daily has made no room for this appointment, so it meets in our own." in page
        assert "We try on until the room opens." in page
        assert "No room for 1 appointment" in owner.read("/desk/video")
        assert "Daily made no room for it: the key may not make rooms" in owner.read("/desk/tasks")
        assert owner.read("/desk/video").count("They meet in our own room until then") == 1

    def test_who_comes_while_it_is_made_waits_for_a_moment(
        self, app: Flask, owner: Staff, office: Office, clock: FakeClock, daily: FakeRooms
    ) -> None:
        booked = book(office, TEN)
        owner.send("/desk/video/daily/connect", {"api_key": "a-key-of-daily"})
        owner.send("/desk/video", {"video_kind": "daily"})
        clock.instant = TEN
        seat = booked.attendees[0]
        address = f"{urlsplit(app.extensions['addresses'].join(seat)).path}/enter"
        client = app.test_client()
        page = client.get(address)
        assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
        assert '<meta http-equiv="refresh" content="5">' in page.text
        assert "Your room is being made ready." in words_of(page)
        change(seat.client, locale="es")
        assert "Estamos preparando su sala." in words_of(client.get(address))
        therapist = as_therapist(app, office)
        assert therapist.get(f"/desk/appointments/{booked.public_id}/join").status_code == 503
        keep_rooms(services={VideoKind.DAILY: daily}, ring=app.extensions["key_ring"], clock=clock)
        assert client.get(address).headers["Location"].startswith("https://rooms.test/")
        joined = therapist.get(f"/desk/appointments/{booked.public_id}/join")
        assert joined.headers["Location"].endswith("?as=therapist")
        daily.fails = [VideoFailure.TIMED_OUT]
        away = therapist.get(f"/desk/appointments/{booked.public_id}/join")
        assert away.status_code == 503
        assert "It does not answer in time. Please try again later." in words_of(away)
        address = f"/desk/appointments/{booked.public_id}/video"
        assert "Saved. Whoever enters next comes there." in therapist.send(address, {"video_kind": "built_in"})
        joined = therapist.get(f"/desk/appointments/{booked.public_id}/join")
        assert joined.headers["Location"].endswith(f"/desk/appointments/{booked.public_id}/room")
