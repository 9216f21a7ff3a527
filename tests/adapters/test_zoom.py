"""Meetings at Zoom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from telehealth.adapters.video import ChosenRooms
from telehealth.adapters.video_http import MOST_BYTES
from telehealth.adapters.zoom import ZoomMeetings
from telehealth.domain.ports import Guest, MadeRoom, RoomWish, VideoAccess, VideoFailed, VideoFailure, VideoRoom
from telehealth.domain.words import VideoKind
from tests.adapters.secure_server import Says, SecureServer, serve
from tests.fake_zoom import ACCOUNT_ID, CLIENT_ID, CLIENT_SECRET, HOST, SCOPES, FakeZoom

START = datetime(2026, 3, 10, 19, 0, tzinfo=UTC)
NAME = "3f9a52c1d07e4b6f8a1c2d3e4f5a6b7c"
WISH = RoomWish(
    name=NAME,
    opens_at=START - timedelta(minutes=15),
    starts_at=START,
    ends_at=START + timedelta(minutes=50),
    closes_at=START + timedelta(minutes=80),
    host=HOST,
)
ACCESS = VideoAccess(
    "", {"account_id": ACCOUNT_ID, "client_id": CLIENT_ID, "host": ""}, {"client_secret": CLIENT_SECRET}
)
CLIENT, THERAPIST = Guest("Ana S.", is_therapist=False), Guest("Dr. Silva", is_therapist=True)


@dataclass
class Peer:
    """Zoom as its fake, spoken with by our adapter."""

    fake: FakeZoom
    server: SecureServer
    meetings: ZoomMeetings

    def enter(self, made: MadeRoom, guest: Guest) -> str:
        room = VideoRoom(NAME, VideoKind.ZOOM, WISH.opens_at, WISH.closes_at, access=ACCESS, made=made)
        found = ChosenRooms(services={VideoKind.ZOOM: self.meetings}).join_url(room, guest)
        assert found is not None
        return found


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    with serve(tmp_path) as server:
        fake, http = FakeZoom(), server.make_http(most_redirects=0, most_bytes=MOST_BYTES)
        server.answer = fake.answer
        yield Peer(fake, server, ZoomMeetings(http, http, server.url("/oauth/token"), server.url("/v2")))


def test_a_meeting_has_a_waiting_room_and_tells_nothing(peer: Peer) -> None:
    made = peer.meetings.make(ACCESS, WISH, before=None)
    (meeting,) = peer.fake.meetings.values()
    assert (meeting["host"], meeting["start_time"], meeting["duration"]) == (HOST, "2026-03-10T19:00:00Z", 50)
    assert meeting["topic"].startswith("Appointment ")
    assert NAME[:8] not in meeting["topic"]
    settings = meeting["settings"]
    assert (settings["waiting_room"], settings["join_before_host"], settings["auto_recording"]) == (True, False, "none")
    assert made == MadeRoom(str(meeting["id"]), {"join_url": meeting["join_url"]})


def test_what_starts_it_is_asked_for_when_the_host_enters_and_kept_nowhere(peer: Peer) -> None:
    made = peer.meetings.make(ACCESS, WISH, before=None)
    assert "zak" not in repr(made.facts)
    asked = len(peer.server.asked)
    assert peer.enter(made, CLIENT) == made.facts["join_url"]
    assert len(peer.server.asked) == asked, "clients wait for nobody"
    first, second = (peer.enter(made, THERAPIST) for _ in range(2))
    assert "zak=" in first
    assert first != second


def test_making_it_again_makes_no_second_one(peer: Peer) -> None:
    """Also when the answer was lost, and the meeting is on another page of what is listed."""
    peer.fake.page = 1
    peer.meetings.make(ACCESS, replace(WISH, name="another"), before=None)
    peer.fake.loses = 1
    with pytest.raises(VideoFailed):
        peer.meetings.make(ACCESS, WISH, before=None)
    found = peer.meetings.find(ACCESS, WISH)
    made = peer.meetings.make(ACCESS, WISH, before=None)
    assert len(peer.fake.meetings) == 2
    assert found == made


def test_it_is_moved_to_other_times_and_made_anew_where_it_is_gone(peer: Peer) -> None:
    made = peer.meetings.make(ACCESS, WISH, before=None)
    later = replace(WISH, starts_at=START + timedelta(hours=2), ends_at=START + timedelta(hours=3))
    assert peer.meetings.make(ACCESS, later, before=made) == made
    (meeting,) = peer.fake.meetings.values()
    assert (meeting["start_time"], meeting["duration"]) == ("2026-03-10T21:00:00Z", 60)
    peer.fake.meetings.clear()
    peer.meetings.make(ACCESS, later, before=made)
    assert len(peer.fake.meetings) == 1


def test_it_is_given_back_once_and_as_often_as_one_likes(peer: Peer) -> None:
    made = peer.meetings.make(ACCESS, WISH, before=None)
    for _ in range(2):
        peer.meetings.remove(ACCESS, made)
    assert peer.fake.meetings == {}
    assert "cancel_meeting_reminder=false" in peer.server.asked[-1].path, "nobody is written to"
    assert peer.meetings.find(ACCESS, WISH) is None


def test_a_host_that_is_named_holds_them_all(peer: Peer) -> None:
    peer.fake.users.add("rooms@practice.example")
    named = replace(ACCESS, settings={**ACCESS.settings, "host": "rooms@practice.example"})
    peer.meetings.check(named)
    peer.meetings.make(named, WISH, before=None)
    assert [each["host"] for each in peer.fake.meetings.values()] == ["rooms@practice.example"]
    unknown = replace(ACCESS, settings={**ACCESS.settings, "host": "nobody@practice.example"})
    for attempt in (lambda: peer.meetings.check(unknown), lambda: peer.meetings.make(unknown, WISH, before=None)):
        with pytest.raises(VideoFailed) as caught:
            attempt()
        assert caught.value.failure == VideoFailure.NO_HOST


@pytest.mark.parametrize("wrong", ["account_id", "client_id", "client_secret"])
def test_credentials_are_checked(peer: Peer, wrong: str) -> None:
    peer.meetings.check(ACCESS)
    settings = {name: "wrong" if name == wrong else value for name, value in ACCESS.settings.items()}
    secrets = {name: "wrong" if name == wrong else value for name, value in ACCESS.secrets.items()}
    with pytest.raises(VideoFailed) as caught:
        peer.meetings.check(VideoAccess("", settings, secrets))
    assert caught.value.failure == VideoFailure.REFUSED


@pytest.mark.parametrize("missing", ["POST", "LIST"])
def test_a_permission_that_is_missing_is_said_so(peer: Peer, missing: str) -> None:
    peer.fake.scopes.remove(SCOPES[missing])
    with pytest.raises(VideoFailed) as caught:
        peer.meetings.make(ACCESS, WISH, before=None)
    assert caught.value.failure == VideoFailure.NOT_ALLOWED


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        (Says(429, headers={"Retry-After": "9"}), VideoFailure.OVERLOADED),
        (Says(500, b"<html>"), VideoFailure.BROKEN),
        (Says(200, b"{}"), VideoFailure.BROKEN),
        (Says(302, headers={"Location": "https://other.example/"}), VideoFailure.BROKEN),
    ],
)
def test_whatever_it_says_is_a_failure_in_our_words(peer: Peer, said: Says, failure: VideoFailure) -> None:
    peer.fake.trouble = [said]
    with pytest.raises(VideoFailed) as caught:
        peer.meetings.make(ACCESS, WISH, before=None)
    assert caught.value.failure == failure
    assert CLIENT_SECRET not in f"{caught.value!r} {peer.meetings!r} {ACCESS!r}"


@pytest.mark.parametrize(
    "address", ["https://evil.example/j/1", "http://zoom.us/j/1", "https://notzoom.us/j/1", "https://[x"]
)
def test_an_address_elsewhere_is_not_handed_on(peer: Peer, address: str) -> None:
    made = peer.meetings.make(ACCESS, WISH, before=None)
    peer.server.answer = lambda asked: (
        peer.fake.answer(asked) if asked.path == "/oauth/token" else Says(200, f'{{"start_url": "{address}"}}'.encode())
    )
    with pytest.raises(VideoFailed):
        peer.enter(made, THERAPIST)
